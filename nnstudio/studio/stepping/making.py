"""Making the stepper's program from the document: compiled, fed with samples, with the weights it had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnstudio.errors import Error
from nnstudio.studio.stepping.scheduled import Judged

if TYPE_CHECKING:
    from nnstudio.data.parting import Splits
    from nnstudio.graph import FlatGraph, Graph
    from nnstudio.graph.level import Level
    from nnstudio.program import Program
    from nnstudio.training.binding import BoundData
    from nnstudio.training.settings import TrainingSettings

Arrays = dict[str, NDArray[Any]]
Feeds = Mapping[str, NDArray[Any]]

MOST_SAMPLES = 64
"""A batch that is stepped holds no more; training takes what its settings say."""


@dataclass(frozen=True)
class Order:
    """What a program is to be made from."""

    graph: Graph
    training: TrainingSettings
    samples: Splits | None
    weights: Arrays
    states: Arrays
    first: int
    """The training sample that the batch begins with."""
    trained: bool
    """Whether the weights were learned: then it shows at once what they make of the samples."""


@dataclass(frozen=True)
class Made:
    """A program that is ready to be stepped, or why there is none."""

    program: Program | None = None
    sentence: str = ""
    feeds: Feeds = field(default_factory=dict[str, NDArray[Any]])
    """All training samples by Input and Target."""
    first: int = 0
    begun: Arrays = field(default_factory=dict[str, NDArray[Any]])
    """The parameters it began with."""
    level: Level | None = None
    judged: Judged | None = None
    """What the losses of an epoch are measured by."""


def make(order: Order) -> Made:
    """Compile a graph as far as it can run, give it its weights and some samples. Raises Error."""
    from nnstudio.training.binding import count, without_data
    from nnstudio.training.evaluation import Evaluation

    training = order.training
    bound, sentence = _bound(order.graph, order.samples, training.dtype)
    feeds = bound.train
    size = max(1, min(training.batch_size or MOST_SAMPLES, MOST_SAMPLES))
    if feeds:
        size = max(1, min(size, count(feeds)))
    flat = order.graph.flatten()
    part = flat if sentence else without_data(flat, feeds)
    program = compiled(order.graph, part, training, size)
    load(program, order.weights, order.states)
    first = order.first if feeds and order.first < count(feeds) else 0
    if not sentence:
        try:
            program.feed(**batch_from(feeds, size, first))
        except Error as error:
            sentence = str(error)
    if order.trained and not sentence:
        go_forward(program)
    judged = Judged(Evaluation(part, bound.task, bound.unit), bound.validation)
    return Made(program, sentence, feeds, first, program.parameters(), order.graph.level, judged)


def compiled(graph: Graph, part: FlatGraph, training: TrainingSettings, size: int) -> Program:
    """The program of the part of a graph that can run. Raises Error."""
    from nnstudio.program import compile
    from nnstudio.training import optimizers

    program = compile(
        graph,
        size,
        training.dtype,
        "numpy",
        training.seed,
        optimizer=optimizers.definition(training.optimizer),
        optimizer_settings=training.optimizer_settings,
        part=part,
    )
    program.lr = training.lr
    for line in program.statements:
        _ = line.text  # written once, and not when the window is to show it
    return program


def go_forward(program: Program) -> None:
    """What the weights make of the samples, before the first statement."""
    with np.errstate(all="ignore"):
        program.forward()
    program.position = 0


def load(program: Program, weights: Mapping[str, NDArray[Any]], states: Mapping[str, NDArray[Any]]) -> None:
    """Take over what fits."""
    own = program.parameters()
    program.load_parameters(_fitting(weights, own))
    program.load_optimizer_state(_fitting(states, program.optimizer_state()))


def _fitting(arrays: Mapping[str, NDArray[Any]], own: Mapping[str, NDArray[Any]]) -> Arrays:
    return {key: array for key, array in arrays.items() if key in own and own[key].shape == np.shape(array)}


def batch_from(feeds: Feeds, size: int, first: int) -> Arrays:
    """The batch that begins with a sample; at the end of the data it goes on at their start."""
    which = np.arange(first, first + size)
    return {name: array.take(which, axis=0, mode="wrap") for name, array in feeds.items()}


def compiled_from(training: TrainingSettings) -> tuple[Any, ...]:
    """What of the training settings a program is made from."""
    return (
        training.optimizer,
        dict(training.optimizer_settings),
        training.dtype,
        training.seed,
        training.batch_size,
    )


def _bound(graph: Graph, samples: Any, dtype: str) -> tuple[BoundData, str]:
    """The samples by node; a sentence where they do not fit."""
    from nnstudio.training.binding import BoundData, bind

    try:
        return bind(graph.flatten(), samples, dtype), ""
    except Error as error:
        return BoundData({}), str(error)
