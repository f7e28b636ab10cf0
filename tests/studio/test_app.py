"""Starting and ending: a process of its own opens a project, is closed, and leaves with 0 and no word."""

import subprocess
import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from nnstudio.resources_path import example
from nnstudio.studio import theme
from nnstudio.studio.colours import DARK, LIGHT

START = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from nnstudio.studio.app import main
from nnstudio.studio.main_window import MainWindow

def look_and_leave():
    window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
    print(window.windowTitle(), len(window.document.level.nodes))
    window.close()

app = QApplication([])
QTimer.singleShot(200, look_and_leave)
sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
"""


def start(*arguments):
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", START, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_project_is_opened_and_the_process_ends_cleanly():
    done = start(str(example("digits.nns.json")))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["digits.nns.json[*]", "–", "nnstudio", "6"]
    assert "Traceback" not in done.stderr and "Fatal" not in done.stderr


def test_without_a_project_the_canvas_is_empty():
    done = start()
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Untitled[*]", "–", "nnstudio", "0"]


def test_the_desktop_s_colour_scheme_is_followed(window, monkeypatch):
    """Off-screen there is no desktop: its word is given here, and the signal it would send."""
    hints = QGuiApplication.styleHints()

    def desktop_says(dark):
        monkeypatch.setattr(theme, "desktop_is_dark", lambda: dark)
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        QApplication.processEvents()

    window.set_appearance("system")
    desktop_says(dark=True)
    assert theme.colours() is DARK
    assert window.palette().window().color().name() == DARK.window
    desktop_says(dark=False)
    assert theme.colours() is LIGHT
    window.set_appearance("light")
    desktop_says(dark=True)
    assert theme.colours() is LIGHT, "the user's own choice stands"


def test_the_fonts_of_the_studio_are_found_and_have_the_signs_of_the_maths(qapp):
    from PySide6.QtGui import QFontInfo, QRawFont

    assert QFontInfo(theme.font()).family() == "Inter"
    assert QFontInfo(theme.font(mono=True)).family() == "JetBrains Mono"
    fonts = [QRawFont(str(path), 12) for path in sorted((theme.resource("fonts")).glob("*.[ot]tf"))]
    for sign in "×∂ᵀ−ℒ⊙√∞²ₙσθ→":
        assert any(font.supportsCharacter(ord(sign)) for font in fonts), sign
