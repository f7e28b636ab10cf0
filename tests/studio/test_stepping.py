"""Stepping in the window: what is lit, what is shown, and that back is exactly back."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode, Graph, RemoveEdge, Rename, SetSetting
from nnstudio.studio.lights import value_text


def press(window, name):
    QTest.mouseClick(window.engine.transport.buttons[name], Qt.MouseButton.LeftButton)


def lit(window):
    """Names and phases of the nodes that are lit."""
    items = window.canvas.graph_scene.nodes.values()
    return {item.look.name: item.phase for item in items if item.phase}


def lit_edges(window):
    nodes = window.document.level.nodes
    edges = window.canvas.graph_scene.edges.items()
    return {
        (nodes[edge.source].name, nodes[edge.target].name): (item.phase, item.value)
        for edge, item in edges
        if item.phase
    }


def fresh(window):
    return {item.look.name for item in window.canvas.graph_scene.nodes.values() if item.fresh}


def test_every_step_lights_its_line_its_node_and_its_edge(open_example):
    window = open_example("chain_rule")
    stepper, panel = window.engine.stepper, window.engine.program
    names = {node.id: node.name for node in window.document.level.nodes.values()}
    for expected in stepper.program.statements:
        press(window, "run_step")
        assert stepper.statement is expected
        assert panel.model.lines[panel.current_row()].text == expected.text
        assert lit(window) == {names[expected.path[0]]: expected.phase}
        if expected.phase == "forward" and expected.node == "u":
            assert lit_edges(window) == {("u", "v"): ("forward", value_text(stepper.program["u.output"], 1))}
        if expected.phase == "backward" and expected.quantity == "grad_b" and expected.node == "v":
            assert lit_edges(window) == {("u", "v"): ("backward", "3")}
        assert expected.node in window.status_line.right.text()
    colour = window.status_line.right.styleSheet()
    from nnstudio.studio import theme

    assert theme.colours().update.text in colour


def test_values_that_are_not_current_look_stale(open_example):
    window = open_example("digits")
    assert fresh(window) == {"x", "t"}  # what is fed is known from the start
    press(window, "run_forward")
    assert fresh(window) == {"x", "t", "fc1", "act1", "fc2", "loss"}
    shown = window.canvas.graph_scene.nodes[window.document.level.names["loss"]].thumbnail
    assert shown.text == value_text(np.float64(window.engine.stepper.program.loss), 1)
    press(window, "run_backward")
    assert fresh(window) >= {"fc1", "loss"}
    press(window, "run_update")
    assert fresh(window) == {"x", "t"}  # the parameters are others now
    press(window, "run_step")  # a new pass
    assert fresh(window) == {"x", "t"}
    window.document.push(SetSetting(window.document.level.names["fc1"], "out_features", 16))
    assert fresh(window) == set()


def test_back_restores_everything_bit_for_bit(open_example):
    window = open_example("digits")
    stepper = window.engine.stepper
    program = stepper.program
    before = (program.flat.copy(), {key: a.copy() for key, a in program.optimizer_state().items()})
    for _ in range(3):
        press(window, "run_update")
    assert not np.array_equal(program.flat, before[0])
    for _ in range(3 * len(program.statements)):
        press(window, "run_step_back")
    assert np.array_equal(program.flat, before[0])
    for key, array in program.optimizer_state().items():
        assert np.array_equal(array, before[1][key])
    assert program.position == 0
    assert not window.engine.transport.buttons["run_step_back"].isEnabled()


def test_the_keyboard_steps_too(open_example):
    window = open_example("chain_rule")
    QTest.keyClick(window, Qt.Key.Key_F7)
    assert window.engine.stepper.program.loss == pytest.approx(
        float(window.engine.stepper.program["L.output"])
    )
    QTest.keyClick(window, Qt.Key.Key_F10)
    assert window.engine.stepper.statement.phase == "backward"
    QTest.keyClick(window, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    assert window.engine.stepper.undone
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert window.engine.stepper.statement is None and lit(window) == {}


def test_backward_twice_adds_to_the_gradients(open_example):
    window = open_example("digits")
    press(window, "run_backward")
    once = window.engine.stepper.program["fc2.grad_bias"].copy()
    press(window, "run_backward")
    assert np.allclose(window.engine.stepper.program["fc2.grad_bias"], 2 * once, rtol=1e-5)


def test_play_runs_on_and_pauses(open_example, qtbot):
    window = open_example("digits")
    engine = window.engine
    engine.transport.speed.setValue(100)
    press(window, "run_play")
    assert engine.stepper.playing
    assert engine.transport.buttons["run_play"].accessibleName() == "Pause"
    qtbot.waitUntil(lambda: engine.stepper.program.position > 12, timeout=30000)
    press(window, "run_play")
    here = engine.stepper.program.position
    qtbot.wait(60)
    assert engine.stepper.program.position == here and not engine.stepper.playing


def test_stepping_is_an_experiment_and_reset_ends_it(open_example):
    window = open_example("digits")
    program = window.engine.stepper.program
    first = program.flat.copy()
    press(window, "run_update")
    assert not np.array_equal(program.flat, first)
    assert not window.document.modified
    press(window, "run_reset")
    assert np.array_equal(program.flat, first) and program.position == 0


def test_another_learning_rate_needs_no_other_program(open_example):
    from dataclasses import replace

    from nnstudio.project.edits import SetTraining

    window = open_example("digits")
    stepper, document = window.engine.stepper, window.document
    press(window, "run_forward")
    program, statement = stepper.program, stepper.statement
    document.push(SetTraining(replace(document.project.training, lr=0.25)))
    assert stepper.ready and stepper.program is program and stepper.statement is statement
    assert program.lr == 0.25
    document.push(SetTraining(replace(document.project.training, optimizer="SGD")))
    assert not stepper.ready


def test_what_is_asked_while_compiling_is_done_afterwards(open_example, qtbot):
    window = open_example("digits")
    stepper = window.engine.stepper
    stepper.update()
    changed = stepper.program["fc1.weight"].copy()
    window.document.push(Rename(window.document.level.names["act1"], "relu"))
    assert not stepper.ready
    press(window, "run_forward")
    qtbot.waitUntil(lambda: stepper.ready and stepper.statement is not None, timeout=30000)
    assert stepper.program.is_current("relu.output") and stepper.statement.phase == "forward"
    # What stepping had learned is kept where the graph still has it.
    assert np.array_equal(stepper.program["fc1.weight"], changed)


def test_a_graph_without_data_says_what_it_waits_for(open_window, qtbot):
    graph = Graph()
    graph.connect(graph.add("Input", name="x"), graph.add("Linear", name="fc1"))
    window = open_window(graph)
    stepper = window.engine.stepper
    qtbot.waitUntil(lambda: stepper.ready, timeout=30000)
    assert "x" in stepper.sentence and "data" in stepper.sentence
    assert window.engine.program.nothing.text() == stepper.sentence
    assert not window.engine.transport.buttons["run_step"].isEnabled()
    assert [line.text for line in window.engine.program.model.lines if line.statement]


def test_a_broken_graph_runs_as_far_as_it_is_valid(open_example, qtbot):
    window = open_example("digits")
    level = window.document.level
    edge = next(edge for edge in level.edges if edge.target == level.names["fc2"])
    window.document.push(RemoveEdge(edge))
    stepper = window.engine.stepper
    qtbot.waitUntil(lambda: stepper.ready, timeout=30000)
    press(window, "run_forward")
    assert fresh(window) >= {"fc1", "act1"} and "fc2" not in fresh(window)


def test_an_empty_document_offers_nothing_to_step(empty_window, qtbot):
    qtbot.waitUntil(lambda: empty_window.engine.stepper.ready, timeout=30000)
    assert not any(button.isEnabled() for button in empty_window.engine.transport.buttons.values())
    assert empty_window.engine.program.nothing.isVisibleTo(empty_window.engine.program)


def test_a_click_on_a_line_selects_its_node_and_a_node_marks_its_lines(open_example, hands):
    window = open_example("digits")
    panel, user = window.engine.program, hands(window)
    row = next(i for i, line in enumerate(panel.model.lines) if line.text.startswith("act1 = "))
    panel.list.scrollTo(panel.model.index(row))
    spot = panel.list.visualRect(panel.model.index(row)).center()
    spot.setX(80)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.canvas.selected_nodes() == [user.id("act1")]
    user.click(user.middle("fc2"))
    marked = [
        line.statement.node
        for line in panel.model.lines
        if line.statement and panel.is_marked(line.statement)
    ]
    assert marked and set(marked) == {"fc2"}


def test_as_run_shows_the_calls_beside_each_line_and_below_it_where_there_is_no_room(open_example):
    window = open_example("digits")
    panel = window.engine.program
    QTest.mouseClick(panel.as_run, Qt.MouseButton.LeftButton)
    called = "np.maximum(fc1, 0, out=act1)"
    window.resize(1900, 900)
    for width, beside in ((900, True), (400, False)):
        window.bottom.setSizes([window.bottom.width() - width, width])
        QApplication.processEvents()
        line = next(line for line in panel.model.lines if line.text == "act1 = np.maximum(fc1, 0)")
        below = panel.model.lines[panel.model.lines.index(line) + 1]
        assert (line.beside == called) is beside
        assert (below.text == called and below.call) is not beside
        assert bool(panel.model.column) is beside
    QTest.mouseClick(panel.as_run, Qt.MouseButton.LeftButton)
    assert not any(line.call or line.beside for line in panel.model.lines)


def test_copy_gives_the_program_or_the_chosen_lines(open_example):
    window = open_example("digits")
    panel = window.engine.program
    QTest.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == window.engine.stepper.program.source
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text().splitlines()
    assert copied == [line.text for line in panel.model.lines if line.statement]


def test_a_long_program_paints_only_what_is_seen(open_window, qtbot, monkeypatch):
    graph = Graph()
    last = graph.add("Constant", name="c", shape=(1, 4), value=(1.0, 2.0, 3.0, 4.0))
    for _ in range(400):
        node = graph.add("Tanh")
        graph.connect(last, node)
        last = node
    graph.connect(last, graph.add("Objective", name="loss"))
    window = open_window(graph)
    stepper, panel = window.engine.stepper, window.engine.program
    qtbot.waitUntil(lambda: stepper.ready, timeout=20000)
    assert panel.model.rowCount() > 400
    painted = []
    # Asked for each line with a statement. (Qt looks paint() up once and for good: no use replacing it.)
    monkeypatch.setattr(panel, "is_current", lambda statement: bool(painted.append(statement)))
    panel.list.viewport().grab()
    assert 0 < len(painted) < 60


def test_groups_light_as_one(open_window, qtbot):
    from nnstudio.graph import GroupNodes

    graph = Graph()
    a = graph.add("Constant", name="a", shape=(1, 2), value=(1.0, 2.0))
    b, c = graph.add("Tanh", name="b"), graph.add("Square", name="c")
    loss = graph.add("Objective", name="loss")
    graph.connect(a, b)
    graph.connect(b, c)
    graph.connect(c, loss)
    graph.apply(GroupNodes((b.id, c.id), "block"))
    window = open_window(graph)
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=30000)
    seen = set()
    for _ in window.engine.stepper.program.statements:
        press(window, "run_step")
        seen |= set(lit(window))
    assert "block" in seen and "b" not in seen


def test_adding_a_node_keeps_the_window_free(open_example, qtbot):
    """The program is compiled away from the window: pushing an edit only asks for it."""
    window = open_example("digits")
    compiled = []
    window.engine.stepper.recompiled.connect(lambda: compiled.append(window.engine.stepper.program))
    for _ in range(5):
        window.document.push(AddNode("Tanh"))
    assert compiled == []
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=30000)
    assert len(compiled) == 1
