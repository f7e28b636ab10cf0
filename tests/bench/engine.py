"""Training steps a second beside PyTorch eager, in one process: `python tests/bench/engine.py [--json]`.

One step is feed, forward, backward and SGD, in float32. In each round both run, one right after the other,
with one BLAS thread and with two, and the better of each counts; the ratio is the median of the rounds'
ratios, so that a machine that is now fast and now slow slows both. `products` are the bare matrix products
of the same step: what no program can beat.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch
from threadpoolctl import threadpool_limits

import nnstudio as nn

LR = 0.01
ROUND_SECONDS = 0.03
Step = Callable[[], object]


def chain(widths: list[int], activation: str, criterion: str, batch: int) -> nn.Graph:
    """A multilayer perceptron as a graph."""
    graph = nn.Graph()
    last = graph.add("Input", name="x", shape=(widths[0],))
    for position, width in enumerate(widths[1:]):
        layer = graph.add("Linear", out_features=width)
        graph.connect(last, layer)
        last = layer
        if position < len(widths) - 2 or activation == "every Tanh":
            act = graph.add(activation.removeprefix("every "))
            graph.connect(last, act)
            last = act
    loss = graph.add(criterion, name="loss")
    target = graph.add("Target", name="t", shape=() if criterion == "CrossEntropy" else (widths[-1],))
    graph.connect(last, loss, "input")
    graph.connect(target, loss, "target")
    return graph


def torch_model(widths: list[int], activation: str) -> torch.nn.Module:
    """The same network as PyTorch users write it."""
    kind = getattr(torch.nn, activation.removeprefix("every "))
    layers: list[torch.nn.Module] = []
    for position, (before, after) in enumerate(pairwise(widths)):
        layers.append(torch.nn.Linear(before, after))
        if position < len(widths) - 2 or activation.startswith("every"):
            layers.append(kind())
    return torch.nn.Sequential(*layers)


def our_step(widths: list[int], activation: str, criterion: str, batch: int, x: object, t: object) -> Step:
    program = nn.compile(chain(widths, activation, criterion, batch), batch_size=batch)

    def step() -> None:
        program.feed(x=x, t=t)  # type: ignore[arg-type]
        program.train_step(lr=LR)

    return step


def torch_step(widths: list[int], activation: str, criterion: str, x: np.ndarray, t: np.ndarray) -> Step:
    model = torch_model(widths, activation)
    loss_of = torch.nn.CrossEntropyLoss() if criterion == "CrossEntropy" else torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def step() -> None:
        loss = loss_of(model(torch.from_numpy(x)), torch.from_numpy(t))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def products_step(widths: list[int], batch: int) -> Step:
    """Forward, gradient of the weights and, but for the first layer, gradient of the input."""
    rng = np.random.default_rng(0)
    calls = []
    for position, (before, after) in enumerate(pairwise(widths)):
        x, w, g = (
            rng.normal(size=size).astype(np.float32)
            for size in ((batch, before), (after, before), (batch, after))
        )
        y, gw, gx = np.empty_like(g), np.empty_like(w), np.empty_like(x)
        calls.append((x, w.T, y))
        calls.append((g.T, x, gw))
        if position:
            calls.append((g, w, gx))

    def step() -> None:
        for left, right, out in calls:
            np.dot(left, right, out)

    return step


def seconds(step: Step, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def measure(name: str, widths: list[int], activation: str, criterion: str, batch: int, rounds: int) -> dict:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(batch, widths[0])).astype(np.float32)
    classes = criterion == "CrossEntropy"
    numbers = rng.normal(size=(batch, widths[-1])).astype(np.float32)
    t = rng.integers(0, widths[-1], batch) if classes else numbers
    steps = {
        "ours": our_step(widths, activation, criterion, batch, x, t),
        "torch": torch_step(widths, activation, criterion, x, t),
        "products": products_step(widths, batch),
    }
    rows = [one_round(steps) for _ in range(rounds + 1)][1:]  # the first one warms up
    best = [{key: min(times[key]) for key in steps} for times in rows]
    return {
        "name": name,
        "batch": batch,
        **{f"{key}_us": statistics.median(row[key] for row in best) * 1e6 for key in steps},
        "ratio": statistics.median(row["torch"] / row["ours"] for row in best),
        "ratio_one_thread": statistics.median(times["torch"][0] / times["ours"][0] for times in rows),
    }


def one_round(steps: dict[str, Step]) -> dict[str, list[float]]:
    """Seconds a step with one thread and with two, for each of `steps`, one right after the other."""
    times: dict[str, list[float]] = {key: [] for key in steps}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        with threadpool_limits(threads):
            for key, step in steps.items():
                step()
                count = max(1, int(ROUND_SECONDS / seconds(step, 1)))
                times[key].append(seconds(step, count))
    return times


CASES = [
    ("2-8-8-1 tanh MSE", [2, 8, 8, 1], "Tanh", "MSE", 1, 15),
    ("2-8-8-1 tanh MSE", [2, 8, 8, 1], "Tanh", "MSE", 16, 15),
    ("64-32-10 ReLU cross-entropy", [64, 32, 10], "ReLU", "CrossEntropy", 32, 8),
    ("784-512-512-10 ReLU cross-entropy", [784, 512, 512, 10], "ReLU", "CrossEntropy", 64, 1.2),
    ("784-512-512-10 ReLU cross-entropy", [784, 512, 512, 10], "ReLU", "CrossEntropy", 256, 1.1),
    ("200 x (Linear(16) + tanh) MSE", [16] * 201, "every Tanh", "MSE", 8, 8),
]

HEAD = "{:36}{:>6}{:>12}{:>12}{:>12}{:>8}{:>10}{:>8}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rounds", type=int, default=15, help="rounds per case")
    options = parser.parse_args()
    rows = []
    for name, widths, activation, criterion, batch, wanted in CASES:
        row = measure(name, widths, activation, criterion, batch, options.rounds)
        rows.append({**row, "wanted": wanted})
        if options.json:
            continue
        if len(rows) == 1:
            print(
                HEAD.format(
                    "network", "batch", "nnstudio", "PyTorch", "products", "ratio", "1 thread", "wanted"
                )
            )
        times = (f"{row[key]:.1f} µs" for key in ("ours_us", "torch_us", "products_us"))
        ratios = (f"{row[key]:.1f}" for key in ("ratio", "ratio_one_thread"))
        print(HEAD.format(name, batch, *times, *ratios, wanted))
    if options.json:
        facts = {"numpy": np.__version__, "torch": torch.__version__, "cores": os.cpu_count()}
        print(json.dumps({"machine": facts, "cases": rows}))


if __name__ == "__main__":
    main()
