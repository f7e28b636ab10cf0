"""Edges that run back within a row: led around their cards, the same curve wherever it is asked for."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from nnstudio.graph import Move, SetBends
from nnstudio.studio import theme
from nnstudio.studio.canvas.curves import points_of
from nnstudio.studio.canvas.pulses import PERIOD
from nnstudio.studio.picture import Picture
from tests.studio.desk import Keys, lay, wires


@pytest.fixture
def desk(qtbot):
    """x – a … b, where b reads a and stands left of it, with x between them."""
    desk = lay(qtbot, wires("a", "b"))
    desk.document.push(Move({desk.id("a"): (448.0, 0.0), desk.id("b"): (-224.0, 16.0)}))
    return desk


def seen(item, cards):
    """How much of a curve no card covers."""
    points = [QPointF(x, y) for x, y in points_of(item.pieces()).tolist()]
    return sum(not any(card.contains(point) for card in cards) for point in points) / len(points)


def lane(desk) -> QPointF:
    return desk.edge_item("a", "b").middle()


def test_it_is_seen_all_the_way_below_the_cards(desk):
    cards = [item.scene_card().adjusted(1, 1, -1, -1) for item in desk.canvas.graph_scene.nodes.values()]
    assert seen(desk.edge_item("a", "b"), cards) == 1
    assert lane(desk).y() > max(card.bottom() for card in cards[:3]) + 16


@pytest.mark.parametrize(("at", "side"), [(60.0, 1), (-60.0, -1)])
def test_it_goes_above_where_it_rises(desk, at, side):
    desk.document.push(Move({desk.id("b"): (-224.0, at)}))
    middle = sum(desk.item(name).scene_card().center().y() for name in "ab") / 2
    assert (lane(desk).y() - middle) * side > 56


def test_in_another_row_and_forwards_it_is_one_curve(desk):
    for place in ((-224.0, 160.0), (-224.0, -160.0), (700.0, 16.0)):
        desk.document.push(Move({desk.id("b"): place}))
        assert len(desk.edge_item("a", "b").pieces()) == 1


def test_a_long_one_goes_outside_of_one_within_it(desk):
    near = lane(desk).y()
    desk.document.push(Move({desk.id("b"): (-800.0, 16.0)}))
    assert lane(desk).y() > near + 6


def test_a_click_on_it_selects_it_while_it_follows_its_cards(desk):
    desk.click(lane(desk))
    assert desk.canvas.graph_scene.selected_edges() == [desk.edge("a", "b")]
    desk.canvas.select([])
    desk.drag(desk.middle("b"), desk.middle("b") + QPointF(-40, 24))
    desk.click(lane(desk))
    assert desk.canvas.graph_scene.selected_edges() == [desk.edge("a", "b")]
    scene = desk.canvas.graph_scene
    item = desk.edge_item("a", "b")
    left, top, right, bottom = scene.places.boxes()[scene.places.edge_row[item.edge]].tolist()
    box = QRectF(left, top, right - left, bottom - top)
    assert box.contains(item.path().boundingRect())


def test_a_bend_takes_the_place_of_the_way_around(desk):
    desk.press(lane(desk), keys=Keys.AltModifier)
    desk.release(lane(desk), keys=Keys.AltModifier)
    (bend,) = desk.edge("a", "b").bends
    assert QPointF(*bend).y() > 120
    desk.drag(QPointF(*bend), QPointF(100, 300))
    assert desk.edge("a", "b").bends == ((96.0, 304.0),)
    desk.document.push(SetBends(desk.edge("a", "b"), ()))
    assert len(desk.edge_item("a", "b").pieces()) == 3


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_pulses_run_on_it_near_and_far(desk, scale):
    desk.canvas.zoom(scale / desk.canvas.scale_now())
    pulses, edge = desk.canvas.pulses, desk.edge("a", "b")
    pulses.flow([edge], "forward")
    for late in np.linspace(0, PERIOD, 9):
        x, y = pulses.positions(pulses._begun + late, scale < 0.35)[0].tolist()
        assert desk.edge_item("a", "b").distance(QPointF(x, y)) < 1.5
    pulses.stop()


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_it_is_painted_there_near_far_and_in_pictures(desk, scale):
    desk.canvas.zoom(scale / desk.canvas.scale_now())
    desk.canvas.select([], [desk.edge("a", "b")])
    point = lane(desk) + QPointF(60, 0)
    image, spot = desk.canvas.grab().toImage(), desk.spot(point)
    column = {image.pixelColor(spot.x(), spot.y() + dy).name() for dy in (-1, 0, 1)}
    assert theme.colours().focus.lower() in column or theme.colours().edge.lower() in column
    desk.canvas.select([])
    picture = Picture(desk.canvas.graph_scene)
    image, at = picture.image(1.0), point - picture.box.topLeft()
    column = {image.pixelColor(round(at.x()), round(at.y()) + dy).name() for dy in (-1, 0, 1)}
    assert theme.colours().edge.lower() in column
