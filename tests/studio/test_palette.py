"""The palette: search, keys, and modules dragged onto the canvas."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.modules.catalogue import definition, definitions
from nnstudio.studio.canvas.finding import score

Key = Qt.Key


def shown(palette):
    model = palette.model
    return [
        model.index(row, 0).data() for row in range(model.rowCount()) if model.definition(model.index(row, 0))
    ]


def test_every_node_type_of_the_catalogue_is_there_with_its_formula(empty_window):
    model = empty_window.palette_panel.model
    assert set(shown(empty_window.palette_panel)) == {
        each.name for each in definitions().values() if each.role != "group"
    }
    spoken = model.index(model.row_of("Tanh"), 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Tanh, tanh x"


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("tanh", "Tanh"),
        ("dense", "Linear"),
        ("fully conn", "Linear"),
        ("rel", "ReLU"),
        ("crent", "CrossEntropy"),
        ("sigmiod", "Sigmoid"),
        ("tahn", "Tanh"),
        ("softmax(x)[t]", "CrossEntropy"),
        ("label", "Target"),
    ],
)
def test_search_finds_by_name_other_name_formula_and_with_slips(query, best):
    points = {each.name: score(each, query) for each in definitions().values()}
    assert max(points, key=lambda name: points[name]) == best


def test_search_without_an_answer():
    assert not any(score(each, "zebra crossing") for each in definitions().values())
    assert score(definition("Tanh"), "") == 1


def test_typing_filters_and_enter_adds_the_best(empty_window, hands):
    user = hands(empty_window)
    user.key(Key.Key_F, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    palette = empty_window.palette_panel
    assert palette.search.hasFocus()
    QTest.keyClicks(palette.search, "dense")
    assert shown(palette)[0] == "Linear"
    user.key(Key.Key_Return)
    assert list(user.document.level.names) == ["fc1"]
    user.key(Key.Key_Escape)
    assert palette.search.text() == "" and len(shown(palette)) > 20


def test_the_list_is_walked_by_keys(empty_window, hands):
    user = hands(empty_window)
    palette = empty_window.palette_panel
    palette.focus_search()
    user.key(Key.Key_Down)
    assert palette.list.hasFocus() and palette.list.currentIndex().data() == "Input"
    user.key(Key.Key_Down)
    user.key(Key.Key_Return)
    assert list(user.document.level.names) == ["t"]


def test_nothing_found_says_so(empty_window):
    palette = empty_window.palette_panel
    palette.search.setText("zebra crossing")
    assert palette.nothing.isVisible() and not palette.list.isVisible()
    palette.search.clear()
    assert palette.list.isVisible()


def test_a_double_click_adds_in_the_middle_and_never_on_top_of_another(window, hands):
    user = hands(window)
    palette = window.palette_panel
    row = palette.model.index(palette.model.row_of("ReLU"), 0)
    palette.list.scrollTo(row)
    spot = palette.list.visualRect(row).center()
    for _ in range(2):
        QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseDClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert {"act2", "act3"} <= set(user.document.level.names)
    cards = [item.scene_card() for item in user.canvas.graph_scene.nodes.values()]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i])
    assert user.canvas.selected_nodes() == [user.id("act3")]


def test_a_module_dropped_on_the_canvas_lands_under_the_pointer(window, hands, drag_from_palette):
    user = hands(window)
    target = QPointF(300, 260)
    drag_from_palette(window, "ReLU", QPointF(250, 300), target)
    assert user.item("act2").scene_card().center() == pytest.approx(target, abs=0) or (
        (user.item("act2").scene_card().center() - target).manhattanLength() <= 12
    )
    assert user.canvas.selected_nodes() == [user.id("act2")]
    assert user.document.stack.undoText() == "Add ReLU act2"


def test_a_module_dropped_on_an_edge_is_spliced_in(window, hands, drag_from_palette):
    user = hands(window)
    edge = user.canvas.graph_scene.edges[user.document.graph.inputs_of(user.id("fc2"))["input"]]
    drag_from_palette(window, "ReLU", QPointF(600, 300), edge.middle() + QPointF(0, 4))
    graph = user.document.graph
    assert graph.inputs_of("act2")["input"].source == user.id("act1")
    assert graph.inputs_of("fc2")["input"].source == user.id("act2")
    stack = user.document.stack
    assert stack.count() == 1 and stack.undoText() == "Insert act2 between act1 and fc2"
    cards = [item.scene_card() for item in user.canvas.graph_scene.nodes.values()]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[:i]), "there is room for it"
    assert user.item("act1").y() == user.item("act2").y() == user.item("fc2").y()
    window.undo()
    assert (
        graph.inputs_of("fc2")["input"].source == user.id("act1") and "act2" not in user.document.level.names
    )


def test_a_drag_that_ends_elsewhere_adds_nothing(window, hands, drag_from_palette):
    user = hands(window)
    drag_from_palette(window, "ReLU", QPointF(250, 300), drop=False)
    assert "act2" not in user.document.level.names and user.document.stack.count() == 0


def test_what_is_no_module_is_not_taken(window):
    for text in ("hello", "NoSuchModule"):
        mime = QMimeData()
        mime.setText(text)
        mime.setData("application/x-nnstudio-module", b"NoSuchModule")
        spot = window.canvas.viewport().rect().center()
        event = QDragEnterEvent(
            spot, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(window.canvas.viewport(), event)
        assert not event.isAccepted()
