"""How soon the window answers a step: digits (64-32-10, batch 32), from the click to the painted answer.

    python tests/bench/stepping.py [STEPS] [--json]

Steps forward through whole passes by clicks on the button, then anywhere by the scrubber, then back by
clicks, then forward with Explain in front, until everything it has caused is done and painted. Figures are
milliseconds of the window's own time on the processor, so that other load does not count. The aim is 50 ms
at p95.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

AIM = 50.0  # milliseconds


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Milliseconds."""
    values = 1000 * np.asarray(seconds)
    names = {"median": 50, "p95": 95, "p99": 99, "worst": 100}
    return {name: round(float(np.percentile(values, at)), 2) for name, at in names.items()}


def measure(steps: int = 460) -> dict[str, dict[str, float]]:
    """What each kind of step took."""
    from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from nnstudio.project import load
    from nnstudio.resources_path import example
    from nnstudio.studio.document import Document
    from nnstudio.studio.main_window import MainWindow
    from nnstudio.studio.preferences import Preferences

    application = QApplication.instance() or QApplication([])
    preferences = Preferences(Path(tempfile.mkdtemp()) / "studio.ini")
    window = MainWindow(Document(load(example("digits.nns.json"))), preferences)
    window.resize(1440, 900)
    window.show()
    window.bottom.show_panel(window.engine.program)
    stepper = window.engine.stepper
    until = time.monotonic() + 30
    while (not stepper.ready or window.engine.samples.loading) and time.monotonic() < until:
        application.processEvents()
        time.sleep(0.005)
    assert stepper.can_step, stepper.sentence

    quiet = 0.0  # seconds until what is put off to a quiet moment begins

    def answered() -> None:
        """Everything that was caused is done, and painted."""
        until = time.monotonic() + quiet
        while time.monotonic() < until:
            time.sleep(0.001)
            application.processEvents()
        for _ in range(3):
            application.processEvents()

    def timed(act, count: int) -> list[float]:
        found = []
        for index in range(count):
            began = time.thread_time()
            act(index)
            answered()
            found.append(time.thread_time() - began)
        return found

    def click(name: str):
        button = window.engine.transport.buttons[name]
        return lambda _index: QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def scrub(index: int) -> None:
        slider = window.engine.timeline.scrubber
        share = (index * 0.618034) % 1.0
        place = QPoint(round(slider.place_of(share * slider.maximum())), slider.height() // 2)
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=place)

    timed(click("run_step"), 46)  # fonts, caches
    found = {"step": percentiles(timed(click("run_step"), steps))}
    found["anywhere by the scrubber"] = percentiles(timed(scrub, steps // 4))
    stepper.go_to(stepper.moments - 1)
    found["step back"] = percentiles(timed(click("run_step_back"), steps))
    quiet = 0.03
    window.bottom.show_panel(window.engine.explain)
    timed(click("run_step"), 46)
    found["step, Explain in front"] = percentiles(timed(click("run_step"), steps))
    window.document.stack.setClean()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return found


def main(arguments: list[str]) -> int:
    """Print the table; 1 where the aim is missed."""
    numbers = [int(each) for each in arguments if each.isdigit()]
    found = measure(*numbers)
    if "--json" in arguments:
        print(json.dumps(found))
    else:
        print(f"{'milliseconds':26}" + "".join(f"{name:>9}" for name in next(iter(found.values()))))
        for what, values in found.items():
            print(f"{what:26}" + "".join(f"{value:9.2f}" for value in values.values()))
    return int(any(values["p95"] > AIM for values in found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
