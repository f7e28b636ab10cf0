"""Evaluation: the loss and the metrics of a program over many samples, in batches."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.graph.flatten import FlatGraph
from nnstudio.program import Program
from nnstudio.training.binding import Feeds, count
from nnstudio.training.metrics import judged, metric

BATCH = 256
"""How many samples at once. Not as many as in training: then the last bits would depend on that."""


class Evaluation:
    """What is measured for one graph. Losses are per sample, so that parts can be compared."""

    def __init__(self, graph: FlatGraph, task: str, unit: NDArray[Any]) -> None:
        self._pair = judged(graph)
        self._task = task
        self._unit = unit
        criteria = [node for node in graph if node.definition.role == "criterion"]
        self._means = {node.name: node.definition.averages(node.settings) for node in criteria}
        kinds = set(self._means.values())
        self._all_mean, self._all_sums = kinds == {True}, kinds == {False}
        self._weights = {node.name: float(node.settings.get("loss_weight", 1.0)) for node in criteria}

    def loss_sum(self, program: Program, samples: int) -> float:
        """The loss of the batch that the program has just computed, added up over its samples."""
        if self._all_mean:
            return program.loss * samples
        if self._all_sums:
            return program.loss
        return sum(
            loss * self._weights[name] * (samples if self._means[name] else 1)
            for name, loss in program.losses.items()
        )

    def over(self, program: Program, feeds: Feeds) -> Generator[None, None, dict[str, float]]:
        """The loss and the metrics over all samples, giving way after each batch; empty for no samples.

        A number that is not finite is left out.
        """
        samples = count(feeds)
        found: dict[str, float] = {}
        if not feeds or not samples:
            return found
        size = min(samples, BATCH)
        measure = metric(self._task, self._pair, self._unit)
        total = 0.0
        for start in range(0, samples, size):
            here = min(size, samples - start)
            part = program.with_batch_size(here)
            part.feed(**{name: array[start : start + here] for name, array in feeds.items()})
            with np.errstate(all="ignore"):
                part.forward()
                total += self.loss_sum(part, here)
                if measure is not None and self._pair is not None:
                    target = feeds[self._pair.target][start : start + here]
                    measure.add(part[f"{self._pair.prediction}.output"], target)
            yield
        found["loss"] = total / samples
        if measure is not None:
            found |= measure.result()
        return {name: value for name, value in found.items() if np.isfinite(value)}
