"""What two runs differ in, told in words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from nnstudio.data.settings import DataSettings
from nnstudio.graph import ChangeType, Graph, GroupNodes, Move, Rename, SetBypassed, SetSetting
from nnstudio.project import Project, Setup, difference, setup_of
from nnstudio.training.settings import TrainingSettings


@pytest.fixture
def setup(make: Callable[[], Project]) -> Setup:
    return setup_of(make())


def told(a: Setup, b: Setup) -> list[str]:
    found = [str(each) for each in difference(a, b)]
    assert len(difference(b, a)) == len(found)
    return found


def redrawn(setup: Setup, change: Callable[[Graph], object]) -> Setup:
    graph = setup.graph
    change(graph)
    return replace(setup, level=graph.level)


def test_equal_setups_differ_in_nothing(setup: Setup, make: Callable[[], Project]):
    assert difference(setup, setup_of(make())) == []
    moved = redrawn(setup, lambda graph: graph.apply(Move({graph.node("fc1").id: (7.0, 9.0)})))
    assert difference(setup, moved) == []


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"lr": 0.01}, ["learning rate: 0.1 against 0.01"]),
        ({"batch_size": 0}, ["batch size: 32 against all samples"]),
        ({"seed": 7, "shuffle": False}, ["seed: 0 against 7", "shuffle: yes against no"]),
        ({"optimizer_settings": {"momentum": 0.5}}, ["momentum: 0.9 against 0.5"]),
        ({"optimizer_settings": {"momentum": 0.9}}, []),  # the default, written out
        ({"extra": {"warmup": 3}}, ["warmup: none against 3"]),
        (
            {"schedule": "exponential"},
            ["schedule: constant against exponential", "schedule's factor: none against 0.95"],
        ),
    ],
)
def test_training(setup: Setup, changes: dict[str, object], sentences: list[str]):
    other = replace(setup, training=replace(setup.training, **changes))
    assert told(setup, other) == sentences


def test_another_optimizer_has_other_settings(setup: Setup):
    found = told(setup, replace(setup, training=TrainingSettings(epochs=2, dtype="float64", optimizer="SGD")))
    assert found[:2] == ["optimizer: Momentum against SGD", "momentum: 0.9 against none"]


def test_data(setup: Setup):
    assert told(setup, replace(setup, data=None)) == ["data: xor against none"]
    assert difference(replace(setup, data=None), replace(setup, data=None)) == []
    other = DataSettings(source="moons", options={"samples": 90, "noise": 0.25}, scaling="unit")
    assert told(setup, replace(setup, data=other)) == [
        "data: xor against moons",
        "data's scaling: none against unit",
        "data's samples: 40 against 90",
        "data's noise: as it comes against 0.25",
    ]


def test_drawings(setup: Setup):
    def change(graph: Graph) -> None:
        fc1, act1 = graph.node("fc1").id, graph.node("act1").id
        graph.apply(SetSetting(fc1, "out_features", 16))
        graph.apply(SetSetting(fc1, "use_bias", False))
        graph.apply(ChangeType(act1, "ReLU"))
        graph.apply(SetBypassed(act1, True))

    assert told(setup, redrawn(setup, change)) == [
        "fc1.out_features: 8 against 16",
        "fc1.use_bias: yes against no",
        "act1: Tanh against ReLU",
        "act1 is bypassed: no against yes",
    ]
    longer = redrawn(setup, lambda graph: graph.connect("act1", graph.add("Linear", name="fc3")))
    assert told(setup, longer) == ["fc3: none against Linear"]
    named = redrawn(setup, lambda graph: graph.apply(Rename(graph.node("act1").id, "squash")))
    assert told(setup, named) == ["act1: Tanh against none", "squash: none against Tanh"]
    wired = redrawn(setup, lambda graph: graph.disconnect(graph.inputs_of("fc2")["input"]))
    assert told(setup, wired) == ["edge from act1 to fc2.input: yes against no"]


def test_inside_groups(setup: Setup):
    def grouped(size: int) -> Setup:
        def change(graph: Graph) -> None:
            graph.apply(SetSetting(graph.node("fc1").id, "out_features", size))
            graph.apply(GroupNodes((graph.node("fc1").id, graph.node("act1").id), "encoder"))

        return redrawn(setup, change)

    assert told(grouped(8), grouped(5)) == ["encoder.fc1.out_features: 8 against 5"]
