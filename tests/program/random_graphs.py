"""Random valid graphs by seed: branches, joins, fan-out, groups, several weighted criteria, every node type.

A graph grows node by node. Of every value an interval is known that it lies in, so that logarithms, roots and
quotients stay where they are defined and nothing explodes: what is too wide goes through a squashing node
first. Inputs and parameters are continuous random numbers, so that no value lies on a kink.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnstudio.errors import GraphError
from nnstudio.graph import Graph
from nnstudio.modules.shapes import Shape, has_batch, per_sample

DEEPEST = 12
WIDEST = 8.0
"""A value whose interval reaches further is squashed before anything else is done with it."""

PLAIN = ("Sigmoid", "Tanh", "ReLU", "LeakyReLU", "PReLU", "ELU", "SoftPlus", "SoftSign", "SoftShrink",
         "HardTanh", "GELU", "SiLU", "SoftMax", "SoftMin", "LogSoftMax", "AddConstant", "MulConstant", "Exp",
         "Log", "Power", "Square", "Sqrt", "Abs", "Linear", "Add", "CMul", "Flatten", "Reshape",
         "Output")  # fmt: skip
JOINS = ("CAddTable", "CSubTable", "CMulTable", "CDivTable", "CMaxTable", "CMinTable", "Concat")
CRITERIA = ("MSE", "L1", "SmoothL1", "BCE", "BCEWithLogits", "CrossEntropy", "ClassNLL", "SoftMargin",
            "Margin", "KLDiv", "Objective")  # fmt: skip
WITH_TARGET_GRADIENT = ("MSE", "L1", "SmoothL1", "BCEWithLogits")


@dataclass(frozen=True)
class Value:
    """What a node gives: its name, its shape, an interval its numbers lie in, how deep it stands."""

    node: str
    shape: Shape
    low: float
    high: float
    depth: int

    @property
    def reach(self) -> float:
        return max(abs(self.low), abs(self.high))


@dataclass
class RandomGraph:
    """A graph, its batch size, and float64 arrays (int64 class numbers) for its Input and Target nodes."""

    seed: int
    graph: Graph
    batch_size: int
    feeds: dict[str, np.ndarray]
    parameters: dict[str, np.ndarray]
    """Values for every learned array by key, "fc1.weight"."""
    types: set[str] = field(default_factory=set)
    depth: int = 0


def random_graph(seed: int) -> RandomGraph:
    """The graph of a seed; the same every time."""
    return _Grower(seed).grow()


class _Grower:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = np.random.default_rng([seed, 20240])
        self.graph = Graph()
        self.batch = int(self.rng.integers(1, 6))
        self.values: list[Value] = []
        self.unread: dict[str, Value] = {}
        self.feeds: dict[str, np.ndarray] = {}
        self.types: set[str] = set()
        self.deepest = 0

    # -- the whole -----------------------------------------------------------------------------------

    def grow(self) -> RandomGraph:
        for _ in range(self.rng.integers(1, 4)):
            self._input()
        # One type after another has its turn over the seeds, the others come by chance.
        own = (*PLAIN, *JOINS)[self.seed % (len(PLAIN) + len(JOINS))]
        wanted = [own, *self._draw((*PLAIN, *JOINS), int(self.rng.integers(3, 14)))]
        self.rng.shuffle(wanted)
        for type_name in wanted:
            self._grow_by(str(type_name))
        first = CRITERIA[self.seed % len(CRITERIA)]
        for number in range(int(self.rng.integers(1, 4))):
            self._criterion(first if number == 0 else str(self.rng.choice(CRITERIA)))
        names = {node.id: node.name for node in self.graph.nodes.values()}
        if self.rng.random() < 0.35:
            self._group()
        feeds = {  # a Target may have moved into a group
            node.name: self.feeds[names[node.path[-1]]]
            for node in self.graph.flatten()
            if node.definition.role in ("input", "target")
        }
        return RandomGraph(
            self.seed, self.graph, self.batch, feeds, self._parameters(), self.types, self.deepest
        )

    def _parameters(self) -> dict[str, np.ndarray]:
        """Like the catalogue's own starts, but no array is constant: zeros would hide a wrong gradient."""
        found: dict[str, np.ndarray] = {}
        for node in self.graph.flatten():
            for name, parameter in node.parameters.items():
                fan_in = (
                    parameter.shape[-1] if len(parameter.shape) > 1 else max(1, math.prod(parameter.shape))
                )
                bound = 0.9 if node.definition.role == "parameter" else fan_in**-0.5
                drawn = self.rng.uniform(-bound, bound, parameter.shape)
                found[f"{node.name}.{name}"] = np.asarray(drawn)
        return found

    def _draw(self, choices: tuple[str, ...], count: int) -> list[str]:
        return [str(choice) for choice in self.rng.choice(choices, count)]

    # -- nodes ---------------------------------------------------------------------------------------

    def _put(
        self,
        type_name: str,
        sources: list[Value],
        low: float,
        high: float,
        name: str | None = None,
        **settings: Any,
    ) -> Value:
        node = self.graph.add(type_name, name, **settings)
        self.types.add(type_name)
        for source in sources:
            self.graph.connect(source.node, node)
            self.unread.pop(source.node, None)
        shape = self.graph.shapes()[node.id]
        assert shape is not None, f"seed {self.seed}: {type_name} has no shape"
        depth = 1 + max((source.depth for source in sources), default=-1)
        self.deepest = max(self.deepest, depth)
        value = Value(node.name, shape, low, high, depth)
        if node.type not in CRITERIA:
            self.values.append(value)
            self.unread[value.node] = value
        return value

    def _input(self) -> Value:
        rank = self.rng.choice(3, p=(0.1, 0.65, 0.25))
        shape = tuple(int(size) for size in self.rng.integers(1, 6, rank))
        value = self._put("Input", [], -2, 2, shape=shape)
        self.feeds[value.node] = self.rng.uniform(-2, 2, (self.batch, *shape))
        return value

    def _leaf(self, shape: tuple[int, ...]) -> Value:
        """A Constant or a Parameter."""
        if self.rng.random() < 0.5:
            count = math.prod(shape)
            numbers = tuple(float(number) for number in self.rng.uniform(0.3, 0.9, count))
            return self._put("Constant", [], 0.3, 0.9, shape=shape, value=numbers)
        return self._put("Parameter", [], -0.9, 0.9, shape=shape, value=(0.5,))

    def _pick(self, fits: Callable[[Value], bool] = lambda value: True) -> Value | None:
        """A value to go on from: mostly one that nothing reads yet, else any, which then fans out."""
        open_ends = [value for value in self.unread.values() if fits(value)]
        anything = [value for value in self.values if fits(value)]
        choice = open_ends if open_ends and self.rng.random() < 0.7 else anything
        choice = [value for value in choice if value.depth < DEEPEST - 4]
        return choice[self.rng.integers(len(choice))] if choice else None

    def _calm(self, value: Value, widest: float = WIDEST) -> Value:
        """The value, squashed where its interval reaches too far."""
        if value.reach <= widest:
            return value
        kind = str(self.rng.choice(["Tanh", "SoftSign", "Sigmoid", "HardTanh"]))
        if kind == "HardTanh" and (value.low > 1 or value.high < -1):
            kind = "Tanh"
        low = 0.0 if kind == "Sigmoid" else -1.0
        return self._put(kind, [value], low, 1.0)

    def _positive(self, value: Value) -> Value:
        """The value, made at least 0.4."""
        if value.low >= 0.4:
            return value
        kind = str(self.rng.choice(["Square", "SoftPlus", "Sigmoid", "Abs"]))
        if kind in ("Square", "Abs"):
            value = self._calm(value, 3.0)
            high = value.reach**2 if kind == "Square" else value.reach
            value = self._put(kind, [value], 0.0, high)
        elif kind == "SoftPlus":
            value = self._calm(value)
            value = self._put(kind, [value], 0.0, value.reach + 0.7)
        else:
            value = self._put(kind, [value], 0.0, 1.0)
        return self._put("AddConstant", [value], value.low + 0.5, value.high + 0.5, constant=0.5)

    def _grow_by(self, type_name: str) -> None:
        source = self._pick(self._fits(type_name))
        if source is None and type_name not in JOINS:
            source = self._input()
            if not self._fits(type_name)(source):
                return
        if source is None:
            return
        if type_name in JOINS:
            self._join(type_name, source)
        else:
            self._unary(type_name, source)

    def _fits(self, type_name: str) -> Callable[[Value], bool]:
        def features(value: Value) -> bool:
            return bool(per_sample(value.shape))

        def batch(value: Value) -> bool:
            return has_batch(value.shape)

        if type_name in ("Linear", "SoftMax", "SoftMin", "LogSoftMax"):
            return features
        if type_name in ("Flatten", "Concat"):
            return lambda value: batch(value) and features(value)
        if type_name == "Reshape":
            return batch
        if type_name == "PReLU":
            return lambda value: bool(value.shape)
        return lambda value: True

    def _unary(self, type_name: str, source: Value) -> None:
        source = self._calm(source)
        low, high, reach = source.low, source.high, source.reach
        settings: dict[str, Any] = {}
        match type_name:
            case "Sigmoid" | "SoftMax" | "SoftMin":
                low, high = 0.0, 1.0
            case "Tanh" | "SoftSign":
                low, high = -1.0, 1.0
            case "ReLU":
                low, high = max(low, 0.0), max(high, 0.0)
            case "LeakyReLU":
                settings["negative_slope"] = float(self.rng.choice([0.01, 0.2]))
            case "PReLU":
                settings["per_feature"] = len(source.shape) == 2 and bool(self.rng.random() < 0.5)
                low, high = -reach, reach
            case "ELU":
                settings["alpha"] = float(self.rng.choice([0.5, 1.0, 1.5]))
                low = min(low, 0.0) and -1.5
            case "SoftPlus":
                settings["beta"] = float(self.rng.choice([0.5, 1.0, 2.0]))
                low, high = 0.0, max(high, 0.0) + 1.4
            case "SoftShrink":
                settings["lambd"] = float(self.rng.choice([0.1, 0.5]))
            case "HardTanh":
                settings = {"min_value": -0.8, "max_value": float(self.rng.choice([0.6, 1.0]))}
                low, high = -0.8, 1.0
            case "GELU":
                settings["approximate"] = str(self.rng.choice(["none", "tanh"]))
                low, high = -0.2, max(high, 0.0)
            case "SiLU":
                low, high = -0.3, max(high, 0.0)
            case "LogSoftMax":
                low, high = -2 * reach - math.log(source.shape[-1]) - 0.1, 0.0  # type: ignore[arg-type]
            case "AddConstant":
                settings["constant"] = float(self.rng.choice([-0.7, 0.3, 1.0]))
                low, high = low + settings["constant"], high + settings["constant"]
            case "MulConstant":
                settings["constant"] = float(self.rng.choice([-0.6, 0.5, 1.3]))
                low, high = -1.3 * reach, 1.3 * reach
            case "Exp":
                source = self._calm(source, 1.5)
                low, high = math.exp(source.low), math.exp(source.high)
            case "Log":
                source = self._positive(source)
                low, high = math.log(source.low), math.log(source.high)
            case "Sqrt":
                source = self._positive(source)
                low, high = math.sqrt(source.low), math.sqrt(source.high)
            case "Power":
                settings["exponent"] = float(self.rng.choice([3.0, 2.0, 0.5, -1.5, -1.0, 1.0, 1.7]))
                whole = settings["exponent"] in (1.0, 2.0, 3.0)
                source = self._calm(source, 2.0) if whole else self._positive(source)
                ends = [source.reach ** settings["exponent"]]
                ends += [] if whole else [source.low ** settings["exponent"]]
                low, high = (-max(ends), max(ends)) if whole else (min(ends), max(ends))
            case "Square":
                source = self._calm(source, 2.5)
                low, high = 0.0, source.reach**2
            case "Abs":
                low, high = 0.0, reach
            case "Linear":
                width = int(source.shape[-1])
                settings = {
                    "out_features": int(self.rng.integers(1, 6)),
                    "use_bias": bool(self.rng.random() < 0.75),
                    "init": str(self.rng.choice(["uniform", "xavier", "he", "zeros"])),
                }
                high = math.sqrt(width) * reach + 1
                low = -high
            case "Add":
                low, high = low - 1, high + 1
            case "CMul":
                low, high = -reach, reach
            case "Reshape":
                settings["shape"] = self._other_shape(per_sample(source.shape))
            case _:  # Output, Flatten
                pass
        self._put(type_name, [source], min(low, high), max(low, high), **settings)

    def _other_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        count = math.prod(shape)
        divisors = [size for size in range(1, count + 1) if count % size == 0]
        first = int(self.rng.choice(divisors))
        choices: list[tuple[int, ...]] = [(count,), (first, count // first)]
        return choices[self.rng.integers(2)] if count > 1 or self.rng.random() < 0.5 else ()

    def _partner(self, a: Value) -> Value:
        """Something to join with `a` that has its shape or is repeated over it."""
        way = self.rng.random()
        if way < 0.35:
            same = self._pick(lambda value: value.shape == a.shape and value.node != a.node)
            if same is not None:
                return same
        shape = per_sample(a.shape)
        if way < 0.45:
            return a  # the same node at both ports
        if way < 0.7 and shape:
            other = self._pick(
                lambda value: bool(per_sample(value.shape)) and value.shape[:-1] == a.shape[:-1]
            )
            if other is not None:
                other = self._calm(other)
                high = math.sqrt(int(other.shape[-1])) * other.reach + 1
                return self._put("Linear", [other], -high, high, out_features=int(shape[-1]))
        cut = int(self.rng.integers(len(shape) + 1))
        smaller = tuple(1 if self.rng.random() < 0.3 else size for size in shape[cut:])
        return self._leaf(smaller)

    def _join(self, type_name: str, a: Value) -> None:
        a = self._calm(a)
        if type_name == "Concat":
            rank = len(a.shape)
            axis = int(self.rng.integers(1, rank))
            alike = self._pick(
                lambda value: (
                    len(value.shape) == rank
                    and value.shape[:axis] + value.shape[axis + 1 :] == a.shape[:axis] + a.shape[axis + 1 :]
                    and has_batch(value.shape)
                )
            )
            b = self._calm(alike or a)
            pair = [a, b] if self.rng.random() < 0.5 else [b, a]
            self._put("Concat", pair, min(a.low, b.low), max(a.high, b.high), axis=axis)
            return
        b = self._calm(self._partner(a), 3.0 if type_name in ("CMulTable", "CDivTable") else WIDEST)
        if type_name == "CDivTable":
            b = self._positive(b)
        elif type_name in ("CAddTable", "CSubTable", "CMulTable") and self.rng.random() < 0.4:
            a, b = b, a
        low, high = min(a.low, b.low), max(a.high, b.high)
        if type_name in ("CAddTable", "CSubTable"):
            high = a.reach + b.reach
            low = -high
        elif type_name == "CMulTable":
            high = a.reach * b.reach
            low = -high
        elif type_name == "CDivTable":
            high = a.reach / b.low
            low = -high
        elif (
            a.node == b.node
        ):  # the larger of a value and itself is a tie, where a gradient may go either way
            b = self._put("MulConstant", [b], -1.3 * b.reach, 1.3 * b.reach, constant=-0.6)
        self._put(type_name, [a, b], low, high)

    # -- criteria ------------------------------------------------------------------------------------

    def _criterion(self, type_name: str) -> None:
        def fits(value: Value) -> bool:
            return type_name == "Objective" or has_batch(value.shape)

        source = self._pick(fits) or self._input()
        source = self._calm(source)
        if type_name in ("CrossEntropy", "ClassNLL"):
            if not per_sample(source.shape):
                source = self._put("Reshape", [source], source.low, source.high, shape=(1,))
            if len(source.shape) != 2:
                source = self._put("Flatten", [source], source.low, source.high)
            if source.shape[-1] == 1 or self.rng.random() < 0.5:
                high = math.sqrt(int(source.shape[-1])) * source.reach + 1
                source = self._put("Linear", [source], -high, high, out_features=int(self.rng.integers(2, 6)))
        if type_name == "ClassNLL" and self.rng.random() < 0.7:
            source = self._put("LogSoftMax", [source], -30, 0)
        if type_name == "KLDiv":
            source = self._put("LogSoftMax", [source], -30, 0) if per_sample(source.shape) else source
        if type_name == "BCE" and not (source.low >= 0 and source.high <= 1 and source.reach <= 1):
            source = self._put("Sigmoid", [source], 0, 1)
        if type_name == "BCE":  # away from the ends, where the logarithms are cut off
            source = self._put("MulConstant", [source], 0, 0.9, constant=0.9)
            source = self._put("AddConstant", [source], 0.05, 0.95, constant=0.05)
        if type_name == "Objective":  # weighed, because the softmax family adds up to a constant
            weights = self._put(
                "Constant", [], -1, 1, shape=per_sample(source.shape),
                value=tuple(float(w) for w in self.rng.uniform(0.3, 1, math.prod(per_sample(source.shape)))),
            )  # fmt: skip
            source = self._put("CMulTable", [source, weights], -source.reach, source.reach)
        choices = {"MSE": ["mean", "sum", "half-sum"], "KLDiv": ["mean", "sum", "batchmean"]}
        settings: dict[str, Any] = {
            "reduction": str(self.rng.choice(choices.get(type_name, ["mean", "sum"]))),
            "loss_weight": float(self.rng.choice([1.0, 1.0, 0.5, 0.3, -0.7])),
        }
        if type_name == "SmoothL1":
            settings["beta"] = float(self.rng.choice([0.5, 1.0]))
        if type_name == "Margin":
            settings["margin"] = float(self.rng.choice([0.5, 1.0]))
        sources = [source]
        if type_name != "Objective":
            sources.append(self._target(type_name, source))
        self._put(type_name, sources, -1, 1, **settings)

    def _target(self, type_name: str, source: Value) -> Value:
        if type_name in WITH_TARGET_GRADIENT and self.rng.random() < 0.3:
            same = self._pick(lambda value: value.shape == source.shape and value.node != source.node)
            if same is not None:
                return same
        classes = int(source.shape[-1]) if len(source.shape) > 1 else 0
        by_number = type_name == "ClassNLL" or (type_name == "CrossEntropy" and self.rng.random() < 0.6)
        shape = () if by_number else per_sample(source.shape)
        value = self._put("Target", [], -1, 1, shape=shape)
        sizes = (self.batch, *shape)
        if by_number:
            array = self.rng.integers(0, classes, sizes)
        elif type_name in ("SoftMargin", "Margin"):
            array = np.where(self.rng.random(sizes) < 0.5, -1.0, 1.0)
        elif type_name in ("MSE", "L1", "SmoothL1"):
            array = self.rng.normal(size=sizes)
        else:
            array = self.rng.uniform(0.05, 0.95, sizes)
        if type_name == "CrossEntropy" and not by_number:
            array = array / array.sum(axis=-1, keepdims=True)
        self.feeds[value.node] = np.asarray(array)
        self.values.remove(value)  # one criterion's target is nobody else's input
        self.unread.pop(value.node)
        return value

    # -- groups --------------------------------------------------------------------------------------

    def _group(self) -> None:
        """Fold a node and what it feeds into a group, twice where it can be; some choices feed themselves."""
        for _ in range(2):
            nodes = [node for node in self.graph.nodes.values() if node.type not in ("Input", "Output")]
            count = int(self.rng.integers(1, max(2, len(nodes) // 2)))
            start = int(self.rng.integers(len(nodes) - count + 1))
            try:
                self.graph.group(nodes[start : start + count])
                self.types.add("Group")
            except GraphError:
                continue
