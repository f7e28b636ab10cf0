"""The scripts look as if written by hand: nothing unused or undefined, laid out as a formatter would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nnstudio.exchange import export
from nnstudio.graph import Graph
from nnstudio.project import Project, load
from tests.exchange import graphs
from tests.exchange.graphs import training_projects

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def ruff(*arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", *arguments[:1], "--isolated", "--no-cache", *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every example, every graph and every way of training, in both formats."""
    folder = tmp_path_factory.mktemp("scripts")
    projects = {"example " + path.name.split(".")[0]: load(path) for path in EXAMPLES.glob("*.nns.json")}
    projects |= training_projects()
    projects["strange names"] = graphs.project(graphs.strange_names(), data=None)
    predicts = Graph()
    predicts.connect(predicts.add("Input"), predicts.add("Linear"))
    projects["predicts"] = Project(predicts)
    return [
        export(project, format, folder / f"{name.replace(' ', '_')}_{format}.py")[0]
        for name, project in projects.items()
        for format in ("numpy", "pytorch")
    ]


def test_a_linter_finds_nothing(scripts: list[Path]):
    assert len(scripts) > 80
    ruff(
        "check",
        "--select",
        "E,F,W,I,B,UP,C4,SIM,PIE",
        "--line-length",
        "110",
        "--ignore",
        "E501,E741",
        *map(str, scripts),
    )


def test_a_formatter_changes_nothing(scripts: list[Path]):
    # Where names are as long as those in groups, lines are broken at operators only, to stay readable.
    plain = [str(path) for path in scripts if path.stem != "groups_numpy"]
    assert len(plain) == len(scripts) - 1
    ruff("format", "--check", "--line-length", "110", *plain)
