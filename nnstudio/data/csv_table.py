"""Reading a CSV file: its layout first, then its rows, then its targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nnstudio.data import labelling
from nnstudio.data.csv_layout import SAMPLED_ROWS, Layout, layout_of
from nnstudio.data.csv_rows import Block, RowReader
from nnstudio.data.csv_text import ENCODINGS, text_blocks
from nnstudio.data.dataset import Dataset
from nnstudio.data.files import Progress, report
from nnstudio.data.filling import missing_in
from nnstudio.data.settings import Column, DataSettings
from nnstudio.errors import DataError
from nnstudio.modules.equations import Setting

Array = NDArray[Any]
_SHOWN = 1 << 22  # letters

CSV_OPTIONS = (
    Setting(
        "delimiter",
        "choice",
        "auto",
        "What stands between two columns; auto looks at the first lines.",
        choices=("auto", ",", ";", "tab", "|"),
    ),
    Setting(
        "header",
        "choice",
        "auto",
        "Whether the first row names the columns; auto says yes when it holds no number.",
        choices=("auto", "yes", "no"),
    ),
    Setting(
        "missing",
        "choice",
        "error",
        "A row that lacks a value: stop there, drop the row, or fill in the mean of the training part.",
        choices=("error", "drop", "mean"),
    ),
    Setting("bad_rows", "choice", "error", "Rows that cannot be read.", choices=("error", "drop")),
    Setting("encoding", "choice", "utf-8", "How letters are written as bytes.", choices=ENCODINGS),
)


def load_csv(
    path: Path,
    size: int,
    settings: DataSettings,
    options: Mapping[str, Any],
    progress: Progress | None = None,
) -> Dataset:
    """The table as a Dataset.  Unless chosen, the target is the last column; or none, where y is x."""
    own_inputs = settings.targets == "inputs" and not settings.target_columns
    layout, reader, rows = _table(
        path,
        size,
        options,
        progress,
        inputs=settings.input_columns,
        targets=settings.target_columns,
        last_is_target=not own_inputs,
        task=settings.task,
    )
    inputs = len(layout.inputs)
    y, task, class_names = _targets(layout, reader, rows[:, inputs:], settings.task)
    missing = missing_in(rows[:, :inputs]) if options["missing"] == "mean" else None
    return Dataset(
        name=path.name,
        title=path.name,
        x=rows[:, :inputs],
        y=y,
        task=task,
        class_names=class_names,
        missing=missing,
        feature_names=tuple(layout.columns[column] for column in layout.inputs),
        target_names=tuple(layout.columns[column] for column in layout.targets),
        origin=f"the file {path.name}",
    )


def read_csv_inputs(
    path: Path,
    size: int,
    columns: Sequence[Column],
    options: Mapping[str, Any],
    progress: Progress | None = None,
) -> Array:
    """The columns, or all of them, as float64 (rows, columns): inputs alone, as for a trained net."""
    _, _, rows = _table(
        path, size, options, progress, inputs=columns, targets=(), last_is_target=False, task="numbers"
    )
    return rows


def _table(
    path: Path,
    size: int,
    options: Mapping[str, Any],
    progress: Progress | None,
    *,
    inputs: Sequence[Column],
    targets: Sequence[Column],
    last_is_target: bool,
    task: str,
) -> tuple[Layout, RowReader, Array]:
    try:
        with path.open("rb") as file:
            forgiving = options["bad_rows"] == "drop"
            blocks = text_blocks(file, path.name, options["encoding"], forgiving)
            head = first_of(blocks)
            layout = layout_of(
                path.name,
                "".join(text for text, _, _ in head),
                inputs=inputs,
                targets=targets,
                last_is_target=last_is_target,
                task=task,
                delimiter=options["delimiter"],
                header=options["header"],
            )
            reader = RowReader(layout, options["missing"], options["bad_rows"])
            everything: Iterator[Block] = chain(without_lines(head, layout.body_line), blocks)
            rows = reader.read(everything, lambda done: report(progress, done, size, path.name))
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    if not len(rows):
        dropped = f"; {reader.dropped:,} rows that lack a value were dropped" if reader.dropped else ""
        dropped += f"; {reader.faults.count:,} bad rows were dropped" if reader.faults.count else ""
        raise DataError(f"{path.name} holds no rows{' below its header' if layout.header else ''}{dropped}.")
    return layout, reader, rows


def first_of(blocks: Iterator[Block], most: int = _SHOWN) -> list[Block]:
    """As many blocks as show how the table is laid out, and no more of them once they have `most` letters."""
    head: list[Block] = []
    lines = letters = 0
    for block in blocks:
        head.append(block)
        lines += block[0].count("\n")
        letters += len(block[0])
        if lines > SAMPLED_ROWS or letters >= most:
            break
    return head


def without_lines(blocks: Sequence[Block], lines: int) -> Iterator[Block]:
    """The blocks behind the first lines of the file."""
    for text, line, done in blocks:
        start = 0
        while lines and start < len(text):
            start = text.find("\n", start) + 1 or len(text)
            lines -= 1
            line += 1
        yield text[start:], line, done


def _targets(
    layout: Layout, reader: RowReader, values: Array, task: str
) -> tuple[Array, str, tuple[str, ...]]:
    if not layout.targets:
        return values, "numbers", ()
    if len(layout.targets) > 1 and (reader.texts or task == "classes"):
        raise DataError(
            f"{layout.name}: classes need one target column, but {len(layout.targets):,} are chosen."
        )
    if reader.texts:
        y, names = labelling.from_texts(values[:, 0], next(iter(reader.texts.values())))
        return y, "classes", names
    return labelling.targets_of(values[:, 0] if values.shape[1] == 1 else values, task)
