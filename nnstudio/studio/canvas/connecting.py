"""The gesture that joins two ports, by dragging or by keys, and takes an edge off its port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nnstudio.graph import AddEdge, Edge, RemoveEdge, Sequence
from nnstudio.graph.order import reachable
from nnstudio.graph.ports import definition_of
from nnstudio.modules.shapes import BadShape
from nnstudio.studio import theme
from nnstudio.studio.canvas.edge_item import curve
from nnstudio.studio.canvas.gestures import Gesture
from nnstudio.studio.canvas.look import Port

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

SNAP_PIXELS = 20.0
End = tuple[str, Port]  # node id and port


class Connect(Gesture):
    """A loose end follows the mouse and snaps to ports it may join.

    The fixed end is an output (the usual drag), or an input (dragging backwards). `taken` is an edge that
    was picked up at its input: dropped on another port it moves there, dropped on nothing it is removed.
    """

    cursor = Qt.CursorShape.CrossCursor
    autopans = True

    def __init__(self, canvas: Canvas, fixed: End, point: QPointF, taken: Edge | None = None) -> None:
        super().__init__(canvas)
        self._fixed = fixed
        self._taken = taken
        self._point = point
        self._snap: End | None = None
        self._refused: str = ""
        self._caution: str = ""
        self._side = "input" if fixed[1].side == "output" else "output"
        self._closing = self._nodes_that_would_close_a_cycle()
        if taken is not None:
            self.scene.edges[taken].hidden_while_dragged = True
            self.scene.edges[taken].update()
        self._mark()

    # -- what may be joined

    def choices(self) -> list[End]:
        """The ends that may be joined, in document order."""
        return [
            (key, port)
            for key, item in self.scene.nodes.items()
            for port in item.ports()
            if port.side == self._side and not self._objection((key, port))
        ]

    def _nodes_that_would_close_a_cycle(self) -> set[str]:
        edges = [edge for edge in self.canvas.sheet.level.edges if edge != self._taken]
        if self._side == "input":
            edges = [Edge(edge.target, edge.source, edge.port) for edge in edges]
        return reachable([self._fixed[0]], edges)

    def _objection(self, end: End) -> str:
        """Why this end cannot be joined, in a sentence; empty where it can."""
        nodes = self.canvas.sheet.level.nodes
        fixed, other = nodes[self._fixed[0]].name, nodes[end[0]].name
        if end[0] == self._fixed[0]:
            return f"{other} cannot feed itself."
        if end[0] in self._closing:
            first, last = (other, fixed) if self._side == "input" else (fixed, other)
            return f"{first} feeds {last} already: this edge would close a cycle."
        return ""

    def _warning(self, end: End) -> str:
        """What the graph will have against sizes, told before the drop; the drop is allowed, and the
        problem has a fix.
        """
        edge = self._edge(end)
        sheet = self.canvas.sheet
        target = sheet.level.nodes[edge.target]
        definition = definition_of(target)
        source = sheet.output_shapes(edge.source).get(edge.source_port)
        if definition is None or source is None:
            return ""
        shapes = {**sheet.input_shapes(edge.target), edge.port: source}
        if any(shapes.get(port) is None for port in definition.ports):
            return ""
        try:
            definition.infer({port: shapes[port] for port in definition.ports}, target.settings)
        except BadShape as error:
            return f"{target.name} {error.reason}."
        return ""

    def _edge(self, end: End) -> Edge:
        source, target = (self._fixed, end) if self._side == "input" else (end, self._fixed)
        return Edge(source[0], target[0], target[1].name, source[1].name)

    # -- mouse

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._point = point
        reach = SNAP_PIXELS / self.canvas.scale_now()
        found = self.scene.port_at(point, reach, self._side)
        end = (found[0].node_id, found[1]) if found else self._only_port_of_card(point)
        self.aim(end)

    def _only_port_of_card(self, point: QPointF) -> End | None:
        """Over a card with one port that fits, that port is meant."""
        item = self.scene.node_at(point)
        if item is None or item.node_id == self._fixed[0]:
            return None
        ports = [port for port in item.ports() if port.side == self._side]
        if len(ports) > 1 and self._side == "input":
            ports = [port for port in ports if self.scene.edge_into(item.node_id, port.name) is None][:1]
        return (item.node_id, ports[0]) if len(ports) == 1 else None

    def aim(self, end: End | None) -> None:
        """Snap to an end, or say why not."""
        self._refused = self._caution = ""
        self._snap = None
        if end is not None:
            self._refused = self._objection(end)
            if not self._refused:
                self._snap = end
                self._caution = self._warning(end)
                self._point = self.scene.nodes[end[0]].port_point(end[1])
        self._mark(end)

    def _mark(self, aimed: End | None = None) -> None:
        for key, item in self.scene.nodes.items():
            marks: dict[Port, str] = {}
            allowed = key == self._fixed[0]
            for port in item.ports():
                if (key, port) == self._fixed or (key, port) == self._snap:
                    marks[port] = "snap"
                    allowed = True
                elif (key, port) == aimed:
                    marks[port] = "refused"
                elif port.side == self._side and not self._objection((key, port)):
                    marks[port] = "valid"
                    allowed = True
            if item.port_marks != marks or item.dimmed == allowed:
                item.port_marks, item.dimmed = marks, not allowed
                item.update()

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.update(point, modifiers)
        self.finish()

    def finish(self) -> None:
        """Join the ends, or let a picked-up edge go."""
        snap = self._snap
        refused = self._refused
        self._clear()
        push = self.canvas.sheet.push
        if snap is not None:
            edge = self._edge(snap)
            if edge == self._taken:
                return
            former = self.scene.edge_into(edge.target, edge.port)
            removed = [RemoveEdge(each) for each in (self._taken, former) if each is not None]
            join = AddEdge(edge)
            label = join.label_on(self.canvas.sheet.level)
            push(Sequence([*removed, join], label) if removed else join)
        elif refused:
            self.canvas.refused.emit(refused)
        elif self._taken is not None:
            push(RemoveEdge(self._taken))

    def aimed(self) -> tuple[str, str] | None:
        """Node id and port that the loose end has snapped to."""
        return None if self._snap is None else (self._snap[0], self._snap[1].name)

    def cancel(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._snap = None
        if self._taken in self.scene.edges:
            item = self.scene.edges[self._taken]
            item.hidden_while_dragged = False
            item.update()
        for item in self.scene.nodes.values():
            if item.port_marks or item.dimmed:
                item.port_marks, item.dimmed = {}, False
                item.update()

    # -- painting

    def _start(self) -> QPointF:
        return self.scene.nodes[self._fixed[0]].port_point(self._fixed[1])

    def bounds(self) -> QRectF:
        start = self._start()
        box = QRectF(start, self._point).normalized().adjusted(-170, -60, 170, 60)
        return box.united(self._note_box()) if self.note() else box

    def note(self) -> str:
        """What is said beside the pointer: why the aimed port cannot be joined, or what will be wrong."""
        return self._refused or self._caution

    def _note_box(self) -> QRectF:
        scale = self.canvas.scale_now()
        metrics = QFontMetricsF(theme.font(12))
        wide, tall = (metrics.horizontalAdvance(self.note()) + 24) / scale, 28 / scale
        box = QRectF(self._point.x() - wide / 2, self._point.y() + 20 / scale, wide, tall)
        seen = self.canvas.seen()
        box.moveLeft(min(max(box.left(), seen.left() + 8 / scale), seen.right() - wide - 8 / scale))
        if box.bottom() > seen.bottom():
            box.moveBottom(self._point.y() - 20 / scale)
        return box

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        start, end = self._start(), self._point
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tint = c.error.mark if self._refused else c.warning.mark if self._caution else c.focus
        pen = QPen(QColor(tint), 2.5)
        if self._snap is None:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(curve(start, end) if self._side == "input" else curve(end, start))
        if self.note():
            accent = c.error if self._refused else c.warning
            box = self._note_box()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(accent.fill))
            scale = self.canvas.scale_now()
            painter.drawRoundedRect(box, 6 / scale, 6 / scale)
            painter.save()
            painter.translate(box.center())
            painter.scale(1 / scale, 1 / scale)
            painter.setFont(theme.font(12))
            painter.setPen(QColor(accent.on_fill))
            wide = box.width() * scale
            painter.drawText(QRectF(-wide / 2, -14, wide, 28), Qt.AlignmentFlag.AlignCenter, self.note())
            painter.restore()


class ConnectByKeys(Connect):
    """The same without a mouse: arrows or Tab go through the ends that may be joined, Enter joins, Esc
    leaves.
    """

    def __init__(self, canvas: Canvas, fixed: End) -> None:
        super().__init__(canvas, fixed, canvas.graph_scene.nodes[fixed[0]].port_point(fixed[1]))
        self._choices = self.choices()
        free = [end for end in self._choices if self.scene.edge_into(end[0], end[1].name) is None]
        self._index = self._choices.index(free[0]) if free else 0
        if self._choices:
            self.aim(self._choices[self._index])

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse has no say in it."""

    def go(self, by: int) -> None:
        if self._choices:
            self._index = (self._index + by) % len(self._choices)
            self.aim(self._choices[self._index])
