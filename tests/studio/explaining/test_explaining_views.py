"""Jacobian, curvature, gradient check and diagnosis in the window, by real clicks and keys."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.errors import ProgramError
from nnstudio.explain.curvature import curvature
from nnstudio.explain.gradient_check import check_gradients
from nnstudio.graph import Graph, SetSetting
from nnstudio.project.edits import SetWeights, Together
from nnstudio.studio.explaining import gradient_check_view
from nnstudio.studio.explaining.curvature_view import half_of
from tests.studio.explaining.reading import click, click_cell, explained, press, select, view_of


def corner():
    """L = relu(p) + |q| at p = 0, q = 1: only p stands at a corner."""
    graph = Graph()
    p = graph.add("Parameter", name="p", value=(0.0,), position=(0, 0))
    q = graph.add("Parameter", name="q", value=(1.0,), position=(0, 160))
    relu = graph.add("ReLU", name="relu", position=(224, 0))
    size = graph.add("Abs", name="size", position=(224, 160))
    both = graph.add("CAddTable", name="both", position=(448, 0))
    loss = graph.add("Objective", name="L", position=(672, 0))
    for source, target in ((p, relu), (q, size)):
        graph.connect(source, target)
    graph.connect(relu, both, "a")
    graph.connect(size, both, "b")
    graph.connect(both, loss)
    return graph


def opened(open_example, name, view):
    window = open_example(name)
    page = view_of(explained(window), view)
    return window, page


# -- Jacobian


def test_the_jacobian_of_a_linear_layer_is_its_weight_and_its_transpose_in_the_other_layout(open_example):
    window, page = opened(open_example, "xor", "Jacobian")
    press(window, "run_backward")
    select(window, "fc1")
    weight = window.engine.stepper.program["fc1.weight"]
    assert np.array_equal(page.jacobian.matrix, weight)
    page.layout_choice.setFocus()
    QTest.keyClick(page.layout_choice, Qt.Key.Key_Down)
    assert page.layout_choice.currentText() == "Denominator layout"
    assert np.array_equal(page.jacobian.matrix, weight.T)
    assert page.title.words.endswith("2×8, in denominator layout")


def test_grad_input_is_shown_as_the_product_with_its_numbers(open_example):
    window, page = opened(open_example, "xor", "Jacobian")
    press(window, "run_backward")
    select(window, "fc2")
    program = window.engine.stepper.program
    click_cell(page, (0, 5))
    stored = float(program["fc2.grad_input"][0, 5])
    assert page.product.words.endswith(f"= {stored:.4g}".replace("-", "−"))
    assert "x.output" not in page.cell.text() and page.cell.text().startswith(
        "∂ fc2.output[0] / ∂ act1.output[5] = "
    )
    select(window, "loss")
    assert page.by.itemText(0) == "input"


def test_small_matrices_are_written_out(open_example):
    window, page = opened(open_example, "chain_rule", "Jacobian")
    press(window, "run_backward")
    select(window, "u")
    assert page.matrix.words == "J is [2]"
    assert page.letters.words.endswith("[3] times [2] is [6]")
    page.by.setFocus()
    QTest.keyClick(page.by, Qt.Key.Key_Down)
    assert page.matrix.words == "J is [3]" and page.letters.words.endswith("is [9]")


def test_before_anything_has_run_the_jacobian_says_what_computes_it(open_example):
    window, page = opened(open_example, "xor", "Jacobian")
    select(window, "fc1")
    assert "Forward computes it" in page.notice.words.text() and page.jacobian is None
    click(page.notice.button)
    window.engine.explain.follow()
    assert page.jacobian is not None and not page.product.isVisibleTo(page), "there is no gradient yet"
    select(window, "x")
    assert "no input" in page.nothing.text()


def test_a_large_jacobian_is_worked_out_when_asked_for_beside_the_window(open_example, qtbot, monkeypatch):
    from nnstudio.studio.explaining import jacobian_view

    window, page = opened(open_example, "xor", "Jacobian")
    monkeypatch.setattr(jacobian_view, "AT_ONCE", 4)
    threads = []
    real = jacobian_view.jacobian
    monkeypatch.setattr(
        jacobian_view, "jacobian", lambda *a: threads.append(threading.current_thread()) or real(*a)
    )
    press(window, "run_forward")
    select(window, "fc1")
    assert page.jacobian is None and "16 numbers" in page.work.words.text()
    threads.clear()
    click(page.work.button)
    qtbot.waitUntil(lambda: page.jacobian is not None, timeout=30000)
    assert threads and threading.main_thread() not in threads
    press(window, "run_step")
    assert page.jacobian is None, "of another moment"


# -- curvature


def test_the_curvature_gives_the_largest_stable_rate_and_half_of_it_is_an_edit(open_example, qtbot):
    window, page = opened(open_example, "xor", "Curvature")
    press(window, "run_forward")
    click(page.work.button)
    qtbot.waitUntil(lambda: page.curvature is not None, timeout=30000)
    expected = curvature(window.engine.stepper.program)
    assert page.curvature.largest_stable_lr == pytest.approx(expected.largest_stable_lr)
    assert f"{expected.largest_stable_lr:.4g}" in page.rate.words and "λ_max" in page.rate.words
    before = window.document.project.training.lr
    click(page.half)
    lr = window.document.project.training.lr
    assert lr == half_of(expected.largest_stable_lr) <= expected.largest_stable_lr / 2
    assert window.document.stack.undoText() == f"Set the learning rate to {lr:g}"
    window.actions_by_id["undo"].trigger()
    assert window.document.project.training.lr == before
    click_cell(page, (1, 3))
    assert page.cell.text().startswith("∂²L/∂ fc1.weight[0, 1] ∂ fc1.weight[1, 1] = ")


def test_the_curvature_is_stale_once_weights_have_changed_and_only_then(open_example, qtbot):
    window, page = opened(open_example, "xor", "Curvature")
    click(page.work.button)
    qtbot.waitUntil(lambda: page.curvature is not None, timeout=30000)
    press(window, "run_backward")
    assert not page.stale.isVisibleTo(page)
    press(window, "run_update")
    assert page.stale.isVisibleTo(page) and page.stale.text().startswith("Stale")
    click(page.work.button)
    qtbot.waitUntil(lambda: not page.work.busy and not page.stale.isVisibleTo(page), timeout=30000)


def test_of_a_large_net_no_hessian_is_asked_for_and_why_is_said(open_example):
    _window, page = opened(open_example, "digits", "Curvature")
    assert not page.work.button.isEnabled()
    assert "at most 200" in page.work.words.text()


def test_half_of_a_rate_is_short_and_never_more_than_half():
    for rate in (0.123456, 3.188, 20.0, 1e-5 / 3):
        assert 0.49 * rate < half_of(rate) <= rate / 2
        assert len(f"{half_of(rate):g}") <= 9


# -- gradient check


def test_every_parameter_and_input_is_checked_and_the_worst_is_named(open_example, qtbot):
    window, page = opened(open_example, "xor", "Check")
    weights = window.engine.stepper.program.parameters()
    click(page.work.button)
    assert page.work.busy and page.work.cancel.isVisibleTo(page)
    qtbot.waitUntil(lambda: page.report is not None, timeout=60000)
    report = check_gradients(window.engine.stepper.program)
    assert page.sentence.text() == report.sentence
    rows = [page.table.item(row, 0).text() for row in range(page.table.rowCount())]
    assert rows == [each.check.quantity for each in report.checked]
    assert "x.grad_output" in rows and "fc1.grad_bias" in rows
    assert page.table.currentRow() == rows.index(report.worst.check.quantity)
    steps, errors = page.plot.curve.getOriginalDataset()
    assert list(steps) == [10.0**-power for power in range(1, 11)]
    assert errors.min() < 1e-6 < errors.max()
    page.table.setFocus()
    page.table.selectRow(0)
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    assert rows[1] in page.about.text()
    for key, array in window.engine.stepper.program.parameters().items():
        assert np.array_equal(array, weights[key])


def test_a_check_can_be_given_up(open_example, qtbot, monkeypatch):
    window, page = opened(open_example, "xor", "Check")
    told = []

    def slow(program, progress):
        for done in range(2000):
            told.append(done)
            threading.Event().wait(0.01)
            progress(done, 2000)
        raise AssertionError("it went on to the end")

    monkeypatch.setattr(gradient_check_view, "check_gradients", slow)
    click(page.work.button)
    qtbot.waitUntil(lambda: page.work.bar.value() > 3, timeout=30000)
    assert page.work.bar.maximum() == 2000
    click(page.work.cancel)
    qtbot.waitUntil(lambda: not page.work.busy, timeout=30000)
    assert page.work.words.text() == "Cancelled." and page.report is None and len(told) < 2000
    assert page.work.button.isVisibleTo(page) and window.isVisible()


def test_a_kink_is_explained_and_left_out(open_window, qtbot):
    window = open_window(corner())
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
    page = view_of(explained(window), "Check")
    click(page.work.button)
    qtbot.waitUntil(lambda: page.report is not None, timeout=30000)
    rows = [page.table.item(row, 0).text() for row in range(page.table.rowCount())]
    page.table.selectRow(rows.index("p.grad_value"))
    assert "relu stands exactly where its slope jumps" in page.corners.text()
    page.table.selectRow(rows.index("q.grad_value"))
    assert not page.corners.isVisibleTo(page)


def test_an_error_is_said_in_place(open_example, qtbot, monkeypatch):
    _window, page = opened(open_example, "xor", "Check")

    def fails(*_):
        raise ProgramError("fc1 has no numbers.")

    monkeypatch.setattr(gradient_check_view, "check_gradients", fails)
    click(page.work.button)
    qtbot.waitUntil(lambda: page.work.words.text() == "fc1 has no numbers.", timeout=30000)
    assert page.work.button.isVisibleTo(page)


# -- diagnosis


def test_dead_units_are_told_with_figure_cause_and_a_remedy_that_can_be_undone(open_example, qtbot):
    window, page = opened(open_example, "digits", "Diagnosis")
    document = window.document
    assert "Run forward and backward first" in page.nothing.text()
    bias = window.engine.stepper.program["fc1.bias"]
    document.push(SetWeights({"fc1.bias": np.full_like(bias, -100)}, "Kill the units"))
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
    press(window, "run_backward")
    card = next(card for card in page.cards if card.finding.kind == "dead")
    assert card.finding.node == "act1" and "32 of 32" in card.accessibleName()
    assert document.level.nodes[document.level.names["act1"]].type == "ReLU"
    click(card.node)
    assert window.canvas.selected_nodes() == [document.level.names["act1"]]
    card = next(card for card in page.cards if card.finding.kind == "dead")
    click(card.remedy)
    assert document.level.nodes[document.level.names["act1"]].type == "LeakyReLU"
    window.actions_by_id["undo"].trigger()
    assert document.level.nodes[document.level.names["act1"]].type == "ReLU"


def test_a_weight_that_is_no_number_is_told_with_what_mends_it(open_example, qtbot):
    window, page = opened(open_example, "xor", "Diagnosis")
    stepper = window.engine.stepper
    press(window, "run_backward")
    weights = {key: array.copy() for key, array in stepper.program.parameters().items()}
    odd = weights["fc1.weight"].copy()
    odd[2, 1] = np.nan
    window.document.push(SetWeights({"fc1.weight": odd}, "Type fc1.weight[2, 1]"))
    window.engine.explain.follow()
    (card,) = page.cards
    assert card.finding.figure == "fc1.weight holds 1 NaN, of 16." and card.node.text() == "fc1"
    click(card.remedy)
    window.engine.explain.follow()
    assert not page.cards and stepper.program["fc1.weight"][2, 1] == 0 and np.isfinite(stepper.program.loss)
    assert window.document.stack.undoText() == "Put 0 in its place"


def test_starting_again_forgets_what_stepping_has_made_of_the_weights(open_example, qtbot):
    window, page = opened(open_example, "xor", "Diagnosis")
    stepper = window.engine.stepper
    press(window, "run_backward")
    first = stepper.program.parameters()
    for key, array in first.items():
        stepper.write(key, np.full(array.shape, np.nan))
    window.engine.explain.follow()
    (card,) = page.cards
    assert card.remedy.text().endswith("and start again")
    click(card.remedy)
    qtbot.waitUntil(lambda: stepper.ready, timeout=20000)
    for key, array in first.items():
        assert np.array_equal(stepper.program[key], array), key
    # The same where the graph changes too, and another program is made.
    press(window, "run_backward")
    for key, array in first.items():
        stepper.write(key, np.full(array.shape, np.nan))
    node, afresh = window.document.level.names["fc1"], dict.fromkeys(first)
    window.document.push(Together((SetSetting(node, "init", "he"), SetWeights(afresh)), "Start again"))
    qtbot.waitUntil(lambda: stepper.ready, timeout=20000)
    assert all(np.isfinite(array).all() for array in stepper.program.parameters().values())


def test_a_sound_net_is_said_to_be_sound(open_example):
    window, page = opened(open_example, "digits", "Diagnosis")
    press(window, "run_backward")
    assert page.nothing.text().startswith("Nothing is wrong") and not page.cards


def test_what_is_wrong_is_told_on_its_node_and_goes_with_its_cause(open_example, qtbot):
    """Without the panel being seen: a badge on the card, as problems have them."""
    window = open_example("digits")
    window.bottom.show_panel(window.engine.program)
    document = window.document
    card = window.canvas.graph_scene.nodes[document.level.names["act1"]]
    bias = window.engine.stepper.program["fc1.bias"]
    document.push(SetWeights({"fc1.bias": np.full_like(bias, -100)}, "Kill the units"))
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=20000)
    window.actions_by_id["run_backward"].trigger()
    qtbot.waitUntil(lambda: card.look.complaint is not None, timeout=30000)
    assert card.look.complaint.words == "dead units" and card.look.complaint.severity == "warning"
    assert "32 of 32" in card.look.complaint.text
    assert not document.problems, "the graph itself is all right"
    window.actions_by_id["undo"].trigger()
    window.actions_by_id["run_backward"].trigger()
    qtbot.waitUntil(lambda: card.look.complaint is None, timeout=30000)


def test_a_shortcut_leads_to_what_is_explained(open_example):
    window = open_example("chain_rule")
    window.canvas.select([window.document.level.names["u"]])
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    panel = window.engine.explain
    assert panel.isVisible() and panel.formula.quantity.hasFocus()
    assert panel.formula.key.startswith("u.")
