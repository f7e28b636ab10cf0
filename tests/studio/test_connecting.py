"""Edges drawn by the mouse: what lights up, what is said, what an edge dropped on nothing asks for."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddEdge, AddNode, Edge, Graph, GroupNodes, RemoveEdge, SetBends, SetSetting
from nnstudio.modules.catalogue import definition, definitions
from nnstudio.modules.shapes import WrongSize
from nnstudio.studio.canvas.fitting import fault_of, givers, takers

Key, Keys = Qt.Key, Qt.KeyboardModifier
NOTHING = QPointF(330, 260)  # where no card is


@pytest.fixture
def user(window, hands):
    window.canvas.setFocus()
    return hands(window)


@pytest.fixture
def popup(user):
    return user.canvas.search_popup


def edges(user):
    level = user.canvas.sheet.level
    return {f"{level.nodes[e.source].name}>{level.nodes[e.target].name}.{e.port}" for e in level.edges}


def edge_into(user, name, port="input"):
    """As the level has it, with its bends."""
    ends = (user.id(name), port)
    (edge,) = [each for each in user.document.level.edges if (each.target, each.port) == ends]
    return edge


def hold(user, start, *points):
    """Press and drag without letting go."""
    user.press(start)
    user.move(start + QPointF(9, 9))
    for point in points:
        user.move(point)
    return user.canvas.gesture


def picture(user):
    """Everything of the canvas that a gesture might leave behind."""
    scene = user.canvas.graph_scene
    QApplication.processEvents()
    return (
        user.document.graph.to_dict(),
        user.document.stack.count(),
        user.canvas.selected_nodes(),
        {key: (dict(item.port_marks), item.dimmed) for key, item in scene.nodes.items()},
        {edge for edge, item in scene.edges.items() if item.hidden_while_dragged},
        user.canvas.gesture,
        user.canvas.viewport().cursor().shape(),
        user.canvas.search_popup.isVisible(),
    )


# -- what fits, by the shape rules


def test_what_takes_a_shape_is_what_its_own_rule_takes():
    found = takers(("N", 3, 4))
    assert {"Linear", "Flatten", "ReLU", "Reshape", "CAddTable", "MSE"} <= set(found)
    assert "CrossEntropy" not in found and "Input" not in found
    for name, fit in found.items():
        settings = definition(name).complete(fit.settings)
        assert fault_of(definition(name), {fit.port: ("N", 3, 4)}, settings) is None, name
    for name in set(definitions()) - set(found):
        each = definition(name)
        if each.role != "group":
            ports = each.ports
            faults = [fault_of(each, {port: ("N", 3, 4)}, each.complete({})) for port in ports]
            assert all(faults), name


def test_a_module_that_fits_with_other_settings_comes_with_them():
    fit = takers(("N", 8))["Reshape"]
    assert fit.settings == {"shape": (8,)}


def test_where_nothing_is_known_everything_with_an_input_fits():
    assert set(takers(None)) == {each.name for each in definitions().values() if each.ports}


def test_what_comes_from_a_target_goes_to_a_criterions_target():
    assert takers(("N", 1), of_target=True)["MSE"].port == "target"
    assert takers(("N",), of_target=True)["CrossEntropy"].port == "target"
    assert takers(("N", 1))["MSE"].port == "input"


def test_what_feeds_a_port_gives_what_it_expects():
    graph = Graph()
    fc = graph.add("Linear", in_features=5)
    found = givers(fc, "input", {})
    assert found["Input"].settings == {"shape": (5,)} and found["Linear"].settings == {"out_features": 5}
    assert {"Tanh", "Flatten", "Output"} <= set(found) and not {"MSE", "Objective"} & set(found)
    loss = graph.add("MSE")
    assert givers(loss, "target", {"input": ("N", 3)})["Target"].settings == {"shape": (3,)}
    classes = graph.add("CrossEntropy")
    given = givers(classes, "target", {"input": ("N", 10)})["Target"]
    shape = definition("Target").infer({}, definition("Target").complete(given.settings))
    assert (
        fault_of(definition("CrossEntropy"), {"input": ("N", 10), "target": shape}, classes.settings) is None
    )


def test_a_fault_is_of_the_port_and_its_numbers():
    fault = fault_of(
        definition("Linear"), {"input": ("N", 8)}, definition("Linear").complete({"in_features": 5})
    )
    assert isinstance(fault, WrongSize) and (fault.expected, fault.given) == (5, 8)


# -- while an edge is dragged


def test_ports_that_can_take_it_light_up_and_the_others_dim(user):
    user.document.push(RemoveEdge(edge_into(user, "fc2")))
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    hold(user, user.port("act1"))
    marks = {name: list(user.item(name).port_marks.values()) for name in user.document.level.names}
    assert marks == {
        "x": ["faint"],
        "fc1": ["faint", "faint"],
        "act1": ["faint", "snap"],
        "fc2": ["doubtful", "faint"],
        "t": ["faint"],
        "loss": ["doubtful", "valid"],
    }
    assert {name for name in marks if user.item(name).dimmed} == {"x", "fc1", "t"}


def test_the_end_snaps_within_20_pixels_at_any_zoom(user):
    user.document.push(RemoveEdge(edge_into(user, "act1")))
    for scale in (1.0, 0.5):
        user.canvas.zoom(scale / user.canvas.scale_now())
        port = user.port("act1", "input")
        gesture = hold(user, user.port("fc1"), port + QPointF(-18 / scale, 0))
        assert gesture.aimed() == (user.id("act1"), "input")
        user.move(port + QPointF(-23 / scale, 0))
        assert gesture.aimed() is None
        user.key(Key.Key_Escape)
        user.release(port)


def test_of_two_ports_within_reach_the_one_that_can_take_it_is_meant(user):
    user.document.push(AddNode("CAddTable", "sum", position=(448, 240)))
    user.document.push(AddEdge(Edge(user.id("act1"), user.id("sum"), "a")))
    middle = (user.port("sum", "a") + user.port("sum", "b")) / 2
    gesture = hold(user, user.port("fc1"), middle + QPointF(-2, 3))
    assert gesture.aimed() == (user.id("sum"), "b") and gesture.note() == "b of sum"
    user.move(user.port("sum", "a"))
    assert gesture.note() == "Takes the place of the edge from act1."


def test_wrong_sizes_are_said_with_both_numbers(user):
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    user.document.push(AddNode("CAddTable", "sum", position=(448, 240)))
    user.document.push(AddEdge(Edge(user.id("x"), user.id("sum"), "a")))
    gesture = hold(user, user.port("act1"), user.port("sum", "b"))
    assert gesture.note() == "act1 gives N×8, sum expects N×2."
    user.move(user.port("loss", "input"))
    assert gesture.note().startswith("act1 gives N×8, and loss expects N×8 at target")
    user.canvas.grab()
    user.key(Key.Key_Escape)
    gesture = hold(user, user.port("fc1"), user.port("fc2", "input"))
    assert gesture.note() == "fc1 gives 8 features, fc2 expects 5. Takes the place of the edge from act1."


def test_an_edge_taken_over_is_one_step(user):
    user.drag(user.port("x"), user.port("act1", "input"))
    assert {"x>act1.input"} <= edges(user) and "fc1>act1.input" not in edges(user)
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Connect x to act1"
    user.window.undo()
    assert "fc1>act1.input" in edges(user)


def test_a_node_cannot_feed_itself_and_is_told_so(user, qtbot):
    user.document.push(RemoveEdge(edge_into(user, "act1")))
    with qtbot.waitSignal(user.canvas.refused) as told:
        user.drag(user.port("act1"), user.port("act1", "input") + QPointF(3, 0))
    assert told.args == ["act1 cannot feed itself."]


def test_an_edge_with_bends_loses_them_where_it_goes_another_way(user):
    edge = edge_into(user, "act1")
    user.document.push(SetBends(edge, ((400, 90),)))
    user.document.push(AddNode("ReLU", "other", position=(448, 200)))
    user.drag(user.port("act1", "input"), user.port("other", "input"))
    assert "fc1>other.input" in edges(user) and "fc1>act1.input" not in edges(user)
    assert all(edge.bends == () for edge in user.document.level.edges)
    user.window.undo()
    assert edge_into(user, "act1").bends == ((400, 90),)


def test_putting_a_picked_up_edge_back_changes_nothing(user):
    edge = edge_into(user, "act1")
    user.document.push(SetBends(edge, ((400, 90),)))
    start = user.port("act1", "input")
    user.press(start)
    for point in (start + QPointF(-60, 80), start + QPointF(2, 2)):
        user.move(point)
    user.release(start + QPointF(2, 2))
    assert edge_into(user, "act1").bends == ((400, 90),) and user.document.stack.count() == 1


def test_the_notes_stay_within_the_canvas(user):
    seen = user.canvas.seen()
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    gesture = hold(user, user.port("fc1"), user.port("fc2", "input"))
    from nnstudio.studio.canvas.note import note_box

    for point in (seen.topLeft(), seen.bottomLeft(), seen.bottomRight(), seen.center()):
        assert seen.contains(note_box(user.canvas, point, [gesture.note(), "and more " * 20]))


@pytest.mark.parametrize("where", ["port", "wrong", "refused", "nothing"])
def test_esc_leaves_no_trace(user, where):
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    user.canvas.select([user.id("t")])
    before = picture(user)
    end = {
        "port": user.port("loss", "target"),
        "wrong": user.port("fc2", "input"),
        "refused": user.port("x"),
        "nothing": NOTHING,
    }[where]
    for start in (user.port("act1"), user.port("fc2", "input")):
        hold(user, start, end)
        user.canvas.grab()
        user.key(Key.Key_Escape)
        user.release(end)
        assert picture(user) == before


# -- dropped on nothing


def test_what_takes_a_dropped_edge_covers_no_card(user, popup):
    user.drag(user.port("fc1"), user.port("t") + QPointF(-210, -30))
    QTest.keyClicks(popup.field, "linear")
    user.key(Key.Key_Return)
    (key,) = user.canvas.selected_nodes()
    items = user.canvas.graph_scene.nodes
    card = items[key].scene_card()
    assert not [other for other in items if other != key and items[other].scene_card().intersects(card)]


def test_an_edge_dropped_on_nothing_offers_what_fits_and_connects_what_is_chosen(user, popup):
    user.drag(user.port("fc1"), NOTHING)
    assert popup.isVisible() and popup.field.placeholderText() == "What takes N×8 from fc1"
    offered = {each.name for each in popup.model.found}
    assert {"Linear", "Tanh", "CAddTable", "MSE"} <= offered and not {"Input", "Target"} & offered
    user.canvas.grab()
    QTest.keyClicks(popup.field, "relu")
    user.key(Key.Key_Return)
    assert {"fc1>act2.input"} <= edges(user) and user.canvas.selected_nodes() == [user.id("act2")]
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Add ReLU act2 after fc1"
    assert (user.port("act2", "input") - NOTHING).manhattanLength() <= 8
    assert user.canvas.hasFocus() and user.canvas.gesture is None
    user.window.undo()
    assert "act2" not in user.document.level.names and len(user.document.level.edges) == 5


def test_a_shape_that_some_cannot_take_leaves_them_out(open_window, hands):
    graph = Graph()
    graph.add("Input", "image", shape=(3, 4), position=(0, 0))
    user = hands(open_window(graph))
    user.drag(user.port("image"), QPointF(260, 200))
    popup = user.canvas.search_popup
    QTest.keyClicks(popup.field, "crossentropy")
    assert not popup.model.found
    assert popup.nothing.text() == "No module that takes N×3×4 from image answers to that."
    popup.field.clear()
    QTest.keyClicks(popup.field, "reshape")
    user.key(Key.Key_Return)
    assert user.document.graph.node("reshape1").settings["shape"] == (3, 4)
    assert user.document.problems == [] or all("reshape1" not in p.node for p in user.document.problems)


def test_dragged_backwards_it_offers_what_can_feed_the_port(user, popup):
    user.document.push(RemoveEdge(edge_into(user, "loss", "target")))
    count = user.document.stack.count()
    user.drag(user.port("loss", "target"), QPointF(800, 400))
    assert popup.field.placeholderText() == "What feeds the target of loss"
    assert popup.model.found[0].name == "Target"
    assert not {"MSE", "CrossEntropy"} & {each.name for each in popup.model.found}
    user.key(Key.Key_Return)
    assert "t2>loss.target" in edges(user) or any(e.endswith(">loss.target") for e in edges(user))
    assert user.document.stack.count() == count + 1
    new = user.canvas.selected_nodes()[0]
    spot = user.canvas.graph_scene.nodes[new].scene_card()
    assert (QPointF(spot.right(), spot.center().y()) - QPointF(800, 400)).manhattanLength() <= 8


def test_what_feeds_a_port_that_wants_a_size_is_made_to_give_it(user, popup):
    user.document.push(RemoveEdge(edge_into(user, "fc2")))
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    user.drag(user.port("fc2", "input"), QPointF(640, 300))
    QTest.keyClicks(popup.field, "dense")
    user.key(Key.Key_Return)
    new = user.document.level.nodes[user.canvas.selected_nodes()[0]]
    assert new.type == "Linear" and new.settings["out_features"] == 5
    assert user.document.stack.undoText() == f"Add Linear {new.name} before fc2"


def test_esc_in_the_search_of_an_edge_leaves_no_trace(user, popup):
    before = picture(user)
    user.drag(user.port("fc1"), NOTHING)
    assert popup.isVisible() and user.canvas.gesture is not None
    QTest.keyClicks(popup.field, "re")
    user.key(Key.Key_Escape)
    assert picture(user) == before and user.canvas.hasFocus()
    user.drag(user.port("fc1"), NOTHING)
    user.click(QPointF(330, 330))  # and a press elsewhere too
    assert picture(user) == before


def test_an_edge_taken_off_its_input_and_dropped_on_nothing_is_removed_without_a_question(user, popup):
    start = user.port("act1", "input")
    user.drag(start, start + QPointF(-20, 150))
    assert "fc1>act1.input" not in edges(user) and not popup.isVisible()
    assert user.document.stack.count() == 1


def test_dropped_on_a_card_without_a_free_port_it_asks_nothing(user, popup):
    user.drag(user.port("fc1"), user.middle("t"))
    assert not popup.isVisible() and user.document.stack.count() == 0


# -- groups


@pytest.fixture
def grouped(user):
    """fc1 and act1 in a group `block`, and a group `two` with two inputs and two outputs below."""
    user.document.push(GroupNodes((user.id("fc1"), user.id("act1")), "block"))
    inside = Graph()
    for name in ("p", "q"):
        inside.add("Input", name)
        inside.add("Output", f"{name}_out")
        inside.connect(name, f"{name}_out")
    user.document.push(AddNode("Group", "two", position=(224, 240), inside=inside.level))
    return user


def test_a_groups_ports_are_joined_one_by_one(grouped):
    user = grouped
    user.drag(user.port("x"), user.port("two", "q"))
    assert "x>two.q" in edges(user)
    user.drag(user.port("x"), user.middle("two") + QPointF(-60, 20))
    assert "x>two.p" in edges(user)  # over the card: the one that is free
    user.drag(user.port("two", "q_out"), user.port("loss", "target"))
    edge = edge_into(user, "loss", "target")
    assert (edge.source, edge.source_port) == (user.id("two"), "q_out")


def test_an_edge_from_a_group_asks_too(grouped, popup):
    user = grouped
    user.drag(user.port("x"), user.port("two", "q"))
    user.drag(user.port("two", "q_out"), QPointF(500, 400))
    assert popup.field.placeholderText() == "What takes N×2 from two"
    QTest.keyClicks(popup.field, "tanh")
    user.key(Key.Key_Return)
    new = user.canvas.selected_nodes()[0]
    (edge,) = [e for e in user.document.level.edges if e.target == new]
    assert edge.source_port == "q_out"


def test_inside_a_group_all_of_it_works_and_is_one_step(grouped, popup):
    user = grouped
    group = user.id("block")
    user.canvas.sheet.enter(group)
    user.canvas.setFocus()
    count = user.document.stack.count()
    level = user.canvas.sheet.level
    item = user.canvas.graph_scene.nodes[level.names["act1"]]
    out = next(item.port_point(port) for port in item.ports() if port.side == "output")
    user.drag(out, out + QPointF(30, 170))
    assert popup.field.placeholderText() == "What takes N×8 from act1"
    QTest.keyClicks(popup.field, "sigmoid")
    user.key(Key.Key_Return)
    assert any(edge.startswith("act1>act2") for edge in edges(user))
    assert user.document.stack.count() == count + 1
    user.window.undo()
    assert user.canvas.sheet.path == (group,) and "act2" not in user.canvas.sheet.level.names
