"""The canvas on large graphs: `python tests/bench/canvas.py [--json] [--cpu]`.

A real Canvas on a real Document, 1600 × 1000 without a screen: about 1.5 edges a node, varied modules in
rows, a live thumbnail on every card. What is a gesture is done by real mouse and wheel events; a frame is
the event and all the painting that follows from it. Every figure is the 95th percentile of a round of
frames; of several rounds the best counts, so that a busy machine does not decide. `--cpu` counts the time
that the process had on a processor instead of the clock: nearer to what an idle machine takes.

Dragging one node, hovering and panning are measured at 100 %, dragging half of the graph with all of it in
view, zooming from all in view to 200 % and back.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")  # a frame is painted when it is due, not 5 ms later
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Edge, Graph
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.modules.catalogue import definition
from nnstudio.project import Project
from nnstudio.studio import theme
from nnstudio.studio.canvas.moving import MoveSelected
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document

SIZES = (1000, 2000)
VIEW = (1600, 1000)
WIDTH = 8  # of every layer
ONE = [
    "Linear",
    "Tanh",
    "ReLU",
    "Sigmoid",
    "CMul",
    "GELU",
    "Add",
    "SoftPlus",
    "LeakyReLU",
    "SiLU",
    "MulConstant",
]
TWO = ["CAddTable", "CMulTable", "CSubTable", "CMaxTable"]
ROUNDS = 4
BOUNDS: dict[str, dict[str, float]] = {
    "build_s": {"1000": 0.2, "2000": 0.5},
    "repaint_fit_ms": {"1000": 20, "2000": 33},
    "repaint_100_ms": {"1000": 12, "2000": 16},
    "zoom_ms": {"1000": 20, "2000": 25},
    "pan_ms": {"1000": 20, "2000": 25},
    "drag_one_ms": {"1000": 2, "2000": 4},
    "drag_half_ms": {"1000": 50, "2000": 100},
    "hover_ms": {"1000": 0.2, "2000": 0.2},
    "animate_fit_ms": {"1000": 12, "2000": 16},
    "animate_100_ms": {"1000": 4, "2000": 5},
    "delete_undo_s": {"1000": 0.3, "2000": 0.5},
    "memory_mb": {"2000": 80},
}
clock: Callable[[], float] = time.perf_counter


def network(count: int, seed: int = 0) -> Graph:
    """Rows of chains; every second node also takes what a node of this row or of the row above gives."""
    rng = np.random.default_rng(seed)
    columns = max(8, round((count * 1.15) ** 0.5))
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []

    def put(index: int, type_name: str, **settings: object) -> str:
        key = f"n{index + 1}"
        complete = definition(type_name).complete(settings)
        place = (224.0 * (index % columns), 160.0 * (index // columns))
        nodes[key] = Node(key, f"{type_name.lower()}{index}", type_name, complete, place)
        return key

    for index in range(count):
        column = index % columns
        if column == 0:
            put(index, "Input", shape=(WIDTH,))
            continue
        double = index % 2 == 0 and index > 2
        kind = str(rng.choice(TWO if double else ONE))
        key = put(index, kind, **({"out_features": WIDTH} if kind == "Linear" else {}))
        ports = definition(kind).ports
        edges.append(Edge(f"n{index}", key, ports[0]))
        if double:
            above = index - columns - int(rng.integers(0, 3))
            back = index - int(rng.integers(1, min(column, 5) + 1))
            other = above if above >= 0 and rng.random() < 0.6 else back
            edges.append(Edge(f"n{other + 1}", key, ports[1]))
    return Graph(Level(nodes, tuple(edges)))


class Bench:
    """One canvas with one graph on it, and the frames it is asked for."""

    def __init__(self, count: int) -> None:
        self.count = count
        graph = network(count)
        rng = np.random.default_rng(1)
        kinds = [(WIDTH,), (8, 8), (), (28, 28)]
        self.arrays = {
            key: rng.normal(size=kinds[index % 4]).astype(np.float32) for index, key in enumerate(graph.nodes)
        }
        self.document = Document(Project(graph))
        _ = self.document.problems  # what the document knows is not the canvas's to build
        self.canvas = Canvas.__new__(Canvas)

    def build(self) -> float:
        start = clock()
        self.canvas = Canvas(self.document)
        for key, array in self.arrays.items():
            self.canvas.set_thumbnail(key, array)
        self.canvas.set_fresh(list(self.arrays))
        return clock() - start

    def show(self) -> None:
        self.canvas.resize(*VIEW)
        self.canvas.show()
        for _ in range(10):
            QApplication.processEvents()
            time.sleep(0.01)

    # -- one frame

    def frame(self, act: Callable[[], object]) -> float:
        start = clock()
        act()
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        return clock() - start

    def worst(self, frames: Callable[[], Iterator[Callable[[], object]]], rounds: int = ROUNDS) -> float:
        """The 95th percentile in milliseconds of the best round."""
        found = []
        gc.collect()
        for _ in range(rounds):
            found.append(float(np.percentile([self.frame(act) for act in frames()], 95)))
        return min(found) * 1e3

    def mouse(self, kind: QEvent.Type, spot: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
        viewport = self.canvas.viewport()
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else held
        where = QPointF(viewport.mapToGlobal(spot.toPoint()))
        event = QMouseEvent(kind, spot, where, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)

    def wheel(self, spot: QPointF, delta: int) -> None:
        viewport = self.canvas.viewport()
        event = QWheelEvent(
            spot,
            viewport.mapToGlobal(spot),
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)

    def settle(self) -> None:
        """What the canvas does once one has stopped."""
        until = time.perf_counter() + 0.6
        while time.perf_counter() < until:
            QApplication.processEvents()
            time.sleep(0.01)

    # -- where one looks

    def fit(self) -> None:
        self.canvas.frame()
        self.settle()

    def full_size(self) -> None:
        """100 %, in the middle of the graph."""
        self.canvas.frame()
        self.canvas.zoom(1 / self.canvas.scale_now())
        self.canvas.look_at(self.canvas.graph_scene.contents().center())
        self.settle()

    # -- the figures

    def repaint(self) -> Iterator[Callable[[], object]]:
        for _ in range(20):
            yield self.canvas.viewport().repaint

    def zoom(self) -> Iterator[Callable[[], object]]:
        spot = QPointF(VIEW[0] * 0.45, VIEW[1] * 0.55)
        steps = 26
        for delta in [120] * steps + [-120] * steps:
            yield lambda delta=delta: self.wheel(spot, delta)

    def pan(self) -> Iterator[Callable[[], object]]:
        for dx, dy in [(24, 0)] * 20 + [(0, 18)] * 20 + [(-24, -18)] * 20:
            yield lambda dx=dx, dy=dy: self.canvas.pan(dx, dy)

    def middle_node(self) -> QPointF:
        """A node near the middle of the view, as a place in the viewport to take it by."""
        scene, canvas = self.canvas.graph_scene, self.canvas
        centre = canvas.seen().center()
        item = min(
            scene.nodes.values(),
            key=lambda item: (item.scene_card().center() - centre).manhattanLength(),
        )
        return QPointF(canvas.mapFromScene(item.scene_card().center() + QPointF(0, 10)))

    def drag(self, start: QPointF, reach: float = 120.0, frames: int = 40) -> Iterator[Callable[[], object]]:
        """Press, move about, and let go by Esc; press and end are not frames of the drag."""
        self.mouse(QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
        for index in range(1, frames + 1):
            angle = index / frames * 6.28
            spot = start + QPointF(reach * np.sin(angle), reach * (1 - np.cos(angle)) / 2)
            if index > 1:
                yield lambda spot=spot: self.mouse(QEvent.Type.MouseMove, spot, Qt.MouseButton.LeftButton)
            else:
                self.mouse(QEvent.Type.MouseMove, start + QPointF(9, 0), Qt.MouseButton.LeftButton)
                QApplication.processEvents()
        self.canvas.abandon()
        self.mouse(QEvent.Type.MouseButtonRelease, start)
        QApplication.processEvents()

    def drag_one(self) -> float:
        self.canvas.select([])
        start = self.middle_node()
        return self.worst(lambda: self.drag(start))

    def drag_half(self) -> float:
        """The left half of the graph, as a box would select it."""
        scene = self.canvas.graph_scene
        middle = scene.contents().center().x()
        half = [key for key, item in scene.nodes.items() if item.scene_card().center().x() < middle]

        def drag() -> Iterator[Callable[[], object]]:
            self.fit()  # a drag that came to the rim has moved the view
            self.canvas.select(half)
            box = QRectF(scene.nodes[half[len(half) // 2]].scene_card())
            start = QPointF(self.canvas.mapFromScene(box.center()))
            for frame in self.drag(start, frames=20):
                assert isinstance(self.canvas.gesture, MoveSelected), "nothing is dragged"
                yield frame

        found = self.worst(drag, rounds=3)
        self.canvas.select([])
        return found

    def hover(self) -> Iterator[Callable[[], object]]:
        for index in range(200):
            spot = QPointF(200 + 6.0 * index, 300 + 2.0 * index)
            yield lambda spot=spot: self.mouse(QEvent.Type.MouseMove, spot)

    def animate(self) -> float:
        pulses = self.canvas.pulses
        pulses.flow(self.canvas.sheet.level.edges, "forward")
        start = 100.0

        def frames() -> Iterator[Callable[[], object]]:
            for index in range(40):
                yield lambda index=index: pulses.show_at(start + index / 60)

        next(frames())()
        QApplication.processEvents()
        found = self.worst(frames)
        pulses.stop()
        return found

    def delete_undo(self) -> float:
        before = json.dumps(self.document.graph.to_dict(), sort_keys=True).encode()
        found = []
        for _ in range(3):
            self.settle()
            start = clock()
            self.canvas.editing.select_all()
            self.canvas.editing.delete()
            QApplication.processEvents()
            assert not self.document.graph.nodes
            self.document.undo()
            QApplication.processEvents()
            found.append(clock() - start)
            after = json.dumps(self.document.graph.to_dict(), sort_keys=True).encode()
            assert before == after, "undo has not brought the document back"
        return min(found)


def resident() -> float:
    """Megabytes of this process in memory."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def measure(count: int) -> dict[str, float]:
    """All figures for a graph of this size."""
    builds = []
    small = Bench(50)  # fonts, icons and the like are not the large graph's
    small.build()
    small.show()
    small.canvas.close()
    bench = Bench(count)
    gc.collect()
    before = resident()
    builds.append(bench.build())
    bench.show()
    figures: dict[str, float] = {}
    bench.fit()
    figures["repaint_fit_ms"] = bench.worst(bench.repaint)
    bench.full_size()
    figures["repaint_100_ms"] = bench.worst(bench.repaint)
    gc.collect()
    figures["memory_mb"] = resident() - before
    bench.fit()
    figures["zoom_ms"] = bench.worst(bench.zoom)
    bench.full_size()
    figures["pan_ms"] = bench.worst(bench.pan)
    bench.full_size()
    figures["drag_one_ms"] = bench.drag_one()
    figures["hover_ms"] = bench.worst(bench.hover)
    bench.fit()
    figures["drag_half_ms"] = bench.drag_half()
    if hasattr(bench.canvas, "pulses"):
        figures["animate_fit_ms"] = bench.animate()
        bench.full_size()
        figures["animate_100_ms"] = bench.animate()
    bench.fit()
    figures["delete_undo_s"] = bench.delete_undo()
    bench.canvas.close()
    for _ in range(2):
        other = Bench(count)
        builds.append(other.build())
        other.canvas.close()
    figures["build_s"] = min(builds)
    return {key: round(figures[key], 4) for key in BOUNDS if key in figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--cpu", action="store_true", help="time on the processor instead of the clock")
    parser.add_argument("--only", type=int, help="one graph of this many nodes, in this process")
    options = parser.parse_args()
    global clock
    if options.cpu:
        clock = time.process_time
    if options.only:
        application = QApplication([])
        theme.apply("dark")
        print(json.dumps({str(options.only): measure(options.only)}))
        application.processEvents()
        sys.stdout.flush()
        os._exit(0)  # what is measured is over; nothing of it is worth taking apart
    found: dict[str, dict[str, float]] = {}
    for size in SIZES:  # each in a process of its own: memory that one leaves behind is not the next one's
        command = [sys.executable, __file__, "--only", str(size), *(["--cpu"] if options.cpu else [])]
        found |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if options.json:
        print(json.dumps(found))
        return
    print(f"{'':18}" + "".join(f"{size + ' nodes':>14}{'bound':>8}" for size in found))
    for key, bounds in BOUNDS.items():
        cells = (
            f"{figures.get(key, float('nan')):14.2f}{bounds.get(size, ''):>8}"
            for size, figures in found.items()
        )
        print(f"{key:18}" + "".join(cells))


if __name__ == "__main__":
    main()
