"""The gesture of adding a module by searching for it: under way as long as the popup is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QPainter

from nnstudio.graph import AddNode
from nnstudio.graph.naming import name_for
from nnstudio.modules.catalogue import definitions
from nnstudio.modules.shapes import format_shape
from nnstudio.studio import theme
from nnstudio.studio.canvas.dropping import clear_of_cards
from nnstudio.studio.canvas.gestures import Gesture, snapped
from nnstudio.studio.canvas.loose_edge import paint_loose
from nnstudio.studio.canvas.node_item import HEIGHT, PORT_PITCH, WIDTH, card_height
from nnstudio.studio.canvas.parts import place_kept
from nnstudio.studio.canvas.search_popup import Question

if TYPE_CHECKING:
    from nnstudio.studio.canvas.fitting import Fit
    from nnstudio.studio.canvas.joining import Joining
    from nnstudio.studio.canvas.view import Canvas


class Search(Gesture):
    """What is chosen is put where the search was begun, by its middle."""

    by_mouse = False

    def __init__(self, canvas: Canvas, point: QPointF) -> None:
        super().__init__(canvas)
        self._point = point

    def begin(self) -> None:
        """Open the popup; the canvas has the gesture already."""
        spot = self.canvas.mapFromScene(self._point)
        self.canvas.search_popup.ask(self._spot(spot), self._question(), self._choose, self.canvas.abandon)

    def cancel(self) -> None:
        self.canvas.search_popup.close_quietly()

    def _spot(self, spot: QPoint) -> QPoint:
        return spot - QPoint(24, 20)  # the pointer lies on the field

    def _question(self) -> Question:
        return Question()

    def _choose(self, module: str) -> None:
        canvas = self.canvas
        canvas.finish_gesture()
        canvas.setFocus()
        if module in canvas.kept():
            place_kept(canvas, canvas.kept()[module], self._point)
            return
        corner = snapped(self._point - QPointF(WIDTH / 2, HEIGHT / 2))
        node_id = canvas.sheet.level.next_id()
        canvas.editing.place(AddNode(module, position=(corner.x(), corner.y()), id=node_id))


class SearchForEdge(Search):
    """Only what fits the loose edge is offered; what is chosen is put at its end, and joined, in one edit."""

    def __init__(self, canvas: Canvas, joining: Joining, point: QPointF) -> None:
        super().__init__(canvas, point)
        self._joining = joining
        self._fits: dict[str, Fit] = joining.newcomers()

    def _spot(self, spot: QPoint) -> QPoint:
        return spot + QPoint(10, -20)  # the end of the edge is to be seen

    def _question(self) -> Question:
        joining = self._joining
        key, port = joining.fixed
        name = self.canvas.sheet.level.nodes[key].name
        if joining.side == "input":
            shape = joining.given(key, port.name)
            what = f"what {name} gives" if shape is None else f"{format_shape(shape)} from {name}"
            first = next((each for each in self._fits if definitions()[each].role == "criterion"), "")
            node = self.canvas.sheet.level.nodes[key]
            return Question(
                f"What takes {what}",
                self._fits.keys(),
                f"No module that takes {what} answers to that.",
                first if node.type == "Target" else "",
            )
        what = f"the {port.name} of {name}"
        return Question(
            f"What feeds {what}",
            self._fits.keys(),
            f"No module that can feed {what} answers to that.",
            "Target" if port.name == "target" else "",
        )

    def _choose(self, module: str) -> None:
        canvas, joining = self.canvas, self._joining
        fit = self._fits[module]
        canvas.finish_gesture()
        canvas.setFocus()
        node_id = canvas.sheet.level.next_id()
        half = QPointF(WIDTH, card_height(len(definitions()[module].ports))) / 2
        middle = self._point - self._port_of_new(module, fit) + half
        corner = snapped(clear_of_cards(canvas, middle) - half)
        name = name_for(canvas.sheet.level, module)
        fixed = canvas.sheet.level.nodes[joining.fixed[0]].name
        add = AddNode(module, settings=fit.settings, position=(corner.x(), corner.y()), id=node_id)
        side = "after" if joining.side == "input" else "before"
        label = f"Add {module} {name} {side} {fixed}"
        canvas.editing.place(joining.edit_with(add, node_id, fit, label))

    def _port_of_new(self, module: str, fit: Fit) -> QPointF:
        """Where the port that is joined lies on the new card."""
        ports = definitions()[module].ports
        middle = card_height(len(ports)) / 2
        if self._joining.side == "output":
            return QPointF(WIDTH, middle)
        return QPointF(0, middle + (ports.index(fit.port) - (len(ports) - 1) / 2) * PORT_PITCH)

    # -- the loose edge stays in sight

    def _fixed_point(self) -> QPointF:
        key, port = self._joining.fixed
        return self.scene.nodes[key].port_point(port)

    def bounds(self) -> QRectF:
        return QRectF(self._fixed_point(), self._point).normalized().adjusted(-170, -60, 170, 60)

    def paint(self, painter: QPainter) -> None:
        forwards = self._joining.side == "input"
        paint_loose(painter, self._fixed_point(), self._point, forwards, theme.colours().focus, False)


def search_at(canvas: Canvas, point: QPointF) -> None:
    """Search for a module to put at a scene point."""
    _start(canvas, Search(canvas, point))


def search_from(canvas: Canvas, joining: Joining, point: QPointF) -> None:
    """Search for a module to put at the end of a loose edge, at a scene point."""
    _start(canvas, SearchForEdge(canvas, joining, point))


def _start(canvas: Canvas, search: Search) -> None:
    canvas.let_go()
    canvas.viewport().unsetCursor()
    canvas.begin(search)
    search.begin()
