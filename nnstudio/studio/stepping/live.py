"""The document's program, live: compiled in the background, following every edit, its values to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.studio.background import Background
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.epoch import Leap
from nnstudio.studio.stepping.making import (
    Arrays,
    Made,
    Order,
    compiled,
    compiled_from,
    go_forward,
    load,
    make,
)
from nnstudio.studio.stepping.restarting import renamed, restart_sentence, still_stepped
from nnstudio.studio.stepping.typed import TypedWeights, differ_in_numbers, typed_constants

if TYPE_CHECKING:
    from nnstudio.graph import Problem
    from nnstudio.graph.level import Level
    from nnstudio.program import Program, Statement

_COALESCE = 60  # milliseconds of quiet before the graph is compiled again
_AT_ONCE = 1_000_000
"""Parameters of a program that is made anew at once where only numbers in it are others."""


class LiveProgram(QObject):
    """Follows the graph, its data and its training settings.

    Parameters that stepping has changed stay changed where the graph still has them. What is asked for while
    a program is being compiled is done as soon as it is there, so nothing here ever waits.
    """

    recompiled = Signal()  # `program` is another, or None
    moved = Signal()  # `statement` and values are others
    restarted = Signal(str)  # an edit while stepping: what was changed, where the program starts again
    busy_changed = Signal(bool)  # an epoch is being trained
    progressed = Signal(int, int)  # its batches done, of how many

    def __init__(self, document: Document, samples: Samples, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._samples = samples
        self._background = Background(self)
        self._leap = Leap(self)
        self._leap.progressed.connect(self.progressed)
        self.program: Program | None = None
        self.statement: Statement | None = None
        """The statement that ran last, or that was undone last; None before the first."""
        self.undone = False
        """Whether `statement` was undone."""
        self.sentence = ""
        """Why nothing can be stepped, where that is so."""
        self._stale = True
        self._feedable = False
        self._training: tuple[Any, ...] = ()
        self._made = Made()
        self._first = 0
        """The training sample that the batch began with when the program was made."""
        self._fed: list[tuple[object, int]] = []
        """What has happened when others were fed, and the sample that they began with."""
        self._stepped: Arrays = {}
        self._typed = TypedWeights()
        self._sweeping = False
        self._since: int | None = None
        self._then: list[Callable[[], object]] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_COALESCE)
        self._soon.timeout.connect(self._compile)
        document.graph_changed.connect(self._follow_graph)
        document.training_changed.connect(self._follow_training)
        document.replaced.connect(self._forget)
        document.weights_changed.connect(self._follow_weights)
        samples.changed.connect(self.follow)
        self.follow()

    # -- what there is

    @property
    def ready(self) -> bool:
        """The program is that of the document as it is now, or there can be none."""
        return not self._stale

    @property
    def busy(self) -> bool:
        """Whether an epoch is being trained; until it ends nothing can be stepped or read."""
        return self._leap.running

    @property
    def can_step(self) -> bool:
        program = self.program
        return program is not None and bool(program.statements) and self._feedable and not self.busy

    @property
    def can_step_back(self) -> bool:
        return self.program is not None and self.moment > 0 and not self.busy

    @property
    def moment(self) -> int:
        """Where in the timeline the program stands."""
        return 0 if self.program is None or self.busy else self.program.moment

    @property
    def moments(self) -> int:
        """How many moments can be gone to: 0 to moments - 1."""
        return 1 if self.program is None or self.busy else self.program.moments

    def happened(self, moment: int) -> Statement | str | None:
        """What led to a moment: a statement, or words such as "typed fc1.weight"."""
        known = self.program is not None and 0 <= moment < self.moments
        return self.program.happened(moment) if self.program is not None and known else None

    @property
    def obstacle(self) -> Problem | None:
        """Where the program of a broken graph ends: the first problem because of which there is no loss."""
        if not self.statements() or not any(each.severity == "error" for each in self._document.problems):
            return None
        found = self._document.graph.obstacles(self._document.problems)
        return next((each for each in found if each.severity == "error" and each.path), None)

    @property
    def batch_start(self) -> int:
        """The training sample, from 0, that the batch begins with."""
        for moment in range(self.moment, 0, -1) if self._fed else ():
            what = self.happened(moment)
            for fed, first in self._fed:
                if fed is what:  # the very words that this feed has left in the timeline
                    return first
        return self._first

    @property
    def samples(self) -> int:
        """How many training samples there are; 0 for a graph that takes no data."""
        return min((len(array) for array in self._made.feeds.values()), default=0)

    def statements(self) -> tuple[Statement, ...]:
        return self.program.statements if self.program is not None else ()

    def value_of(self, statement: Statement) -> npt.NDArray[Any] | None:
        """What a statement has written, None where that is not current."""
        if self.program is None or self.busy:
            return None
        try:
            return self.program.value(statement.target)
        except (Error, KeyError):
            return None

    def value(self, key: str) -> npt.NDArray[Any] | None:
        """A quantity of this pass, "fc1.output", to be read only; None where there is none."""
        program = self.program
        if program is None or self.busy or key not in program or not program.is_current(key):
            return None
        return program[key]

    def is_true(self, key: str) -> bool:
        """Whether a quantity may be shown as a number of now."""
        program = self.program
        return program is not None and not self.busy and key in program and program.is_true(key)

    # -- following the document

    def pause(self) -> None:
        """Nothing moves by itself any more."""

    def follow(self) -> None:
        """The program is no longer that of the document; compile it once things are quiet."""
        self._stale = True
        self._soon.start()

    def _follow_graph(self) -> None:
        """Another graph makes another program.

        Other numbers in a Constant are typed into this one; where other numbers stand in the statements, as a
        slope does, the program that has them goes on where this one stands.
        """
        program, before, after = self.program, self._made.level, self._document.level
        ready = program is not None and before is not None and not self._stale and not self.busy
        constants = typed_constants(before, after) if ready and before is not None else None
        if program is None or not constants or not constants.keys() <= set(program.keys()):
            if not (ready and before is not None and differ_in_numbers(before, after) and self._succeed()):
                self.follow()
            return
        self._made = replace(self._made, level=after)
        for key, array in constants.items():
            written_down = program.listing.constants.get(program.identifier(key))
            if written_down is not None and written_down.shape == array.shape:
                np.copyto(written_down, array)  # which the text of the program shows
        self._flow_on(constants)

    def _succeed(self) -> bool:
        """Go on with the program of the graph as it is now; False where that has other statements."""
        former, project = self.program, self._document.project
        if former is None or self._made.sentence or former.parameter_count > _AT_ONCE:
            return False
        from nnstudio.training.binding import without_data

        first, level = self.batch_start, project.graph.level
        part = without_data(project.graph.flatten(), self._made.feeds)
        try:
            program = compiled(project.graph.copy(), part, project.training, former.batch_size)
            with np.errstate(all="ignore"):
                succeeded = program.succeed(former)
        except Error:
            return False
        if not succeeded:
            return False
        self.pause()
        self._keep_stepped()
        self._made = replace(self._made, program=program, level=level)
        self.program, self._first, self._fed = program, first, []
        if self.statement is not None:
            self.statement = program.statements[self.statement.index]
        self.recompiled.emit()
        self.moved.emit()
        return True

    def _flow_on(self, values: Arrays) -> None:
        """What was typed in the document goes into the program, and what follows from it is computed anew."""
        try:
            since = self.write_all(values, self._since if self._sweeping else None)
        except Error:
            self.follow()
            return
        if self._sweeping:
            self._since = since

    def sweep(self, goes_on: bool) -> None:
        """While a sweep goes on, all that is typed in the document is one moment of the timeline."""
        self._sweeping, self._since = goes_on, None

    def write_all(self, values: Mapping[str, npt.ArrayLike], since: int | None = None) -> int:
        """Type numbers into quantities; see the stepper."""
        raise NotImplementedError

    def _follow_training(self) -> None:
        """Another learning rate or number of epochs leaves the program what it is."""
        training = self._document.project.training
        if self._stale or self.program is None or self.busy or compiled_from(training) != self._training:
            self.follow()
        else:
            self.program.lr = training.lr
            self.moved.emit()

    def _forget(self) -> None:
        self.pause()
        self._leap.cancel()
        self._stepped = {}
        self._then = []
        self._first, self._fed = 0, []
        self._made = Made()
        self.program = self.statement = None
        self.follow()
        self.recompiled.emit()

    def _when_ready(self, action: Callable[[], object]) -> None:
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
        if self.busy:
            self._leap.cancel()  # and then this again
            return
        self._keep_stepped()
        project = self._document.project
        self._typed.taken(project)
        training = project.training
        self._training = compiled_from(training)
        why_no_data = self._samples.sentence
        begun = self.program is not None and self.moments > 1
        order = Order(
            project.graph.copy(),
            training,
            self._samples.training(),
            {**project.weights, **self._stepped},
            dict(project.optimizer_state),
            self.batch_start,
            bool(project.weights),
        )

        def arrived(made: Made | None, error: Error | None) -> None:
            if self._soon.isActive():
                return  # the document has changed meanwhile
            former, self._made = self._made, made or Made(sentence=str(error))
            self._stale = False
            self.pause()
            self.program, self._first, self._fed = self._made.program, self._made.first, []
            self.statement, self.undone = None, False
            self._feedable = self.program is not None and not self._made.sentence
            self.sentence = (why_no_data if self._made.sentence else "") or self._made.sentence
            if self.program is not None and self._feedable:
                self.program.remember()
            waiting, self._then = self._then, []
            before, after = former.level, self._made.level
            if before is not None and after is not None and self.program is not None:
                self._follow_names(before, after, () if former.program is None else former.program.statements)
            self.recompiled.emit()
            if begun and before is not None and after is not None and self.program is not None:
                kept = still_stepped(self.program.parameters(), self._stepped)
                self.restarted.emit(restart_sentence(before, after, self.program, kept))
            for action in waiting:
                action()

        self._background.run(lambda: make(order), arrived)

    def _follow_names(self, before: Level, after: Level, statements: Sequence[Statement]) -> None:
        """What is known by names of nodes and lines gets the new ones."""

    def _keep_stepped(self) -> None:
        """Remember what stepping has changed, for the program that comes."""
        if self.program is None or self._made.level is None:
            return
        if self.moments > 1:
            for name, begun in self._made.begun.items():
                if not np.array_equal(self.program[name], begun, equal_nan=True):
                    self._stepped[name] = self.program[name].copy()
        self._stepped = renamed(self._stepped, self._made.level, self._document.level)

    def _follow_weights(self) -> None:
        """Weights that were typed by hand flow on at once; with all others the program begins again."""
        if self.program is not None and not self.busy:
            project, sweeping = self._document.project, self._since is not None
            typed = self._typed.changed(project, self.program, sweeping=sweeping)
            if typed is not None:
                self._take_typed(typed)
                return
        self._take_weights()

    def _take_weights(self) -> None:
        """Take the weights of the document, and begin again at the first statement."""
        self._typed.taken(self._document.project)
        self._stepped = {}
        if self._stale or self.program is None or self.busy:
            self.statement = None  # what was stepped before counts no more
            if self.program is not None and not self.busy:
                self._made = replace(self._made, begun=self.program.parameters())
            self.follow()
            return
        program, project = self.program, self._document.project
        self._first, self._fed = self.batch_start, []
        program.initialise()
        load(program, project.weights, project.optimizer_state)
        self._made = replace(self._made, begun=program.parameters())
        self.statement, self.undone = None, False
        if self._feedable:
            if project.weights:
                go_forward(program)
            program.remember()
        self.moved.emit()

    def _take_typed(self, typed: Arrays) -> None:
        assert self.program is not None
        if not typed:
            return
        begun = dict(self._made.begun)
        for key, array in typed.items():
            self._stepped.pop(key, None)
            # What the program is compiled with next is what was typed, not what stepping makes of it.
            weights = self._document.project.weights
            begun[key] = self.program[key].copy() if self._stale else weights.get(key, array)
        self._made = replace(self._made, begun=begun)
        if self._stale:
            self.follow()
        else:
            self._flow_on(typed)
