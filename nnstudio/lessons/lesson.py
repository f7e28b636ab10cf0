"""A lesson as it was read: steps of text, what to point at, what to do, and what must then be true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnstudio.lessons.acts import Act
    from nnstudio.lessons.checks import Check

PANELS = (
    "canvas",
    "transport",
    "scrubber",
    "inspector",
    "palette",
    "program",
    "training",
    "settings",
    "data",
    "problems",
    "runs",
    "explain",
    "formula",
    "tensors",
    "jacobian",
    "curvature",
    "gradients",
    "diagnosis",
    "what if",
    "layers",
    "learned",
    "boundary",
    "fitted curve",
    "predicted",
    "draw",
    "confusion",
    "mistakes",
    "weights",
    "loss surface",
)
"""The parts of the window that a step may point at."""


@dataclass(frozen=True)
class Point:
    """What a step speaks of, to be lit: kind is "node", "edge", "statement" or "panel".

    name    of the node, of the edge's first node, of the quantity that a statement computes, of the panel
    target  the edge's second node
    """

    kind: str
    name: str
    line: int
    target: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" -> {self.target}" if self.target else "")


@dataclass(frozen=True)
class Step:
    """One idea: read, look, do, see.

    text   shown first, Markdown with {values} and $formulas$
    after  shown once all checks hold
    """

    title: str
    line: int
    text: str = ""
    text_line: int = 0
    after: str = ""
    after_line: int = 0
    points: tuple[Point, ...] = ()
    acts: tuple[Act, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A whole lesson file.

    settings  training settings that the project is opened with: seed, dtype, batch_size, lr, …
    digest    of the file's text; progress is only resumed in the file that it was made in
    """

    title: str
    project: str
    steps: tuple[Step, ...]
    path: Path
    digest: str
    number: int = 0
    about: str = ""
    minutes: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """The file's name without its ending, by which the command line knows a lesson that ships."""
        return self.path.stem
