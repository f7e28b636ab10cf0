"""A project that takes long to write: the window goes on meanwhile, and nothing of it is lost."""

import threading
from time import monotonic

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.graph.edits import Rename
from nnstudio.project import load
from nnstudio.project.edits import SetHistory
from nnstudio.studio import files, saving
from nnstudio.studio.saving import takes_long

EPOCHS = [{"epoch": n, "step": 9 * n, "train_loss": 1 / n, "seconds": 0.001 * n} for n in range(1, 1501)]


@pytest.fixture
def slow(monkeypatch):
    """Writing takes until `goes_on` is set."""
    goes_on, write = threading.Event(), saving.save

    def when_told(*given, **more):
        goes_on.wait(30)
        write(*given, **more)

    monkeypatch.setattr(saving, "save", when_told)
    yield goes_on
    goes_on.set()


@pytest.fixture
def trained(open_example, tmp_path, slow):
    """A window with a long history, saved with Ctrl+S as its own file, which is being written."""
    window = open_example("sine")
    window.document.save(tmp_path / "mine.nns")
    window.document.push(SetHistory(EPOCHS))
    assert takes_long(window.document.project)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert window.files.saving.busy and "Saving mine.nns" in window.status_line.left.text()
    return window


def written(window, qtbot):
    qtbot.waitUntil(lambda: not window.files.saving.busy, timeout=30000)
    return load(window.document.path)


def test_it_is_saved_once_it_is_written(trained, slow, qtbot):
    assert trained.document.modified, "not before"
    slow.set()
    assert len(written(trained, qtbot).history) == len(EPOCHS)
    assert not trained.document.modified and "Saved mine.nns" in trained.status_line.left.text()
    assert trained.safekeeping.before_writing(trained.document.path) == "write", "it is our own"


def test_what_is_done_meanwhile_is_not_saved_and_says_so(trained, slow, qtbot):
    node = trained.document.graph.node("fc1")
    trained.document.push(Rename(node.id, "first"))
    slow.set()
    assert "fc1" in [each.name for each in written(trained, qtbot).graph.nodes.values()]
    assert trained.document.modified
    trained.document.undo()
    trained.document.undo()
    assert trained.document.modified, "the file that this once was is no more"
    trained.document.redo()
    trained.document.redo()
    QTest.keyClick(trained, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert "first" in [each.name for each in written(trained, qtbot).graph.nodes.values()]
    assert not trained.document.modified


def test_who_closes_the_window_waits_for_it(trained, slow, monkeypatch):
    monkeypatch.setattr(files, "ask", lambda *_: pytest.fail("nothing is to be asked: it is saved"))
    began = monotonic()
    threading.Timer(0.1, slow.set).start()
    assert trained.close() and monotonic() - began > 0.09
    assert len(load(trained.document.path).history) == len(EPOCHS)


def test_what_cannot_be_written_is_told_and_stays_unsaved(open_example, tmp_path, qtbot, monkeypatch):
    told = []
    window = open_example("sine")
    monkeypatch.setattr(window, "complain", lambda *words: told.append(words))
    window.document.push(SetHistory(EPOCHS))
    window.files.write_to(tmp_path / "nowhere" / "mine.nns")
    qtbot.waitUntil(lambda: bool(told), timeout=30000)
    assert "could not be saved" in told[0][0] and "nowhere" in told[0][1]
    assert window.document.modified and window.document.path.parent != tmp_path / "nowhere"
