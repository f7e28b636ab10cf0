"""The readable program as text: the small functions it calls, then its statements by phase."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

from nnstudio.program.statement import PHASES, Listing

TITLES = {
    "zero_grad": "zero the gradients",
    "forward": "forward",
    "backward": "backward",
    "update": "update",
}


def function_text(function: Callable[..., Any]) -> str:
    """A function as it is written, without notes to a linter and with annotations that NumPy alone knows."""
    source = textwrap.dedent(inspect.getsource(function)).strip("\n")
    source = re.sub(r"  # (noqa|pyright|type: ignore)\b.*$", "", source, flags=re.MULTILINE)
    return re.sub(r"(?<=: |> )Array\b", "np.ndarray", source)


def source_of(listing: Listing, dtype: str = "float64") -> str:
    """The program as NumPy text. It runs as it stands where np, the inputs and the parameters are known.

    Constants are written in `dtype`, because an array of float64 would make float64 of all it meets.
    """
    kind = "" if dtype == "float64" else f", dtype=np.{dtype}"
    parts: list[str] = []
    if listing.functions:
        parts.append("\n\n\n".join(map(function_text, listing.functions.values())) + "\n")
    for name, value in listing.constants.items():
        parts.append(f"{name} = np.array({value.tolist()!r}{kind})")
    for phase in PHASES:
        lines = listing.phase(phase)
        if lines:
            parts.append("\n".join((f"# {TITLES[phase]}", *(line.text for line in lines))) + "\n")
    return "\n".join(parts)
