"""The history of the document: every undo step by name; and which of two histories Ctrl+Z means."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QUndoView,
    QWidget,
)

from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed


class HistoryPanel(Dressed, QUndoView):
    """The list of all steps; a click or an arrow key goes there. The saved state carries the disk."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document.stack, parent)
        self._document = document
        self.setAccessibleName("History")
        self.setAccessibleDescription("Every change of the document; choosing one goes back or forward to it")
        self.setFrameShape(QUndoView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setProperty("kind", "history")
        document.named.connect(self._name_beginning)
        self._name_beginning()
        self._dress()

    def _name_beginning(self) -> None:
        self.setEmptyLabel("New document" if self._document.path is None else "As it was opened")

    def _dress(self) -> None:
        self.setCleanIcon(theme.icon("save", theme.colours().update.text))


class FieldUndo(QObject):
    """Ctrl+Z in a field undoes what was typed there, and the document where there is nothing typed.

    Qt's fields take the keys in either case. Only the field that has the focus is watched, so that nothing
    else pays for it.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watched: QWidget | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        # What was watched may be gone by now; only what Qt names is touched.
        if old is not None and old is self._watched:
            old.removeEventFilter(self)
        self._watched = None
        if isinstance(new, QLineEdit | QAbstractSpinBox | QPlainTextEdit | QTextEdit):
            new.installEventFilter(self)
            self._watched = new

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo, redo = _can_undo(watched)
            for keys, able in ((QKeySequence.StandardKey.Undo, undo), (QKeySequence.StandardKey.Redo, redo)):
                if event.matches(keys) and not able:
                    event.ignore()
                    return True
        return False


def _can_undo(field: QObject) -> tuple[bool, bool]:
    """Whether a field has something of its own to undo, and to redo."""
    if isinstance(field, QAbstractSpinBox):
        field = field.lineEdit()
    if isinstance(field, QLineEdit):
        able = not field.isReadOnly()
        return able and field.isUndoAvailable(), able and field.isRedoAvailable()
    if isinstance(field, QPlainTextEdit | QTextEdit):
        text, able = field.document(), not field.isReadOnly()
        return able and text.isUndoAvailable(), able and text.isRedoAvailable()
    return False, False
