"""Diagnosis: each ailment is found with its figure, a healthy net has none, and every remedy helps."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.data.settings import DataSettings
from nnstudio.explain.diagnosis import Finding, diagnose
from nnstudio.graph import EditInside, Graph, GroupNodes
from nnstudio.program import Program
from nnstudio.project import Project
from nnstudio.training.settings import TrainingSettings
from tests.explain.nets import passed
from tests.program.nets import classifier, fed


def chain(activation: str, layers: int = 1, width: int = 16, **settings: object) -> Graph:
    """x, so many Linear layers with an activation each, a last Linear and MSE."""
    graph = Graph()
    last = graph.add("Input", "x", shape=(width,)).name
    for layer in range(1, layers + 1):
        for kind, name in (("Linear", f"fc{layer}"), (activation, f"act{layer}")):
            node = graph.add(kind, name, **({"out_features": width, **settings} if kind == "Linear" else {}))
            graph.connect(last, node)
            last = node.name
    graph.connect(last, graph.add("Linear", "out", out_features=1))
    graph.add("Target", "t", shape=(1,))
    graph.connect("out", graph.add("MSE", "loss"))
    graph.connect("t", "loss")
    return graph


def run(project: Project, samples: int = 32) -> Program:
    program = nn.compile(project.graph, samples, "float64")
    program.load_parameters(project.weights)
    rng = np.random.default_rng(1)
    program.feed(x=rng.normal(size=(samples, 16)), t=rng.normal(size=(samples, 1)))
    return passed(program)


def only(found: list[Finding], kind: str) -> Finding:
    assert [each.kind for each in found] == [kind], found
    return found[0]


def cured(project: Project, finding: Finding) -> Program:
    assert finding.remedy is not None and finding.remedy_label
    before = project.graph.to_dict()
    undo = project.apply(finding.remedy)
    program = run(project)
    project.apply(undo)
    assert project.graph.to_dict() == before
    project.apply(finding.remedy)
    return program


@pytest.mark.parametrize("activation", ["ReLU", "Tanh", "Sigmoid", "LeakyReLU", "GELU"])
def test_a_healthy_net_has_nothing(activation: str):
    assert diagnose(run(Project(chain(activation, 2)))) == []


def test_of_what_has_not_run_there_is_nothing_to_say():
    assert diagnose(fed(classifier())) == []


def test_dead_units_are_counted_and_come_to_life():
    project = Project(chain("ReLU"))
    bias = np.zeros(16)
    bias[:10] = -50
    project.weights = {"fc1.bias": bias, **{
        key: value for key, value in run(project).parameters().items() if key != "fc1.bias"
    }}  # fmt: skip
    finding = only(diagnose(run(project)), "dead")
    assert finding.node == "act1"
    assert finding.figure.startswith("10 of 16 units give no slope for any of the 32 samples")
    assert not run(project)["fc1.grad_weight"][:10].any()
    program = cured(project, finding)
    assert program["fc1.grad_weight"][:10].any(axis=1).all()
    assert diagnose(program) == []


def test_inside_a_group_the_remedy_reaches_the_node():
    graph = chain("ReLU")
    graph.apply(GroupNodes((graph.node("fc1").id, graph.node("act1").id), "block"))
    project = Project(graph)
    project.weights = {**run(project).parameters(), "block.fc1.bias": np.full(16, -50.0)}
    finding = only([each for each in diagnose(run(project)) if each.kind == "dead"], "dead")
    assert finding.node == "block.act1" and isinstance(finding.remedy, EditInside)
    assert not diagnose(cured(project, finding))


@pytest.mark.parametrize("activation", ["Sigmoid", "Tanh"])
def test_saturation_is_measured_and_smaller_weights_help(activation: str):
    project = Project(chain(activation))
    weights = run(project).parameters()
    project.weights = {**weights, "fc1.weight": weights["fc1.weight"] * 60}
    finding = only(diagnose(run(project)), "saturation")
    share = int(finding.figure.split(" %")[0])
    assert finding.node == "act1" and 50 <= share <= 100
    before = float(np.abs(run(project)["fc1.grad_output"]).mean())
    program = cured(project, finding)
    assert diagnose(program) == []
    assert float(np.abs(program["fc1.grad_output"]).mean()) > 2 * before


def test_a_vanishing_gradient_is_measured_and_relu_with_hes_weights_helps():
    project = Project(chain("Sigmoid", layers=20))
    program = run(project)
    finding = only(diagnose(program), "vanishing")
    assert finding.node == "fc1"
    sizes = [float(np.sqrt(np.mean(program[f"{name}.grad_weight"] ** 2))) for name in ("fc1", "out")]
    shown = float(finding.figure.split("is ")[1].split(" times")[0].replace("−", "-"))
    assert shown == pytest.approx(sizes[0] / sizes[1], rel=0.05)
    assert "Sigmoid" in finding.cause
    program = cured(project, finding)
    assert not [each for each in diagnose(program) if each.kind in ("vanishing", "exploding")]
    better = [float(np.sqrt(np.mean(program[f"{name}.grad_weight"] ** 2))) for name in ("fc1", "out")]
    assert better[0] / better[1] > 1e6 * sizes[0] / sizes[1]


def test_an_exploding_gradient_is_measured_and_a_new_start_helps():
    project = Project(chain("ReLU", layers=8))
    weights = run(project).parameters()
    project.weights = {key: value * (12 if value.ndim == 2 else 1) for key, value in weights.items()}
    finding = next(each for each in diagnose(run(project)) if each.kind == "exploding")
    assert "has the length" in finding.figure and finding.node == "fc1"
    assert not [each for each in diagnose(cured(project, finding)) if each.kind == "exploding"]


def test_a_weight_that_is_no_number_is_named_and_a_zero_helps():
    project = Project(chain("Tanh", layers=2))
    bias = np.zeros(16)
    bias[3] = np.nan
    project.weights = {**run(project).parameters(), "fc2.bias": bias}
    finding = only(diagnose(run(project)), "spoilt")
    assert finding.node == "fc2" and finding.figure == "fc2.bias holds 1 NaN, of 16."
    assert finding.remedy_label == "Put 0 in its place"
    program = cured(project, finding)
    assert diagnose(program) == [] and math.isfinite(program.loss)
    assert not program["fc2.bias"].any()


def test_weights_that_are_lost_altogether_start_again_with_a_smaller_rate():
    project = Project(chain("Tanh", layers=2))
    first = run(project).parameters()
    project.weights = {key: np.full(array.shape, np.nan) for key, array in first.items()}
    finding = only(diagnose(run(project), (), project), "spoilt")
    assert finding.node == "fc1" and finding.figure == "fc1.weight holds 256 NaN, of 256."
    before = project.training.lr
    program = cured(project, finding)
    assert project.training.lr == pytest.approx(before / 10)
    assert diagnose(program) == [] and np.array_equal(program["fc1.weight"], first["fc1.weight"])


@pytest.mark.parametrize(
    ("module", "scale", "quantity", "put"),
    [
        ("Log", 1.0, "odd.output", "SoftPlus"),
        ("Log", 0.0, "odd.output", "SoftPlus"),
        ("Sqrt", 1.0, "odd.output", "SoftPlus"),
        ("Sqrt", 0.0, "odd.grad_input", "SoftPlus"),
        ("Exp", 1e3, "odd.output", "HardTanh"),
    ],
)
def test_a_function_without_a_value_is_named_and_what_is_put_before_it_helps(module, scale, quantity, put):
    graph = Graph()
    for kind, name, settings in (
        ("Input", "x", {"shape": (16,)}),
        ("Linear", "fc1", {"out_features": 8}),
        (module, "odd", {}),
        ("Linear", "fc2", {"out_features": 1}),
        ("Target", "t", {"shape": (1,)}),
        ("MSE", "loss", {}),
    ):
        graph.add(kind, name, **settings)
    for source, target in (("x", "fc1"), ("fc1", "odd"), ("odd", "fc2"), ("fc2", "loss"), ("t", "loss")):
        graph.connect(source, target)
    graph.apply(GroupNodes((graph.node("fc1").id, graph.node("odd").id), "block"))
    project = Project(graph)
    project.weights = {
        key: array * (scale if "fc1" in key else 1) for key, array in run(project).parameters().items()
    }
    finding = only(diagnose(run(project)), "spoilt")
    assert finding.figure.startswith(f"block.{quantity} is the first that is not finite: ")
    assert "has no finite value" in finding.cause and f"A {put} before it" in finding.cause
    assert finding.remedy_label == f"Put a {put} before block.odd"
    program = cured(project, finding)
    assert math.isfinite(program.loss) and not [each for each in diagnose(program) if each.kind == "spoilt"]


def test_numbers_that_have_grown_too_large_are_told_from_a_function_without_a_value():
    project = Project(chain("ReLU", layers=3))
    weights = run(project).parameters()
    project.weights = {key: value * (1e120 if value.ndim == 2 else 1) for key, value in weights.items()}
    finding = only(diagnose(run(project), (), project), "spoilt")
    assert "has grown to between" in finding.cause and "start again" in finding.remedy_label
    assert not [each for each in diagnose(cured(project, finding)) if each.kind == "spoilt"]


def test_data_that_are_no_numbers_are_named():
    project = Project(chain("Tanh"))
    program = nn.compile(project.graph, 8, "float64")
    x = np.zeros((8, 16))
    x[2, 1] = np.inf
    program.feed(x=x, t=np.zeros((8, 1)))
    finding = only(diagnose(passed(program), (), project), "spoilt")
    assert (finding.node, finding.remedy) == ("x", None)
    assert finding.figure == "x.output holds 1 infinite number, of 128."


def test_a_loss_that_runs_away_is_told_and_a_smaller_rate_helps():
    from nnstudio.project import train

    graph = Graph()
    graph.add("Input", "x", shape=(2,))
    graph.add("Linear", "fc", out_features=1)
    graph.add("Target", "t", shape=(1,))
    graph.connect("x", "fc")
    graph.connect("fc", graph.add("MSE", "loss"))
    graph.connect("t", "loss")
    data = DataSettings(source="xor", options={"samples": 60}, targets="numbers")
    settings = TrainingSettings(epochs=5, lr=3.0, batch_size=0, dtype="float64")
    project = Project(graph, data=data, training=settings)
    history = train(project)
    finding = only(diagnose(nn.compile(graph), history, project), "loss")
    assert "in epoch 1" in finding.figure
    project.apply(finding.remedy)
    assert project.training.lr == pytest.approx(0.3)
    assert finding.remedy_label == "Set the learning rate to 0.3 and start again"
    project.history, project.run_state = [], {}
    again = train(project)
    assert diagnose(nn.compile(graph), again, project) == []
    assert again[-1]["train_loss"] < history[-1]["train_loss"] / 3
    assert math.isfinite(again[-1]["train_loss"])


def test_a_loss_that_rises_a_little_is_nothing():
    history = [{"train_loss": loss} for loss in (1.0, 0.5, 0.7)]
    assert diagnose(nn.compile(classifier()), history) == []
