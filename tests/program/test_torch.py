"""200 random graphs give PyTorch's numbers: every output and every gradient, in float64 and in float32."""

from __future__ import annotations

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.modules.catalogue import definitions
from nnstudio.program import Program
from tests.program.random_graphs import DEEPEST, RandomGraph, random_graph

pytestmark = pytest.mark.torch

GRAPHS = 200
CHUNK = 10
LIMITS = {"float64": 1e-12, "float32": 1e-5}


@pytest.mark.parametrize("first", range(0, GRAPHS, CHUNK))
def test_random_graphs_equal_pytorch(first: int) -> None:
    for seed in range(first, first + CHUNK):
        drawn = random_graph(seed)
        for dtype in LIMITS:
            compare(drawn, dtype)


def compare(drawn: RandomGraph, dtype: str) -> None:
    from tests.program.torch_graphs import TorchGraph

    theirs = TorchGraph(drawn.graph, drawn.feeds, drawn.parameters)
    program = nn.compile(drawn.graph, drawn.batch_size, dtype, seed=drawn.seed)
    program.load_parameters(drawn.parameters)
    program.feed(**drawn.feeds)
    program.zero_grad()
    program.forward()
    program.backward()
    pairs: dict[str, tuple[np.ndarray, np.ndarray]] = {
        f"{name}.output": (program[f"{name}.output"], output.detach().numpy())
        for name, output in theirs.outputs.items()
    }
    assert theirs.loss.shape == ()
    pairs["loss"] = (np.asarray(program.loss, dtype), theirs.loss.detach().numpy())
    gradients: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for node in drawn.graph.flatten():
        gradient = theirs.gradient(f"{node.name}.output")
        key = f"{node.name}.grad_output"
        if node.definition.role in ("target", "constant"):
            assert key not in program
        elif gradient is None:
            assert key not in program, f"seed {drawn.seed}: {key} is there, but PyTorch sends nothing back"
        else:
            assert key in program, f"seed {drawn.seed}: there is no {key}"
            gradients[key] = (program[key], gradient)
    for key in drawn.parameters:
        node, _, name = key.rpartition(".")
        gradient = theirs.gradient(key)
        expected = np.zeros_like(drawn.parameters[key]) if gradient is None else gradient
        gradients[f"{node}.grad_{name}"] = (program[f"{node}.grad_{name}"], expected)
    for kind in (pairs, gradients):
        largest = max((float(np.abs(their).max(initial=0)) for _, their in kind.values()), default=0.0)
        for key, (our, their) in kind.items():
            assert our.shape == their.shape, key
            if our.dtype.kind == "f":
                assert our.dtype == dtype
            error = distance(our, their, dtype, largest)
            assert error < LIMITS[dtype], f"seed {drawn.seed}, {dtype}: {key} is off by {error:.1e}"
    trained_step_agrees(program, drawn, theirs.parameters)


def distance(our: np.ndarray, their: np.ndarray, dtype: str, largest: float) -> float:
    """float64: of each number, relative above 1. float32: of the array, relative to its largest number.

    A small difference of large numbers has lost digits in any float32 program: an array whose numbers are all
    below a hundredth of the largest in the graph is measured by that.
    """
    if not our.size:
        return 0.0
    difference = np.abs(our.astype(np.float64) - their)
    if dtype == "float64":
        return float((difference / np.maximum(1, np.abs(their))).max())
    return float(difference.max() / max(np.abs(their).max(), 0.01 * largest, 1e-30))


def trained_step_agrees(program: Program, drawn: RandomGraph, theirs: dict) -> None:
    """The full-speed step gives the same gradients as the whole program, hence PyTorch's."""
    whole = {key: np.array(program[_grad(key)]) for key in drawn.parameters}
    program.train_step(lr=0.0)
    for key, gradient in whole.items():
        if theirs[key].grad is not None:
            np.testing.assert_array_equal(program[_grad(key)], gradient, f"seed {drawn.seed}: {key}")


def _grad(key: str) -> str:
    node, _, name = key.rpartition(".")
    return f"{node}.grad_{name}"


def test_the_graphs_hold_every_node_type_and_reach_the_depth() -> None:
    drawn = [random_graph(seed) for seed in range(GRAPHS)]
    seen = set().union(*(each.types for each in drawn))
    assert set(definitions()) <= seen
    assert "Group" in seen
    assert 11 <= max(each.depth for each in drawn) <= DEEPEST
    readers = [len(each.graph.consumers_of(node)) for each in drawn for node in each.graph.nodes]
    assert max(readers) >= 3
    assert any(
        sum(value.definition.role == "criterion" for value in each.graph.flatten()) == 3 for each in drawn
    )
