"""Frames: titled boxes behind the nodes, for the eye only. And the places an edge is bent through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from nnstudio.errors import GraphError
from nnstudio.graph.frozen import EMPTY
from nnstudio.graph.node import Position
from nnstudio.wording import short

FRAME_COLOURS = ("grey", "blue", "orange", "green", "purple", "yellow")
MOST_FRAMES = 10_000  # on one level
MOST_BENDS = 1_000  # of one edge
LONGEST_TITLE = 1_000
LONGEST_ID = 64


@dataclass(frozen=True)
class Frame:
    """A comment that carries what lies in it: `position` is its upper left corner, `size` width and height.

    `colour` is one of FRAME_COLOURS. `extra` are fields of the file that this version does not know.
    """

    id: str
    title: str
    position: Position
    size: tuple[float, float]
    colour: str = FRAME_COLOURS[0]
    extra: Mapping[str, Any] = field(default=EMPTY, hash=False)


def check_frame(frame: Frame, where: str = "A frame's ") -> Frame:
    """The frame with plain floats in it. GraphError, which `where` begins, for one that cannot be drawn."""
    for part, name, limit in ((frame.id, "id", LONGEST_ID), (frame.title, "title", LONGEST_TITLE)):
        text = cast("Any", part)
        if not isinstance(text, str):
            raise GraphError(f"{where}{name} must be text, not {type(text).__name__}.")
        if len(text) > limit:
            raise GraphError(f"{where}{name} must have at most {limit:,} characters, not {len(text):,}.")
        if not text.replace("\n", " ").isprintable():
            raise GraphError(f"{where}{name} must be without control characters, unlike {short(text)}.")
    if not frame.id.strip() or "\n" in frame.id:
        raise GraphError(f"{where}id must be one line of text.")
    if frame.colour not in FRAME_COLOURS:
        known = ", ".join(FRAME_COLOURS)
        raise GraphError(f"{where}colour must be one of {known}, not {short(frame.colour)}.")
    position = check_position(frame.position, f"{where}position")
    size = check_position(frame.size, f"{where}size")
    if min(size) <= 0:
        raise GraphError(f"{where}size must be two numbers above 0, not {size[0]:g} and {size[1]:g}.")
    return Frame(frame.id, frame.title, position, size, frame.colour, frame.extra)


def check_bends(bends: Any, where: str = "The bends of an edge") -> tuple[Position, ...]:
    """The places as pairs of finite floats. GraphError, which `where` begins, for anything else."""
    if not isinstance(bends, list | tuple):
        raise GraphError(f"{where} must be a list of places.")
    places = cast("list[Any] | tuple[Any, ...]", bends)
    if len(places) > MOST_BENDS:
        raise GraphError(f"{where} must be at most {MOST_BENDS:,} places, not {len(places):,}.")
    return tuple(check_position(place, f"{where}[{index}]") for index, place in enumerate(places))


def check_position(position: Any, what: str = "A position") -> Position:
    """The place as two finite floats. GraphError, which `what` begins, for anything else."""
    if type(position) is tuple:
        pair = cast("Position", position)
        # A drag checks a thousand of these between two frames of the screen.
        plain = len(pair) == 2 and type(pair[0]) is float and type(pair[1]) is float
        if plain and math.isfinite(pair[0]) and math.isfinite(pair[1]):
            return pair
    if isinstance(position, list | tuple):
        numbers = cast("list[Any] | tuple[Any, ...]", position)
        if len(numbers) == 2 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
            try:
                x, y = float(numbers[0]), float(numbers[1])
            except OverflowError:
                x = y = math.inf
            if math.isfinite(x) and math.isfinite(y):
                return (x, y)
    raise GraphError(f"{what} must be two finite numbers.")


def check_frame_count(count: int) -> None:
    """Raises GraphError for more frames than one level may have."""
    if count > MOST_FRAMES:
        raise GraphError(f"There would be {count:,} frames, but at most {MOST_FRAMES:,} are allowed.")
