"""What has run since one looked last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnstudio.program import Program, Statement
    from nnstudio.studio.stepping.stepper import Stepper


class Trace:
    """Follows the stepper's timeline. Of small moves it knows what they changed; of anything else it says
    that all may be others.
    """

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._program: Program | None = None
        self._at = 0
        self._led: object = None  # what led to where it stood
        self._sample: int | None = 0
        self.changed: frozenset[str] | None = None
        """The identifiers that were written between the last two looks; None where that may be all."""

    def lose(self) -> None:
        """Whoever looks next looks at everything."""
        self._program = None

    def follow(self) -> tuple[Statement, ...]:
        """The statements that were executed since; () where it is not known, or one has gone back."""
        stepper = self._stepper
        program = stepper.program
        former, start, led, sample = self._program, self._at, self._led, self._sample
        self._program, self._at, self._sample = program, stepper.moment, stepper.sample
        self._led = stepper.happened(self._at)
        self.changed = None
        if program is None or former is not program or sample != stepper.sample:
            return ()
        # Where the oldest moments were forgotten, the numbers of all moments are others.
        if not 0 < self._at - start <= len(program.statements) or stepper.happened(start) is not led:
            return ()
        ran: list[Statement] = []
        for moment in range(start + 1, self._at + 1):
            what = stepper.happened(moment)
            if what is None or isinstance(what, str):
                return ()
            ran.append(what)
        self.changed = frozenset(statement.target for statement in ran)
        return tuple(ran)
