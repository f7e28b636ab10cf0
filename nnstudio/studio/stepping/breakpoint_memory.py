"""Breakpoints come back with the file they were set in, as a debugger's do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from nnstudio.studio.document import Document
from nnstudio.studio.preferences import Preferences
from nnstudio.studio.stepping.breakpoints import Breakpoints

if TYPE_CHECKING:
    from nnstudio.program.breakpoint import Breakpoint

_TEXTS = ("node", "phase", "statement", "condition")


class BreakpointMemory(QObject):
    """Keeps them in the preferences: they belong to whoever looks, so they are no edit of the document.

    One whose node is gone is kept too, and says so where breakpoints are listed.
    """

    def __init__(
        self, document: Document, stops: Breakpoints, preferences: Preferences, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._stops, self._preferences = document, stops, preferences
        document.replaced.connect(self._recall)
        document.named.connect(self._keep)
        stops.changed.connect(self._keep)
        self._recall()

    def _recall(self) -> None:
        path = self._document.path
        kept = [] if path is None else self._preferences.breakpoints(path)
        self._stops.replace(each for each in map(_from_dict, kept) if each is not None)

    def _keep(self) -> None:
        if self._document.path is not None:
            self._preferences.keep_breakpoints(self._document.path, [_to_dict(b) for b in self._stops.all])


def _to_dict(breakpoint: Breakpoint) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(breakpoint, name) for name in _TEXTS}
    found = {name: value for name, value in found.items() if value is not None}
    return found if breakpoint.enabled else {**found, "enabled": False}


def _from_dict(kept: object) -> Breakpoint | None:
    """None for what is none: somebody else may have written it."""
    from nnstudio.program.breakpoint import Breakpoint

    if not isinstance(kept, dict):
        return None
    texts: dict[str, Any] = {name: kept.get(name) for name in _TEXTS}
    sound = all(value is None or isinstance(value, str) for value in texts.values())
    return (
        Breakpoint(**texts, enabled=kept.get("enabled") is not False)
        if sound and any(texts.values())
        else None
    )
