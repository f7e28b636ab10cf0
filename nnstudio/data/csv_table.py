"""Reading a CSV file: its layout first, then its rows, then its targets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nnstudio.data import labelling
from nnstudio.data.categories import InputColumn, present, spread
from nnstudio.data.csv_layout import DECIMALS, SAMPLED_ROWS, Layout, NoColumn, layout_of
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
    Setting(
        "decimal",
        "choice",
        "auto",
        "What numbers have before their fraction; auto looks at the first lines.",
        choices=("auto", *DECIMALS),
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
        categories=settings.category_columns,
    )
    inputs = len(layout.inputs)
    y, task, class_names = _targets(layout, reader, rows[:, inputs:], settings.task)
    x, columns = rows[:, :inputs], _input_columns(layout, reader, rows)
    if layout.texts & set(layout.inputs):
        x = spread(x, columns, [reader.texts.get(each) for each in layout.inputs], path.name)
    missing = missing_in(x) if options["missing"] == "mean" else None
    return Dataset(
        name=path.name,
        title=path.name,
        x=x,
        columns=columns,
        y=y,
        task=task,
        class_names=class_names,
        missing=missing,
        feature_names=tuple(name for column in columns for name in column.features),
        target_names=tuple(layout.columns[column] for column in layout.targets),
        origin=f"the file {path.name}",
    )


def _input_columns(layout: Layout, reader: RowReader, rows: Array) -> tuple[InputColumn, ...]:
    """The columns that the inputs are made of; the categories of each as they stand in the rows."""
    return tuple(
        InputColumn(
            layout.columns[column],
            present(rows[:, place], reader.texts[column]) if column in reader.texts else (),
        )
        for place, column in enumerate(layout.inputs)
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


def read_csv_inputs_like(
    path: Path,
    size: int,
    columns: Sequence[InputColumn],
    options: Mapping[str, Any],
    progress: Progress | None = None,
) -> Array:
    """The inputs (rows, all widths) that these columns give, by their names, or by their places where the
    table has exactly as many and none of the names.

    DataError names the line and the column of a text that is none of the known categories.
    """

    def read(places: Sequence[Column]) -> tuple[Layout, Array]:
        layout, reader, rows = _table(
            path,
            size,
            options,
            progress,
            inputs=places,
            targets=(),
            last_is_target=False,
            task="numbers",
            categories=[place for place, each in zip(places, columns, strict=True) if each.categories],
            known=columns,
        )
        return layout, spread(rows, columns, [reader.texts.get(each) for each in layout.inputs], path.name)

    try:
        return read([each.name for each in columns])[1]
    except NoColumn as unknown:
        with contextlib.suppress(NoColumn):
            layout, x = read(range(len(columns)))
            if len(layout.columns) == len(columns):
                return x
        raise unknown from None


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
    categories: Sequence[Column] = (),
    known: Sequence[InputColumn] = (),
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
                categories=categories,
                delimiter=options["delimiter"],
                header=options["header"],
                decimal=options["decimal"],
            )
            texts = {n: each.categories for n, each in zip(layout.inputs, known, strict=False)}
            texts = {column: names for column, names in texts.items() if column in layout.texts}
            reader = RowReader(layout, options["missing"], options["bad_rows"], texts)
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
    texts = layout.texts & set(layout.targets)
    if len(layout.targets) > 1 and (texts or task == "classes"):
        raise DataError(
            f"{layout.name}: classes need one target column, but {len(layout.targets):,} are chosen."
        )
    if texts:
        y, names = labelling.from_texts(values[:, 0], reader.texts[min(texts)])
        return y, "classes", names
    return labelling.targets_of(values[:, 0] if values.shape[1] == 1 else values, task)
