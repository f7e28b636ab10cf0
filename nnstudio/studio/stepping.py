"""The stepper: the document's program, compiled in the background and run a statement at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples

if TYPE_CHECKING:
    from nnstudio.graph import Graph
    from nnstudio.program import Program, Statement
    from nnstudio.program.statement import Phase
    from nnstudio.training.settings import TrainingSettings

Arrays = dict[str, NDArray[Any]]

MOST_SAMPLES = 8
_COALESCE = 60  # milliseconds of quiet before the graph is compiled again
SLOWEST, FASTEST = 1.0, 250.0  # statements a second


class Stepper(QObject):
    """Steps a program of its own: updates made here are an experiment that leaves the document as it is.

    The program follows the graph, its data and its training settings; parameters that stepping has changed
    stay changed where the graph still has them. What is asked for while a program is being compiled is done
    as soon as it is there, so nothing here ever waits.
    """

    recompiled = Signal()  # `program` is another, or None
    moved = Signal()  # `statement` and values are others
    playing_changed = Signal(bool)
    failed = Signal(str)

    def __init__(self, document: Document, samples: Samples, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._samples = samples
        self._background = Background(self)
        self.program: Program | None = None
        self.statement: Statement | None = None
        """The statement that ran last, or that step_back() has just undone; None before the first."""
        self.undone = False
        """Whether `statement` was undone."""
        self.sentence = ""
        """Why nothing can be stepped, where that is so."""
        self.speed = 4.0
        self._stale = True
        self._feedable = False
        self._training: tuple[Any, ...] = ()
        self._begun: Arrays = {}
        self._updated = False
        self._stepped: Arrays = {}
        self._then: list[Callable[[], None]] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_COALESCE)
        self._soon.timeout.connect(self._compile)
        self._player = QTimer(self)
        self._player.timeout.connect(self._play_on)
        document.graph_changed.connect(self.follow)
        document.training_changed.connect(self._follow_training)
        document.replaced.connect(self._forget)
        document.weights_changed.connect(self._take_weights)
        samples.changed.connect(self.follow)
        self.follow()

    # -- what there is

    @property
    def ready(self) -> bool:
        """The program is that of the document as it is now, or there can be none."""
        return not self._stale

    @property
    def can_step(self) -> bool:
        return self.program is not None and bool(self.program.statements) and self._feedable

    @property
    def can_step_back(self) -> bool:
        return self.program is not None and len(self.program.journal) > 0

    @property
    def playing(self) -> bool:
        return self._player.isActive()

    def statements(self) -> tuple[Statement, ...]:
        return self.program.statements if self.program is not None else ()

    def value_of(self, statement: Statement) -> NDArray[Any] | None:
        """What a statement has written, None where that is not current."""
        if self.program is None:
            return None
        try:
            return self.program.value(statement.target)
        except (Error, KeyError):
            return None

    def outputs_are_true(self) -> bool:
        """Whether outputs belong to the present parameters: not once an update has begun."""
        program = self.program
        return program is not None and program.position <= self._end_of("backward")

    # -- moving

    def step(self) -> None:
        """Run the next statement."""
        self._when_ready(lambda: self._run(1))

    def step_back(self) -> None:
        """Undo the last statement exactly."""
        self.pause()
        self._when_ready(self._step_back)

    def forward(self) -> None:
        """Run on to the end of the forward pass; behind it, a new pass begins."""
        self._when_ready(lambda: self._run_to("forward"))

    def backward(self) -> None:
        """Run on to the end of the backward pass; there, run it again, which adds to the gradients."""
        self._when_ready(lambda: self._run_to("backward"))

    def update(self) -> None:
        """Run on to the end of the update; there, make another whole step."""
        self._when_ready(lambda: self._run_to("update"))

    def reset(self) -> None:
        """Back to the first statement and to the weights of the document."""
        self.pause()
        self._stepped = {}
        self._when_ready(self._take_weights)

    def toggle_play(self) -> None:
        if self.playing:
            self.pause()
        else:
            self._when_ready(self._play)

    def pause(self) -> None:
        if self.playing:
            self._player.stop()
            self.playing_changed.emit(False)

    def set_speed(self, statements_a_second: float) -> None:
        self.speed = min(max(statements_a_second, SLOWEST), FASTEST)
        self._player.setInterval(max(16, round(1000 / self.speed)))

    def _play(self) -> None:
        if not self.can_step:
            self._run(1)
            return
        self.set_speed(self.speed)
        self._player.start()
        self.playing_changed.emit(True)
        self._play_on()

    def _play_on(self) -> None:
        self._run(max(1, round(self.speed * self._player.interval() / 1000)))

    def _run(self, count: int) -> None:
        program = self.program
        if program is None or not self.can_step:
            self.pause()
            self.failed.emit(self.sentence or "There is nothing to step yet: connect some modules.")
            return
        try:
            with np.errstate(all="ignore"):
                for _ in range(count):
                    self.statement = program.step()
                    self._updated = self._updated or self.statement.phase == "update"
        except Error as error:
            self.pause()
            self.failed.emit(str(error))
            return
        self.undone = False
        self.moved.emit()

    def _run_to(self, phase: Phase) -> None:
        self.pause()
        program = self.program
        if program is None or not self.can_step:
            self._run(1)
            return
        end = self._end_of(phase)
        if phase == "backward" and program.position == end:
            program.position = self._end_of("forward")
        elif program.position >= end:
            program.position = 0
        self._run(end - program.position)

    def _step_back(self) -> None:
        if self.program is None:
            return
        undone = self.program.step_back()
        if undone is not None:
            self.statement, self.undone = undone, True
            self.moved.emit()

    def _end_of(self, phase: Phase) -> int:
        """The position behind the last statement of a phase."""
        from nnstudio.program.statement import PHASES

        until = PHASES[: PHASES.index(phase) + 1]
        return sum(1 for line in self.statements() if line.phase in until)

    # -- following the document

    def follow(self) -> None:
        """The program is no longer that of the document; compile it once things are quiet."""
        self._stale = True
        self._soon.start()

    def _follow_training(self) -> None:
        """Another learning rate or number of epochs leaves the program what it is."""
        training = self._document.project.training
        if self._stale or self.program is None or _compiled_from(training) != self._training:
            self.follow()
        else:
            self.program.lr = training.lr

    def _forget(self) -> None:
        self.pause()
        self._stepped = {}
        self._then = []
        self.program = self.statement = None
        self.follow()
        self.recompiled.emit()

    def _when_ready(self, action: Callable[[], None]) -> None:
        if self._stale:
            self._then.append(action)
            if self._soon.isActive():
                self._soon.stop()
                self._compile()
        else:
            action()

    def _compile(self) -> None:
        if self._samples.loading:
            return  # `changed` comes, and then this again
        self._keep_stepped()
        project = self._document.project
        graph, training, weights = project.graph.copy(), project.training, dict(project.weights)
        states = dict(project.optimizer_state)
        size = max(1, min(training.batch_size or MOST_SAMPLES, MOST_SAMPLES))
        few = self._samples.few(size)
        if few is not None:
            size = max(1, min(size, len(few.train)))
        self._training = _compiled_from(training)
        why_no_data = self._samples.sentence
        stepped = self._stepped

        def job() -> tuple[Program, str, Arrays]:
            from nnstudio.program import compile
            from nnstudio.training import optimizers

            program = compile(
                graph,
                size,
                training.dtype,
                "numpy",
                training.seed,
                optimizer=optimizers.definition(training.optimizer),
                optimizer_settings=training.optimizer_settings,
            )
            program.lr = training.lr
            _load(program, {**weights, **stepped}, states)
            sentence = _feed(program, graph, few, training.dtype) or ""
            for line in program.statements:
                _ = line.text  # written once, and not when the window is to show it
            if weights and not sentence:
                _go_forward(program)
            return program, sentence, program.parameters()

        def arrived(result: tuple[Program, str, Arrays] | None, error: Error | None) -> None:
            if self._soon.isActive():
                return  # the document has changed meanwhile
            self._stale = False
            self.pause()
            self.statement, self.undone, self._updated = None, False, False
            self.program, self.sentence, self._begun = (
                result if result is not None else (None, str(error), {})
            )
            self._feedable = self.program is not None and not self.sentence
            if self.sentence and why_no_data:
                self.sentence = why_no_data
            waiting, self._then = self._then, []
            self.recompiled.emit()
            for action in waiting:
                action()

        self._background.run(job, arrived)

    def _keep_stepped(self) -> None:
        """Remember what stepping has changed, for the program that comes."""
        if self.program is None or self.statement is None or not self._updated:
            return
        for name, begun in self._begun.items():
            if not np.array_equal(self.program[name], begun):
                self._stepped[name] = self.program[name].copy()

    def _take_weights(self) -> None:
        """The document's weights are others: take them, and begin again at the first statement."""
        self._stepped = {}
        if self._stale or self.program is None:
            self.statement = None  # what was stepped before counts no more
            self.follow()
            return
        project = self._document.project
        self.program.initialise()
        _load(self.program, project.weights, project.optimizer_state)
        self._begun = self.program.parameters()
        self.statement, self.undone, self._updated = None, False, False
        self._show_trained()
        self.moved.emit()

    def _show_trained(self) -> None:
        """With weights that were learned, show at once what they make of the samples."""
        if self.program is None or not self.can_step or not self._document.project.weights:
            return
        _go_forward(self.program)
        self.moved.emit()


def _go_forward(program: Program) -> None:
    with np.errstate(all="ignore"):
        program.forward()
    program.position = 0


def _compiled_from(training: TrainingSettings) -> tuple[Any, ...]:
    """What of the training settings a program is made from."""
    return (
        training.optimizer,
        dict(training.optimizer_settings),
        training.dtype,
        training.seed,
        training.batch_size,
    )


def _load(program: Program, weights: Mapping[str, NDArray[Any]], states: Mapping[str, NDArray[Any]]) -> None:
    """Take over what fits."""
    own = program.parameters()
    program.load_parameters(
        {key: array for key, array in weights.items() if key in own and own[key].shape == np.shape(array)}
    )
    known = {key: array.shape for key, array in program.optimizer_state().items()}
    if known == {key: np.shape(array) for key, array in states.items()}:
        program.load_optimizer_state(states)


def _feed(program: Program, graph: Graph, few: Any, dtype: str) -> str | None:
    """Feed some samples; a sentence where that cannot be."""
    from nnstudio.training.binding import bind

    try:
        program.feed(**bind(graph.flatten(), few, dtype).train)
    except Error as error:
        return str(error)
    return None
