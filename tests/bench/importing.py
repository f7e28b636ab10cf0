"""How a large table is taken: seconds to look at it and to read it, how soon it stops, and what the window
feels of it.

    python tests/bench/importing.py [--rows 1000000] [--columns 20] [--json]

A timer in the window ticks every 5 ms; the gap is the time between two ticks while the table is read, parted
and shown; "work" is the processor time that this process took in the worst of them, and "own" the longest
without the time in which the window's thread could have run but others had the processor, where the system
tells it: both tell the same on a busy machine too. The memory is what this process and those that it starts
hold at their peak, above what it held before.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from nnstudio.data import DataSettings
from nnstudio.graph import Graph
from nnstudio.project import Project
from nnstudio.project.edits import SetData
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.gathering.data_panel import DataPanel
from nnstudio.studio.samples import Samples

LIMITS = {"cancel_s": 0.5, "look_gui_gap_max_ms": 100.0, "gui_gap_max_ms": 100.0}


class Ticks:
    """The gaps between the ticks of a timer."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.work: list[float] = []
        self.own: list[float] = []
        self._last, self._last_work, self._last_wait = perf_counter(), process_time(), _waited()
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now, work, waited = perf_counter(), process_time(), _waited()
        self.gaps.append(now - self._last)
        self.work.append(work - self._last_work)
        self.own.append(now - self._last - (waited - self._last_wait))
        self._last, self._last_work, self._last_wait = now, work, waited

    def begin(self) -> None:
        self.gaps, self._last = [], perf_counter()
        self.work, self._last_work = [], process_time()
        self.own, self._last_wait = [], _waited()

    def milliseconds(self) -> tuple[float, float, float, float]:
        """The 99th percentile and the longest, the most work in one of them, and the longest of our own."""
        gaps = np.array(self.gaps) * 1e3
        longest = (gaps.max(), max(self.work) * 1e3, max(self.own) * 1e3)
        return round(float(np.percentile(gaps, 99)), 1), *(round(float(each), 1) for each in longest)


def _waited() -> float:
    """For how long this thread was ready to run and did not, in seconds; NaN where nobody tells."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return float("nan")


class Peak:
    """The most memory held meanwhile, in megabytes, above what was held before."""

    def __init__(self) -> None:
        self._before = self._most = _resident()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            self._most = max(self._most, _resident())

    def end(self) -> float:
        self._done.set()
        self._thread.join()
        return round(self._most - self._before, 1)


def _resident() -> float:
    """What this process and those it has started hold, shared memory counted once; NaN where nobody tells."""
    try:
        own = _share("self")
    except OSError:
        return float("nan")
    for listed in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            own += sum(map(_share, listed.read_text().split()))
    return own


def _share(process: str) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith("Pss:")), 0.0)


def write_table(path: Path, rows: int, columns: int) -> None:
    rng = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join([*(f"x{n}" for n in range(columns - 1)), "kind"]) + "\n")
        for start in range(0, rows, 10_000):
            block = rng.normal(size=(min(10_000, rows - start), columns - 1))
            lines = (",".join(f"{value:.5f}" for value in row) for row in block.tolist())
            file.writelines(f"{line},{(start + at) % 3}\n" for at, line in enumerate(lines))


def wait(done: Callable[[], bool], seconds: float = 600) -> None:
    """Let the window live until done(), and sleep in between as it does: who never sleeps is woken late."""
    until = perf_counter() + seconds
    loop, timer = QEventLoop(), QTimer()

    def look() -> None:
        if perf_counter() > until:
            raise SystemExit("it takes too long")
        if done():
            loop.quit()

    timer.timeout.connect(look)
    timer.start(5)
    loop.exec()


def measure(rows: int, columns: int, path: Path) -> dict[str, float]:
    document = Document(Project(Graph()))
    samples = Samples(document)
    panel = DataPanel(document, samples)
    panel.resize(760, 420)
    panel.show()
    wait(lambda: not samples.loading)
    ticks = Ticks()

    begun = perf_counter()
    ticks.begin()
    panel.look_at(str(path))
    dialog = panel.dialog
    assert dialog is not None
    wait(lambda: dialog.take.isEnabled())
    first_look = perf_counter() - begun
    wait(lambda: not dialog.looking)
    whole_look = perf_counter() - begun
    look_gaps = ticks.milliseconds()
    dialog.reject()

    peak = Peak()
    begun = perf_counter()
    ticks.begin()
    document.push(SetData(DataSettings(f"csv:{path}", scaling="standardise")))
    wait(lambda: not samples.loading and samples.splits is not None)
    panel.grab()
    seconds = perf_counter() - begun
    gaps = ticks.milliseconds()
    memory = peak.end()
    assert samples.dataset is not None and samples.dataset.samples == rows

    document.push(SetData(None))
    cancels: list[float] = []
    for share in (0.05, 0.35, 0.7, 0.97):
        document.push(SetData(DataSettings(f"csv:{path}", seed=len(cancels) + 1)))
        wait(lambda share=share: samples.share >= share)
        begun = perf_counter()
        samples.stop()
        wait(lambda: not samples.loading)
        cancels.append(perf_counter() - begun)
        document.push(SetData(None))
    panel.close()
    panel.deleteLater()
    return {
        "rows": rows,
        "columns": columns,
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "first_look_s": round(first_look, 2),
        "whole_look_s": round(whole_look, 2),
        "look_gui_gap_p99_ms": look_gaps[0],
        "look_gui_gap_max_ms": look_gaps[1],
        "look_gui_work_max_ms": look_gaps[2],
        "look_gui_own_max_ms": look_gaps[3],
        "seconds": round(seconds, 2),
        "gui_gap_p99_ms": gaps[0],
        "gui_gap_max_ms": gaps[1],
        "gui_work_max_ms": gaps[2],
        "gui_own_max_ms": gaps[3],
        "peak_mb": memory,
        "samples_mb": round(rows * columns * 12 / 1e6, 1),
        "cancel_s": round(max(cancels), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wanted = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    theme.apply("light")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, wanted.rows, wanted.columns)
        found = measure(wanted.rows, wanted.columns, path)
    del application
    if wanted.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        limit = f"   (at most {LIMITS[name]:g})" if name in LIMITS else ""
        print(f"{name:22} {value:>12,}{limit}")


if __name__ == "__main__":
    main()
