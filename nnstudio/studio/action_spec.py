"""An action of the window as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionSpec:
    """`slot` names a method of the window or of a part of it; a shortcut may have alternatives, separated by
    a space. `needs` says why it cannot be used while it cannot.
    """

    id: str
    text: str
    slot: str
    shortcut: str = ""
    icon: str = ""
    tip: str = ""
    needs: str = ""
