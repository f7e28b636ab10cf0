"""The window as a lesson's stage: its document, its stepper and its training do what the acts ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from nnstudio.errors import Error, LessonError
from nnstudio.lessons.belongings import Belongings
from nnstudio.lessons.stage import Run
from nnstudio.project.edits import SetTraining, SetWeights, Together
from nnstudio.project.run_edits import AddRun, RenameRun
from nnstudio.studio.background import Background
from nnstudio.studio.teaching.training import Recorder, Training

if TYPE_CHECKING:
    from nnstudio.lessons.lesson import Lesson
    from nnstudio.lessons.scripts import ScriptRun
    from nnstudio.program import Program
    from nnstudio.program.statement import Call as CallName
    from nnstudio.program.statement import Phase
    from nnstudio.project import Project
    from nnstudio.studio.main_window import MainWindow


class WindowStage(QObject):
    """Every verb goes the way that the window's own buttons go: edits through the document, statements
    through the stepper. What takes long is done in the background, and the stage is `busy` until then.
    """

    changed = Signal()  # something of what a check may look at is another
    failed = Signal(str)  # what was asked for could not be done after all

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._document, self._stepper = window.document, window.engine.stepper
        self._samples, self._run = window.engine.samples, window.engine.run
        self.own = Belongings()
        self._opened: Project | None = None
        self._background = Background(self)
        self._working = self._seeking = False
        self._training_shown = False  # the window's own run is what an act has asked for
        self.training = Training(self)
        self.recorder = Recorder(self._document, self._run, self)
        document, stepper = self._document, self._stepper
        for signal in (stepper.moved, stepper.recompiled, document.changed, self._run.state_changed):
            signal.connect(self.changed)
        stepper.playing_changed.connect(self._found)
        document.changed.connect(self._hand_over)
        self._run.state_changed.connect(self._follow_run)

    def close(self) -> None:
        """The lesson is left: nothing of it goes on, and its scripts go."""
        self.cancel()
        self._background.forget()
        self._working = False
        self.own.leave()

    # -- what there is

    @property
    def project(self) -> Project:
        return self._document.project

    @property
    def program(self) -> Program | None:
        return None if self._stepper.busy else self._stepper.program

    @property
    def busy(self) -> bool:
        """Whether something asked for is still being done."""
        return (
            self._working
            or self.training.running
            or self._samples.loading
            or not self._stepper.ready
            or self._stepper.busy
            or self._seeking
            or self._run.computing
        )

    @property
    def mine(self) -> bool:
        """Whether the window still shows a project of the lesson, not saved as one of the user's own."""
        return self._opened is not None and self._document.project is self._opened

    def _hand_over(self) -> None:
        """What is changed after the lesson was left is the user's own."""
        if self.own.lesson is None:
            self._opened = None

    # -- projects

    def begin(self, lesson: Lesson) -> None:
        self.own.begin(lesson)
        self.open(lesson.project)

    def open(self, project: str) -> None:
        """Put a project of the lesson into the window; a document of the user's own is asked about first."""
        made, lesson = self.own.project(project), self.own.lesson
        its_own = self.mine and self._document.path is None
        if not its_own and not self._window.files.may_leave():
            raise LessonError("the document that is open was kept.")
        self._stepper.pause()
        self._opened = made
        self._document.replace(made, called=lesson.title if lesson is not None else "")

    # -- stepping

    def reset(self) -> None:
        self._stepper.reset()

    def step(self, count: int) -> None:
        for _ in range(count):
            self._stepper.step()

    def step_to(self, key: str) -> None:
        from nnstudio.lessons.lookup import quantity

        program = self._ready()
        target = program.identifier(quantity(program, key))
        line = next((each for each in program.statements if each.target == target), None)
        if line is None:
            raise LessonError(f"no statement computes {key}.")
        self._seeking = True
        self._stepper.run_to(statement=line)
        self._seeking = self._stepper.playing

    def _found(self, playing: bool) -> None:
        self._seeking = self._seeking and playing

    def step_back(self, count: int) -> None:
        for _ in range(count):
            if not self._stepper.can_step_back:
                raise LessonError("the program is at its beginning: nothing can be stepped back.")
            self._stepper.step_back()

    def run_phase(self, phase: Phase) -> None:
        self._ready()
        verbs: dict[str, Callable[[], None]] = {
            "zero_grad": self._stepper.zero_grad,
            "forward": self._stepper.forward,
            "backward": self._stepper.backward,
            "update": self._stepper.update,
        }
        self._told(verbs[phase])

    def call(self, node: str, function: CallName) -> None:
        self._ready()
        self._told(lambda: self._stepper.call(node, function))

    def write(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Parameters are typed into the document, all else into the program, as the tables do it."""
        program = self._ready()
        own = program.parameters()
        typed: dict[str, npt.NDArray[Any]] = {}
        others: dict[str, npt.ArrayLike] = {}
        for key, value in values.items():
            if key in own:
                array = np.asarray(value, own[key].dtype)
                same = array.size == own[key].size
                typed[key] = (
                    array.reshape(own[key].shape) if same else np.broadcast_to(array, own[key].shape)
                ).copy()
            else:
                others[key] = value
        if others:
            self._stepper.write_all(others)
        if typed and not self._document.push(SetWeights(typed, f"Type {', '.join(typed)}")):
            raise LessonError("the document does not take these numbers.")

    def _ready(self) -> Program:
        if self.program is None:
            raise LessonError("there is no program: the graph cannot run.")
        return self.program

    def _told(self, verb: Callable[[], None]) -> None:
        """Do it; what the stepper says about why it cannot is an error of the act."""
        said: list[str] = []
        self._stepper.failed.connect(said.append)
        try:
            verb()
        finally:
            self._stepper.failed.disconnect(said.append)
        if said:
            raise LessonError(said[0])

    # -- settings

    def set(self, nodes: Sequence[str], setting: str, value: Any) -> None:
        from nnstudio.graph import Sequence as Edits
        from nnstudio.graph import SetSetting

        graph = self.project.graph
        edits = tuple(SetSetting(graph.node(node).id, setting, value) for node in nodes)
        self._pushed(edits[0] if len(edits) == 1 else Edits(edits, f"Set {setting}"))

    def choose(self, setting: str, value: Any) -> None:
        self._pushed(SetTraining(replace(self.project.training, **{setting: value})))

    def _pushed(self, edit: Any) -> None:
        said: list[str] = []
        self._document.failed.connect(said.append)
        try:
            done = self._document.push(edit)
        finally:
            self._document.failed.disconnect(said.append)
        if not done:
            raise LessonError(said[0] if said else "the document does not take this.")

    # -- samples

    def sample(self, index: int) -> None:
        self._told(lambda: self._stepper.feed_from(index))

    def next_sample(self) -> None:
        self.sample(self._stepper.batch_start + 1)

    # -- training

    def train(self, *, epochs: int, steps: int, changes: Mapping[str, Any], name: str) -> None:
        """As the window trains, with every panel following; a curve to be kept, with the loss of each update,
        is trained beside it.
        """
        if epochs and not changes and not name and not self._run.active:
            self._training_shown = True
            self._run.start(epochs)
            return
        project = self.project

        def ended(reached: Any, run: Run | None, error: Error | None) -> None:
            if reached is not None and self.project is project:
                edit = self._called(reached, name) if isinstance(reached, Together) else reached
                self._document.push(edit)
                self._show_curve(name)
            if run is not None:
                self.own.record(run)
            if error is not None:
                self.failed.emit(str(error))
            self.changed.emit()

        self.training.start(project, epochs, steps, dict(changes), name, ended)

    def record_again(self, name: str, run: Run, before: Project) -> None:
        """Keep the window's own run under a name, with the loss of each update: the window's session tells
        of a few only, so it is trained once more from where it began, which gives the same numbers."""

        def ended(_: Any, again: Run | None, error: Error | None) -> None:
            same = again is not None and _losses(again) == _losses(run)
            self.own.record(again if again is not None and same else replace(run, name=name))
            if self.project.runs:
                self._document.push(RenameRun(self.project.runs[-1].id, name))
                self._show_curve(name)
            self.changed.emit()

        self.training.cancel()
        self.training.start(before, len(run.entries), 0, {}, name, ended)

    def _called(self, kept: Together, name: str) -> Together:
        """The run under the lesson's name, in the place of one that was called so before."""
        before = next((run.id for run in self.project.runs if run.name == name), "")
        edits = tuple(
            AddRun(replace(edit.run, name=name, id=before or edit.run.id))
            if isinstance(edit, AddRun)
            else edit
            for edit in kept.edits
        )
        return Together(edits, kept.label)

    def _show_curve(self, name: str) -> None:
        """Tick a kept run, so that its curve lies over the others in the Training panel."""
        for run in self.project.runs:
            if run.name == name:
                self._window.engine.runs.model.tick([run.id], True)

    def cancel(self) -> None:
        """Give up the training that an act has asked for."""
        self.training.cancel()
        if self._training_shown:
            self._run.stop()

    def _follow_run(self) -> None:
        if self._training_shown and not self._run.active and not self._samples.loading:
            self._training_shown = False
            if self._run.tone == "error":
                self.failed.emit(self._run.sentence)

    def rewind(self) -> None:
        self._run.rewind()

    # -- scripts

    def export(self, format: str) -> None:
        from nnstudio.lessons.scripts import export_script

        project, folder = self.project, self.own.folder
        self._work(format, lambda: export_script(project, format, folder))

    def run_script(self, format: str, epochs: int) -> None:
        from nnstudio.lessons.scripts import run_script

        folder, before = self.own.folder, self.own.script(format)
        self._work(format, lambda: run_script(folder, format, epochs, before))

    def _work(self, format: str, job: Callable[[], ScriptRun]) -> None:
        def done(run: ScriptRun | None, error: Error | None) -> None:
            self._working = False
            if run is not None:
                self.own.scripts[format] = run
            else:
                self.failed.emit(str(error))
            self.changed.emit()

        self._working = True
        self._background.run(job, done)


def _losses(run: Run) -> list[Any]:
    return [entry.get("train_loss") for entry in run.entries]
