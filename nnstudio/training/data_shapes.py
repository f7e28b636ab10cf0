"""What a dataset gives to each Input and Target of a graph, for the graph to say where it does not fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnstudio.data.dataset import Dataset
from nnstudio.data.targets import target_shapes
from nnstudio.graph.class_numbers import compared_as_classes
from nnstudio.graph.flatten import FlatGraph, FlatNode
from nnstudio.modules.shapes import per_sample

Sample = tuple[int, ...]


@dataclass(frozen=True)
class DataShapes:
    """The two arguments of Graph.problems.

    widths   the shape of one sample by the name of its Input or Target; the node's own where it fits
    classes  how many classes there are, by the name of a Target of class numbers
    """

    widths: dict[str, Sample]
    classes: dict[str, int]


def data_shapes(graph: FlatGraph, data: Dataset, targets: str = "auto") -> DataShapes:
    """By the rules of bind(): equal counts fit whatever their shapes, and several Inputs may share x.

    `targets` is the form of the data settings, such as "one-hot".
    """
    widths: dict[str, Sample] = {}
    inputs = [node for node in graph if node.definition.role == "input"]
    sharing = [node for node in inputs if node.name in graph.purpose]
    total = math.prod(data.input_shape)
    shared = len(sharing) > 1 and sum(math.prod(per_sample(node.shape)) for node in sharing) == total
    for node in inputs:
        own = per_sample(node.shape)
        fits = math.prod(own) == total or (shared and node in sharing)
        widths[node.name] = own if fits else data.input_shape
    classes: dict[str, int] = {}
    as_classes = compared_as_classes(graph)
    for node in graph:
        if node.definition.role == "target":
            # A single number may stand without an axis, but is no class number.
            misread = not data.classes and targets != "inputs" and node.name in as_classes
            natural = target_shapes(data, targets)[0]
            widths[node.name] = natural if misread else _target_shape(node, data, targets)
            if widths[node.name] == () and data.classes and targets == "auto":
                classes[node.name] = data.classes
    return DataShapes(widths, classes)


def _target_shape(node: FlatNode, data: Dataset, targets: str) -> Sample:
    own, shapes = per_sample(node.shape), target_shapes(data, targets)
    if own in shapes:
        return own
    reshaped = targets == "inputs" or not data.classes
    return own if reshaped and math.prod(own) == math.prod(shapes[0]) else shapes[0]
