"""`nnstudio train`: trains a project, with a progress bar on a terminal, and says how good it has become."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from nnstudio.cli.arguments import UsageError
from nnstudio.cli.printing import count, print_json, print_table
from nnstudio.cli.projects import require_loss, require_writable, say_left_out
from nnstudio.errors import TrainingError
from nnstudio.training.progress import in_words, with_bar

if TYPE_CHECKING:
    from nnstudio.project import Project
    from nnstudio.training.trainer import Trainer

_GOALS = ("stop_loss", "patience", "seconds", "keep_every")
# Options that stand for the training setting of the same name.
_SETTINGS = ("batch_size", "lr", "optimizer", "seed", "backend", "dtype", *_GOALS)
_PARTS = ("train", "validation", "test")
_SHARES = ("accuracy", "top5", "precision", "recall")
_METRICS = ("loss", *_SHARES, "rmse", "mae", "r2")


def command(args: argparse.Namespace) -> int:
    """Trains from where the project stands, and saves where -o says; the project itself is not changed.

    The "history" is the curve that the window draws of the same run: the loss of training is the mean over
    an epoch's batches as they were trained. "train_loss" is measured over the whole part when all is done.
    """
    from nnstudio.project import load
    from nnstudio.project.record import ended_after, thinned
    from nnstudio.project.run import epochs_to_train, kept_run, run_of, trainer_of

    if args.output is not None:
        require_writable(args.output)
    project = load(args.project)
    _change_settings(project, args)
    left_out = require_loss(project)
    # A seed decides the first weights, so with one the run begins anew.
    trainer = trainer_of(project, afresh=args.seed is not None)
    epochs = epochs_to_train(project, trainer) if args.epochs is None else args.epochs
    say_left_out(left_out)
    first_epoch, first_step, began = trainer.epoch, trainer.step, perf_counter()
    outcome = ""
    try:
        _train(trainer, epochs)
        seconds = perf_counter() - began
    except KeyboardInterrupt:
        outcome = ended_after(trainer.epoch, "Stopped")
        raise
    except TrainingError as error:
        outcome = str(error)
        raise
    finally:
        # Stopped by the user or by numbers that are no longer finite, it still has its last good weights.
        if args.output is not None:
            went_on = trainer.step > first_step
            project.apply(kept_run(project, trainer, outcome) if went_on else run_of(project, trainer))
            _save(project, args.output)
    results: dict[str, Any] = {
        "project": args.project,
        "output": args.output,
        "epochs": trainer.epoch - first_epoch,
        "steps": trainer.step - first_step,
        "seconds": seconds,
        "reached": trainer.reached,
        "ending": trainer.ending,
        "backend": trainer.program.backend.name,
        "dtype": trainer.program.dtype.name,
        "parameters": trainer.program.parameter_count,
        **_measured(trainer),
        "history": list(thinned(trainer.history)),
        "left_out": [{"node": each.node, "sentence": each.sentence} for each in left_out],
    }
    if args.json:
        print_json(results)
    else:
        _print(results)
    return 0


def _change_settings(project: Project, args: argparse.Namespace) -> None:
    from nnstudio.training import optimizers

    chosen = {name: getattr(args, name) for name in _SETTINGS if getattr(args, name) is not None}
    if "optimizer" in chosen:
        try:
            name = optimizers.definition(chosen["optimizer"]).name
        except TrainingError as error:
            raise UsageError(str(error)) from None
        if name != project.training.optimizer:
            chosen["optimizer_settings"] = {}
    project.training = replace(project.training, **chosen)


def _train(trainer: Trainer, epochs: int) -> None:
    with _stopping_between_batches() as stopped:
        for _ in with_bar(trainer, epochs):
            if stopped:
                raise KeyboardInterrupt


@contextmanager
def _stopping_between_batches() -> Generator[list[int]]:
    """Ctrl-C fills the list instead of breaking into an update, so that what is saved can go on exactly.

    A second one takes effect at once.
    """
    stopped: list[int] = []

    def stop(number: int, frame: object) -> None:
        stopped.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    former = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, former)


def _measured(trainer: Trainer) -> dict[str, float | None]:
    """train_loss, validation_loss, test_loss and the same for what else is measured; no part, no number."""
    parts = {part: trainer.evaluate(part) for part in _PARTS}
    if not parts["train"] and trainer.history:  # a graph that takes no data has no samples to go over
        parts["train"] = {"loss": trainer.history[-1]["train_loss"]}
    return {
        f"{part}_{metric}": found.get(metric)
        for metric in _METRICS
        for part, found in parts.items()
        if metric == "loss" or any(metric in found for found in parts.values())
    }


def _print(results: dict[str, Any]) -> None:
    done = f"{count(results['epochs'], 'epoch')}, {count(results['steps'], 'step')}"
    learned = count(results["parameters"], "parameter")
    print(f"{done} in {results['seconds']:.2f} s; {learned}, {results['backend']}, {results['dtype']}")
    if results["ending"]:
        print(results["ending"])
    if results["history"]:
        last = results["history"][-1]
        print(f"epoch {last['epoch']:,}, as it was trained: {in_words(last)}")
    metrics = [metric for metric in _METRICS if f"train_{metric}" in results]
    rows = [
        (part, *(_number(metric, results[f"{part}_{metric}"]) for metric in metrics))
        for part in _PARTS
        if results[f"{part}_loss"] is not None
    ]
    print_table(("", *metrics), rows, right=range(1, len(metrics) + 1))
    if results["output"] is None:
        print("not saved; -o OUT.nns would save it")
    else:
        print(f"saved as {results['output']}")


def _number(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if metric in _SHARES else f"{value:.4g}"


def _save(project: Project, output: str) -> None:
    from nnstudio.project import save

    save(project, output)
