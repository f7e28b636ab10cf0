"""A screen reader, and what it is told."""

import pytest
from PySide6.QtGui import QAccessible, QAccessibleEvent

from nnstudio.studio.canvas import announcer
from nnstudio.studio.canvas.announcer import Announcer
from tests.studio.reading.tree import turn

Text = QAccessible.Text


@pytest.fixture
def screen_reader():
    """Qt behaves as if one were there."""
    QAccessible.setActive(True)
    assert QAccessible.isActive()
    yield
    QAccessible.setActive(False)


@pytest.fixture
def listening(screen_reader, window, monkeypatch):
    """The window, with what it tells screen readers since the start: messages, and events by type."""
    window.canvas.setFocus()
    turn()
    window.said, window.events = [], []
    window.canvas.findChild(Announcer).said.connect(window.said.append)

    def send(event: QAccessibleEvent) -> None:
        window.events.append((event.type(), event.accessibleInterface().text(Text.Name)))
        QAccessible.updateAccessibility(event)

    monkeypatch.setattr(announcer, "_send", send)
    return window
