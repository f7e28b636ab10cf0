"""What screen readers are told when something has changed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from shiboken6 import Shiboken

from nnstudio.graph import AddNode, RemoveNode, Rename, SetSetting
from nnstudio.studio.canvas.announcer import Announcer, announce
from nnstudio.studio.canvas.spoken import joined, past
from tests.studio.reading.tree import graph_edge, node, nodes, tree, turn

Text, Event = QAccessible.Text, QAccessible.Event


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


def test_edges_and_ports_chosen_by_keys_are_told(listening, hands):
    user, said = hands(listening), listening.said
    listening.document.push(AddNode("ReLU", "near", position=(448, 160)))

    def told(key, held=Qt.KeyboardModifier.NoModifier):
        said.clear()
        user.key(key, held)
        turn()
        return said

    listening.canvas.select([user.id("fc2")])
    turn()
    assert told(Qt.Key.Key_E) == ["Edge 1 of 2 at fc2. Selected the edge from act1 to fc2."]
    assert told(Qt.Key.Key_Down) == ["Edge 2 of 2 at fc2. Selected the edge from fc2 to loss."]
    assert told(Qt.Key.Key_Return) == ["From fc2 to input of loss: N by 1."]
    told(Qt.Key.Key_Escape)
    told(Qt.Key.Key_Escape)
    assert told(Qt.Key.Key_E) == ["Edge 1 of 2 at fc2. Selected the edge from act1 to fc2."]
    assert told(Qt.Key.Key_Delete)[0].startswith("Disconnected act1 from fc2")
    listening.document.undo()
    # From which port, and to which.
    listening.canvas.select([user.id("loss")])
    turn()
    assert told(Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier) == ["Connect to input of loss, 1 of 2."]
    assert told(Qt.Key.Key_Down) == ["Connect to target of loss, 2 of 2."]
    (first,) = told(Qt.Key.Key_Return)
    assert ", output" in first and ", 1 of " in first
    (second,) = told(Qt.Key.Key_Down)
    assert ", 2 of " in second and second != first
    user.key(Qt.Key.Key_Escape)


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
