from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnstudio.data.settings import DataSettings
from nnstudio.graph import Graph
from nnstudio.project import Project
from nnstudio.training.settings import TrainingSettings


def two_layers() -> Graph:
    graph = Graph()
    x = graph.add("Input", name="x", shape=(2,))
    fc1 = graph.add("Linear", name="fc1", out_features=8)
    act1 = graph.add("Tanh", name="act1")
    fc2 = graph.add("Linear", name="fc2", out_features=1)
    t = graph.add("Target", name="t", shape=(1,))
    loss = graph.add("MSE", name="loss")
    graph.connect(x, fc1)
    graph.connect(fc1, act1)
    graph.connect(act1, fc2)
    graph.connect(fc2, loss, "input")
    graph.connect(t, loss, "target")
    return graph


def trained() -> Project:
    """A project as a run of two epochs leaves it."""
    rng = np.random.default_rng(0)
    project = Project(
        two_layers(),
        data=DataSettings(source="xor", options={"samples": 40}),
        training=TrainingSettings(epochs=2, optimizer="Momentum", dtype="float64"),
    )
    shapes = {"fc1.weight": (8, 2), "fc1.bias": (8,), "fc2.weight": (1, 8), "fc2.bias": (1,)}
    project.weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    project.optimizer_state = {f"{name}.velocity": rng.normal(size=shape) for name, shape in shapes.items()}
    project.history = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": float("inf")}]
    project.run_state = {"epoch": 2, "step": 20, "best": float("nan"), "rng": np.random.PCG64(3).state}
    project.thumbnail = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    return project


@pytest.fixture
def project() -> Project:
    return trained()


@pytest.fixture
def saved(tmp_path: Path, project: Project) -> Path:
    from nnstudio.project import save

    path = tmp_path / "saved.nns"
    save(project, path)
    return path


@pytest.fixture
def make() -> Callable[[], Project]:
    return trained
