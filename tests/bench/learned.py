"""What looking at a run costs it: updates per second with a view of "What it learned" in front, and without.

    python tests/bench/learned.py [--json] [--seconds 3]

`kept` is the share of the pace that a run keeps while the view is seen (1.0: nothing lost), the median of
three comparisons; `gap_ms` the longest time the window did not answer; `answer_ms` what one look computed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter, sleep

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication

from nnstudio.project import load
from nnstudio.project.edits import SetTraining
from nnstudio.resources_path import example
from nnstudio.studio.document import Document
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.preferences import Preferences

CASES = (("spirals", "boundary"), ("sine", "curve"), ("digits", "confusion"), ("mnist5k", "mistakes"))


def measure(name: str, view: str, seconds: float) -> dict[str, float]:
    application = QApplication.instance() or QApplication([])
    window = MainWindow(
        Document(load(example(f"{name}.nns.json"))), Preferences(tempfile.mktemp(suffix=".ini"))
    )
    window.resize(1440, 900)
    window.show()
    engine = window.engine
    while engine.samples.loading or not engine.stepper.ready:
        application.processEvents()
    window.document.push(SetTraining(replace(window.document.project.training, epochs=100_000)))
    engine.run.start()
    while engine.run.epoch < 2:
        application.processEvents()

    gaps: list[float] = []

    def pace(seen: bool) -> float:
        window.bottom.show_panel(engine.learned if seen else engine.program)
        engine.learned.show_view(getattr(engine.learned, view))
        for _ in range(40):
            application.processEvents()
            sleep(0.005)
        first, began, before = engine.run.snapshot.status["step"], perf_counter(), perf_counter()
        while perf_counter() - began < seconds:
            application.processEvents()
            sleep(0.002)
            now = perf_counter()
            if seen:
                gaps.append(now - before)
            before = now
        return (engine.run.snapshot.status["step"] - first) / (perf_counter() - began)

    kept = []
    for _ in range(3):
        without, beside = pace(False), pace(True)
        kept.append(beside / without if without else float("nan"))
    took = engine.learned.took
    engine.run.abandon()
    window.document.stack.setClean()
    window.close()
    return {"kept": statistics.median(kept), "gap_ms": 1000 * max(gaps), "answer_ms": 1000 * took}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    found = {f"{name}, {view}": measure(name, view, given.seconds) for name, view in CASES}
    if given.json:
        print(json.dumps(found))
        return
    for case, figures in found.items():
        print(f"{case:22}  " + "  ".join(f"{key} {value:8.2f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
