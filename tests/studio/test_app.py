"""Starting and ending the studio as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from nnstudio.resources_path import example

SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import nnstudio.studio.app as app
from nnstudio.studio.files import Files
from nnstudio.studio.main_window import MainWindow

Files.may_leave = lambda self: True

def window():
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))

def train():
    if window().engine.samples.loading:
        QTimer.singleShot(50, train)
        return
    window().engine.stepper.toggle_play()
    window().engine.run.start()
    QTimer.singleShot(700, close)

def close():
    print("state", window().engine.run.state, flush=True)
    window().close()

application = QApplication(sys.argv[:1])
QTimer.singleShot(300, train)
sys.exit(app.main(sys.argv[1]))
"""


def test_the_studio_ends_cleanly_in_the_middle_of_a_run(tmp_path):
    """Plots, timers, threads and the training process are gone in order: no crash, no word on stderr."""
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "error", "-c", SCRIPT, str(example("mnist5k.nns.json"))],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(tmp_path),
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert ended.stdout in ("state starting\n", "state running\n")


COPIES = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import nnstudio.studio.app as app

application = QApplication(sys.argv[:1])

def window():
    return next(each for each in QApplication.topLevelWidgets() if hasattr(each, "pictures"))

def copy():
    window().pictures.copy()
    window().windows.open()
    print(len(window().windows), flush=True)
    QTimer.singleShot(100, window().windows.quit)

QTimer.singleShot(300, copy)
code = app.main(sys.argv[1])
print(application.clipboard().image().isNull(), flush=True)
sys.exit(code)
"""


def test_what_was_copied_does_not_bring_the_end_down(tmp_path):
    """Two windows are open, and a picture is on the clipboard, when the user quits."""
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "error", "-c", COPIES, str(example("xor.nns.json"))],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(tmp_path),
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "2\nFalse\n"


def environment(folder) -> dict[str, str]:
    return {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "NNSTUDIO_PREFERENCES": str(folder / "studio.ini"),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "OPENBLAS_NUM_THREADS": "1",
    }
