"""What a step points at, found in the window: cards, edges, lines of the program, panels, buttons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QWidget

from nnstudio.errors import Error
from nnstudio.lessons.acts import Choose, Train, Write
from nnstudio.lessons.lesson import Point, Step
from nnstudio.studio.explaining.explain_panel import ExplainPanel
from nnstudio.studio.learned.panel import LearnedPanel
from nnstudio.studio.teaching.guide import asked_by
from nnstudio.studio.teaching.performing import each

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

PLACES = {
    "canvas": "canvas",
    "transport": "engine.transport",
    "scrubber": "engine.timeline",
    "inspector": "inspector",
    "palette": "palette_panel",
    "program": "engine.program",
    "training": "engine.training",
    "settings": "engine.settings",
    "data": "engine.data",
    "problems": "problems",
    "runs": "engine.runs",
    "explain": "engine.explain",
    "formula": "engine.explain.formula",
    "tensors": "engine.tensors",
    "jacobian": "engine.explain.jacobian",
    "curvature": "engine.explain.curvature",
    "gradients": "engine.explain.check",
    "diagnosis": "engine.explain.diagnosis",
    "what if": "engine.tensors",
    "layers": "engine.layers",
    "learned": "engine.learned",
    "boundary": "engine.learned.boundary",
    "fitted curve": "engine.learned.curve",
    "predicted": "engine.learned.predicted",
    "draw": "engine.learned.drawing",
    "confusion": "engine.learned.confusion",
    "mistakes": "engine.learned.mistakes",
    "weights": "engine.learned.weights",
    "loss surface": "engine.learned.surface",
}
"""Where in the window each panel is that a lesson may name."""


ASKED_PANELS = (("tensors", Write), ("settings", Choose), ("training", Train))
"""Where one does what an act asks for, where the step points at no panel itself."""


@dataclass(frozen=True)
class Spot:
    """A place within `within` to be lit: a box, or along an edge."""

    within: QWidget
    box: QRect
    path: QPainterPath | None = None
    width: float = 0.0


def panel_of(window: MainWindow, name: str) -> QWidget | None:
    try:
        found: Any = attrgetter(PLACES.get(name, name))(window)
    except AttributeError:
        return None
    return found if isinstance(found, QWidget) else None


def bring_forward(window: MainWindow, step: Step) -> None:
    """Show the panels that a step points at, where they lie behind others, and the nodes where they are."""
    for point in step.points:
        if point.kind == "panel":
            panel = panel_of(window, point.name)
            if panel is None:
                continue
            holder = _holder(panel)
            window.bottom.show_panel(panel if holder is None else holder)
            if holder is not None:
                holder.show_view(panel)
    if not any(point.kind == "panel" for point in step.points):
        asked = [
            panel
            for panel, acts in ASKED_PANELS
            if any(isinstance(act, acts) for act in each(step.acts[:40]))
        ]
        if not asked and any(point.kind == "statement" for point in step.points):
            asked = ["program"]
        for name in asked:
            found = panel_of(window, name)
            if found is not None:
                window.bottom.show_panel(found)
    nodes = [
        key for key in (_here(window, point.name) for point in step.points if point.kind == "node") if key
    ]
    if nodes and not all(_in_view(window, key) for key in nodes):
        window.canvas.frame()


def _holder(panel: QWidget) -> ExplainPanel | LearnedPanel | None:
    """The panel that a view is one of several in."""
    above = panel.parentWidget()
    while above is not None and not isinstance(above, ExplainPanel | LearnedPanel):
        above = above.parentWidget()
    return above


def scroll_to_lines(window: MainWindow, step: Step) -> None:
    """Scroll the program to the lines that a step points at, the first of them last."""
    for point in reversed(step.points):
        index = _line(window, point.name) if point.kind == "statement" else None
        if index is not None:
            window.engine.program.list.scrollTo(index)


def spots(window: MainWindow, step: Step, buttons: bool) -> Iterator[Spot]:
    """Everything a step points at that can be seen now; and with `buttons` those that its acts ask for."""
    for point in step.points:
        if point.kind == "node":
            yield from _node(window, point.name)
        elif point.kind == "edge":
            yield from _edge(window, point)
        elif point.kind == "statement":
            yield from _statement(window, point.name)
        else:
            yield from _panel(window, point.name)
    if buttons:
        wanted = dict.fromkeys(name for act in each(step.acts[:40]) for name in asked_by(act)[:1])
        found: dict[str, Any] = window.engine.transport.buttons
        more = getattr(window.engine.transport, "more", None)
        for button in dict.fromkeys(found.get(name, more) for name in wanted):
            if isinstance(button, QWidget) and button.isVisible():
                yield _in_window(window, button, button.rect())


def _here(window: MainWindow, name: str) -> str | None:
    """The node, or the group that holds it, on the sheet that is shown."""
    try:
        return window.canvas.sheet.here(window.document.graph.path(name))
    except (Error, KeyError):
        return None


def _in_view(window: MainWindow, key: str) -> bool:
    item = window.canvas.graph_scene.nodes.get(key)
    return item is None or window.canvas.seen().contains(item.scene_card())


def _node(window: MainWindow, name: str) -> Iterator[Spot]:
    canvas, key = window.canvas, _here(window, name)
    item = canvas.graph_scene.nodes.get(key) if key else None
    if item is not None:
        yield Spot(canvas, _on_canvas(window, item.scene_card()))


def _edge(window: MainWindow, point: Point) -> Iterator[Spot]:
    canvas = window.canvas
    source, target = _here(window, point.name), _here(window, point.target)
    for edge, item in canvas.graph_scene.edges.items():
        if edge.source == source and edge.target == target:
            path = canvas.viewportTransform().map(item.path())
            offset = canvas.viewport().pos()
            path.translate(offset.x(), offset.y())
            yield Spot(canvas, path.boundingRect().toAlignedRect(), path, 14 * min(1.0, canvas.scale_now()))


def _on_canvas(window: MainWindow, box: QRectF) -> QRect:
    canvas = window.canvas
    mapped = canvas.viewportTransform().mapRect(box)
    return mapped.translated(canvas.viewport().pos()).toAlignedRect()


def _statement(window: MainWindow, name: str) -> Iterator[Spot]:
    view, index = window.engine.program.list, _line(window, name)
    if index is not None and view.isVisible():
        box = view.visualRect(index)
        if box.intersects(view.viewport().rect()):
            box.setWidth(min(box.width(), view.viewport().width()))
            yield Spot(view, box.translated(view.viewport().pos()))


def _line(window: MainWindow, name: str) -> QModelIndex | None:
    """Where the program computes a quantity, among the lines of its panel."""
    program, model = window.engine.stepper.program, window.engine.program.model
    if program is None:
        return None
    key = name if name in program else f"{name}.output"
    if key not in program:
        return None
    target = program.identifier(key)
    line = next((each for each in program.statements if each.target == target), None)
    row = -1 if line is None else model.row_of(line)
    return model.index(row, 0) if row >= 0 else None


def _panel(window: MainWindow, name: str) -> Iterator[Spot]:
    panel = panel_of(window, name)
    if panel is None:
        return
    if panel.isVisible():
        if panel is not window.canvas:
            yield _in_window(window, panel, panel.rect().adjusted(3, 3, -3, -3))
        return
    # Behind another tab: its own tab is what can be pointed at.
    place = window.bottom.place_of(panel)
    if place is not None and place[0].isVisible():
        bar = place[0].tabBar()
        yield _in_window(window, bar, bar.tabRect(place[1]))


def _in_window(window: MainWindow, widget: QWidget, box: QRect) -> Spot:
    return Spot(window, QRect(widget.mapTo(window, QPoint(box.topLeft())), box.size()))
