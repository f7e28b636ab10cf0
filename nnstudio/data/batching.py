"""The order in which samples are fed: mini-batches, shuffled from a random state that can be saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nnstudio.errors import DataError


def generator(seed: int) -> np.random.Generator:
    """A random generator whose state random_state can save."""
    return np.random.Generator(np.random.PCG64(seed))


def batches(
    samples: int,
    batch_size: int,
    rng: np.random.Generator,
    shuffle: bool = True,
    *,
    start: int = 0,
    order: NDArray[np.intp] | None = None,
) -> Iterator[NDArray[np.intp]]:
    """One epoch: arrays of sample indices, all views of one order; the last may be shorter.

    batch_size 0 means all samples at once.  Shuffling draws from rng once, before the first batch, and
    depends on nothing else: with rng restored to its state of the epoch's start, `start` skips the samples
    already used.  `order` (intp, one entry a sample) is written over and saves allocating one each epoch.
    """
    if samples < 0 or batch_size < 0 or start < 0:
        raise DataError(
            f"Batches need sizes from 0 up, not {samples:,} samples by {batch_size:,} from sample {start:,}."
        )
    if order is None:
        order = np.empty(samples, np.intp)
    order[:] = np.arange(samples)
    if shuffle:
        rng.shuffle(order)
    size = batch_size or samples
    for first in range(start, samples, size or 1):
        yield order[first : first + size]


def batch_count(samples: int, batch_size: int) -> int:
    """How many batches an epoch has."""
    return -(-samples // (batch_size or samples)) if samples else 0


def random_state(rng: np.random.Generator) -> dict[str, Any]:
    """The exact state of a PCG64 generator as JSON values; its 128-bit numbers are hexadecimal text."""
    state = cast("dict[str, Any]", rng.bit_generator.state)
    if state["bit_generator"] != "PCG64":
        raise DataError(f"Only the state of a PCG64 generator can be saved, not of {state['bit_generator']}.")
    return {
        "bit_generator": "PCG64",
        "state": hex(state["state"]["state"]),
        "inc": hex(state["state"]["inc"]),
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }


def restored(state: Mapping[str, Any]) -> np.random.Generator:
    """The generator that random_state saved; DataError when the state is not one."""
    try:
        if state["bit_generator"] != "PCG64" or state["has_uint32"] not in (0, 1):
            raise ValueError
        numbers = int(state["state"], 16), int(state["inc"], 16)
        uinteger = state["uinteger"]
        if (
            not all(0 <= n < 2**128 for n in numbers)
            or not isinstance(uinteger, int)
            or not 0 <= uinteger < 2**32
        ):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise DataError("The saved random state is damaged; start the run anew from its seed.") from None
    bits = np.random.PCG64()
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": numbers[0], "inc": numbers[1]},
        "has_uint32": state["has_uint32"],
        "uinteger": uinteger,
    }
    return np.random.Generator(bits)
