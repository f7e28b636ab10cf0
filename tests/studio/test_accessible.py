"""What screen readers find in the window, read as they read it: through Qt's accessibility tree."""

import gc
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken

from nnstudio.graph import AddEdge, AddNode, Edge, Graph, GroupNodes, RemoveNode, Rename, SetSetting
from nnstudio.studio.canvas import accessible, announcer
from nnstudio.studio.canvas.announcer import Announcer, announce
from nnstudio.studio.canvas.spoken import joined, past

Text, Role, Relation, Event = QAccessible.Text, QAccessible.Role, QAccessible.RelationFlag, QAccessible.Event
Action = QAccessibleActionInterface


@pytest.fixture
def screen_reader():
    """Qt behaves as if one were there."""
    QAccessible.setActive(True)
    assert QAccessible.isActive()
    yield
    QAccessible.setActive(False)


@pytest.fixture
def listening(screen_reader, window, monkeypatch):
    """The window, with what it tells screen readers since the start: messages, and events by type."""
    window.canvas.setFocus()
    turn()
    window.said, window.events = [], []
    window.canvas.findChild(Announcer).said.connect(window.said.append)

    def send(event: QAccessibleEvent) -> None:
        window.events.append((event.type(), event.accessibleInterface().text(Text.Name)))
        QAccessible.updateAccessibility(event)

    monkeypatch.setattr(announcer, "_send", send)
    return window


def turn() -> None:
    QApplication.processEvents()
    QApplication.processEvents()


def tree(widget: QWidget):
    return QAccessible.queryAccessibleInterface(widget)


def nodes(canvas):
    """The entries of the canvas that are no widgets."""
    root = tree(canvas)
    children = [root.child(index) for index in range(root.childCount())]
    return [child for child in children if child.object() is None]


def node(window, name: str):
    return next(each for each in nodes(window.canvas) if each.text(Text.Name).split(",")[0] == name)


def walk(interface):
    yield interface
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is not None and not child.state().invisible:
            yield from walk(child)


# -- the nodes


def test_each_node_is_an_entry_with_name_type_ports_and_sizes(window):
    assert [each.text(Text.Name) for each in nodes(window.canvas)] == [
        "x, Input; output to fc1",
        "fc1, Linear, 2 to 8; inputs: input from x; output to act1",
        "act1, Tanh; inputs: input from fc1; output to fc2",
        "fc2, Linear, 8 to 1; inputs: input from act1; output to input of loss",
        "t, Target; output to target of loss",
        "loss, MSE; inputs: input from fc2, target from t",
    ]
    fc1 = node(window, "fc1")
    assert fc1.text(Text.Description) == "x Wᵀ + b; 24 parameters; input N by 2; output N by 8"
    assert fc1.role() == Role.ListItem and tree(window.canvas).role() == Role.List
    assert tree(window.canvas).text(Text.Description).startswith("6 nodes, 5 edges. ")


def test_they_hang_in_the_tree_of_the_window(window):
    canvas = tree(window.canvas)
    found = list(walk(tree(window)))
    assert canvas in found and all(each in found for each in nodes(window.canvas))
    for index, each in enumerate(nodes(window.canvas)):
        assert each.parent() is canvas and canvas.indexOfChild(each) == index
        assert each.childCount() == 0 and each.child(0) is None and each.isValid()
        assert each.window() is window.windowHandle()
        assert each.valueInterface() is None and each.tableCellInterface() is None
        identity = QAccessible.uniqueId(each)
        assert QAccessible.accessibleInterface(identity) is each
    widgets = canvas.childCount() - 6
    behind = [canvas.child(6 + index).object() for index in range(widgets)]
    assert window.canvas.viewport() in behind and window.canvas.minimap in behind
    assert [canvas.indexOfChild(canvas.child(6 + index)) for index in range(widgets)] == [
        6 + index for index in range(widgets)
    ]
    assert canvas.child(canvas.childCount()) is None and canvas.child(-1) is None


def test_they_come_in_the_order_of_computation(window):
    for kind, name in (("Linear", "last"), ("Input", "y")):
        window.canvas.sheet.push(AddNode(kind, name))
    assert names(window)[-2:] == ["last", "y"]
    window.canvas.sheet.push(graph_edge(window, "y", "last"))
    assert names(window)[-2:] == ["y", "last"]
    # What hangs in or behind a cycle is in no order, and comes as the document has it.
    assert accessible._left_out(["a", "b", "c"], ("b",)) == ["a", "c"]


def names(window) -> list[str]:
    return [each.text(Text.Name).split(",")[0] for each in nodes(window.canvas)]


def graph_edge(window, source: str, target: str):
    names = window.document.level.names
    return AddEdge(Edge(names[source], names[target], "input"))


def test_state_tells_what_is_selected_focused_and_out_of_view(listening, hands):
    window, user = listening, hands(listening)
    state = node(window, "fc1").state()
    assert state.selectable and state.focusable
    assert not state.selected and not state.focused and not state.offscreen and not state.invisible
    user.click(user.middle("fc1"))
    state = node(window, "fc1").state()
    assert state.selected and state.focused
    assert node(window, "fc1").text(Text.Name).endswith("output to act1; selected")
    assert tree(window.canvas).focusChild() is node(window, "fc1")
    assert tree(window).focusChild() is node(window, "fc1")
    user.click(user.middle("act1"), Qt.KeyboardModifier.ShiftModifier)
    assert node(window, "fc1").state().selected and node(window, "act1").state().focused
    window.palette_panel.search.setFocus()
    assert not node(window, "act1").state().focused
    window.canvas.pan(5000, 0)
    assert all(each.state().offscreen for each in nodes(window.canvas))


def test_the_place_on_the_screen_is_that_of_the_card(window, hands):
    user = hands(window)
    box = node(window, "fc2").rect()
    middle = window.canvas.viewport().mapToGlobal(user.spot(user.item("fc2").scene_card().center()))
    assert (box.center() - middle).manhattanLength() <= 4
    found = tree(window.canvas).childAt(middle.x(), middle.y())
    assert found is node(window, "fc2")
    corner = window.canvas.viewport().mapToGlobal(QPoint(3, 3))
    nothing = tree(window.canvas).childAt(corner.x(), corner.y())
    assert nothing is None or nothing.object() is not None


def test_a_problem_is_part_of_the_name(window, hands):
    window.canvas.sheet.push(SetSetting(hands(window).id("fc2"), "in_features", 5))
    assert node(window, "fc2").text(Text.Name).endswith("; problem: fc2 expects 5 features, but act1 gives 8")


def test_edges_are_relations(window):
    fc1 = node(window, "fc1")
    assert {(other.text(Text.Name).split(",")[0], kind) for other, kind in fc1.relations()} == {
        ("x", Relation.FlowsTo),  # to this one
        ("act1", Relation.FlowsFrom),
    }
    assert [kind for _, kind in fc1.relations(Relation.FlowsTo)] == [Relation.FlowsTo]


def test_a_screen_reader_selects_and_opens(window):
    fc1, act1 = node(window, "fc1"), node(window, "act1")
    actions = fc1.actionInterface()
    assert set(actions.actionNames()) == {
        Action.setFocusAction(),
        Action.pressAction(),
        Action.toggleAction(),
    }
    assert actions.localizedActionName(Action.pressAction()) == "Open"
    actions.doAction(Action.setFocusAction())
    selection = tree(window.canvas).selectionInterface()
    assert selection.selectedItems() == [fc1] and selection.isSelected(fc1) and not selection.isSelected(act1)
    assert selection.select(act1) and selection.selectedItemCount() == 2 and selection.selectedItem(1) is act1
    assert selection.selectedItem(2) is None
    assert selection.unselect(fc1) and selection.selectedItems() == [act1]
    assert selection.selectAll() and selection.selectedItemCount() == 6
    assert selection.clear() and selection.selectedItemCount() == 0
    opened = []
    window.canvas.node_opened.connect(opened.append)
    actions.doAction(Action.pressAction())
    assert opened == [window.document.level.names["fc1"]]
    actions.doAction(Action.toggleAction())
    assert selection.selectedItemCount() == 0


def test_inside_a_group_its_nodes_are_the_entries(listening, hands):
    window, user = listening, hands(listening)
    window.canvas.sheet.push(GroupNodes((user.id("fc1"), user.id("act1")), "encoder"))
    turn()
    assert node(window, "encoder").text(Text.Name).startswith("encoder, Group, 2")
    window.said.clear()
    node(window, "encoder").actionInterface().doAction(Action.pressAction())
    turn()
    names = {each.text(Text.Name).split(",")[0] for each in nodes(window.canvas)}
    assert {"fc1", "act1"} <= names and "loss" not in names
    assert window.said[0].startswith("Inside encoder: ")
    assert "inside encoder" in tree(window.canvas).text(Text.Description)


# -- announcements


def test_what_an_edit_did_is_said_once_a_turn(listening, hands):
    window, user = listening, hands(listening)
    window.add_module("Linear")
    assert window.said == []
    turn()
    assert window.said == ["Added Linear fc3. fc3 has nothing connected to its input."]
    assert (Event.Focus, node(window, "fc3").text(Text.Name)) in window.events
    window.said.clear()
    window.canvas.sheet.push(graph_edge(window, "act1", "fc3"))
    turn()
    assert window.said == ["Connected act1 to fc3. No problem is left."]
    window.said.clear()
    window.canvas.sheet.push(SetSetting(user.id("fc2"), "in_features", 5))
    turn()
    assert window.said == ["Set in_features of fc2 to 5. fc2 expects 5 features, but act1 gives 8."]
    window.said.clear()
    window.undo()
    turn()
    window.redo()
    turn()
    assert window.said == [
        "Undid Set in_features of fc2 to 5. No problem is left.",
        "Set in_features of fc2 to 5. fc2 expects 5 features, but act1 gives 8.",
    ]
    window.said.clear()
    window.document.stack.setIndex(0)
    turn()
    assert len(window.said) == 1 and "Undid Add Linear fc3" in window.said[0]


def test_a_sweep_of_edits_is_one_message(listening, hands):
    window, user = listening, hands(listening)
    for size in range(2, 12):
        window.canvas.sheet.push(SetSetting(user.id("fc1"), "out_features", size), merge="sweep")
    turn()
    assert len(window.said) == 1
    window.said.clear()
    for index in range(10):
        window.canvas.sheet.push(AddNode("Linear", f"many{index}"))
    turn()
    assert len(window.said) == 1
    assert window.said[0].startswith("Added Linear many0. Added Linear many1. 8 more edits. ")


def test_selecting_is_told_by_focus_or_in_words(listening, hands):
    window, user = listening, hands(listening)
    user.click(user.middle("fc1"))
    turn()
    assert window.said == []  # the focus event has the screen reader read the node
    assert window.events.count((Event.Focus, node(window, "fc1").text(Text.Name))) == 1
    user.key(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    turn()
    assert window.events[-1] == (Event.Focus, node(window, "act1").text(Text.Name))
    window.canvas.select([user.id("x"), user.id("fc1"), user.id("t")])
    turn()
    window.canvas.select([])
    turn()
    window.palette_panel.search.setFocus()
    window.canvas.select([user.id("t")])
    turn()
    edge = next(iter(window.canvas.graph_scene.edges))
    window.canvas.select([], [edge])
    turn()
    assert window.said == [
        "Selected 3 nodes: x, fc1 and t.",
        "Nothing selected.",
        "Selected t.",
        "Selected the edge from x to fc1.",
    ]


def test_coming_back_to_the_canvas_reads_the_node(listening, hands):
    window, user = listening, hands(listening)
    user.click(user.middle("fc1"))
    window.palette_panel.search.setFocus()
    turn()
    window.events.clear()
    window.canvas.setFocus()
    turn()
    assert window.events[-1] == (Event.Focus, node(window, "fc1").text(Text.Name))


def test_refusals_other_documents_and_names_are_told(listening, hands):
    window, user = listening, hands(listening)
    window.canvas.refused.emit("That cannot be.")
    turn()
    announce(window.canvas, "input of act1")
    turn()
    assert window.said == ["That cannot be.", "input of act1."]
    node(window, "fc1")
    window.canvas.sheet.push(Rename(user.id("fc1"), "first"))
    turn()
    assert (Event.NameChanged, node(window, "first").text(Text.Name)) in window.events
    gone = node(window, "first")
    window.canvas.sheet.push(RemoveNode(user.id("first")))
    assert not gone.isValid() and gone.text(Text.Name) == "" and gone.rect().isEmpty()
    turn()
    assert Event.ObjectDestroyed in [kind for kind, _ in window.events]
    assert not Shiboken.isValid(gone)
    window.document.stack.setClean()
    window.said.clear()
    window.document.new()
    turn()
    assert window.said == ["Opened Untitled: 0 nodes, 0 edges."]
    assert nodes(window.canvas) == []


def test_a_window_without_a_screen_reader_says_nothing_and_makes_nothing(window, hands):
    assert not QAccessible.isActive()
    said = []
    window.canvas.findChild(Announcer).said.connect(said.append)
    window.add_module("Linear")
    hands(window).click(hands(window).middle("fc1"))
    window.undo()
    announce(window.canvas, "nobody hears it")
    turn()
    assert said == []
    assert tree(window.canvas).kept == {}
    assert not window.canvas.findChild(Announcer)._later.isActive()


def test_labels_in_the_past():
    assert past("Add Linear fc3") == "Added Linear fc3"
    assert past("Connect fc1 to act1") == "Connected fc1 to act1"
    assert past("Remove 3 nodes") == "Removed 3 nodes"
    assert past("Set lr to 0.1") == "Set lr to 0.1"
    assert past("Bend the edge") == "Bent the edge"
    assert past("Quux the graph") == "Done: Quux the graph"
    assert joined(["a"]) == "a" and joined([]) == ""
    assert joined(list("abcdef")) == "a, b, c and 3 more"


# -- the rest of the window


def test_everything_that_takes_the_focus_has_a_name_in_the_tree(window, hands, qtbot):
    user = hands(window)
    user.click(user.middle("fc1"))
    seen, nameless = set(), []
    bottom = [bar for bar in window.findChildren(QWidget) if hasattr(bar, "setCurrentIndex")]
    pages = max((bar.count() for bar in bottom if hasattr(bar, "count")), default=1)
    for page in range(pages):
        for tabs in (window.tabs, window.bottom.tabs):
            tabs.setCurrentIndex(min(page, tabs.count() - 1))
        turn()
        for interface in walk(tree(window)):
            if interface.state().focusable and not interface.text(Text.Name):
                nameless.append((page, interface.role().name, described(interface)))
            seen.add(interface.role())
    assert nameless == []
    assert {Role.MenuBar, Role.PushButton, Role.Slider, Role.List, Role.ListItem, Role.PageTab} <= seen


def described(interface) -> str:
    widget = interface.object()
    chain = []
    while isinstance(widget, QWidget):
        chain.append(f"{type(widget).__name__}({widget.objectName()})")
        widget = widget.parentWidget()
    return " < ".join(chain[:4])


# -- under strain


def test_a_large_graph_is_walked_and_leaves_nothing_behind(screen_reader, open_window, large_graph):
    window = open_window(large_graph)
    entries = nodes(window.canvas)
    words = [each.text(Text.Name) for each in entries]
    states = [each.state() for each in entries]
    boxes = [each.rect() for each in entries]
    assert len(set(words)) == len(states) == len(boxes) == 2000
    kept = len(accessible._KEPT)
    (key,) = [key for key, each in accessible._KEPT.items() if each.widget() is window.canvas]
    first = entries[0]
    Shiboken.delete(window.canvas)
    assert len(accessible._KEPT) == kept - 1 and key not in accessible._KEPT
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


@pytest.mark.parametrize("run", range(3))
def test_a_process_that_was_read_ends_cleanly(run, tmp_path):
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
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_PERTURB_": "165",
        },
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "done\n"
    assert "Error" not in ended.stderr, ended.stderr
