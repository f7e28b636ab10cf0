"""A look at a file or a folder before its samples are taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from nnstudio.data.csv_preview import TablePreview, preview_table
from nnstudio.data.csv_text import encoding_of
from nnstudio.data.files import Progress, checked_file
from nnstudio.data.images import FolderPreview, checked_folder, preview_images
from nnstudio.data.loading import options_of
from nnstudio.data.npz_arrays import ArrayLook, arrays_in
from nnstudio.data.options import complete


@dataclass(frozen=True)
class ArraysPreview:
    """The arrays of a file."""

    name: str
    size: int
    arrays: tuple[ArrayLook, ...]


Preview = TablePreview | FolderPreview | ArraysPreview


def look_at(
    source: str,
    options: Mapping[str, Any] | None = None,
    folder: str | PathLike[str] | None = None,
    whole: bool = True,
    progress: Progress | None = None,
) -> Preview:
    """What a source such as "csv:iris.csv" holds, by these options of it.

    Not `whole`, only its beginning is looked at, which takes a moment. A table's encoding is found out where
    the options do not name one.  DataError where there is nothing to look at.
    """
    given = complete(options_of(source), options or {}, source)
    kind, _, path = source.partition(":")
    if kind == "images":
        return preview_images(checked_folder(path, folder), whole, progress)
    found, size = checked_file(path, folder)
    if kind == "csv":
        if "encoding" not in (options or {}):
            given["encoding"] = encoding_of(found)
        return preview_table(found, size, given, whole, progress)
    return ArraysPreview(found.name, size, arrays_in(found, size))
