"""`nnstudio gradcheck`: every gradient of a project's program beside central differences, in float64."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.cli.printing import count, print_json, print_table
from nnstudio.cli.projects import require_loss, say_left_out

if TYPE_CHECKING:
    from nnstudio.program import Program
    from nnstudio.project import Project

SAMPLES = 4
"""Few, because each number of each array costs two forward passes."""


def command(args: argparse.Namespace) -> int:
    """Lists the worst element of every gradient; 1 where one is beyond the tolerance, else 0."""
    import nnstudio
    from nnstudio.program.gradcheck import TOLERANCE, gradcheck
    from nnstudio.training.progress import ProgressBar
    from nnstudio.training.threads import limited

    project = nnstudio.load(args.project)
    say_left_out(require_loss(project))
    feeds = _feeds(project)
    samples = min((len(array) for array in feeds.values()), default=1)
    program = nnstudio.compile(project.graph, samples, "float64", "numpy", project.training.seed)
    program.load_parameters(project.fitting_weights())
    program.feed(**_complete(program, feeds))
    # One thread: these are many small passes, and more would wait for each other.
    with limited(1), ProgressBar("gradient") as bar:
        checks = gradcheck(program, lambda done, total: bar.show(done, total=total))
    ok = all(check.ok for check in checks)
    if args.json:
        rows = [{**asdict(check), "ok": check.ok} for check in checks]
        print_json({"project": args.project, "ok": ok, "tolerance": TOLERANCE, "gradients": rows})
        return 0 if ok else 1
    print_table(
        ("Gradient", "Worst error", "At", "Computed", "Difference", "Compared", ""),
        [
            (
                check.quantity,
                f"{check.error:.0e}",
                ", ".join(map(str, check.element)),
                f"{check.computed:.9g}",
                f"{check.difference:.9g}",
                f"{check.elements:,}",
                "ok" if check.ok else "WRONG",
            )
            for check in checks
        ],
        right=(1, 3, 4, 5),
    )
    corners = sum(check.corners for check in checks)
    if corners:
        print(f"{count(corners, 'element')} at a corner of the loss, where there is no one slope, left out")
    return 0 if ok else 1


def _feeds(project: Project) -> dict[str, NDArray[Any]]:
    """The first training samples, by node; empty where the project has no data."""
    from nnstudio.project.run import splits_of
    from nnstudio.training.binding import bind

    splits = splits_of(project)
    if splits is None:
        return {}
    bound = bind(project.graph.flatten(), splits, "float64")
    return {name: array[:SAMPLES] for name, array in bound.train.items()}


def _complete(program: Program, feeds: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Without data, numbers drawn from the program's seed."""
    random = np.random.default_rng(program.seed)
    complete = dict(feeds)
    for name, feed in ((feed.node, feed) for feed in program.listing.feeds.values()):
        if name not in complete:
            shape = (program.batch_size, *map(int, feed.shape[1:]))
            complete[name] = (
                random.integers(feed.classes, size=shape) if feed.classes else random.normal(size=shape)
            )
    return complete
