"""Studios of their own, files that they hold, and a hand that answers the questions."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from nnstudio.project import load, save
from nnstudio.resources_path import example
from nnstudio.studio.questions import DISCARD, LATER, RECOVER, Question, RecoveryDialog

OTHER_STUDIO = """
import sys, time
from nnstudio.project.lock import ProjectLock
from nnstudio.project.process import Process, this_process
lock = ProjectLock.acquire(sys.argv[1])
print("locked", flush=True)
time.sleep(300)
"""


@pytest.fixture(autouse=True)
def data_home(tmp_path, monkeypatch):
    """Every test has its own folder of copies."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("NNSTUDIO_PREFERENCES", str(tmp_path / "studio.ini"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
    return tmp_path / "data"


@pytest.fixture
def saved(tmp_path) -> Path:
    path = tmp_path / "mine.nns"
    save(load(example("xor.nns.json")), path)
    return path


@pytest.fixture
def studio(tmp_path):
    """Starts studios of their own, and ends those that still run."""
    started = []

    def start(script: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def answers(qtbot, monkeypatch):
    """Clicks these answers on the dialogs as they come; gives what each of them said."""
    asked: list[str] = []
    waiting: list[str] = []
    timer = QTimer()

    def look():
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, Question | RecoveryDialog) or not dialog.isVisible():
            return
        words = waiting.pop(0)
        if isinstance(dialog, Question):
            asked.append(dialog.words.text())
            dialog.buttons[words].click()
        else:
            asked.append(", ".join(row.name.text() for row in dialog.rows))
            {RECOVER: dialog.recover_button, DISCARD: dialog.discard_button, LATER: dialog.later_button}[
                words
            ].click()

    timer.timeout.connect(look)
    timer.start(5)

    def give(*words: str) -> list[str]:
        waiting.extend(words)
        return asked

    yield give
    timer.stop()
    assert not waiting


@pytest.fixture
def held(studio, saved):
    """Another process has the file open."""
    other = studio(OTHER_STUDIO, str(saved))
    assert other.stdout.readline() == "locked\n"
    return other
