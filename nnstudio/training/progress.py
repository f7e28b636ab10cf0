"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from nnstudio.training.trainer import Entry, Trainer

SECONDS_BETWEEN_FRAMES = 0.1


class ProgressBar:
    """Shows how many of `total` things of a kind ("epoch") are done.

    It is drawn on stderr: stdout stays free for results.
    """

    def __init__(self, kind: str, total: int | None = None) -> None:
        self._kind = kind
        self._total = total
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            # Drawn from the working loop itself: a second thread would take turns with it.
            self._bar = Progress(
                TextColumn(f"{self._kind} {{task.completed:.0f}} of {{task.fields[all]}}"),
                BarColumn(),
                TextColumn("{task.fields[words]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                auto_refresh=False,
            )
            self._task = self._bar.add_task("", total=self._total, all=self._total or "…", words="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: float, words: str | None = None, *, total: int | None = None) -> None:
        """`done` of the total, also in parts of one; `words` stand beside the bar until there are others."""
        if self._bar is None or self._task is None:
            return
        if total is not None:
            self._bar.update(self._task, total=total, all=total)
        if words is not None:
            self._bar.update(self._task, completed=done, words=words)
        now = monotonic()
        if now - self._drawn >= SECONDS_BETWEEN_FRAMES:
            self._drawn = now
            self._bar.update(self._task, completed=done)
            self._bar.refresh()


def with_bar(trainer: Trainer, epochs: int) -> Generator[Entry | None]:
    """Trains so many more epochs under a bar, giving way after each batch as Trainer.steps does."""
    first = trainer.epoch
    with ProgressBar("epoch", epochs) as bar:
        for entry in trainer.steps(first + epochs):
            done = trainer.epoch - first + trainer.position / trainer.samples
            bar.show(done, None if entry is None else in_words(entry))
            yield entry


def in_words(entry: Mapping[str, Any]) -> str:
    """The numbers of an epoch: "loss 0.12, validation 0.15, 96.3 % right"."""
    words = [f"loss {entry['train_loss']:.4g}"]
    if "validation_loss" in entry:
        words.append(f"validation {entry['validation_loss']:.4g}")
    part = "validation" if "validation_accuracy" in entry else "train"
    if f"{part}_accuracy" in entry:
        words.append(f"{100 * entry[f'{part}_accuracy']:.1f} % right")
    return ", ".join(words)
