"""Copying a part of the graph with its weights, and pasting it: here, in another window, or out of a mail.

What is copied is JSON text (project/parts.py). It lies on the clipboard under a name of its own and as plain
text, so that it can be sent; coming back, either will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from nnstudio.errors import Error
from nnstudio.graph import removal
from nnstudio.project import Part, from_text, part_of, part_to_text
from nnstudio.studio.canvas.chosen import Chosen, chosen
from nnstudio.studio.canvas.parts import free_place, place_beside, take_part
from nnstudio.studio.formats import count

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

PART_MIME = "application/x-nnstudio-part"
_MARK = '"nnstudio-part"'  # in every such text, and hardly in any other
_WHERE = "What is on the clipboard"
_NO_PART = "What is on the clipboard is no part of a graph: copy nodes first, then paste them."

Field = QLineEdit | QPlainTextEdit | QTextEdit


class Clipboard(QObject):
    """Made by the window, for its actions. `say` and `warn` take sentences for the user."""

    def __init__(
        self,
        canvas: Canvas,
        say: Callable[[str], object],
        warn: Callable[[str], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._say, self._warn = say, warn

    # -- the verbs

    def copy(self) -> None:
        """Put what is selected onto the clipboard."""
        field = _focused_field()
        if field is not None:
            field.copy()
            return
        self._canvas.abandon()
        what = chosen(self._canvas.graph_scene)
        if what and self._put(what):
            self._say(f"{self._words(what)} copied.")

    def cut(self) -> None:
        """The same, and take it out of the graph."""
        field = _focused_field()
        if field is not None:
            field.cut()
            return
        canvas = self._canvas
        canvas.abandon()
        what = chosen(canvas.graph_scene)
        if not what or not self._put(what):
            return
        words = self._words(what)
        sheet = canvas.sheet
        edit = removal(sheet.graph, what.nodes, frame_ids=what.frames, path=sheet.path)
        if sheet.push(replace(edit, label=f"Cut {words}")):
            self._say(f"{words} cut.")

    def paste(self) -> None:
        """Put what is on the clipboard under the pointer, or where it is elsewhere, into the middle of the
        view.
        """
        field = _focused_field()
        if field is not None:
            field.paste()
            return
        self._canvas.abandon()
        part = self._read()
        if part is not None:
            canvas = self._canvas
            spot = canvas.pointer
            middle = canvas.seen().center() if spot is None else canvas.scene_point(spot)
            take_part(canvas, part, free_place(canvas, part.level, middle))

    def duplicate(self) -> None:
        """A second one of what is selected, below it; the clipboard stays as it is."""
        canvas = self._canvas
        canvas.abandon()
        what = chosen(canvas.graph_scene)
        if what:
            sheet = canvas.sheet
            part = part_of(canvas.document.project, sheet.path, what.nodes, what.frames)
            take_part(canvas, part, place_beside(canvas, part.level), f"Duplicate {self._words(what)}")

    # -- the system's clipboard

    def _put(self, what: Chosen) -> bool:
        sheet = self._canvas.sheet
        part = part_of(self._canvas.document.project, sheet.path, what.nodes, what.frames)
        try:
            text = part_to_text(part)
        except Error as error:
            self._warn(str(error))
            return False
        mime = QMimeData()
        mime.setData(PART_MIME, QByteArray(text.encode()))
        mime.setText(text)
        QGuiApplication.clipboard().setMimeData(mime)
        return True

    def _read(self) -> Part | None:
        """The part on the clipboard; what else is there is said."""
        # Where nobody has put anything there yet, Qt gives none.
        mime: QMimeData | None = QGuiApplication.clipboard().mimeData()
        if mime is None:
            mime = QMimeData()
        text = bytes(mime.data(PART_MIME).data()).decode(errors="replace") or mime.text()
        if not text.strip() and not mime.formats():
            self._warn("There is nothing on the clipboard: copy nodes first, then paste them.")
        elif _MARK not in text:
            self._warn(_NO_PART)
        else:
            try:
                part = from_text(text, _WHERE)
            except Error as error:
                self._warn(str(error))
                return None
            if part.level.nodes or part.level.frames:
                return part
            self._warn(_NO_PART)
        return None

    def _words(self, what: Chosen) -> str:
        """ "fc1", "3 nodes", "frame Body"."""
        level = self._canvas.sheet.level
        if len(what.nodes) == 1 and not what.frames:
            return level.nodes[what.nodes[0]].name
        if len(what.frames) == 1 and not what.nodes:
            return f"frame {level.frames[what.frames[0]].title}".rstrip()
        return count(len(what.nodes), "node") if what.nodes else count(len(what.frames), "frame")


def _focused_field() -> Field | None:
    """The text field that has the keyboard: the Edit menu means its text then."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QAbstractSpinBox):
        focus = focus.lineEdit()
    return focus if isinstance(focus, Field) else None
