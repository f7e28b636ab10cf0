"""Networks to begin with: each a whole project, with data and settings under which it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnstudio.data.settings import DataSettings
from nnstudio.graph import Graph, Node
from nnstudio.project import Project
from nnstudio.training.settings import TrainingSettings

_COLUMN, _ROW = 208.0, 168.0


@dataclass(frozen=True)
class Template:
    """`make` gives a new, untitled project each time."""

    id: str
    title: str
    summary: str
    make: Callable[[], Project]


class _Sketch:
    """A graph on a grid of columns and rows; what is added is connected to what it comes after."""

    def __init__(self) -> None:
        self.graph = Graph()

    def add(self, type_: str, name: str, column: float, row: float, *after: Node, **settings: Any) -> Node:
        node = self.graph.add(type_, name, position=(column * _COLUMN, row * _ROW), **settings)
        for source in after:
            self.graph.connect(source, node)
        return node


def multilayer_perceptron() -> Project:
    """64-64-32-10 with ReLU, for hand-written digits."""
    sketch = _Sketch()
    x = sketch.add("Input", "x", 0, 0, shape=(64,))
    fc1 = sketch.add("Linear", "fc1", 1, 0, x, out_features=64)
    act1 = sketch.add("ReLU", "act1", 2, 0, fc1)
    fc2 = sketch.add("Linear", "fc2", 3, 0, act1, out_features=32)
    act2 = sketch.add("ReLU", "act2", 4, 0, fc2)
    fc3 = sketch.add("Linear", "fc3", 5, 0, act2, out_features=10)
    t = sketch.add("Target", "t", 5, 1, shape=())
    sketch.add("CrossEntropy", "loss", 6, 0, fc3, t)
    return Project(
        sketch.graph,
        data=DataSettings("digits", scaling="unit"),
        training=TrainingSettings(epochs=20, lr=0.005, optimizer="Adam"),
    )


def autoencoder() -> Project:
    """64-32-8-32-64: the picture again, through a bottleneck of eight numbers."""
    sketch = _Sketch()
    x = sketch.add("Input", "x", 0, 0, shape=(64,))
    enc1 = sketch.add("Linear", "enc1", 1, 0, x, out_features=32)
    act1 = sketch.add("ReLU", "act1", 2, 0, enc1)
    code = sketch.add("Linear", "code", 3, 0, act1, out_features=8)
    dec1 = sketch.add("Linear", "dec1", 4, 0, code, out_features=32)
    act2 = sketch.add("ReLU", "act2", 5, 0, dec1)
    dec2 = sketch.add("Linear", "dec2", 6, 0, act2, out_features=64)
    t = sketch.add("Target", "t", 6, 1, shape=(64,))
    sketch.add("MSE", "loss", 7, 0, dec2, t)
    return Project(
        sketch.graph,
        data=DataSettings("digits", scaling="unit", targets="inputs"),
        training=TrainingSettings(epochs=30, lr=0.005, optimizer="Adam"),
    )


def logistic_unit() -> Project:
    """One unit with a sigmoid: two clouds of points told apart by a line."""
    sketch = _Sketch()
    x = sketch.add("Input", "x", 0, 0, shape=(2,))
    z = sketch.add("Linear", "z", 1, 0, x, out_features=1)
    a = sketch.add("Sigmoid", "a", 2, 0, z)
    y = sketch.add("Target", "y", 2, 1, shape=(1,))
    sketch.add("BCE", "loss", 3, 0, a, y)
    return Project(
        sketch.graph,
        data=DataSettings("gaussians", targets="numbers", options={"classes": 2}),
        training=TrainingSettings(epochs=30, batch_size=16, lr=0.5),
    )


def residual_block() -> Project:
    """y = x + f(x): a block whose input goes round it, on two spirals."""
    sketch = _Sketch()
    x = sketch.add("Input", "x", 0, 0, shape=(2,))
    lift = sketch.add("Linear", "lift", 1, 0, x, out_features=32)
    act1 = sketch.add("Tanh", "act1", 2, 0, lift)
    fc1 = sketch.add("Linear", "fc1", 3, 1, act1, out_features=32)
    act2 = sketch.add("Tanh", "act2", 4, 1, fc1)
    fc2 = sketch.add("Linear", "fc2", 5, 1, act2, out_features=32)
    total = sketch.add("CAddTable", "sum", 6, 0, act1, fc2)
    head = sketch.add("Linear", "head", 7, 0, total, out_features=2)
    t = sketch.add("Target", "t", 7, 1, shape=())
    sketch.add("CrossEntropy", "loss", 8, 0, head, t)
    return Project(
        sketch.graph,
        data=DataSettings("spirals", scaling="standardise"),
        training=TrainingSettings(epochs=150, lr=0.02, optimizer="Adam"),
    )


def two_branches() -> Project:
    """Two branches with activations of their own, joined feature by feature, on two moons."""
    sketch = _Sketch()
    x = sketch.add("Input", "x", 0, 0.5, shape=(2,))
    fc_a = sketch.add("Linear", "fc_a", 1, 0, x, out_features=16)
    act_a = sketch.add("Tanh", "act_a", 2, 0, fc_a)
    fc_b = sketch.add("Linear", "fc_b", 1, 1, x, out_features=16)
    act_b = sketch.add("ReLU", "act_b", 2, 1, fc_b)
    join = sketch.add("Concat", "join", 3, 0.5, act_a, act_b)
    head = sketch.add("Linear", "head", 4, 0.5, join, out_features=2)
    t = sketch.add("Target", "t", 4, 1.5, shape=())
    sketch.add("CrossEntropy", "loss", 5, 0.5, head, t)
    return Project(
        sketch.graph,
        data=DataSettings("moons", scaling="standardise"),
        training=TrainingSettings(epochs=40, lr=0.01, optimizer="Adam"),
    )


TEMPLATES = (
    Template("mlp", "Multilayer perceptron", "Layers in a row, for digits", multilayer_perceptron),
    Template("autoencoder", "Autoencoder", "Through a bottleneck", autoencoder),
    Template("logistic_unit", "Logistic unit", "One sigmoid, two clouds", logistic_unit),
    Template("residual", "Residual block", "A way round two layers", residual_block),
    Template("two_branch", "Two branches", "Side by side, then joined", two_branches),
)


def template(name: str) -> Template:
    """The template of that id; KeyError where there is none."""
    return {each.id: each for each in TEMPLATES}[name]
