"""What one edit costs the window: `python tests/bench/editing.py [--json]`.

A real MainWindow without a screen on graphs of 200 and of 2,000 nodes: `valid` (chains with branches, 1.5
edges a node, one criterion and data), `broken` (the same without every fifteenth edge) and `loose` (no
edges at all). Every kind of edit is pushed and undone several times.

Figures are milliseconds of the GUI thread's own time on the processor, so that other load does not count:
the push itself (`push`), of which the canvas takes `canvas` to follow, and the longest turn of the event
loop after it (`turn`), until the window is idle again, of which the canvas takes `paint` to draw badges
and to paint; the median of all rounds.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from math import nan
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEvent, QEventLoop
from PySide6.QtWidgets import QApplication

from nnstudio.data import DataSettings
from nnstudio.graph import (
    AddEdge,
    AddNode,
    Edge,
    Edit,
    Graph,
    Move,
    RemoveEdge,
    RemoveNode,
    Rename,
    SetSetting,
)
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.modules.catalogue import definition
from nnstudio.project import Project
from nnstudio.studio.canvas.minimap import Minimap
from nnstudio.studio.canvas.scene import GraphScene
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.preferences import Preferences

SIZES = (200, 2000)
KINDS = ("valid", "broken", "loose")
LENGTH = 20  # of a chain
ROUNDS = 3
PARTS = ("push", "canvas", "turn", "paint")
BOUND = {200: 10.0, 2000: 50.0}


def network(count: int, kind: str) -> Graph:
    """Chains from one Input, in which every second node also reads one further up; one ends in a loss."""
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []

    def put(type_name: str, name: str = "", **settings: object) -> str:
        key = f"n{len(nodes) + 1}"
        place = (224.0 * (len(nodes) % (LENGTH + 1)), 160.0 * (len(nodes) // (LENGTH + 1)))
        complete = definition(type_name).complete(settings)
        nodes[key] = Node(key, name or f"{type_name.lower()}{len(nodes)}", type_name, complete, place)
        return key

    source, target = put("Input", "x", shape=(2,)), put("Target", "t", shape=())
    loss = put("CrossEntropy", "loss")
    last = source
    while len(nodes) < count:
        chain = [put("Linear", out_features=2)]
        edges.append(Edge(source, chain[0], "input"))
        while len(chain) < LENGTH and len(nodes) < count:
            kinds = ("CAddTable", "Linear", "CMulTable", "Tanh")
            kind_here = kinds[len(chain) % 4]
            widths: dict[str, object] = {"out_features": 2} if kind_here == "Linear" else {}
            chain.append(put(kind_here, "", **widths))
            ports = definition(kind_here).ports
            edges.append(Edge(chain[-2], chain[-1], ports[0]))
            if len(ports) > 1:
                edges.append(Edge(chain[-3] if len(chain) > 2 else source, chain[-1], ports[1]))
        if last == source:
            last = chain[-1]
            edges += [Edge(last, loss, "input"), Edge(target, loss, "target")]
    if kind == "broken":
        edges = [edge for index, edge in enumerate(edges) if index % 15 != 7]
    return Graph(Level(nodes, () if kind == "loose" else tuple(edges)))


def edits(document: Document) -> Iterator[tuple[str, Edit]]:
    """One of every kind, in the middle of the graph; each is undone before the next is asked for."""
    level = document.level
    keys = list(level.nodes)
    middle = next(key for key in keys[len(keys) // 2 :] if level.nodes[key].type == "Linear")
    yield "move", Move({middle: (1.0, 1.0)})
    yield "add", AddNode("Tanh", position=(0.0, -300.0))
    yield "rename", Rename(middle, "another")
    yield "set", SetSetting(middle, "out_features", 3)
    yield "set no size", SetSetting(middle, "use_bias", False)
    yield "remove", RemoveNode(middle)
    if level.edges:
        yield "disconnect", RemoveEdge(level.structure.incoming[middle]["input"][0])
    loose = next((key for key in keys[len(keys) // 2 :] if not level.structure.outgoing[key]), middle)
    criterion = next(key for key in keys if level.nodes[key].type == "CrossEntropy")
    if "input" not in level.structure.incoming[criterion]:
        yield "connect", AddEdge(Edge(loose, criterion, "input"))


class Share:
    """How long some methods of the canvas take, added up."""

    def __init__(self) -> None:
        self.spent = 0.0
        self._deep = 0

    def watch(self, owner: type, name: str) -> None:
        work = getattr(owner, name)

        def timed(*arguments: object) -> object:
            self._deep += 1
            start = time.thread_time()
            try:
                return work(*arguments)
            finally:
                self._deep -= 1
                if not self._deep:
                    self.spent += (time.thread_time() - start) * 1e3

        setattr(owner, name, timed)


class Bench:
    def __init__(self, count: int, kind: str, folder: Path) -> None:
        self.share = Share()
        for owner, name in (
            (GraphScene, "follow"),
            (GraphScene, "_follow_problems"),
            (GraphScene, "set_fresh"),
            (Canvas, "paintEvent"),
            (Minimap, "paintEvent"),
        ):
            self.share.watch(owner, name)
        data = DataSettings("spirals")
        self.document = Document(Project(network(count, kind), data=data))
        self.window = MainWindow(self.document, Preferences(folder / "studio.ini"))
        self.window.resize(1600, 1000)
        self.window.show()
        self.idle()

    def idle(self) -> tuple[float, float]:
        """The longest turn of the event loop until nothing is under way, and the canvas' share of it."""
        longest = (0.0, 0.0)
        quiet = 0
        until = time.monotonic() + 60
        while quiet < 40 and time.monotonic() < until:
            start, self.share.spent = time.thread_time(), 0.0
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
            longest = max(longest, ((time.thread_time() - start) * 1e3, self.share.spent))
            busy = not self.window.engine.stepper.ready or self.window.engine.samples.loading
            quiet = 0 if busy else quiet + 1
            time.sleep(0.003)
        return longest

    def one(self, act: Callable[[], object]) -> dict[str, float]:
        gc.collect()
        start, self.share.spent = time.thread_time(), 0.0
        act()
        pushed, canvas = (time.thread_time() - start) * 1e3, self.share.spent
        turn, paint = self.idle()
        return {"push": pushed, "canvas": canvas, "turn": turn, "paint": paint}

    def measure(self, profile: str = "") -> dict[str, dict[str, float]]:
        found: dict[str, list[dict[str, float]]] = {}
        for turn in range(ROUNDS):
            for name, edit in edits(self.document):
                if profile and (turn != 1 or profile != name):
                    continue
                probe = cProfile.Profile(time.thread_time) if profile else None
                if probe:
                    probe.enable()
                found.setdefault(name, []).append(self.one(partial(self.document.push, edit)))
                if probe:
                    probe.disable()
                    pstats.Stats(probe).sort_stats("cumulative").print_stats(70)
                found.setdefault("undo", []).append(self.one(self.document.undo))
        return {
            name: {part: round(statistics.median(each[part] for each in rounds), 2) for part in PARTS}
            for name, rounds in found.items()
        }


def run_one(count: int, kind: str, profile: str) -> None:
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CACHE_HOME"] = folder
        bench = Bench(count, kind, Path(folder))
        print(json.dumps(bench.measure(profile)))
        application.processEvents()
        sys.stdout.flush()
        os._exit(0)  # what is measured is over; nothing of it is worth taking apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--only", nargs=2, metavar=("NODES", "KIND"), help="one graph, in this process")
    parser.add_argument(
        "--profile", default="", metavar="EDIT", help="with --only: profile this kind of edit"
    )
    options = parser.parse_args()
    if options.only:
        run_one(int(options.only[0]), options.only[1], options.profile)
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for size in SIZES:
        for kind in KINDS:
            command = [sys.executable, __file__, "--only", str(size), kind]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found.setdefault(str(size), {})[kind] = json.loads(told.splitlines()[-1])
    if options.json:
        print(json.dumps(found))
        return
    for size, kinds in found.items():
        print(f"{size} nodes, ms (bound {BOUND[int(size)]:g})" + "".join(f"{kind:>28}" for kind in kinds))
        print(" " * 20 + "".join(f"{part:>7}" for part in PARTS) * len(kinds))
        for name in dict.fromkeys(name for figures in kinds.values() for name in figures):
            cells = (
                f"{figures.get(name, {}).get(part, nan):7.1f}" for figures in kinds.values() for part in PARTS
            )
            print(f"  {name:18}" + "".join(cells))


if __name__ == "__main__":
    main()
