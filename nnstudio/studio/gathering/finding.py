"""Where a data file is: as the project says it, and where it may have gone."""

from __future__ import annotations

from pathlib import Path

from nnstudio.data import source_of


def kept_source(path: str | Path, project: Path | None) -> str:
    """The source that stands for a file; relative where it lies beside the project, which may then move.

    DataError where it is not known how to read it.
    """
    source = source_of(path)
    if project is None:
        return source
    kind = source.partition(":")[0]
    try:
        inside = Path(path).resolve().relative_to(project.parent.resolve())
    except (OSError, ValueError):
        return source
    return f"{kind}:{inside.as_posix()}"


def beside(source: str, project: Path | None) -> Path | None:
    """A file of the same name beside the project, where the source itself is gone."""
    name = Path(source.partition(":")[2]).name
    if project is None or not name:
        return None
    try:
        found = project.parent / name
        return found if found.exists() else None
    except (OSError, ValueError):
        return None
