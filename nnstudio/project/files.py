"""load and save: *.nns, a zip with everything, and *.nns.json, the same without weights, as plain text."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from nnstudio.errors import ProjectError
from nnstudio.project import strict_json
from nnstudio.project.atomic import write_atomically
from nnstudio.project.container import Container, pack
from nnstudio.project.document import FIRST, from_document, read_history, to_document, to_history
from nnstudio.project.project import Array, Project
from nnstudio.project.weights import check_arrays, join_arrays, split_arrays

MIMETYPE = b"application/vnd.nnstudio.project+zip"
TEXT = ".nns.json"
ZIP = ".nns"
_PNG = b"\x89PNG\r\n\x1a\n"
_THUMBNAIL = 16 * 2**20
_OWN = frozenset({"mimetype", "graph.json", "weights.safetensors", "history.json", "thumbnail.png"})
# Weights do not shrink, and a stored member can be looked into without unpacking it.
_STORED = frozenset({"mimetype", "weights.safetensors", "thumbnail.png"})

PathLike = str | os.PathLike[str]


def load(path: PathLike) -> Project:
    """The project in a .nns or .nns.json file, told apart by their first bytes.

    Raises ProjectError, in one sentence, for everything that is wrong with the file.  Nothing in it is ever
    run, and no array is made before its size has been compared with the graph.
    """
    where = os.fspath(path)
    try:
        # Asked first, because opening a pipe would wait for its other end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise ProjectError(f"{where} is not a file but {_kind(where)}.")
        with open(path, "rb") as file:
            project = _read_zip(file, where) if _is_zip(file, where) else _read_text(file, where)
    except FileNotFoundError:
        raise ProjectError(f"There is no file {where}.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ProjectError(f"{where} could not be read: {reason[:1].lower()}{reason[1:]}.") from None
    except MemoryError:
        raise ProjectError(f"{where} could not be read: there is not enough memory for it.") from None
    project.path = Path(path)
    return project


def save(project: Project, path: PathLike, *, thumbnail: bytes | None = None) -> None:
    """Write the project to `path`: .nns with everything, .nns.json without weights and history.

    `thumbnail` is a PNG that takes the place of the one the project has.  The file is either written whole or
    not touched; ProjectError says why.  Equal projects give equal bytes.
    """
    if thumbnail is not None:
        if not thumbnail.startswith(_PNG) or len(thumbnail) > _THUMBNAIL:
            raise ProjectError(f"The thumbnail is no PNG of at most {_THUMBNAIL:,} bytes.")
        project.thumbnail = thumbnail
    write_atomically(path, to_bytes(project, path))
    project.path = Path(path)


def to_bytes(project: Project, path: PathLike, more: Mapping[str, bytes] | None = None) -> bytes:
    """What save() writes to a file called `path`; `more` are further members of the zip."""
    where = os.fspath(path)
    lower = where.lower()
    document = strict_json.write(to_document(project), where, first=FIRST)
    if lower.endswith(TEXT):
        return document
    if not lower.endswith(ZIP):
        raise ProjectError(f"{where} must end in {ZIP} (everything) or {TEXT} (text, without weights).")
    members = {"mimetype": MIMETYPE, "graph.json": document}
    arrays = join_arrays(project)
    if arrays:
        from nnstudio.project.arrays import pack_arrays

        members["weights.safetensors"] = pack_arrays(arrays, where)
    if project.history or project.run_state or project.extra_history:
        members["history.json"] = strict_json.write(to_history(project), f"the history of {where}")
    if project.thumbnail is not None:
        members["thumbnail.png"] = project.thumbnail
    others = {**project.extra_members, **(more or {})}
    return pack({**members, **{name: others[name] for name in sorted(others)}}, stored=_STORED)


def _kind(where: str) -> str:
    return "a folder" if os.path.isdir(where) else "a pipe or a device"


def _is_zip(file: IO[bytes], where: str) -> bool:
    """By the first bytes; where they are no zip's, a name in .nns still asks for one, and says so."""
    start = file.read(64)
    file.seek(0)
    if start.startswith(b"PK"):
        return True
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return where.lower().endswith(ZIP) and not text.startswith(b"{")


def _read_text(file: IO[bytes], where: str) -> Project:
    # One byte more than the limit, so that the limit is noticed and not passed.
    return from_document(strict_json.parse(file.read(strict_json.SIZE + 1), where), where)


def _read_zip(file: IO[bytes], where: str) -> Project:
    container = Container(file, where)
    if "graph.json" not in container.sizes:
        raise ProjectError(f"{where} is a zip, but not a project: there is no graph.json in it.")
    document = container.read("graph.json", limit=strict_json.SIZE)
    project = from_document(strict_json.parse(document, f"graph.json in {where}"), where)
    if "weights.safetensors" in container.sizes:
        split_arrays(project, _read_weights(container, project, where))
    if "history.json" in container.sizes:
        name = f"history.json in {where}"
        data = container.read("history.json", limit=strict_json.SIZE)
        read_history(project, strict_json.parse(data, name), name)
    if "thumbnail.png" in container.sizes:
        project.thumbnail = container.read("thumbnail.png", limit=_THUMBNAIL)
    project.extra_members = {name: container.read(name) for name in container.sizes if name not in _OWN}
    return project


def _read_weights(container: Container, project: Project, where: str) -> dict[str, Array]:
    from nnstudio.project.arrays import header_length, read_header, unpack_arrays

    member = "weights.safetensors"
    name = f"{member} in {where}"
    size = container.sizes[member]
    length = header_length(container.start_of(member, 8), size, name)
    header = container.start_of(member, 8 + length)[8:]
    check_arrays(project.graph, read_header(header, size - 8 - length, name), where)
    return unpack_arrays(container.read(member), name)
