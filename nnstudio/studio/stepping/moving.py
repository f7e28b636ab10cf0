"""Moving through the program: a statement, a phase, to somewhere, at a speed, and to any past moment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.project.moves import new_names
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.breakpoints import Breakpoints
from nnstudio.studio.stepping.live import LiveProgram

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.program import Statement
    from nnstudio.program.breakpoint import Breakpoint
    from nnstudio.program.statement import Phase

SLOWEST, FASTEST = 0.5, 60.0  # statements a second
_TURN = 0.03  # seconds that are run on before the window has its turn
_LONGEST = 100_000  # statements that a condition is waited for


class Moving(LiveProgram):
    """The verbs of a debugger on a live program."""

    playing_changed = Signal(bool)
    failed = Signal(str)  # why something could not be done
    said = Signal(str)  # a sentence about what was done
    halted = Signal(object)  # a Problem: the program of a broken graph has come to its end
    stopped_at = Signal(object)  # the Breakpoint that was hit

    def __init__(self, document: Document, samples: Samples, parent: QObject | None = None) -> None:
        self._player, self._runner = QTimer(), QTimer()
        super().__init__(document, samples, parent)
        self.stops = Breakpoints(self)
        self.speed = 4.0
        self._played = 0.0
        self._sought: tuple[Breakpoint, ...] = ()
        self._left = 0
        for timer, turn in ((self._player, self._play_on), (self._runner, self._run_on)):
            timer.setParent(self)
            timer.timeout.connect(turn)

    @property
    def playing(self) -> bool:
        return self._player.isActive() or self._runner.isActive()

    # -- moving

    def step(self) -> None:
        """Run the next statement."""
        self._when_ready(lambda: self._run(1))

    def step_back(self) -> None:
        """Undo the last statement, or what was fed or typed since, exactly."""
        self.pause()
        self._when_ready(self._step_back)

    def go_to(self, moment: int) -> None:
        """Make everything as it was at a moment of the timeline; those after it stay for the way forward."""
        self.pause()
        if self.program is None or self.busy or not 0 <= moment < self.moments:
            return
        crossed = self._typed_behind(moment)
        self.program.go_to(moment)
        self._stand_at(moment)
        self.moved.emit()
        self._say_kept(crossed)

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to zero."""
        self._when_ready(self._zero_grad)

    def forward(self) -> None:
        """Run on to the end of the forward pass; behind it, a new pass begins."""
        self._when_ready(lambda: self._run_phase("forward"))

    def backward(self) -> None:
        """Run on to the end of the backward pass; there, run it again, which adds to the gradients."""
        self._when_ready(lambda: self._run_phase("backward"))

    def update(self) -> None:
        """Run on to the end of the update; there, make another whole step."""
        self._when_ready(lambda: self._run_phase("update"))

    def run_to(
        self,
        node: str | None = None,
        phase: Phase | None = None,
        condition: str | None = None,
        statement: Statement | None = None,
    ) -> None:
        """Run on until a statement that is all this has been executed, and the condition holds.

        A node is a dotted name; that of a group stands for all nodes in it.
        """
        self.pause()
        self._when_ready(lambda: self._seek(node, phase, condition, statement))

    def call(self, node: str, name: str) -> None:
        """One of Torch7's five calls on one node: "updateOutput", "updateGradInput", …"""
        self.pause()
        self._when_ready(lambda: self._call(node, name))

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
        """Stop playing, or running to somewhere."""
        if self.playing:
            self._player.stop()
            self._runner.stop()
            self._sought = ()
            self.playing_changed.emit(False)

    def set_speed(self, statements_a_second: float) -> None:
        self.speed = min(max(statements_a_second, SLOWEST), FASTEST)
        self._player.setInterval(round(1000 / self.speed))

    def _play(self) -> None:
        if not self.can_step:
            self._run(1)
            return
        self.set_speed(self.speed)
        self._player.start()
        self._played = time.monotonic() - 1 / self.speed
        self.playing_changed.emit(True)
        self._play_on()

    def _play_on(self) -> None:
        """As many statements as are due: a window that is slow to draw does not slow the program down."""
        now = time.monotonic()
        due = round((now - self._played) * self.speed)
        if due > 0:
            self._played = max(self._played + due / self.speed, now - 1)
            self._run(min(due, round(self.speed) or 1), self.stops.enabled)

    def _can_run(self) -> bool:
        """Whether there is something to run; otherwise says why not."""
        if not self.can_step:
            self.pause()
            why = "An epoch is being trained." if self.busy else self.sentence
            self.failed.emit(why or "There is nothing to step yet: connect some modules.")
        return self.can_step

    def _run(self, count: int, stop: Sequence[Breakpoint] = ()) -> Breakpoint | None:
        """Run some statements, or until one of `stop` is hit, which is returned."""
        if not self._can_run() or self.program is None:
            return None
        hit = self._quietly(count, stop)
        if hit is not None:
            self.pause()
        self._have_moved()
        if hit is not None:
            self.stopped_at.emit(hit)
        return hit

    def _quietly(self, count: int, stop: Sequence[Breakpoint]) -> Breakpoint | None:
        """The same, and nobody is told yet but where it goes wrong."""
        program = self.program
        assert program is not None
        try:
            for _ in range(count):
                statement = self._advance()
                for each in stop:
                    if each.hit(program, statement):
                        return each
        except Error as error:
            self.pause()
            self.failed.emit(str(error))
        return None

    def _advance(self) -> Statement:
        """The next statement: walked to where it is remembered ahead, else executed."""
        program = self.program
        assert program is not None
        ahead = program.moment + 1
        what = program.happened(ahead) if ahead < program.moments else None
        if what is not None and not isinstance(what, str) and what.index == self._next_index():
            program.go_to(ahead)
            self.statement = what
        else:
            with np.errstate(all="ignore"):
                self.statement = program.step()
        self.undone = False
        return self.statement

    def _have_moved(self) -> None:
        """Tell that statements ran; and where they end, in a broken graph."""
        self.undone = False
        self.moved.emit()
        program = self.program
        at_end = program is not None and program.position == len(program.statements)
        if at_end and self.obstacle is not None:
            self.pause()
            self.halted.emit(self.obstacle)

    def _next_index(self) -> int:
        program = self.program
        assert program is not None
        return program.position if program.position < len(program.statements) else 0

    def _run_phase(self, phase: Phase) -> None:
        self.pause()
        program = self.program
        if program is None or not self._can_run():
            return
        end = self._end_of(phase)
        if phase == "backward" and program.position == end:
            program.position = self._end_of("forward")
        elif program.position >= end:
            program.position = 0
        self._run(end - program.position, self.stops.enabled)

    def _zero_grad(self) -> None:
        program = self.program
        if program is None or not self._can_run():
            return
        program.position = 0
        self._run(self._end_of("zero_grad"))

    def _step_back(self) -> None:
        program = self.program
        if program is None or not self.can_step_back:
            return
        what = program.happened(program.moment)
        if isinstance(what, str):
            # What was brought up to date goes with what had been typed.
            typed = what == "brought up to date" and program.moment > 1
            self.go_to(program.moment - (2 if typed else 1))
            return
        program.go_to(program.moment - 1)
        self.statement, self.undone = what, True
        self.moved.emit()

    def _typed_behind(self, moment: int) -> list[str]:
        """The weights that were typed between a moment and the present one."""
        weights = self._document.project.weights
        words = [self.happened(each) for each in range(moment + 1, self.moment + 1)]
        keys = [
            each[6:].partition(" (")[0] for each in words if isinstance(each, str) and each[:6] == "typed "
        ]
        return [key for key in dict.fromkeys(keys) if key in weights]

    def _say_kept(self, typed: Sequence[str]) -> None:
        """The timeline is the program's: what was typed into the project stays in it, and that is said."""
        weights, program = self._document.project.weights, self.program
        others = [
            key
            for key in typed
            if program is not None and not np.array_equal(program[key], weights[key], equal_nan=True)
        ]
        if others:
            verb = "is" if len(others) == 1 else "are"
            self.said.emit(
                f"{' and '.join(others[:3])} {verb} as before in the program; the project keeps what was "
                "typed there, which Undo takes back."
            )

    def _stand_at(self, moment: int) -> None:
        """Find the statement that had run last at a moment."""
        self.undone = False
        while moment > 0:
            what = self.happened(moment)
            if what is not None and not isinstance(what, str):
                self.statement = what
                return
            moment -= 1
        self.statement = None

    def _end_of(self, phase: Phase) -> int:
        """The position behind the last statement of a phase."""
        from nnstudio.program.statement import PHASES

        until = PHASES[: PHASES.index(phase) + 1]
        return sum(1 for line in self.statements() if line.phase in until)

    # -- running to somewhere

    def _seek(
        self, node: str | None, phase: Phase | None, condition: str | None, statement: Statement | None
    ) -> None:
        from nnstudio.program.breakpoint import Breakpoint

        program = self.program
        if program is None or not self._can_run():
            return
        text = None if statement is None else statement.text
        sought = [Breakpoint(node, phase, text, condition)]
        if phase is None and text is None and node is not None:
            # Where a node computes something: not where its gradients are only set to zero.
            passes: tuple[Phase, ...] = ("forward", "backward")
            sought = [Breakpoint(node, each, None, condition) for each in passes]
            sought = [each for each in sought if each.problem(program) is None] or [
                Breakpoint(node, None, None, condition)
            ]
        problem = sought[0].problem(program)
        if problem is not None:
            self.failed.emit(problem)
            return
        self._sought = tuple(sought)
        # Without a condition it is found within one round.
        self._left = _LONGEST if condition else len(program.statements)
        self._runner.start(0)
        self.playing_changed.emit(True)
        self._run_on()

    def _run_on(self) -> None:
        """Run for a moment; the window has its turn before the next."""
        sought, until = self._sought, time.monotonic() + _TURN
        while sought and self._sought is sought:
            count = min(self._left, 16)
            hit = self._quietly(count, (*sought, *self.stops.enabled))
            self._left -= count
            if hit is not None or self._left <= 0:
                self.pause()
                self._have_moved()
                if hit is None:
                    words = f"After {_LONGEST:,} statements it has not come to stop {sought[0]}."
                    self.failed.emit(words)
                elif hit not in sought:
                    self.stopped_at.emit(hit)
                return
            if time.monotonic() > until:
                self._have_moved()
                return

    # -- what is done at once

    def _call(self, node: str, name: str) -> None:
        program = self.program
        if program is None or not self._can_run():
            return
        try:
            with np.errstate(all="ignore"):
                ran = program.call(node, name)  # pyright: ignore[reportArgumentType]
        except Error as error:
            self.failed.emit(str(error))
            return
        if not ran:
            self.said.emit(f"{node} has nothing to do in {name}.")
            return
        self.statement = ran[-1]
        self._have_moved()

    def _follow_names(self, before: Level, after: Level, statements: Sequence[Statement]) -> None:
        self.stops.follow(new_names(before, after), statements, self.statements())
