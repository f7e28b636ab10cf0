"""Moving nodes: guides, grid, what goes along, and a node that is dropped on an edge."""

from itertools import combinations
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from nnstudio.graph import AddFrame, AddNode, Edge, Frame, Move, SetBends
from nnstudio.studio.canvas import gliding
from nnstudio.studio.canvas.aligning import aligned, distributed
from tests.studio.desk import Keys, lay, wires

Key = Qt.Key


@pytest.fixture
def desk(qtbot):
    return lay(qtbot, wires("a", "b", "c"))


def drop(desk, name, corner, **keys):
    """Drag a node so that its upper left corner would come to a place."""
    start = desk.middle(name)
    desk.drag(start, start + corner - desk.item(name).pos(), **keys)


# -- guides


def test_a_node_snaps_to_a_neighbours_line_before_the_grid_and_the_line_is_shown(desk):
    drop(desk, "b", QPointF(451, 300), keys=Keys.AltModifier)
    assert desk.position("b") == (451, 300), "with Alt it is where the mouse is"
    start = desk.middle("free")
    desk.hold(start, start + QPointF(449, 2) - QPointF(0, 30))  # left edges at 449 and 451
    gesture = desk.canvas.gesture
    assert desk.item("free").pos() == QPointF(451, 272), "x on the neighbour's line, y on the grid"
    (line,) = gesture._guides.lines
    assert line.x1() == line.x2() == 451 and line.y1() < 272 and line.y2() > 300 + 112
    desk.canvas.grab()
    desk.release(start + QPointF(449, -28))
    assert desk.position("free") == (451, 272) and desk.undo_text == "Move free"
    assert any(box.contains(line.center()) for box in gesture.boxes())


def test_guides_reach_six_pixels_at_any_zoom(desk):
    desk.canvas.zoom(0.5)
    start = desk.middle("free")
    for away, snaps in ((11, True), (15, False)):
        desk.hold(start, start + QPointF(224 + away, 96))  # left of a is 224
        assert (desk.item("free").x() == 224) is snaps
        desk.key(Key.Key_Escape)
        desk.release(start)


def test_a_neighbour_out_of_view_is_no_guide(desk):
    start = desk.middle("free")
    for centre, x in ((QPointF(600, 200), 224), (QPointF(600, 620), 232)):  # the row is above that view
        desk.canvas.look_at(centre)
        desk.hold(start, start + QPointF(229, 96))
        assert desk.item("free").x() == x and bool(desk.canvas.gesture._guides.lines) is (x == 224)
        desk.key(Key.Key_Escape)
        desk.release(start)


def test_frames_align_with_frames(desk):
    desk.document.push(AddFrame(Frame("f1", "one", (0, 480), (300, 96))))
    desk.document.push(AddFrame(Frame("f2", "two", (500, 477), (203, 96))))
    frames = desk.canvas.graph_scene.frames
    start = QPointF(600, 492)
    desk.hold(start, start + QPointF(-399, 2))  # right edges at 304 and 300, tops at 479 and 480
    assert frames["f2"].scene_box().right() == 300 and frames["f2"].y() == 480
    assert len(desk.canvas.gesture._guides.lines) == 2
    desk.release(start + QPointF(-399, 2))
    assert desk.document.level.frames["f2"].position == (97, 480)


# -- onto an edge


def test_a_free_node_dropped_on_an_edge_is_spliced_in_and_what_follows_moves_aside(desk):
    before = desk.text()
    middle = desk.edge_item("a", "b").middle()
    start = desk.middle("free")
    goal = middle + start - desk.item("free").scene_card().center() + QPointF(3, 9)
    desk.hold(start, goal)
    gesture = desk.canvas.gesture
    assert gesture._slot.edge == desk.edge("a", "b"), "the edge is lit while one hovers"
    desk.canvas.grab()
    desk.release(goal)
    assert {"a>free.input", "free>b.input"} <= desk.joined() and "a>b.input" not in desk.joined()
    assert desk.steps == 1 and desk.undo_text == "Insert free between a and b"
    assert desk.position("a") == (224, 0) and desk.position("x") == (0, 0)
    assert desk.position("free")[1] == 0, "level with the edge"
    cards = [item.scene_card() for item in desk.canvas.graph_scene.nodes.values()]
    assert not any(one.intersects(other) for i, one in enumerate(cards) for other in cards[:i])
    b, c = desk.position("b"), desk.position("c")
    assert b[0] > 448 and c[0] - b[0] == 224, "what follows keeps its distances"
    desk.document.undo()
    assert desk.text() == before
    assert desk.item("free").pos() == QPointF(0, 304) and desk.item("b").pos() == QPointF(448, 0)


def test_where_there_is_room_nothing_else_moves(desk):
    for name in ("b", "c"):
        drop(desk, name, desk.item(name).pos() + QPointF(400, 0))
    steps = desk.steps
    middle = desk.edge_item("a", "b").middle()
    drop(desk, "free", middle - QPointF(76 + 40, 56))
    assert {"a>free.input", "free>b.input"} <= desk.joined()
    assert desk.position("b") == (848, 0) and desk.steps == steps + 1
    x = desk.position("free")[0]
    assert abs(x - (middle.x() - 116)) <= 4, "it stays where it was dropped"


def test_with_alt_it_is_spliced_in_just_there_and_nothing_moves_aside(desk):
    corner = desk.edge_item("a", "b").middle() - QPointF(76, 53)
    start = desk.middle("free")
    goal = start + corner - desk.item("free").pos()
    desk.hold(start, goal, keys=Keys.AltModifier)
    assert desk.canvas.gesture._slot._lines() == ["Between a and b; nothing moves aside"]
    desk.release(goal, keys=Keys.AltModifier)
    assert {"a>free.input", "free>b.input"} <= desk.joined() and "a>b.input" not in desk.joined()
    assert desk.undo_text == "Insert free between a and b" and desk.steps == 1
    assert [desk.position(name) for name in ("a", "b", "c")] == [(224, 0), (448, 0), (672, 0)]
    assert (QPointF(*desk.position("free")) - corner).manhattanLength() < 2


def test_only_a_node_that_can_pass_something_on_is_taken_in(desk):
    middle = desk.edge_item("a", "b").middle() - QPointF(76, 56)
    drop(desk, "c", middle)  # b feeds it, so it has no free input
    assert "a>b.input" in desk.joined() and desk.undo_text == "Move c"
    desk.document.undo()
    for kind in ("MSE", "Input", "Target"):
        desk.document.push(AddNode(kind, name="it", position=(0, 500)))
        desk.canvas.look_at(QPointF(600, 300))
        drop(desk, "it", middle)
        assert "a>b.input" in desk.joined(), kind
        desk.document.undo()
        desk.document.undo()


def test_a_node_is_not_put_where_it_would_close_a_cycle(qtbot):
    desk = lay(qtbot, wires("a", "b"))
    desk.document.push(AddNode("CAddTable", name="sum", position=(672, 300)))
    desk.document.graph.connect("b", "sum")
    desk.canvas.graph_scene.follow()
    drop(desk, "sum", desk.edge_item("x", "a").middle() - QPointF(76, 56))
    assert desk.undo_text == "Move sum" and not desk.refused
    assert isinstance(desk.edge("x", "a"), Edge)


def test_a_frame_across_the_gap_grows_and_bends_beyond_it_move(desk):
    desk.document.push(AddFrame(Frame("f1", "row", (200, -60), (700, 200))))
    desk.document.push(AddFrame(Frame("f2", "end", (660, -300), (200, 100))))
    desk.document.push(SetBends(desk.edge("b", "c"), ((636.0, 120.0),)))
    drop(desk, "free", desk.edge_item("a", "b").middle() - QPointF(76, 56))
    by = desk.position("b")[0] - 448
    frames = desk.document.level.frames
    assert by > 0 and frames["f1"].size == (700 + by, 200) and frames["f1"].position == (200, -60)
    assert frames["f2"].position == (660 + by, -300)
    assert desk.edge("b", "c").bends == ((636 + by, 120),)


# -- what goes along


def test_bends_between_moved_nodes_go_along_and_nudging_takes_them_too(desk):
    desk.document.push(SetBends(desk.edge("a", "b"), ((412.0, 100.0),)))
    desk.document.push(SetBends(desk.edge("b", "c"), ((636.0, 100.0),)))
    desk.click(desk.middle("a"))
    desk.click(desk.middle("b"), keys=Keys.ShiftModifier)
    start = desk.middle("b")
    desk.hold(start, start + QPointF(0, 160))
    assert desk.edge_item("a", "b").bends == ((412, 260),), "shown while dragging"
    desk.release(start + QPointF(0, 160))
    assert desk.edge("a", "b").bends == ((412, 260),) and desk.edge("b", "c").bends == ((636, 100),)
    assert desk.undo_text == "Move 2 nodes"
    desk.key(Key.Key_Up)
    desk.key(Key.Key_Up, Keys.ShiftModifier)
    assert desk.position("a") == (224, 160 - 48) and desk.edge("a", "b").bends == ((412, 260 - 48),)
    assert desk.steps == 4, "nudges are one step"


def test_a_click_on_one_of_several_selects_it_alone(desk):
    desk.click(desk.middle("a"))
    desk.click(desk.middle("b"), keys=Keys.ControlModifier)
    assert desk.canvas.selected_nodes() == [desk.id("a"), desk.id("b")]
    desk.click(desk.middle("a"))
    assert desk.canvas.selected_nodes() == [desk.id("a")]


# -- aligning


BOXES = {"a": QRectF(10, 100, 100, 40), "b": QRectF(200, 20, 60, 80), "c": QRectF(130, 300, 100, 40)}


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("left", [(10, 100), (10, 20), (10, 300)]),
        ("centre", [(85, 100), (105, 20), (85, 300)]),
        ("right", [(160, 100), (200, 20), (160, 300)]),
        ("top", [(10, 20), (254, 20), (130, 20)]),
        ("middle", [(10, 160), (254, 140), (130, 160)]),
        ("bottom", [(10, 300), (254, 260), (130, 300)]),
    ],
)
def test_boxes_are_put_in_line(line, places):
    assert list(aligned(BOXES, line).values()) == places


def test_boxes_are_distributed_with_equal_gaps():
    boxes = {"c": QRectF(900, 7, 100, 10), "a": QRectF(0, 0, 100, 10), "b": QRectF(130, 3, 200, 10)}
    assert distributed(boxes, across=True) == {"a": (0, 0), "b": (400, 3), "c": (900, 7)}
    boxes = {key: QRectF(box.y(), box.x(), 10, box.width()) for key, box in boxes.items()}
    assert distributed(boxes, across=False) == {"a": (0, 0), "b": (3, 400), "c": (7, 900)}


# -- with the window's actions


@pytest.fixture
def user(window, hands):
    return hands(window)


def select(user, *names):
    user.canvas.select([user.id(name) for name in names])
    user.canvas.setFocus()


def test_the_actions_align_distribute_and_are_offered_only_where_they_can_be_used(user):
    actions = user.window.actions_by_id
    select(user, "fc1")
    assert not actions["align_left"].isEnabled() and not actions["distribute_across"].isEnabled()
    select(user, "fc1", "t")
    assert actions["align_left"].isEnabled() and not actions["distribute_across"].isEnabled()
    actions["align_left"].trigger()
    nodes = user.document.level.nodes
    assert nodes[user.id("fc1")].position == (224, 0) and nodes[user.id("t")].position == (224, 160)
    assert user.document.stack.undoText() == "Align 2 nodes at the left"
    select(user, "x", "fc1", "act1", "fc2")
    user.document.push(Move({user.id("act1"): (400.0, 0.0)}))
    actions["distribute_across"].trigger()
    assert user.document.level.nodes[user.id("act1")].position == (448, 0)
    assert user.document.stack.undoText() == "Distribute 4 nodes horizontally"


@pytest.mark.parametrize(("line", "axis"), [("left", 1), ("centre", 1), ("top", 0), ("bottom", 0)])
def test_what_is_aligned_lies_on_nothing_and_keeps_its_order(user, line, axis):
    """A row becomes a column, a column a row."""
    names = ["x", "fc1", "act1", "fc2"]
    if axis == 0:
        user.document.push(Move({user.id(name): (0.0, 160.0 * i) for i, name in enumerate(names)}))
    steps = user.document.stack.count()
    select(user, *names)
    user.window.actions_by_id[f"align_{line}"].trigger()
    cards = {item.look.name: item.scene_card() for item in user.canvas.graph_scene.nodes.values()}
    assert not [(a, b) for a, b in combinations(cards, 2) if cards[a].intersects(cards[b])]
    places = [user.document.level.nodes[user.id(name)].position for name in names]
    assert len({place[1 - axis] for place in places}) == 1
    along = [place[axis] for place in places]
    assert along == sorted(along) and user.document.stack.count() == steps + 1


def test_what_is_aligned_goes_past_what_is_not_selected(user):
    select(user, "fc2", "loss")  # below fc2 is t
    user.window.actions_by_id["align_left"].trigger()
    assert user.document.level.nodes[user.id("loss")].position == (672, 296)


def test_everything_upstream_and_downstream_is_selected_by_keys(user):
    select(user, "act1")
    user.key(Key.Key_BracketLeft, Keys.ControlModifier)
    assert set(user.canvas.selected_nodes()) == {user.id(name) for name in ("x", "fc1", "act1")}
    select(user, "act1")
    user.key(Key.Key_BracketRight, Keys.ControlModifier)
    assert set(user.canvas.selected_nodes()) == {user.id(name) for name in ("act1", "fc2", "loss")}


def test_del_and_bypass_heal_the_edge(user):
    names = {key: name for name, key in user.document.level.names.items()}

    def joined():
        return {f"{names[e.source]}>{names[e.target]}" for e in user.document.level.edges}

    before = user.document.graph.to_dict()
    select(user, "act1")
    user.key(Key.Key_Delete)
    assert "fc1>fc2" in joined() and user.document.stack.undoText() == "Remove act1"
    user.window.undo()
    assert user.document.graph.to_dict() == before
    select(user, "act1", "loss")
    user.key(Key.Key_B, Keys.ControlModifier)
    nodes = user.document.level.nodes
    assert nodes[user.id("act1")].bypassed and not nodes[user.id("loss")].bypassed
    assert user.document.stack.count() == 1 and user.document.stack.undoText() == "Bypass act1"
    user.key(Key.Key_B, Keys.ControlModifier)
    assert user.document.graph.to_dict() == before and user.document.stack.undoText() == "Use act1 again"


def test_shift_and_an_arrow_go_five_steps(user):
    select(user, "fc1")
    user.key(Key.Key_Down, Keys.ShiftModifier)
    user.key(Key.Key_Down)
    assert user.document.level.nodes[user.id("fc1")].position == (224, 48)
    assert user.document.stack.count() == 1


def test_the_graph_glides_to_its_new_places_in_one_undo_step(user, qtbot, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(gliding, "time", SimpleNamespace(monotonic=lambda: now[0]))
    user.document.push(Move({user.id("fc1"): (1000.0, 900.0)}))
    before = user.document.graph.to_dict()
    glide = user.canvas.editing.glide
    user.key(Key.Key_L, Keys.ControlModifier)
    assert glide.running and user.document.stack.count() == 2
    assert user.document.stack.undoText() == "Arrange the graph"
    goal = user.document.level.nodes[user.id("fc1")].position
    glide.show_at(0.05)
    assert user.item("fc1").place() not in ((1000, 900), goal)
    now[0] += gliding.SECONDS
    qtbot.waitUntil(lambda: not glide.running, timeout=30000)
    assert user.item("fc1").place() == goal
    user.window.undo()
    assert user.document.graph.to_dict() == before and user.item("fc1").place() == (1000, 900)
    user.window.redo()
    user.key(Key.Key_L, Keys.ControlModifier)
    assert user.document.stack.count() == 2, "what is arranged already is no change"


def test_an_undo_during_the_glide_ends_it_and_reduced_motion_has_none(user):
    user.document.push(Move({user.id("fc1"): (1000.0, 900.0)}))
    user.window.actions_by_id["arrange"].trigger()
    assert user.canvas.editing.glide.running
    user.window.undo()
    assert not user.canvas.editing.glide.running and user.item("fc1").place() == (1000, 900)
    user.canvas.pulses.reduced = True
    user.window.actions_by_id["arrange"].trigger()
    assert not user.canvas.editing.glide.running
    assert user.item("fc1").place() == user.document.level.nodes[user.id("fc1")].position != (1000, 900)


def test_only_the_selection_is_arranged(user):
    user.document.push(Move({user.id("fc1"): (300.0, 900.0), user.id("act1"): (200.0, 700.0)}))
    select(user, "fc1", "act1")
    arrange = user.window.actions_by_id["arrange"]
    assert arrange.text().replace("&", "") == "Arrange the Selection"
    others = [user.id(name) for name in ("x", "fc2", "loss", "t")]
    rest = {key: user.document.level.nodes[key].position for key in others}
    arrange.trigger()
    nodes = user.document.level.nodes
    assert {key: nodes[key].position for key in rest} == rest
    fc1, act1 = nodes[user.id("fc1")].position, nodes[user.id("act1")].position
    assert fc1[1] == act1[1] and fc1[0] < act1[0]
    assert user.document.stack.undoText() == "Arrange 2 nodes"


def test_from_the_palette_into_an_edge_and_with_alt_nothing_moves_aside(window, hands, drag_from_palette):
    user = hands(window)
    edge = user.document.graph.inputs_of(user.id("fc2"))["input"]
    middle = user.canvas.graph_scene.edges[edge].middle()
    drag_from_palette(window, "ReLU", QPointF(600, 300), middle, keys=Keys.AltModifier)
    assert edge not in user.document.level.edges
    card = user.item("act2").scene_card()
    assert (card.center() - middle).manhattanLength() < 2 and user.item("fc2").x() == 672
    assert user.document.stack.undoText() == "Insert act2 between act1 and fc2"
    user.window.undo()
    drag_from_palette(window, "ReLU", QPointF(600, 300), middle)
    assert user.document.stack.undoText() == "Insert act2 between act1 and fc2"
    assert user.item("fc2").x() > 672
