"""The machine under a program: it runs phases and statements, and remembers every moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from itertools import accumulate

import numpy as np

from nnstudio.errors import ProgramError
from nnstudio.program.journal import State
from nnstudio.program.memory import Slot
from nnstudio.program.standing import Dependence, Standing
from nnstudio.program.statement import PHASES, Phase, Statement
from nnstudio.program.store import Store
from nnstudio.program.workspace import Workspace


class Machine:
    """Where a program of one batch size stands, and what moves it.

    The timeline begins with the first step (or with `remember`). From there on every change is a moment:
    each statement, and each feed, typed value or learning rate. A training step at full speed ends it.
    """

    def __init__(self, store: Store, batch_size: int) -> None:
        self.store = store
        self.listing = store.listing
        self.workspace = Workspace(store, batch_size)
        self.journal = store.journal
        self.batch_size = batch_size
        self.dependence: Dependence = store.dependence
        self.position = 0
        self.feeds: dict[str, Slot] = {feed.node: slot for feed, slot in self.workspace.feeds()}
        self._lines = {phase: self.listing.phase(phase) for phase in PHASES}
        ends = accumulate(len(lines) for lines in self._lines.values())
        self._ends = dict(zip(self._lines, ends, strict=True))
        """The position behind each phase."""
        self._first_forward = next((line.index for line in self._lines["forward"]), -1)
        self._seen = 0
        self.mark_fed(frozenset())
        self._standing = self.dependence.first(self.given)

    # -- how things stand ----------------------------------------------------------------------------

    def mark_fed(self, nodes: frozenset[str]) -> None:
        """From now on these Input and Target nodes hold samples."""
        dependence = self.dependence
        self.fed = nodes
        self._outcomes: dict[str, tuple[Standing, Standing]] = {}
        self.given = dependence.bits((*self.store.slots, *(self.feeds[node].name for node in nodes)))
        """What holds true numbers before anything has run: parameters, constants, what was fed."""
        current = self.given | dependence.bits(self.workspace.kept)
        self._trained = dependence.trained(current)
        self._only_computed = dependence.trained(current, updated=False)
        self._fed_again = self._after_feeding(self._trained, self.feeds)
        """How things stand when training feeds the next batch."""
        self._can_train = self.listing.loss is not None and len(nodes) == len(self.feeds)

    @property
    def standing(self) -> Standing:
        """Which quantities hold numbers of now."""
        if self._seen != self.store.changes:
            self._standing = self.dependence.changed_elsewhere(self._standing)
            self._seen = self.store.changes
        return self._standing

    def is_current(self, identifier: str) -> bool:
        """Whether it was computed in this pass."""
        return bool(self._standing.current & self.dependence.bit.get(identifier, 0))

    def is_true(self, identifier: str) -> bool:
        """Whether, besides, nothing that it was computed from has changed since."""
        standing = self.standing
        return bool(standing.current & ~standing.stale & self.dependence.bit.get(identifier, 0))

    def _shared_changes(self) -> None:
        """Programs of other batch sizes hear of a change to parameters or gradients when they look."""
        _ = self.standing
        self.store.changes += 1
        self._seen = self.store.changes

    def stand(self, standing: Standing, fed: frozenset[str], position: int) -> None:
        """Take over how another program of the same statements stands; the timeline begins here."""
        self.journal.clear()
        self._shared_changes()
        self.mark_fed(fed)
        self._standing, self.position = standing, position

    # -- what comes from outside ---------------------------------------------------------------------

    @contextmanager
    def changing(
        self, happened: str, slots: Iterable[Slot], statement: Statement | None = None
    ) -> Generator[None]:
        """What is overwritten within is one moment, where the program is being stepped.

        Where an error comes out of it, everything is as it was before.
        """
        journal = self.journal
        if journal.owner is not self:
            journal.clear()
        if not journal.recording:
            yield
            return
        future = journal.future
        journal.record(self._state(), happened, slots, statement)
        try:
            yield
        except BaseException:
            self._restore(journal.abandon(future))
            raise

    def written(self, identifiers: Iterable[str]) -> None:
        """Quantities were written by hand."""
        self._shared_changes()
        self._standing = self.dependence.written(self._standing, identifiers)

    def was_fed(self, nodes: Collection[str]) -> None:
        """Input and Target nodes were given samples: a new pass."""
        if not self.fed.issuperset(nodes):
            self.mark_fed(self.fed.union(nodes))
        if self._standing is self._trained:
            self._standing = self._fed_again
            return
        what = "fed" if len(nodes) == len(self.feeds) else f"fed {', '.join(nodes)}"
        self._standing = self._outcome(what, lambda standing: self._after_feeding(standing, nodes))

    def _after_feeding(self, standing: Standing, nodes: Iterable[str]) -> Standing:
        return self.dependence.fed(standing, self.given, (self.feeds[node].name for node in nodes))

    def _outcome(self, what: str, work_out: Callable[[Standing], Standing]) -> Standing:
        """How things stand after an act; mostly it is the same again as the last time."""
        standing = self._standing
        known = self._outcomes.get(what)
        if known is not None and known[0] is standing:
            return known[1]
        after = known[1] if known is not None and known[0] == standing else work_out(standing)
        self._outcomes[what] = (standing, after)
        return after

    def set_rate(self, value: float) -> None:
        """Another learning rate."""
        if value != self.store.lr:
            with self.changing(f"learning rate {value}", ()):
                self.store.lr = value

    def started_anew(self) -> None:
        """Parameters were drawn, gradients and optimizer state zeroed."""
        self.reset()
        self._shared_changes()
        self._standing = self.dependence.first(self.given)

    def reset(self) -> None:
        """Forget the timeline and the values of this pass; the first statement is next."""
        self.journal.clear()
        self.position = 0
        self._standing = self.dependence.begun(self._standing, self.given)

    # -- running -------------------------------------------------------------------------------------

    def run(self, phase: Phase) -> None:
        """One phase; statement by statement where the program is being stepped, else at full speed."""
        lines = self._lines[phase]
        if phase in ("forward", "backward"):
            self.check_fed()
        if phase == "backward":
            self._check_forward()
        journal = self.journal
        if journal.recording and journal.owner is not self and phase != "forward":
            journal.clear()  # it is about parameters and gradients that change now
        if journal.recording and journal.owner is self:
            for line in lines:
                self.execute(line, begin=line.index == self._first_forward)
        else:
            _ = self.standing  # what was changed elsewhere counts from here on
            after = self._outcome(phase, lambda standing: self._after_phase(standing, phase))
            self.workspace.run_phase(phase)
            if phase != "forward":
                self._shared_changes()
            self._standing = after
        self.position = self._ends[phase]

    def _after_phase(self, standing: Standing, phase: Phase) -> Standing:
        if phase == "forward":
            standing = self.dependence.begun(standing, self.given)
        return self.dependence.after(standing, self._lines[phase])

    def check_fed(self) -> None:
        """Raise ProgramError where an input that is read has no samples yet."""
        missing = [name for name in self.feeds if name not in self.fed and self._is_read(name)]
        if missing:
            raise ProgramError(f"{missing[0]} has no values yet: call feed({missing[0]}=…) first.")

    def _is_read(self, node: str) -> bool:
        identifier = self.listing.feeds[node].identifier
        return any(identifier in line.reads for line in self.listing.statements)

    def _check_forward(self) -> None:
        if self.listing.loss is not None and not self.is_current(self.listing.loss):
            raise ProgramError("There is nothing to go back from yet: call forward() first.")

    def train(self, *, guard: bool = False) -> bool:
        """A training step at full speed; with `guard` nothing is updated from what is not finite."""
        if not self._can_train:
            self._check_trainable()
        if self.journal.recording:
            self.journal.clear()
        self.position = 0
        self._standing = self._trained
        self._seen = self.store.changes = self.store.changes + 1
        if not guard:
            self.workspace.fast_step()
            return True
        self.workspace.fast_gradients()
        if not self._finite():
            self._standing = self._only_computed
            return False
        self.workspace.fast_update()
        return True

    def _check_trainable(self) -> None:
        if self.listing.loss is None:
            raise ProgramError(
                "The graph has no criterion, so there is no loss to train on: add one, such as MSE."
            )
        self.check_fed()

    def _finite(self) -> bool:
        backend = self.store.backend
        check = float(backend.download(self.workspace.check.array))
        if check - check == 0.0:
            return True
        # The squared length overflows too where numbers are merely near their limit: look at each.
        gradients = backend.download(self.store.gradients.array)[: self.store.trained_size]
        loss = float(backend.download(self.workspace.slots[self.listing.loss or ""].array))
        return bool(np.isfinite(gradients).all()) and math.isfinite(loss)

    # -- stepping ------------------------------------------------------------------------------------

    def step(self) -> Statement:
        """Execute the next statement; after the last comes the first again."""
        statements = self.listing.statements
        if not statements:
            raise ProgramError("The program is empty: nothing in the graph can run yet.")
        self.check_fed()
        index = self.position if self.position < len(statements) else 0
        return self.execute(statements[index], begin=index in (0, self._first_forward))

    def execute(self, statement: Statement, *, begin: bool = False, stay: bool = False) -> Statement:
        """Run one statement as a moment of its own.

        With `begin` a new pass begins with it; with `stay` the next statement remains what it was.
        """
        self.journal.begin(self)
        self.workspace.calls(statement)
        target = self.workspace.slots[statement.target]
        self.journal.record(self._state(), statement, (target,), statement)
        self.run_alone(statement, begin=begin)
        if not stay:
            self.position = statement.index + 1
        return statement

    def run_alone(self, statement: Statement, *, begin: bool = False) -> None:
        """Run one statement within the present moment."""
        if statement.phase != "forward":
            self._shared_changes()
        standing = self.standing
        if begin:
            standing = self.dependence.begun(standing, self.given)
        self.workspace.run_statement(statement)
        self._standing = self.dependence.after(standing, (statement,))

    def run_within(self, statement: Statement) -> None:
        """Run one statement of a pass within the present moment, and stand behind it."""
        self.run_alone(statement, begin=statement.index in (0, self._first_forward))
        self.position = statement.index + 1

    def altered(self) -> None:
        """Parameters, gradients or optimizer state were put back by hand."""
        self._shared_changes()

    # -- the timeline --------------------------------------------------------------------------------

    def remember(self) -> None:
        """Begin the timeline here, if it has not begun."""
        self.journal.begin(self)

    @property
    def moment(self) -> int:
        """Where in the timeline the program stands."""
        return len(self.journal) if self.journal.owner is self else 0

    @property
    def moments(self) -> int:
        """How many moments are remembered."""
        return 1 + self.moment + (self.journal.ahead if self.journal.owner is self else 0)

    def happened(self, moment: int) -> Statement | str | None:
        """What led to a moment; None for the first."""
        self._check_moment(moment)
        return None if moment == 0 else self.journal.entry(moment).happened

    def go_to(self, moment: int) -> None:
        """Make everything as it was at that moment; those after it stay until something else happens."""
        self._check_moment(moment)
        while self.moment > moment:
            _, state = self.journal.back(self._state())
            self._restore(state)
        while self.moment < moment:
            _, state = self.journal.forth(self._state())
            self._restore(state)

    def step_back(self) -> Statement | None:
        """Go to the moment before the last statement; None where there is none."""
        moment = self.moment
        while moment > 0:
            statement = self.journal.entry(moment).statement
            moment -= 1
            if statement is not None:
                self.go_to(moment)
                return statement
        return None

    def _check_moment(self, moment: int) -> None:
        if not 0 <= moment < self.moments:
            raise ProgramError(
                f"There is no moment {moment}: the timeline has the moments 0 to {self.moments - 1}."
            )

    def _state(self) -> State:
        return State(self.position, self.standing, self.fed, self.store.lr)

    def _restore(self, state: State) -> None:
        self._shared_changes()
        self.position, self.store.lr = state.position, state.lr
        if state.fed != self.fed:
            self.mark_fed(state.fed)
        self._standing = state.standing
