"""`nnstudio run`: a project's predictions for new inputs."""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.cli.arguments import UsageError
from nnstudio.cli.printing import count
from nnstudio.errors import DataError, ProgramError

if TYPE_CHECKING:
    from nnstudio.data.fitted import Fitted
    from nnstudio.program import Program
    from nnstudio.project import Project

Array = NDArray[Any]

BATCH = 256
"""How many samples are computed at once."""


@dataclass(frozen=True, eq=False)
class NewSamples:
    """Inputs without targets: x (n, …), and what to call them in a sentence."""

    title: str
    x: Array
    classes: int = 0


def command(args: argparse.Namespace) -> int:
    """Writes the predictions, or prints them as CSV: one row for each sample, in the order of the inputs."""
    from nnstudio.program import compile
    from nnstudio.project import load
    from nnstudio.training import optimizers
    from nnstudio.training.binding import without_data
    from nnstudio.training.threads import limited, thread_count

    if args.output is not None and Path(args.output).suffix.lower() not in (".npy", ".csv"):
        raise UsageError(f"The predictions are written as .npy or .csv, which {args.output} is not.")
    project = load(args.project)
    settings = project.training
    known = fitted_for(project)
    feeds = _feeds(project, args.input, known)
    program = compile(
        project.graph,
        BATCH,
        settings.dtype,
        settings.backend,
        settings.seed,
        optimizer=optimizers.definition("SGD"),
        part=without_data(project.graph.flatten(), feeds, ("input",)),
    )
    own = {parameter.key for parameter in program.listing.parameters}
    program.load_parameters({k: w for k, w in project.fitting_weights().items() if k in own})
    _warn_of_fresh_weights(project, program)
    with limited(thread_count(program.multiply_adds, BATCH, settings.threads)):
        found = _predict(program, feeds)
    answers = {name: _own_unit(values, known) for name, values in found.items()}
    if args.output is not None:
        _write(Path(args.output), answers, known)
    else:
        sys.stdout.write(_csv_text(answers, known))
    return 0


def _warn_of_fresh_weights(project: Project, program: Program) -> None:
    fresh = program.parameters().keys() - project.fitting_weights().keys()
    if fresh:
        print(
            f"nnstudio: the project holds no weights for {count(len(fresh), 'parameter array')}, "
            "which start untrained; train it first with -o.",
            file=sys.stderr,
        )


def fitted_for(project: Project) -> Fitted | None:
    """What the weights know of their data: as kept with them, whatever the settings of the data say by now,
    else fitted anew on the data; None without any.

    DataError says why the data are needed where they are not there.
    """
    from nnstudio.data.files import NotThere
    from nnstudio.data.fitted import Fitted
    from nnstudio.project.run import kept_fitted, splits_of

    kept = kept_fitted(project)
    if kept is not None:
        return kept
    try:
        splits = splits_of(project)
    except NotThere as gone:
        raise DataError(
            f"{gone.path} is not there: it is the training data of {project.path}, from which it follows how "
            "new samples are scaled, since the project was not trained yet, or before that was kept with the "
            "weights; put the file back, or train the project where the file is."
        ) from None
    return None if splits is None else Fitted.of(splits)


def _feeds(project: Project, file: str, known: Fitted | None) -> dict[str, Array]:
    """What each Input is fed: the file's numbers, scaled as those of the training were."""
    from nnstudio.training.binding import bind_inputs

    flat, dtype = project.graph.flatten(), project.training.dtype
    if not any(node.definition.role == "input" for node in flat):
        raise ProgramError(f"{project.path} has no Input that could take {file}; add one before running it.")
    x = _read(file, known)
    if known is not None:
        shape = known.input_shape
        if math.prod(shape) != math.prod(x.shape[1:]):
            raise DataError(
                f"{file} has {count(math.prod(x.shape[1:]), 'number')} per sample, but {project.path} is "
                f"trained on {math.prod(shape):,} ({known.title})."
            )
        x = known.scaling.apply(x.reshape(len(x), *shape), dtype)
    answers = flat.upstream(node.name for node in flat if node.definition.role == "output")
    return bind_inputs(flat, NewSamples(Path(file).name, x.astype(dtype)), answers)


def _read(file: str, known: Fitted | None) -> Array:
    """The columns by their names where the training data was a table and this one has the same names."""
    from nnstudio.data.csv_layout import NoColumn
    from nnstudio.data.loading import read_inputs, source_of

    if known is not None and known.columns and source_of(file).startswith("csv:"):
        if any(each.categories for each in known.columns):
            return read_inputs(file, known.columns)
        with contextlib.suppress(NoColumn):  # without these names the whole table may be the inputs
            return read_inputs(file, [each.name for each in known.columns])
    return read_inputs(file)


def _predict(program: Program, feeds: dict[str, Array]) -> dict[str, Array]:
    """The outputs (n, …) of the nodes that give the network's answer."""
    samples = len(next(iter(feeds.values())))
    found: dict[str, list[Array]] = {name: [] for name in program.predictions}
    for start in range(0, samples, BATCH):
        here = min(BATCH, samples - start)
        part = program.with_batch_size(here)
        # The loss is computed along, and thrown away: any target will do.
        targets = {name: np.zeros((here, *map(int, shape))) for name, shape in part.targets.items()}
        part.feed(**{name: array[start : start + here] for name, array in feeds.items()}, **targets)
        with np.errstate(all="ignore"):
            part.forward()
        for name, parts in found.items():
            parts.append(np.array(part[f"{name}.output"]))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _own_unit(values: Array, known: Fitted | None) -> Array:
    """Numbers that were scaled for training back in the data's own unit."""
    if known is None or known.target_scaling.is_none:
        return values
    shape = known.target_shape
    if math.prod(values.shape[1:]) != math.prod(shape):
        return values
    return known.target_scaling.undo(values.reshape(len(values), *shape)).astype(values.dtype)


def _heads(answers: dict[str, Array], known: Fitted | None) -> list[str]:
    heads: list[str] = []
    for name, values in answers.items():
        width = math.prod(values.shape[1:])
        names: Sequence[str] = ()
        if known is not None:
            names = known.class_names or known.target_names
        several = f"{name}." if len(answers) > 1 else ""
        own = names if len(names) == width else [f"{name}.{column}" for column in range(width)]
        heads += [head if head.startswith(f"{name}.") else several + head for head in own]
    return heads


def _csv_text(answers: dict[str, Array], known: Fitted | None) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_heads(answers, known))
    columns = [values.reshape(len(values), -1) for values in answers.values()]
    for row in np.concatenate(columns, axis=1):
        # As str a float32 is written with the digits that it has.
        writer.writerow([str(number) for number in row])
    return text.getvalue()


def _write(path: Path, answers: dict[str, Array], known: Fitted | None) -> None:
    from nnstudio.project.atomic import write_atomically

    if path.suffix.lower() == ".csv":
        write_atomically(path, _csv_text(answers, known).encode())
        return
    if len(answers) > 1:
        raise ProgramError(
            f"The network answers at {' and '.join(answers)}, which one .npy cannot hold; write a .csv."
        )
    data = io.BytesIO()
    np.save(data, next(iter(answers.values())))
    write_atomically(path, data.getvalue())
