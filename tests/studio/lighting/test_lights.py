"""What lights up while one steps: pulses, the numbers on edges, samples, what is stale, and where it ends."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import Graph, SetSetting
from nnstudio.studio.canvas.edge_words import READING
from nnstudio.studio.canvas.thumbnail import Thumbnail
from nnstudio.studio.lighting.short import brief, forms, seen
from tests.studio.desk import sharpen


def press(window, name):
    QTest.mouseClick(window.engine.transport.buttons[name], Qt.MouseButton.LeftButton)


def edge_item(window, source, target):
    items = window.canvas.graph_scene.edges.values()
    return next(i for i in items if (i.source.look.name, i.target.look.name) == (source, target))


def words(window, source, target):
    """What the edge says, by phase: the text and whether it is of now."""
    return {w.phase: (w.forms[0], w.true) for w in edge_item(window, source, target).words()}


def under_way(window):
    """Source and target of every edge that a pulse is on."""
    names = {key: node.name for key, node in window.document.level.nodes.items()}
    return {(names[edge.source], names[edge.target]) for edge in window.canvas.pulses._edges}


def card(window, name):
    return window.canvas.graph_scene.nodes[window.document.level.names[name]]


def test_each_edge_says_its_value_and_its_gradient(open_example):
    window = open_example("chain_rule")
    assert words(window, "u", "v") == {}
    press(window, "run_forward")
    assert words(window, "u", "v") == {"forward": ("6", True)}
    press(window, "run_backward")
    assert words(window, "u", "v") == {"forward": ("6", True), "backward": ("3", True)}
    assert words(window, "b", "u") == {"forward": ("3", True), "backward": ("6", True)}
    assert words(window, "c", "u") == {"forward": ("2", True), "backward": ("9", True)}
    texts = [placed.text for placed in edge_item(window, "a", "v").placed_words()]
    assert texts == ["→ 5", "← 3"]  # not by colour alone


def test_what_is_stale_is_never_said_as_if_it_were_of_now(open_example):
    window = open_example("chain_rule")
    press(window, "run_update")
    assert words(window, "u", "v") == {"forward": ("6", False), "backward": ("3", False)}
    assert "stale" in window.canvas.graph_scene.edge_tip(edge_item(window, "u", "v").middle())
    press(window, "run_forward")
    said = words(window, "u", "v")
    assert said["forward"][1] and said["forward"][0] != "6" and not said["backward"][1]
    before = words(window, "u", "v")
    press(window, "run_step_back")
    press(window, "run_step")
    assert words(window, "u", "v") == before


def test_words_are_seen_at_reading_zoom_and_not_from_afar(open_example, qtbot):
    window = open_example("chain_rule")
    canvas = window.canvas
    press(window, "run_backward")
    canvas.pulses.stop()

    def differs(scale):
        canvas.zoom(scale / canvas.scale_now())
        sharpen(qtbot, canvas)
        full = canvas.grab().toImage()
        told, canvas.graph_scene.words_of = canvas.graph_scene.words_of, lambda edge: ()
        canvas.graph_scene.say()
        bare = canvas.grab().toImage()
        canvas.graph_scene.words_of = told
        canvas.graph_scene.say()
        return full != bare

    assert differs(1.0) and not differs(READING * 0.9)


def test_a_step_sends_one_pulse_along_each_edge_it_wrote(open_example):
    window = open_example("chain_rule")
    window.canvas.pulses._timer.setInterval(10**6)  # nothing arrives meanwhile
    stepper = window.engine.stepper
    for statement in stepper.program.statements:
        window.canvas.pulses.stop()
        press(window, "run_step")
        if (statement.node, statement.quantity) == ("u", "output"):
            assert under_way(window) == {("u", "v")}
        elif (statement.node, statement.quantity) == ("v", "grad_b"):
            assert under_way(window) == {("u", "v")}
            backward = window.canvas.pulses
            at = backward.positions(backward._begun)[0]
            assert (QPointF(*at.tolist()) - edge_item(window, "u", "v").ends()[1]).manhattanLength() < 1e-6
        elif statement.phase in ("zero_grad", "update"):
            assert under_way(window) == set()
    window.canvas.pulses.stop()
    press(window, "run_step_back")
    assert under_way(window) == set()


def test_a_whole_pass_sends_one_along_every_edge(open_example):
    window = open_example("chain_rule")
    everywhere = {("a", "v"), ("b", "u"), ("c", "u"), ("u", "v"), ("v", "scale"), ("scale", "L")}
    window.canvas.pulses._timer.setInterval(10**6)
    press(window, "run_forward")
    assert under_way(window) >= {("u", "v"), ("v", "scale"), ("scale", "L")}
    press(window, "run_backward")
    assert under_way(window) == everywhere


def test_while_playing_pulses_follow_each_other(open_example, qtbot):
    window = open_example("digits")
    window.engine.transport.speed.setValue(60)
    press(window, "run_play")
    qtbot.waitUntil(lambda: window.canvas.pulses.running, timeout=30000)
    press(window, "run_play")
    qtbot.waitUntil(lambda: not window.canvas.pulses.running, timeout=30000)


def test_the_sample_is_chosen_on_the_canvas(open_example):
    window = open_example("digits")
    chooser, stepper = window.engine.sample_chooser, window.engine.stepper
    press(window, "run_forward")
    assert chooser.isVisible() and chooser.box.text() == "Sample 1 of 32"
    x, fc2 = stepper.program["x.output"], stepper.program["fc2.output"]
    shown = window.engine.lights._shown
    names = window.document.level.names
    assert np.array_equal(shown[names["fc2"]], fc2[0]) and shown[names["x"]].shape == (8, 8)
    chooser.box.setFocus()
    QTest.keyClick(chooser.box, Qt.Key.Key_Up)
    QTest.keyClick(chooser.box, Qt.Key.Key_Up)
    assert stepper.sample == 2 and np.array_equal(shown[names["fc2"]], fc2[2])
    assert words(window, "fc2", "loss")["forward"][0] == forms(fc2[2])[0]
    QTest.mouseClick(chooser.mean, Qt.MouseButton.LeftButton)
    assert stepper.sample is None and not chooser.box.isEnabled()
    assert np.array_equal(shown[names["fc2"]], fc2.mean(axis=0))
    assert np.allclose(shown[names["x"]].ravel(), x.mean(axis=0))
    shares = shown[names["t"]]  # class numbers have no mean: the share of each class
    assert shares.shape == (10,) and shares.sum() == pytest.approx(1)
    stepper.set_sample(5)  # by another panel
    assert chooser.box.value() == 6 and not chooser.mean.isChecked()


def test_one_sample_needs_no_choice(open_example):
    assert not open_example("chain_rule").engine.sample_chooser.isVisible()


def test_a_broken_graph_shows_what_is_valid_and_says_where_it_stops(open_example, qtbot):
    window = open_example("digits")
    names, stepper = window.document.level.names, window.engine.stepper
    window.document.push(SetSetting(names["fc2"], "in_features", 5))
    qtbot.waitUntil(lambda: stepper.ready, timeout=30000)
    press(window, "run_forward")
    assert card(window, "act1").fresh and not card(window, "fc2").fresh
    assert words(window, "fc1", "act1")["forward"][1]
    assert card(window, "fc2").look.complaint.words == "stops here: expects 5, gets 32"
    assert "fc2 expects 5 features, but act1 gives 32" in window.engine.stepper.obstacle.sentence
    window.document.undo()
    assert card(window, "fc2").look.complaint is None


def test_edges_of_a_group_carry_what_is_inside(open_window, qtbot):
    graph = Graph()
    x = graph.add("Parameter", name="x", value=[3.0], position=(0, 0))
    first = graph.add("MulConstant", name="first", constant=2.0, position=(224, 0))
    second = graph.add("MulConstant", name="second", constant=5.0, position=(448, 0))
    loss = graph.add("Objective", name="loss", position=(672, 0))
    for source, target in ((x, first), (first, second), (second, loss)):
        graph.connect(source, target)
    window = open_window(graph)
    window.canvas.select([window.document.level.names[name] for name in ("first", "second")])
    QTest.keyClick(window.canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    stepper = window.engine.stepper
    qtbot.waitUntil(lambda: stepper.ready and stepper.can_step, timeout=30000)
    press(window, "run_backward")
    QApplication.processEvents()
    group = next(node for node in window.document.level.nodes.values() if node.is_group)
    assert words(window, "x", group.name) == {"forward": ("3", True), "backward": ("10", True)}
    assert words(window, group.name, "loss") == {"forward": ("30", True), "backward": ("1", True)}
    assert card(window, group.name).thumbnail.text == "30"


def test_short_forms_of_numbers():
    assert forms(np.array(-0.0)) == ("0",) or forms(np.array(-0.0))[0] == "0"
    assert forms(np.array([0.25, -1.5]))[0] == "(0.25, −1.5)"
    assert forms(np.linspace(-1, 0.834, 8))[0] == "−1 … 0.834"
    assert forms(np.zeros(8))[0] == "all 0"
    assert forms(np.array([1.0, np.nan, 2.0, np.nan]))[0] == "2 NaN"
    assert brief(1234567.0, 2) == "1.2e6" and brief(-0.00012345, 2) == "−0.00012" and brief(123.4, 2) == "123"
    assert forms(np.zeros(0)) == ()


def test_a_sample_or_the_mean():
    array = np.arange(6.0).reshape(3, 2)
    assert seen(array, True, 1).tolist() == [2.0, 3.0] and seen(array, True, 9).tolist() == [4.0, 5.0]
    assert seen(array, True, None).tolist() == [2.0, 3.0] and seen(array, False, 1) is array
    assert seen(np.array([2.0, 0.0, 2.0, 2.0]), True, None, 3).tolist() == [0.25, 0.0, 0.75]


def test_square_features_and_channels_are_pictures():
    assert Thumbnail(np.zeros(64)).cells.shape == (8, 8)
    assert Thumbnail(np.zeros(32)).cells.shape == (1, 32)
    tiles = Thumbnail(np.ones((4, 5, 5))).cells
    assert tiles.sum() == 100 and tiles.shape[1] > tiles.shape[0]


def test_the_number_on_a_lit_edge_covers_no_card(open_example):
    window = open_example("chain_rule")
    stepper = window.engine.stepper
    cards = [item.scene_card() for item in window.canvas.graph_scene.nodes.values()]
    told = set()
    for statement in stepper.statements():
        press(window, "run_step")
        for item in window.canvas.graph_scene.edges.values():
            if item.value:
                told.add(statement.text)
                pill = item._boxes()[2]
                assert not any(card.intersects(pill) for card in cards), (statement.text, item.value)
    assert len(told) > 8


def test_the_sample_is_chosen_by_the_keyboard_from_anywhere(open_example):
    window = open_example("digits")
    stepper, alt = window.engine.stepper, Qt.KeyboardModifier.AltModifier
    window.canvas.setFocus()
    last = stepper.program.batch_size - 1
    for key, sample in (
        (Qt.Key.Key_PageDown, 1),
        (Qt.Key.Key_PageDown, 2),
        (Qt.Key.Key_PageUp, 1),
        (Qt.Key.Key_End, None),
        (Qt.Key.Key_PageDown, 1),  # from the mean back to the one before
        (Qt.Key.Key_PageUp, 0),
        (Qt.Key.Key_PageUp, last),
        (Qt.Key.Key_PageDown, 0),
    ):
        QTest.keyClick(window, key, alt)
        assert stepper.sample == sample
    assert window.engine.sample_chooser.box.value() == 1


def test_one_sample_has_no_next(open_example):
    window = open_example("chain_rule")
    assert not window.actions_by_id["sample_next"].isEnabled()
    QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.AltModifier)
    assert window.engine.stepper.sample == 0


def test_while_a_network_trains_pulses_take_half_as_many_frames(window):
    timer, lights = window.canvas.pulses._timer, window.engine.lights
    often = timer.interval()
    lights.live = True
    assert timer.interval() == 2 * often
    lights.live = False
    assert timer.interval() == often
