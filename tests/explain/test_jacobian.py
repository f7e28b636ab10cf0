"""Jacobians: ∂(Wx+b)/∂x is W, the product gives grad_input, and PyTorch finds the same."""

from __future__ import annotations

import numpy as np
import pytest

from nnstudio.errors import ExplainError, ProgramError
from nnstudio.explain.jacobian import jacobian
from tests.explain.nets import passed, program_of
from tests.explain.written import comes_out
from tests.modules.cases import Case, all_cases
from tests.program.nets import classifier, fed


def test_of_a_linear_layer_it_is_the_weight_and_its_transpose():
    program = passed(fed(classifier(), dtype="float64"))
    found = jacobian(program, "fc1", sample=2)
    np.testing.assert_array_equal(found.matrix, program["fc1.weight"])
    assert found.row_names[:2] == ("fc1.output[0]", "fc1.output[1]")
    assert found.column_names == tuple(f"x.output[{k}]" for k in range(4))
    other = jacobian(program, "fc1", sample=2, layout="denominator")
    np.testing.assert_array_equal(other.matrix, program["fc1.weight"].T)
    assert (other.row_names, other.column_names) == (found.column_names, found.row_names)
    for each in (found, other):
        np.testing.assert_allclose(each.grad_input, program["fc1.grad_input"][2], rtol=1e-13)
        np.testing.assert_array_equal(each.stored, program["fc1.grad_input"][2])
        for index in range(4):
            assert comes_out(each.product(index).plain, float(each.grad_input[index]))


def test_by_a_parameter_it_holds_this_samples_share():
    program = passed(fed(classifier(), dtype="float64"))
    shares = [jacobian(program, "fc1", sample, of="weight") for sample in range(6)]
    np.testing.assert_allclose(
        np.sum([each.grad_input for each in shares], axis=0).reshape(5, 4), program["fc1.grad_weight"]
    )
    assert shares[0].stored is None
    assert shares[0].column_names[5] == "fc1.weight[1, 1]"


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_of_every_module_the_product_is_what_backward_stores(case: Case):
    program = program_of(case)
    for port in case.definition.ports:
        if f"grad_{port}" not in case.definition.functions:
            continue
        found = jacobian(program, "node", case.samples - 1, of=port)
        if found.stored is not None and found.grad_input is not None:
            np.testing.assert_allclose(found.grad_input, found.stored, rtol=1e-9, atol=1e-12)
        if case.definition.elementwise and found.matrix.shape[0] > 1:
            assert np.count_nonzero(found.matrix - np.diag(np.diag(found.matrix))) == 0


def test_before_backward_there_is_a_matrix_but_no_product():
    program = fed(classifier(), dtype="float64")
    with pytest.raises(ProgramError, match="forward"):
        jacobian(program, "fc1")
    program.forward()
    found = jacobian(program, "act1")
    assert found.grad_output is None and found.grad_input is None
    with pytest.raises(ExplainError, match="no gradient at act1 yet"):
        found.product(0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"node": "fc9"}, "Did you mean 'fc[12]'"),
        ({"node": "fc1", "sample": 6}, "There is no sample 6: the batch has 6"),
        ({"node": "fc1", "of": "target"}, "it has one by input or weight or bias"),
        ({"node": "fc1", "layout": "wide"}, "numerator or denominator"),
        ({"node": "x"}, "it has one by nothing"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments, sentence):
    with pytest.raises(ExplainError, match=sentence):
        jacobian(passed(fed(classifier(), dtype="float64")), **arguments)


def test_too_large_a_matrix_is_refused_with_its_size():
    program = fed(classifier(hidden=1100, features=1000), 1)
    program.forward()
    with pytest.raises(ExplainError, match="1,100 × 1,000 numbers"):
        jacobian(program, "fc1")


@pytest.mark.torch
def test_pytorch_finds_the_same_for_a_softmax():
    import torch

    from tests.exchange.graphs import chain  # a SoftMax between two Linear layers

    program = passed(fed(chain(("Linear", {"out_features": 4}), "SoftMax", ("Linear", {"out_features": 1})),
                         dtype="float64"))  # fmt: skip
    name = next(key.removesuffix(".output") for key in program if key.startswith(("softmax", "act")))
    source = next(node for node in program.graph.flatten() if node.name == name).sources["input"]
    theirs = torch.autograd.functional.jacobian(
        lambda x: torch.softmax(x, -1), torch.tensor(program[f"{source}.output"][3])
    )
    np.testing.assert_allclose(jacobian(program, name, 3).matrix, theirs.numpy(), rtol=1e-12, atol=1e-15)
