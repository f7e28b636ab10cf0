"""Every node type leaves in both formats: its outputs and two training steps give the studio's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from nnstudio.exchange.content import content_of
from nnstudio.exchange.formats import SCRIPTS
from nnstudio.graph import Graph
from nnstudio.modules.shapes import N
from nnstudio.project import Project
from nnstudio.training.settings import TrainingSettings
from tests.exchange.scripts import run_scripts
from tests.modules.cases import Case, all_cases

LR = 1e-4  # so that a probability stays one


@dataclass(frozen=True)
class Exported:
    """A case in a graph that learns: the script, and the losses of two steps on the batch of the check."""

    name: str
    path: Path
    losses: list[float]


def graph_of(case: Case) -> Graph:
    """Inputs with a learned bias before the ports, and behind the module its mean as the loss.

    What has no batch axis is a learned array.  Class numbers and other targets come from a Target.
    """
    graph = Graph()
    role = case.definition.role
    settings = dict(case.settings)
    node = graph.add(case.definition.name, name="module", **settings)
    for port, shape in case.shapes.items():
        if port == "target":
            graph.connect(graph.add("Target", name="t", shape=shape[1:]), node, port)
        elif N in shape:
            bias = graph.add("Add", name=f"bias_{port}")
            graph.connect(graph.add("Input", name=f"x_{port}", shape=shape[1:]), bias)
            graph.connect(bias, node, port)
        else:
            values = tuple(float(v) for v in np.linspace(0.2, 0.8, max(1, int(np.prod(shape)))))
            graph.connect(graph.add("Parameter", name=f"p_{port}", shape=shape, value=values), node, port)
    if role == "target":
        bias = graph.add("Parameter", name="p", shape=case.complete["shape"])
        loss = graph.add("MSE", name="loss")
        total = graph.add("CAddTable", name="total")
        scaled = graph.add("MulConstant", name="scaled", constant=0.5)
        graph.connect(node, scaled)
        graph.connect(scaled, total, "a")
        graph.connect(bias, total, "b")
        graph.connect(total, loss, "input")
        graph.connect(node, loss, "target")
    elif role != "criterion":
        last = node
        if role in ("input", "constant"):
            last = graph.add("CMulTable", name="learned")
            shape = case.output_shape[1:] if role == "input" else case.output_shape
            graph.connect(node, last, "a")
            graph.connect(graph.add("Parameter", name="p", shape=shape, value=(0.3,)), last, "b")
        square = graph.add("Square", name="square")
        graph.connect(last, square)
        graph.connect(square, graph.add("Objective", name="objective"))
    return graph


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return all_cases()


def exported(case: Case, format: str, path: Path) -> Exported:
    graph = graph_of(case)
    problems = [problem.sentence for problem in graph.problems() if problem.severity == "error"]
    assert problems == [], case.name
    project = Project(graph, training=TrainingSettings(dtype="float64", lr=LR, seed=1))
    # Near zero, so that logarithms and roots stay where they are defined.
    project.weights = {
        f"bias_{port}.bias": np.full(case.concrete(shape)[1:], 0.01)
        for port, shape in case.shapes.items()
        if N in shape
    }
    content = content_of(project)
    for end, data in SCRIPTS[format].write(content, path.stem).items():
        path.with_name(path.stem + end).write_bytes(data)
    program = content.program
    losses: list[float] = []
    for _ in range(2):
        program.feed(**content.feeds)
        program.train_step(LR)
        losses.append(program.loss)
    return Exported(case.name, path, losses)


def assert_equal(cases: list[Case], format: str, folder: Path) -> None:
    made = [exported(case, format, folder / f"case_{number}.py") for number, case in enumerate(cases)]
    assert len(made) > 200
    checks = run_scripts([(each.path, ["--check"], 0) for each in made])
    assert [
        (each.name, found["out"]) for each, found in zip(made, checks, strict=True) if found["code"]
    ] == []
    trained = train_on_the_checked_batch([each.path for each in made])
    for each, losses in zip(made, trained, strict=True):
        np.testing.assert_allclose(losses, each.losses, rtol=1e-6, atol=1e-6, err_msg=each.name)
    # All but those whose slope is zero here, such as a softmax over one class.
    assert sum(losses[0] != losses[1] for losses in trained) > 0.95 * len(trained)


def train_on_the_checked_batch(paths: list[Path]) -> list[list[float]]:
    """The losses of two steps, taken on the samples of the check."""
    for path in paths:
        data = dict(np.load(path.with_name(f"{path.stem}_data.npz")))
        batch = {key.removeprefix("check."): array for key, array in data.items() if key.startswith("check.")}
        if batch:
            np.savez(path.with_suffix(".batch.npz"), **batch)
    given = []
    for path in paths:
        batch = path.with_suffix(".batch.npz")
        arguments = ["train", "--epochs", "1", "--lr", repr(LR)]
        given.append((path, [*arguments, "--data", str(batch)] if batch.exists() else arguments, 1))
    return [found["losses"][:2] for found in run_scripts(given)]


def test_every_module_in_numpy(tmp_path: Path, cases: list[Case]):
    assert_equal(cases, "numpy", tmp_path)


@pytest.mark.torch
def test_every_module_in_pytorch(tmp_path: Path, cases: list[Case]):
    assert_equal(cases, "pytorch", tmp_path)
