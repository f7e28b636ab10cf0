"""The program: run whole, trained at full speed, or stepped one statement at a time, there and back."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.graph import Graph
from nnstudio.modules.shapes import Shape, format_shape
from nnstudio.program.backend import Backend
from nnstudio.program.feeding import Gate, as_numbers, check_classes, checked
from nnstudio.program.journal import Moment
from nnstudio.program.memory import Slot
from nnstudio.program.statement import PHASES, Listing, Phase, Statement
from nnstudio.program.store import Store
from nnstudio.program.text import source_of
from nnstudio.program.update import STEP
from nnstudio.program.workspace import Workspace
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
        self._workspace = Workspace(store, batch_size)
        self._family: dict[int, Program] = family if family is not None else {}
        self._family[batch_size] = self
        self._fed: frozenset[str] = frozenset()
        self._given = frozenset(store.slots)
        """What holds true numbers before anything has run: parameters, constants, what was fed."""
        self._current = self._given
        self._trained = self._given | self._workspace.kept
        """The same after a training step."""
        self._lines = {phase: store.listing.phase(phase) for phase in PHASES}
        self._first_forward = next((line.index for line in self._lines["forward"]), -1)
        self.position = 0
        self.journal = store.journal
        self._slots_of = {feed.node: slot for feed, slot in self._workspace.feeds()}
        self._gates = {
            feed.node: Gate(slot, feed.classes)
            for feed, slot in self._workspace.feeds()
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
        self._remember([slot])
        self._store.put(slot, host)
        if feed is not None:
            self._mark_fed(self._fed | {node})
        self._current |= {identifier}

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
        return self._identifier(key) in self._current

    def value(self, identifier: str) -> npt.NDArray[Any]:
        """A quantity by its name in the program's text. Raises ProgramError where it is not current."""
        if identifier not in self._current:
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
        self._remember([self._store.parameters])
        self._store.write_parameters(values)

    def optimizer_state(self) -> dict[str, npt.NDArray[Any]]:
        """Copies of what the optimizer remembers, by key, such as "fc1.weight.velocity" and "step"."""
        return self._store.read_states()

    def load_optimizer_state(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Overwrite what the optimizer remembers. Raises ProgramError for a wrong name or shape."""
        self._remember([*self._store.states.values(), self._store.slots[STEP]])
        self._store.write_states(values)

    def initialise(self, seed: int | None = None) -> None:
        """Back to the first weights of `seed` (by default the seed it was compiled with)."""
        self._store.initialise(self.seed if seed is None else seed)
        self.reset()

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
        if value != self._store.lr:
            self._remember(())
            self._store.lr = value

    def feed(self, /, **arrays: npt.ArrayLike) -> None:
        """Give Input and Target nodes their values for this batch, by node name.

        Raises ProgramError for an unknown name, a wrong shape, or a class number out of range.
        """
        if len(self.journal) and self.journal.owner is self:
            self._remember([self._slots_of[name] for name in arrays if name in self._slots_of])
        for name, value in arrays.items():
            gate = self._gates.get(name)
            if gate is None or not gate.takes(value):
                self._feed_with_care(name, value)
            else:
                gate.array[...] = value
                if gate.classes and gate.holds_wrong_class():
                    self._mark_fed(self._fed - {name})
                    check_classes(name, gate.array, gate.classes)
        if not self._fed.issuperset(arrays):
            self._mark_fed(self._fed.union(arrays))
        self._current = self._given

    def _feed_with_care(self, name: str, value: npt.ArrayLike) -> None:
        slot = self._slots_of.get(name)
        if slot is None:
            known = ", ".join(self._slots_of) or "none"
            raise ProgramError(f"The program has no input {name!r}; its inputs and targets are: {known}.")
        classes = self._listing.feeds[name].classes
        self._store.put(slot, checked(name, value, slot, classes, self.batch_size))

    def _mark_fed(self, nodes: frozenset[str]) -> None:
        self._fed = nodes
        self._given = frozenset(self._store.slots) | {self._slots_of[node].name for node in nodes}
        self._trained = self._given | self._workspace.kept

    def zero_grad(self) -> None:
        """Set every parameter's gradient to zero."""
        self._run("zero_grad")

    def forward(self) -> None:
        """Compute every output and the loss."""
        self._run("forward")

    def backward(self) -> None:
        """Compute every gradient; those of parameters are added to what is there."""
        self._run("backward")

    def update(self, lr: float | None = None) -> None:
        """Let the optimizer change the parameters."""
        if lr is not None:
            self.lr = lr
        self._run("update")

    def _run(self, phase: Phase) -> None:
        lines = self._lines[phase]
        if phase in ("forward", "backward"):
            self._check_fed()
        if phase == "backward":
            self._check_forward()
        if len(self.journal) and self.journal.owner is not self and phase != "forward":
            self.journal.clear()  # it is about parameters and gradients that change now
        if len(self.journal) and self.journal.owner is self:
            for line in lines:
                self._execute(line, begin=line.index == self._first_forward)
        else:
            if phase == "forward":
                self._current = self._given
            self._workspace.run_phase(phase)
            self._current |= {line.target for line in lines}
        self.position = self._start_of(phase) + len(lines)

    def _start_of(self, phase: Phase) -> int:
        return sum(len(self._lines[earlier]) for earlier in PHASES[: PHASES.index(phase)])

    def _check_fed(self) -> None:
        missing = [name for name in self._slots_of if name not in self._fed and self._is_read(name)]
        if missing:
            raise ProgramError(f"{missing[0]} has no values yet: call feed({missing[0]}=…) first.")

    def _is_read(self, node: str) -> bool:
        identifier = self._listing.feeds[node].identifier
        return any(identifier in line.reads for line in self.statements)

    def _check_forward(self) -> None:
        if self._listing.loss is not None and self._listing.loss not in self._current:
            raise ProgramError("There is nothing to go back from yet: call forward() first.")

    def train_step(self, lr: float | None = None, *, guard: bool = False) -> bool:
        """zero_grad, forward, backward and update at full speed.

        With `guard`, the update is left out where the loss or a gradient is not finite; returns whether the
        parameters were updated. Afterwards outputs, loss, parameters and their gradients are current; other
        gradients are not.
        """
        if lr is not None and lr != self._store.lr:
            self.lr = lr
        if self._listing.loss is None:
            raise ProgramError(
                "The graph has no criterion, so there is no loss to train on: add one, such as MSE."
            )
        if len(self._fed) < len(self._slots_of):
            self._check_fed()
        if len(self.journal):
            self.journal.clear()
        self.position = 0
        self._current = self._trained
        if not guard:
            self._workspace.fast_step()
            return True
        self._workspace.fast_gradients()
        if not self._finite():
            return False
        self._workspace.fast_update()
        return True

    def _finite(self) -> bool:
        check = float(self.backend.download(self._workspace.check.array))
        if check - check == 0.0:
            return True
        # The squared length overflows too where numbers are merely near their limit: look at each.
        gradients = self.backend.download(self._store.gradients.array)[: self._store.trained_size]
        return bool(np.isfinite(gradients).all()) and math.isfinite(self.loss)

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

    def step(self) -> Statement:
        """Execute the next statement and return it; after the last comes the first again."""
        if not self.statements:
            raise ProgramError("The program is empty: nothing in the graph can run yet.")
        self._check_fed()
        index = self.position if self.position < len(self.statements) else 0
        return self._execute(self.statements[index], begin=index in (0, self._first_forward))

    def _execute(self, statement: Statement, *, begin: bool = False) -> Statement:
        """Run one statement and remember what it overwrites; with `begin` a new pass begins with it."""
        if self.journal.owner is not self:
            self.journal.clear()
            self.journal.owner = self
        self._workspace.calls(statement)
        self.journal.record(self._moment(), statement.index, [self._workspace.slots[statement.target]])
        if begin:
            self._current = self._given
        self._workspace.run_statement(statement)
        self._current |= {statement.target}
        self.position = statement.index + 1
        return statement

    def step_back(self) -> Statement | None:
        """Undo the last statement exactly and return it; None where nothing is remembered any more.

        What was fed or typed in since then goes back too.
        """
        while self.journal.owner is self and (entry := self.journal.pop()) is not None:
            entry.restore()
            moment = entry.moment
            self.position, self._current = moment.position, moment.current
            self._store.lr = moment.lr
            if moment.fed != self._fed:
                self._mark_fed(moment.fed)
            if entry.index is not None:
                return self.statements[entry.index]
        return None

    def _moment(self) -> Moment:
        return Moment(self.position, self._current, self._fed, self._store.lr)

    def _remember(self, slots: Sequence[Slot]) -> None:
        """While the program is being stepped: keep what is about to be overwritten from outside."""
        if self.journal.owner is not self:
            self.journal.clear()
        elif len(self.journal):
            self.journal.record(self._moment(), None, slots)

    def reset(self) -> None:
        """Forget the values of this pass and start again at the first statement; parameters stay."""
        self.journal.clear()
        self.position = 0
        self._current = self._given

    def _lower_all(self) -> None:
        if self.statements:
            self._workspace.calls(self.statements[-1])

    def slot(self, key: str) -> Slot:
        """The array of a quantity with its shape, whether current or not."""
        self._lower_all()
        return self._workspace.slots[self._identifier(key)]


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
