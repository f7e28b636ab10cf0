"""A lesson is left and resumed; what the user has open is never lost; files with errors tell their line."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from nnstudio.graph import AddNode
from tests.studio.conftest import close_others


def test_a_lesson_is_resumed_where_it_was_left(beginner):
    beginner.choose(1)
    beginner.next()
    beginner.step_until("u")
    beginner.next()
    assert beginner.title == "To the end of the forward pass"
    beginner.click(beginner.panel.leave)
    assert beginner.guide.tour is None
    assert beginner.panel.list.rows[0].standing == "step 3 of 8"
    # The list is there again; what the lesson had opened is still the lesson's.
    beginner.choose(1)
    assert beginner.title == "To the end of the forward pass"
    assert beginner.number_on("u") == 6  # the steps before were done again
    assert len(beginner.guide.pages) == 3
    beginner.click(beginner.panel.back)
    assert beginner.title == "Forward, one node at a time" and "u = 3 · 2 = 6." in beginner.after
    beginner.click(beginner.panel.next)
    beginner.press("run_forward")
    beginner.next()
    beginner.click(beginner.panel.restart)
    beginner.arrive()
    assert beginner.title == "What is drawn" and len(beginner.guide.pages) == 1


def test_the_start_page_leads_to_the_lessons(beginner):
    page = beginner.window.start_page
    assert page.isVisible()
    beginner.click(page.lessons)
    assert beginner.panel.isVisible() and beginner.panel.list.rows[0].hasFocus()


def test_the_palette_comes_back_as_wide_as_it_was(beginner):
    sizes = beginner.window.sides.sizes()
    beginner.hands.key(Qt.Key.Key_F1)
    assert beginner.panel.isVisible() and not beginner.window.palette_panel.isVisible()
    assert beginner.window.canvas.isVisible()
    beginner.click(beginner.panel.close_list)
    assert beginner.window.palette_panel.isVisible()
    assert beginner.window.sides.sizes() == sizes


def test_the_users_own_document_is_left_alone(window, student):
    user = student(window)
    window.document.push(AddNode("Tanh"))
    before = window.document.level
    user.hands.key(Qt.Key.Key_F1)
    user.click(user.panel.list.rows[0])
    other = next(each for each in window.windows if each is not window)
    assert window.document.level is before and window.document.modified
    assert user.guide.tour is None
    assert other.teaching.guide.lesson.number == 1
    close_others(window)


def test_another_project_in_its_place_ends_the_lesson_and_says_so(beginner):
    beginner.choose(1)
    beginner.window.document.new()
    assert beginner.guide.tour is None
    assert "The lesson was left" in beginner.window.status_line.left.text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "lesson: Mine\nproject: chain_rule.nns.json\n\n# One\n\nText.\n\nchek: u == 6\n",
            "mine.lesson, line 8",
        ),
        ("lesson: Mine\nproject: nowhere.nns.json\n\n# One\n\nText.\n", "nowhere.nns.json"),
    ],
)
def test_a_lesson_file_with_an_error_is_told_with_its_line(beginner, monkeypatch, tmp_path, text, words):
    file = tmp_path / "mine.lesson"
    file.write_text(text)
    told = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr("nnstudio.studio.main_window.tell", lambda _, __, why: told.append(why))
    beginner.hands.key(Qt.Key.Key_F1)
    beginner.click(beginner.panel.file)
    assert len(told) == 1 and words in told[0]
    assert beginner.guide.tour is None
    # Mended, it opens.
    file.write_text("lesson: Mine\nproject: chain_rule.nns.json\n\n# One\n\nText about {b.value}.\n")
    beginner.click(beginner.panel.file)
    beginner.arrive()
    assert beginner.text == "Text about 3."


def test_a_lesson_that_names_a_node_that_is_gone_stays_usable(beginner):
    beginner.choose(1)
    beginner.next()
    beginner.select("u")
    beginner.window.canvas.setFocus()
    beginner.hands.key(Qt.Key.Key_Delete)
    beginner.wait(lambda: not beginner.guide.stage.busy)
    beginner.judged()
    beginner.click(beginner.panel.show_me)
    beginner.wait(lambda: beginner.guide.page.problem)
    beginner.wait(lambda: "01_chain_rule.lesson, line" in beginner.panel.step.problem.words.text())
    assert beginner.panel.restart.isEnabled()
