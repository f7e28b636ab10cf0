"""A window on a small network, and hands that use it by real mouse and key events."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Graph
from nnstudio.project import Project, load
from nnstudio.resources_path import example
from nnstudio.studio.document import Document
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.preferences import Preferences


def small_network() -> Graph:
    """2-8-1 with tanh and mean squared error, laid out in a row."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=(2,), position=(0, 0))
    fc1 = graph.add("Linear", name="fc1", out_features=8, position=(224, 0))
    act1 = graph.add("Tanh", name="act1", position=(448, 0))
    fc2 = graph.add("Linear", name="fc2", out_features=1, position=(672, 0))
    t = graph.add("Target", name="t", shape=(1,), position=(672, 160))
    loss = graph.add("MSE", name="loss", position=(896, 0))
    for source, target in ((x, fc1), (fc1, act1), (act1, fc2)):
        graph.connect(source, target)
    graph.connect(fc2, loss, "input")
    graph.connect(t, loss, "target")
    return graph


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "studio.ini")


@pytest.fixture
def open_window(qtbot, preferences):
    """Opens windows, and closes them at the end without being asked about changes."""
    windows = []

    def open_one(graph: Graph | None = None, project: Project | None = None) -> MainWindow:
        window = MainWindow(Document(project or Project(graph)), preferences)
        windows.append(window)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()  # nobody else does, where there is no window manager
        with qtbot.waitActive(window, timeout=30000):
            pass
        # After its double click QTest takes the button for held, in the next test too.
        for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            QTest.mouseRelease(window, button)
        QApplication.processEvents()
        return window

    yield open_one
    for window in windows:
        window.engine.run.abandon()
        window.document.stack.setClean()
        window.close()
        window.deleteLater()
    windows.clear()
    QApplication.clipboard().clear()  # what Python has put there must not outlive it
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(open_window):
    return open_window(small_network())


@pytest.fixture
def open_example(open_window, qtbot):
    """Opens an example in a window, and waits until its program can be stepped."""

    def open_it(name: str) -> MainWindow:
        window = open_window(project=load(example(f"{name}.nns.json")))
        engine = window.engine
        qtbot.waitUntil(lambda: engine.stepper.ready and not engine.samples.loading, timeout=20000)
        return window

    return open_it


@pytest.fixture
def empty_window(open_window):
    return open_window()


class Hands:
    """What a user's hands do on the canvas; places are scene points or ports."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.canvas = window.canvas
        self.document = window.document

    def id(self, name: str) -> str:
        return self.document.level.names[name]

    def item(self, name: str):
        return self.canvas.graph_scene.nodes[self.id(name)]

    def port(self, name: str, port: str = "output") -> QPointF:
        """Where a port of a node is in the scene."""
        item = self.item(name)
        return next(item.port_point(each) for each in item.ports() if each.name == port)

    def middle(self, name: str) -> QPointF:
        return self.item(name).scene_card().center() + QPointF(0, 12)

    def spot(self, point: QPointF) -> QPoint:
        return self.canvas.mapFromScene(point)

    def press(self, point, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
        QTest.mousePress(self.canvas.viewport(), button, keys, self.spot(point))

    def move(self, point):
        QTest.mouseMove(self.canvas.viewport(), self.spot(point))
        QApplication.processEvents()

    def release(self, point, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
        QTest.mouseRelease(self.canvas.viewport(), button, keys, self.spot(point))
        QApplication.processEvents()

    def click(self, point, keys=Qt.KeyboardModifier.NoModifier):
        self.press(point, keys=keys)
        self.release(point, keys=keys)

    def drag(self, start, end, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
        """Press, move over several points between, release."""
        self.press(start, button, keys)
        for share in (0.2, 0.5, 0.8, 1.0):
            self.move(start + (end - start) * share)
        self.release(end, button, keys)

    def key(self, key, keys=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(QApplication.focusWidget() or self.canvas, key, keys)
        QApplication.processEvents()

    def wheel(self, point: QPointF, clicks: int, keys=Qt.KeyboardModifier.NoModifier):
        spot = QPointF(self.spot(point))
        event = QWheelEvent(
            spot,
            self.canvas.viewport().mapToGlobal(spot),
            QPoint(),
            QPoint(0, 120 * clicks),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.canvas.viewport(), event)

    def type(self, widget, text: str):
        """Click into a field, replace what is in it."""
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(widget, text)
        QApplication.processEvents()


@pytest.fixture
def hands():
    return Hands


@pytest.fixture
def drag_from_palette(monkeypatch):
    """Drags a module by the mouse from the palette to a scene point.

    Off-screen, Qt has nobody who carries a drag from one widget to the other; so the data that the
    palette's own drag was started with are delivered to the canvas as Qt's drag events.
    (tests/studio/test_real_drag.py does it through a window system.)
    """

    def drag(
        window: MainWindow,
        module: str,
        *points: QPointF,
        drop: bool = True,
        keys=Qt.KeyboardModifier.NoModifier,
    ) -> None:
        canvas, palette = window.canvas, window.palette_panel
        viewport = canvas.viewport()
        carried = []

        def carry(self, *actions):
            carried.append(self.mimeData())
            spots = [QPointF(canvas.mapFromScene(point)) for point in points]
            copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
            none, mime = keys, self.mimeData()
            QApplication.sendEvent(viewport, QDragEnterEvent(spots[0].toPoint(), copy, mime, left, none))
            for spot in spots:
                QApplication.sendEvent(viewport, QDragMoveEvent(spot.toPoint(), copy, mime, left, none))
                canvas.grab()
            if drop:
                QApplication.sendEvent(viewport, QDropEvent(spots[-1], copy, mime, left, none))
            return copy

        monkeypatch.setattr(QDrag, "exec", carry)
        row = palette.model.index(palette.model.row_of(module), 0)
        palette.list.scrollTo(row)
        spot = palette.list.visualRect(row).center()
        source = palette.list.viewport()
        QTest.mousePress(source, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        for step in (4, 12, 24):
            QTest.mouseMove(source, spot + QPoint(step, 2))
            QApplication.processEvents()
        QTest.mouseRelease(source, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
        assert carried, "the palette began no drag"

    return drag


def close_others(window):
    """The windows that were opened from this one are closed, without being asked about changes."""
    for other in window.windows:
        if other is not window:
            other.document.stack.setClean()
            other.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
