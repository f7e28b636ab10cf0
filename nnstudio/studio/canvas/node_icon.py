"""The icon of a node type, made from its definition: the curve of what works number by number, else a sign.

No list of node types stands here: a new one gets its icon by what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from nnstudio.modules.module import Definition
from nnstudio.studio import theme

_SIGNS = {"input": "in", "target": "t", "constant": "c", "parameter": "θ", "output": "out", "criterion": "ℒ"}
_SPAN = np.linspace(-3.0, 3.0, 49)


@dataclass(frozen=True)
class NodeIcon:
    """What to draw: points of a curve within the unit square (y up), or a sign of a few letters."""

    sign: str = ""
    curve: tuple[tuple[float, float], ...] = ()
    role: str = "module"


def node_icon(
    definition: Definition | None, group: bool = False, settings: dict[str, Any] | None = None
) -> NodeIcon:
    """The icon of a type (None: one this version does not know), its curve drawn with these settings."""
    if group:
        return NodeIcon("▤", role="group")
    if definition is None:
        return NodeIcon("?", role="unknown")
    key = tuple(sorted(settings.items())) if settings else ()
    return _made(definition, key)


@lru_cache(maxsize=512)
def _made(definition: Definition, settings: tuple[tuple[str, Any], ...]) -> NodeIcon:
    curve = _curve(definition, dict(settings))
    if curve:
        return NodeIcon(curve=curve, role=definition.role)
    return NodeIcon(_sign(definition), role=definition.role)


def _sign(definition: Definition) -> str:
    if definition.role in _SIGNS:
        return _SIGNS[definition.role]
    between = re.fullmatch(r"[ax]\s*([^\w\s]+)\s*[bw]", definition.formula)
    if between:
        return between[1]
    if re.fullmatch(r"[ax] [bw]", definition.formula):
        return "×"
    call = re.match(r"([a-z]{2,4})\(", definition.formula)
    if call:
        return call[1]
    letters = re.findall(r"[WwbA]", definition.formula)
    if "parameters" in definition.functions and letters:
        return letters[0]
    capitals = re.findall(r"[A-Z]", definition.name)
    return "".join(capitals[:2]) or definition.name[:2]


def _curve(definition: Definition, settings: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    """The type's own output over [-3, 3], where it works number by number; nothing where it does not."""
    if definition.role == "criterion":
        values = _loss_curve(definition, settings)
    elif definition.elementwise and len(definition.ports) == 1:
        values = _sampled(definition, {definition.ports[0]: _SPAN}, settings)
    else:
        return ()
    if values is None or values.shape != _SPAN.shape:
        return ()
    seen = np.isfinite(values) & (np.abs(values) <= 6)
    if seen.sum() < 8:
        return ()
    low, high = float(values[seen].min()), float(values[seen].max())
    if definition.role != "criterion":
        low, high = min(low, -1.0), max(high, 1.0)
        low, high = max(low, -3.0), min(high, 3.0)
    x = (_SPAN - _SPAN[0]) / (_SPAN[-1] - _SPAN[0])
    y = (np.clip(values, low, high) - low) / ((high - low) or 1.0)
    kept = seen & (values >= low - 1e-9) & (values <= high + 1e-9)
    return tuple(zip(x[kept].tolist(), y[kept].tolist(), strict=True))


def _loss_curve(definition: Definition, settings: dict[str, Any]) -> NDArray[np.float64] | None:
    """The loss of one number over the prediction, the target being 1 (or the second of two classes)."""
    if definition.ports != ("input", "target"):
        return None
    losses = []
    for x in _SPAN:
        if definition.class_ports:
            ports: dict[str, Any] = {"input": np.array([[0.0, x]]), "target": np.array([1])}
        else:
            ports = {"input": np.array([[x]]), "target": np.array([[1.0]])}
        loss = _sampled(definition, ports, settings)
        if loss is None or np.ndim(loss) != 0:
            return None
        losses.append(float(loss))
    return np.array(losses)


def _sampled(
    definition: Definition, ports: dict[str, Any], settings: dict[str, Any]
) -> NDArray[np.float64] | None:
    """The output of the definition's own functions, evaluated plainly; None where these values are not for
    it.
    """
    known: dict[str, Any] = {**definition.complete({}), **settings, **ports}
    shape = np.shape(ports[definition.ports[0]])

    def value(name: str) -> Any:
        if name not in known:
            known[name] = definition.functions[name](**{each: value(each) for each in definition.reads(name)})
        return known[name]

    try:
        with np.errstate(all="ignore"):
            if "parameters" in definition.functions:
                rng = np.random.default_rng(0)
                shapes = {port: ("N", *np.shape(array)) for port, array in ports.items()}
                for name, parameter in definition.parameters(shapes, definition.complete(settings)).items():
                    known[name] = parameter.init.sample(rng, parameter.shape, np.float64).reshape(-1)[0]
            return np.asarray(value("output"), dtype=np.float64).reshape(
                shape if definition.role == "module" else ()
            )
    except Exception:
        return None  # an icon is no reason to fail: the sign stands in


def paint_node_icon(painter: QPainter, icon: NodeIcon, box: QRectF, back: bool = True) -> None:
    """The icon on its rounded tile."""
    c = theme.colours()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if back:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.inset))
        painter.drawRoundedRect(box, 6, 6)
    tint = {"criterion": c.backward.text, "input": c.forward.text, "target": c.forward.text}.get(
        icon.role, c.text
    )
    if icon.curve:
        inner = box.adjusted(5, 6, -5, -6)
        points = [
            QPointF(inner.left() + x * inner.width(), inner.bottom() - y * inner.height())
            for x, y in icon.curve
        ]
        pen = QPen(QColor(tint), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        return
    size = 13.0
    font = theme.font(size, QFont.Weight.DemiBold)
    wide = QFontMetricsF(font).horizontalAdvance(icon.sign)
    if wide > box.width() - 6:
        font = theme.font(max(9.0, size * (box.width() - 6) / wide), QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(tint))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, icon.sign)
