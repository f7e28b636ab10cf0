"""The studio on a desktop whose font is large, as a process of its own."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QSize

from nnstudio.studio.starting import enlargement
from tests.studio.test_app import environment

SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication
import nnstudio.studio.app as app
from nnstudio.studio import starting

starting._SMALLEST_WINDOW = starting.QSize(100, 100)  # the off-screen screen has 800 x 800 pixels
desktop = QFont()
desktop.setPixelSize(int(sys.argv[1]))
QApplication.setFont(desktop)

def look():
    (window,) = [each for each in QApplication.topLevelWidgets() if hasattr(each, "canvas")]
    print(window.devicePixelRatioF() * QFontInfo(window.inspector.font()).pixelSize(), flush=True)
    window.close()

def shown(icon=app.window_icon):
    QTimer.singleShot(300, look)  # there is an application now
    return icon()

app.window_icon = shown
sys.exit(app.main(None))
"""


def text_pixels(tmp_path, desktop: int, **more: str) -> float:
    """How many pixels of the screen the window's text takes, where the desktop's takes so many."""
    surroundings = {key: value for key, value in environment(tmp_path).items() if key != "QT_SCALE_FACTOR"}
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(desktop)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**surroundings, **more},
    )
    assert ended.returncode == 0 and ended.stderr == "", ended.stderr
    return float(ended.stdout)


def test_the_window_is_as_large_as_the_desktops_font_asks(tmp_path):
    assert text_pixels(tmp_path, 20) == pytest.approx(20, abs=0.1)


def test_a_usual_font_and_a_scale_of_the_users_own_change_nothing(tmp_path):
    assert text_pixels(tmp_path, 12) == 13
    assert text_pixels(tmp_path, 20, QT_SCALE_FACTOR="1.5") == 13 * 1.5


def test_the_smallest_window_still_fits_the_screen():
    assert enlargement(18, QSize(1920, 1080)) == pytest.approx(18 / 13, abs=0.01)
    assert enlargement(40, QSize(1920, 1080)) == 1.8
    assert enlargement(40, QSize(1280, 720)) == 1.2
    assert enlargement(40, QSize(800, 600)) == 1
    assert [enlargement(size, QSize(1920, 1080)) for size in (9, 12, 13.3, 14.7)] == [1, 1, 1, 1]
