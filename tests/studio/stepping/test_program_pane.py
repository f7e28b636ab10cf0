"""The program pane: lines and nodes select each other, names tell values, an edit says where it restarts."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from nnstudio.graph import AddNode, Rename, SetSetting
from nnstudio.project.edits import SetTraining
from nnstudio.studio.formats import number
from nnstudio.studio.panels.program_lines import CODE, character


def hover(hand, start, name):
    """Rest with the mouse on a name of a line; what the tip says."""
    row = hand.row(start)
    text = hand.panel.model.lines[row].text
    place = hand.spot(row, round(CODE + character() * (text.index(name) + len(name) / 2)))
    viewport = hand.panel.list.viewport()
    QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place)))
    return QToolTip.text()


def test_a_name_tells_its_value_and_whether_that_is_of_now(debug):
    hand = debug()
    assert hover(hand, "act1 = ", "fc1") == "fc1.output · not computed in this pass"
    hand.press("run_forward")
    words = hover(hand, "act1 = ", "fc1").splitlines()
    output = hand.program["fc1.output"]
    assert words[0] == "fc1.output · 32×32"
    assert words[1] == (
        f"min {number(output.min())} · max {number(output.max())} · mean {number(output.mean())}"
    )
    assert words[2].startswith(f"sample 1: {number(output[0, 0])}  {number(output[0, 1])}")
    hand.stepper.set_sample(4)
    assert f"sample 5: {number(output[4, 0])}" in hover(hand, "act1 = ", "fc1")
    hand.stepper.set_sample(None)
    assert f"mean over the batch: {number(output.mean(axis=0)[0])}" in hover(hand, "act1 = ", "fc1")
    assert "stale" not in hover(hand, "act1 = ", "fc1")
    hand.press("run_update")
    assert hover(hand, "act1 = ", "fc1").splitlines()[-1].startswith("stale: ")


def test_other_places_say_which_torch7_call_it_is(debug):
    hand = debug()
    row = hand.row("act1 = ")
    words, _ = hand.panel.tip_at(hand.spot(row, round(CODE + character() * 40)))
    assert words == "act1 · updateOutput"
    words, _ = hand.panel.tip_at(hand.spot(row, 9))
    assert words == "Click to stop here"


def test_calls_beside_are_painted_and_read_aloud(debug):
    from PySide6.QtCore import Qt

    hand = debug()
    hand.window.resize(1900, 900)
    hand.window.bottom.setSizes([300, 1100])
    QApplication.processEvents()
    plain = hand.panel.list.viewport().grab().toImage()
    hand.panel.as_run.click()
    assert hand.panel.list.viewport().grab().toImage() != plain
    row = hand.row("act1 = ")
    spoken = hand.panel.model.data(hand.panel.model.index(row), Qt.ItemDataRole.AccessibleTextRole)
    assert "runs as np.maximum(fc1, 0, out=act1)" in spoken
    # Calls that follow the first have rows of their own, which belong to the same statement.
    more = [line for line in hand.panel.model.lines if line.call]
    assert more and all(line.statement is not None and line.beside for line in more)


def test_an_edit_while_stepping_keeps_what_did_not_change_and_says_where_it_restarts(debug, qtbot):
    hand = debug()
    hand.press("run_update")
    hand.press("run_update")
    learned = {key: array.copy() for key, array in hand.program.parameters().items()}
    said = []
    hand.stepper.restarted.connect(said.append)
    hand.window.document.push(SetSetting(hand.user.id("fc2"), "use_bias", False))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert np.array_equal(hand.program["fc1.weight"], learned["fc1.weight"])
    first = hand.program.statements[0].text
    assert said == [
        f"fc2 was changed: the program starts again at “{first}”; fc1 and fc2 keep their weights."
    ]
    assert hand.panel.notice.isVisible() and hand.panel.notice.text() == said[0] == hand.said
    hand.press("run_step")
    assert not hand.panel.notice.isVisible() and hand.stepper.statement.text == first
    # Another width: weights that do not fit any more are new, and that is said.
    hand.press("run_update")
    learned = hand.program["fc2.weight"].copy()
    hand.window.document.push(SetSetting(hand.user.id("fc1"), "out_features", 16))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert said[1].startswith("fc1 was changed: the program starts again at")
    assert hand.program["fc2.weight"].shape != learned.shape


def test_renamed_nodes_keep_what_stepping_has_taught_them(debug, qtbot):
    hand = debug()
    hand.press("run_update")
    learned = hand.program["fc1.weight"].copy()
    said = []
    hand.stepper.restarted.connect(said.append)
    hand.window.document.push(Rename(hand.user.id("fc1"), "first"))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert np.array_equal(hand.program["first.weight"], learned)
    assert said[0].startswith("first was renamed: the program starts again")


def test_nothing_is_said_where_nothing_was_stepped(debug, qtbot):
    hand = debug()
    said = []
    hand.stepper.restarted.connect(said.append)
    hand.window.document.push(AddNode("Tanh"))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert said == []


def test_another_optimizer_restarts_too(debug, qtbot):
    hand = debug()
    hand.press("run_update")
    learned = hand.program["fc1.weight"].copy()
    said = []
    hand.stepper.restarted.connect(said.append)
    training = hand.window.document.project.training
    other = "SGD" if training.optimizer != "SGD" else "Adam"
    hand.window.document.push(SetTraining(replace(training, optimizer=other, optimizer_settings={})))
    qtbot.waitUntil(lambda: hand.stepper.ready, timeout=30000)
    assert said and said[0].startswith(
        "The data or the training settings were changed: the program starts again"
    )
    assert np.array_equal(hand.program["fc1.weight"], learned)


@pytest.mark.parametrize("key", ["fc1.weight", "x.output", "fc1.grad_output"])
def test_any_quantity_can_be_typed(debug, key):
    hand = debug()
    hand.press("run_backward")
    array = hand.stepper.value(key) + 1
    hand.stepper.write(key, array)
    assert np.array_equal(hand.stepper.value(key), array) and hand.stepper.is_true(key)
    hand.press("run_step_back")
    assert not np.array_equal(hand.stepper.value(key), array)
