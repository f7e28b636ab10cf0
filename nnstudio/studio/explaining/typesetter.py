"""Formulas as outlines, typeset in the background: 40 to 90 milliseconds each are too long for the window."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QApplication

from nnstudio.errors import Error
from nnstudio.studio.background import Background

EM = 20.0
"""The size that outlines are made at; they are drawn at any."""
MOST_KEPT = 1024
_AT_ONCE = 0.06  # seconds; what is there by then is shown
_RIM = 1.0
"""What an SVG leaves free around a formula."""
_SIGN = 0.8
"""How much nearer a number stands to its own sign than to one between two numbers."""
_NUMBER = re.compile(r"-?[\d.]+$|\\left\((-[\d.]+)\\right\)$")
_COMMAND = re.compile(r"[MLQCHVZ]|-?\d*\.?\d+(?:e-?\d+)?")


@dataclass(frozen=True)
class Outline:
    """What a formula looks like: filled with any colour and drawn at any scale, it is sharp.

    The baseline is at 0; `box` goes from its ascent (negative) to its descent.
    """

    path: QPainterPath
    box: QRectF


class Typesetter(QObject):
    """Keeps outlines by their LaTeX. What is asked for and not there is made; then `arrived` is emitted."""

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._known: OrderedDict[str, Outline | None] = OrderedDict()
        self._numbers: dict[str, Outline] = {}  # the latest ones
        self._wanted: dict[str, None] = {}
        self._in_hand: tuple[str, ...] = ()  # what is being made

    def knows(self, latex: str) -> bool:
        """Whether it has been typeset, or cannot be."""
        return latex in self._known

    def outline(self, latex: str) -> Outline | None:
        """The outline; None where it cannot be typeset or is not there yet, and then it is made."""
        if latex in self._known:
            self._known.move_to_end(latex)
            return self._known[latex]
        number = _NUMBER.match(latex)
        if number is not None and len(latex) > 1:
            return self._number(f"({number[1]})" if number[1] else latex)
        if latex not in self._in_hand:
            self._wanted[latex] = None
            self._begin()
        return None

    def _number(self, text: str) -> Outline | None:
        """A number is put together of its figures: others come with every step, and these are there."""
        if text in self._numbers:
            return self._numbers[text]
        figures = [self.outline(figure) for figure in text]
        path, box, x = QPainterPath(), QRectF(), 0.0
        path.setFillRule(Qt.FillRule.WindingFill)
        for character, figure in zip(text, figures, strict=True):
            if figure is None:
                return None
            path.addPath(figure.path.translated(x, 0))
            box = box.united(figure.box.translated(x, 0))
            x += figure.box.right() - _RIM - (_SIGN if character == "-" else 0.0)
        if len(self._numbers) >= MOST_KEPT:
            self._numbers.clear()
        made = self._numbers[text] = Outline(path, box)
        return made

    def _begin(self) -> None:
        if self._background.busy or not self._wanted:
            return
        # Who still wants the others asks again when these have arrived.
        wanted, self._wanted = tuple(self._wanted), {}
        self._in_hand = wanted

        def job() -> dict[str, Outline | None]:
            begun, made = time.monotonic(), dict[str, Outline | None]()
            for latex in wanted:
                made[latex] = _typeset(latex)
                if time.monotonic() - begun > _AT_ONCE:
                    break
            return made

        def take(made: dict[str, Outline | None] | None, error: Error | None) -> None:
            self._in_hand = ()
            self._known.update(made if made is not None else dict.fromkeys(wanted))
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
            self.arrived.emit()
            self._begin()

        self._background.run(job, take)


def typesetter() -> Typesetter:
    """The one of this application."""
    app = QApplication.instance()
    assert app is not None
    found = app.findChild(Typesetter, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if found is not None else Typesetter(app)


def _typeset(latex: str) -> Outline | None:
    from nnstudio.errors import ExplainError
    from nnstudio.explain.typeset import svg

    try:
        return outline_of(svg(latex, EM, "black"))
    except ExplainError:
        return None


def outline_of(svg: str) -> Outline:
    """An SVG of paths and bars, as formulas are, as one outline."""
    root = ET.fromstring(svg)
    left, top, wide, tall = map(float, root.get("viewBox", "0 0 0 0").split())
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for part in root.iter():
        match part.tag.rpartition("}")[2]:
            case "path":
                _draw(path, part.get("d", ""))
            case "rect":
                x, y, w, h = (float(part.get(name, "0")) for name in ("x", "y", "width", "height"))
                path.addRect(QRectF(x, y, w, h))
            case _:
                pass
    return Outline(path, QRectF(left, top, wide, tall))


def _draw(path: QPainterPath, text: str) -> None:
    tokens = _COMMAND.findall(text)
    at = 0

    def point() -> QPointF:
        nonlocal at
        at += 2
        return QPointF(float(tokens[at - 2]), float(tokens[at - 1]))

    command = ""
    while at < len(tokens):
        if tokens[at].isalpha() and len(tokens[at]) == 1:
            command = tokens[at]
            at += 1
        match command:
            case "M":
                path.moveTo(point())
                command = "L"
            case "L":
                path.lineTo(point())
            case "Q":
                path.quadTo(point(), point())
            case "C":
                path.cubicTo(point(), point(), point())
            case "H":
                path.lineTo(float(tokens[at]), path.currentPosition().y())
                at += 1
            case "V":
                path.lineTo(path.currentPosition().x(), float(tokens[at]))
                at += 1
            case _:
                path.closeSubpath()
