"""Several windows, each with its own document; opening by dragging a file; leaving all of them."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from nnstudio.graph import AddNode
from nnstudio.project import Project, save
from nnstudio.studio.questions import Question
from nnstudio.studio.windows import project_files
from tests.studio.conftest import close_others

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    yield hands(window)
    close_others(window)


@pytest.fixture
def saved(tmp_path, window):
    path = tmp_path / "other.nns"
    project = Project()
    project.graph.add("Input", "only", shape=(3,))
    save(project, path)
    return path


def others(user):
    return [each for each in user.window.windows if each is not user.window]


def test_a_new_window_has_a_document_and_an_engine_of_its_own(user):
    user.key(Key.Key_N, Keys.ControlModifier | Keys.ShiftModifier)
    (other,) = others(user)
    assert other.isVisible() and other.pos() != user.window.pos()
    assert other.document is not user.document and other.engine is not user.window.engine
    other.document.push(AddNode("Tanh"))
    assert len(user.document.level.nodes) == 6 and len(other.document.level.nodes) == 1
    assert not user.window.isWindowModified() and other.isWindowModified()
    other.document.stack.setClean()
    assert other.close() and others(user) == [] and user.window.isVisible()


def test_a_file_is_opened_in_a_window_of_its_own(user, saved, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(saved), ""))
    user.key(Key.Key_O, Keys.ControlModifier | Keys.ShiftModifier)
    (other,) = others(user)
    assert other.document.path == saved and "only" in other.document.level.names
    # Open already: no second window on the same file.
    user.key(Key.Key_O, Keys.ControlModifier | Keys.ShiftModifier)
    assert others(user) == [other]


def test_quitting_asks_each_window_and_one_refusal_keeps_what_is_left(user, monkeypatch):
    other = user.window.windows.open()
    third = user.window.windows.open()
    for window in (user.window, third):
        window.document.push(AddNode("Tanh"))
    asked, answers = [], ["Discard", "Cancel"]

    def reply(box):
        asked.append(box.parent())
        box.answer = answers.pop(0)

    monkeypatch.setattr(Question, "exec", reply)
    assert not user.window.windows.quit()
    assert asked == [third, user.window]
    assert list(user.window.windows) == [user.window] and user.window.isVisible()
    del other
    answers.append("Discard")
    assert user.window.windows.quit() and len(user.window.windows) == 0


def drop(widget, paths):
    """Qt's own events for files that are dragged onto a widget."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    spot, copy, left = QPoint(40, 40), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(spot, copy, mime, left, Keys.NoModifier)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDragMoveEvent(spot, copy, mime, left, Keys.NoModifier))
        QApplication.sendEvent(widget, QDropEvent(QPointF(spot), copy, mime, left, Keys.NoModifier))
    QApplication.processEvents()
    return enter.isAccepted()


def test_a_project_file_dropped_anywhere_on_the_window_is_opened(user, saved):
    assert drop(user.canvas.viewport(), [saved])
    assert user.document.path == saved and "only" in user.document.level.names


def test_dropping_asks_about_what_is_not_saved(user, saved, monkeypatch):
    user.document.push(AddNode("Tanh"))
    monkeypatch.setattr(Question, "exec", lambda _box: None)  # Escape
    assert drop(user.window.inspector, [saved])
    assert user.document.path is None and "act2" in user.document.level.names


def test_more_than_one_file_opens_more_windows(user, saved, tmp_path):
    second = tmp_path / "second.nns.json"
    save(Project(), second)
    assert drop(user.window, [saved, tmp_path / "picture.png", second])
    assert user.document.path == saved
    assert [other.document.path for other in others(user)] == [second]


def test_other_files_are_refused(user, tmp_path):
    (tmp_path / "a.csv").touch()
    assert not drop(user.canvas.viewport(), [tmp_path / "a.csv"])
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/a.nns")])
    assert project_files(mime) == []
