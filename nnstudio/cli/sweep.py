"""`nnstudio sweep`: trains a project with many settings, several runs at a time, and says which was best."""

from __future__ import annotations

import argparse
import math
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from nnstudio.cli.arguments import UsageError
from nnstudio.cli.printing import count, print_json, print_table
from nnstudio.cli.projects import require_loss, require_writable
from nnstudio.cli.runs import figures, metrics_of, number
from nnstudio.errors import Error, TrainingError
from nnstudio.training.progress import ProgressBar

if TYPE_CHECKING:
    from nnstudio.project import Project
    from nnstudio.project.record import RunRecord
    from nnstudio.project.sweep import Sweep
    from nnstudio.project.sweep_points import Point

_SECONDS_BETWEEN_LOOKS = 0.02


def command(args: argparse.Namespace) -> int:
    """Trains every point from its seed; the project itself is not changed. 1 where no run came to a loss."""
    from nnstudio.project import load
    from nnstudio.project.sweep import Sweep, best_of

    if args.output is not None:
        require_writable(args.output)
    project = load(args.project)
    points = _points(project, args)
    if all(point.setup.level == project.graph.level for point in points):
        require_loss(project)  # one sentence, and not one for each run
    began = perf_counter()
    sweep = Sweep(project, points, at_once=args.at_once or 0)
    try:
        with sweep:
            _run(sweep)
    finally:
        # Stopped by the user, it still has the runs that were over.
        if args.output is not None and sweep.ended:
            _save(project, sweep, args.output)
    records = sweep.ended
    best = best_of(records)
    if best is None:
        raise TrainingError(records[0].outcome)
    if args.json:
        rows = [{"name": each.name, "settings": each.varied, **figures(each)} for each in records]
        print_json(
            {
                "project": args.project,
                "output": args.output,
                "seconds": perf_counter() - began,
                "best": records.index(best),
                "runs": rows,
            }
        )
        return 0
    _print(records, points, best)
    took = perf_counter() - began
    print(f"{count(len(records), 'run')} in {took:.1f} s; the best: {best.name}")
    print("not saved; -o OUT.nns would keep the runs" if args.output is None else f"saved as {args.output}")
    return 0


def _points(project: Project, args: argparse.Namespace) -> list[Point]:
    from nnstudio.project.setup import setup_of
    from nnstudio.project.sweep_points import axis_from, grid, sample, span_from

    setup = setup_of(project)
    try:
        axes = [axis_from(setup, text) for text in args.grid]
        spans = [
            *(span_from(setup, text) for text in args.range),
            *(span_from(setup, text, log=True) for text in args.log_range),
        ]
        if args.random is not None:
            return sample(setup, [*axes, *spans], args.random, args.draw)
        if spans:
            raise TrainingError("Ranges are drawn from at random: say with --random how many points.")
        return grid(setup, axes)
    except Error as error:
        raise UsageError(str(error)) from None


def _run(sweep: Sweep) -> None:
    with ProgressBar("run", len(sweep.points)) as bar:
        while not sweep.over:
            new = sweep.poll()
            words = f"{new[-1].name}: {_short(new[-1])}" if new else None
            bar.show(sweep.done, words)
            sleep(_SECONDS_BETWEEN_LOOKS)


def _short(record: RunRecord) -> str:
    from nnstudio.project.sweep import loss_of

    loss = loss_of(record)
    return f"loss {loss:.4g}" if math.isfinite(loss) else "no loss"


def _save(project: Project, sweep: Sweep, output: str) -> None:
    from nnstudio.project import save

    project.apply(sweep.kept())
    save(project, output)


def _print(records: list[RunRecord], points: list[Point], best: RunRecord) -> None:
    """The best first; each with what was varied, and what went wrong where something did."""
    from nnstudio.project.difference import words_for
    from nnstudio.project.sweep import loss_of
    from nnstudio.project.sweep_points import value_text

    names = list(points[0].values)
    metrics = metrics_of(records)
    ranked = sorted(records, key=loss_of)
    rows: list[list[Any]] = []
    for record in ranked:
        found = figures(record)
        rows.append(
            [
                "best" if record is best else "",
                *(value_text(name, record.varied[name]) for name in names),
                *(number(metric, found.get(metric)) for metric in metrics),
                f"{record.parameters:,}",
                f"{record.seconds:.2f}",
                "" if record.epochs >= record.setup.training.epochs else record.outcome,
            ]
        )
    heads = ["", *map(words_for, names), *map(words_for, metrics), "parameters", "seconds", ""]
    print_table(heads, rows, right=range(1, len(heads) - 1))
