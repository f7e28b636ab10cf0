"""The stage without a window: a project and its program, driven at once and in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import LessonError
from nnstudio.lessons.belongings import Belongings
from nnstudio.lessons.stage import MOST_SAMPLES, Run
from nnstudio.program.statement import PHASES, Phase
from nnstudio.project.edits import SetRun, SetTraining, SetWeights

if TYPE_CHECKING:
    from nnstudio.lessons.lesson import Lesson
    from nnstudio.program import Program
    from nnstudio.program.statement import Call as CallName
    from nnstudio.project import Project


class HeadlessStage:
    """Does what the window does with its project, its stepped program and its training, without one."""

    def __init__(self) -> None:
        self.own = Belongings()
        self._project: Project | None = None
        self._program: Program | None = None
        self._first = 0
        self._feeds: dict[str, npt.NDArray[Any]] = {}

    def close(self) -> None:
        """Remove the exported scripts."""
        self.own.leave()

    # -- what there is

    @property
    def project(self) -> Project:
        if self._project is None:
            raise LessonError("no lesson has been begun.")
        return self._project

    @property
    def program(self) -> Program | None:
        return self._program

    @property
    def busy(self) -> bool:
        """Never: everything is done when a verb returns."""
        return False

    def _ready(self) -> Program:
        if self._program is None:
            raise LessonError("there is no program: the graph cannot run.")
        return self._program

    # -- projects

    def begin(self, lesson: Lesson) -> None:
        self.own.begin(lesson)
        self.open(lesson.project)

    def open(self, project: str) -> None:
        self._project = self.own.project(project)
        self._first = 0
        self._compile()

    # -- stepping

    def reset(self) -> None:
        self._load_weights()
        self._feed()

    def step(self, count: int) -> None:
        program = self._ready()
        with np.errstate(all="ignore"):
            for _ in range(count):
                program.step()

    def step_to(self, key: str) -> None:
        from nnstudio.lessons.lookup import quantity

        program = self._ready()
        target = program.identifier(quantity(program, key))
        if not any(line.target == target for line in program.statements):
            raise LessonError(f"no statement computes {key}.")
        with np.errstate(all="ignore"):
            for _ in range(len(program.statements)):
                if program.step().target == target:
                    return

    def step_back(self, count: int) -> None:
        program = self._ready()
        for _ in range(count):
            if program.step_back() is None:
                raise LessonError("the program is at its beginning: nothing can be stepped back.")

    def run_phase(self, phase: Phase) -> None:
        """As the window's buttons: on to the end of the phase; behind it, a new pass begins."""
        program = self._ready()
        ends = {name: _end_of(program, name) for name in PHASES}
        if not any(line.phase == phase for line in program.statements):
            raise LessonError(f"the program has no statements of the phase {phase}.")
        if phase == "zero_grad" or program.position >= ends[phase]:
            again = phase == "backward" and program.position == ends[phase]
            program.position = ends["forward"] if again else 0
        self.step(ends[phase] - program.position)

    def call(self, node: str, function: CallName) -> None:
        with np.errstate(all="ignore"):
            self._ready().call(node, function)

    def write(self, values: Mapping[str, npt.ArrayLike]) -> None:
        program = self._ready()
        own = program.parameters()
        typed: dict[str, npt.NDArray[Any]] = {}
        for key, value in values.items():
            array = np.asarray(value)
            if key in own and array.size == own[key].size:
                array = array.reshape(own[key].shape)
            program[key] = array
            if key in own:
                typed[key] = program[key].copy()
        if typed:
            self.project.apply(SetWeights(typed))

    # -- settings

    def set(self, nodes: Sequence[str], setting: str, value: Any) -> None:
        from nnstudio.graph import Sequence as Edits
        from nnstudio.graph import SetSetting

        graph = self.project.graph
        edits = tuple(SetSetting(graph.node(node).id, setting, value) for node in nodes)
        self.project.apply(Edits(edits, f"Set {setting}"))
        self._compile()

    def choose(self, setting: str, value: Any) -> None:
        self.project.apply(SetTraining(replace(self.project.training, **{setting: value})))
        if setting == "lr":
            self._ready().lr = self.project.training.lr
        elif setting in ("batch_size", "dtype", "seed", "optimizer"):
            self._compile()

    # -- samples

    def sample(self, index: int) -> None:
        self._first = index
        self._feed()

    def next_sample(self) -> None:
        self.sample(self._first + 1)

    # -- training

    def train(self, *, epochs: int, steps: int, changes: Mapping[str, Any], name: str) -> None:
        from nnstudio.project.run import run_of, trainer_of

        project = self.project
        trainer = trainer_of(project, replace(project.training, **changes))
        first, begun = trainer.step, len(trainer.history)
        losses: list[float] = []
        run = trainer.steps(trainer.epoch + (epochs or 1_000_000))
        try:
            for entry in run:
                loss = trainer.recent_loss()
                if loss is not None:
                    losses.append(loss)
                # The last batch of an epoch ends it too.
                ended = trainer.position < trainer.samples or entry is not None
                if steps and trainer.step - first >= steps and ended:
                    break
        finally:
            run.close()
            project.apply(run_of(project, trainer))
        self.own.record(Run(name, tuple(losses), tuple(trainer.history[begun:])))
        self._load_weights()

    def rewind(self) -> None:
        self.project.apply(SetRun(weights={}, optimizer_state={}, run_state={}, history=[], label="Rewind"))
        self._load_weights()

    # -- scripts

    def export(self, format: str) -> None:
        from nnstudio.lessons.scripts import export_script

        self.own.scripts[format] = export_script(self.project, format, self.own.folder)

    def run_script(self, format: str, epochs: int) -> None:
        from nnstudio.lessons.scripts import run_script

        own = self.own
        own.scripts[format] = run_script(own.folder, format, epochs, own.script(format))

    # -- the program

    def _compile(self) -> None:
        """The program of the project as it is now; samples are fed, weights loaded."""
        from nnstudio.program import compile
        from nnstudio.project.run import splits_of
        from nnstudio.training import optimizers
        from nnstudio.training.binding import bind

        project = self.project
        training = project.training
        splits = splits_of(project)
        size = max(1, min(training.batch_size or MOST_SAMPLES, MOST_SAMPLES))
        if splits is not None:
            size = max(1, min(size, len(splits.train)))
        program = compile(
            project.graph,
            size,
            training.dtype,
            "numpy",
            training.seed,
            optimizer=optimizers.definition(training.optimizer),
            optimizer_settings=training.optimizer_settings,
        )
        program.lr = training.lr
        self._program = program
        self._feeds = dict(bind(project.graph.flatten(), splits, training.dtype).train)
        self._load_weights()

    def _load_weights(self) -> None:
        """The weights of the project, and the samples: as the program is before its first statement."""
        program = self._ready()
        program.initialise()
        program.load_parameters(self.project.fitting_weights())
        state = self.project.optimizer_state
        if {key: each.shape for key, each in program.optimizer_state().items()} == {
            key: np.shape(each) for key, each in state.items()
        }:
            program.load_optimizer_state(state)
        self._feed()
        if self.project.weights:
            with np.errstate(all="ignore"):
                program.forward()
            program.position = 0

    def _feed(self) -> None:
        program = self._ready()
        if self._feeds:
            rows = np.arange(self._first, self._first + program.batch_size)
            program.feed(**{name: each.take(rows, 0, mode="wrap") for name, each in self._feeds.items()})


def _end_of(program: Program, phase: Phase) -> int:
    """The position behind the last statement of a phase."""
    until = PHASES[: PHASES.index(phase) + 1]
    return sum(line.phase in until for line in program.statements)
