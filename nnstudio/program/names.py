"""Identifiers for the program: readable, unique, and never a way for a user's title to become code."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

_RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "lr", "step", "self"})


class Names:
    """Hands out identifiers, each once."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = set(_RESERVED)
        self._taken.update(reserved)

    def take(self, *parts: str) -> str:
        """A free identifier made of `parts`: ("grad", "enc.fc1") gives grad_enc_fc1, or grad_enc_fc1_2."""
        wished = re.sub(r"[^0-9A-Za-z]+", "_", "_".join(parts)).strip("_") or "node"
        if wished[0].isdigit() or wished.startswith("np_"):
            wished = f"n_{wished}"
        name, count = wished, 1
        while name in self._taken:
            count += 1
            name = f"{wished}_{count}"
        self._taken.add(name)
        return name
