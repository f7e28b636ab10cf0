"""The gesture that joins two ports with the mouse, and takes an edge off its port."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from nnstudio.graph import Edge, RemoveEdge
from nnstudio.studio import theme
from nnstudio.studio.canvas.gestures import Gesture
from nnstudio.studio.canvas.joining import End, Joining
from nnstudio.studio.canvas.look import Port
from nnstudio.studio.canvas.loose_edge import paint_loose
from nnstudio.studio.canvas.node_item import NodeItem
from nnstudio.studio.canvas.note import note_box, paint_note
from nnstudio.studio.canvas.searching import search_from

if TYPE_CHECKING:
    from nnstudio.studio.canvas.view import Canvas

SNAP_PIXELS = 20.0


class Connect(Gesture):
    """A loose end follows the mouse and snaps to ports it may join.

    The fixed end is an output (the usual drag), or an input (dragging backwards). `taken` is an edge that
    was picked up at its input: dropped on another port it moves there, dropped on nothing it is removed. A
    new edge that is dropped on nothing asks which node shall stand there.

    What sizes are wrong is said but not forbidden: the graph then has a problem, and the problem a fix. An
    input that is taken already is taken over.
    """

    cursor = Qt.CursorShape.CrossCursor
    autopans = True

    def __init__(self, canvas: Canvas, fixed: End, point: QPointF, taken: Edge | None = None) -> None:
        super().__init__(canvas)
        self.joining = Joining(self.scene, fixed, taken)
        self._point = point
        self._aimed: End | None = None  # what the pointer is at, whether it may be joined or not
        if taken is not None:
            self.scene.edges[taken].hidden_while_dragged = True
            self.scene.edges[taken].update()
        self._mark_all()

    # -- mouse

    def update(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._point = point
        self.aim(self._port_near(point) or self._port_of_card(point))

    def _port_near(self, point: QPointF) -> End | None:
        """The nearest port within reach, rather one that may be joined."""
        reach = SNAP_PIXELS / self.canvas.scale_now()
        box = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        near: list[tuple[bool, float, End]] = []
        for item in self.scene.nodes_in(box):
            for end in self._ends_of(item):
                distance = _away(item, end[1], point)
                if distance <= reach:
                    near.append((bool(self.joining.verdict(end).refusal), distance, end))
        return min(near, default=(True, 0.0, None))[2]

    def _port_of_card(self, point: QPointF) -> End | None:
        """Over a card its port is meant: of several that may be joined one that fits and is free, the
        nearest.
        """
        item = self.scene.node_at(point)
        if item is None or item.node_id == self.joining.fixed[0]:
            return None

        def order(end: End) -> tuple[bool, bool, bool, float]:
            verdict = self.joining.verdict(end)
            away = _away(item, end[1], point)
            return bool(verdict.refusal), bool(verdict.caution), verdict.replaces is not None, away

        return min(self._ends_of(item), key=order, default=None)

    def _ends_of(self, item: NodeItem) -> list[End]:
        return [(item.node_id, port) for port in item.ports() if port.side == self.joining.side]

    def aim(self, end: End | None) -> None:
        """Snap to an end, or say why not."""
        former, self._aimed = self._aimed, end
        if end is not None and not self.joining.verdict(end).refusal:
            self._point = self.scene.nodes[end[0]].port_point(end[1])
        for key in {each[0] for each in (former, end) if each is not None}:
            self._mark(self.scene.nodes[key])

    def aimed(self) -> tuple[str, str] | None:
        """Node id and port that the loose end has snapped to."""
        snap = self._snap
        return None if snap is None else (snap[0], snap[1].name)

    @property
    def _snap(self) -> End | None:
        end = self._aimed
        return None if end is None or self.joining.verdict(end).refusal else end

    # -- ending

    def end(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.update(point, modifiers)
        if self._aimed is None and self.joining.taken is None and self.scene.node_at(point) is None:
            self._clear()
            search_from(self.canvas, self.joining, point)
        else:
            self.finish()

    def finish(self) -> None:
        """Join the ends, or let a picked-up edge go."""
        joining, aimed = self.joining, self._aimed
        self._clear()
        if aimed is None:
            if joining.taken is not None:
                self.canvas.sheet.push(RemoveEdge(joining.taken))
            return
        refusal = joining.verdict(aimed).refusal
        edit = None if refusal else joining.edit(aimed)
        if refusal:
            self.canvas.refused.emit(refusal)
        elif edit is not None:
            self.canvas.sheet.push(edit)

    def cancel(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._aimed = None
        taken = self.joining.taken
        if taken in self.scene.edges:
            item = self.scene.edges[taken]
            item.hidden_while_dragged = False
            item.update()
        for item in self.scene.nodes.values():
            show_marks(item, {}, False)

    # -- painting

    def _mark_all(self) -> None:
        for item in self.scene.nodes.values():
            self._mark(item)

    def _mark(self, item: NodeItem) -> None:
        """Light the ports that can take the edge, and dim those that cannot."""
        joining = self.joining
        marks: dict[Port, str] = {}
        for port in item.ports():
            end = (item.node_id, port)
            if end == joining.fixed:
                marks[port] = "snap"
            elif port.side != joining.side:
                marks[port] = "faint"
            elif end == self._aimed:
                marks[port] = "refused" if joining.verdict(end).refusal else "snap"
            else:
                marks[port] = joining.verdict(end).mark
        show_marks(item, marks, set(marks.values()) <= {"faint", "refused"})

    def _start(self) -> QPointF:
        key, port = self.joining.fixed
        return self.scene.nodes[key].port_point(port)

    def bounds(self) -> QRectF:
        box = QRectF(self._start(), self._point).normalized().adjusted(-170, -60, 170, 60)
        return box.united(note_box(self.canvas, self._point, self._lines()))

    def note(self) -> str:
        """What is said beside the pointer: why the aimed port cannot be joined, what will be wrong, what it
        takes the place of, or which of several ports it is.
        """
        return " ".join(self._lines())

    def _lines(self) -> list[str]:
        end = self._aimed
        if end is None:
            return []
        verdict = self.joining.verdict(end)
        if verdict.refusal:
            return [verdict.refusal]
        nodes = self.canvas.sheet.level.nodes
        said = [verdict.caution] if verdict.caution else []
        if verdict.replaces is not None and verdict.replaces != self.joining.edge(end):
            said.append(f"Takes the place of the edge from {nodes[verdict.replaces.source].name}.")
        if not said and len(self._ends_of(self.scene.nodes[end[0]])) > 1:
            said = [f"{end[1].name} of {nodes[end[0]].name}"]
        return said

    def _tone(self) -> str:
        verdict = None if self._aimed is None else self.joining.verdict(self._aimed)
        if verdict is None:
            return ""
        return "error" if verdict.refusal else "warning" if verdict.caution else ""

    def paint(self, painter: QPainter) -> None:
        c = theme.colours()
        tone = self._tone()
        tint = {"error": c.error.mark, "warning": c.warning.mark}.get(tone, c.focus)
        forwards = self.joining.side == "input"
        paint_loose(painter, self._start(), self._point, forwards, tint, self._snap is not None)
        paint_note(painter, self.canvas, self._point, self._lines(), tone)


def show_marks(item: NodeItem, marks: dict[Port, str], dimmed: bool) -> None:
    """How a card's ports are painted while something is being joined; none and not dimmed: as ever."""
    if (item.port_marks, item.dimmed) != (marks, dimmed):
        item.port_marks, item.dimmed = marks, dimmed
        item.update()


def _away(item: NodeItem, port: Port, point: QPointF) -> float:
    away = item.port_point(port) - point
    return math.hypot(away.x(), away.y())
