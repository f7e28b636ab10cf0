"""The program lowered for one batch size: its arrays, and the functions that run it whole or line by line."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cached_property

from nnstudio.modules.shapes import N, Shape
from nnstudio.program.assemble import Assembler, text_of
from nnstudio.program.lower import Lowering
from nnstudio.program.memory import Arena, Slot
from nnstudio.program.operand import Call, Const
from nnstudio.program.statement import Feed, Phase, Statement
from nnstudio.program.store import Store
from nnstudio.program.update import FLAT_GRADIENTS, FLAT_PARAMETERS

Run = Callable[[], None]


class Workspace:
    """Two lowerings of the same statements over the same values.

    The whole one gives every quantity an array of its own: it is stepped and looked at. The fast one is what
    training runs: it leaves out what no parameter's gradient needs, writes gradients instead of adding them
    to zeros, reuses scratch, and updates all parameters with one call an operation.
    """

    def __init__(self, store: Store, batch_size: int) -> None:
        self.store = store
        self.batch_size = batch_size
        self.listing = store.listing
        self._arena = Arena(store.backend)
        self._assembler = Assembler(store.backend)
        self.slots: dict[str, Slot] = dict(store.slots)
        for feed in self.listing.feeds.values():
            dtype = "int64" if feed.classes else store.dtype
            shape = concrete(feed.shape, batch_size)
            self.slots[feed.identifier] = self._arena.permanent(feed.identifier, shape, dtype)
        self._lowering = Lowering(self._arena, self.slots, self.listing.functions)
        self._calls: list[list[Call]] = []
        self._steps: dict[int, Run] = {}
        self._phases: dict[Phase, Run] = {}

    # -- whole ----------------------------------------------------------------------------------------

    def calls(self, statement: Statement) -> list[Call]:
        """The in-place calls of one statement; those before it are lowered first."""
        for earlier in self.listing.statements[len(self._calls) : statement.index + 1]:
            if earlier.target not in self.slots:
                self._declare(earlier)
            self._calls.append(self._lowering.statement(earlier))
        return self._calls[statement.index]

    def _declare(self, statement: Statement) -> None:
        """An array for what a statement writes, where the graph already knows its shape."""
        known = self._gradient_of.get(statement.target)
        if known in self.slots:
            slot = self.slots[known]
            self.slots[statement.target] = self._arena.permanent(statement.target, slot.shape, slot.dtype)

    @cached_property
    def _gradient_of(self) -> dict[str, str]:
        """Identifier of a gradient at an output -> identifier of that output."""
        keys = self.listing.keys
        return {
            identifier: keys[key.removesuffix("grad_output") + "output"]
            for key, identifier in keys.items()
            if key.endswith(".grad_output")
        }

    def run_statement(self, statement: Statement) -> None:
        """Execute one statement."""
        run = self._steps.get(statement.index)
        if run is None:
            run = self._assembler.function(f"statement_{statement.index}", self.calls(statement))
            self._steps[statement.index] = run
        run()

    def run_phase(self, phase: Phase) -> None:
        """Execute one phase whole."""
        run = self._phases.get(phase)
        if run is None:
            calls = [call for statement in self.listing.phase(phase) for call in self.calls(statement)]
            run = self._phases[phase] = self._assembler.function(phase, calls)
        run()

    @cached_property
    def multiply_adds(self) -> int:
        """Multiplications of matrix products in one forward pass of one sample."""
        counter = Lowering(self._arena, self.slots, self.listing.functions)
        for statement in self.listing.phase("forward"):
            self.calls(statement)
            counter.outcome(statement.expression)
        return counter.multiply_adds // self.batch_size

    # -- fast -----------------------------------------------------------------------------------------

    @cached_property
    def kept(self) -> frozenset[str]:
        """What still holds true numbers after a training step."""
        forward = {statement.target for statement in self._needed if statement.phase == "forward"}
        backward = {parameter.gradient for parameter in self.listing.parameters if parameter.trained}
        return frozenset(forward | backward)

    @cached_property
    def _needed(self) -> list[Statement]:
        """The forward and backward statements that the loss and the parameters' gradients depend on."""
        wanted = {parameter.gradient for parameter in self.listing.parameters if parameter.trained}
        wanted.update(self.listing.criteria.values())
        if self.listing.loss is not None:
            wanted.add(self.listing.loss)
        chosen: list[Statement] = []
        for statement in reversed(self.listing.statements):
            if statement.phase in ("forward", "backward") and statement.target in wanted:
                wanted.update(statement.reads)
                chosen.append(statement)
        return chosen[::-1]

    @cached_property
    def _gradient_calls(self) -> list[Call]:
        self.calls(self.listing.phase("forward")[-1])  # forward values are shared with the whole lowering
        slots = {name: slot for name, slot in self.slots.items() if name not in self._backward_targets}
        lowering = Lowering(self._arena, slots, self.listing.functions)
        last_read = {name: statement.index for statement in self._needed for name in statement.reads}
        calls: list[Call] = []
        for statement in self._needed:
            if statement.phase == "forward":
                calls += self._calls[statement.index]
                continue
            if isinstance(statement.expression, ast.Constant) and statement.expression.value == 1.0:
                # The gradient of the loss itself. Only 1 is folded away: any other number would round
                # once less than the statement does.
                lowering.known[statement.target] = Const(1.0)
                continue
            passing = statement.target not in slots
            if passing:
                slots[statement.target] = self._passing(lowering, statement)
            calls += lowering.statement(statement, assign=True)
            for name in {*statement.reads, *((statement.target,) if passing else ())}:
                if (
                    name in self._backward_targets
                    and name in slots
                    and last_read.get(name, -1) <= statement.index
                ):
                    self._arena.release(slots[name])
        return calls

    def _passing(self, lowering: Lowering, statement: Statement) -> Slot:
        """Scratch for a gradient that only the next statements read."""
        known = self._gradient_of.get(statement.target)
        if known in lowering.slots:
            shape, dtype = lowering.slots[known].shape, lowering.slots[known].dtype
        else:
            shape, dtype = lowering.outcome(statement.expression)
        slot = self._arena.scratch(shape, dtype)
        slot.scratch = False  # released here, by its last reader, not by the first
        slot.name = statement.target
        return slot

    @cached_property
    def _backward_targets(self) -> frozenset[str]:
        gradients = {parameter.gradient for parameter in self.listing.parameters}
        return frozenset(statement.target for statement in self.listing.phase("backward")) - gradients

    @cached_property
    def _updates(self) -> list[list[Call]]:
        """The update, a piece of the flat vectors after the other, each small enough to stay in the cache.

        What is one number for all of them, such as Adam's corrected rate, comes first.
        """
        slots = self.store.flat_slots()
        once = Lowering(self._arena, slots, self.listing.functions)
        calls: list[Call] = []
        updates = [calls]
        each: list[Statement] = []
        for statement in self.listing.flat_update:
            if all(name in slots and slots[name].shape == () for name in statement.reads if name != "np"):
                calls += once.statement(statement)
            else:
                each.append(statement)
        temporaries: dict[int, dict[str, Slot]] = {}
        for start in range(0, self.store.trained_size, self.store.piece):
            piece = self.store.cut(slots, start)
            size = piece[FLAT_PARAMETERS].shape[0]
            known = temporaries.setdefault(size, {})
            lowering = Lowering(self._arena, {**known, **piece}, self.listing.functions)
            updates.append([call for statement in each for call in lowering.statement(statement)])
            known.update({name: slot for name, slot in lowering.slots.items() if name not in slots})
        return updates

    @cached_property
    def _update_calls(self) -> list[Call]:
        return [call for calls in self._updates for call in calls]

    @cached_property
    def fast_gradients(self) -> Run:
        """Forward and backward, as training runs them; afterwards `check` is finite if all of it is."""
        assert self.listing.loss is not None
        calls, gradients = self._gradient_calls, self.store.flat_slots()[FLAT_GRADIENTS]
        squared = Call("np.dot", (gradients, gradients, self.check))
        added = Call("np.add", (self.check, self.slots[self.listing.loss], self.check))
        return self._assembler.function("gradients", [*calls, squared, added])

    @cached_property
    def check(self) -> Slot:
        """The squared length of all gradients, plus the loss: one number to look at for the whole step."""
        return self._arena.permanent("check", (), self.store.dtype)

    @cached_property
    def fast_update(self) -> Run:
        """The update of all parameters."""
        return self._assembler.function("update", self._update_calls)

    @cached_property
    def fast_step(self) -> Run:
        """Both in one function."""
        return self._assembler.function("train_step", [*self._gradient_calls, *self._update_calls])

    @property
    def fast_text(self) -> str:
        """The training step as NumPy calls, for people to read."""
        shown = [*self._gradient_calls, *(call for calls in self._updates[:2] for call in calls)]
        more = len(self._updates) - 2
        return text_of(shown) + (
            f"\n# and so on for {more} more pieces of the flat vectors" if more > 0 else ""
        )

    def text_of(self, statement: Statement) -> str:
        """The calls that one statement became, for people to read."""
        return text_of(self.calls(statement))

    def feeds(self) -> Iterable[tuple[Feed, Slot]]:
        """Every Input and Target with its array."""
        return ((feed, self.slots[feed.identifier]) for feed in self.listing.feeds.values())


def concrete(shape: Shape, batch_size: int) -> tuple[int, ...]:
    """A symbolic shape with the batch size for N."""
    return tuple(batch_size if size == N else int(size) for size in shape)
