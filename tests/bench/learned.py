"""What looking at a run costs it: updates per second while it is looked at, and while it is not.

    python tests/bench/learned.py [--json] [--rounds 3] [--seconds 1.5]

The first cases have a view of "What it learned" in front, the last ones the pulses and pictures of the canvas
on; beside each, the same window runs the same training without. `kept` is the share of its pace that a run
keeps (1.0: nothing lost), the median of the rounds. `kept_a_second_of_its_own` is the same by the training
process's own time on the processor, and tells less of what else the machine does. `gui_work_ms` is the most
that the window computed at a stretch, `gap_p99_ms` the time between two ticks of its 5 ms timer, `answer_ms`
what the last look computed in its thread. The aim: 0.95 for the lights of the canvas.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from nnstudio.project import Project, load
from nnstudio.resources_path import example
from nnstudio.studio.document import Document
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.preferences import Preferences
from tests.bench.session import FOREVER, Pace, mnist5k, tiny

VIEWS = (("spirals", "boundary"), ("sine", "curve"), ("digits", "confusion"), ("mnist5k", "mistakes"))
LIGHTS = {"2-8-8-1": tiny, "mnist5k": mnist5k}
KEPT = 0.95
SETTLE = 0.25  # seconds


class Bench:
    """A window whose network trains for as long as it is measured."""

    def __init__(self, project: Project) -> None:
        preferences = Preferences(Path(tempfile.mkdtemp()) / "studio.ini")
        self.window = MainWindow(Document(project), preferences)
        self.window.resize(1440, 900)
        self.window.show()
        self.engine = self.window.engine
        while self.engine.samples.loading or not self.engine.stepper.ready:
            self.live(0.02)
        self.engine.run.start()
        while self.engine.run.epoch < 1:
            self.live(0.02)
        assert self.engine.run.session is not None
        self.pace = Pace(self.engine.run.session)
        self.gaps: list[float] = []
        self.work: list[float] = []
        self._timer = QTimer(self.window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)

    def live(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def measure(self, seconds: float, gaps: bool) -> tuple[float, float]:
        """Updates a second, and by a second of the process's own."""
        self.live(SETTLE)
        self.pace.clear()
        if gaps:
            self._last, self._worked = time.perf_counter(), time.thread_time()
            self._timer.start()
        self.live(seconds)
        while self.pace.points < 2:
            self.live(0.1)
        self.pace.stop()
        self._timer.stop()
        return self.pace.steps_per_second(), self.pace.own

    def close(self) -> None:
        self.engine.run.abandon()
        self.window.document.stack.setClean()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _tick(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.gaps.append(now - self._last)
        self.work.append(worked - self._worked)
        self._last, self._worked = now, worked


def compared(bench: Bench, look: Callable[[bool], None], rounds: int, seconds: float) -> dict[str, float]:
    """The pace while looked at beside the pace while not, one right after the other."""
    kept, own = [], []
    for number in range(rounds):
        found: dict[bool, tuple[float, float]] = {}
        for seen in (True, False) if number % 2 else (False, True):
            look(seen)
            found[seen] = bench.measure(seconds, gaps=seen)
        kept.append(found[True][0] / found[False][0])
        own.append(found[True][1] / found[False][1])
    return {
        "kept": round(statistics.median(kept), 3),
        "kept_a_second_of_its_own": round(statistics.median(own), 3),
        "gui_work_ms": round(1000 * max(bench.work), 1),
        "gap_p99_ms": round(1000 * float(np.percentile(bench.gaps, 99)), 1),
    }


def measure_view(name: str, view: str, rounds: int, seconds: float) -> dict[str, float]:
    project = load(example(f"{name}.nns.json"))
    project.training = replace(project.training, epochs=FOREVER)
    bench = Bench(project)
    learned = bench.engine.learned

    def look(seen: bool) -> None:
        bench.window.bottom.show_panel(learned if seen else bench.engine.program)
        if seen:
            learned.show_view(getattr(learned, view))

    found = compared(bench, look, rounds, seconds)
    found["answer_ms"] = round(1000 * learned.took, 1)
    bench.close()
    return found


def measure_lights(make: Callable[[], Project], rounds: int, seconds: float) -> dict[str, float]:
    bench = Bench(make())
    engine, session = bench.engine, bench.engine.run.session
    assert session is not None
    bench.window.bottom.show_panel(engine.program)
    keys = engine.lights.watched()

    def look(seen: bool) -> None:
        session.watch(keys if seen else ())
        bench.live(SETTLE)

    found = compared(bench, look, rounds, seconds)
    bench.close()
    return found


def main() -> int:
    """Prints the figures; 1 where the lights cost more than they may."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    given = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    found = {f"{name}, {view}": measure_view(name, view, given.rounds, given.seconds) for name, view in VIEWS}
    for name, make in LIGHTS.items():
        found[f"{name}, lights"] = measure_lights(make, given.rounds, given.seconds)
    if given.json:
        print(json.dumps(found))
    else:
        for case, figures in found.items():
            print(f"{case:20}" + "".join(f"  {key} {value:,.3g}" for key, value in figures.items()))
    del application
    return int(any(found[f"{name}, lights"]["kept"] < KEPT for name in LIGHTS))


if __name__ == "__main__":
    sys.exit(main())
