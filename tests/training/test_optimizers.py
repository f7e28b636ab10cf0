"""Optimizers: what their definitions say, what the compiler makes of them, and that PyTorch does the same."""

import numpy as np
import pytest

from nnstudio.errors import GraphError, TrainingError
from nnstudio.program import compile
from nnstudio.training.optimizers import definition, definitions

NAMES = ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW"]
STATE = {
    "SGD": (),
    "Momentum": ("velocity",),
    "Nesterov": ("velocity",),
    "AdaGrad": ("squares",),
    "RMSProp": ("mean_square",),
    "Adam": ("first_moment", "second_moment"),
    "AdamW": ("first_moment", "second_moment"),
}


def test_the_list_is_whole():
    assert list(definitions()) == NAMES
    assert {name: each.state for name, each in definitions().items()} == STATE


@pytest.mark.parametrize("name", NAMES)
def test_every_optimizer_is_told_and_keeps_to_the_rules_the_compiler_reads(name):
    each = definition(name)
    assert each.summary and "Source:" in each.doc and each.formula
    assert list(each.functions)[-1] == "param", "the new parameter comes last"
    known = {"param", "grad", "lr", "step", *each.settings}
    for function in each.functions:
        for read in each.reads(function):
            assert read in known or read == function, f"{name}.{function} reads {read} before it is computed"
        known.add(function)
    assert {"weight_decay", "l1"} <= set(each.settings)


def test_a_name_is_found_in_any_case_and_a_wrong_one_gets_a_hint():
    assert definition("adamw").name == "AdamW"
    with pytest.raises(TrainingError, match="did you mean Momentum"):
        definition("Momentun")
    with pytest.raises(TrainingError, match="there are SGD, Momentum"):
        definition("🦆")


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -0.1, "0.9", True, None])
def test_a_wrong_setting_is_refused(wrong):
    with pytest.raises(GraphError, match=r"Momentum's momentum must be a finite number from 0 to 1"):
        definition("Momentum").complete({"momentum": wrong})


def read_plainly(name, settings, param, grad_of, lr, steps):
    """The equations called as they stand, in order."""
    each = definition(name)
    values = each.complete(settings) | {state: np.zeros_like(param) for state in each.state}
    values["param"] = param
    for step in range(1, steps + 1):
        values |= {"grad": grad_of(values["param"]), "lr": lr, "step": step}
        for function, equation in each.functions.items():
            values[function] = equation(**{read: values[read] for read in each.reads(function)})
    return values["param"]


CASES = [
    ("SGD", {}, "SGD", {}),
    ("Momentum", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ("Momentum", {"momentum": 0.0}, "SGD", {}),
    ("Nesterov", {"momentum": 0.8}, "SGD", {"momentum": 0.8, "nesterov": True}),
    ("AdaGrad", {}, "Adagrad", {}),
    ("RMSProp", {"alpha": 0.95}, "RMSprop", {"alpha": 0.95}),
    ("Adam", {}, "Adam", {}),
    ("Adam", {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, "Adam", {"betas": (0.5, 0.9), "eps": 1e-3}),
    ("AdamW", {}, "AdamW", {"weight_decay": 0.01}),
]
RNG = np.random.default_rng(3)
X, T = RNG.normal(size=(16, 3)), RNG.normal(size=(16, 2))
START = {"fc1.weight": RNG.normal(size=(2, 3)), "fc1.bias": RNG.normal(size=2)}


def compiled(network, name, settings):
    program = compile(network(3, 2), 16, "float64", optimizer=definition(name), optimizer_settings=settings)
    program.load_parameters(START)
    program.feed(x=X, t=T)
    return program


def gradient(flat):
    """Of the mean squared error of a Linear layer: what the compiled program computes by its own."""
    weight, bias = flat[:6].reshape(2, 3), flat[6:]
    error = 2 * (X @ weight.T + bias - T) / T.size
    return np.concatenate([(error.T @ X).ravel(), error.sum(axis=0)])


@pytest.mark.parametrize(
    "decay", [{}, {"weight_decay": 0.03}, {"l1": 0.02}, {"weight_decay": 0.03, "l1": 0.02}]
)
@pytest.mark.parametrize(("name", "settings"), [case[:2] for case in CASES])
def test_the_compiled_update_is_what_the_equations_say(network, name, settings, decay):
    program = compiled(network, name, settings | decay)
    for _ in range(50):
        program.train_step(0.05)
    start = np.concatenate([array.ravel() for array in START.values()])
    expected = read_plainly(name, settings | decay, start, gradient, 0.05, 50)
    found = np.concatenate([program["fc1.weight"].ravel(), program["fc1.bias"]])
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
    assert np.abs(found - start).max() > 1e-2, "the run went somewhere"


@pytest.mark.torch
@pytest.mark.parametrize("weight_decay", [None, 0.0, 0.03])
@pytest.mark.parametrize("l1", [0.0, 0.02])
@pytest.mark.parametrize(("name", "settings", "torch_name", "torch_settings"), CASES)
def test_fifty_updates_equal_pytorch(network, name, settings, torch_name, torch_settings, weight_decay, l1):
    import torch

    decay = {} if weight_decay is None else {"weight_decay": weight_decay}
    program = compiled(network, name, settings | decay | {"l1": l1})

    layer = torch.nn.Linear(3, 2, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(START["fc1.weight"]))
        layer.bias.copy_(torch.tensor(START["fc1.bias"]))
    optimizer = getattr(torch.optim, torch_name)(layer.parameters(), lr=0.05, **(torch_settings | decay))
    for _ in range(50):
        program.train_step(0.05)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(layer(torch.tensor(X)), torch.tensor(T)).backward()
        for parameter in layer.parameters():
            parameter.grad += l1 * torch.sign(parameter.detach())
        optimizer.step()
        assert np.abs(program["fc1.weight"] - layer.weight.detach().numpy()).max() < 1e-6
        assert np.abs(program["fc1.bias"] - layer.bias.detach().numpy()).max() < 1e-6
