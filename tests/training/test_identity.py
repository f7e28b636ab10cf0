"""What makes another network or other data, whose losses are not to be compared; and what does not."""

from dataclasses import replace

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, split
from nnstudio.training.binding import BoundData, bind
from nnstudio.training.identity import checked_identity, data_identity, network_identity


def identity(graph) -> str:
    return network_identity(graph.flatten())


def rename(graph):
    graph.rename("fc1", "first")


def gather(graph):
    graph.group(["fc1", "act1"], "encoder")


def draw_other_first_weights(graph):
    graph.set("fc1", init="xavier")


def hang_something_on(graph):
    graph.connect(graph.node("fc1"), graph.add("Linear", name="probe", out_features=3))


@pytest.mark.parametrize("change", [rename, gather, draw_other_first_weights, hang_something_on])
def test_what_leaves_the_losses_as_they_are(network, change):
    graph = network(3, 6, 2)
    before, size = identity(graph), len(graph.flatten())
    change(graph)
    assert identity(graph) == before
    assert change is not hang_something_on or len(graph.flatten()) == size + 1


def widen(graph):
    graph.set("fc1", out_features=7)


def leave_the_bias_out(graph):
    graph.set("fc1", use_bias=False)


def weigh_the_loss(graph):
    graph.set("loss", loss_weight=2.0)


def leave_a_layer_out(graph):
    graph.remove("act1")
    graph.connect(graph.node("fc1"), graph.node("fc2"))


@pytest.mark.parametrize("change", [widen, leave_the_bias_out, weigh_the_loss, leave_a_layer_out])
def test_what_makes_another_network(network, change):
    graph = network(3, 6, 2)
    before = identity(graph)
    change(graph)
    assert identity(graph) != before


def test_two_layers_alike_are_not_one_that_is_read_twice(network):
    def added(layers: int):
        graph = network(3, 6, 2)
        graph.remove("act1")
        source, total = graph.node("fc1"), graph.add("CAddTable", name="sum")
        made = [graph.add("Linear", name=f"twin{n}", out_features=6) for n in range(layers)]
        for twin in made:
            graph.connect(source, twin)
        graph.connect(made[0], total, "a")
        graph.connect(made[-1], total, "b")
        graph.connect(total, graph.node("fc2"))
        return graph

    assert added(1).problems() == added(2).problems() == []
    assert identity(added(1)) != identity(added(2))


def test_data_are_others_once_scaled_or_parted_otherwise_and_the_same_in_another_dtype(network):
    settings = DataSettings(source="sine", scaling="none")
    dataset = load(settings)
    flat = network(1, 4, 1).flatten()

    def of(dtype="float64", **changed) -> str:
        return data_identity(bind(flat, split(dataset, replace(settings, **changed)), dtype))

    assert of() == of() == of("float32")
    others = [of(scaling="standardise"), of(target_scaling="standardise"), of(seed=5), of(validation=0.3)]
    assert len({of(), *others}) == 5


def test_a_large_set_is_looked_at_in_some_rows_all_over_it():
    x = np.arange(1e5)[:, None]
    assert data_identity(BoundData({"x": x})) != data_identity(BoundData({"x": x + (x > 9e4)}))
    assert data_identity(BoundData({})) == data_identity(BoundData({}))


@pytest.mark.parametrize("wrong", [None, "", "network", "0123456789ABCDEF", 3, ["0" * 16]])
def test_what_is_no_mark_is_refused(wrong):
    with pytest.raises(ValueError, match="is no mark"):
        checked_identity(wrong)
