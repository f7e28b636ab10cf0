"""Small projects to export: one for each kind of thing that a graph may hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnstudio.data.settings import DataSettings
from nnstudio.graph import Graph, GroupNodes, RemoveEdge, SetSetting
from nnstudio.project import Project, train
from nnstudio.training import optimizers
from nnstudio.training.settings import TrainingSettings

XOR = DataSettings(source="xor", options={"samples": 60})


def training(**changes: Any) -> TrainingSettings:
    return TrainingSettings(
        **{"epochs": 4, "batch_size": 8, "lr": 0.05, "dtype": "float64", "seed": 5, **changes}
    )


def chain(
    *types: str | tuple[str, dict[str, Any]], target: tuple[int, ...] = (1,), loss: str = "MSE"
) -> Graph:
    """x, then the types one after the other, then the loss against t."""
    graph = Graph()
    last = graph.add("Input", name="x", shape=(2,))
    for kind in types:
        name, settings = (kind, {}) if isinstance(kind, str) else kind
        node = graph.add(name, **settings)
        graph.connect(last, node)
        last = node
    t = graph.add("Target", name="t", shape=target)
    criterion = graph.add(loss, name="loss")
    graph.connect(last, criterion, "input")
    graph.connect(t, criterion, "target")
    return graph


def xor_net() -> Graph:
    return chain(("Linear", {"out_features": 8}), "Tanh", ("Linear", {"out_features": 1}))


def class_net() -> Graph:
    return chain(
        ("Linear", {"out_features": 8}),
        "ReLU",
        ("Linear", {"out_features": 2}),
        target=(),
        loss="CrossEntropy",
    )


def grouped_net() -> Graph:
    """Groups within groups, one that gives two values, and one that is left and entered again by another."""
    graph = class_net()
    fc1, act1, fc2 = (graph.node(name) for name in ("fc1", "act1", "fc2"))
    skip = graph.add("Linear", name="skip", out_features=2)
    gate = graph.add("PReLU", name="gate")
    joined = graph.add("CAddTable", name="joined")
    graph.connect(act1, skip)
    graph.connect(fc1, gate)
    graph.connect(skip, joined, "a")
    for edge in list(graph.edges):
        if edge.target == graph.node("loss").id and edge.port == "input":
            graph.apply(RemoveEdge(edge))
    graph.connect(fc2, joined, "b")
    last = graph.add("Linear", name="last", out_features=2)
    graph.connect(gate, last)
    total = graph.add("CAddTable", name="total")
    graph.connect(joined, total, "a")
    graph.connect(last, total, "b")
    graph.connect(total, "loss", "input")
    graph.apply(GroupNodes((fc1.id, act1.id, gate.id), "first block"))
    graph.apply(GroupNodes((skip.id, fc2.id, joined.id), "heads"))
    graph.apply(GroupNodes((graph.node("heads").id, graph.node("first block").id), "body"))
    return graph


def two_losses() -> Graph:
    """Two criteria of different weight, one of a hidden layer, and a branch that nothing compares."""
    graph = xor_net()
    objective = graph.add("Objective", name="small", loss_weight=0.25)
    square = graph.add("Square", name="square")
    aside = graph.add("Sigmoid", name="aside")
    graph.connect("fc1", square)
    graph.connect(square, objective)
    graph.connect("fc2", aside)
    return graph


def mixed_losses() -> Graph:
    """Means and a sum over the samples of a batch added up, which a last shorter batch tells apart."""
    graph = two_losses()
    square = graph.add("MSE", name="squares", reduction="sum", loss_weight=0.125)
    graph.connect("fc2", square, "input")
    graph.connect("t", square, "target")
    return graph


def parts_of_everything() -> Graph:
    """Constants small and large, learned arrays, a loss that is computed further, groups around criteria."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=(2,))
    shift = graph.add("Constant", name="shift", value=(0.5, -0.25), shape=(2,))
    table = graph.add("Constant", name="table", value=tuple(0.01 * k for k in range(20)), shape=(20,))
    theta = graph.add("Parameter", name="theta", value=(0.3, -0.2), shape=(2,))
    shifted = graph.add("CAddTable", name="shifted")
    graph.connect(x, shifted, "a")
    graph.connect(shift, shifted, "b")
    scaled = graph.add("CMulTable", name="scaled")
    graph.connect(shifted, scaled, "a")
    graph.connect(theta, scaled, "b")
    wide = graph.add("Linear", name="wide", out_features=20)
    graph.connect(scaled, wide)
    tabled = graph.add("CSubTable", name="tabled")
    graph.connect(wide, tabled, "a")
    graph.connect(table, tabled, "b")
    gelu = graph.add("GELU", name="gelu")
    graph.connect(tabled, gelu)
    out = graph.add("Linear", name="out", out_features=1)
    graph.connect(gelu, out)
    y = graph.add("Output", name="y")
    graph.connect(out, y)
    t = graph.add("Target", name="t", shape=(1,))
    near = graph.add("SmoothL1", name="near")
    far = graph.add("L1", name="far", loss_weight=0.5)
    for criterion in (near, far):
        graph.connect(y, criterion, "input")
        graph.connect(t, criterion, "target")
    graph.apply(GroupNodes((near.id, far.id), "how far"))
    graph.apply(GroupNodes((shifted.id, shift.id, theta.id, scaled.id), "prepare"))
    return graph


def learned_numbers() -> Graph:
    """Nothing is fed: numbers that are learned, with a mean and a sum of them to be made small."""
    graph = Graph()
    theta = graph.add("Parameter", name="theta", value=(0.5, -2.0), shape=(2,))
    square = graph.add("Square", name="square")
    graph.connect(theta, square)
    for reduction in ("mean", "sum"):
        graph.connect(square, graph.add("Objective", name=f"the {reduction}", reduction=reduction))
    return graph


def learned_loss() -> Graph:
    """What is learned behind a criterion and beside a target."""
    graph = xor_net()
    scale = graph.add("CMul", name="scale")
    objective = graph.add("Objective", name="objective")
    graph.connect("loss", scale)
    graph.connect(scale, objective)
    return graph


def strange_names() -> Graph:
    """Names that are Python's, PyTorch's, the script's, or nobody's."""
    graph = Graph()
    x = graph.add("Input", name="lambda", shape=(2,))
    names = (
        "weights",
        "forward",
        'a"""b\\',
        "слой ⚙ 1",
        "1st",
        "F",
        "type",
        "np",
        "state",
        "values",
        "self",
        "__import__",
    )
    last = x
    for name in names:
        node = graph.add("Linear", name=name, out_features=3)
        graph.connect(last, node)
        last = node
    same = graph.add("Tanh", name="type!")
    graph.connect(last, same)
    t = graph.add("Target", name="gradients", shape=(3,))
    loss = graph.add("MSE", name="batch")
    graph.connect(same, loss, "input")
    graph.connect(t, loss, "target")
    return graph


def project(graph: Graph, data: DataSettings | None = XOR, **changes: Any) -> Project:
    return Project(graph, data=data, training=training(**changes))


GRAPHS = {
    "xor": xor_net,
    "classes": class_net,
    "groups": grouped_net,
    "two losses": two_losses,
    "mixed losses": mixed_losses,
    "parts of everything": parts_of_everything,
    "learned loss": learned_loss,
}


def made(name: str, **changes: object) -> Project:
    classes = name in ("classes", "groups")
    data = XOR.from_dict({"source": "moons", "options": {"samples": 60}}) if classes else XOR
    return project(GRAPHS[name](), data=data, **changes)


OPTIMIZERS: dict[str, dict[str, object]] = {
    **{name: {"optimizer": name} for name in optimizers.definitions()},
    "Momentum": {"optimizer": "Momentum", "optimizer_settings": {"weight_decay": 0.01}},
    "Nesterov": {"optimizer": "Nesterov", "optimizer_settings": {"l1": 0.001}},
    "RMSProp": {"optimizer": "RMSProp", "lr": 0.01},
    "Adam": {"optimizer": "Adam", "optimizer_settings": {"weight_decay": 0.01, "l1": 0.01}},
}
"""Every optimizer there is, some with settings of their own."""

TRAININGS: dict[str, dict[str, object]] = {
    **OPTIMIZERS,
    "float32": {"dtype": "float32"},
    "step": {"schedule": "step", "schedule_settings": {"every": 2}},
    "exponential": {"schedule": "exponential"},
    "cosine": {"schedule": "cosine"},
    "plateau": {"schedule": "plateau", "schedule_settings": {"patience": 0, "threshold": 0.5}},
    "inverse": {"schedule": "inverse", "schedule_settings": {"decay": 0.1}},
    "unshuffled": {"shuffle": False},
    "whole batch": {"batch_size": 0, "epochs": 20},
}


def training_projects() -> dict[str, Project]:
    """One for each way of training, for each graph, and for some of them after two epochs."""
    projects = {name: made("xor", **changes) for name, changes in TRAININGS.items()}
    projects |= {name: made(name) for name in GRAPHS}
    projects["sums"] = made("xor")
    projects["sums"].graph.apply(SetSetting(projects["sums"].graph.node("loss").id, "reduction", "half-sum"))
    projects["mixed plateau"] = made("mixed losses", **TRAININGS["plateau"])
    projects["mixed plateau"].data = replace(XOR, validation=0.0)
    projects["mixed without data"] = project(learned_numbers(), data=None, epochs=20)
    resumed = {
        **OPTIMIZERS,
        **{name: TRAININGS[name] for name in ("plateau", "inverse")},
        "unshuffled": {"shuffle": False, "schedule": "exponential"},
    }
    for name, changes in resumed.items():
        projects[f"{name} resumed"] = made("xor", **changes)
        train(projects[f"{name} resumed"], 2)
    return projects


def epochs_of(project: Project) -> int:
    """Enough for 20 steps."""
    return max(4, project.training.epochs)
