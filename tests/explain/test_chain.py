"""The paths from the loss: they are all there, each is a product of its factors, and they add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnstudio as nn
from nnstudio.errors import ExplainError, ProgramError
from nnstudio.explain.chain import MOST_PATHS, Paths, count_paths, paths
from nnstudio.graph import Graph
from nnstudio.program import Program
from tests.program.nets import classifier, fed
from tests.program.random_graphs import random_graph

ROUNDING = {"float64": 1e-11, "float32": 3e-5}


def passed(program: Program) -> Program:
    program.zero_grad()
    program.forward()
    program.backward()
    return program


def drawn_program(seed: int, dtype: str) -> Program:
    drawn = random_graph(seed)
    program = nn.compile(drawn.graph, drawn.batch_size, dtype)
    program.load_parameters(drawn.parameters)
    program.feed(**drawn.feeds)
    return passed(program)


def gradients(program: Program) -> list[str]:
    return [
        key
        for key in program
        if key.rpartition(".")[2].startswith("grad_")
        and program.is_current(key)
        and (key in trained(program) or "grad_output" in key)
    ]


def trained(program: Program) -> set[str]:
    found = {item.key.rpartition(".") for item in program.listing.parameters if item.trained}
    return {f"{node}.grad_{name}" for node, _, name in found}


def add_up(found: Paths, array: np.ndarray, dtype: str) -> None:
    total = math.fsum(path.contribution for path in found) + found.rest
    near = ROUNDING[dtype] * max(1e-3, float(np.abs(array).max()), *(abs(p.contribution) for p in found))
    assert abs(total - float(array[found.element])) <= near, (found.key, found.element)
    assert found.agrees and found.carried == 0.0
    for path in found:
        product = math.prod(link.factor for link in path.links)
        assert product == pytest.approx(path.contribution, rel=100 * ROUNDING[dtype], abs=near)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["float64", "float32"]))
def test_of_random_graphs_the_paths_to_every_element_add_up_to_the_stored_gradient(seed, dtype):
    program = drawn_program(seed, dtype)
    for key in gradients(program):
        array = program[key]
        for element in np.ndindex(array.shape):
            add_up(paths(program, key, element), array, dtype)


def test_what_leads_to_a_value_read_twice_is_listed_path_by_path():
    graph = Graph()
    graph.add("Input", "x", shape=())
    graph.add("Square", "s")
    graph.add("MulConstant", "m", constant=5.0)
    graph.add("CMulTable", "p")
    graph.add("Objective", "L", reduction="sum")
    for source, target in (("x", "s"), ("x", "m"), ("s", "p"), ("m", "p"), ("p", "L")):
        graph.connect(source, target)
    program = nn.compile(graph, 1, "float64")
    program.feed(x=[3.0])
    found = paths(passed(program), "x.grad_output")
    assert [(path.nodes, path.contribution) for path in found] == [
        (("L", "p", "s", "x"), 90.0),  # 5x · 2x
        (("L", "p", "m", "x"), 45.0),  # x² · 5
    ]
    assert [link.factor for link in found[0].links] == [1.0, 1.0, 15.0, 6.0]
    assert (found.count, found.total, found.stored) == (2, 135.0, 135.0)


def ladder(rungs: int) -> Program:
    """x, and so often y = y + 0.1·y: two ways at every rung."""
    graph = Graph()
    last = graph.add("Input", "x", shape=()).name
    for rung in range(rungs):
        scaled = graph.add("MulConstant", f"m{rung}", constant=-0.1 if rung % 2 else 0.1).name
        joined = graph.add("CAddTable", f"s{rung}").name
        graph.connect(last, scaled)
        graph.connect(last, joined)
        graph.connect(scaled, joined)
        last = joined
    graph.connect(last, graph.add("Objective", "L"))
    program = nn.compile(graph, 1, "float64")
    program.feed(x=[1.0])
    return passed(program)


def test_a_million_paths_are_counted_and_the_largest_listed():
    program = ladder(20)
    found = paths(program, "x.grad_output")
    assert found.count == count_paths(program, "x.grad_output") == 2**20
    assert len(found) == MOST_PATHS
    assert found.more == 2**20 - MOST_PATHS
    sizes = [abs(path.contribution) for path in found]
    assert sizes == sorted(sizes, reverse=True)
    # One path goes straight through; twenty take one detour, at a tenth; the next take two.
    assert sizes[0] == 1.0
    np.testing.assert_allclose(sizes[1:21], 0.1)
    np.testing.assert_allclose(sizes[21:], 0.01)
    assert found.total == pytest.approx((1.1 * 0.9) ** 10)
    assert found.rest == pytest.approx(found.total - math.fsum(path.contribution for path in found))


def test_a_chain_of_single_numbers_has_a_factor_for_every_edge():
    graph = Graph()
    graph.add("Input", "x", shape=(1,))
    graph.add("Linear", "fc", out_features=1)
    graph.add("Sigmoid", "a")
    graph.add("Target", "t", shape=(1,))
    graph.add("MSE", "L")
    for source, target in (("x", "fc"), ("fc", "a"), ("a", "L"), ("t", "L")):
        graph.connect(source, target)
    program = nn.compile(graph, 1, "float64")
    program["fc.weight"], program["fc.bias"] = [[0.5]], [0.25]
    program.feed(x=[[2.0]], t=[[1.0]])
    passed(program)
    a = 1 / (1 + math.exp(-1.25))
    (path,) = paths(program, "fc.grad_weight", (0, 0))
    assert path.nodes == ("L", "a", "fc") and path.ports == ("input", "input", "weight")
    np.testing.assert_allclose([link.factor for link in path.links], [1, 2 * (a - 1), a * (1 - a), 2.0])
    assert [(link.of, link.by) for link in path.links] == [
        ("L", "L.output"), ("L.output", "a.output"), ("a.output", "fc.output"), ("fc.output", "fc.weight"),
    ]  # fmt: skip


def test_where_many_elements_lie_between_they_are_one_factor():
    program = passed(fed(classifier(), dtype="float64"))
    (path,) = paths(program, "act1.grad_output", (2,), sample=1)
    assert [link.of for link in path.links] == ["L"]
    (path,) = paths(program, "fc1.grad_output", (2,), sample=1)
    ends = [(link.of, link.by) for link in path.links]
    assert ends == [("L", "act1.output"), ("act1.output", "fc1.output")]
    assert path.links[1].factor == pytest.approx(1 - float(program["act1.output"][1, 2]) ** 2)


def test_several_criteria_weigh_in_with_their_share():
    graph = classifier()
    graph.add("Square", "sq")
    graph.add("Objective", "small", reduction="sum", loss_weight=0.25)
    graph.connect("fc2", "sq")
    graph.connect("sq", "small")
    program = passed(fed(graph, dtype="float64"))
    found = paths(program, "fc2.grad_output", (1,), sample=3)
    assert {path.nodes for path in found} == {("loss", "fc2"), ("small", "sq", "fc2")}
    contribution = {path.nodes: path.contribution for path in found}[("small", "sq", "fc2")]
    assert contribution == pytest.approx(0.25 * 2 * float(program["fc2.output"][3, 1]))
    add_up(found, program["fc2.grad_output"], "float64")


def test_two_passes_without_zeroing_are_found_as_what_was_carried():
    program = passed(fed(classifier(), dtype="float64"))
    once = float(program["fc1.grad_weight"][1, 2])
    program.backward()
    found = paths(program, "fc1.grad_weight", (1, 2))
    assert found.total == pytest.approx(once) and found.carried == pytest.approx(once)
    assert not found.agrees


@pytest.mark.parametrize("seed", [284])
def test_what_rounding_leaves_of_a_difference_is_not_taken_for_another_pass(seed):
    program = drawn_program(seed, "float64")
    for key in gradients(program):
        for element in np.ndindex(program[key].shape):
            assert paths(program, key, element).carried == 0.0


def test_in_a_faded_gradient_a_second_pass_is_still_found():
    graph = Graph()
    last = graph.add("Input", "x", shape=(1,)).name
    for layer in range(30):
        for kind in ("Linear", "Sigmoid"):
            node = graph.add(kind, f"{kind}{layer}", **({"out_features": 1} if kind == "Linear" else {}))
            graph.connect(last, node)
            last = node.name
    graph.connect(last, graph.add("Objective", "L"))
    program = passed(fed(graph, 3, dtype="float64"))
    once = float(program["Linear0.grad_weight"][0, 0])
    assert 0 < abs(once) < 1e-15
    program.backward()
    assert paths(program, "Linear0.grad_weight", (0, 0)).carried == pytest.approx(once)


def test_what_is_no_gradient_and_what_is_not_there_are_told():
    program = fed(classifier(), dtype="float64")
    with pytest.raises(ProgramError, match="forward"):
        paths(program, "fc1.grad_output")
    passed(program)
    with pytest.raises(ExplainError, match=r"fc1\.output is no gradient"):
        paths(program, "fc1.output")
    with pytest.raises(ExplainError, match=r"shape 5×4, so there is no element \[5, 0\]"):
        paths(program, "fc1.grad_weight", (5, 0))
    with pytest.raises(ExplainError, match="whole numbers"):
        paths(program, "fc1.grad_weight", (0.5, 0))
    with pytest.raises(ProgramError, match="Did you mean"):
        paths(program, "fc1.grad_wieght")


def test_no_loss_no_path():
    graph = classifier()
    graph.connect("fc1", graph.add("Linear", "aside", out_features=1))
    program = passed(fed(graph, dtype="float64"))
    with pytest.raises(ExplainError, match="No path leads from the loss to aside"):
        paths(program, "aside.grad_weight")
