"""Lesson 1 in the window, from its first step to its last, by mouse and keys; and acts that go wrong."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def test_lesson_1_from_start_to_end(beginner):
    beginner.choose(1)
    window = beginner.window
    assert beginner.title == "What is drawn"
    assert "a = 5, b = 3 and c = 2" in beginner.text
    assert not window.palette_panel.isVisible() and window.canvas.isVisible()
    beginner.next()

    # The answer is not given away, and Next waits.
    assert beginner.title == "Forward, one node at a time"
    assert beginner.ticks == {"u": "open"} and not beginner.panel.next.isEnabled()
    beginner.step_until("u")
    assert beginner.ticks == {"u = 6": "held"}
    assert "u = 3 · 2 = 6." in beginner.after
    beginner.next()

    beginner.press("run_forward")
    beginner.until_done()
    assert beginner.ticks == {"v = 11": "held", "L = 33": "held"}
    assert "v = 5 + 6 = 11, and L = 3 · 11 = 33." in beginner.after
    beginner.next()

    beginner.press("run_step")
    beginner.next()
    beginner.step_until("v.grad_output")
    assert "∂ L over ∂ v = 1 times 3 = 3" in beginner.after
    beginner.next()
    beginner.step_until("u.grad_output")
    assert "Both are 3." in beginner.after
    beginner.next()
    beginner.press("run_backward")
    beginner.until_done()
    assert "3 times 2 = 6" in beginner.after and "3 times 3 = 9" in beginner.after
    beginner.next()

    # Type 3.01 as the value of b, in the inspector.
    beginner.select("b")
    field = window.inspector.node_page.fields["value"]
    beginner.hands.type(field.editor, "3.01")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    beginner.wait(lambda: window.engine.stepper.ready)
    beginner.press("run_forward")
    beginner.until_done()
    assert "L is now 33.06, which is 0.06 more." in beginner.after
    assert beginner.panel.next.text() == "Finish"
    beginner.click(beginner.panel.next)
    assert beginner.guide.tour is None
    row = beginner.panel.list.rows[0]
    assert row.done and row.standing == "done"


def test_a_wrong_number_is_told_in_the_lessons_own_sentence(beginner):
    beginner.choose(1)
    beginner.next()
    beginner.select("b")
    field = beginner.window.inspector.node_page.fields["value"]
    beginner.hands.type(field.editor, "4")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    beginner.wait(lambda: beginner.window.engine.stepper.ready)
    for _ in range(8):
        beginner.press("run_step")
    beginner.wait(lambda: beginner.otherwise != "")
    lesson, exact = beginner.otherwise.split("\n")
    assert lesson == "u should be b · c. Press Reset, then Step until the line of u has run."
    assert exact == "u should be 6, but is 8."
    assert beginner.ticks == {"u": "otherwise"} and not beginner.panel.next.isEnabled()
    # Put right, it holds.
    beginner.hands.type(field.editor, "3")
    QTest.keyClick(field.editor, Qt.Key.Key_Return)
    beginner.wait(lambda: beginner.window.engine.stepper.ready)
    beginner.step_until("u")
    beginner.until_done()


def test_a_button_that_the_step_does_not_ask_for_is_told_too(beginner):
    beginner.choose(1)
    beginner.next()
    beginner.step_until("u")
    beginner.next()
    beginner.press("run_step")
    assert beginner.otherwise == ""
    beginner.press("run_forward")
    beginner.next()
    assert "grad_output" in next(iter(beginner.ticks))
    beginner.press("run_reset")
    beginner.judged()
    assert beginner.otherwise == ""  # nothing is wrong yet
    beginner.press("run_forward")
    beginner.wait(lambda: beginner.otherwise != "")
    assert beginner.otherwise == "Press Forward first, then Step once."
    beginner.press("run_step")
    beginner.until_done()
