"""What outlives a batch: parameters, gradients and optimizer state, each kind in one flat vector."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import ProgramError
from nnstudio.modules.shapes import format_shape
from nnstudio.program.backend import Backend
from nnstudio.program.feeding import as_numbers
from nnstudio.program.journal import Journal
from nnstudio.program.memory import Arena, Slot
from nnstudio.program.standing import Dependence
from nnstudio.program.statement import Listing, ParameterOf
from nnstudio.program.update import FLAT_GRADIENTS, FLAT_PARAMETERS, LR, STEP

PIECE = 1 << 14
"""Numbers in one piece of the update: with a few vectors of state it fits into a core's own cache."""
MOST_PIECES = 64
_UNIT = 16  # every parameter starts on a cache line: 16 float32 numbers


class Store:
    """Shared by the programs of all batch sizes. Trained parameters come first in the flat vectors."""

    def __init__(self, listing: Listing, backend: Backend, dtype: npt.DTypeLike, seed: int) -> None:
        self.backend = backend
        self.dtype = np.dtype(dtype)
        self.listing = listing
        self.slots: dict[str, Slot] = {}
        self._arena = Arena(backend)
        self._places = _places(listing.parameters)
        size = self._places[None]
        self.trained_size = self._trained_size()
        self.parameters = self._flat("all_parameters", size)
        self.gradients = self._flat("all_gradients", size)
        for parameter in listing.parameters:
            self._place(parameter.identifier, self.parameters, parameter)
            self._place(parameter.gradient, self.gradients, parameter)
        self.states = self._make_states(size)
        for name in (LR, STEP):
            self.slots[name] = self._arena.permanent(name, (), self.dtype)
        for name, value in listing.constants.items():
            self.slots[name] = self._arena.constant(value.astype(self.dtype), name)
        self.dependence = Dependence(listing, self.slots)
        self.journal = Journal()
        self.changes = 0
        """How often a program has changed parameters or gradients, for those of other batch sizes."""
        self._lr = 0.0
        self.lr = 0.01
        self.initialise(seed)

    @property
    def lr(self) -> float:
        """The learning rate of the update phase, of all batch sizes."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        if value != self._lr:
            self._lr = _finite(value, self.dtype)
            self.backend.write(self.slots[LR].array, np.asarray(self._lr))

    def initialise(self, seed: int) -> None:
        """Draw every parameter anew from `seed` and zero gradients and optimizer state.

        Each parameter has a stream of its own, so that adding a node elsewhere changes no other's values.
        """
        for parameter in self.listing.parameters:
            self.backend.write(self.slots[parameter.identifier].array, self.drawn(parameter, seed))
        zero = np.zeros((), self.dtype)
        for slot in (self.gradients, *self.states.values(), self.slots[STEP]):
            self.backend.write(slot.array, zero)

    def drawn(self, parameter: ParameterOf, seed: int) -> npt.NDArray[np.float64]:
        """What one parameter begins with."""
        name = "/".join((*parameter.path, parameter.key.rpartition(".")[2]))
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        return parameter.parameter.init.sample(rng, parameter.parameter.shape, np.float64)

    def flat_slots(self) -> dict[str, Slot]:
        """What the flat update statements name: the trained part of each flat vector."""
        trained = {FLAT_PARAMETERS: self.parameters, FLAT_GRADIENTS: self.gradients}
        slots = {LR: self.slots[LR], STEP: self.slots[STEP]}
        for name, slot in (*trained.items(), *((f"flat_{name}", slot) for name, slot in self.states.items())):
            part = slot.array[: self.trained_size]
            slots[name] = Slot(name, part, (self.trained_size,), self.dtype, base=slot)
        return slots

    @property
    def piece(self) -> int:
        """How many numbers of the flat vectors are updated at a time; a multiple of a cache line."""
        pieces = max(1, min(MOST_PIECES, self.trained_size // PIECE))
        return -(-self.trained_size // pieces // _UNIT) * _UNIT or _UNIT

    def cut(self, slots: Mapping[str, Slot], start: int) -> dict[str, Slot]:
        """`slots`, the flat vectors among them cut down to the piece that begins at `start`."""
        part = slice(start, min(start + self.piece, self.trained_size))
        return {
            name: slot
            if slot.shape != (self.trained_size,)
            else Slot(
                f"{name}[{part.start}:{part.stop}]",
                slot.array[part],
                (part.stop - start,),
                slot.dtype,
                base=slot,
            )
            for name, slot in slots.items()
        }

    # -- reading and writing by key -------------------------------------------------------------------

    def read_parameters(self) -> dict[str, npt.NDArray[Any]]:
        """Copies by key, such as "fc1.weight"."""
        return {
            parameter.key: np.array(self.backend.download(self.slots[parameter.identifier].array))
            for parameter in self.listing.parameters
        }

    def read_states(self) -> dict[str, npt.NDArray[Any]]:
        """Copies by key, such as "fc1.weight.velocity"; and "step", the updates made."""
        found = {
            f"{key}.{quantity}": np.array(self.backend.download(self.slots[identifier].array))
            for identifier, (key, quantity) in self.listing.states.items()
        }
        found[STEP] = np.array(self.backend.download(self.slots[STEP].array))
        return found

    def put(self, slot: Slot, host: npt.NDArray[Any]) -> None:
        """Overwrite one array; a number too large for the dtype becomes infinite."""
        with np.errstate(over="ignore", invalid="ignore"):
            self.backend.write(slot.array, host)

    def write_parameters(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Overwrite the named parameters. ProgramError for a wrong name or shape: then nothing is written."""
        known = {parameter.key: parameter.identifier for parameter in self.listing.parameters}
        self._write(values, known, "The program has no parameter {}.")

    def write_states(self, values: Mapping[str, npt.ArrayLike]) -> None:
        """Overwrite optimizer state. ProgramError for a wrong name or shape: then nothing is written."""
        known = {f"{key}.{quantity}": name for name, (key, quantity) in self.listing.states.items()}
        known[STEP] = STEP
        self._write(values, known, "This optimizer keeps no state {}.")

    def _write(self, values: Mapping[str, npt.ArrayLike], known: Mapping[str, str], unknown: str) -> None:
        found: list[tuple[Slot, npt.NDArray[Any]]] = []
        for key, value in values.items():
            if key not in known:
                raise ProgramError(unknown.format(repr(key)))
            slot, host = self.slots[known[key]], as_numbers(key, value)
            if host.shape != slot.shape:
                raise ProgramError(
                    f"{key} has the shape {format_shape(slot.shape)}, not {format_shape(host.shape)}."
                )
            found.append((slot, host))
        for slot, host in found:
            self.put(slot, host)

    # -- layout ---------------------------------------------------------------------------------------

    def _trained_size(self) -> int:
        ends = [
            self._places[parameter.key] + math.prod(parameter.parameter.shape)
            for parameter in self.listing.parameters
            if parameter.trained
        ]
        return max(ends, default=0)

    def _flat(self, name: str, size: int) -> Slot:
        return self._arena.permanent(name, (size,), self.dtype)

    def _place(self, identifier: str, flat: Slot, parameter: ParameterOf) -> None:
        start = self._places[parameter.key]
        shape = parameter.parameter.shape
        array = flat.array[start : start + math.prod(shape)].reshape(shape)
        self.slots[identifier] = Slot(identifier, array, shape, self.dtype, base=flat)

    def _make_states(self, size: int) -> dict[str, Slot]:
        states: dict[str, Slot] = {}
        parameters = {parameter.key: parameter for parameter in self.listing.parameters}
        for identifier, (key, quantity) in self.listing.states.items():
            if quantity not in states:
                states[quantity] = self._flat(f"all_{quantity}", size)
            self._place(identifier, states[quantity], parameters[key])
        return states


def _finite(value: float, dtype: np.dtype[Any]) -> float:
    try:
        if math.isfinite(value) and abs(value) <= float(np.finfo(dtype).max):
            return float(value)
    except (TypeError, OverflowError):  # text, None, a whole number of hundreds of digits
        pass
    raise ProgramError(f"The learning rate must be a finite number, not {value!r}.")


def _places(parameters: tuple[ParameterOf, ...]) -> dict[str | None, int]:
    """Where each parameter starts in the flat vectors; None gives their length."""
    places: dict[str | None, int] = {}
    end = 0
    for parameter in parameters:
        places[parameter.key] = end
        end += -(-math.prod(parameter.parameter.shape) // _UNIT) * _UNIT
    places[None] = end
    return places
