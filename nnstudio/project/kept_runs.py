"""The runs that a project keeps, as they stand in its file.

{"version", "graphs": [graph, …], "runs": [{"id", "name", "pinned", "when", "seconds", "parameters",
"multiply_adds", "outcome", "graph": its number in the list, "data", "training", "changes", "sweep",
"varied", "history": {column: [a number per epoch, null where there is none]}, "run_state"?,
"checkpoints"?: as in kept_checkpoints, or "project" where they are those of the project itself}, …],
"fitted"?: as in kept_fits}

A drawing that several runs share is written once. The arrays of a run are called "<id>/fc1.weight" and
"<id>/optimizer/fc1.weight.velocity", those of its first checkpoint "<id>/checkpoint/0/fc1.weight" and so on;
a run without "run_state" has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from operator import is_
from typing import TYPE_CHECKING, Any

from nnstudio.errors import ProjectError
from nnstudio.graph import Graph, Level
from nnstudio.project.document import setup_from_dict, setup_to_dict
from nnstudio.project.json_values import as_list, as_object, with_numbers, with_words
from nnstudio.project.kept_checkpoints import (
    arrays_of,
    checkpoint_row,
    checkpoints_from,
    checkpoints_now,
    index_of,
    with_arrays,
)
from nnstudio.project.kept_fits import Fits, fits_from_json, state_from_json, state_to_json
from nnstudio.project.migrations import FORMAT, VERSION, migrate
from nnstudio.project.record import Entry, RunRecord, RunState
from nnstudio.project.run_limits import MOST_RUNS
from nnstudio.project.strict_json import printable
from nnstudio.project.weights import OPTIMIZER, check_arrays
from nnstudio.training.identity import FITTED
from nnstudio.wording import short

if TYPE_CHECKING:
    from nnstudio.project.arrays import Entry as ArrayEntry
    from nnstudio.project.project import Array, Project

_SHARED, _CHECKPOINT = "project", "checkpoint/"
_TOP = frozenset({"version", "graphs", "runs", FITTED})
_TEXTS = ("id", "name", "when", "outcome")
_COUNTS = ("parameters", "multiply_adds")
_KNOWN = frozenset(
    {
        *(*_TEXTS, *_COUNTS, "pinned", "seconds", "graph", "data", "training", "changes"),
        *("sweep", "varied", "history", "run_state", "checkpoints"),
    }
)


def to_runs(project: Project, *, states: bool = True) -> dict[str, Any]:
    """The project's runs as JSON values; without `states`, as in a text file that holds no arrays."""
    graphs: list[Level] = []
    numbers: dict[int, int] = {}
    rows: list[dict[str, Any]] = []
    fits: Fits = []
    for run in project.runs:
        level = run.setup.level
        if id(level) not in numbers:
            same = next((index for index, known in enumerate(graphs) if known == level), len(graphs))
            if same == len(graphs):
                graphs.append(level)
            numbers[id(level)] = same
        row = _to_row(run, numbers[id(level)], states, fits)
        if states and run.checkpoints:
            shared = is_shared(project, run)
            row["checkpoints"] = _SHARED if shared else [checkpoint_row(c, fits) for c in run.checkpoints]
        rows.append(row)
    return {
        **project.extra_runs,
        **({FITTED: fits} if fits else {}),
        "version": VERSION,
        "graphs": [Graph(level).to_dict() for level in graphs],
        "runs": rows,
    }


def _to_row(run: RunRecord, graph: int, states: bool, fits: Fits) -> dict[str, Any]:
    row: dict[str, Any] = {**run.extra, **{name: getattr(run, name) for name in (*_TEXTS, *_COUNTS)}}
    row |= setup_to_dict(run.setup) | {"graph": graph}
    row |= {"pinned": run.pinned, "seconds": with_words(run.seconds)}
    row |= {"changes": with_words(run.changes), "history": _columns(run.history)}
    if run.sweep:
        row |= {"sweep": run.sweep, "varied": dict(run.varied)}
    if states and run.state is not None:
        row["run_state"] = state_to_json(run.state.run_state, fits)
    return row


def _columns(history: Sequence[Entry]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for entry in history for name in entry)
    return {name: with_words([entry.get(name) for entry in history]) for name in names}


def run_arrays(project: Project) -> dict[str, Array]:
    """The arrays of all runs under the names they have in the file."""
    found: dict[str, Array] = {}
    for run in project.runs:
        if run.state is not None:
            found |= {f"{run.id}/{name}": array for name, array in run.state.weights.items()}
            state = run.state.optimizer_state
            found |= {f"{run.id}/{OPTIMIZER}{name}": array for name, array in state.items()}
        if not is_shared(project, run):
            for number, each in enumerate(run.checkpoints):
                found |= arrays_of(each, f"{run.id}/{_CHECKPOINT}{number}/")
    return found


def is_shared(project: Project, run: RunRecord) -> bool:
    """Whether its checkpoints are those of the project, so that they need not be written twice."""
    mine, theirs = checkpoints_now(project), run.checkpoints
    return len(mine) == len(theirs) > 0 and all(map(is_, mine, theirs))


def share_checkpoints(project: Project, ids: Collection[str]) -> None:
    """Give the project's checkpoints, now that they are read, to the runs that read_runs() named."""
    project.runs = [
        replace(run, checkpoints=tuple(project.checkpoints)) if run.id in ids else run for run in project.runs
    ]


def read_runs(project: Project, value: Any, where: str) -> set[str]:
    """Put what to_runs wrote into the project; gives the ids of runs that have the project's checkpoints.

    ProjectError, beginning with `where`, for anything else.
    """
    fields = as_object(value, where)
    version = fields.get("version")
    migrate({"format": FORMAT, "version": version}, where)  # says what it is about versions
    graphs = as_list(fields.get("graphs"), f'The list "graphs" of {where}')
    rows = as_list(fields.get("runs"), f'The list "runs" of {where}')
    if len(rows) > MOST_RUNS:
        raise ProjectError(f"{where} holds {len(rows):,} runs, and at most {MOST_RUNS} are read.")
    levels: dict[int, Level] = {}
    fits = fits_from_json(fields, where)
    runs: list[RunRecord] = []
    for number, row in enumerate(rows, 1):
        place = f"{where}, run {number}"
        run = _from_row(as_object(row, place), version, graphs, levels, fits, place)
        if any(run.id == other.id for other in runs):
            raise ProjectError(f"{where} holds two runs with the id {printable(run.id)}.")
        runs.append(run)
    project.runs = runs
    project.extra_runs = {name: value for name, value in fields.items() if name not in _TOP}
    return {run.id for run, row in zip(runs, rows, strict=True) if row.get("checkpoints") == _SHARED}


def _from_row(
    row: dict[str, Any],
    version: Any,
    graphs: list[Any],
    levels: dict[int, Level],
    fits: Fits,
    where: str,
) -> RunRecord:
    number = row.get("graph")
    if type(number) is not int or not 0 <= number < len(graphs):
        raise ProjectError(f"{where}: there is no graph number {short(number)}.")
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": version,
        "graph": {"nodes": [], "edges": []} if number in levels else graphs[number],
        "data": row.get("data"),
        "training": row.get("training"),
    }
    setup = setup_from_dict(migrate(document, where), where)
    level = levels.setdefault(number, setup.level)
    state = None
    if "run_state" in row:
        state = RunState({}, {}, state_from_json(row["run_state"], f"The run state of {where}", fits))
    seconds, pinned = with_numbers(row.get("seconds", 0.0)), row.get("pinned", False)
    if type(pinned) is not bool or type(seconds) not in (int, float):
        raise ProjectError(f'{where}: its "pinned" and "seconds" are not true or false and a number.')
    changes = as_list(row.get("changes", []), f"The changes of {where}")
    left = row.get("checkpoints", [])
    try:
        return RunRecord(
            id=_text(row, "id", where),
            name=_text(row, "name", where),
            when=_text(row, "when", where),
            outcome=_text(row, "outcome", where),
            parameters=_count(row, "parameters", where),
            multiply_adds=_count(row, "multiply_adds", where),
            setup=replace(setup, level=level),
            history=_entries(row.get("history", {}), where),
            changes=tuple(with_numbers(as_object(change, f"A change of {where}")) for change in changes),
            seconds=float(seconds),
            pinned=pinned,
            sweep=_text(row, "sweep", where) if "sweep" in row else "",
            varied=as_object(row.get("varied", {}), f"What {where} varied"),
            state=state,
            checkpoints=checkpoints_from(left, where, fits) if left != _SHARED else (),
            extra={name: value for name, value in row.items() if name not in _KNOWN},
        )
    except ProjectError as error:
        raise error if str(error).startswith(where) else ProjectError(f"{where}: {error}") from None


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise ProjectError(f'{where}: its "{name}" is not text.')
    return value


def _count(row: Mapping[str, Any], name: str, where: str) -> int:
    value = row.get(name, 0)
    if type(value) is not int or value < 0:
        raise ProjectError(f'{where}: its "{name}" is not a whole number from 0 on.')
    return value


def _entries(value: Any, where: str) -> tuple[Entry, ...]:
    fields = as_object(value, f"The history of {where}")
    columns = {
        name: as_list(column, f"The column {printable(name)} of {where}") for name, column in fields.items()
    }
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ProjectError(f"{where}: the columns of its history are not equally long.")
    return tuple(
        {name: with_numbers(column[row]) for name, column in columns.items() if column[row] is not None}
        for row in range(max(lengths, default=0))
    )


def check_run_arrays(project: Project, entries: Sequence[ArrayEntry], where: str) -> None:
    """Raise ProjectError for an array that belongs to no run, or does not fit the drawing of its run."""
    owners = {run.id: run for run in project.runs if run.state is not None}
    found: dict[str, list[ArrayEntry]] = {}
    for entry in entries:
        owner, slash, name = entry.name.partition("/")
        if not slash or owner not in owners:
            raise ProjectError(f"{where}: {printable(entry.name)} belongs to no run of the project.")
        of, name = _of_checkpoint(name)
        if of and index_of(of, len(owners[owner].checkpoints)) is None:
            raise ProjectError(f"{where}: {printable(entry.name)} belongs to no checkpoint of its run.")
        found.setdefault(owner, []).append(replace(entry, name=name))
    graphs: dict[int, Graph] = {}
    for owner, own in found.items():
        run = owners[owner]
        graph = graphs.setdefault(id(run.setup.level), run.setup.graph)
        check_arrays(graph, own, f"{where}, {run.name}")


def take_run_arrays(project: Project, arrays: Mapping[str, Array]) -> None:
    """Put the arrays of a file, which check_run_arrays has let pass, into the runs they belong to."""
    weights: dict[str, dict[str, Array]] = {}
    moments: dict[str, dict[str, Array]] = {}
    left: dict[str, dict[str, Array]] = {}
    for full, array in arrays.items():
        owner, _, name = full.partition("/")
        of, name = _of_checkpoint(name)
        if of:
            left.setdefault(owner, {})[f"{of}/{name}"] = array
        elif name.startswith(OPTIMIZER):
            moments.setdefault(owner, {})[name.removeprefix(OPTIMIZER)] = array
        else:
            weights.setdefault(owner, {})[name] = array
    project.runs = [
        run
        if run.state is None
        else replace(
            run,
            state=_state(run.state, weights, moments, run.id),
            checkpoints=tuple(with_arrays(run.checkpoints, left.get(run.id, {}))),
        )
        for run in project.runs
    ]


def _of_checkpoint(name: str) -> tuple[str, str]:
    """("0", "fc1.weight") of "checkpoint/0/fc1.weight"; ("", name) of anything else."""
    if not name.startswith(_CHECKPOINT):
        return "", name
    number, _, rest = name.removeprefix(_CHECKPOINT).partition("/")
    return number or "?", rest


def _state(
    state: RunState, weights: Mapping[str, dict[str, Array]], moments: Mapping[str, dict[str, Array]], id: str
) -> RunState | None:
    """None where the weights are not there: the rest would continue a run that nobody has."""
    if id not in weights:
        return None
    return RunState(weights[id], moments.get(id, {}), state.run_state)
