"""Whether a window can be opened, and the sentence where it cannot."""

import sys

import pytest

from nnstudio.cli.screen import QT_LIBRARIES, WINDOW_LIBRARIES, WindowProbe, missing_libraries

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def bare_environment(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


def test_without_a_display_there_is_no_screen():
    assert WindowProbe().why_not() == "there is no screen here"


def test_a_platform_that_is_asked_for_is_tried(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert WindowProbe().why_not() is None


@pytest.mark.parametrize("display", [":7654", "nonsense"])
def test_a_display_that_does_not_answer_is_found_out_in_another_process(display, monkeypatch):
    monkeypatch.setenv("DISPLAY", display)
    reason = WindowProbe().why_not()
    assert reason is not None
    assert "screen" in reason or "apt-get install" in reason


def test_the_missing_library_and_its_package_are_named():
    assert missing_libraries({"libc.so.6": "libc6"}) is None
    one = missing_libraries({"libc.so.6": "libc6", "libabsent.so.3": "libabsent3"})
    assert one is not None
    assert "libabsent.so.3 is missing" in one
    assert "`sudo apt-get install libabsent3`" in one
    two = missing_libraries({"libabsent.so.3": "libabsent3", "libgone.so.1": "libgone1"})
    assert two is not None
    assert "libabsent.so.3 and libgone.so.1 are missing" in two
    assert "libabsent3 libgone1" in two


def test_every_library_is_listed_once():
    assert not QT_LIBRARIES.keys() & WINDOW_LIBRARIES.keys()
