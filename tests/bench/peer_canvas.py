"""NodeGraphQt on the graphs of canvas.py: `python tests/bench/peer_canvas.py [--nodes 1000 2000] [--cpu]`.

Prints the same JSON as `canvas.py --json`, for the rows that NodeGraphQt has. It wants an environment of its
own: Python 3.11 with the packages NodeGraphQt and PySide6-Essentials, and what nnstudio is measured with
(numpy), of which only the graph is taken here. The same nodes with the same ports stand at the same places,
joined by the same edges, in a window of the same size; frames and percentiles are taken as there, by the
same code. It has no live thumbnails and no pulses: its cards show a name and ports.
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
from typing import Any

os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")
os.environ.setdefault("QT_API", "pyside6")

import canvas as ours  # the file beside this one; it also says that nothing is shown on a screen
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication


def peer_node(ports: tuple[str, ...]) -> type:
    """A node type with these inputs."""
    from NodeGraphQt import BaseNode  # type: ignore[import-not-found]

    def init(self: Any) -> None:
        BaseNode.__init__(self)
        for port in ports:
            self.add_input(port)
        self.add_output("output")

    name = "Peer" + "".join(ports).title()
    return type(name, (BaseNode,), {"__init__": init, "__identifier__": "peer", "NODE_NAME": name})


class Peer(ours.Bench):
    """The frames of the bench, asked of NodeGraphQt's view."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.graph = ours.network(count)
        self.held: list[tuple[str, list[tuple[str, str]]]] = []

    def build(self) -> float:
        from NodeGraphQt import NodeGraph  # type: ignore[import-not-found]

        start = ours.clock()
        peer = self.peer = NodeGraph()
        kinds: dict[tuple[str, ...], str] = {}
        self.nodes: dict[str, Any] = {}
        for key, node in self.graph.nodes.items():
            ports = tuple(ours.definition(node.type).ports)
            if ports not in kinds:
                made = peer_node(ports)
                peer.register_node(made)
                kinds[ports] = f"peer.{made.__name__}"
            x, y = node.position
            self.nodes[key] = peer.create_node(
                kinds[ports], name=node.name, selected=False, pos=[x, y], push_undo=False
            )
        for edge in self.graph.level.edges:
            source, target = self.nodes[edge.source], self.nodes[edge.target]
            source.outputs()["output"].connect_to(
                target.inputs()[edge.port], push_undo=False, emit_signal=False
            )
        self.canvas = self.peer.viewer()
        return ours.clock() - start

    def show(self) -> None:
        self.canvas.resize(*ours.VIEW)
        self.canvas.show()
        for _ in range(10):
            QApplication.processEvents()
            time.sleep(0.01)

    # -- where one looks

    def fit(self) -> None:
        self.peer.clear_selection()
        self.canvas.zoom_to_nodes([node.view for node in self.nodes.values()])
        self.settle()

    def full_size(self) -> None:
        self.peer.clear_selection()
        box = QRectF(self.canvas.scene().itemsBoundingRect())
        self.canvas.reset_zoom(QPointF(box.center()))
        self.settle()

    def card(self, key: str) -> QRectF:
        return QRectF(self.nodes[key].view.sceneBoundingRect())

    # -- the figures that are asked otherwise

    def pan(self) -> Iterator[Callable[[], object]]:
        """By the middle button, as its users do."""
        spot = QPointF(800, 500)
        self.mouse(QEvent.Type.MouseButtonPress, spot, Qt.MouseButton.MiddleButton)
        for dx, dy in [(24, 0)] * 20 + [(0, 18)] * 20 + [(-24, -18)] * 20:
            spot = spot - QPointF(dx, dy)
            yield lambda spot=spot: self.mouse(QEvent.Type.MouseMove, spot, Qt.MouseButton.MiddleButton)
        self.mouse(QEvent.Type.MouseButtonRelease, spot, Qt.MouseButton.MiddleButton)

    def mouse(self, kind: QEvent.Type, spot: QPointF, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
        if kind == QEvent.Type.MouseMove:
            super().mouse(kind, spot, held)
            return
        viewport = self.canvas.viewport()
        button = held if held != Qt.MouseButton.NoButton else Qt.MouseButton.LeftButton
        down = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        where = QPointF(viewport.mapToGlobal(spot.toPoint()))
        event = ours.QMouseEvent(kind, spot, where, button, down, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, event)

    def middle_node(self) -> QPointF:
        centre = QPointF(self.canvas.mapToScene(self.canvas.viewport().rect().center()))
        key = min(self.nodes, key=lambda key: (self.card(key).center() - centre).manhattanLength())
        return QPointF(self.canvas.mapFromScene(self.card(key).center()))

    def drag(self, start: QPointF, reach: float = 120.0, frames: int = 40) -> Iterator[Callable[[], object]]:
        self.mouse(QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
        for index in range(1, frames + 1):
            angle = index / frames * 6.28
            spot = start + QPointF(reach * np.sin(angle), reach * (1 - np.cos(angle)) / 2)
            yield lambda spot=spot: self.mouse(QEvent.Type.MouseMove, spot, Qt.MouseButton.LeftButton)
        self.mouse(QEvent.Type.MouseButtonRelease, start, Qt.MouseButton.LeftButton)
        QApplication.processEvents()

    def drag_one(self) -> float:
        start = self.middle_node()
        return self.worst(lambda: self.drag(start), rounds=2)

    def drag_half(self) -> float:
        middle = QRectF(self.canvas.scene().itemsBoundingRect()).center().x()
        half = [key for key in self.nodes if self.card(key).center().x() < middle]
        for key in half:
            self.nodes[key].set_selected(True)
        start = QPointF(self.canvas.mapFromScene(self.card(half[len(half) // 2]).center()))
        found = self.worst(lambda: self.drag(start, frames=6), rounds=1)
        self.peer.clear_selection()
        return found

    def delete_undo(self) -> float:
        start = ours.clock()
        self.peer.delete_nodes(list(self.nodes.values()))
        QApplication.processEvents()
        assert not self.peer.all_nodes()
        self.peer.undo_stack().undo()
        QApplication.processEvents()
        spent = ours.clock() - start
        assert len(self.peer.all_nodes()) == self.count
        return spent


def measure(count: int) -> dict[str, float]:
    small = Peer(20)
    small.build()
    small.show()
    small.canvas.close()
    bench = Peer(count)
    gc.collect()
    before = ours.resident()
    figures = {"build_s": bench.build()}
    bench.show()
    bench.fit()
    figures["repaint_fit_ms"] = bench.worst(bench.repaint, rounds=1)
    bench.full_size()
    figures["repaint_100_ms"] = bench.worst(bench.repaint, rounds=2)
    gc.collect()
    figures["memory_mb"] = ours.resident() - before
    bench.fit()
    figures["zoom_ms"] = bench.worst(bench.zoom, rounds=1)
    bench.full_size()
    figures["pan_ms"] = bench.worst(bench.pan, rounds=2)
    bench.full_size()
    figures["drag_one_ms"] = bench.drag_one()
    figures["hover_ms"] = bench.worst(bench.hover, rounds=2)
    bench.fit()
    figures["drag_half_ms"] = bench.drag_half()
    figures["delete_undo_s"] = bench.delete_undo()
    return {key: round(figures[key], 4) for key in ours.BOUNDS if key in figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=list(ours.SIZES))
    parser.add_argument("--cpu", action="store_true", help="time on the processor instead of the clock")
    parser.add_argument("--only", type=int, help="one graph of this many nodes, in this process")
    options = parser.parse_args()
    if options.cpu:
        ours.clock = time.process_time
    if options.only:
        application = QApplication([])
        print(json.dumps({str(options.only): measure(options.only)}))
        application.processEvents()
        sys.stdout.flush()
        os._exit(0)  # what is measured is over; nothing of it is worth taking apart
    found: dict[str, dict[str, float]] = {}
    for size in options.nodes:
        command = [sys.executable, __file__, "--only", str(size), *(["--cpu"] if options.cpu else [])]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found |= json.loads(told.splitlines()[-1])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
