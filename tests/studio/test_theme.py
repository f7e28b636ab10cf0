"""The three themes: by choice, as the desktop asks, and at once."""

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from nnstudio.studio import theme
from nnstudio.studio.colours import CONTRAST, DARK, LIGHT, contrast


@pytest.fixture
def desktop(monkeypatch):
    """What the desktop asks for, and Qt's own signals that it has changed its mind."""
    wishes = {"dark": False, "contrast": False}
    monkeypatch.setattr(theme, "desktop_is_dark", lambda: wishes["dark"])
    monkeypatch.setattr(theme, "desktop_wants_contrast", lambda: wishes["contrast"])

    def change(**now):
        wishes.update(now)
        hints = QGuiApplication.styleHints()
        if "dark" in now:
            hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark if now["dark"] else Qt.ColorScheme.Light)
        if "contrast" in now:
            preference = Qt.ContrastPreference
            hints.accessibility().contrastPreferenceChanged.emit(
                preference.HighContrast if now["contrast"] else preference.NoPreference
            )
        QApplication.processEvents()

    return change


def test_the_desktop_is_followed_while_nothing_is_chosen(window, desktop):
    window.set_appearance("system")
    desktop(dark=False, contrast=False)
    assert theme.colours() is LIGHT
    desktop(dark=True)
    assert theme.colours() is DARK
    desktop(contrast=True)
    assert theme.colours() is CONTRAST
    desktop(contrast=False)
    assert theme.colours() is DARK


def test_a_choice_beats_the_desktop(window, desktop):
    window.set_appearance("light")
    desktop(dark=True, contrast=True)
    assert theme.colours() is LIGHT


def test_the_menu_offers_all_and_shows_which(window):
    for name, shown in (("contrast", CONTRAST), ("dark", DARK), ("light", LIGHT)):
        window.menus.appearances[name].trigger()
        QApplication.processEvents()
        assert theme.colours() is shown and window.preferences.appearance == name
        assert window.menus.appearances[name].isChecked()


def test_reduced_motion_is_chosen_for_all_windows_and_remembered(window, preferences):
    other = window.windows.open()
    assert not window.canvas.pulses.reduced
    window.menus.motion.trigger()
    assert window.canvas.pulses.reduced and other.canvas.pulses.reduced and preferences.reduced_motion
    third = window.windows.open()
    assert third.canvas.pulses.reduced and third.menus.motion.isChecked()
    for each in (other, third):
        each.close()


def test_high_contrast_reaches_the_pixels(window):
    window.set_appearance("contrast")
    QApplication.processEvents()
    image = window.grab().toImage()
    assert image.pixelColor(window.canvas.mapTo(window, window.canvas.rect().center())).lightness() < 40
    button = window.top_bar.export
    corner = button.mapTo(window, button.rect().center())
    rim = image.pixelColor(corner.x(), button.mapTo(window, button.rect().topLeft()).y())
    assert contrast(rim.name(), CONTRAST.window) >= 3
    window.set_appearance("light")


DROPPED = """
import gc
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from nnstudio.studio import theme

class Told(QWidget):
    def changeEvent(self, event):
        [{} for _ in range(2000)]  # the collector gets its turn
        super().changeEvent(event)

application = QApplication([])
live = [Told() for _ in range(20)]
theme.apply("light")
for each in live:
    each.show()
gc.set_threshold(300, 1, 1)
for scheme in 10 * ("dark", "light"):
    gc.disable()
    for _ in range(40):
        one, other = QLineEdit(), QLineEdit()
        one.other, other.other = other, one
        one.show(), other.show()
    del one, other
    gc.enable()
    theme.apply(scheme)
"""


def test_widgets_that_nobody_holds_do_not_bring_a_change_of_colours_down():
    subprocess.run([sys.executable, "-c", DROPPED], check=True)


def test_painting_in_other_colours_leaves_the_window_as_it_is(window):
    window.set_appearance("light")
    with theme.painted_in("dark"):
        assert theme.colours() is DARK
    assert theme.colours() is LIGHT
    with pytest.raises(ZeroDivisionError), theme.painted_in("contrast"):
        raise ZeroDivisionError
    assert theme.colours() is LIGHT
