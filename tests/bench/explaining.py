"""How long explaining takes on digits (64-32-10, batch 32), apart from the window.

    python tests/bench/explaining.py [--json]

One element's gradient with its paths, a change of a weight with all that follows from it, the statistics of
ten million numbers, and one formula typeset: milliseconds on the processor, the median and p95 of many.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

import nnstudio as nn
from nnstudio.explain.explanation import explain
from nnstudio.explain.statistics import statistics
from nnstudio.explain.typeset import svg
from nnstudio.resources_path import example

FORMULA = r"\frac{\partial L}{\partial w_{1,3}} = 0.25 \cdot %d"


def measure() -> dict[str, dict[str, float]]:
    """What each of them took."""
    graph = nn.load(example("digits.nns.json")).graph
    program = nn.compile(graph, batch_size=32)
    rng = np.random.default_rng(0)
    program.feed(x=rng.random((32, 64)), t=rng.integers(0, 10, 32))
    program.zero_grad()
    program.forward()
    program.backward()
    program.remember()
    weight = np.array(program["fc1.weight"])
    others = itertools.count()
    many = rng.normal(size=10_000_000).astype(np.float32)

    def what_if() -> None:
        here = program.moment
        weight[1, 3] += 0.01
        program["fc1.weight"] = weight
        program.refresh()
        program.go_to(here)

    return {
        "explain fc1.grad_weight[1, 3]": _times(lambda: explain(program, "fc1.grad_weight", (1, 3)), 50),
        "explain loss.output": _times(lambda: explain(program, "loss.output"), 20),
        "a weight typed, all that follows": _times(what_if, 200),
        "statistics of 10^7 numbers": _times(lambda: statistics(many), 5),
        "a formula typeset": _times(lambda: svg(FORMULA % next(others), 16, "#000"), 20),
    }


def _times(act: Callable[[], object], count: int) -> dict[str, float]:
    act()
    found: list[float] = []
    for _ in range(count):
        began = time.process_time()
        act()
        found.append(1000 * (time.process_time() - began))
    return {"median": round(float(np.median(found)), 2), "p95": round(float(np.percentile(found, 95)), 2)}


if __name__ == "__main__":
    figures = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures))
    else:
        for name, row in figures.items():
            print(f"{name:36}{row['median']:9.2f} ms   p95 {row['p95']:9.2f} ms")
