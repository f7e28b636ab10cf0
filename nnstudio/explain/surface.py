"""The loss around weights: a slice along two directions, with the path of a run on it.

Random directions are normalised filter by filter, so that a step means as much in every layer.
Source: Li, Xu, Taylor, Studer and Goldstein, Visualizing the Loss Landscape of Neural Nets, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nnstudio.data.parting import Splits
from nnstudio.errors import ExplainError
from nnstudio.graph import Graph
from nnstudio.program.compile import compile as compile_graph
from nnstudio.training import optimizers
from nnstudio.training.binding import BoundData, bind, count, without_data
from nnstudio.training.evaluation import Evaluation
from nnstudio.training.threads import limited

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Weights = Mapping[str, Array]
Kind = Literal["random", "principal"]
Progress = Callable[[int, int], object]

POINTS = 25
_COARSE = (4, 2)
"""Of so many rows and columns one is looked at first, so that there soon is a picture."""
MOST_SAMPLES, FEWEST_SAMPLES = 1000, 100
MOST_WORK = 200_000_000
"""Samples times parameters: larger networks are looked at with fewer samples."""
_MARGIN = 0.25
_FEWEST_PLACES = 3


@dataclass(frozen=True, eq=False)
class Slice:
    """The loss on a grid of two directions from where the weights stand.

    across, down   how far along the first and the second direction (points,)
    losses         (down, across), over `samples` training samples; NaN or inf where they are not finite
    path           (places, 2): where the run has been, as seen on this plane
    held           the share of the path's way that lies in the plane, 0 to 1; NaN without a path
    loss           at the middle
    """

    kind: Kind
    across: Floats
    down: Floats
    losses: Floats
    path: Floats
    held: float
    loss: float
    samples: int


Draft = Callable[[Slice], object]


class LossProgram:
    """The loss of a network over at most a thousand of its training samples, for any weights."""

    def __init__(
        self, graph: Graph, data: Splits | BoundData | None, dtype: str = "float32", seed: int = 0
    ) -> None:
        """Raises ExplainError without a loss, DataError where the data do not fit."""
        flat = graph.flatten()
        bound = bind(flat, data, dtype)
        part = without_data(flat, bound.train)
        rows, learned = (
            count(bound.train),
            sum(prod(p.shape) for node in part for p in node.parameters.values()),
        )
        most = min(MOST_SAMPLES, max(FEWEST_SAMPLES, MOST_WORK // max(1, learned)))
        spacing = -(-rows // most)
        feeds = {name: np.ascontiguousarray(array[::spacing]) for name, array in bound.train.items()}
        self.samples = count(feeds)
        self._evaluation = Evaluation(part, bound.task, bound.unit)
        self._program = compile_graph(
            graph, max(1, self.samples), dtype, seed=seed, optimizer=optimizers.definition("SGD"), part=part
        )
        if self._program.listing.loss is None or not self.samples:
            raise ExplainError("There is no loss to draw: join the answer and a Target to a criterion.")
        self.keys = tuple(item.key for item in self._program.listing.parameters if item.trained)
        if not self.keys:
            raise ExplainError("The loss depends on no parameter, so it has no surface.")
        self._program.feed(**feeds)
        self._start = self._program.parameters()

    def start(self) -> dict[str, Array]:
        """The first weights of the network, by key."""
        return dict(self._start)

    def loss(self, weights: Weights) -> float:
        """Per sample; NaN or inf where it is not finite."""
        self._program.load_parameters({key: weights[key] for key in weights if key in self._program})
        with np.errstate(all="ignore"):
            self._program.forward()
            return self._evaluation.loss_sum(self._program, self.samples) / self.samples


def loss_slice(
    program: LossProgram,
    weights: Weights,
    path: Sequence[Weights] = (),
    kind: Kind = "random",
    *,
    points: int = POINTS,
    seed: int = 0,
    progress: Progress | None = None,
    draft: Draft | None = None,
) -> Slice:
    """The loss around `weights`, which stand in the middle of directions: two random ones, or the two along
    which the path went most. `progress(done, of)` may raise to give it up; `draft` is given the same slice
    with fewer rows and columns as soon as these are known, then one with more of them.

    Raises ExplainError where the principal directions are asked for and the path is too short for them.
    """
    middle = {key: np.asarray(weights[key], np.float64) for key in program.keys if key in weights}
    start = program.start()
    middle |= {key: np.asarray(start[key], np.float64) for key in program.keys if key not in middle}
    # In single precision: a long path of a large network is large itself.
    fitting = [place for place in path if _fits(place, middle)]
    went = np.array(
        [_vector({key: place[key] - middle[key] for key in program.keys}) for place in fitting], np.float32
    )
    went = went.reshape(len(went), sum(array.size for array in middle.values()))
    first, second = _principal(went, seed) if kind == "principal" else _random(middle, seed)
    seen, held = _seen(went, first, second)
    across, down = (_axis(seen[:, axis], kind, points) for axis in (0, 1))
    losses = np.full((points, points), np.nan)
    done = 0
    with limited(1):
        here = program.loss(middle)
        for every, cells in _passes(points):
            for row, columns in cells:
                below = second * down[row]
                for column in columns:
                    losses[row, column] = program.loss(_moved(middle, first * across[column] + below))
                done += len(columns)
                if progress is not None:
                    progress(done, points * points)
            if draft is not None and every > 1:
                few = slice(None, None, every)
                coarse = losses[few, few].copy()
                draft(Slice(kind, across[few], down[few], coarse, seen, held, here, program.samples))
    return Slice(kind, across, down, losses, seen, held, here, program.samples)


def _passes(points: int) -> Iterator[tuple[int, list[tuple[int, list[int]]]]]:
    """Every so many rows and columns, each row with the columns that no pass before has looked at."""
    former = 0
    for every in (*(each for each in _COARSE if (points - 1) % each == 0), 1):
        lines = range(0, points, every)
        known = set(range(0, points, former)) if former else set[int]()
        cells = [(row, [each for each in lines if row not in known or each not in known]) for row in lines]
        yield every, cells
        former = every


def _fits(place: Weights, middle: Weights) -> bool:
    return all(key in place and place[key].shape == array.shape for key, array in middle.items())


def _vector(arrays: Weights) -> Floats:
    return np.concatenate([np.asarray(array, np.float64).reshape(-1) for array in arrays.values()])


def _moved(middle: Weights, by: Floats) -> dict[str, Array]:
    found: dict[str, Array] = {}
    at = 0
    for key, array in middle.items():
        found[key] = array + by[at : at + array.size].reshape(array.shape)
        at += array.size
    return found


def _random(middle: Weights, seed: int) -> tuple[Floats, Floats]:
    """Two directions in which every row of a weight has the length of that row; biases stay."""
    rng = np.random.Generator(np.random.PCG64(seed))
    thin = all(array.ndim < 2 for array in middle.values())

    def one() -> Floats:
        parts: dict[str, Array] = {}
        for key, array in middle.items():
            drawn = rng.standard_normal(array.shape)
            if array.ndim < 2:
                size = float(np.linalg.norm(array)) or 1.0
                parts[key] = drawn * (size / (float(np.linalg.norm(drawn)) or 1.0) if thin else 0.0)
                continue
            rows, like = array.reshape(len(array), -1), drawn.reshape(len(array), -1)
            lengths = np.linalg.norm(rows, axis=1) / np.maximum(np.linalg.norm(like, axis=1), 1e-12)
            parts[key] = like * lengths[:, None]
        return _vector(parts)

    first = one()
    second = one()
    # Two random directions of many numbers are nearly square to each other; of few they are made so.
    size = float(np.linalg.norm(second))
    second = second - first * (float(first @ second) / (float(first @ first) or 1.0))
    left = float(np.linalg.norm(second))
    return first, second * (size / left) if left > 1e-9 * size else second


def _principal(went: npt.NDArray[np.float32], seed: int) -> tuple[Floats, Floats]:
    """The two directions of length one along which the places of a path are spread most."""
    size = float(np.abs(went).max(initial=0))
    if len(went) < _FEWEST_PLACES or not size:
        raise ExplainError(f"A path has principal directions from {_FEWEST_PLACES} places on: train first.")
    # There are few places and many weights: the small matrix of their products tells the same.
    values, vectors = np.linalg.eigh((went @ went.T).astype(np.float64))
    first = np.asarray(vectors[:, -1] @ went, np.float64)
    first /= np.linalg.norm(first)
    if values[-2] > 1e-10 * values[-1]:
        second = np.asarray(vectors[:, -2] @ went, np.float64)
    else:  # the path is straight
        second = np.random.Generator(np.random.PCG64(seed)).standard_normal(len(first))
    second -= first * (first @ second)
    length = float(np.linalg.norm(second))
    if not length:
        raise ExplainError("A network with one parameter has no second direction.")
    return first, second / length


def _seen(went: npt.NDArray[np.float32], first: Floats, second: Floats) -> tuple[Floats, float]:
    """The places of the path as seen on the plane (places, 2), and how much of its way lies in it."""
    if not len(went):
        return np.zeros((0, 2)), float("nan")
    longest = np.array([first @ first, second @ second])
    seen = np.stack([went @ first, went @ second], axis=1) / np.maximum(longest, 1e-30)
    whole = float((np.square(went, dtype=np.float64)).sum())
    inside = float((seen**2 @ longest).sum())
    return seen, min(1.0, inside / whole) if whole else float("nan")


def _axis(seen: Floats, kind: Kind, points: int) -> Floats:
    """How far to look: over the whole path, and at least a whole direction where these are random."""
    least = min(0.0, float(seen.min(initial=0)))
    most = max(0.0, float(seen.max(initial=0)))
    if kind == "random":
        least, most = min(least, -1.0), max(most, 1.0)
    room = (most - least) or 1.0
    return np.linspace(least - _MARGIN * room, most + _MARGIN * room, points)
