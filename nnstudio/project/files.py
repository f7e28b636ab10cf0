"""load and save: *.nns, a zip with everything, and *.nns.json, the same without weights, as plain text."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from nnstudio.errors import ProjectError
from nnstudio.project import strict_json
from nnstudio.project.atomic import write_atomically
from nnstudio.project.container import Container, pack
from nnstudio.project.document import FIRST, RUNS, from_document, read_history, to_document, to_history
from nnstudio.project.kept_checkpoints import (
    check_checkpoint_arrays,
    checkpoint_arrays,
    read_checkpoints,
    take_checkpoint_arrays,
    to_checkpoints,
)
from nnstudio.project.kept_runs import (
    check_run_arrays,
    read_runs,
    run_arrays,
    share_checkpoints,
    take_run_arrays,
    to_runs,
)
from nnstudio.project.project import Array, Project
from nnstudio.project.weights import check_arrays, join_arrays, split_arrays

MIMETYPE = b"application/vnd.nnstudio.project+zip"
TEXT = ".nns.json"
ZIP = ".nns"
_PNG = b"\x89PNG\r\n\x1a\n"
_THUMBNAIL = 16 * 2**20
_WEIGHTS, _RUNS, _RUN_WEIGHTS = "weights.safetensors", "runs.json", "runs.safetensors"
_CHECKPOINTS, _CHECKPOINT_WEIGHTS = "checkpoints.json", "checkpoints.safetensors"
_ARRAYS = frozenset({_WEIGHTS, _RUN_WEIGHTS, _CHECKPOINT_WEIGHTS})
_OWN = _ARRAYS | {"mimetype", "graph.json", "history.json", _RUNS, _CHECKPOINTS, "thumbnail.png"}
# Weights do not shrink, and a stored member can be looked into without unpacking it.
_STORED = _ARRAYS | {"mimetype", "thumbnail.png"}

if TYPE_CHECKING:
    from nnstudio.project.arrays import Entry

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
    document = to_document(project)
    if lower.endswith(TEXT):
        runs = {RUNS: to_runs(project, states=False)} if _has_runs(project) else {}
        return strict_json.write({**document, **runs}, where, first=FIRST)
    if not lower.endswith(ZIP):
        raise ProjectError(f"{where} must end in {ZIP} (everything) or {TEXT} (text, without weights).")
    members = {"mimetype": MIMETYPE, "graph.json": strict_json.write(document, where, first=FIRST)}
    _add_arrays(members, _WEIGHTS, join_arrays(project), where)
    if project.history or project.run_state or project.extra_history:
        members["history.json"] = strict_json.write(to_history(project), f"the history of {where}")
    if _has_runs(project):
        members[_RUNS] = strict_json.write(to_runs(project), f"the runs of {where}")
        _add_arrays(members, _RUN_WEIGHTS, run_arrays(project), where)
    if project.checkpoints or project.extra_checkpoints:
        members[_CHECKPOINTS] = strict_json.write(to_checkpoints(project), f"the checkpoints of {where}")
        _add_arrays(members, _CHECKPOINT_WEIGHTS, checkpoint_arrays(project), where)
    if project.thumbnail is not None:
        members["thumbnail.png"] = project.thumbnail
    others = {**project.extra_members, **(more or {})}
    return pack({**members, **{name: others[name] for name in sorted(others)}}, stored=_STORED)


def _has_runs(project: Project) -> bool:
    return bool(project.runs or project.extra_runs)


def _add_arrays(members: dict[str, bytes], member: str, arrays: Mapping[str, Array], where: str) -> None:
    if arrays:
        from nnstudio.project.arrays import pack_arrays

        members[member] = pack_arrays(arrays, where)


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
    project = _read_document(strict_json.parse(file.read(strict_json.SIZE + 1), where), where)
    take_run_arrays(project, {})
    return project


def _read_document(value: Any, where: str) -> Project:
    project = from_document(value, where)
    if RUNS in value:
        read_runs(project, value[RUNS], f"the runs of {where}")
    return project


def _read_zip(file: IO[bytes], where: str) -> Project:
    container = Container(file, where)
    if "graph.json" not in container.sizes:
        raise ProjectError(f"{where} is a zip, but not a project: there is no graph.json in it.")
    shared: set[str] = set()
    project = _read_document(_json(container, "graph.json", where), where)
    if _WEIGHTS in container.sizes:
        check = partial(check_arrays, project.graph)
        split_arrays(project, _read_arrays(container, _WEIGHTS, check, where))
    if "history.json" in container.sizes:
        read_history(project, _json(container, "history.json", where), f"history.json in {where}")
    if _RUNS in container.sizes:
        shared = read_runs(project, _json(container, _RUNS, where), f"{_RUNS} in {where}")
    arrays: dict[str, Array] = {}
    if _RUN_WEIGHTS in container.sizes:
        arrays = _read_arrays(container, _RUN_WEIGHTS, partial(check_run_arrays, project), where)
    take_run_arrays(project, arrays)
    if _CHECKPOINTS in container.sizes:
        read_checkpoints(project, _json(container, _CHECKPOINTS, where), f"{_CHECKPOINTS} in {where}")
    arrays = {}
    if _CHECKPOINT_WEIGHTS in container.sizes:
        check = partial(check_checkpoint_arrays, project)
        arrays = _read_arrays(container, _CHECKPOINT_WEIGHTS, check, where)
    take_checkpoint_arrays(project, arrays)
    share_checkpoints(project, shared)
    if "thumbnail.png" in container.sizes:
        project.thumbnail = container.read("thumbnail.png", limit=_THUMBNAIL)
    project.extra_members = {name: container.read(name) for name in container.sizes if name not in _OWN}
    return project


def _json(container: Container, member: str, where: str) -> Any:
    return strict_json.parse(container.read(member, limit=strict_json.SIZE), f"{member} in {where}")


def _read_arrays(
    container: Container, member: str, check: Callable[[list[Entry], str], None], where: str
) -> dict[str, Array]:
    """The arrays of a member; `check` sees its header before anything is unpacked."""
    from nnstudio.project.arrays import header_length, read_header, unpack_arrays

    name = f"{member} in {where}"
    size = container.sizes[member]
    length = header_length(container.start_of(member, 8), size, name)
    header = container.start_of(member, 8 + length)[8:]
    check(read_header(header, size - 8 - length, name), name)
    return unpack_arrays(container.read(member), name)
