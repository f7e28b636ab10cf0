"""What is drawn: icons from definitions, the layout, the canvas from afar, many nodes."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from nnstudio.graph import Graph
from nnstudio.modules.catalogue import definitions
from nnstudio.studio.canvas.layout import arranged
from nnstudio.studio.canvas.node_icon import node_icon, paint_node_icon
from nnstudio.studio.canvas.node_item import HEIGHT, WIDTH, NodeItem
from nnstudio.studio.canvas.thumbnail import Thumbnail
from nnstudio.studio.formats import count, number
from tests.studio.desk import sharpen


@pytest.mark.parametrize("name", list(definitions()))
def test_every_node_type_has_an_icon(qapp, name):
    icon = node_icon(definitions()[name])
    assert icon.curve or icon.sign
    picture = QImage(28, 28, QImage.Format.Format_ARGB32)
    picture.fill(0)
    painter = QPainter(picture)
    paint_node_icon(painter, icon, QRectF(0, 0, 28, 28))
    painter.end()
    assert len({picture.pixel(x, y) for x in range(28) for y in range(28)}) > 3


def test_an_activation_s_icon_is_its_own_curve():
    points = np.array(node_icon(definitions()["ReLU"]).curve)
    x, y = points[:, 0] * 6 - 3, points[:, 1]
    assert np.ptp(y[x <= 0]) == 0 and (np.diff(y[x >= 0]) > 0).all()
    tanh = np.array(node_icon(definitions()["Tanh"]).curve)[:, 1]
    assert tanh[0] == pytest.approx(1 - tanh[-1], abs=1e-6) and tanh[len(tanh) // 2] == pytest.approx(0.5)
    leaky = definitions()["LeakyReLU"]
    (slope,) = [name for name, rule in leaky.settings.items() if rule.kind == "float"]
    assert node_icon(leaky, settings=leaky.complete({slope: 0.5})) != node_icon(leaky)


def test_all_elementwise_modules_of_one_input_have_a_curve():
    flat = [
        each.name
        for each in definitions().values()
        if each.elementwise and len(each.ports) == 1 and not node_icon(each).curve
    ]
    assert flat == []


def test_arranging_goes_from_left_to_right_and_needs_no_luck():
    graph = Graph()
    x = graph.add("Input")
    branches = [graph.add("Linear") for _ in range(5)]
    for branch in branches:
        graph.connect(x, branch)
    join = graph.add("CAddTable")
    graph.connect(branches[0], join)
    graph.connect(branches[1], join)
    graph.add("Tanh")  # joined to nothing
    places = arranged(graph.level)
    boxes = [QRectF(px, py, WIDTH, HEIGHT) for px, py in places.values()]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    for edge in graph.edges:
        assert places[edge.source][0] + WIDTH < places[edge.target][0]
    assert arranged(graph.level) == places


def test_arranging_survives_a_cycle():
    content = Graph()
    a, b = content.add("Tanh"), content.add("Tanh")
    content.connect(a, b)
    value = content.to_dict()
    value["edges"].append({**value["edges"][0], "source": b.id, "target": a.id})
    assert len(arranged(Graph.from_dict(value).level)) == 2


def chain(length: int) -> Graph:
    graph = Graph()
    last = graph.add("Input", shape=(8,), position=(0, 0))
    for i in range(1, length):
        node = graph.add("Tanh" if i % 2 else "Linear", position=((i % 25) * 220.0, (i // 25) * 160.0))
        graph.connect(last, node)
        last = node
    return graph


def test_from_afar_no_card_is_painted_by_itself(open_window, monkeypatch, qtbot):
    window = open_window(chain(100))
    painted = []
    picture_at = NodeItem.picture_at
    monkeypatch.setattr(
        NodeItem, "picture_at", lambda self, scale: (painted.append(self), picture_at(self, scale))[1]
    )
    window.canvas.frame()
    assert window.canvas.scale_now() < 0.35
    window.canvas.grab()
    assert not painted
    window.canvas.zoom(1 / window.canvas.scale_now())
    sharpen(qtbot, window.canvas)
    window.canvas.grab()
    assert painted


def test_five_hundred_nodes_touch_only_what_changes(open_window, monkeypatch):
    """Counted, not timed: moving one of 500 nodes routes its two edges and shows one card anew."""
    from nnstudio.graph import Move
    from nnstudio.studio.canvas.edge_item import EdgeItem

    window = open_window(chain(500))
    routed, shown = [], []
    route, show = EdgeItem.route, NodeItem.show_look
    monkeypatch.setattr(EdgeItem, "route", lambda self: (routed.append(self), route(self)))
    monkeypatch.setattr(NodeItem, "show_look", lambda self, look: (shown.append(self), show(self, look)))
    node = list(window.document.level.nodes)[250]
    window.document.push(Move({node: (0.0, 5000.0)}))
    assert len(routed) == 2 and len(shown) == 1
    assert window.canvas.graph_scene.nodes[node].pos() == QPointF(0, 5000)


def test_the_overview_appears_when_part_is_out_of_view_and_leads_there(open_window, qtbot):
    window = open_window(chain(60))
    canvas = window.canvas
    canvas.frame()
    assert not canvas.minimap.isVisible()
    canvas.zoom(1 / canvas.scale_now())
    assert canvas.minimap.isVisible()
    canvas.minimap.grab()
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    before = canvas.seen().center()
    QTest.mouseClick(canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(12, 50))
    assert canvas.seen().center().x() < before.x()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.173, "−0.1730"),
        (1.18, "1.18"),
        (1234567.0, "1.23e+06"),
        (1.2e-7, "1.20e−07"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
        (33.0, "33"),
    ],
)
def test_numbers_as_they_are_written(value, text):
    assert number(value) == text


def test_counts_as_they_are_written():
    assert count(1, "node") == "1 node" and count(669706, "parameter") == "669,706 parameters"


def test_what_a_thumbnail_shows_follows_the_shape():
    assert Thumbnail(np.array([[0.27]])).text == "0.2700"
    assert Thumbnail(np.arange(8.0)).bars.size == 8
    assert Thumbnail(np.zeros(784)).cells.shape == (28, 28)
    assert Thumbnail(np.zeros((8, 8))).cells.shape == (8, 8)
    assert Thumbnail(np.zeros((1000, 1000))).cells.size <= 4096
