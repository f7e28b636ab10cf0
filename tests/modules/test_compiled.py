"""Every node type, drawn as a graph of its own, saved and compiled, gives the numbers of its equations."""

import json

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.graph import Graph
from tests.modules.cases import Case, all_cases
from tests.modules.drawn import draw
from tests.modules.plain import Plain

LIMITS = {"float64": {"rtol": 1e-12, "atol": 1e-13}, "float32": {"rtol": 1e-4, "atol": 2e-5}}

# What a Target gives is compared, and takes no gradient of its own.
every_case = pytest.mark.parametrize(
    "case", [case for case in all_cases() if case.definition.role != "target"], ids=lambda case: case.name
)


@every_case
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_program_computes_what_the_equations_say(case: Case, dtype: str) -> None:
    graph, feed = draw(case)
    assert graph.problems() == []
    graph = Graph.from_dict(json.loads(json.dumps(graph.to_dict())))
    program = nn.compile(graph, batch_size=case.samples, dtype=dtype)
    for name, array in case.parameters.items():
        program[f"m.{name}"] = array
    program.feed(**feed)
    program.forward()
    program.backward()
    if case.definition.role == "input":
        np.testing.assert_allclose(program["m.output"], feed["m"], **LIMITS[dtype])
        return
    plain = Plain(case.definition, case.settings, case.inputs, case.parameters)
    np.testing.assert_allclose(program["m.output"], plain.value("output"), **LIMITS[dtype])
    grad_output = np.ones(case.concrete(case.output_shape))
    for name in case.definition.gradients:
        if name in case.parameters:
            found = program[f"m.grad_{name}"]
        elif name in case.inputs and name != "target":
            found = program[f"{name}_.grad_output"]
        else:
            continue
        np.testing.assert_allclose(found, plain.gradient(name, grad_output), **LIMITS[dtype], err_msg=name)


@every_case
def test_a_training_step_is_stepwise_and_at_full_speed_the_same(case: Case) -> None:
    graph, feed = draw(case)
    fast = nn.compile(graph, batch_size=case.samples, dtype="float64")
    slow = nn.compile(graph, batch_size=case.samples, dtype="float64")
    for program in (fast, slow):
        program.feed(**feed)
    fast.train_step(lr=0.01)
    for phase in (slow.zero_grad, slow.forward, slow.backward):
        phase()
    slow.update(lr=0.01)
    np.testing.assert_allclose(fast.loss, slow.loss, **LIMITS["float64"])
    assert fast.parameters().keys() == slow.parameters().keys()
    for name, array in fast.parameters().items():
        np.testing.assert_allclose(array, slow.parameters()[name], **LIMITS["float64"], err_msg=name)
