"""Large graphs, garbage collection and windows that go, while a screen reader reads."""

import gc
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from shiboken6 import Shiboken

from nnstudio.graph import AddNode, Graph, RemoveNode
from nnstudio.studio.canvas import accessible
from tests.studio.reading.tree import nodes, tree, turn

Text = QAccessible.Text


def test_a_large_graph_is_walked_and_leaves_nothing_behind(screen_reader, open_window, large_graph):
    window = open_window(large_graph)
    entries = nodes(window.canvas)
    words = [each.text(Text.Name) for each in entries]
    states = [each.state() for each in entries]
    boxes = [each.rect() for each in entries]
    assert len(set(words)) == len(states) == len(boxes) == 2000
    (key,) = [key for key, each in accessible._KEPT.items() if each.widget() is window.canvas]
    first, others = entries[0], accessible._KEPT.keys() - {key}
    window.engine.close()  # as closing the window does: what still arrives has nobody to tell
    Shiboken.delete(window.canvas)
    assert accessible._KEPT.keys() <= others, "of canvases of before, any may be collected meanwhile"
    assert not Shiboken.isValid(first) and QAccessible.accessibleInterface(key) is None


@pytest.fixture
def large_graph():
    graph = Graph()
    before = graph.add("Input", shape=(2,), position=(0, 0))
    for index in range(1999):
        after = graph.add("Tanh", position=(200.0 * (index % 50), 160.0 * (index // 50)))
        graph.connect(before, after)
        before = after
    return graph


def test_edits_undo_and_garbage_collection_in_any_order(listening, hands):
    window = listening
    sheet, stack, draw = window.canvas.sheet, window.document.stack, random.Random(7)
    held = []
    for step in range(150):
        choice = draw.random()
        ids = list(sheet.level.nodes)
        if choice < 0.4 or not ids:
            sheet.push(AddNode("Linear", f"node{step}"))
        elif choice < 0.6:
            sheet.push(RemoveNode(draw.choice(ids)))
        elif choice < 0.75:
            window.undo()
        elif choice < 0.85:
            window.redo()
        else:
            stack.setIndex(draw.randint(0, stack.count()))
        entries = nodes(window.canvas)
        assert {each.node_id for each in entries} == set(sheet.level.nodes)
        assert all(each.text(Text.Name) and each.state().focusable for each in entries)
        held += entries[:2]
        if step % 3 == 0:
            turn()
        if step % 10 == 0:
            gc.collect()
            held = [each for each in held if Shiboken.isValid(each)]
    turn()
    assert set(tree(window.canvas).kept) == set(sheet.level.nodes)


PROCESS = """
import gc, sys
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from nnstudio.graph import AddNode, Graph, RemoveNode
from nnstudio.project import Project
from nnstudio.studio.canvas.accessible import _KEPT
from nnstudio.studio.document import Document
from nnstudio.studio.main_window import MainWindow

def walk(root):
    count, ahead = 0, [root]
    while ahead:
        interface = ahead.pop()
        count += 1
        interface.text(QAccessible.Text.Name), interface.state(), interface.rect(), interface.role()
        QAccessible.uniqueId(interface), interface.actionInterface(), interface.valueInterface()
        ahead += [each for k in range(interface.childCount()) if (each := interface.child(k)) is not None]
    return count

application = QApplication(sys.argv[:1])
QAccessible.setActive(True)
for ending in ("close", "drop", "leave"):
    graph = Graph()
    before = graph.add("Input", position=(0, 0))
    for index in range(1, 120):
        after = graph.add("Tanh", position=(200.0 * (index % 30), 160.0 * (index // 30)))
        graph.connect(before, after)
        before = after
    window = MainWindow(Document(Project(graph)))
    window.show()
    application.processEvents()
    assert walk(QAccessible.queryAccessibleInterface(window)) > 120
    sheet = window.canvas.sheet
    for index in range(8):
        sheet.push(AddNode("Linear"))
        sheet.push(RemoveNode(next(reversed(sheet.level.nodes))))
        sheet.push(RemoveNode(list(sheet.level.nodes)[50 + index]))
        if index % 3 == 0:
            window.undo()
        application.processEvents()
        gc.collect()
    window.document.stack.setIndex(0)
    gc.collect()
    walk(QAccessible.queryAccessibleInterface(window))
    window.document.stack.setClean()
    if ending == "leave":
        break
    window.close()
    if ending == "close":
        window.deleteLater()
    del window, sheet, graph
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()
    gc.collect()
    assert ending == "drop" or not _KEPT, _KEPT
print("done", flush=True)
"""


def test_a_process_that_was_read_ends_cleanly(tmp_path):
    """Windows closed, dropped and left open; freed memory is overwritten, so that its use shows."""
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", PROCESS],
        capture_output=True,
        text=True,
        timeout=300,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "NNSTUDIO_PREFERENCES": str(tmp_path / "studio.ini"),
            "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_PERTURB_": "165",
        },
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "done\n"
    assert "Error" not in ended.stderr, ended.stderr
