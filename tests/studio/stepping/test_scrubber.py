"""The scrubber: any past moment, by the mouse and by the keyboard, exactly."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip


def moments_of(hand, presses):
    """What there was at every moment on the way."""
    found = {hand.stepper.moment: hand.state()}
    for name in presses:
        hand.press(name)
        found[hand.stepper.moment] = hand.state()
    return found


def test_it_drags_to_any_past_moment_bit_for_bit_and_forward_again(debug):
    hand = debug()
    known = moments_of(hand, ["run_forward", "run_backward", "run_update", "run_forward", "run_backward"])
    last = hand.stepper.moments - 1
    assert hand.scrubber.maximum() == hand.scrubber.value() == last
    for moment in sorted(known, key=lambda each: (each * 7919) % 101):
        hand.drag_scrubber(0.5, moment / last)
        assert hand.stepper.moment == hand.scrubber.value() == moment
        assert hand.stepper.moments == last + 1  # what lies ahead stays
        assert hand.state() == known[moment]
    # The line that had run last is lit there.
    hand.drag_scrubber(12 / last)
    assert hand.stepper.statement is hand.stepper.happened(12)
    assert hand.panel.current_row() == hand.panel.model.row_of(hand.stepper.happened(12))
    hand.drag_scrubber(0)
    assert hand.stepper.statement is None


def test_stepping_on_walks_along_what_is_remembered_and_another_act_forgets_it(debug):
    hand = debug()
    known = moments_of(hand, ["run_forward", "run_backward", "run_update"])
    last = hand.stepper.moments - 1
    hand.drag_scrubber(0)
    hand.press("run_forward")
    assert hand.stepper.moments == last + 1 and hand.state() == known[hand.stepper.moment]
    hand.press("run_step")
    assert hand.stepper.moments == last + 1
    hand.choose("next_samples")
    assert hand.stepper.moments == hand.stepper.moment + 1 < last


def test_the_keyboard_goes_by_one_by_a_pass_and_to_the_ends(debug):
    hand = debug()
    hand.press("run_update")
    hand.press("run_update")
    count = len(hand.program.statements)
    last = 2 * count
    hand.scrubber.setFocus()
    for key, moment in (
        (Qt.Key.Key_Left, last - 1),
        (Qt.Key.Key_PageDown, last - 1 - count),
        (Qt.Key.Key_Right, last - count),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_PageUp, count),
        (Qt.Key.Key_End, last),
    ):
        hand.key(key)
        assert hand.stepper.moment == hand.scrubber.value() == moment
    assert hand.scrubber.accessibleName()
    words = hand.scrubber.accessibleDescription()
    assert f"{last} of {last}" in words and "update" in words and hand.stepper.statement.text in words


def test_it_tells_what_happened_there(debug):
    hand = debug()
    slider = hand.scrubber
    assert "go back to" in slider.tip_at(5) and not slider.isEnabled()
    hand.press("run_forward")
    hand.choose("next_samples")
    last = hand.stepper.moments - 1

    def tip(moment):
        place = QPoint(round(slider.place_of(moment)), 10)
        event = QHelpEvent(QEvent.Type.ToolTip, place, slider.mapToGlobal(place))
        QApplication.sendEvent(slider, event)
        return QToolTip.text()

    assert tip(last) == f"Moment {last} of {last} · fed 32 samples"
    line = hand.stepper.happened(5)
    assert tip(5) == f"Moment 5 of {last} · {line.phase.replace('_', ' ')}, {line.node}: {line.text}"
    assert tip(0).endswith("the beginning")


def test_a_thousand_steps_back_and_forth(debug):
    hand = debug()
    before = hand.state()
    while hand.stepper.moments <= 1001:
        hand.press("run_update")
    after, last = hand.state(), hand.stepper.moments - 1
    hand.drag_scrubber(0.7, 0.2, 0)
    assert hand.stepper.moment == 0 and hand.state() == before
    hand.drag_scrubber(1)
    assert hand.stepper.moment == last and hand.state() == after


def test_what_was_typed_is_a_moment_too_and_a_sweep_is_one(debug):
    hand = debug()
    hand.press("run_backward")
    stepper = hand.stepper
    moments, before = stepper.moments, hand.state()
    bias = stepper.value("fc2.bias").copy()
    loss = hand.program.loss
    since = None
    for shift in (0.1, 0.2, 0.5):
        typed = bias.copy()
        typed[3] += shift
        since = stepper.write("fc2.bias", typed, since)
    assert hand.program["fc2.bias"][3] == np.float32(bias[3] + np.float32(0.5))
    assert hand.program.loss != loss and stepper.is_true("loss.output")  # it flows on at once
    assert stepper.moments <= moments + 2
    assert any("typed fc2.bias" in str(stepper.happened(m)) for m in range(stepper.moments))
    hand.press("run_step_back")
    assert hand.state() == before


def test_it_shows_each_phase_in_its_colour(debug):
    from nnstudio.studio import theme

    hand = debug()
    hand.press("run_update")
    tints = [tint for _, _, tint in hand.scrubber._stretches()]
    c = theme.colours()
    assert tints == [c.phase(name).mark for name in ("zero_grad", "forward", "backward", "update")]
