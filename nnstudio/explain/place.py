"""Which element of a quantity is meant."""

from __future__ import annotations

import operator
from collections.abc import Sequence

from nnstudio.errors import ExplainError
from nnstudio.modules.shapes import format_shape
from nnstudio.program.program import Program

Element = tuple[int, ...]


def place_of(program: Program, key: str, element: Sequence[int] | None = None, sample: int = 0) -> Element:
    """The full index of an element of the quantity `key`.

    `element` may leave out the batch axis, which is then `sample`; None is the first number (of the sample).
    Negative indices count from the end. Raises ExplainError for an index that is not there.
    """
    shape = program[key].shape
    batch = bool(shape) and has_batch(program, key)
    if element is None:
        element = (sample, *[0] * (len(shape) - 1)) if batch else (0,) * len(shape)
    try:
        place = tuple(operator.index(each) for each in element)
    except TypeError:
        raise ExplainError(f"The element of {key} must be whole numbers, not {element!r}.") from None
    if batch and len(place) == len(shape) - 1:
        place = (sample, *place)
    if len(place) != len(shape) or not all(
        -size <= each < size for each, size in zip(place, shape, strict=True)
    ):
        shown = ", ".join(map(str, place))
        raise ExplainError(f"{key} has the shape {format_shape(shape)}, so there is no element [{shown}].")
    return tuple(each % size for each, size in zip(place, shape, strict=True))


def has_batch(program: Program, key: str) -> bool:
    """Whether the first axis of a quantity is the batch: not of parameters, their gradients, constants."""
    from nnstudio.explain.local import anatomy

    node, _, quantity = key.rpartition(".")
    found = anatomy(program).nodes.get(node)
    if found is None:
        return False
    name = quantity.removeprefix("grad_")
    shape = program[key].shape
    if name in found.parameters:
        return False
    if name == "output":
        return found.shape[:1] == ("N",)
    if name in found.input_shapes:
        return found.input_shapes[name][:1] == ("N",)
    if name == "input" and found.definition.ports:
        return found.input_shapes[found.definition.ports[0]][:1] == ("N",)
    return shape[:1] == (program.batch_size,) and any(
        each[:1] == ("N",) for each in (found.shape, *found.input_shapes.values())
    )


def located(key: str, element: Element) -> str:
    """ "fc1.weight[0, 2]"; the key alone for a single number."""
    return f"{key}[{', '.join(map(str, element))}]" if element else key
