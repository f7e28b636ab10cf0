"""Programs that the tests of explanations share."""

from __future__ import annotations

import numpy as np

import nnstudio as nn
from nnstudio.graph import Graph
from nnstudio.modules.shapes import has_batch, per_sample
from nnstudio.program import Program
from tests.modules.cases import Case


def passed(program: Program) -> Program:
    """zero_grad, forward, backward."""
    program.zero_grad()
    program.forward()
    program.backward()
    return program


def program_of(case: Case, dtype: str = "float64") -> Program:
    """One node of the catalogue with its case's arrays, an Objective behind it, after a whole pass.

    What has a batch axis is fed; anything else is a learned Parameter.
    """
    graph = Graph()
    node = graph.add(case.definition.name, "node", **case.settings)
    feeds: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    for port, array in case.inputs.items():
        shape = case.shapes[port]
        learned = not has_batch(shape)
        kind = "Parameter" if learned else "Target" if port == "target" else "Input"
        source = graph.add(kind, f"{port}_in", shape=per_sample(shape))
        graph.connect(source, node, port)
        if learned:
            values[f"{port}_in.value"] = array
        else:
            feeds[f"{port}_in"] = array
    if case.definition.role in ("input", "target"):
        rng = np.random.default_rng(3)
        feeds["node"] = rng.normal(size=(case.samples, *per_sample(case.output_shape)))
    if case.definition.role not in ("criterion", "target", "constant"):
        squared = graph.add("Square", "squared")
        graph.connect(node, squared)
        graph.connect(squared, graph.add("Objective", "total", reduction="sum"))
    elif case.definition.role != "criterion":
        graph.connect(node, graph.add("Square", "squared"))
    program = nn.compile(graph, case.samples, dtype, seed=3)
    for key, array in values.items():
        program[key] = array
    program.feed(**feeds)
    program.zero_grad()
    program.forward()
    if "L" in program or program.listing.loss is not None:
        program.backward()
    return program


def chain_rule() -> Program:
    """Lesson 1: L = 3(a + b·c) at a = 5, b = 3, c = 2, after forward and backward."""
    graph = Graph()
    for name in "abc":
        graph.add("Input", name, shape=())
    graph.add("CMulTable", "u")
    graph.add("CAddTable", "v")
    graph.add("MulConstant", "w", constant=3.0)
    graph.add("Objective", "L", reduction="sum")
    for source, target in (("b", "u"), ("c", "u"), ("a", "v"), ("u", "v"), ("v", "w"), ("w", "L")):
        graph.connect(source, target)
    program = nn.compile(graph, 1, "float64")
    program.feed(a=[5.0], b=[3.0], c=[2.0])
    return passed(program)


def logistic(criterion: str = "BCE", samples: int = 1, **settings: object) -> Program:
    """Lesson 3: z = w·x + b, a = σ(z), a criterion against y."""
    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Linear", "z", out_features=1)
    graph.add("Sigmoid", "a")
    graph.add("Target", "y", shape=(1,))
    graph.add(criterion, "L", **settings)
    for source, target in (("x", "z"), ("z", "a"), ("a", "L"), ("y", "L")):
        graph.connect(source, target)
    program = nn.compile(graph, samples, "float64", seed=1)
    rng = np.random.default_rng(2)
    program.feed(x=rng.normal(size=(samples, 2)), y=rng.integers(0, 2, (samples, 1)))
    return passed(program)
