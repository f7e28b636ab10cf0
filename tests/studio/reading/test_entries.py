"""Each node is an entry that screen readers find, read as they read it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface
from PySide6.QtWidgets import QWidget

from nnstudio.graph import AddNode, GroupNodes, SetSetting
from nnstudio.studio.canvas import accessible
from tests.studio.reading.tree import graph_edge, node, nodes, tree, turn, walk

Text, Role, Relation = QAccessible.Text, QAccessible.Role, QAccessible.RelationFlag
Action = QAccessibleActionInterface


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


def test_the_numbers_on_edges_are_told_while_one_steps(open_example):
    window = open_example("chain_rule")
    stepper = window.engine.stepper
    assert "value" not in node(window, "a").text(Text.Description)
    stepper.forward()
    product = node(window, "c").text(Text.Description)
    value = float(stepper.program["c.value"].reshape(()))
    assert f": value {value:g}" in product and "gradient" not in product
    stepper.backward()
    assert "gradient " in node(window, "c").text(Text.Description)
    stepper.update()
    told = node(window, "c").text(Text.Description)
    assert ", stale" in told  # and never as if it were of now
