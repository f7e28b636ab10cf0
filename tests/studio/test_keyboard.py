"""Everything without a mouse: real key events, sent to whatever has the focus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nnstudio.graph import AddNode, Graph, RemoveEdge
from nnstudio.studio import theme
from tests.studio.conftest import small_network
from tests.studio.desk import sharpen

Key, Keys = Qt.Key, Qt.KeyboardModifier
ALT, SHIFT, CTRL = Keys.AltModifier, Keys.ShiftModifier, Keys.ControlModifier


@pytest.fixture
def user(window, hands):
    window.canvas.setFocus()
    return hands(window)


def selected(user):
    nodes = user.canvas.sheet.level.nodes
    return [nodes[key].name for key in user.canvas.selected_nodes()]


def edges(user):
    level = user.canvas.sheet.level
    return {f"{level.nodes[e.source].name}>{level.nodes[e.target].name}.{e.port}" for e in level.edges}


def write(user, text):
    """Type into whatever has the focus."""
    for letter in text:
        QTest.keyClick(QApplication.focusWidget(), letter)
    QApplication.processEvents()


# -- walking


def test_alt_and_an_arrow_walks_to_the_nearest_node_that_way(user):
    user.canvas.select([user.id("x")])
    way = []
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Right, Key.Key_Down, Key.Key_Right, Key.Key_Left):
        user.key(key, ALT)
        way += selected(user)
    assert way == ["fc1", "act1", "fc2", "t", "loss", "fc2"]
    assert user.document.stack.count() == 0


def test_without_a_selection_an_arrow_begins_at_the_middle(user):
    user.canvas.select([])
    user.canvas.look_at(user.middle("act1"))
    user.key(Key.Key_Right)
    assert selected(user) == ["act1"] and user.document.stack.count() == 0
    user.key(Key.Key_Right)  # something is selected now: it moves
    assert selected(user) == ["act1"] and user.item("act1").x() == 456


def test_shift_walks_and_keeps_what_is_selected(user):
    user.canvas.select([user.id("x")])
    for _ in range(2):
        user.key(Key.Key_Right, ALT | SHIFT)
    assert selected(user) == ["x", "fc1", "act1"]
    user.key(Key.Key_Right, ALT)
    assert selected(user) == ["fc2"]


def test_at_the_last_node_that_way_one_stays(user):
    user.canvas.select([user.id("loss")])
    user.key(Key.Key_Right, ALT)
    assert selected(user) == ["loss"]


def test_walking_brings_the_node_into_view(user):
    user.document.push(AddNode("ReLU", "far", position=(4000, 0)))
    user.canvas.select([user.id("loss")])
    user.key(Key.Key_Right, ALT)
    assert selected(user) == ["far"] and user.canvas.seen().contains(user.item("far").scene_card())


def test_the_current_node_has_a_ring_and_stands_out(user, qtbot):
    user.canvas.zoom(1 / user.canvas.scale_now())
    sharpen(qtbot, user.canvas)

    def rim():
        image = user.canvas.grab().toImage()
        corner = user.canvas.mapFromScene(user.item("fc1").scene_card().topLeft())
        return {image.pixelColor(corner.x() + dx, corner.y() + 80).name() for dx in range(-4, 5)}

    user.canvas.select([])
    assert theme.colours().focus not in rim()
    user.canvas.select([user.id("fc1")])
    assert theme.colours().focus in rim()


# -- connecting


def test_c_connects_from_the_output_to_the_likeliest_port_first(user):
    user.document.push(AddNode("ReLU", "near", position=(448, 160)))
    user.document.push(AddNode("ReLU", "far", position=(448, 640)))
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_C)
    gesture = user.canvas.gesture
    assert gesture.aimed() == (user.id("near"), "input")  # free, it fits, and it is the nearest
    user.key(Key.Key_Tab)
    assert gesture.aimed() == (user.id("far"), "input")
    user.key(Key.Key_Backtab, SHIFT)
    user.key(Key.Key_Return)
    assert "fc1>near.input" in edges(user) and user.canvas.gesture is None and user.canvas.hasFocus()


def test_the_choice_goes_round_every_port_and_none_that_would_close_a_cycle(user):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_C)
    gesture, seen = user.canvas.gesture, []
    while gesture.aimed() not in seen:
        seen.append(gesture.aimed())
        user.key(Key.Key_Right)
    ids = {user.id(name): name for name in user.document.level.names}
    assert {(ids[key], port) for key, port in seen} == {
        ("act1", "input"),
        ("fc2", "input"),
        ("loss", "input"),
        ("loss", "target"),
    }
    user.key(Key.Key_Escape)
    assert user.canvas.gesture is None and user.document.stack.count() == 0


def test_shift_c_connects_to_an_input_which_is_chosen_where_there_are_several(user):
    for port in ("input", "target"):
        user.document.push(RemoveEdge(user.document.graph.inputs_of(user.id("loss"))[port]))
    user.canvas.select([user.id("loss")])
    user.key(Key.Key_C, SHIFT)
    user.canvas.grab()
    user.key(Key.Key_Down)  # from input to target
    user.key(Key.Key_Return)
    gesture = user.canvas.gesture
    while gesture.aimed() != (user.id("t"), "output"):
        user.key(Key.Key_Down)
    user.key(Key.Key_Return)
    assert "t>loss.target" in edges(user)
    assert not any(item.port_marks for item in user.canvas.graph_scene.nodes.values())


def test_a_node_without_an_output_is_connected_at_its_inputs(user):
    user.document.push(RemoveEdge(user.document.graph.inputs_of(user.id("loss"))["input"]))
    user.canvas.select([user.id("loss")])
    user.key(Key.Key_C)
    user.key(Key.Key_Return)
    assert user.canvas.gesture.aimed() == (user.id("fc2"), "output")
    user.key(Key.Key_Return)
    assert "fc2>loss.input" in edges(user)


def test_space_while_connecting_looks_for_something_new(user):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_C)
    user.key(Key.Key_Space)
    popup = user.canvas.search_popup
    assert popup.isVisible() and popup.field.placeholderText() == "What takes N×8 from fc1"
    write(user, "elu")
    user.key(Key.Key_Return)
    assert "fc1>act2.input" in edges(user) and user.document.stack.count() == 1
    assert not any(item.port_marks or item.dimmed for item in user.canvas.graph_scene.nodes.values())


def test_where_nothing_could_be_connected_something_new_is_asked_for(open_window, hands):
    graph = Graph()
    graph.add("Input", "x", position=(0, 0))
    user = hands(open_window(graph))
    user.canvas.setFocus()
    user.canvas.select([user.id("x")])
    user.key(Key.Key_C)
    assert user.canvas.search_popup.isVisible()
    user.key(Key.Key_Return)
    assert edges(user) == {"x>fc1.input"}


def test_c_without_one_selected_node_says_what_to_do(user, qtbot):
    user.canvas.select([])
    with qtbot.waitSignal(user.canvas.refused) as told:
        user.canvas.editing.connect_by_keys()
    assert told.args == ["Select one node to connect."]
    user.canvas.select([user.id("x")])
    with qtbot.waitSignal(user.canvas.refused) as told:
        user.key(Key.Key_C, SHIFT)
    assert told.args == ["x has no input to connect."]


# -- edges


def edge_selected(user):
    (edge,) = user.canvas.graph_scene.selected_edges()
    nodes = user.document.level.nodes
    return f"{nodes[edge.source].name}>{nodes[edge.target].name}.{edge.port}"


def test_e_goes_from_edge_to_edge_of_a_node_and_round(user):
    user.canvas.select([user.id("fc2")])
    way = []
    for key in (Key.Key_E, Key.Key_E, Key.Key_E, Key.Key_Up, Key.Key_Down):
        user.key(key)
        way.append(edge_selected(user))
    there, on = "act1>fc2.input", "fc2>loss.input"
    assert way == [there, on, there, on, there] and selected(user) == []
    user.key(Key.Key_Right)
    assert selected(user) == ["fc2"]
    user.canvas.select([user.id("loss")])
    user.key(Key.Key_E)
    user.key(Key.Key_Down)
    assert edge_selected(user) == "t>loss.target"
    user.key(Key.Key_Left)
    assert selected(user) == ["t"] and user.document.stack.count() == 0


def test_esc_goes_back_to_the_node_one_came_from(user):
    user.canvas.select([user.id("fc2")])
    user.key(Key.Key_E)
    user.key(Key.Key_Escape)
    assert selected(user) == ["fc2"] and not user.canvas.graph_scene.selected_edges()


def test_del_removes_the_edge_alone(user):
    user.canvas.select([user.id("loss")])
    user.key(Key.Key_E)
    user.key(Key.Key_Down)
    user.key(Key.Key_Delete)
    assert "t>loss.target" not in edges(user) and len(edges(user)) == 4
    assert len(user.document.level.nodes) == 6 and user.document.stack.undoText() == "Disconnect t from loss"


def test_enter_tells_what_is_wrong_with_the_edge(open_window, hands):
    document = small_network().to_dict()
    document["edges"].append(
        {**document["edges"][0], "target": document["edges"][-1]["target"], "port": "target"}
    )
    user = hands(open_window(Graph.from_dict(document)))
    user.canvas.setFocus()
    user.canvas.select([user.id("t")])
    for key in (Key.Key_E, Key.Key_Right, Key.Key_E, Key.Key_Down, Key.Key_Down, Key.Key_Return):
        user.key(key)
    assert user.canvas.gesture.lines() == [
        "From x to target of loss: N×2",
        "loss has 2 edges into its target, from t and x, but an input takes one.",
    ]


def test_enter_tells_of_the_edge_until_the_next_key(user):
    canvas = user.canvas
    canvas.select([user.id("fc1")])
    user.key(Key.Key_E)
    user.key(Key.Key_Return)
    assert canvas.gesture.lines() == ["From x to input of fc1: N×2"]
    assert canvas.seen().contains(canvas.gesture.bounds()) and not canvas.grab().isNull()
    user.key(Key.Key_Down)
    assert canvas.gesture is None and edge_selected(user) == "fc1>act1.input"
    user.key(Key.Key_Return)
    user.key(Key.Key_Escape)
    assert canvas.gesture is None and edge_selected(user) == "fc1>act1.input"
    user.key(Key.Key_Return)
    user.key(Key.Key_Delete)
    assert canvas.gesture is None and "fc1>act1.input" not in edges(user)


def test_the_menu_key_opens_the_menu_of_the_edge(user, qtbot):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_E)
    with qtbot.waitSignal(user.canvas.menu_wanted) as wanted:
        user.key(Key.Key_Menu)
    QApplication.activePopupWidget().close()
    spot = user.canvas.scene_point(user.canvas.viewport().mapFromGlobal(wanted.args[0]).toPointF())
    (item,) = (user.canvas.graph_scene.edges[edge] for edge in user.canvas.graph_scene.selected_edges())
    assert (spot - item.middle()).manhattanLength() < 3


def test_a_node_without_edges_says_so(open_window, hands, qtbot):
    graph = Graph()
    graph.add("Tanh", "alone", position=(0, 0))
    user = hands(open_window(graph))
    user.canvas.setFocus()
    user.canvas.select([user.id("alone")])
    with qtbot.waitSignal(user.canvas.refused) as told:
        user.key(Key.Key_E)
    assert told.args == ["alone has no edges."] and selected(user) == ["alone"]


# -- settings


def test_enter_goes_to_the_settings_and_esc_back_to_the_same_node(user):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_Return)
    page = user.window.inspector.node_page
    assert page.fields["out_features"].editor.hasFocus()
    user.key(Key.Key_A, CTRL)
    write(user, "16")
    assert user.document.level.nodes[user.id("fc1")].settings["out_features"] == 16
    user.key(Key.Key_Escape)
    assert user.canvas.hasFocus() and selected(user) == ["fc1"]


def test_f2_goes_to_the_name_and_esc_gives_it_up(user):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_F2)
    write(user, "other")
    user.key(Key.Key_Escape)
    assert user.canvas.hasFocus() and selected(user) == ["fc1"] and user.document.stack.count() == 0
    user.key(Key.Key_F2)
    write(user, "hidden")
    user.key(Key.Key_Return)
    user.key(Key.Key_Escape)
    assert user.canvas.hasFocus() and selected(user) == ["hidden"]


@pytest.mark.parametrize("steps", range(1, 5))
def test_esc_returns_from_every_field(user, steps):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_Return)
    for _ in range(steps):
        user.key(Key.Key_Tab)
    assert user.window.inspector.isAncestorOf(QApplication.focusWidget())
    user.key(Key.Key_Escape)
    assert user.canvas.hasFocus() and selected(user) == ["fc1"]


def test_enter_on_a_node_without_settings_goes_to_its_name(user):
    user.canvas.select([user.id("act1")])
    user.key(Key.Key_Return)
    assert user.window.inspector.node_page.name.hasFocus()


# -- menus and panels


@pytest.mark.parametrize(("key", "held"), [(Key.Key_Menu, Keys.NoModifier), (Key.Key_F10, SHIFT)])
def test_the_menu_opens_at_the_selected_node(user, qtbot, key, held):
    user.canvas.select([user.id("fc2")])
    with qtbot.waitSignal(user.canvas.menu_wanted) as wanted:
        user.key(key, held)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    card = user.canvas.mapFromScene(user.item("fc2").scene_card()).boundingRect()
    assert card.contains(user.canvas.viewport().mapFromGlobal(wanted.args[0]))
    texts = [action.text().replace("&", "") for action in menu.actions()]
    assert any(text.startswith("Delete") for text in texts)
    menu.close()
    assert user.document.stack.count() == 0


def test_f6_goes_round_the_window_and_back(user):
    window = user.window
    parts = (window.palette_panel, window.canvas, window.inspector, window.bottom.tabs, window.bottom.beside)

    def where():
        focus = QApplication.focusWidget()
        return next(part for part in parts if part is focus or part.isAncestorOf(focus))

    user.canvas.select([user.id("fc1")])
    seen = [where()]
    for _ in range(5):
        user.key(Key.Key_F6)
        seen.append(where())
    assert seen == [*parts[1:], *parts[:2]]
    user.key(Key.Key_F6, SHIFT)
    assert where() is parts[0]
    user.canvas.setFocus()
    user.key(Key.Key_Backtab, SHIFT)
    assert not user.canvas.hasFocus()  # Shift+Tab leaves the canvas too: nobody is caught in it


# -- all of it


def test_xor_is_built_connected_configured_and_trained_by_keys_alone(empty_window, hands, qtbot):
    window = empty_window
    user = hands(window)
    document, canvas = window.document, window.canvas
    assert canvas.hasFocus()

    def add(words):
        """From the search; where one node is selected before, beside it."""
        user.key(Key.Key_Tab)
        write(user, words)
        user.key(Key.Key_Return)

    def then(words):
        """Connect from the node just added to a new one."""
        user.key(Key.Key_C)
        if not canvas.search_popup.isVisible():
            user.key(Key.Key_Space)
        write(user, words)
        user.key(Key.Key_Return)

    # x → fc1 → act1 → fc2 → loss, and t
    add("in")
    for words in ("l", "tanh", "l", "bcew"):
        then(words)

    # 8 hidden units, 1 output
    def walk_to(name):
        for key in [Key.Key_Left] * 8 + [Key.Key_Right] * 8:
            if selected(user) == [name]:
                return
            user.key(key, ALT)
        raise AssertionError(f"{name} was not reached, but {selected(user)}")

    def set_first(text):
        user.key(Key.Key_Return)
        user.key(Key.Key_A, CTRL)
        write(user, text)
        user.key(Key.Key_Return)
        user.key(Key.Key_Escape)

    walk_to("fc2")
    set_first("1")
    walk_to("fc1")
    set_first("8")
    names = document.level.names
    assert document.level.nodes[names["fc1"]].settings["out_features"] == 8
    assert document.level.nodes[names["fc2"]].settings["out_features"] == 1

    # its target: the second input of the loss, from something new
    walk_to("loss")
    user.key(Key.Key_C, SHIFT)
    user.key(Key.Key_Down)
    user.key(Key.Key_Return)
    user.key(Key.Key_Space)
    user.key(Key.Key_Return)  # Target is offered first for a target
    assert edges(user) == {
        "x>fc1.input",
        "fc1>act1.input",
        "act1>fc2.input",
        "fc2>loss.input",
        "t>loss.target",
    }
    cards = [item.scene_card() for item in canvas.graph_scene.nodes.values()]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i])

    # the data
    def tab_to(title):
        for _ in range(6):
            if QApplication.focusWidget() is not window.tabs.tabBar():
                user.key(Key.Key_F6)
        for key in [Key.Key_Left] * window.tabs.count() + [Key.Key_Right] * window.tabs.count():
            if window.tabs.tabText(window.tabs.currentIndex()) == title:
                return
            user.key(key)
        raise AssertionError(f"there is no tab {title}")

    def tab_until(widget):
        for _ in range(30):
            if QApplication.focusWidget() is widget:
                return
            user.key(Key.Key_Tab)
        raise AssertionError(f"{widget} was not reached")

    tab_to("Data")
    tab_until(window.engine.data.chooser)
    write(user, "e")
    assert document.project.data is not None and document.project.data.source == "xor"
    tab_until(window.engine.data.fields["targets"].editor)
    write(user, "n")  # numbers
    qtbot.waitUntil(lambda: window.engine.stepper.ready and not window.engine.samples.loading, timeout=20000)
    assert [p.sentence for p in document.problems if p.severity == "error"] == []

    # the rate, and the run
    tab_to("Training")
    until = window.engine.training.controls.until
    tab_until(until)
    user.key(Key.Key_Space)
    assert QApplication.focusWidget() is until.popup.fields.fields["epochs"].editor
    user.key(Key.Key_A, CTRL)
    write(user, "40")
    user.key(Key.Key_Return)
    user.key(Key.Key_Escape)
    assert until.hasFocus()
    tab_until(window.engine.training.controls.live.fields["lr"].editor)
    user.key(Key.Key_A, CTRL)
    write(user, "2")
    assert (document.project.training.epochs, document.project.training.lr) == (40, 2.0)
    user.key(Key.Key_T, CTRL)
    qtbot.waitUntil(lambda: len(document.project.history) == 40, timeout=60000)
    losses = [entry["train_loss"] for entry in document.project.history]
    assert losses[-1] < 0.5 * losses[0]
