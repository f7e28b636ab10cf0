"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN_FRAMES = 0.1


class TrainingBar:
    """Shows how far a run of `epochs` epochs is, drawn on stderr so that stdout stays free for results."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            # Drawn from the training loop itself: a second thread would take turns with it.
            self._bar = Progress(
                TextColumn("epoch {task.completed:.0f} of {task.total:.0f}"),
                BarColumn(),
                TextColumn("{task.fields[measured]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                auto_refresh=False,
            )
            self._task = self._bar.add_task("", total=self._epochs, measured="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, finished: float, entry: Mapping[str, Any] | None) -> None:
        """`finished` epochs, in parts of one too; `entry` is what the last whole one measured."""
        if self._bar is None or self._task is None:
            return
        if entry is not None:
            self._bar.update(self._task, completed=finished, measured=measured(entry))
        now = monotonic()
        if now - self._drawn >= SECONDS_BETWEEN_FRAMES:
            self._drawn = now
            self._bar.update(self._task, completed=finished)
            self._bar.refresh()


def measured(entry: Mapping[str, Any]) -> str:
    """The numbers of an epoch in a few words: "loss 0.12, validation 0.15, 96.3 % right"."""
    words = [f"loss {entry['train_loss']:.4g}"]
    if "validation_loss" in entry:
        words.append(f"validation {entry['validation_loss']:.4g}")
    part = "validation" if "validation_accuracy" in entry else "train"
    if f"{part}_accuracy" in entry:
        words.append(f"{100 * entry[f'{part}_accuracy']:.1f} % right")
    return ", ".join(words)
