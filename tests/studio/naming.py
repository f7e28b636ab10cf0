"""What a screen reader cannot call by a name."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QComboBox, QWidget

_Text = QAccessible.Text


def nameless(top: QWidget) -> list[str]:
    """What of a panel or a dialog can have the focus now, and has no name or only its value for one."""
    there = list(_focusable(top))
    assert there, "nothing in it can have the focus"
    return [f"{type(each).__name__} in {type(each.parent()).__name__}" for each in there if not _name(each)]


def _focusable(top: QWidget) -> Iterator[QWidget]:
    for each in (top, *top.findChildren(QWidget)):
        by_tab = bool(each.focusPolicy() & Qt.FocusPolicy.TabFocus) and each.focusProxy() is None
        if by_tab and each.isVisibleTo(top) and each.window() is top.window():
            yield each


def _name(widget: QWidget) -> str:
    """As it is read aloud: by its own name, or that of the label beside it."""
    interface = QAccessible.queryAccessibleInterface(widget)
    for label, _ in interface.relations(QAccessible.RelationFlag.Label):
        return label.text(_Text.Name)
    name = interface.text(_Text.Name)
    value = widget.currentText() if isinstance(widget, QComboBox) else interface.text(_Text.Value)
    return "" if name == value else name
