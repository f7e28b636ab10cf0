"""What if: a number is swept, everything downstream follows, and it is one step to undo or none at all."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Graph
from nnstudio.studio.tensors.what_if import NOTCHES, reach_of
from tests.studio.desk import document_text

Left = Qt.MouseButton.LeftButton


def double_click(hands, name):
    spot = hands.spot(hands.middle(name))
    viewport = hands.canvas.viewport()
    QTest.mouseClick(viewport, Left, pos=spot)
    QTest.mouseDClick(viewport, Left, pos=spot)
    QApplication.processEvents()


def drag(slider, *notches):
    """Press the handle and drag it over some places; the button is still down."""
    y = slider.height() // 2
    QTest.mousePress(slider, Left, pos=QPoint(slider.place_of(slider.value()), y))
    for notch in notches:
        QTest.mouseMove(slider, QPoint(slider.place_of(notch), y))
        QApplication.processEvents()


def drop(slider, notch):
    QTest.mouseRelease(slider, Left, pos=QPoint(slider.place_of(notch), slider.height() // 2))
    QApplication.processEvents()


@pytest.fixture
def swept(open_example, hands):
    """The chain rule with all computed, and the slider under the card of a."""
    window = open_example("chain_rule")
    stepper = window.engine.stepper
    stepper.forward()
    stepper.backward()
    double_click(hands(window), "a")
    popup = window.engine.tensors.popup
    assert popup.isVisible() and popup.what_if.slider.hasFocus()
    return window, popup.what_if


def test_a_scalar_parameter_is_swept_on_its_card(swept):
    window, what_if = swept
    program, document = window.engine.stepper.program, window.document
    moments, before = window.engine.stepper.moments, document_text(document)
    a, b, c = (float(program[f"{name}.value"].reshape(())) for name in "abc")
    drag(what_if.slider, 100, 300, 200)
    now = float(program["a.value"].reshape(()))
    assert now == pytest.approx(what_if.slider.value() / NOTCHES * reach_of(a)) and now != a
    assert program.loss == pytest.approx(3 * (now + b * c)), "what follows has not followed"
    assert program.is_true("L.output") and program.is_true("a.grad_value")
    drop(what_if.slider, 200)
    assert document.stack.count() == 1, "one sweep is one step"
    assert window.engine.stepper.moments <= moments + 2, "one sweep is one moment and what followed"
    document.undo()
    assert document_text(document) == before
    assert program["a.value"] == a and program.loss == 3 * (a + b * c)


def test_esc_gives_a_sweep_up_exactly(swept):
    window, what_if = swept
    program, document = window.engine.stepper.program, window.document
    values = {key: program[key].copy() for key in program if program.is_current(key)}
    moment, text = window.engine.stepper.moment, document_text(document)
    drag(what_if.slider, -500, 700)
    assert program["a.value"] != values["a.value"]
    QTest.keyClick(what_if.slider, Qt.Key.Key_Escape)
    assert document.stack.count() == 0 and document_text(document) == text and not document.modified
    assert window.engine.stepper.moment == moment
    for key, array in values.items():
        assert np.array_equal(program[key], array), key
    QTest.mouseMove(what_if.slider, QPoint(what_if.slider.place_of(300), 8))
    drop(what_if.slider, 300)
    assert document.stack.count() == 0 and program["a.value"] == values["a.value"]
    QTest.keyClick(what_if.slider, Qt.Key.Key_Escape)
    assert not window.engine.tensors.popup.isVisible() and window.canvas.hasFocus()


def test_arrows_sweep_and_two_sweeps_are_two_steps(swept):
    window, what_if = swept
    for _ in range(3):
        QTest.keyClick(what_if.slider, Qt.Key.Key_Right)
    assert window.document.stack.count() == 1
    QTest.keyClick(what_if.slider, Qt.Key.Key_Return)
    QTest.keyClick(what_if.slider, Qt.Key.Key_Left)
    assert window.document.stack.count() == 2


def test_a_typed_number_is_taken_and_nonsense_is_refused(swept, hands):
    window, what_if = swept
    program = window.engine.stepper.program
    hands(window).type(what_if.field, "-0.75")
    QTest.keyClick(what_if.field, Qt.Key.Key_Return)
    assert program["a.value"] == -0.75
    hands(window).type(what_if.field, "much")
    QTest.keyClick(what_if.field, Qt.Key.Key_Return)
    assert "“much” is not a number" in window.engine.tensors.popup.complaint.text()
    assert program["a.value"] == -0.75


def constant_network() -> Graph:
    graph = Graph()
    c = graph.add("Constant", name="c", shape=(), value=(2.0,), position=(0, 0))
    w = graph.add("Parameter", name="w", shape=(), value=(3.0,), position=(0, 160))
    y = graph.add("CMulTable", name="y", position=(224, 0))
    loss = graph.add("Objective", name="L", position=(448, 0))
    graph.connect(c, y)
    graph.connect(w, y)
    graph.connect(y, loss)
    return graph


def test_a_constant_is_swept_and_the_program_stays_where_it_is(open_window, hands, qtbot):
    window = open_window(constant_network())
    stepper = window.engine.stepper
    qtbot.waitUntil(lambda: stepper.ready, timeout=20000)
    stepper.forward()
    stepper.backward()
    program, position = stepper.program, stepper.program.position
    double_click(hands(window), "c")
    what_if = window.engine.tensors.popup.what_if
    drag(what_if.slider, -200)
    drop(what_if.slider, -200)
    value = float(program["c.output"].reshape(()))
    assert value == pytest.approx(what_if.slider.value() / NOTCHES * 5)
    assert program.loss == pytest.approx(3 * value) and program["w.grad_value"] == np.float32(value)
    assert stepper.ready and stepper.program is program and program.position == position
    node = window.document.level.nodes[window.document.level.names["c"]]
    assert node.settings["value"] == pytest.approx((value,))
    assert window.document.stack.count() == 1
    assert f"{value:g}" in program.source
    window.document.undo()
    assert program["c.output"] == 2 and program.loss == 6 and stepper.program is program


def test_an_input_is_swept_in_the_panel(open_example):
    window = open_example("digits")
    stepper = window.engine.stepper
    stepper.forward()
    before, loss = stepper.program["x.output"].copy(), stepper.program.loss
    window.canvas.select([window.document.level.names["x"]])
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    panel = window.engine.tensors
    slider = panel.view.what_if.slider
    assert panel.isVisible() and slider.hasFocus()
    panel.view.choose((1, 20))
    moments = stepper.moments
    drag(slider, 900)
    drop(slider, 900)
    now = stepper.program["x.output"]
    assert now[1, 20] == pytest.approx(slider.value() / NOTCHES * reach_of(float(before[1, 20])))
    assert now[1, 20] != before[1, 20]
    assert stepper.program.loss != loss and not window.document.modified
    assert stepper.moments <= moments + 2
    stepper.step_back()
    assert np.array_equal(stepper.program["x.output"], before)


def scaled_network() -> Graph:
    """L = slope(−w · 2), with the constants 2 and the slope."""
    graph = Graph()
    for number, (kind, name, settings) in enumerate(
        (
            ("Parameter", "w", {"shape": (), "value": (-3.0,)}),
            ("MulConstant", "twice", {"constant": 2.0}),
            ("LeakyReLU", "leaky", {"negative_slope": 0.25}),
            ("Objective", "L", {}),
        )
    ):
        graph.add(kind, name, position=(224 * number, 0), **settings)
    for source, target in (("w", "twice"), ("twice", "leaky"), ("leaky", "L")):
        graph.connect(source, target)
    return graph


@pytest.mark.parametrize(
    ("node", "setting", "begun", "notch", "now", "factor"),
    [("twice", "constant", 2.0, 600, 3.0, 0.25), ("leaky", "negative_slope", 0.25, 800, 0.8, 2.0)],
)
def test_a_number_among_the_settings_is_swept(open_window, qtbot, node, setting, begun, notch, now, factor):
    window = open_window(scaled_network())
    stepper, document, before = window.engine.stepper, window.document, document_text(window.document)
    qtbot.waitUntil(lambda: stepper.ready, timeout=20000)
    stepper.write("w.value", -3.0)
    stepper.forward()
    stepper.backward()
    position, statement = stepper.program.position, stepper.statement.text
    window.canvas.select([document.level.names[node]])
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    popup = window.engine.tensors.popup
    (what_if,) = popup.settings
    assert popup.isVisible() and what_if.slider.hasFocus() and not what_if.isHidden()

    def stands(value):
        program = stepper.program
        own = document.level.nodes[document.level.names[node]].settings[setting]
        assert own == pytest.approx(value, abs=0.05), "a pixel more or less"
        assert stepper.ready and program.is_true("w.grad_value"), "what follows has not followed"
        assert program.loss == pytest.approx(-3 * own * factor)
        assert program["w.grad_value"] == pytest.approx(own * factor)
        assert (program.position, stepper.statement.text.split("=")[0]) == (position, statement.split("=")[0])

    drag(what_if.slider, notch // 2, notch)
    stands(now)
    drop(what_if.slider, notch)
    assert document.stack.count() == 1, "one sweep is one step"
    drag(what_if.slider, notch // 3)
    QTest.keyClick(what_if.slider, Qt.Key.Key_Escape)
    stands(now)
    drop(what_if.slider, notch)
    document.undo()
    assert document_text(document) == before
    stands(begun)
    QTest.keyClick(what_if.slider, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_a_module_that_is_no_single_number_shows_its_name(open_example, hands):
    window = open_example("digits")
    double_click(hands(window), "fc1")
    assert not window.engine.tensors.popup.isVisible()
    assert window.inspector.isAncestorOf(QApplication.focusWidget())


def test_stepping_back_behind_a_sweep_says_that_the_project_keeps_it(swept):
    window, what_if = swept
    stepper, document = window.engine.stepper, window.document
    before = float(stepper.program["a.value"].reshape(()))
    drag(what_if.slider, 100, 300)
    drop(what_if.slider, 300)
    typed = float(document.project.weights["a.value"].reshape(()))
    QTest.keyClick(what_if.slider, Qt.Key.Key_Escape)
    said = window.status_line.left
    assert "typed there" not in said.text()
    QTest.keyClick(window, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    assert stepper.program["a.value"] == before and document.project.weights["a.value"] == typed
    assert said.text() == (
        "a.value is as before in the program; the project keeps what was typed there, which Undo takes back."
    )
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stepper.program["a.value"] == before and "a.value" not in document.project.weights
    document.redo()
    stepper.go_to(0)
    assert "typed there" in said.text() and stepper.program["a.value"] == before
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)  # what the project keeps, again
    assert stepper.program["a.value"] == typed
