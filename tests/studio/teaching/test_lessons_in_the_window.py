"""Lessons 2, 3, 4 and 13 in the window, from their first step to their last, by mouse and keys."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.studio.teaching.pointing import PLACES, panel_of

Keys = Qt.KeyboardModifier


def go_through(student, by_hand):
    """Each step by mouse and keys, in the way that `by_hand` has for its title; what was said, by title."""
    said = {}
    while True:
        title = student.title
        if not student.guide.page.done:
            assert not student.panel.next.isEnabled()
            by_hand[title]()
        student.until_done()
        assert student.guide.tour.faults == [] and "…" not in student.text + student.after
        said[title] = student.after
        if student.guide.tour.last:
            student.click(student.panel.next)
            assert student.guide.tour is None
            return said
        student.next()


def presses(student, *names):
    return lambda: [student.press(f"run_{name}") for name in names]


def types(student, **tensors):
    """z_weight=… types into z.weight."""
    return lambda: [
        student.type_tensor(key.replace("_", ".", 1), numbers) for key, numbers in tensors.items()
    ]


def calls(student, *calls):
    return lambda: [student.call(node, function) for node, function in calls]


def test_lesson_2(beginner):
    beginner.choose(2)

    def another_layer():
        beginner.do_at_the_press("Open linear 5 4")
        beginner.type_tensor("x.output", [0.2647, 0.7477, 0.5382, 0.1914, 0.0834])
        beginner.press("run_forward")
        beginner.type_tensor("fc1.grad_output", [0.8068, 0.2103, 0.3212, 0.6487])

    said = go_through(
        beginner,
        {
            "One layer, one sample": types(
                beginner,
                fc1_weight=[[1, 0, 2], [0, 1, -1], [2, 1, 0], [-1, 1, 1]],
                fc1_bias=[1, 0, -1, 0],
                x_output=[1, 2, 3],
            ),
            "Forward": presses(beginner, "forward"),
            "What comes from behind": types(beginner, fc1_grad_output=[1, 2, 3, 4]),
            "Back to the input": calls(beginner, ("fc1", "updateGradInput")),
            "Back to the weights": calls(beginner, ("fc1", "accGradParameters")),
            "A layer with other numbers": another_layer,
            "Expect before you run": calls(beginner, ("fc1", "accGradParameters")),
        },
    )
    assert "The output is (8, −1, 3, 4)." in said["Forward"]
    assert "grad_input is (3, 9, 4)." in said["Back to the input"]
    assert "4 · (1, 2, 3) = (4, 8, 12)" in said["Back to the weights"]
    assert "0.8068 · 0.2647 = 0.2136" in said["Expect before you run"]


def test_lesson_3(beginner):
    beginner.choose(3)
    words = [each.text() for each in beginner.panel.step.acts]
    assert words[:2] == ["Type 0.5, −1 into z.weight", "Type 0.25 into z.bias"]
    assert beginner.window.engine.tensors.isVisible()  # where one types

    def the_other_truth():
        beginner.type_tensor("y.output", [0])
        presses(beginner, "forward", "backward")()

    def another_loss():
        beginner.do_at_the_press("Open logistic mse")
        beginner.type_setting(beginner.window.engine.settings.plain.fields["batch_size"], "4")
        presses(beginner, "reset", "forward", "backward")()

    def a_sum():
        beginner.select("L")
        field = beginner.window.inspector.node_page.fields["reduction"]
        field.editor.setFocus()
        QTest.keyClicks(field.editor, "s")
        beginner.wait(lambda: not beginner.guide.stage.busy)
        presses(beginner, "forward", "backward")()

    said = go_through(
        beginner,
        {
            "A yes or a no": types(
                beginner, z_weight=[0.5, -1], z_bias=[0.25], x_output=[2, 1], y_output=[1]
            ),
            "Forward to z": lambda: beginner.step_until("z"),
            "The sigmoid": presses(beginner, "step"),
            "The loss": presses(beginner, "forward"),
            "Back through the loss": lambda: beginner.step_until("a.grad_output"),
            "Back through the sigmoid": lambda: beginner.step_until("z.grad_output"),
            "To the weights and the bias": presses(beginner, "backward"),
            "The other truth": the_other_truth,
            "Another loss: the mean squared error": another_loss,
            "The average switched off": a_sum,
        },
    )
    assert said["Forward to z"].strip() == "z = 0.25."
    assert "a = 0.5622" in said["The sigmoid"]
    assert "L = 0.5759" in said["The loss"]
    assert "−1 / 0.5622 = −1.7788" in said["Back through the loss"]
    assert "0.5622 − 1 = −0.4378" in said["Back through the sigmoid"]
    assert "(−0.8756, −0.4378)" in said["To the weights and the bias"]
    assert "0.5622" in said["The other truth"]


def test_lesson_4(beginner):
    beginner.choose(4)

    def all_outputs():
        beginner.press("run_reset")
        calls(beginner, *((node, "updateOutput") for node in ("z1", "a1", "z2", "a2")))()

    z1, z2 = "z1", "z2"
    acc, zero, update = "accGradParameters", "zeroGradParameters", "updateParameters"
    said = go_through(
        beginner,
        {
            "updateOutput, from left to right": all_outputs,
            "The criterion forward": calls(beginner, ("L", "updateOutput")),
            "The criterion's updateGradInput": calls(beginner, ("L", "updateGradInput")),
            "updateGradInput and accGradParameters": calls(
                beginner, ("a2", "updateGradInput"), (z2, "updateGradInput"), (z2, acc)
            ),
            "The rest of the way": calls(
                beginner, ("a1", "updateGradInput"), (z1, "updateGradInput"), (z1, acc)
            ),
            "Gradients add up": calls(beginner, (z1, acc), (z2, acc)),
            "Clear": calls(beginner, (z1, zero), (z2, zero)),
            "One gradient, then updateParameters": calls(
                beginner, (z1, acc), (z2, acc), (z1, update), (z2, update)
            ),
            "Did it help?": presses(beginner, "forward"),
        },
    )
    assert "Every gradient is exactly doubled." in said["Gradients add up"]
    assert "All gradients of parameters are 0 again." in said["Clear"]
    assert "L fell from" in said["Did it help?"]


def test_lesson_4_says_what_went_otherwise(beginner):
    """accGradParameters once too often: the gradients are tripled."""
    beginner.choose(4)
    while beginner.title != "Gradients add up":
        if not beginner.guide.page.done:
            beginner.show_me()
        beginner.next()
    acc = "accGradParameters"
    calls(beginner, ("z1", acc), ("z1", acc), ("z2", acc))()
    beginner.wait(lambda: beginner.otherwise != "")
    assert beginner.otherwise.startswith("Run accGradParameters exactly once more on z1 and on z2.")
    assert not beginner.panel.next.isEnabled()


def test_lesson_13(beginner):
    beginner.choose(13)
    settings = beginner.window.engine.settings

    def numbers():
        types(beginner, fc1_weight=[[0.5, -1, 0.25], [1, 0.5, -0.5]], fc1_bias=[0, 0], x_output=[1, 0.5, 2])()
        beginner.press("run_forward")

    def quadratic():
        beginner.do_at_the_press("Open quadratic")
        beginner.tab(settings)
        beginner.type_setting(settings.plain.fields["batch_size"], "2")
        types(beginner, x_output=[[2, 1], [1, 2]], t_output=[1, -1], fc1_weight=[3, 0])()
        beginner.press("run_forward")

    def twenty_steps(rate):
        beginner.tab(settings)
        beginner.type_setting(settings.plain.fields["lr"], rate)
        beginner.keys(Qt.Key.Key_F7, Keys.ControlModifier, Keys.ShiftModifier)  # Zero Gradients
        presses(beginner, "forward", "backward", "update")()
        for _ in range(19):
            beginner.keys(Qt.Key.Key_F7, Keys.ControlModifier)  # Update runs all that comes before it
        beginner.press("run_forward")

    def farther():
        beginner.type_tensor("fc1.weight", [3, 0])
        twenty_steps("0.25")

    said = go_through(
        beginner,
        {
            "All derivatives at once": numbers,
            "Backward is a product with it": presses(beginner, "backward"),
            "How bent is the loss?": quadratic,
            "Just below": lambda: twenty_steps("0.2"),
            "Just above": farther,
        },
    )
    assert "They are 1 and 9." in said["Steep and shallow"] and "0.2222" in said["Steep and shallow"]
    assert "The loss fell from 20.5" in said["Just below"] and "grew from 20.5" in said["Just above"]


def test_every_panel_that_a_lesson_may_name_is_there(window):
    assert [name for name in PLACES if panel_of(window, name) is None] == []
