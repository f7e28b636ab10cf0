"""Binding: which array of a dataset goes to which Input and Target of a graph."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnstudio.data.fitted import Fitted
from nnstudio.data.parting import Part, Splits
from nnstudio.data.targets import Samples, inputs_for, targets_for
from nnstudio.errors import DataError, TrainingError
from nnstudio.graph.flatten import FlatGraph, FlatNode
from nnstudio.modules.shapes import per_sample

Array = NDArray[Any]
Feeds = Mapping[str, Array]
PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class BoundData:
    """The samples of each part by the name of the node they are fed to, the batch first; parts may be empty.

    task   "classes": a prediction is right or wrong; "numbers": near or far; "none": only the loss counts
    unit   of numbers: what an error is divided by to be in the data's own unit
    unscaled  of numbers that could be scaled and are as they came: the least and the greatest target
    title  of the dataset, for sentences
    fitted what was fitted on the training part, as Fitted.kept gives it
    """

    train: Feeds
    validation: Feeds = field(default_factory=dict[str, Array])
    test: Feeds = field(default_factory=dict[str, Array])
    task: str = "none"
    unit: Array = field(default_factory=lambda: np.ones(()))
    title: str = "The data"
    unscaled: tuple[float, float] | None = None
    fitted: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        for part in PARTS:
            counts = {len(array) for array in getattr(self, part).values()}
            if len(counts) > 1:
                raise DataError(
                    f"{self.title}: the arrays of the {part} part hold {_listed(counts)} samples."
                )

    def part(self, name: str) -> Feeds:
        """The arrays of "train", "validation" or "test"."""
        if name not in PARTS:
            raise TrainingError(f"There is no part {name!r} of the data; there are {', '.join(PARTS)}.")
        return getattr(self, name)


def count(feeds: Feeds) -> int:
    """How many samples arrays hold; a graph that takes no data has one."""
    return min((len(array) for array in feeds.values()), default=1)


def bind(graph: FlatGraph, data: Splits | BoundData | None, dtype: DTypeLike) -> BoundData:
    """The Inputs and Targets of the graph with the samples that fit them, floats in `dtype`.

    One Input takes all of x. Several each take all of it where they are as wide, and else share its columns
    in the order of the drawing. An Input or Target that the loss does not depend on takes what fits it by
    itself, and where nothing does it has no arrays. Raises DataError where a shape or the number of classes
    does not fit.
    """
    inputs = [node for node in graph if node.definition.role == "input"]
    targets = [node for node in graph if node.definition.role == "target"]
    if isinstance(data, BoundData):
        return _converted(graph, data, [*inputs, *targets], dtype)
    if data is None:
        missing = [node.name for node in (*inputs, *targets) if node.name in graph.purpose]
        if missing:
            raise DataError(
                f"{missing[0]} waits for data, but no data set is chosen; choose one to train on."
            )
        return BoundData({})
    _check_classes(graph, data)
    parts = [
        {name: _as(array, dtype) for name, array in _bound(graph, targets, part).items()}
        for part in data.parts
    ]
    task = data.train.task if targets and data.train.targets != "inputs" else "numbers" if targets else "none"
    numbers = data.dataset.task == task == "numbers" and data.train.targets != "inputs"
    return BoundData(
        *parts,
        task=task,
        unit=data.target_scaling.factor if numbers else np.ones(()),
        title=data.dataset.title,
        unscaled=_range(data.train.raw_y) if numbers and data.target_scaling.is_none else None,
        fitted=Fitted.of(data).kept(),
    )


def without_data(graph: FlatGraph, feeds: Feeds, roles: Collection[str] = ("input", "target")) -> FlatGraph:
    """The graph as far as it can run on these arrays: without the Inputs and Targets that have none."""
    return graph.without(
        node.name for node in graph if node.definition.role in roles and node.name not in feeds
    )


def bind_inputs(graph: FlatGraph, samples: Samples, needed: Collection[str] = ()) -> dict[str, Array]:
    """The inputs alone, as bind() shares them out: x of a Part, or new samples for a trained net.

    `needed` are those for which there must be samples although no loss depends on them.
    """
    inputs = [node for node in graph if node.definition.role == "input"]
    found = _shared([node for node in inputs if node.name in graph.purpose], samples)
    for node in inputs:
        if node.name not in graph.purpose:
            try:
                found[node.name] = inputs_for(samples, per_sample(node.shape), node.name)
            except DataError:
                if node.name in needed:
                    raise
    return found


@dataclass(frozen=True, eq=False)
class _Sample:
    """One of which only the shape counts."""

    x: Array
    title: str = "The sample"
    classes: int = 0


def takes(graph: FlatGraph, shape: tuple[int, ...]) -> bool:
    """Whether samples of this shape can be fed to the Inputs that the loss or an Output depends on."""
    answers = graph.upstream(node.name for node in graph if node.definition.role == "output")
    try:
        return bool(bind_inputs(graph, _Sample(np.zeros((1, *shape))), answers))
    except DataError:
        return False


def _shared(inputs: list[FlatNode], samples: Samples) -> dict[str, Array]:
    shapes = {node.name: per_sample(node.shape) for node in inputs}
    sizes = [math.prod(shape) for shape in shapes.values()]
    columns = samples.x.reshape(len(samples.x), math.prod(samples.x.shape[1:]))
    found: dict[str, Array] = {}
    if len(set(sizes)) > 1 or (len(sizes) > 1 and sizes[0] != columns.shape[1]):
        if sum(sizes) != columns.shape[1]:
            raise DataError(
                f"{', '.join(shapes)} together expect {sum(sizes):,} numbers per sample, "
                f"but {samples.title} gives {columns.shape[1]:,}: make their shapes add up to that."
            )
        for (name, shape), end in zip(shapes.items(), np.cumsum(sizes), strict=True):
            own = columns[:, end - math.prod(shape) : end]
            found[name] = own.reshape(len(columns), *shape)
    else:
        for name, shape in shapes.items():
            found[name] = inputs_for(samples, shape, name)
    return found


def _bound(graph: FlatGraph, targets: list[FlatNode], part: Part) -> dict[str, Array]:
    found = bind_inputs(graph, part)
    for node in targets:
        try:
            found[node.name] = targets_for(part, per_sample(node.shape), node.name)
        except DataError:
            if node.name in graph.purpose:
                raise
    return found


def _check_classes(graph: FlatGraph, data: Splits) -> None:
    """A criterion that takes class numbers must have a score for each."""
    for node in graph:
        for port in node.definition.class_ports:
            source = graph[node.sources[port]]
            if source.definition.role != "target" or per_sample(source.shape) or "input" not in node.sources:
                continue
            scores = node.input_shapes["input"][-1]
            classes = data.train.classes
            if classes and isinstance(scores, int) and scores < classes:
                raise DataError(
                    f"{node.name} tells {scores:,} classes apart, but {data.dataset.title} has {classes:,}: "
                    f"let {node.sources['input']} give {classes:,} numbers."
                )


def _converted(graph: FlatGraph, data: BoundData, nodes: list[FlatNode], dtype: DTypeLike) -> BoundData:
    """Arrays given by hand, checked against the graph."""
    wanted: list[FlatNode] = []
    for node in nodes:
        misfit = _misfit(node, data)
        if not misfit:
            wanted.append(node)
        elif node.name in graph.purpose:
            raise DataError(misfit)
    names = {node.name for node in wanted}
    parts = [{n: _as(a, dtype) for n, a in data.part(part).items() if n in names} for part in PARTS]
    return replace(data, **dict(zip(PARTS, parts, strict=True)))


def _misfit(node: FlatNode, data: BoundData) -> str:
    """Why the arrays given by hand are not for this node; empty where they are."""
    for part in PARTS:
        feeds = data.part(part)
        if part != "train" and not feeds:
            continue
        if node.name not in feeds:
            return f"{data.title}: the {part} part has no array for {node.name}."
        given, wanted = feeds[node.name].shape[1:], per_sample(node.shape)
        if given != wanted:
            return f"{node.name} expects {wanted} per sample, but {data.title} gives {given}."
    return ""


def _as(array: Array, dtype: DTypeLike) -> Array:
    return np.ascontiguousarray(array, np.int64 if array.dtype.kind in "iu" else dtype)


def _range(array: Array) -> tuple[float, float]:
    return float(array.min()), float(array.max())


def _listed(counts: set[int]) -> str:
    return " and ".join(f"{each:,}" for each in sorted(counts))
