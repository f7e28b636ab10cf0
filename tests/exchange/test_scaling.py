"""Who carries a model away knows how its inputs are scaled, and what its answers mean."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnstudio.data import DataSettings
from nnstudio.data.parting import Splits
from nnstudio.errors import DataError
from nnstudio.exchange import export
from nnstudio.graph import SetSetting
from nnstudio.project import Project, train
from nnstudio.project.run import splits_of
from tests.exchange import graphs

IN_TORCH = """
import json, runpy, sys
path, raw, answers = json.loads(sys.stdin.read())
script = runpy.run_path(path)
scaled, told = script["scale"](raw), script["unscale"](script["torch"].tensor(answers, dtype=script["DTYPE"]))
print(json.dumps([str(scaled.dtype), scaled.tolist(), told.tolist()]))
"""


def houses(folder: Path, inputs: int) -> tuple[Project, Splits, np.ndarray]:
    """Prices by so many numbers and a text, in units far from the network's; and the inputs as they came."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(50, 20, (40, inputs))
    skies = np.where(np.arange(40) % 3, "wet", "dry")
    rows = [
        f"{','.join(map(str, row))},{sky},{1000 * row[0] + 2e5}"
        for row, sky in zip(numbers.tolist(), skies, strict=True)
    ]
    names = ",".join(f"c{n}" for n in range(inputs))
    (folder / "houses.csv").write_text("\n".join([f"{names},sky,price", *rows]))
    graph = graphs.xor_net()
    graph.apply(SetSetting(graph.node("x").id, "shape", (inputs + 2,)))
    data = DataSettings(
        "csv:houses.csv", category_columns=("sky",), scaling="standardise", target_scaling="auto"
    )
    project = graphs.project(graph, data=data, dtype="float32")
    project.path = folder / "houses.nns"
    splits = splits_of(project)
    assert splits is not None
    return project, splits, np.column_stack([numbers, skies == "dry", skies == "wet"])


def test_a_script_scales_as_the_studio_bit_for_bit(tmp_path: Path):
    for inputs in (2, 90):  # 90 numbers are not for reading: they lie with the data
        project, splits, raw = houses(tmp_path, inputs)
        (path, *_) = export(project, "numpy", tmp_path / f"net_{inputs}.py")
        script = runpy.run_path(str(path))
        part = splits.train
        scaled = script["scale"](raw[part.indices])
        assert scaled.dtype == np.float32 and np.array_equal(scaled, part.x)
        assert np.array_equal(np.load(tmp_path / f"net_{inputs}_data.npz")["train.x"], scaled)
        assert np.array_equal(script["unscale"](part.y), splits.target_scaling.undo(part.y))
        assert ("INPUT_OFFSET" in script) == (inputs == 2) and "TARGET_OFFSET" in script
        told = " ".join(script["__doc__"].split())
        assert "takes inputs as scale() makes them of the data's own" in told
        assert ("columns c0, c1, sky = dry, sky = wet" in told) == (inputs == 2)
        assert "unscale() gives its answers (price) in the data's own unit" in told


def test_a_script_without_its_data_scales_by_what_the_weights_were_learned_with(tmp_path: Path):
    project, splits, raw = houses(tmp_path, 2)
    train(project, 1)
    (tmp_path / "houses.csv").unlink()
    with pytest.raises(DataError, match=r"houses\.csv is not there: it is the training data"):
        export(project, "numpy", tmp_path / "net.py")
    project.data = None
    (path, *_) = export(project, "numpy", tmp_path / "net.py")
    script = runpy.run_path(str(path))
    assert np.array_equal(script["scale"](raw[splits.test.indices]), splits.test.x)
    assert not [name for name in np.load(tmp_path / "net_data.npz") if name.startswith("train")]
    assert "_data.npz are so already" not in path.read_text()
    project.graph.apply(SetSetting(project.graph.node("x").id, "shape", (3,)))
    (path, *_) = export(project, "numpy", tmp_path / "net.py")
    assert "scale" not in path.read_text(), "the network was changed since"


@pytest.mark.torch
def test_a_pytorch_script_does_the_same(tmp_path: Path):
    project, splits, raw = houses(tmp_path, 2)
    (path, *_) = export(project, "pytorch", tmp_path / "net.py")
    part = splits.train
    given = json.dumps([str(path), raw[part.indices].tolist(), part.y.tolist()])
    done = subprocess.run([sys.executable, "-c", IN_TORCH], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    dtype, scaled, told = json.loads(done.stdout)
    assert dtype == "torch.float32" and np.array_equal(np.array(scaled, np.float32), part.x)
    assert np.array_equal(told, splits.target_scaling.undo(part.y))


def test_what_is_not_scaled_is_not_spoken_of_and_classes_have_their_names(tmp_path: Path):
    (path, *_) = export(graphs.made("xor"), "numpy", tmp_path / "net.py")
    assert "scale" not in path.read_text() and "OFFSET" not in path.read_text()
    iris = graphs.class_net()
    iris.apply(SetSetting(iris.node("x").id, "shape", (4,)))
    iris.apply(SetSetting(iris.node("fc2").id, "out_features", 3))
    project = graphs.project(iris, data=DataSettings("iris", scaling="unit"))
    (path, *_) = export(project, "numpy", tmp_path / "iris.py")
    assert "scores of the classes setosa, versicolor, virginica, in this order" in path.read_text()
    assert "def scale(" in path.read_text() and "unscale" not in path.read_text()
