"""Small parts that side panels are built of."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnstudio.studio import theme
from nnstudio.studio.dressed import Dressed


def heading(text: str) -> QLabel:
    """A section's heading, in small capitals."""
    label = QLabel(text)
    label.setProperty("kind", "heading")
    font = QFont(theme.bold(11))
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    label.setFont(font)
    return label


def text(words: str, kind: str = "") -> QLabel:
    """Plain text that wraps and can be selected."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if kind:
        label.setProperty("kind", kind)
    return label


class Section(QWidget):
    """A heading with a column below it; hidden as a whole when it has nothing to say."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.heading = heading(title)
        column.addWidget(self.heading)
        self.column = QVBoxLayout()
        self.column.setSpacing(8)
        column.addLayout(self.column)


class Form(QWidget):
    """Labels on the left in one column, fields on the right in another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(8)
        self.grid.setColumnStretch(0, 2)
        self.grid.setColumnStretch(1, 3)

    def add(self, label: str | QLabel, field: QWidget, tip: str = "") -> None:
        row = self.grid.rowCount()
        name = QLabel(label) if isinstance(label, str) else label
        name.setBuddy(field)
        name.setToolTip(tip)
        name.setMinimumHeight(28)
        self.grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(field, row, 1)


def empty_layout(layout: QVBoxLayout) -> None:
    """Take every widget out of a layout and let it go."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()


def tab_through(first: QWidget, then: Iterable[QWidget]) -> None:
    """Let Tab lead from a widget through others that were made later, and so would come last."""
    for widget in then:
        QWidget.setTabOrder(first, widget)
        first = widget


class Pages(QWidget):
    """One of several widgets at a time, as tall as it is; a QStackedWidget is as tall as its tallest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def addWidget(self, page: QWidget) -> None:
        self._column.addWidget(page)
        page.setVisible(self._current is None)
        self._current = self._current or page

    def currentWidget(self) -> QWidget | None:
        return self._current

    def setCurrentWidget(self, page: QWidget) -> None:
        if self._current is not None:
            self._current.hide()
        self._current = page
        page.show()


class Complaint(Dressed, QWidget):
    """What is wrong, below the field it is about: an icon and a sentence, hidden while all is well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._icon.setFixedWidth(14)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._icon.setContentsMargins(0, 2, 0, 0)
        self._words = text("", "error")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self._dress()
        self.hide()

    def text(self) -> str:
        return self._words.text()

    def say(self, words: str) -> None:
        """Show a sentence, or nothing."""
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))

    def _dress(self) -> None:
        tint = theme.colours().error.text
        self._icon.setPixmap(theme.pixmap("error", tint, 14, self.devicePixelRatioF()))


class SharedComplaint(Complaint):
    """What is wrong in several fields side by side, each with its name before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said: dict[str, str] = {}

    def of(self, name: str) -> PartOfComplaint:
        """The place for one of them."""
        return PartOfComplaint(self, name)

    def said(self, name: str) -> str:
        return self._said.get(name, "")

    def say_of(self, name: str, words: str) -> None:
        self._said[name] = words
        self.say(" ".join(f"{each}: {said}" for each, said in self._said.items() if said))


class PartOfComplaint:
    """One field's share of it."""

    def __init__(self, whole: SharedComplaint, name: str) -> None:
        self._whole, self._name = whole, name

    def text(self) -> str:
        return self._whole.said(self._name)

    def say(self, words: str) -> None:
        if words != self.text():
            self._whole.say_of(self._name, words)
