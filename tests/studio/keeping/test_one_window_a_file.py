"""A file is open in one window, and nobody's file is overwritten unasked."""

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from nnstudio.errors import ProjectError
from nnstudio.graph import AddNode
from nnstudio.project import load, save
from nnstudio.project.lock import ProjectLock
from nnstudio.studio.claim import Claim
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.questions import Question
from nnstudio.studio.safekeeping import OPEN_ANYWAY, OPEN_COPY, OVERWRITE, SAVE_AS, free_name


def drawn(window: MainWindow) -> dict:
    return window.document.graph.to_dict()


def change(path: Path) -> None:
    """Somebody else writes the project."""
    other = load(path)
    other.graph.add("Tanh", name="theirs")
    save(other, path)


def test_a_file_of_another_studio_is_opened_as_a_copy(window, held, saved, answers):
    asked = answers(OPEN_COPY)
    assert window.files.open_path(saved)
    assert asked == ["mine.nns is open in another nnstudio."]
    assert window.document.path == saved.with_name("mine copy.nns") and not window.document.modified
    assert drawn(window) == load(saved).graph.to_dict()
    before = saved.read_bytes()
    window.document.push(AddNode("ReLU"))
    assert window.files.save() and saved.read_bytes() == before
    assert free_name(saved).name == "mine copy 2.nns"
    assert free_name(Path("a.b.nns.json")).name == "a.b copy.nns.json"


def test_a_file_of_another_studio_is_left_or_taken(window, held, saved, answers):
    before = drawn(window)
    answers("Cancel")
    assert not window.files.open_path(saved) and drawn(window) == before
    answers(OPEN_ANYWAY)
    assert window.files.open_path(saved) and window.document.path == saved
    with pytest.raises(ProjectError):
        ProjectLock.acquire(saved)
    window.files.new()
    ProjectLock.acquire(saved).release()


def test_the_lock_of_a_dead_studio_is_taken_over_without_a_word(window, held, saved, answers):
    os.kill(held.pid, signal.SIGKILL)
    held.wait()
    asked = answers()
    assert window.files.open_path(saved) and window.document.path == saved and asked == []
    with pytest.raises(ProjectError):
        ProjectLock.acquire(saved)


def test_a_file_that_is_open_in_another_window_is_shown_there(open_window, saved, tmp_path, answers, qtbot):
    first, second = open_window(), open_window()
    assert first.files.open_path(saved)
    link = tmp_path / "link.nns"
    link.symlink_to(saved)
    for path in (saved, link):
        assert not second.files.open_path(path) and second.document.path is None
        qtbot.waitUntil(lambda: QApplication.activeWindow() is first, timeout=20000)
        assert first.status_line.left.text() == "mine.nns is open here."
        assert "open in another window" in second.status_line.left.text()
        second.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is second, timeout=20000)
    assert first.files.open_path(saved)  # again in its own window
    # Nor may the other be saved over it.
    assert not second.files.write_to(saved)
    assert first.close()
    assert second.files.open_path(saved)
    asked = answers()
    second.close()
    ProjectLock.acquire(saved).release()
    assert asked == []


def test_a_window_that_went_without_a_word_holds_nothing(window, saved):
    class Ghost:
        alive = False

    ghost = Ghost()
    Claim.take(saved, ghost)
    assert window.files.open_path(saved)
    another = Ghost()
    Claim.take(saved.with_name("b.nns"), another)
    del another
    Claim.take(saved.with_name("b.nns"), ghost).release()


def test_a_broken_file_is_not_held(window, saved, monkeypatch):
    monkeypatch.setattr(Question, "exec", lambda _: None)
    saved.write_text("{")
    assert not window.files.open_path(saved)
    ProjectLock.acquire(saved).release()


def test_a_start_with_a_file_of_another_studio_asks_too(open_window, held, saved, answers):
    answers("Cancel", OPEN_COPY)
    window = open_window(project=load(saved))
    window.safekeeping.begin()
    assert window.document.path is None and not window.document.level.nodes
    window = open_window(project=load(saved))
    window.safekeeping.begin()
    assert window.document.path == saved.with_name("mine copy.nns") and window.document.level.nodes


def test_saving_over_what_somebody_else_wrote_is_asked_about(window, saved, answers, monkeypatch, tmp_path):
    window.files.open_path(saved)
    window.document.push(AddNode("ReLU"))
    mine = drawn(window)
    asked = answers()
    assert window.files.save() and asked == []
    change(saved)
    theirs = saved.read_bytes()
    window.document.push(AddNode("ReLU"))
    answers("Cancel")
    assert not window.files.save() and saved.read_bytes() == theirs and window.document.modified
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "new.nns"), ""))
    answers(SAVE_AS)
    assert window.files.save() and saved.read_bytes() == theirs
    assert window.document.path == tmp_path / "new.nns" and drawn(window) != mine
    window.files.open_path(saved)
    theirs = saved.read_bytes()
    os.utime(saved, ns=(1, 1))
    window.document.push(AddNode("ReLU"))
    answers(OVERWRITE)
    assert window.files.save() and saved.read_bytes() != theirs
    assert asked == ["mine.nns has changed on disk since it was opened."] * 3
    window.document.push(AddNode("ReLU"))
    assert window.files.save() and len(asked) == 3
    saved.unlink()
    window.document.push(AddNode("ReLU"))
    assert window.files.save() and len(asked) == 3 and saved.is_file()


def test_saving_as_a_file_of_another_studio_is_asked_about(window, held, saved, answers, monkeypatch):
    before = saved.read_bytes()
    asked = answers("Cancel")
    assert not window.files.write_to(saved) and saved.read_bytes() == before
    answers(OVERWRITE)
    assert window.files.write_to(saved) and saved.read_bytes() != before
    assert asked == ["mine.nns is open in another nnstudio."] * 2
