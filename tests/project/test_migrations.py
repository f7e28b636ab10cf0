import copy
import json
from pathlib import Path

import pytest

from nnstudio.errors import ProjectError
from nnstudio.project import load
from nnstudio.project.files import to_bytes
from nnstudio.project.migrations import FORMAT, MIGRATIONS, VERSION, migrate

GOLDEN = Path(__file__).parent / "golden"


def golden(version: int) -> Path:
    return GOLDEN / f"{version}.nns.json"


def test_every_version_has_a_migration_and_a_golden_file():
    assert len(MIGRATIONS) == VERSION
    assert sorted(path.name for path in GOLDEN.iterdir()) == [f"{n}.nns.json" for n in range(VERSION + 1)]


@pytest.mark.parametrize("version", range(VERSION))
def test_a_migration_makes_the_next_golden_file_and_leaves_what_it_was_given(version: int):
    document = json.loads(golden(version).read_text())
    before = copy.deepcopy(document)
    after = MIGRATIONS[version](document)
    assert document == before
    assert after | {"version": version + 1} == json.loads(golden(version + 1).read_text())


@pytest.mark.parametrize("version", range(VERSION + 1))
def test_every_golden_file_is_the_same_project_today(version: int):
    assert to_bytes(load(golden(version)), "p.nns.json") == to_bytes(load(golden(VERSION)), "p.nns.json")


def test_the_golden_file_of_today_can_run():
    project = load(golden(VERSION))
    assert [problem.severity for problem in project.graph.problems()] == ["warning"]  # of the unknown colour
    assert project.extra == {"author": "kept as it is"}
    assert project.data is not None and project.data.source == "xor"
    assert (project.training.optimizer, project.training.lr) == ("Momentum", 0.5)


def test_a_newer_version_is_refused_by_both_numbers():
    with pytest.raises(ProjectError) as caught:
        migrate({"format": FORMAT, "version": 7}, "p.nns")
    reads = f"this nnstudio reads up to version {VERSION}"
    assert str(caught.value) == f"p.nns has format version 7, and {reads}: open it with a newer nnstudio."
