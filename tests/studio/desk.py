"""A canvas without a window around it, and hands for it: what the mouse does is tested there, and quickly."""

import json
from types import SimpleNamespace

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Graph
from nnstudio.project import Project
from nnstudio.project.document import to_document
from nnstudio.studio import theme
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from tests.studio.conftest import Hands

Left, Right, NoButton = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
Keys = Qt.KeyboardModifier


class Desk(Hands):
    """Hands on a canvas; with keys held while the mouse moves."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(SimpleNamespace(canvas=canvas, document=canvas.document))
        self._button = NoButton
        self.refused: list[str] = []
        canvas.refused.connect(self.refused.append)
        canvas.document.failed.connect(self.refused.append)

    def _mouse(self, kind, point, button, buttons, keys):
        viewport, spot = self.canvas.viewport(), QPointF(self.spot(point))
        event = QMouseEvent(kind, spot, viewport.mapToGlobal(spot), button, buttons, keys)
        QApplication.sendEvent(viewport, event)
        QApplication.processEvents()

    def press(self, point, button=Left, keys=Keys.NoModifier):
        self._button = button
        self._mouse(QEvent.Type.MouseButtonPress, point, button, button, keys)

    def move(self, point, keys=Keys.NoModifier):
        self._mouse(QEvent.Type.MouseMove, point, NoButton, self._button, keys)

    def release(self, point, button=Left, keys=Keys.NoModifier):
        self._button = NoButton
        self._mouse(QEvent.Type.MouseButtonRelease, point, button, NoButton, keys)

    def double_click(self, point):
        self.click(point)
        self._mouse(QEvent.Type.MouseButtonDblClick, point, Left, Left, Keys.NoModifier)
        self.release(point)

    def drag(self, start, end, button=Left, keys=Keys.NoModifier):
        self.hold(start, end, button, keys)
        self.release(end, button, keys)

    def hold(self, start, end, button=Left, keys=Keys.NoModifier):
        """Press and drag, and do not let go."""
        self.press(start, button, keys)
        for share in (0.2, 0.5, 0.8, 1.0):
            self.move(start + (end - start) * share, keys)

    def position(self, name: str) -> tuple[float, float]:
        return self.document.level.nodes[self.id(name)].position

    def edge(self, source: str, target: str):
        """The edge as it is in the level, bends and all."""
        ends = self.id(source), self.id(target)
        return next(edge for edge in self.document.level.edges if (edge.source, edge.target) == ends)

    def edge_item(self, source: str, target: str):
        return self.canvas.graph_scene.edges[self.edge(source, target)]

    def joined(self) -> set[str]:
        nodes = self.document.level.nodes
        return {f"{nodes[e.source].name}>{nodes[e.target].name}.{e.port}" for e in self.document.level.edges}

    @property
    def undo_text(self) -> str:
        return self.document.stack.undoText()

    @property
    def steps(self) -> int:
        return self.document.stack.count()

    def text(self) -> str:
        return document_text(self.document)


def document_text(document: Document) -> str:
    """What would be written to the project's file."""
    return json.dumps(to_document(document.project))


def sharpen(qtbot, canvas: Canvas) -> None:
    """Wait until cards are drawn sharp, which they are a moment after the last zoom."""
    qtbot.waitUntil(lambda: not canvas.painting._still.isActive(), timeout=30000)


def lay(qtbot, graph: Graph) -> Desk:
    """A canvas at 100 %, with the first node near its upper left corner."""
    theme.apply("light")
    canvas = Canvas(Document(Project(graph)))
    canvas.document.setParent(canvas)
    qtbot.addWidget(canvas)
    canvas.resize(1400, 800)
    canvas.show()
    canvas.activateWindow()
    with qtbot.waitActive(canvas, timeout=30000):
        pass
    canvas.setFocus()
    QApplication.processEvents()
    canvas.zoom(1 / canvas.scale_now())
    canvas.look_at(QPointF(600, 200))
    return Desk(canvas)


def wires(*chain: str) -> Graph:
    """x (Input 4) - … - as many Tanh nodes in a row as there are names, and above them a ReLU "free"."""
    graph = Graph()
    last = graph.add("Input", name="x", shape=(4,), position=(0, 0))
    for index, name in enumerate(chain, 1):
        node = graph.add("Tanh", name=name, position=(224 * index, 0))
        graph.connect(last, node)
        last = node
    graph.add("ReLU", name="free", position=(0, 304))
    return graph
