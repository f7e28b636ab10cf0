"""Stepping while pulses run: `python tests/bench/pulses.py [--json] [--cpu]`.

A real window on a network of 140 nodes and more than 200 edges, 1600 × 1000 without a screen. A frame is one
statement, all that the window shows of it, pulses on every edge at their next places, and the painting. The
bound is sixty frames a second; the best of several rounds counts, so that a busy machine does not decide.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", "0")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Edge, Graph
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.modules.catalogue import definition
from nnstudio.project import Project
from nnstudio.studio.document import Document
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.preferences import Preferences

COLUMNS, ROWS, WIDTH = 20, 7, 8
ROUNDS = 5
BOUNDS = {"step_animated_fit_ms": 16.7, "step_animated_100_ms": 16.7, "frame_between_ms": 16.7}
clock: Callable[[], float] = time.perf_counter


def network() -> Graph:
    """Rows of layers, each reading what stands before it and what the row above gives; one loss."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []

    def put(key: str, kind: str, column: int, row: int, **settings: object) -> str:
        complete = definition(kind).complete(settings)
        nodes[key] = Node(key, key, kind, complete, (224.0 * column, 160.0 * row))
        return key

    above: list[str] = []
    for row in range(ROWS):
        line = [put(f"p{row}", "Parameter", 0, row, shape=(WIDTH,))]
        for column in range(1, COLUMNS):
            key = f"r{row}c{column}"
            kinds = ("Tanh", "CMul", "ReLU") if not above else ("CAddTable", "CMulTable", "CMaxTable")
            put(key, kinds[column % 3], column, row)
            ports = definition(nodes[key].type).ports
            edges.append(Edge(line[-1], key, ports[0]))
            if above:
                edges.append(Edge(above[column - 1], key, ports[1]))
            line.append(key)
        above = line
    put("loss", "Objective", COLUMNS, ROWS - 1)
    edges.append(Edge(above[-1], "loss", "input"))
    return Graph(Level(nodes, tuple(edges)))


class Bench:
    """One window, and the frames it is asked for."""

    def __init__(self) -> None:
        preferences = Preferences(Path(tempfile.mkdtemp()) / "studio.ini")
        self.window = MainWindow(Document(Project(network())), preferences)
        self.window.resize(1600, 1000)
        self.window.show()
        self.stepper = self.window.engine.stepper
        until = time.monotonic() + 60
        while not self.stepper.ready and time.monotonic() < until:
            QApplication.processEvents()
            time.sleep(0.01)
        if not self.stepper.can_step:
            raise SystemExit(f"The bench's network cannot be stepped: {self.stepper.sentence}")
        self.canvas = self.window.canvas
        self.edges = self.canvas.sheet.level.edges

    def settle(self) -> None:
        until = time.perf_counter() + 0.6
        while time.perf_counter() < until:
            QApplication.processEvents()
            time.sleep(0.01)

    def frames(self, steps: bool) -> float:
        """The 95th percentile in milliseconds of the best round."""
        pulses, found = self.canvas.pulses, []
        for _ in range(ROUNDS):
            self.stepper.reset()
            self.settle()
            taken: list[float] = []
            gc.collect()
            for _ in range(120):
                if len(pulses._edges) < 220:
                    pulses.travel(self.edges, "forward", seconds=20.0)
                    QApplication.processEvents()
                start = clock()
                if steps:
                    self.stepper.step()
                pulses.show_at(time.monotonic())
                QApplication.sendPostedEvents()
                QApplication.processEvents()
                taken.append(clock() - start)
                assert len(pulses._edges) >= 200, "the edges were not all animated"
            pulses.stop()
            found.append(float(np.percentile(taken, 95)) * 1e3)
        return min(found)

    def measure(self) -> dict[str, float]:
        found: dict[str, float] = {}
        self.canvas.frame()
        self.settle()
        found["step_animated_fit_ms"] = self.frames(steps=True)
        found["frame_between_ms"] = self.frames(steps=False)
        self.canvas.zoom(1 / self.canvas.scale_now())
        self.canvas.look_at(QRectF(self.canvas.graph_scene.contents()).center())
        found["step_animated_100_ms"] = self.frames(steps=True)
        return {key: round(found[key], 2) for key in BOUNDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--cpu", action="store_true", help="time on the processor instead of the clock")
    options = parser.parse_args()
    global clock
    if options.cpu:
        clock = time.process_time
    application = QApplication([])
    bench = Bench()
    found = bench.measure()
    edges, statements = len(bench.edges), len(bench.stepper.statements())
    if options.json:
        print(json.dumps({"edges": edges, "statements": statements, **found}))
    else:
        print(f"{edges} edges, {statements} statements")
        for key, bound in BOUNDS.items():
            print(f"{key:24}{found[key]:10.2f}{bound:8}")
    application.processEvents()
    sys.stdout.flush()
    os._exit(0)  # what is measured is over; nothing of it is worth taking apart


if __name__ == "__main__":
    main()
