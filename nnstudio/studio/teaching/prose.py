"""A lesson's text as it is read: Markdown with formulas in the line, drawn as sharp as the letters."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPyTextObject,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QVBoxLayout, QWidget

from nnstudio.studio import theme
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.explaining.typesetter import EM, typesetter

SIZE = 14.0
_FORMULA = QTextFormat.ObjectTypes.UserObject + 7
_LATEX = QTextFormat.Property.UserProperty + 7
_PLACE = 0xE000  # of the letters that are nobody's; one stands for each formula
_PART = re.compile(r"(`[^`\n]*`)|\$([^$]+)\$")
_LEADING = 140  # per cent


class _Formulas(QPyTextObject):
    """Draws the formulas of a document where their places are."""

    def __init__(self, prose: Prose) -> None:
        super().__init__(prose)
        self._prose = prose

    def _scale(self, width: float) -> float:
        """A formula that is wider than the text is drawn smaller."""
        room = max(40.0, self._prose.document().textWidth() - 24)
        scale = self._prose.em / EM
        return scale * min(1.0, room / max(1.0, width * scale))

    def intrinsicSize(self, doc: QTextDocument, posInDocument: int, format: QTextFormat) -> QSizeF:
        outline = typesetter().outline(str(format.property(_LATEX)))
        metrics = QFontMetricsF(format.toCharFormat().font())
        if outline is None:
            return QSizeF(metrics.horizontalAdvance(str(format.property(_LATEX))), metrics.height())
        scale = self._scale(outline.box.width())
        half = int(metrics.xHeight()) / 2
        up, down = -outline.box.top() * scale, outline.box.bottom() * scale
        # An object in the middle of the line stands half the height of an x above its baseline.
        return QSizeF(outline.box.width() * scale, 2 * max(up - half, down + half))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | Any,
        doc: QTextDocument,
        posInDocument: int,
        format: QTextFormat,
    ) -> None:
        latex = str(format.property(_LATEX))
        outline = typesetter().outline(latex)
        c = theme.colours()
        font = format.toCharFormat().font()
        if outline is None:
            painter.setFont(font)
            painter.setPen(QColor(c.dim))
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, latex)
            return
        scale = self._scale(outline.box.width())
        half = int(QFontMetricsF(font).xHeight()) / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.left() - outline.box.left() * scale, rect.center().y() + half)
        painter.scale(scale, scale)
        painter.fillPath(outline.path, QColor(c.text))
        painter.restore()


class Prose(QTextBrowser):
    """Paragraphs and lists, as tall as they are; what is selected can be copied."""

    def __init__(self, markdown: str, size: float = SIZE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.em = size
        self.setProperty("kind", "prose")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._formulas = _Formulas(self)
        self.document().documentLayout().registerHandler(_FORMULA, self._formulas)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(18)
        self.document().setDefaultFont(theme.font(size))
        self._fill(markdown)
        self.setAccessibleName(spoken(markdown))
        typesetter().arrived.connect(self._look_again)

    @property
    def words(self) -> str:
        """What is read aloud."""
        return self.accessibleName()

    def _fill(self, markdown: str) -> None:
        formulas: list[str] = []

        def put_away(found: re.Match[str]) -> str:
            if found[1]:
                return found[0]
            formulas.append(" ".join(found[2].split()))
            return chr(_PLACE + len(formulas) - 1)

        self.document().setMarkdown(_PART.sub(put_away, markdown))
        cursor = QTextCursor(self.document())
        for number, latex in enumerate(formulas):
            cursor = self.document().find(chr(_PLACE + number))
            if cursor.isNull():
                continue
            form = QTextCharFormat(cursor.charFormat())
            form.setObjectType(_FORMULA)
            form.setProperty(_LATEX, latex)
            form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
            cursor.insertText(chr(0xFFFC), form)
        self._strengthen()
        block = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            form = QTextBlockFormat()
            form.setLineHeight(_LEADING, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            listed = block.textList() is not None
            form.setTopMargin(4 if listed else (0 if block == self.document().begin() else 10))
            form.setBottomMargin(0)
            cursor.mergeBlockFormat(form)
            block = block.next()

    def _strengthen(self) -> None:
        """Markdown's bold in the heaviest weight that our font has: a heavier one would be smeared."""
        heavy = QTextCharFormat()
        heavy.setFontWeight(theme.bold().weight())
        found: list[tuple[int, int]] = []
        block = self.document().begin()
        while block.isValid():
            for piece in block.textFormats():
                if piece.format.fontWeight() > theme.bold().weight():
                    found.append((block.position() + piece.start, piece.length))
            block = block.next()
        for start, length in found:
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(heavy)

    def _look_again(self) -> None:
        document = self.document()
        document.markContentsDirty(0, document.characterCount())
        self._fit()
        self.viewport().update()

    def _fit(self) -> None:
        self.document().setTextWidth(max(40, self.viewport().width()))
        tall = int(self.document().size().height() + 3)
        if tall != self.height():
            self.setFixedHeight(tall)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(280, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 16)


class Paragraphs(QWidget):
    """A whole text: prose, and between it the formulas that stand alone, which break where they are wide."""

    def __init__(self, markdown: str, size: float = SIZE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.parts: list[Prose | FormulaView] = []
        waiting: list[str] = []

        def put(part: Prose | FormulaView) -> None:
            self.parts.append(part)
            column.addWidget(part)

        def flush() -> None:
            if waiting:
                put(Prose("\n\n".join(waiting), size))
                waiting.clear()

        for paragraph in re.split(r"\n\s*\n", markdown.strip()):
            alone = re.fullmatch(r"\$([^$]+)\$[.,]?", paragraph.strip())
            if alone:
                flush()
                view = FormulaView(size * 1.15)
                view.show_formula(" ".join(alone[1].split()), spoken(paragraph))
                put(view)
            else:
                waiting.append(paragraph)
        flush()

    @property
    def words(self) -> str:
        """All of it, as it is read aloud."""
        return "\n".join(part.words for part in self.parts)


_SPOKEN = (
    (r"\\d?frac\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*\{((?:[^{}]|\{[^{}]*\})*)\}", r" \1 over \2 "),
    (r"\\sqrt\s*\{([^{}]*)\}", r" the root of \1 "),
    (r"\\text\s*\{([^{}]*)\}", r" \1 "),
    (r"\\(?:begin|end)\{\w+\}", " "),
    (r"\\\\", "; "),
    (r"&", ", "),
    (r"\\cdot", " times "),
    (r"\\partial", "∂"),
    (r"\\otimes", " outer "),
    (r"\\odot", " elementwise times "),
    (r"\\leftarrow", " becomes "),
    (r"\\(?:left|right|,|;|!|quad)", ""),
    (r"\\([A-Za-z]+)", r"\1"),
    (r"\^\{?T\}?", " transposed"),
    (r"\^2", " squared"),
    (r"\^\{([^{}]*)\}", r" to the \1"),
    (r"[{}]", ""),
    (r"\s+", " "),
)


def spoken(markdown: str) -> str:
    """A text in plain words, its formulas too."""

    def say(found: re.Match[str]) -> str:
        if found[1]:
            return found[1].strip("`")
        latex = found[2]
        for pattern, words in _SPOKEN:
            latex = re.sub(pattern, words, latex)
        return latex.strip()

    return re.sub(r"\*\*|(?<!\w)[*](?=\w)|(?<=\w)[*](?!\w)", "", _PART.sub(say, markdown))
