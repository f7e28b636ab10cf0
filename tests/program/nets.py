"""Small networks that several tests use."""

from __future__ import annotations

from typing import Any

import numpy as np

import nnstudio as nn
from nnstudio.graph import Graph
from nnstudio.program import Program


def classifier(hidden: int = 5, features: int = 4, classes: int = 3) -> Graph:
    """x -> fc1 -> tanh -> fc2 -> cross-entropy against class numbers t."""
    graph = Graph()
    graph.add("Input", "x", shape=(features,))
    graph.add("Linear", "fc1", out_features=hidden)
    graph.add("Tanh", "act1")
    graph.add("Linear", "fc2", out_features=classes)
    graph.add("Target", "t", shape=())
    graph.add("CrossEntropy", "loss")
    for source, target in (("x", "fc1"), ("fc1", "act1"), ("act1", "fc2"), ("fc2", "loss"), ("t", "loss")):
        graph.connect(source, target)
    return graph


def regression(criterion: str = "MSE", **settings: Any) -> Graph:
    """x -> fc1 -> tanh -> fc2 -> a criterion against t, one number a sample."""
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Linear", "fc1", out_features=3)
    graph.add("Tanh", "act1")
    graph.add("Linear", "fc2", out_features=1)
    graph.add("Target", "t", shape=(1,))
    graph.add(criterion, "loss", **settings)
    for source, target in (("x", "fc1"), ("fc1", "act1"), ("act1", "fc2"), ("fc2", "loss"), ("t", "loss")):
        graph.connect(source, target)
    return graph


def samples(program: Program, seed: int = 0) -> dict[str, np.ndarray]:
    """Random numbers for every Input and Target, class numbers where these are wanted."""
    rng = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    for feed in program.listing.feeds.values():
        shape = (program.batch_size, *map(int, feed.shape[1:]))
        found[feed.node] = rng.integers(0, feed.classes, shape) if feed.classes else rng.normal(size=shape)
    return found


def fed(graph: Graph, batch_size: int = 6, seed: int = 0, **options: Any) -> Program:
    """Compiled and fed."""
    program = nn.compile(graph, batch_size, seed=seed, **options)
    program.feed(**samples(program, seed))
    return program
