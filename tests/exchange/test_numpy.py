from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnstudio.exchange import export
from nnstudio.exchange.content import content_of
from nnstudio.project import Project, save
from tests.exchange import graphs
from tests.exchange.graphs import GRAPHS, epochs_of, made, training_projects
from tests.exchange.same_numbers import assert_same
from tests.exchange.scripts import run_scripts


def test_training_goes_on_as_in_the_studio(tmp_path: Path):
    projects = training_projects()
    scripts = []
    for number, project in enumerate(projects.values()):
        (path, *_) = export(project, "numpy", tmp_path / f"script_{number}.py")
        scripts.append((path, ["train", "--epochs", str(epochs_of(project))], 0))
    for name, found in zip(projects, run_scripts(scripts), strict=True):
        assert found["code"] == 0
        assert_same(projects[name], found, epochs_of(projects[name]), name)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_check_passes_and_notices_a_changed_weight(tmp_path: Path, dtype: str):
    paths = [
        export(made(name, dtype=dtype), "numpy", tmp_path / f"{n}.py")[0] for n, name in enumerate(GRAPHS)
    ]
    for found in run_scripts([(path, ["--check"], 0) for path in paths]):
        assert found["code"] == 0 and "equal to what nnstudio computed" in found["out"]
    weights = dict(np.load(tmp_path / "0.npz"))
    weights["weights.fc1_weight"] += 0.01
    np.savez(tmp_path / "0.npz", **weights)
    (found,) = run_scripts([(paths[0], ["--check"], 0)])
    assert found["code"] == 1 and "fc2 differs from what nnstudio computed" in found["out"]


def test_a_fresh_process_needs_nothing_but_numpy(tmp_path: Path):
    (path, *_) = export(made("xor"), "numpy", tmp_path / "net.py")
    done = subprocess.run(
        [sys.executable, "-I", str(path), "--check"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    imports = [line for line in path.read_text().splitlines() if line.startswith(("import", "from"))]
    assert imports == [
        "from __future__ import annotations",
        "import argparse",
        "from pathlib import Path",
        "import numpy as np",
    ]


def test_what_was_trained_can_be_used_again(tmp_path: Path):
    (path, *_) = export(made("xor", optimizer="Adam"), "numpy", tmp_path / "net.py")
    trained = str(tmp_path / "net_trained.npz")
    first, _, again = run_scripts(
        [
            (path, ["train", "--epochs", "6"], 0),
            (path, ["train", "--epochs", "3"], 0),
            (path, ["--weights", trained, "train", "--epochs", "3", "--lr", "0.05"], 0),
        ]
    )
    assert f"wrote {trained}" in first["out"]
    # The order of samples begins anew, so the losses are near and not equal.
    assert again["losses"][0] < first["losses"][0]


def test_other_data_can_be_given(tmp_path: Path):
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "mine.npz", x=rng.normal(size=(40, 2)), t=rng.normal(size=(40, 1)))
    (path, *_) = export(graphs.project(graphs.xor_net(), data=None), "numpy", tmp_path / "net.py")
    (found,) = run_scripts([(path, ["train", "--epochs", "2", "--data", str(tmp_path / "mine.npz")], 0)])
    assert found["code"] == 0 and len(found["losses"]) == 10
    done = subprocess.run([sys.executable, "-I", str(path), "train"], capture_output=True, text=True)
    assert done.returncode == 2 and "no data came with this script" in done.stderr


def test_the_statements_are_the_programs_own(tmp_path: Path):
    """What the Program pane shows is what stands in the script, line for line."""
    for name in ("xor", "classes", "two losses"):
        project = made(name)
        (path, *_) = export(project, "numpy", tmp_path / "net.py")
        lines = {line.strip() for line in path.read_text().splitlines()}
        content = content_of(project)
        written = [s for s in content.listing.statements if s.phase in ("forward", "zero_grad")]
        assert written and all(statement.text in lines for statement in written)
        backward = [s for s in content.listing.statements if s.phase == "backward" and s.target != "grad_x"]
        assert all(statement.text in lines for statement in backward)


def test_a_name_cannot_become_code(tmp_path: Path):
    project = graphs.project(graphs.strange_names(), data=None)
    save(project, tmp_path / "quoted \"''' name\\.nns")
    path = tmp_path / 'odd """ script\\.py'
    export(project, "numpy", path)
    (found,) = run_scripts([(path, ["--check"], 0)])
    assert found["code"] == 0


def test_a_network_without_a_loss_predicts(tmp_path: Path):
    graph = graphs.Graph()
    x = graph.add("Input", name="x", shape=(3,))
    graph.connect(x, graph.add("Linear", name="fc1", out_features=2))
    (path, *_) = export(Project(graph), "numpy", tmp_path / "net.py")
    (found,) = run_scripts([(path, ["--check"], 0)])
    assert found["code"] == 0
    assert not re.search(r"def (train|backward|update)|EPOCHS|--epochs", path.read_text())
