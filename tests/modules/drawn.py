"""Draws a case as a graph of its own, so that every floor above can be asked about every node type."""

from typing import Any

import numpy as np

from nnstudio.graph import Graph
from nnstudio.modules.shapes import has_batch, per_sample
from tests.modules.cases import Case


def draw(case: Case) -> tuple[Graph, dict[str, Any]]:
    """The node `m`, each port fed by a node `<port>_`, an Objective that adds up what it gives; and the feed.

    What has a batch axis comes from an Input, a target from a Target, the rest from a Parameter.
    """
    graph, feed = Graph(), {}
    node = graph.add(case.definition.name, name="m", **case.settings)
    for port, shape in case.shapes.items():
        array = case.inputs[port]
        if has_batch(shape):
            source = graph.add(
                "Target" if port == "target" else "Input", name=f"{port}_", shape=per_sample(shape)
            )
            feed[source.name] = array
        else:
            values = tuple(float(value) for value in np.ravel(array))
            source = graph.add("Parameter", name=f"{port}_", shape=shape, value=values)
        graph.connect(source, node, port)
    if case.definition.role == "input":
        feed["m"] = np.random.default_rng(2).normal(size=case.concrete(case.output_shape))
    if case.definition.role != "criterion":
        graph.connect(node, graph.add("Objective", name="loss", reduction="sum"))
    return graph, feed
