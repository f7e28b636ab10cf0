"""The tensors of what is selected: looked at, typed into, written to files, with real mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from nnstudio.graph import SetSetting
from nnstudio.studio.tensors.panel import TensorsPanel
from nnstudio.studio.tensors.quantities import Quantity
from nnstudio.studio.tensors.slices import Slice, default_slice, picture_slice
from nnstudio.studio.tensors.table import TensorTable


@pytest.fixture
def open_tensors(open_example, qtbot):
    """A window on an example with the panel in front."""

    def open_it(name: str):
        window = open_example(name)
        QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
        assert window.engine.tensors.isVisible()
        return window

    return open_it


def choose(window, node: str, key: str, view: str = "Table") -> TensorsPanel:
    """Click through to a quantity of a node, by its line in the list."""
    panel = window.engine.tensors
    window.canvas.select([window.document.level.names[node]])
    QApplication.processEvents()
    rows = [each.key for each in panel.list.lines.quantities]
    index = panel.list.lines.index(rows.index(key))
    panel.list.scrollTo(index)
    QTest.mouseClick(
        panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualRect(index).center()
    )
    QTest.mouseClick(panel.view.buttons[view], Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    return panel


def type_into(panel, row: int, column: int, text: str) -> None:
    """Double-click a cell, type, Enter."""
    grid = panel.view.cells.view
    index = grid.model().index(row, column)
    grid.scrollTo(index)
    QApplication.processEvents()
    spot = grid.visualRect(index).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    editor = grid.findChild(QLineEdit)
    assert editor is not None, "the cell cannot be typed into"
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def keys_shown(window):
    return [each.key for each in window.engine.tensors.list.lines.quantities]


# -- what there is


def test_a_node_shows_output_gradients_parameters_and_optimizer_state(open_tensors):
    window = open_tensors("digits")
    window.canvas.select([window.document.level.names["fc1"]])
    state = [key for key in keys_shown(window) if key.count(".") == 2]
    assert keys_shown(window)[:3] == ["fc1.output", "fc1.grad_output", "fc1.grad_input"]
    assert {"fc1.weight", "fc1.grad_weight", "fc1.bias", "fc1.grad_bias"} <= set(keys_shown(window))
    assert state and all(key in window.engine.stepper.program for key in state)
    window.canvas.select([])
    assert "Select a node or an edge" in window.engine.tensors.nothing.text()


def test_the_names_of_a_node_s_tensors_are_not_cut(open_tensors, monkeypatch):
    window = open_tensors("digits")
    drawn = []
    plain = QFontMetrics.elidedText
    monkeypatch.setattr(QFontMetrics, "elidedText", lambda *a: drawn.append(plain(*a)) or drawn[-1])
    window.canvas.select([window.document.level.names["fc1"]])
    for move in (window.engine.stepper.forward, window.engine.stepper.backward):
        move()
        QApplication.processEvents()
        drawn.clear()
        window.engine.tensors.list.grab()
        assert {"grad_output", "grad_weight", "first_moment", "second_moment"} <= set(drawn), drawn


def test_an_edge_shows_its_value_and_its_gradient(open_tensors):
    window = open_tensors("chain_rule")
    level = window.document.level
    edge = next(each for each in level.edges if level.nodes[each.target].name == "v" and each.port == "b")
    window.canvas.select([], [edge])
    QApplication.processEvents()
    lines = window.engine.tensors.list.lines
    assert [(each.title, each.key) for each in lines.quantities[:2]] == [
        ("value", "u.output"),
        ("gradient", "v.grad_b"),
    ]


def test_figures_are_those_of_the_numbers(open_tensors):
    window = open_tensors("digits")
    window.engine.stepper.forward()
    panel = choose(window, "act1", "act1.output")
    array = window.engine.stepper.program["act1.output"]
    of = panel.view.figures.statistics
    assert of.minimum == array.min() and of.maximum == array.max()
    assert of.mean == pytest.approx(float(array.mean()), rel=1e-6)
    assert of.share_of_zeros == np.mean(array == 0)
    assert "NaN\u00a00" in panel.view.figure_line.text()
    assert of.histogram.sum() == array.size


def test_what_is_no_longer_true_is_shown_as_stale(open_tensors, qtbot):
    window = open_tensors("digits")
    stepper = window.engine.stepper
    panel = choose(window, "fc1", "fc1.output")
    assert panel.view.nothing.isVisible() and "not been computed" in panel.view.notice.text()
    stepper.forward()
    qtbot.waitUntil(panel.view.pages.isVisible, timeout=30000)
    assert not panel.view.stale.isVisible()
    table = panel.view.cells.table
    assert not table.data(table.index(0, 0), Qt.ItemDataRole.FontRole).italic()
    stepper.update()
    qtbot.waitUntil(panel.view.stale.isVisible, timeout=30000)
    assert table.data(table.index(0, 0), Qt.ItemDataRole.FontRole).italic()
    assert table.data(table.index(0, 0), Qt.ItemDataRole.ToolTipRole).endswith("stale")
    quantity = panel.view.quantity
    assert quantity is not None and panel.list.lines.state(quantity) == "stale"


# -- the heat map


def test_hovering_a_cell_tells_of_element_and_value(open_tensors):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight", "Map")
    heat, weight = panel.view.map, window.engine.stepper.program["fc1.weight"]
    spot = heat.spot_of((3, 12)).toPoint()
    QTest.mouseMove(heat, spot)
    QApplication.processEvents()
    assert panel.view.caption.text() == f"fc1.weight[3, 12] = {weight[3, 12]!s}"
    assert heat.limit == pytest.approx(float(np.abs(weight).max()))
    QTest.mouseClick(heat, Qt.MouseButton.LeftButton, pos=spot)
    assert panel.view.element == (3, 12) and panel.view.what_if.element == (3, 12)
    QTest.keyClick(heat, Qt.Key.Key_Right)
    assert panel.view.element == (3, 13)
    QTest.keyClick(heat, Qt.Key.Key_Return)
    assert panel.view.cells.isVisible() and panel.view.cells.view.currentIndex().column() == 13


def test_the_map_is_centred_on_zero(open_tensors):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight", "Map")
    picture = panel.view.map.grab().toImage()
    weight = window.engine.stepper.program["fc1.weight"]
    low = tuple(int(at) for at in np.unravel_index(weight.argmin(), weight.shape))
    high = tuple(int(at) for at in np.unravel_index(weight.argmax(), weight.shape))
    from nnstudio.studio import theme

    ratio = picture.devicePixelRatio()
    for element, wanted in ((low, theme.colours().negative), (high, theme.colours().positive)):
        spot = panel.view.map.spot_of(element) * ratio
        seen = picture.pixelColor(spot.toPoint())
        strong = [int(wanted[at : at + 2], 16) for at in (1, 3, 5)]
        assert np.abs(np.array([seen.red(), seen.green(), seen.blue()]) - strong).max() < 90


def test_a_sample_that_is_a_picture_is_shown_as_one(open_tensors):
    window = open_tensors("digits")
    panel = choose(window, "x", "x.output", "Map")
    QTest.keyClick(panel.view.sample, Qt.Key.Key_End)  # the last sample
    panel.view.sample.activated.emit(4)
    QApplication.processEvents()
    assert window.engine.stepper.sample == 2
    at = panel.view.look.slice
    assert (at.row_count, at.column_count) == (8, 8)
    assert panel.view.map.element_at(panel.view.map.spot_of((2, 63))) == (2, 63)


# -- typing


def test_a_typed_weight_flows_on_at_once_and_is_undone(open_tensors):
    window = open_tensors("digits")
    stepper = window.engine.stepper
    stepper.forward()
    stepper.backward()
    program, position = stepper.program, stepper.program.position
    before = {key: program[key].copy() for key in ("fc1.weight", "loss.output", "fc2.grad_weight")}
    panel = choose(window, "fc1", "fc1.weight")
    type_into(panel, 0, 2, "2.5")
    assert program["fc1.weight"][0, 2] == np.float32(2.5)
    assert window.document.project.weights["fc1.weight"][0, 2] == np.float32(2.5)
    assert program["loss.output"] != before["loss.output"] and program.is_true("loss.output")
    assert not np.array_equal(program["fc2.grad_weight"], before["fc2.grad_weight"])
    assert stepper.program is program and program.position == position
    assert window.document.stack.undoText() == "Type fc1.weight[0, 2]"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    for key, array in before.items():
        assert np.array_equal(program[key], array), key
    assert "fc1.weight" not in window.document.project.weights


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_Return])
def test_a_cell_is_edited_by_the_keys_that_edit(open_tensors, key):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight")
    grid = panel.view.cells.view
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, key)
    editor = grid.findChild(QLineEdit)
    assert editor is not None and QApplication.focusWidget() is editor, "something else was begun"
    QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, "0.75")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert window.engine.stepper.program["fc1.weight"][1, 0] == 0.75


def test_undoing_gives_back_what_stepping_had_made_of_the_weights(open_tensors):
    window = open_tensors("digits")
    stepper = window.engine.stepper
    stepper.update()
    stepped = stepper.program["fc1.weight"].copy()
    other = stepper.program["fc2.weight"].copy()
    panel = choose(window, "fc1", "fc1.weight")
    type_into(panel, 1, 1, "-1")
    assert np.array_equal(stepper.program["fc2.weight"], other)
    window.document.undo()
    assert np.array_equal(stepper.program["fc1.weight"], stepped)
    window.document.redo()
    assert stepper.program["fc1.weight"][1, 1] == -1


def test_an_element_that_is_gone_when_the_tensor_becomes_smaller_is_looked_at_no_more(open_tensors, qtbot):
    window = open_tensors("xor")
    panel = choose(window, "fc1", "fc1.weight")
    type_into(panel, 7, 1, "3")
    assert panel.view.element == (7, 1)
    window.document.push(SetSetting(window.document.level.names["fc1"], "out_features", 2))
    qtbot.waitUntil(lambda: window.engine.stepper.ready and panel.view.element == (0, 0), timeout=30000)
    assert panel.view.caption.text().startswith("fc1.weight[0, 0] = ")


def test_a_typed_output_is_a_moment_of_the_timeline(open_tensors):
    window = open_tensors("digits")
    stepper = window.engine.stepper
    stepper.forward()
    loss = stepper.program.loss
    panel = choose(window, "fc1", "fc1.output")
    type_into(panel, 0, 0, "9")
    assert stepper.program["fc1.output"][0, 0] == 9 and stepper.program.loss != loss
    assert not window.document.modified
    stepper.step_back()
    assert stepper.program["fc1.output"][0, 0] != 9


def test_nan_in_a_weight_is_said_and_breaks_nothing(open_tensors, qtbot):
    window = open_tensors("digits")
    stepper = window.engine.stepper
    stepper.forward()
    panel = choose(window, "fc1", "fc1.weight")
    type_into(panel, 0, 0, "NaN")
    assert np.isnan(stepper.program["fc1.weight"][0, 0])
    assert "fc1.weight holds 1 NaN" in panel.view.complaint.text() and panel.view.complaint.isVisible()
    assert "NaN\u00a01" in panel.view.figure_line.text()
    for view in ("Map", "Histogram", "Table"):
        panel.view.show_as(view)
        panel.grab()
    stepper.backward()
    assert stepper.statement is not None and stepper.statement.phase == "backward"
    window.document.undo()
    qtbot.waitUntil(lambda: not panel.view.complaint.isVisible(), timeout=30000)
    assert not np.isnan(stepper.program["fc1.weight"]).any()
    assert np.isfinite(stepper.program["loss.output"]).all()


def test_what_is_no_number_is_refused_in_a_sentence(open_tensors):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight")
    before = window.engine.stepper.program["fc1.weight"].copy()
    type_into(panel, 0, 0, "abc")
    assert "“abc” is not a number" in panel.view.complaint.text()
    panel.view.refresh()  # as after any step of the program
    assert "“abc” is not a number" in panel.view.complaint.text()
    assert np.array_equal(window.engine.stepper.program["fc1.weight"], before)
    assert not window.document.modified


def test_a_class_number_that_there_is_not_is_refused(open_tensors):
    window = open_tensors("digits")
    panel = choose(window, "t", "t.output")
    before = window.engine.stepper.program["t.output"].copy()
    for wrong in ("1.5", "12"):
        type_into(panel, 0, 0, wrong)
        assert "class" in panel.view.complaint.text()
        assert np.array_equal(window.engine.stepper.program["t.output"], before)


# -- copy, paste, files


def test_cells_are_copied_and_pasted_as_a_spreadsheet_does(open_tensors):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight")
    grid, weight = panel.view.cells.view, window.engine.stepper.program["fc1.weight"]
    first, last = (grid.visualRect(grid.model().index(*cell)).center() for cell in ((0, 0), (1, 1)))
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, last)
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text()
    assert [[np.float32(cell) for cell in line.split("\t")] for line in copied.split("\n")] == [
        [weight[0, 0], weight[0, 1]],
        [weight[1, 0], weight[1, 1]],
    ]
    QApplication.clipboard().setText("1\t2,5\r\n−3\t1e-3\r\n")
    QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    now = window.engine.stepper.program["fc1.weight"]
    assert np.array_equal(now[:2, :2], np.array([[1, 2.5], [-3, 1e-3]], np.float32))
    assert window.document.stack.count() == 1
    QApplication.clipboard().setText("1\tx\n")
    QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "“x” is not a number" in panel.view.complaint.text() and window.document.stack.count() == 1


@pytest.mark.parametrize("ending", ["npy", "csv"])
def test_a_tensor_is_written_to_a_file(open_tensors, qtbot, monkeypatch, tmp_path, ending):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight")
    path = tmp_path / f"w.{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(panel.said, timeout=30000) as told:
        QTest.mouseClick(panel.view.export, Qt.MouseButton.LeftButton)
    assert told.args == [f"fc1.weight was written to w.{ending}."]
    back = np.load(path) if ending == "npy" else np.loadtxt(path, delimiter=",", dtype=np.float32)
    assert np.array_equal(back, window.engine.stepper.program["fc1.weight"])


# -- large ones


def test_ten_million_numbers_open_at_once(open_tensors, qtbot, monkeypatch):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight")
    large = np.random.default_rng(0).normal(size=(10_000, 1_000)).astype(np.float32)
    large[9_999, 999] = 77
    monkeypatch.setattr(window.engine.stepper, "value", lambda key: large)
    asked = []
    plain = TensorTable.data
    monkeypatch.setattr(TensorTable, "data", lambda self, *a: asked.append(a) or plain(self, *a))
    panel.view.show_quantity(Quantity("fc1.bias", "bias", "parameter", "fc1"))
    panel.grab()
    assert len(asked) < 5_000, "cells were made that nobody sees"
    assert panel.view.cells.table.rowCount() == 10_000
    grid = panel.view.cells.view
    grid.scrollToBottom()
    last = grid.model().index(9_999, 999)
    grid.scrollTo(last)
    assert grid.visualRect(last).isValid() and last.data() == "77"
    assert panel.view.figures is None, "the figures were waited for"
    qtbot.waitUntil(lambda: panel.view.figures is not None, timeout=20000)
    assert panel.view.figures.statistics.maximum == 77 and panel.view.map.limit == 77


def test_selecting_all_of_a_large_table_asks_about_no_cell_that_is_not_seen(open_tensors, monkeypatch):
    window = open_tensors("digits")
    panel = choose(window, "fc1", "fc1.weight")
    large = np.zeros((4_000, 2_500), np.float32)
    monkeypatch.setattr(window.engine.stepper, "value", lambda key: large)
    panel.view.show_quantity(Quantity("fc1.bias", "bias", "parameter", "fc1"))
    grid = panel.view.cells.view
    grid.setFocus()
    asked = []
    plain = Slice.element
    monkeypatch.setattr(Slice, "element", lambda self, *a: asked.append(a) or plain(self, *a))
    QTest.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    panel.grab()
    assert grid.selectionModel().selection().count() and len(asked) < 5_000
    QTest.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "10,000,000 numbers are too many" in panel.view.complaint.text()


def test_axes_are_chosen_for_more_than_two(qtbot):
    from nnstudio.studio.tensors.choosing import AxesBar

    array = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    at = default_slice(array.shape)
    assert np.array_equal(at.matrix(array), array[0, 0])
    bar = AxesBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.show_slice(at, None)
    seen = []
    bar.changed.connect(seen.append)
    QTest.keyClick(bar.indices[0], Qt.Key.Key_Up)
    assert np.array_equal(seen[-1].matrix(array), array[1, 0])
    bar.rows.setFocus()
    QTest.keyClick(bar.rows, Qt.Key.Key_Home)
    QTest.keyClick(bar.rows, Qt.Key.Key_Return)
    bar.rows.activated.emit(bar.rows.currentIndex())
    turned = seen[-1]
    assert np.array_equal(turned.matrix(array), array[:, 0, 0, :])
    assert turned.element(1, 4) == (1, 0, 0, 4) and turned.cell((1, 0, 0, 4)) == (1, 4)


def test_a_long_vector_is_a_rectangle_in_the_picture():
    at = default_slice((1000,))
    folded = picture_slice(at)
    array = np.arange(1000.0)
    assert folded.row_count * folded.column_count == 1000
    row, column = folded.cell((777,))
    assert folded.matrix(array)[row, column] == 777 and folded.element(row, column) == (777,)
