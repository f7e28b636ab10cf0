"""The bar above the canvas and the line below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QPushButton, QSizePolicy, QWidget

from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed

WIDEST_NAME, NARROWEST_NAME = 200, 64


class Dot(QWidget):
    """A small dot: the document has changes that are not saved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(10, 10)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setToolTip("There are changes that are not saved yet.")
        self.setAccessibleName("Unsaved changes")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.colours().update.mark))
        painter.drawEllipse(QRectF(1, 1, 8, 8))


class TopBar(QWidget):
    """Menus and document name on the left, `middle` for the transport, Train and Export on the right."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(48)
        self.name = QLabel()
        self.name.setProperty("kind", "strong")
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.dot = Dot()
        self.middle = QHBoxLayout()
        self.middle.setSpacing(8)
        self.train = QPushButton("Train")
        self.train.setProperty("kind", "primary")
        self.train.setMinimumWidth(88)
        self.train.setToolTip("Train the network on its data")
        self.export = QPushButton("Export…")
        self.export.setMinimumWidth(88)
        self.export.setToolTip("Write the network as a program of its own (Ctrl+E)")
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(8)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setFixedHeight(28)
        self.menus.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        left.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        left.addSpacing(8)
        left.addWidget(self.name)
        left.addWidget(self.dot)
        left.addStretch(1)
        right.setSpacing(8)
        right.addStretch(1)
        right.addWidget(self.train)
        right.addWidget(self.export)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 16, 0)
        row.setSpacing(16)
        # Equal stretch on both sides keeps the transport in the middle of the window.
        row.addLayout(left, 1)
        row.addLayout(self.middle)
        row.addLayout(right, 1)
        document.named.connect(self.follow)
        document.modified_changed.connect(self.follow)
        self.follow()

    def add_to_middle(self, widget: QWidget) -> None:
        """Put the transport (or another control) in the middle of the bar."""
        self.middle.addWidget(widget)

    def follow(self) -> None:
        title = self._document.title
        path = self._document.path
        # Of a file the end says what it is, of a title the beginning.
        cut = Qt.TextElideMode.ElideMiddle if path else Qt.TextElideMode.ElideRight
        shown = self.name.fontMetrics().elidedText(title, cut, self._room_for_name())
        if shown != self.name.text():
            self.name.setText(shown)
        whole = title if shown != title else ""
        self.name.setToolTip(str(path) if path else ". ".join(filter(None, (whole, "Not saved yet"))))
        self.dot.setVisible(self._document.modified)

    def _room_for_name(self) -> int:
        """The name gives way before it pushes the transport off the middle or a button's words are cut."""
        row = self._row
        outer = row.contentsMargins()
        room = self.width() - outer.left() - outer.right() - 2 * row.spacing()
        beside = (room - self.middle.sizeHint().width()) // 2
        others = self.menus.width() + 4 * self.middle.spacing() + self.dot.width()
        return max(NARROWEST_NAME, min(WIDEST_NAME, beside - others))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.follow()  # the transport may be another size
        return done


class StatusLine(Dressed, QWidget):
    """A sentence on the left, where things stand on the right; a message takes the left for some seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self.left = QLabel()
        self.right = QLabel()
        for label in (self.left, self.right):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setParent(self)  # and in no layout: these words change with every statement that is stepped
        self.left.setAccessibleName("Status")
        self._standing = ""
        self._timer = self.startTimer(500)
        self._remaining = 0
        self._tone = self._phase = ""

    def sizeHint(self) -> QSize:
        return QSize(400, 28)

    def set_left(self, text: str) -> None:
        """What stands there as long as no message does."""
        self._standing = text
        if self._remaining == 0:
            self.left.setText(text)

    def set_right(self, text: str, phase: str = "") -> None:
        """Progress, position; in the colour of its phase where it has one."""
        if text != self.right.text():
            self.right.setText(text)
            self._place()
        self._phase = phase
        self._dress_right()

    def say(self, message: str, tone: str = "") -> None:
        """A message for eight seconds; tone "error" puts it in the error colour."""
        self._remaining = 16
        self._tone = tone
        self.left.setText(message)
        self._dress()

    def _dress(self) -> None:
        c = theme.colours()
        tint = {"error": c.error.text, "warning": c.warning.text}.get(
            self._tone if self._remaining else "", c.dim
        )
        _tint(self.left, tint)
        self._dress_right()

    def _dress_right(self) -> None:
        _tint(self.right, theme.colours().phase(self._phase).text if self._phase else "")

    def _place(self) -> None:
        """What stands on the right takes the room it needs, the sentence the rest."""
        wide = min(self.right.sizeHint().width(), self.width() - 32)
        self.right.setGeometry(self.width() - 16 - wide, 0, wide, self.height())
        self.left.setGeometry(16, 0, max(0, self.width() - wide - 48), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def timerEvent(self, event: object) -> None:
        if self._remaining:
            self._remaining -= 1
            if self._remaining == 0:
                self.left.setText(self._standing)
                self._dress()


def _tint(label: QLabel, tint: str) -> None:
    """In a colour of its own; a label is not dressed again in the one that it has."""
    sheet = f"color: {tint};" if tint else ""
    if sheet != label.styleSheet():
        label.setStyleSheet(sheet)
