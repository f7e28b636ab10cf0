"""`nnstudio [PROJECT]` in a process of its own: a window where there is a screen, else a sentence."""

import ctypes
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import ROOT, run_cli

NO_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}


def test_without_a_screen_and_a_project_there_is_nothing_to_do():
    done = run_cli(**NO_SCREEN)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no screen" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def without_qt(tmp_path):
    """A folder before all others on the path whose PySide6 fails as it does where a library is missing."""
    package = tmp_path / "path" / "PySide6"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "raise ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')\n"
    )
    return str(package.parent)


def test_where_qt_cannot_be_loaded_the_rest_of_the_job_is_done(project, tmp_path, without_qt):
    path = project("digits")
    done = run_cli(path, cwd=tmp_path, PYTHONPATH=f"{without_qt}{os.pathsep}{ROOT}", **NO_SCREEN)
    assert done.returncode == 1
    assert done.stderr.startswith("nnstudio: The picture cannot be taken because ")
    assert "libEGL.so.1" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Trained for 2 epochs" in done.stdout
    script = tmp_path / "nnstudio-output" / "p" / "p.py"
    check = subprocess.run(
        [sys.executable, script.name, "--check"],
        capture_output=True,
        text=True,
        cwd=script.parent,
        check=False,
    )
    assert check.returncode == 0, check.stderr


def test_a_window_that_cannot_be_opened_names_what_is_missing(project, without_qt):
    done = run_cli(
        project(),
        PYTHONPATH=f"{without_qt}{os.pathsep}{ROOT}",
        **(NO_SCREEN | {"QT_QPA_PLATFORM": "offscreen"}),
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("nnstudio: The studio cannot start because ")
    assert "libEGL.so.1" in done.stderr
    assert done.stderr.count("\n") == 1


def titles_on_the_screen():
    """The titles of all windows of the X display, by Xlib itself."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = x11.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    assert display.value, "no X display"
    title = ctypes.c_ulong(x11.XInternAtom(display, b"_NET_WM_NAME", 0))
    found = []

    def visit(window):
        kind, left, size = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_ulong()
        form, text = ctypes.c_int(), ctypes.c_char_p()
        x11.XGetWindowProperty(
            display, ctypes.c_ulong(window), title, ctypes.c_long(0), ctypes.c_long(256), 0,
            ctypes.c_ulong(0), ctypes.byref(kind), ctypes.byref(form), ctypes.byref(size),
            ctypes.byref(left), ctypes.byref(text),
        )  # fmt: skip
        if text.value:
            found.append(text.value.decode())
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        x11.XQueryTree(
            display, ctypes.c_ulong(window), ctypes.byref(root), ctypes.byref(parent),
            ctypes.byref(children), ctypes.byref(count),
        )  # fmt: skip
        for index in range(count.value):
            visit(children[index])

    visit(x11.XDefaultRootWindow(display))
    x11.XCloseDisplay(display)
    return found


@pytest.mark.xvfb
def test_a_window_opens_on_a_screen_and_ctrl_c_closes_it():
    process = subprocess.Popen(
        [sys.executable, "-m", "nnstudio", "examples/digits.nns.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"},
    )
    patience = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < patience:
        if any("digits" in title for title in titles_on_the_screen()):
            break
        time.sleep(0.2)
    assert any("digits" in title for title in titles_on_the_screen())
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=30)
    assert (process.returncode, printed, said) == (0, "", "")
