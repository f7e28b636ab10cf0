"""The program: run whole, trained at full speed, or stepped one statement at a time, there and back."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.graph import Graph
from nnstudio.modules.shapes import Shape, format_shape
from nnstudio.program.backend import Backend
from nnstudio.program.calling import call
from nnstudio.program.feeding import Gate, as_numbers, check_classes, checked
from nnstudio.program.leaping import Leap, Leaped, Rate, Stop
from nnstudio.program.machine import Machine
from nnstudio.program.memory import Slot
from nnstudio.program.refreshing import refresh
from nnstudio.program.statement import Call, Listing, Statement
from nnstudio.program.store import Store
from nnstudio.program.succeeding import succeed
from nnstudio.program.text import source_of
from nnstudio.program.update import STEP
from nnstudio.wording import nearest

MOST_BATCH_SIZES = 8
LARGEST_BATCH = 1_000_000


class Program:
    """A compiled graph for one batch size. Quantities are read and written by "node.quantity".

    Arrays read are NumPy arrays; on the processor they are views of the live values, to be read only.
    """

    def __init__(
        self, graph: Graph, store: Store, batch_size: int, seed: int, family: dict[int, Program] | None = None
    ) -> None:
        self.graph = graph
        self.batch_size = batch_size
        self.seed = seed
        self._store = store
        self._listing: Listing = store.listing
        self._machine = Machine(store, batch_size)
        self._workspace = self._machine.workspace
        self._family: dict[int, Program] = family if family is not None else {}
        self._family[batch_size] = self
        self.journal = store.journal
        self._gates = {
            node: Gate(slot, self._listing.feeds[node].classes)
            for node, slot in self._machine.feeds.items()
            if isinstance(slot.array, np.ndarray)
        }

    # -- what it is ----------------------------------------------------------------------------------

    @property
    def backend(self) -> Backend:
        """Where the arrays live."""
        return self._store.backend

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self._store.dtype

    @property
    def listing(self) -> Listing:
        """The program as written: statements, names, parameters."""
        return self._listing

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements: zero_grad, forward, backward, update."""
        return self._listing.statements

    @property
    def source(self) -> str:
        """The readable program as NumPy text that runs as it stands, given the inputs and the parameters."""
        return source_of(self._listing, self.dtype.name)

    @property
    def lowered_source(self) -> str:
        """The training step as the in-place calls that run."""
        return self._workspace.fast_text

    def lowered(self, statement: Statement) -> str:
        """The in-place calls that one statement became."""
        return self._workspace.text_of(statement)

    @property
    def inputs(self) -> dict[str, Shape]:
        """Input nodes and the shape of one sample."""
        return {feed.node: feed.shape[1:] for feed in self._listing.feeds.values() if feed.role == "input"}

    @property
    def targets(self) -> dict[str, Shape]:
        """Target nodes and the shape of one sample; () for a class number."""
        return {feed.node: feed.shape[1:] for feed in self._listing.feeds.values() if feed.role == "target"}

    @property
    def predictions(self) -> tuple[str, ...]:
        """The nodes whose output is the network's answer."""
        return self._listing.predictions

    @property
    def parameter_count(self) -> int:
        """How many numbers are learned."""
        return sum(int(np.prod(item.parameter.shape)) for item in self._listing.parameters)

    @property
    def multiply_adds(self) -> int:
        """Multiplications in the matrix products of one sample's forward pass."""
        return self._workspace.multiply_adds

    def with_batch_size(self, batch_size: int) -> Program:
        """The same program for batches of another size; parameters, gradients and state are shared."""
        size = check_batch_size(batch_size)
        known = self._family.get(size)
        if known is None:
            known = Program(self.graph, self._store, size, self.seed, self._family)
            while len(self._family) > MOST_BATCH_SIZES:
                oldest = next(size for size in self._family if size not in (batch_size, self.batch_size))
                del self._family[oldest]
        return known

    # -- reading and writing -------------------------------------------------------------------------

    def __getitem__(self, key: str) -> npt.NDArray[Any]:
        return self.value(self._identifier(key))

    def __setitem__(self, key: str, value: npt.ArrayLike) -> None:
        identifier = self._identifier(key)
        if identifier not in self._workspace.slots:
            self._lower_all()
        slot = self._workspace.slots[identifier]
        host = as_numbers(key, value)
        if host.shape != slot.shape:
            raise ProgramError(
                f"{key} has the shape {format_shape(slot.shape)}, not {format_shape(host.shape)}."
            )
        node = key.removesuffix(".output")
        feed = self._listing.feeds.get(node)
        if feed is not None and feed.classes:
            check_classes(node, host, feed.classes)
        with self._machine.changing(f"typed {key}{_oddities(host, self.dtype)}", [slot]):
            self._store.put(slot, host)
            if feed is not None:
                self._machine.mark_fed(self._machine.fed | {node})
            self._machine.written([identifier])

    def __contains__(self, key: object) -> bool:
        return key in self._listing.keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._listing.keys)

    def keys(self) -> tuple[str, ...]:
        """Every quantity that can be read: "fc1.output", "fc1.weight", "fc1.grad_weight", …"""
        return tuple(self._listing.keys)

    def identifier(self, key: str) -> str:
        """The name of a quantity in the program's text: "fc1.grad_output" -> "grad_fc1"."""
        return self._identifier(key)

    def is_current(self, key: str) -> bool:
        """Whether a quantity holds this pass's numbers, not those of an earlier one."""
        return self._machine.is_current(self._identifier(key))

    def is_true(self, key: str) -> bool:
        """Whether a quantity is current, and nothing it was computed from has changed since.

        Only then may it be shown as a number of now: after an update, the outputs are those of the parameters
        before. Parameters are always true; a gradient of a parameter is judged by what was added last.
        """
        return self._machine.is_true(self._identifier(key))

    def true_bits(self) -> int:
        """All that is true, as a set: `bits_of(names) & true_bits()` is 0 where none of the names is."""
        standing = self._machine.standing
        return standing.current & ~standing.stale

    def bits_of(self, identifiers: Iterable[str]) -> int:
        """Identifiers as such a set; names that the program does not have are left out."""
        known = self._machine.dependence.bit
        found = 0
        for name in identifiers:
            found |= known.get(name, 0)
        return found

    def value(self, identifier: str) -> npt.NDArray[Any]:
        """A quantity by its name in the program's text. Raises ProgramError where it is not current."""
        if not self._machine.is_current(identifier):
            raise ProgramError(self._why_not_current(identifier))
        return self.backend.download(self._workspace.slots[identifier].array)

    def _identifier(self, key: str) -> str:
        identifier = self._listing.keys.get(key)
        if identifier is None:
            near = nearest(key, self._listing.keys)
            hint = f" Did you mean {near!r}?" if near else ""
            raise ProgramError(f"The program has no quantity {key!r}.{hint}")
        return identifier

    def _why_not_current(self, identifier: str) -> str:
        phase = next((line.phase for line in self.statements if line.target == identifier), None)
        if phase == "backward":
            return (
                f"{identifier} holds no gradient of this pass: call forward() and backward() "
                "(train_step keeps only the parameters' gradients)."
            )
        if phase is None:
            return f"{identifier} has not been fed yet: call feed() first."
        return f"{identifier} has not been computed in this pass: call forward() first."

    def parameters(self) -> dict[str, npt.NDArray[Any]]:
        """Copies of all learned arrays by key, such as "fc1.weight"."""
        return self._store.read_parameters()

    def load_parameters(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Overwrite the named learned arrays. Raises ProgramError for a wrong name or shape."""
        with self._machine.changing("loaded parameters", [self._store.parameters]):
            self._store.write_parameters(values)
            self._machine.written(self._listing.keys[key] for key in values)

    def optimizer_state(self) -> dict[str, npt.NDArray[Any]]:
        """Copies of what the optimizer remembers, by key, such as "fc1.weight.velocity" and "step"."""
        return self._store.read_states()

    def load_optimizer_state(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Overwrite what the optimizer remembers. Raises ProgramError for a wrong name or shape."""
        slots = [*self._store.states.values(), self._store.slots[STEP]]
        with self._machine.changing("loaded optimizer state", slots):
            self._store.write_states(values)

    def first_value(self, key: str) -> npt.NDArray[Any]:
        """What a parameter begins with, by the seed it was compiled with.

        Raises ProgramError for another key.
        """
        for parameter in self._listing.parameters:
            if parameter.key == key:
                return self._store.drawn(parameter, self.seed).astype(self.dtype)
        raise ProgramError(f"{key} is no parameter of the program.")

    def initialise(self, seed: int | None = None) -> None:
        """Back to the first weights of `seed` (by default the seed it was compiled with)."""
        self._store.initialise(self.seed if seed is None else seed)
        self._machine.started_anew()

    @property
    def flat(self) -> npt.NDArray[Any]:
        """All learned numbers as one vector, as they lie in memory (padded to cache lines)."""
        return self.backend.download(self._store.parameters.array)

    @property
    def flat_gradients(self) -> npt.NDArray[Any]:
        """All gradients of learned numbers, laid out as `flat`."""
        return self.backend.download(self._store.gradients.array)

    # -- running -------------------------------------------------------------------------------------

    @property
    def lr(self) -> float:
        """The learning rate of the update phase."""
        return self._store.lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._machine.set_rate(value)

    def feed(self, /, **arrays: npt.ArrayLike) -> None:
        """Give Input and Target nodes their values for this batch, by node name.

        Raises ProgramError for an unknown name, a wrong shape, or a class number out of range.
        """
        machine = self._machine
        if self.journal.recording and self.journal.owner is machine:
            slots = [machine.feeds[name] for name in arrays if name in machine.feeds]
            with machine.changing(f"fed {_samples(self.batch_size)}", slots):
                self._feed(arrays)
        else:
            self._feed(arrays)

    def _feed(self, arrays: Mapping[str, npt.ArrayLike]) -> None:
        machine = self._machine
        for name, value in arrays.items():
            gate = self._gates.get(name)
            if gate is None or not gate.takes(value):
                self._feed_with_care(name, value)
            else:
                gate.array[...] = value
                if gate.classes and gate.holds_wrong_class():
                    machine.mark_fed(machine.fed - {name})
                    check_classes(name, gate.array, gate.classes)
        machine.was_fed(arrays)

    def _feed_with_care(self, name: str, value: npt.ArrayLike) -> None:
        slot = self._machine.feeds.get(name)
        if slot is None:
            known = ", ".join(self._machine.feeds) or "none"
            raise ProgramError(f"The program has no input {name!r}; its inputs and targets are: {known}.")
        classes = self._listing.feeds[name].classes
        self._store.put(slot, checked(name, value, slot, classes, self.batch_size))

    def zero_grad(self) -> None:
        """Set every parameter's gradient to zero."""
        self._machine.run("zero_grad")

    def forward(self) -> None:
        """Compute every output and the loss."""
        self._machine.run("forward")

    def backward(self) -> None:
        """Compute every gradient; those of parameters are added to what is there."""
        self._machine.run("backward")

    def update(self, lr: float | None = None) -> None:
        """Let the optimizer change the parameters."""
        if lr is not None:
            self.lr = lr
        self._machine.run("update")

    def train_step(self, lr: float | None = None, *, guard: bool = False) -> bool:
        """zero_grad, forward, backward and update at full speed.

        With `guard`, the update is left out where the loss or a gradient is not finite; returns whether the
        parameters were updated. Afterwards outputs, loss, parameters and their gradients are current; other
        gradients are not.
        """
        if lr is not None and lr != self._store.lr:
            self._machine.set_rate(lr)
        return self._machine.train(guard=guard)

    @property
    def loss(self) -> float:
        """The total loss of this pass."""
        if self._listing.loss is None:
            raise ProgramError("The graph has no criterion, so it has no loss: add one, such as MSE.")
        return float(self.value(self._listing.loss))

    @property
    def losses(self) -> dict[str, float]:
        """The loss of each criterion of this pass."""
        return {node: float(self.value(name)) for node, name in self._listing.criteria.items()}

    # -- stepping ------------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The index of the next statement; behind the last one, the first is next."""
        return self._machine.position

    @position.setter
    def position(self, index: int) -> None:
        self._machine.position = index

    def step(self) -> Statement:
        """Execute the next statement and return it; after the last comes the first again."""
        return self._machine.step()

    def step_back(self) -> Statement | None:
        """Go to the moment before the last statement and return it; None where none is remembered.

        What was fed or typed in since then goes back too, and a leap goes back whole. Nothing is lost: go_to
        finds the way forward again, until something else happens.
        """
        return self._machine.step_back()

    def call(self, node: str, name: Call) -> tuple[Statement, ...]:
        """Run one of Torch7's five calls on one node (or on all nodes of a group), a moment each statement.

        "updateOutput", "updateGradInput", "accGradParameters", "zeroGradParameters" or "updateParameters".
        Returns the statements that ran, none where the node has nothing to do in it. Where they were next,
        the position moves on; otherwise it stays. A gradient at the node's output that was typed by hand is
        taken as it is. Raises ProgramError where what they read has not been computed in this pass.
        """
        return call(self._machine, node, name)

    def refresh(self) -> tuple[Statement, ...]:
        """Compute again what had been computed and is no longer true, as one moment; returns what ran.

        See `refreshing.refresh`. To drag a slider: remember() and `moment` at its beginning; then, for every
        value, go_to that moment, write the value, refresh.
        """
        return refresh(self._machine)

    def succeed(self, former: Program) -> bool:
        """Take the place of a program of the same statements in which other numbers stand.

        See `succeeding.succeed`. False where the statements are others.
        """
        return succeed(self._machine, former._machine)

    def leap(
        self,
        batches: Iterable[Mapping[str, npt.ArrayLike]],
        label: str,
        *,
        rate: Rate | None = None,
        stop: Stop | None = None,
        finish: bool = False,
    ) -> Leaped:
        """Many training steps at full speed as one moment that `label` names.

        `batches` are what feed() takes; the last one may be shorter. Where a step cannot be made, everything
        is as before, and the error is raised.

        rate    gives the learning rate of each step, by how many were made before it
        stop    is called with the program that runs and each statement that has run, which is slower; where
                it says True the leap ends there, behind that statement
        finish  first runs what is left of the pass that the program is in, with the samples it was fed
        """
        return Leap(self, self._machine, self._for_batch, rate, stop).run(batches, label, finish=finish)

    def relabel(self, label: str) -> None:
        """Other words for what led to the present moment, as is known once it is over."""
        if self.moment:
            self.journal.entry(self.moment).happened = label

    def _for_batch(self, batch: Mapping[str, npt.ArrayLike]) -> tuple[Program, Machine]:
        sizes = {len(value) if isinstance(value, Sized) else 0 for value in batch.values()}
        size = sizes.pop() if len(sizes) == 1 else 0
        program = self if size in (0, self.batch_size) else self.with_batch_size(size)
        return program, program._machine

    # -- the timeline --------------------------------------------------------------------------------

    def remember(self) -> None:
        """Begin the timeline here, if it has not begun: it does so with the first step anyway.

        From then on whatever is executed, fed, typed or set is a moment of its own that go_to can go to,
        within the journal's budget of memory. Training at full speed and reset() end the timeline.
        """
        self._machine.remember()

    @property
    def moment(self) -> int:
        """Where in the timeline the program stands."""
        return self._machine.moment

    @property
    def moments(self) -> int:
        """How many moments are remembered: 0 to moments - 1. The oldest are forgotten first."""
        return self._machine.moments

    def happened(self, moment: int) -> Statement | str | None:
        """What led to a moment: a statement, or words such as "typed fc1.weight"; None for the first.

        Raises ProgramError where there is no such moment.
        """
        return self._machine.happened(moment)

    def go_to(self, moment: int) -> None:
        """Make everything, bit for bit, as it was at a moment. Raises ProgramError where there is none.

        The moments after it stay, until something is executed, fed or typed.
        """
        self._machine.go_to(moment)

    def reset(self) -> None:
        """Forget the timeline and the values of this pass; the first statement is next, parameters stay."""
        self._machine.reset()

    def _lower_all(self) -> None:
        if self.statements:
            self._workspace.calls(self.statements[-1])

    def slot(self, key: str) -> Slot:
        """The array of a quantity with its shape, whether current or not."""
        self._lower_all()
        return self._workspace.slots[self._identifier(key)]


def _samples(count: int) -> str:
    return "a sample" if count == 1 else f"{count} samples"


def _oddities(host: npt.NDArray[Any], dtype: np.dtype[Any]) -> str:
    """What a person must hear about numbers that are no numbers, or too large for the dtype."""
    if host.dtype.kind != "f":
        return ""
    with np.errstate(over="ignore", invalid="ignore"):
        held = host.astype(dtype, copy=False)
        if np.isfinite(held.sum()):  # of millions of numbers ten times as fast as looking at each
            return ""
    nans, infinities = int(np.isnan(held).sum()), int(np.isinf(held).sum())
    found = [f"{count} {name}" for count, name in ((nans, "NaN"), (infinities, "inf")) if count]
    return f" (holds {' and '.join(found)})" if found else ""


def check_batch_size(batch_size: int) -> int:
    """A batch size that can be, as an int. Raises ProgramError for any other."""
    try:
        size = 0 if isinstance(batch_size, bool) else operator.index(batch_size)
    except TypeError:
        size = 0
    if not 1 <= size <= LARGEST_BATCH:
        raise ProgramError(
            f"The batch size must be a whole number from 1 to {LARGEST_BATCH:,}, not {batch_size!r}."
        )
    return size
