"""What the canvas draws: places, pictures, badges, frames, bends, pulses and the overview."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from nnstudio.graph import (
    AddFrame,
    AddNode,
    Frame,
    Graph,
    Move,
    RemoveEdge,
    RemoveFrame,
    SetBends,
    SetBypassed,
    SetSetting,
)
from nnstudio.studio import theme
from nnstudio.studio.canvas.complaints import few_words
from nnstudio.studio.canvas.curves import cubics, points_of
from nnstudio.studio.canvas.pulses import PASS, PERIOD
from tests.studio.desk import sharpen


@pytest.fixture
def user(window, hands):
    return hands(window)


def picture(canvas) -> np.ndarray:
    """The viewport's pixels as (height, width, 3)."""
    image = canvas.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def count_of(pixels: np.ndarray, tint: str) -> int:
    """How many pixels are just of this colour."""
    wanted = QColor(tint)
    return int((pixels == [wanted.red(), wanted.green(), wanted.blue()]).all(axis=2).sum())


def edge_named(user, source: str, target: str):
    level = user.document.level
    ids = level.names[source], level.names[target]
    return next(edge for edge in level.edges if (edge.source, edge.target) == ids)


def wrong_size(user) -> None:
    user.document.push(SetSetting(user.id("fc2"), "in_features", 5))
    QApplication.processEvents()


# -- where things are


def test_places_are_those_of_the_items_after_any_move(user):
    scene = user.canvas.graph_scene
    user.document.push(Move({user.id("act1"): (333.0, -77.0)}))
    _ = scene.places.boxes()
    user.document.push(Move({user.id("fc1"): (100.0, 400.0), user.id("act1"): (500.0, 10.0)}))
    places = scene.places
    for row, item in enumerate(places.nodes):
        assert tuple(places.corners[row]) == item.place()
    for row, item in enumerate(places.edges):
        start, end = item.ends()
        assert places.ends()[row].tolist() == [start.x(), start.y(), end.x(), end.y()]
        curve = item.path().boundingRect()
        assert QRectF(
            *places.boxes()[row, :2], *(places.boxes()[row, 2:] - places.boxes()[row, :2])
        ).contains(curve)


def test_every_edge_is_found_where_it_is_drawn(user):
    scene = user.canvas.graph_scene
    edge = edge_named(user, "fc1", "act1")
    user.document.push(SetBends(edge, ((400.0, 300.0), (430.0, 320.0))))
    for item in scene.edges.values():
        for x, y in points_of(item.pieces())[3:-3:5].tolist():
            assert scene.edge_at(QPointF(x, y), 3.0) is not None
    assert scene.edge_at(QPointF(415, 315), 12.0) is scene.edges[edge]
    assert scene.edge_at(QPointF(415, 500), 12.0) is None


def test_a_bent_edge_runs_through_its_bends_and_undo_straightens_it(user):
    scene = user.canvas.graph_scene
    edge = edge_named(user, "fc1", "act1")
    item = scene.edges[edge]
    straight = item.distance(QPointF(412, 260))
    user.document.push(SetBends(edge, ((412.0, 260.0),)))
    assert straight > 100 and item.distance(QPointF(412, 260)) < 0.5
    assert item.bend_at(QPointF(415, 262), 8) == 0 and item.bend_at(QPointF(440, 262), 8) is None
    user.window.undo()
    assert item.bends == () and item.distance(QPointF(412, 260)) == pytest.approx(straight)


def test_a_bent_curve_has_no_kink():
    pieces = cubics((0, 0), (300, 40), [(100.0, 120.0), (180.0, 90.0)])
    assert len(pieces) == 3
    for before, after in pairwise(pieces):
        (x, y), (u, v) = before[2], after[1]
        at = after[0]
        arriving, leaving = (at[0] - x, at[1] - y), (u - at[0], v - at[1])
        assert arriving[0] * leaving[1] - arriving[1] * leaving[0] == pytest.approx(0, abs=1e-9)
        assert arriving[0] * leaving[0] + arriving[1] * leaving[1] > 0


def test_handles_show_only_while_a_bent_edge_is_selected(user):
    edge = edge_named(user, "fc1", "act1")
    user.document.push(SetBends(edge, ((412.0, 260.0),)))
    user.canvas.frame()
    spot = user.canvas.mapFromScene(QPointF(412, 260))
    card = QColor(theme.colours().card).getRgb()[:3]
    assert tuple(picture(user.canvas)[spot.y(), spot.x()]) != card
    user.canvas.select([], [edge])
    assert tuple(picture(user.canvas)[spot.y(), spot.x()]) == card


# -- what is painted again


def on_screen(canvas) -> np.ndarray:
    """The viewport's pixels as they stand on the screen, nothing painted again for the purpose."""
    QApplication.processEvents()
    viewport = canvas.viewport()
    image = canvas.screen().grabWindow(canvas.window().winId()).toImage()
    corner = viewport.mapTo(canvas.window(), QPoint(0, 0))
    image = image.copy(corner.x(), corner.y(), viewport.width(), viewport.height())
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def unchanging(qtbot, canvas) -> np.ndarray:
    """The same, once it has stayed so for a while: the numbers of all cards have come."""
    pictures = [on_screen(canvas)]

    def same_again() -> bool:
        pictures.append(on_screen(canvas))
        return len(pictures) > 8 and all(np.array_equal(pictures[-1], each) for each in pictures[-8:])

    qtbot.waitUntil(same_again, timeout=30000)
    return pictures[-1]


@pytest.mark.parametrize("scale", [1.0, 0.2])
def test_what_is_dragged_leaves_no_trace_behind(user, qtbot, scale):
    """Painted bit by bit while it is dragged, the canvas looks as if it were painted at once."""
    canvas = user.canvas
    canvas.minimap.setVisible(False)
    canvas.zoom(scale / canvas.scale_now())
    canvas.look_at(user.item("t").scene_card().center())
    qtbot.waitUntil(lambda: user.window.engine.stepper.ready, timeout=30000)  # nothing more comes by itself
    sharpen(qtbot, canvas)
    start = user.middle("t")  # towards what it feeds: its edge no longer covers where it was
    user.press(start)
    for step in range(1, 6):
        user.move(start + QPointF(40 * step, 36 * step) / scale)
    piecemeal = on_screen(canvas)
    canvas.viewport().repaint()
    assert (piecemeal != on_screen(canvas)).sum() == 0
    user.key(Qt.Key.Key_Escape)
    user.release(start)
    after = on_screen(canvas)
    canvas.graph_scene.put_down()
    canvas.viewport().repaint()
    assert (after != on_screen(canvas)).sum() == 0


def test_what_is_dragged_is_not_where_it_was(user, qtbot):
    qtbot.waitUntil(lambda: user.window.engine.stepper.ready, timeout=30000)  # and the cards show its numbers
    sharpen(qtbot, user.canvas)
    before = unchanging(qtbot, user.canvas)
    start = user.middle("act1")
    user.press(start)
    for step in range(1, 5):
        user.move(start + QPointF(0, 60 * step))
    left, right = (user.canvas.mapFromScene(QPointF(*at)) for at in ((424, 50), (446, 130)))
    rows, columns = slice(left.y(), right.y()), slice(left.x(), right.x())
    edge = theme.colours().edge
    assert count_of(before[rows, columns], edge) > 10  # the edge into act1 ran there
    assert count_of(on_screen(user.canvas)[rows, columns], edge) == 0
    user.key(Qt.Key.Key_Escape)
    user.release(start)
    # As before, but that the card is selected now.
    qtbot.waitUntil(lambda: (on_screen(user.canvas) != before).sum() < 3000, timeout=30000)


def test_an_update_far_out_asks_for_little(user, monkeypatch):
    asked = []
    user.canvas.viewport().repaint()
    user.canvas.graph_scene.painted()
    user.canvas.graph_scene.spoilt.connect(lambda box: asked.append(QRectF(box)))
    user.canvas.set_thumbnail(user.id("fc1"), np.arange(8.0))
    assert len(asked) == 1 and asked[0].intersects(user.item("fc1").scene_card())
    assert not asked[0].intersects(user.item("loss").scene_card())


def test_a_thousand_updates_are_told_as_one(user):
    asked = []
    scene = user.canvas.graph_scene
    scene.painted()
    scene.spoilt.connect(lambda box: asked.append(QRectF(box)))
    for _ in range(1000):
        user.item("fc1").update()
    assert len(asked) < 50 and asked[-1].isEmpty()
    scene.painted()
    user.item("fc1").update()
    assert not asked[-1].isEmpty()


# -- problems


def test_a_problem_is_said_in_words_at_its_node(user):
    wrong_size(user)
    badges = user.canvas.painting.badges()
    assert [badge.words for badge in badges if badge.complaint.severity == "error"] == ["expects 5, gets 8"]
    card = QRectF(user.canvas.mapFromScene(user.item("fc2").scene_card()).boundingRect())
    assert badges[0].box.intersects(card)
    assert count_of(picture(user.canvas), theme.colours().error.fill) > 500
    user.window.undo()
    QApplication.processEvents()
    assert user.canvas.painting.badges() == []
    assert count_of(picture(user.canvas), theme.colours().error.fill) == 0


def test_from_afar_the_badge_is_as_large_as_ever(user):
    wrong_size(user)
    near = user.canvas.painting.badges()[0].box.size()
    user.canvas.zoom(0.15 / user.canvas.scale_now())
    badge = user.canvas.painting.badges()[0]
    assert badge.box.size() == near and badge.words == "expects 5, gets 8"
    assert count_of(picture(user.canvas), theme.colours().error.fill) > 500


def test_from_afar_the_words_of_one_do_not_cover_the_sign_of_its_neighbour(open_window):
    graph = Graph()
    for name, x in (("right", 224), ("left", 0)):
        graph.add("Tanh", name=name, position=(x, 0))
    canvas = open_window(graph).canvas
    canvas.zoom(0.25 / canvas.scale_now())
    left, right = sorted(canvas.painting.badges(), key=lambda badge: badge.box.right())
    assert left.words and not right.words and not left.box.intersects(right.box)


def test_words_give_way_where_badges_would_lie_on_one_another(open_window):
    graph = Graph()
    for index in range(12):
        graph.add("Linear", position=(60.0 * index, 0.0))
    canvas = open_window(graph).canvas
    QApplication.processEvents()
    canvas.zoom(0.4 / canvas.scale_now())
    canvas.look_at(QPointF(330, 50))
    badges = canvas.painting.badges()
    assert len(badges) == 12 and 0 < sum(bool(badge.words) for badge in badges) < 12
    worded = [badge.box for badge in badges if badge.words]
    assert not any(a.intersects(b) for i, a in enumerate(worded) for b in worded[:i])


def test_the_tooltip_of_a_badge_is_the_whole_sentence(user):
    wrong_size(user)
    spot = user.canvas.painting.badges()[0].box.center().toPoint()
    viewport = user.canvas.viewport()
    QTest.mouseMove(viewport, spot)
    QApplication.processEvents()
    assert viewport.toolTip() == "fc2 expects 5 features, but act1 gives 8."
    help_event = QHelpEvent(QEvent.Type.ToolTip, spot, viewport.mapToGlobal(spot))
    QApplication.sendEvent(viewport, help_event)
    assert QToolTip.text() == "fc2 expects 5 features, but act1 gives 8."
    QTest.mouseMove(viewport, QPoint(5, 5))
    QApplication.processEvents()
    assert viewport.toolTip() == ""
    QToolTip.hideText()


def test_every_kind_of_problem_has_few_words(user, open_example):
    graph = Graph()
    graph.add("Linear", name="a")
    graph.add("Target", name="t", shape=(1,))
    words = {problem.kind: few_words(problem) for problem in graph.problems()}
    assert (
        words["missing-input"] == "input not connected" and words["unconnected-target"] == "nothing reads it"
    )
    assert all(0 < len(each) <= 40 for each in words.values())


# -- frames, bypassed nodes, groups


def test_a_frame_is_drawn_under_the_cards_and_goes_with_undo(user):
    tint = theme.colours().frame("green")
    user.document.push(AddFrame(Frame("f1", "Trunk", (200.0, -60.0), (450.0, 300.0), "green")))
    user.canvas.frame()
    drawn = picture(user.canvas)
    assert count_of(drawn, tint.fill) > 10_000
    inside = user.canvas.mapFromScene(user.item("fc1").scene_card().center() + QPointF(-60, 40))
    assert tuple(drawn[inside.y(), inside.x()]) == QColor(theme.colours().card).getRgb()[:3]
    item = user.canvas.graph_scene.frames["f1"]
    assert user.canvas.graph_scene.frame_at(QPointF(210, -50)) is item
    assert user.canvas.graph_scene.frame_at(QPointF(210, 200)) is None  # inside it is as good as canvas
    assert user.canvas.graph_scene.frame_at(QPointF(648, 238)) is item  # its corner
    user.document.push(RemoveFrame("f1"))
    assert count_of(picture(user.canvas), tint.fill) == 0 and not user.canvas.graph_scene.frames
    user.window.undo()
    assert count_of(picture(user.canvas), tint.fill) > 10_000


def test_a_frame_s_title_is_readable_from_afar(user):
    tint = theme.colours().frame("orange")
    user.document.push(AddFrame(Frame("f1", "Trunk of it", (-600.0, -400.0), (3000.0, 1600.0), "orange")))
    user.canvas.zoom(0.1 / user.canvas.scale_now())
    user.canvas.look_at(QPointF(0, 0))
    drawn = picture(user.canvas)
    corner = user.canvas.mapFromScene(QPointF(-600, -400))
    tab = drawn[corner.y() - 18 : corner.y(), corner.x() : corner.x() + 90]
    letters = np.abs(tab - np.array(QColor(tint.text).getRgb()[:3])).sum(axis=2) < 60
    assert letters.sum() > 40
    assert letters.any(axis=1).sum() >= 7  # rows of letters that tall


def test_from_afar_every_change_is_seen_as_if_all_were_drawn_anew(user):
    canvas, scene = user.canvas, user.canvas.graph_scene
    edge = edge_named(user, "fc1", "act1")
    canvas.zoom(0.2 / canvas.scale_now())
    before = picture(canvas)
    for change in (
        lambda: canvas.select([user.id("act1")], [edge]),
        lambda: canvas.select([]),
        lambda: canvas.light(user.id("fc1"), [edge], "backward"),
        lambda: canvas.light(None),
        lambda: user.document.push(SetBends(edge, ((0.0, -400.0),))),
        lambda: user.document.push(SetBypassed((user.id("act1"),))),
        user.window.undo,
        user.window.undo,
        lambda: user.document.push(RemoveEdge(edge)),
    ):
        change()
        canvas.pulses.stop()
        now = picture(canvas)
        assert (now != before).any()
        scene.spoil_all()
        assert (now == picture(canvas)).all()
        before = now


def test_a_bypassed_node_looks_bypassed_near_and_far(user):
    item = user.item("act1")
    before = picture(user.canvas)
    user.document.push(SetBypassed((user.id("act1"),)))
    assert item.look.bypassed
    assert (before != picture(user.canvas)).any()
    user.canvas.zoom(0.2 / user.canvas.scale_now())
    far = picture(user.canvas)
    user.window.undo()
    assert not item.look.bypassed and (far != picture(user.canvas)).any()


def test_a_vector_picture_has_the_same_colours(user):
    """The items still paint themselves where a picture of the graph is made."""
    wrong_size(user)
    user.document.push(AddFrame(Frame("f1", "Trunk", (200.0, -60.0), (450.0, 300.0), "blue")))
    scene = user.canvas.graph_scene
    image = QImage(1200, 400, QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(image)
    scene.render(painter, QRectF(0, 0, 1200, 400), scene.contents())
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(400, image.bytesPerLine())
    pixels = rows[:, :3600].reshape(400, 1200, 3).astype(int)
    c = theme.colours()
    for tint in (c.card, c.frame("blue").fill, c.error.fill):
        assert count_of(pixels, tint) > 200


# -- pulses


def test_a_pulse_goes_with_the_value_and_comes_back_with_the_gradient(user):
    edge = edge_named(user, "fc1", "act1")
    pulses = user.canvas.pulses
    start, end = user.canvas.graph_scene.edges[edge].ends()
    for phase, way in (("forward", (start, end)), ("backward", (end, start))):
        user.canvas.light(user.id("fc1"), [edge], phase)
        begun = pulses._begun
        at = [QPointF(*pulses.positions(begun + share * PASS)[0].tolist()) for share in (0.0, 0.5, 1.0)]
        assert (at[0] - way[0]).manhattanLength() < 1e-6
        assert (at[1] - (start + end) / 2).manhattanLength() < 1e-6
        assert (at[2] - way[1]).manhattanLength() < 1e-6
    pulses.show_at(begun + 2 * PASS)
    assert not pulses.running


def test_pulses_stay_on_their_curves_bent_or_not(user):
    pulses, scene = user.canvas.pulses, user.canvas.graph_scene
    bent = edge_named(user, "fc1", "act1")
    user.document.push(SetBends(bent, ((400.0, 300.0), (430.0, 320.0))))
    user.document.push(Move({user.id("fc2"): (672.0, 240.0)}))
    edges = user.document.level.edges
    pulses.flow(edges, "forward")
    for late in np.linspace(0, PERIOD, 7):
        places = pulses.positions(pulses._begun + late)
        for edge, (x, y) in zip(edges, places.tolist(), strict=True):
            assert scene.edges[edge].distance(QPointF(x, y)) < 1.0
    pulses.stop()


def test_a_pulse_in_the_phase_s_colour_is_seen_moving(user):
    edge = edge_named(user, "fc1", "act1")
    pulses = user.canvas.pulses
    pulses.flow([edge], "update", {edge: 1.0})
    pulses._timer.stop()
    pictures = []
    for late in (0.3, 0.6):
        pulses.show_at(pulses._begun + late * PERIOD)
        pictures.append(picture(user.canvas))
        assert count_of(pictures[-1], theme.colours().update.mark) > 20
    assert (pictures[0] != pictures[1]).any()
    pulses.stop()
    assert count_of(picture(user.canvas), theme.colours().update.mark) == 0


def test_a_strong_pulse_is_wider(user):
    edge = edge_named(user, "fc1", "act1")
    pulses = user.canvas.pulses
    seen = []
    for strength in (0.0, 1.0):
        pulses.flow([edge], "update", {edge: strength})
        pulses._timer.stop()
        pulses.show_at(pulses._begun + 0.5 * PERIOD)
        seen.append(count_of(picture(user.canvas), theme.colours().update.mark))
    pulses.stop()
    assert seen[1] > 2 * seen[0] > 0


def test_with_reduced_motion_nothing_moves(user):
    edge = edge_named(user, "fc1", "act1")
    pulses = user.canvas.pulses
    pulses.reduced = True
    user.canvas.light(user.id("fc1"), [edge], "forward")
    assert not pulses._timer.isActive()
    at = [pulses.positions(pulses._begun + late).tolist() for late in (0.0, 0.2, 5.0)]
    middle = user.canvas.graph_scene.edges[edge].middle()
    assert at[0] == at[1] == at[2] == [[middle.x(), middle.y()]]


def test_an_edge_that_goes_takes_its_pulse_along(user):
    pulses = user.canvas.pulses
    before = user.document.level.edges
    pulses.flow(before, "forward")
    user.click(user.middle("act1"))
    user.key(Qt.Key.Key_Delete)
    picture(user.canvas)
    left = set(before) & set(user.document.level.edges)
    assert len(pulses.positions(pulses._begun + 0.1)) == len(left) == 3
    pulses.stop()


# -- the overview


@pytest.fixture
def close(user):
    """The canvas at 200 %, so that the overview shows."""
    user.canvas.zoom(2 / user.canvas.scale_now())
    user.canvas.look_at(user.item("act1").scene_card().center())
    QApplication.processEvents()
    assert user.canvas.minimap.isVisible()
    return user


def test_the_view_s_frame_is_dragged_and_the_view_follows(close):
    minimap, canvas = close.canvas.minimap, close.canvas
    box = minimap.view_box()
    grip = (box.center() + QPointF(3, 2)).toPoint()
    seen = canvas.seen().center()
    QTest.mousePress(minimap, Qt.MouseButton.LeftButton, pos=grip)
    assert (canvas.seen().center() - seen).manhattanLength() < 1  # taking hold moves nothing
    scale, _ = minimap._mapping()
    for step in range(1, 6):
        QTest.mouseMove(minimap, grip + QPoint(4 * step, 0))
        QApplication.processEvents()
    moved = canvas.seen().center() - seen
    assert moved.x() == pytest.approx(20 / scale, abs=2 / scale) and abs(moved.y()) <= 1 / scale
    QTest.mouseRelease(minimap, Qt.MouseButton.LeftButton, pos=grip + QPoint(20, 0))
    there = canvas.seen().center()
    QTest.mouseMove(minimap, grip)
    assert canvas.seen().center() == there


@pytest.mark.parametrize("names", [("fc2", "t"), ("x", "fc1", "act1", "fc2", "t"), ("act1", "deep")])
def test_what_is_fitted_into_view_keeps_clear_of_it(user, names):
    canvas = user.canvas
    user.document.push(AddNode("Tanh", "far", position=(4000.0, 3000.0)))
    user.document.push(AddNode("Tanh", "deep", position=(1400.0, 640.0)))
    canvas.select([user.id(name) for name in names])
    canvas.setFocus()
    user.key(Qt.Key.Key_F)
    minimap = canvas.minimap
    assert minimap.isVisible()
    for name in names:
        card = user.item(name).scene_card()
        assert canvas.seen().contains(card)
        assert not QRectF(minimap.geometry()).intersects(QRectF(canvas.mapFromScene(card).boundingRect()))


def test_a_node_behind_it_is_brought_out_when_one_walks_there(user):
    canvas, card = user.canvas, user.item("loss").scene_card()
    canvas.zoom(2 / canvas.scale_now())
    canvas.look_at(card.center() - QPointF(canvas.width() / 4 - 45, canvas.height() / 4 - 30))
    assert canvas.minimap.isVisible() and canvas.minimap.covers(card)
    canvas.reveal(user.id("loss"))
    assert not canvas.minimap.covers(card)


def test_cards_behind_it_show_through_until_it_is_used_and_a_drag_makes_it_fade(user, monkeypatch):
    canvas, minimap, card = user.canvas, user.canvas.minimap, user.item("t").scene_card()
    canvas.zoom(1.5 / canvas.scale_now())

    def shown():
        canvas.painting._rest()
        QApplication.processEvents()
        return canvas.grab(minimap.geometry()).toImage()

    spot = canvas.scene_point(QPointF(minimap.geometry().center()))
    canvas.look_at(canvas.seen().center() + card.center() - spot)
    assert minimap.isVisible() and minimap.covers(card)
    monkeypatch.setattr(minimap, "underMouse", lambda: False)  # wherever an earlier test left the pointer
    through = shown()
    monkeypatch.setattr(minimap, "underMouse", lambda: True)
    assert shown() != through
    canvas.select([user.id("fc2")])
    start = user.middle("fc2")
    user.press(start)
    user.move(start + QPointF(10, 10))
    near = canvas.scene_point(QPointF(minimap.geometry().topLeft() - QPoint(8, 8)))
    user.move(near)
    assert minimap._aside
    user.key(Qt.Key.Key_Escape)
    assert not minimap._aside
    user.release(near)


def test_a_click_beside_the_frame_centres_there(close):
    minimap, canvas = close.canvas.minimap, close.canvas
    scale, offset = minimap._mapping()
    loss = close.item("loss").scene_card().center()
    spot = (loss * scale + offset).toPoint()
    assert not minimap.view_box().contains(QPointF(spot))
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=spot)
    assert (canvas.seen().center() - loss).manhattanLength() < 2 / scale


def test_the_overview_shows_frames_and_problems_and_has_a_name(close):
    minimap = close.canvas.minimap

    def drawn(tint: str) -> int:
        image = minimap.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
        return count_of(pixels, tint)

    c = theme.colours()
    assert drawn(c.error.fill) == 0 and drawn(c.frame("purple").border) == 0
    wrong_size(close)
    close.document.push(AddFrame(Frame("f1", "Trunk", (650.0, -60.0), (420.0, 400.0), "purple")))
    close.canvas.minimap.refresh()
    assert drawn(c.error.fill) > 5 and drawn(c.frame("purple").border) > 20
    assert minimap.accessibleName() == "Overview of the graph"
