from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnstudio.errors import ExchangeError
from nnstudio.exchange import export
from nnstudio.exchange.pytorch_model import RESERVED
from nnstudio.modules.catalogue import definitions
from nnstudio.project import Project, load, train
from nnstudio.training import optimizers
from tests.exchange import graphs
from tests.exchange.graphs import GRAPHS, epochs_of, made, training_projects
from tests.exchange.same_numbers import assert_same
from tests.exchange.scripts import run_scripts

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.torch
def test_training_goes_on_as_in_the_studio(tmp_path: Path):
    projects = {
        name: project
        for name, project in training_projects().items()
        if optimizers.definition(project.training.optimizer).torch is not None
    }
    scripts = []
    for number, project in enumerate(projects.values()):
        (path, *_) = export(project, "pytorch", tmp_path / f"script_{number}.py")
        scripts.append((path, ["train", "--epochs", str(epochs_of(project))], 0))
    for name, found in zip(projects, run_scripts(scripts), strict=True):
        assert found["code"] == 0
        assert_same(projects[name], found, epochs_of(projects[name]), name)


@pytest.mark.torch
def test_the_check_passes_and_notices_a_changed_weight(tmp_path: Path):
    from safetensors.numpy import load_file, save_file

    projects = {
        f"{name} {dtype}": made(name, dtype=dtype) for name in GRAPHS for dtype in ("float32", "float64")
    }
    projects["strange names"] = graphs.project(graphs.strange_names(), data=None)
    paths = [export(each, "pytorch", tmp_path / f"net_{n}.py")[0] for n, each in enumerate(projects.values())]
    for name, found in zip(projects, run_scripts([(path, ["--check"], 0) for path in paths]), strict=True):
        assert found["code"] == 0, (name, found)
    weights = load_file(tmp_path / "net_0.safetensors")
    weights["fc1.weight"] += 0.01
    save_file(weights, tmp_path / "net_0.safetensors")
    (found,) = run_scripts([(paths[0], ["--check"], 0)])
    assert found["code"] == 1 and "fc2 differs from what nnstudio computed" in found["out"]


@pytest.mark.torch
def test_what_was_trained_can_be_used_again_and_other_data_be_given(tmp_path: Path):
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "mine.npz", x=rng.normal(size=(40, 2)), t=rng.normal(size=(40, 1)))
    (path, *_) = export(
        graphs.project(graphs.xor_net(), data=None, dtype="float32"), "pytorch", tmp_path / "net.py"
    )
    mine = ["--data", str(tmp_path / "mine.npz"), "--epochs", "3"]
    trained = str(tmp_path / "net_trained.safetensors")
    first, again = run_scripts(
        [(path, ["train", *mine], 0), (path, ["--weights", trained, "train", *mine, "--lr", "0.01"], 0)]
    )
    assert f"wrote {trained}" in first["out"]
    assert again["losses"][0] < first["losses"][0]


@pytest.mark.torch
@pytest.mark.parametrize("example", ["digits", "sine"])
def test_an_example_runs_in_a_fresh_process(tmp_path: Path, example: str):
    (path, *_) = export(load(EXAMPLES / f"{example}.nns.json"), "pytorch", tmp_path / "net.py")
    done = subprocess.run(
        [sys.executable, "-I", str(path), "--check"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.torch
def test_names_that_every_nn_module_has_are_reserved():
    from torch import nn

    named = {name for name in dir(nn.Module()) if not name.startswith("_")}
    assert named <= RESERVED


def classes_of(project: Project, tmp_path: Path) -> dict[str, str]:
    """Each class of the script with its lines."""
    (path, *_) = export(project, "pytorch", tmp_path / "net.py")
    blocks = path.read_text().split("\n\n\n")
    return {
        block.split("(")[0].removeprefix("class "): block for block in blocks if block.startswith("class ")
    }


def test_a_group_is_a_module_of_its_own(tmp_path: Path):
    classes = classes_of(made("groups"), tmp_path)
    assert list(classes) == ["FirstBlock", "Heads", "Body", "Network"]
    assert "self.first_block = FirstBlock()" in classes["Body"]
    assert "def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:" in classes["FirstBlock"]
    assert "self.body = Body()" in classes["Network"]


def test_the_criterion_takes_its_shortest_form(tmp_path: Path):
    def text(project: Project) -> str:
        return export(project, "pytorch", tmp_path / "net.py")[0].read_text()

    assert 'criterion = nn.CrossEntropyLoss(reduction="mean")' in text(made("classes"))
    assert 'return F.mse_loss(fc2, t, reduction="mean")' in text(made("xor"))
    assert "criterion = Criterion()" in text(made("parts of everything"))
    assert "self.criterion = Criterion()" in text(made("learned loss"))


def test_an_optimizer_that_pytorch_does_not_have_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project = made("xor", optimizer="Nesterov")
    train(project, 1)
    monkeypatch.delattr(optimizers.Nesterov, "torch")  # what Momentum is there is another optimizer
    with pytest.raises(ExchangeError) as caught:
        export(project, "pytorch", tmp_path / "net.py")
    assert str(caught.value) == (
        "The optimizer Nesterov has no counterpart in PyTorch: export the network to numpy, "
        "or choose another optimizer."
    )
    assert list(tmp_path.iterdir()) == []
    assert export(project, "numpy", tmp_path / "net.py")


def test_every_module_has_its_counterpart():
    special = {"Input", "Target", "Constant", "Parameter"}
    assert [
        each.name for each in definitions().values() if each.torch is None and each.name not in special
    ] == []
