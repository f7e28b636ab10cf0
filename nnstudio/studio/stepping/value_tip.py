"""What a name of the program holds, in a few words: its shape, its numbers, and whether they are of now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.errors import Error
from nnstudio.studio.formats import number
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.program import Program

_MOST = 6
STALE = "stale: what it was computed from has changed since"
NOT_YET = "not computed in this pass"


def value_tip(stepper: Stepper, identifier: str) -> str | None:
    """Some lines about an identifier of the program's text; None where it names no quantity."""
    program = stepper.program
    if program is None or stepper.busy:
        return None
    if identifier == "lr":
        return f"the learning rate · {number(program.lr)}"
    key = key_of(program, identifier)
    if key is None:
        return None
    array = stepper.value(key)
    if array is None:
        return f"{key} · {NOT_YET}"
    shape = "×".join(map(str, array.shape)) or "one number"
    lines = [f"{key} · {shape}", *_numbers(array, stepper.sample, program.batch_size)]
    if not stepper.is_true(key):
        lines.append(STALE)
    return "\n".join(lines)


def key_of(program: Program, identifier: str) -> str | None:
    """ "grad_fc1_weight" -> "fc1.grad_weight"; the shortest where there are several."""
    keys = [key for key in program if program.identifier(key) == identifier]
    return min(keys, key=len, default=None)


def _numbers(array: NDArray[Any], sample: int | None, batch: int) -> list[str]:
    if array.size == 1:
        return [number(float(array.reshape(-1)[0]))]
    with np.errstate(all="ignore"):
        low, high, mean = (float(f(array)) for f in (np.min, np.max, np.mean))
    found = [f"min {number(low)} · max {number(high)} · mean {number(mean)}"]
    if array.ndim and len(array) == batch > 1:
        if sample is None:
            with np.errstate(all="ignore"):
                found.append(f"mean over the batch: {_short(array.mean(axis=0))}")
        else:
            found.append(f"sample {sample + 1}: {_short(array[min(sample, batch - 1)])}")
    else:
        found.append(_short(array))
    return found


def _short(array: NDArray[Any]) -> str:
    flat = np.asarray(array).reshape(-1)
    try:
        words = "  ".join(number(float(value)) for value in flat[:_MOST])
    except (Error, TypeError, ValueError):
        return ""
    return f"{words} …" if flat.size > _MOST else words
