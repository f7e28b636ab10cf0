"""A user's work is never lost: copies for after a crash."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode
from nnstudio.project import Project, load
from nnstudio.project.autosave import Autosave, Recovery, autosave_folder
from nnstudio.project.process import Process, this_process
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.questions import DISCARD, LATER, RECOVER, Question, RecoveryDialog, age, when

STUDIO = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
import nnstudio.studio.app as app
from nnstudio.graph import AddNode
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.questions import RecoveryDialog

path = sys.argv[2] if len(sys.argv) > 2 else None

def window():
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))

def tell(**more):
    document = window().document
    print(json.dumps({"graph": document.graph.to_dict(), "modified": document.modified,
                      "path": document.path and str(document.path), **more}), flush=True)

def edit():
    window().safekeeping.copies.interval = 1
    for module in ("Tanh", "ReLU", "Linear"):
        window().document.push(AddNode(module))
    tell()

def recover():
    dialog = QApplication.activeModalWidget()
    if not isinstance(dialog, RecoveryDialog):
        QTimer.singleShot(20, recover)
        return
    shown = [row.name.text() for row in dialog.rows]
    QTest.mouseClick(dialog.recover_button, Qt.MouseButton.LeftButton)
    QTimer.singleShot(0, lambda: after(shown))

def after(shown):
    tell(shown=shown)
    window().files.may_leave = lambda: True
    window().close()

application = QApplication(sys.argv[:1])
QTimer.singleShot(0, {"edit": edit, "recover": recover}[sys.argv[1]])
sys.exit(app.main(path))
"""


def copies() -> list[Path]:
    return sorted(autosave_folder().glob("*.nns"))


@pytest.fixture
def left_behind(monkeypatch):
    """Leaves a copy of a project as a studio does that ended without closing it."""

    def leave(project: Project, path: Path | None = None) -> Path:
        project.path = path
        with monkeypatch.context() as patch:
            gone = Process(this_process().host, 2**31 - 2, "1")
            patch.setattr("nnstudio.project.autosave.this_process", lambda: gone)
            return Autosave().write(project)

    return leave


@pytest.fixture
def copied(qtbot):
    """Waits for the copy of what a window has not saved."""

    def wait(window: MainWindow) -> Path:
        keeper = window.safekeeping.copies
        keeper.interval = 1
        keeper.follow()
        qtbot.waitUntil(lambda: bool(copies()) and not keeper.busy, timeout=20000)
        (file,) = copies()
        return file

    return wait


def settled(window: MainWindow) -> None:
    """What the window has handed to its thread is done."""
    thread = window.safekeeping.copies._thread
    if thread is not None:
        thread.submit(int).result(20)


def drawn(window: MainWindow) -> dict:
    return window.document.graph.to_dict()


@pytest.mark.parametrize("has_file", [True, False])
def test_what_a_killed_studio_had_not_saved_is_recovered_by_the_next(studio, saved, qtbot, has_file):
    arguments = [str(saved)] if has_file else []
    before = saved.read_bytes()
    first = studio(STUDIO, "edit", *arguments)
    told = json.loads(first.stdout.readline())
    qtbot.waitUntil(lambda: bool(copies()), timeout=60000)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = studio(STUDIO, "recover", *arguments)
    out, err = second.communicate(timeout=120)
    assert second.returncode == 0 and err == ""
    recovered = json.loads(out)
    assert recovered["shown"] == ["mine.nns" if has_file else "Untitled"]
    assert recovered["graph"] == told["graph"] and len(told["graph"]["nodes"]) >= 3
    assert recovered["modified"] and recovered["path"] == told["path"]
    # That one was closed cleanly, and its changes were given up.
    assert copies() == [] and saved.read_bytes() == before
    assert [file.name for file in saved.parent.iterdir() if file.name.endswith(".lock")] == []


def test_a_copy_is_written_after_a_change_and_goes_when_it_is_saved(window, copied, tmp_path):
    window.document.push(AddNode("ReLU"))
    file = copied(window)
    assert load(file).graph.to_dict() == drawn(window)
    window.document.save(tmp_path / "now.nns")
    settled(window)
    assert copies() == []
    window.document.push(AddNode("ReLU"))
    assert copied(window).name.startswith("now-")
    window.undo()
    settled(window)
    assert copies() == []  # as it was saved


def test_what_is_saved_while_its_copy_is_being_written_leaves_none(window, tmp_path):
    window.document.push(AddNode("ReLU"))
    window.safekeeping.copies.write()
    window.document.save(tmp_path / "now.nns")
    settled(window)
    assert copies() == []


def test_changes_without_a_pause_do_not_put_the_copy_off_for_ever(window, qtbot):
    keeper = window.safekeeping.copies
    keeper.interval, keeper.patience = 10**6, 1

    def change_and_look() -> bool:
        window.document.push(AddNode("ReLU"))
        return bool(copies())

    qtbot.waitUntil(change_and_look, timeout=20000)


def test_closing_cleanly_leaves_no_copy(window, copied, monkeypatch):
    window.document.push(AddNode("ReLU"))
    copied(window)
    thread = window.safekeeping.copies._thread
    monkeypatch.setattr(Question, "exec", lambda box: setattr(box, "answer", DISCARD))
    assert window.close()
    thread.shutdown(wait=True)
    assert copies() == []


def test_a_run_that_goes_on_is_in_the_copy(open_example, qtbot):
    window = open_example("digits")
    project = window.document.project
    project.training = replace(project.training, epochs=100_000)  # longer than anybody waits
    window.document.push(AddNode("Tanh"))
    window.undo()
    assert not window.document.modified
    keeper = window.safekeeping.copies
    keeper.interval = keeper.interval_of_run = 1
    window.engine.run.start()
    qtbot.waitUntil(lambda: bool(copies()) and bool(load(copies()[0]).weights), timeout=60000)
    assert load(copies()[0]).run_state["epoch"] >= 0
    window.engine.run.abandon()
    settled(window)
    assert not window.document.modified and copies() == []


def test_a_copy_that_cannot_be_written_is_told_once(window, qtbot, data_home):
    data_home.write_text("no folder")
    told = []
    keeper = window.safekeeping.copies
    keeper.failed.connect(told.append)
    for _ in range(2):
        window.document.push(AddNode("ReLU"))
        keeper.write()
        qtbot.waitUntil(lambda: not keeper.busy, timeout=20000)
    (sentence,) = told
    assert "no recovery copy can be kept" in sentence and str(autosave_folder()) in sentence


def test_a_snapshot_stays_what_it_was(window):
    project = window.document.project
    copy = project.copy()
    before = copy.graph.to_dict()
    window.document.push(AddNode("ReLU"))
    assert copy.graph.to_dict() == before != project.graph.to_dict()
    assert set(vars(copy)) == set(vars(project))


def test_recovering_at_the_start_chooses_one_and_keeps_the_others(
    empty_window, left_behind, saved, answers, qtbot, tmp_path
):
    project = load(saved)
    project.graph.add("ReLU", name="unsaved")
    expected = project.graph.to_dict()
    untitled = left_behind(Project())
    file = left_behind(project, saved)
    asked = answers(RECOVER)
    empty_window.safekeeping.begin()
    qtbot.waitUntil(lambda: empty_window.document.path == saved, timeout=20000)
    assert asked == ["mine.nns, Untitled"]
    assert drawn(empty_window) == expected and empty_window.document.modified
    # What crashed is only done away with once there is a copy of this window's own.
    keeper = empty_window.safekeeping.copies
    qtbot.waitUntil(lambda: not keeper.busy, timeout=20000)
    settled(empty_window)
    assert not file.exists() and untitled.exists() and len(copies()) == 2
    assert empty_window.files.save() and load(saved).graph.to_dict() == expected
    settled(empty_window)
    assert copies() == [untitled]


def test_opening_a_file_offers_its_copy(window, left_behind, saved, answers):
    project = load(saved)
    project.graph.add("ReLU", name="unsaved")
    left_behind(project, saved)
    asked = answers(LATER)
    assert window.files.open_path(saved)
    assert "unsaved" not in window.document.level.names and not window.document.modified
    window.files.new()
    answers(RECOVER)
    assert window.files.open_path(saved)
    assert "unsaved" in window.document.level.names and window.document.modified
    assert window.document.path == saved and asked == ["mine.nns"] * 2


def test_discarded_copies_are_gone_and_the_dialog_with_the_last(window, left_behind, saved, answers, qtbot):
    left_behind(Project())
    left_behind(load(saved), saved)
    asked = answers(DISCARD, DISCARD)
    window.safekeeping.offer()
    qtbot.waitUntil(lambda: len(asked) == 2 and QApplication.activeModalWidget() is None, timeout=20000)
    assert asked == ["mine.nns, Untitled", "Untitled"] and copies() == []
    window.safekeeping.offer()
    qtbot.waitUntil(lambda: window.status_line.left.text() == "There is nothing to recover.", timeout=20000)


def test_a_damaged_copy_is_said_and_kept(window, left_behind, answers, monkeypatch, qtbot):
    file = left_behind(Project())
    file.write_bytes(file.read_bytes()[:200])
    found = [Recovery(file, None, time.time())]
    told = []
    monkeypatch.setattr(MainWindow, "complain", lambda _window, what, _why: told.append(what))
    answers(RECOVER)
    before = drawn(window)
    window.safekeeping._choose(found)
    assert told == ["The copy could not be recovered."] and drawn(window) == before and file.exists()


def test_many_rows_scroll_and_the_age_is_in_words(qtbot, tmp_path):
    now = time.mktime((2026, 6, 17, 14, 3, 0, 0, 0, -1))
    made = [Recovery(tmp_path / f"{i}.nns", tmp_path / "a & b.nns", now) for i in range(30)]
    dialog = RecoveryDialog(made)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.height() < 700 and dialog.rows[0].choice.text() == "a && b.nns"
    assert when(now - 720, now) == "Today at 13:51, 12 minutes ago"
    assert when(now - 86400, now) == "Yesterday at 14:03, 1 day ago"
    assert when(now - 3 * 86400, now) == "Sunday at 14:03, 3 days ago"
    assert when(now - 40 * 86400, now).startswith("8 May at ")
    assert when(now - 400 * 86400, now).startswith("13 May 2025 at ")
    assert [age(s) for s in (-5, 59, 60, 7300)] == [
        "a moment ago",
        "a moment ago",
        "1 minute ago",
        "2 hours ago",
    ]
