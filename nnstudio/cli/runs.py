"""`nnstudio runs`: the runs that a project keeps, and what two of them differ in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nnstudio.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord

METRICS = (
    *("train_loss", "validation_loss", "train_accuracy", "validation_accuracy", "validation_rmse"),
    *("validation_mae", "validation_r2"),
)


def command(args: argparse.Namespace) -> int:
    """Lists the runs, the oldest first, or compares the two that --compare names."""
    from nnstudio.project import load
    from nnstudio.project.difference import difference
    from nnstudio.project.run_edits import run_called

    project = load(args.project)
    if args.compare:
        first, second = (run_called(project, name) for name in args.compare)
        _compare(args, first, second, difference(first.setup, second.setup))
        return 0
    if args.json:
        print_json({"project": args.project, "runs": [_described(run) for run in project.runs]})
        return 0
    if not project.runs:
        print("No runs are kept.")
        return 0
    metrics = [metric for metric in metrics_of(project.runs) if metric.endswith(("loss", "accuracy"))]
    heads = ("", "Run", "When", "Epochs", *map(_words, metrics), "Parameters", "Seconds", "Outcome")
    rows: list[list[Any]] = []
    for run in project.runs:
        found = figures(run)
        rows.append(
            [
                "*" if run.pinned else "",
                run.name,
                run.when[:16].replace("T", " "),
                f"{run.epochs:,}",
                *(number(metric, found.get(metric)) for metric in metrics),
                f"{run.parameters:,}",
                f"{run.seconds:.2f}",
                run.outcome,
            ]
        )
    print_table(heads, rows, right=range(3, len(heads) - 1))
    return 0


def _compare(args: argparse.Namespace, first: RunRecord, second: RunRecord, found: Sequence[Any]) -> None:
    metrics = metrics_of([first, second])
    if args.json:
        rows = [{"what": each.what, "first": each.first, "second": each.second} for each in found]
        described = {"first": _described(first), "second": _described(second)}
        print_json({"project": args.project, **described, "differences": rows})
        return
    lines = [(each.what, each.first, each.second) for each in found]
    ours, theirs = figures(first), figures(second)
    for name in metrics:
        lines.append((_words(name), number(name, ours.get(name)), number(name, theirs.get(name))))
    print_table(("", first.name, second.name), lines, right=(1, 2))
    if not found:
        print("They do not differ in settings, data or drawing.")


def _described(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "pinned": run.pinned,
        "when": run.when,
        "seed": run.seed,
        "sweep": run.sweep,
        "settings": run.varied,
        "training": run.setup.training.to_dict(),
        "data": None if run.setup.data is None else run.setup.data.to_dict(),
        "weights": run.state is not None,
        **figures(run),
        "history": run.history,
    }


def figures(run: RunRecord) -> dict[str, Any]:
    """How the run went, and the metrics of its last epoch."""
    return {
        "outcome": run.outcome,
        "epochs": run.epochs,
        "steps": run.last.get("step", 0),
        "seconds": run.seconds,
        "parameters": run.parameters,
        "multiply_adds": run.multiply_adds,
        **{name: run.last[name] for name in METRICS if name in run.last},
    }


def metrics_of(runs: Sequence[RunRecord]) -> list[str]:
    """The metrics that at least one of the runs has."""
    return [name for name in METRICS if any(name in run.last for run in runs)]


def number(metric: str, value: float | None) -> str:
    """A metric in a table."""
    if value is None:
        return "-"
    return f"{100 * value:.1f} %" if metric.endswith("accuracy") else f"{value:.4g}"


def _words(metric: str) -> str:
    return metric.replace("_", " ")
