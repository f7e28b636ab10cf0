"""Sample inputs for every node type: several (settings, arrays) for each definition.

A node type that is not named below gets the arrays of its kind (an activation one array, a criterion two),
and every choice and every yes-or-no setting in both ways, so that a new one is covered at once.

Kinks are avoided on purpose: central differences across one measure neither slope. All settings used here put
the kinks at multiples of a quarter, and all numbers lie between these multiples (`between_quarters`).
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnstudio.modules.catalogue import definitions
from nnstudio.modules.equations import Setting
from nnstudio.modules.module import Criterion, Definition
from nnstudio.modules.shapes import N, Shape


@dataclass(frozen=True)
class Case:
    """One node with its settings, the shapes at its ports, and float64 arrays (int64 class numbers)."""

    definition: Definition
    settings: Mapping[str, Any]
    shapes: Mapping[str, Shape]
    inputs: Mapping[str, np.ndarray]
    samples: int

    @functools.cached_property
    def complete(self) -> dict[str, Any]:
        return self.definition.complete(self.settings)

    def concrete(self, shape: Shape) -> tuple[int, ...]:
        """A shape with the number of samples for N."""
        return tuple(self.samples if dim == N else int(dim) for dim in shape)

    @functools.cached_property
    def output_shape(self) -> Shape:
        return self.definition.infer(self.shapes, self.complete)

    @functools.cached_property
    def parameters(self) -> dict[str, np.ndarray]:
        """Starting values, in float64."""
        rng = np.random.default_rng(7)
        declared = self.definition.parameters(self.shapes, self.complete)
        return {name: each.init.sample(rng, each.shape, np.float64) for name, each in declared.items()}

    @property
    def name(self) -> str:
        settings = ",".join(f"{name}={value}" for name, value in self.settings.items())
        shapes = ",".join(str(array.shape).replace(" ", "") for array in self.inputs.values())
        return f"{self.definition.name}({settings}){shapes}".replace(" ", "")


def cases(definition: Definition) -> list[Case]:
    """Several cases: every array set of `arrays_for` in every variant of the settings."""
    found: list[Case] = []
    for settings in SETTINGS.get(definition.name) or variants(definition):
        for shapes, samples in shapes_for(definition, settings):
            inputs = arrays_for(definition, shapes, samples)
            found.append(Case(definition, settings, shapes, inputs, samples))
    return found


def all_cases() -> list[Case]:
    """Every case of every node type in the catalogue."""
    return [case for definition in definitions().values() for case in cases(definition)]


# --- settings -------------------------------------------------------------------------------------


def variants(definition: Definition) -> list[dict[str, Any]]:
    """The defaults, and then one setting at a time changed to each other thing it may be."""
    found: list[dict[str, Any]] = [{}]
    for setting in definition.settings.values():
        found += [{setting.name: value} for value in others(setting) if setting.name != "loss_weight"]
    return found


def others(setting: Setting) -> list[Any]:
    match setting.kind:
        case "bool":
            return [not setting.default]
        case "choice":
            return [choice for choice in setting.choices if choice != setting.default]
        case "float":
            wanted = (0.25, 0.5, 1.5, 2.0)
            return [value for value in wanted if setting.within(value) and value != setting.default][:2]
        case _:
            return []


SETTINGS: dict[str, list[dict[str, Any]]] = {
    "Input": [{}, {"shape": ()}, {"shape": (1, 8, 8)}],
    "Target": [{}, {"shape": ()}, {"shape": (3,)}],
    "Constant": [
        {},
        {"value": (2.5,), "shape": (3,)},
        {"value": (1.0, -2.0, 3.0, 4.0), "shape": (2, 2)},
    ],
    "Parameter": [{}, {"value": (0.5,), "shape": (3,)}, {"value": (1.0, -2.0), "shape": (2, 1)}],
    "Linear": [
        {},
        {"out_features": 1},
        {"out_features": 3, "use_bias": False},
        {"in_features": 3, "init": "xavier"},
        {"init": "he"},
        {"init": "zeros"},
    ],
    "Reshape": [{"shape": (12,)}, {"shape": (3, 4)}, {"shape": (2, 3, 2)}],
    "Concat": [{}, {"axis": 2}, {"axis": 3}],
    "HardTanh": [{}, {"min_value": -0.5, "max_value": 0.25}],
    "Power": [{}, {"exponent": 2.0}, {"exponent": 0.5}, {"exponent": -1.5}, {"exponent": 1.0}],
    "AddConstant": [{}, {"constant": -0.75}],
    "MulConstant": [{}, {"constant": -0.75}],
}


# --- shapes ---------------------------------------------------------------------------------------

TABLES: list[dict[str, Shape]] = [
    {"a": (N, 4), "b": (N, 4)},
    {"a": (N, 2, 3), "b": (N, 2, 3)},
    {"a": (N,), "b": (N,)},
    {"a": (N, 4), "b": (4,)},
    {"a": (), "b": (N, 4)},
    {"a": (N, 1), "b": (N, 4)},
    {"a": (3, 1), "b": (N, 3, 2)},
    {"a": (2, 3), "b": (2, 3)},
    {"a": (), "b": ()},
]

SHAPES: dict[str, list[dict[str, Shape]]] = {
    "Linear": [{"input": (N, 3)}, {"input": (N, 2, 3)}, {"input": (3,)}],
    "Reshape": [{"input": (N, 12)}, {"input": (N, 2, 6)}],
    "Flatten": [{"input": (N, 3)}, {"input": (N, 2, 3, 2)}],
    "SoftMax": [{"input": (N, 4)}, {"input": (N, 1)}, {"input": (N, 2, 3)}, {"input": (3,)}],
    "CrossEntropy": [{"input": (N, 4), "target": (N,)}, {"input": (N, 4), "target": (N, 4)}],
    "ClassNLL": [{"input": (N, 4), "target": (N,)}],
    "PReLU": [{"input": (N, 4)}, {"input": (N, 2, 3)}, {"input": (N,)}, {"input": (3,)}],
    "Objective": [{"input": (N,)}, {"input": (N, 3)}, {"input": ()}],
}
SHAPES |= {"SoftMin": SHAPES["SoftMax"], "LogSoftMax": SHAPES["SoftMax"]}

JOINED: dict[int, list[dict[str, Shape]]] = {
    1: [{"a": (N, 3), "b": (N, 2)}, {"a": (N, 1, 2), "b": (N, 3, 2)}],
    2: [{"a": (N, 2, 3), "b": (N, 2, 1)}],
    3: [{"a": (N, 2, 1, 3), "b": (N, 2, 1, 2)}],
}


def shapes_for(definition: Definition, settings: Mapping[str, Any]) -> Iterator[tuple[dict[str, Shape], int]]:
    """Shapes at the ports, each with a number of samples; one sample alone is among them."""
    if definition.name == "Concat":
        choice = JOINED[settings.get("axis", 1)]
    elif settings.get("per_feature"):
        choice = [{"input": (N, 4)}]
    elif definition.name in SHAPES:
        choice = SHAPES[definition.name]
    elif definition.ports == ("a", "b"):
        choice = TABLES
    elif issubclass(definition.cls, Criterion):
        choice = [dict.fromkeys(definition.ports, shape) for shape in ((N, 1), (N, 3), (N,), (N, 2, 2))]
    else:
        choice = [dict.fromkeys(definition.ports, shape) for shape in ((N, 4), (N, 2, 3), (N,), (3,), ())]
    if not definition.ports:
        choice = [{}]
    yield choice[0], 1
    for shapes in choice:
        yield shapes, 5


# --- arrays ---------------------------------------------------------------------------------------


def between_quarters(rng: np.random.Generator, shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
    """Numbers from -2.5 to 2.5 that keep at least `low` and at most `high` above a multiple of a quarter."""
    return np.asarray(rng.integers(-10, 10, shape) * 0.25 + rng.uniform(low, high, shape))


def arrays_for(definition: Definition, shapes: Mapping[str, Shape], samples: int) -> dict[str, np.ndarray]:
    """Arrays for the ports. The differences between two ports keep away from multiples of a quarter too."""
    rng = np.random.default_rng(zlib.crc32(definition.name.encode()))
    arrays: dict[str, np.ndarray] = {}
    for place, (port, shape) in enumerate(shapes.items()):
        sizes = tuple(samples if dim == N else int(dim) for dim in shape)
        if port in definition.class_ports and shape == (N,):
            arrays[port] = rng.integers(0, int(shapes["input"][-1]), sizes)
        else:
            arrays[port] = between_quarters(rng, sizes, *((0.06, 0.11), (0.14, 0.19))[place])
        if place == 0 and definition.name in ("Log", "Sqrt", "Power"):
            arrays[port] = np.abs(arrays[port]) + 0.5
    match definition.name:
        case "CDivTable":
            arrays["b"] = np.where(arrays["b"] < 0, arrays["b"] - 0.5, arrays["b"] + 0.5)
        case "BCE":
            arrays["input"] = rng.uniform(0.05, 0.95, arrays["input"].shape)
            arrays["target"] = rng.uniform(0, 1, arrays["target"].shape)
        case "BCEWithLogits":
            arrays["target"] = rng.uniform(0, 1, arrays["target"].shape)
        case "SoftMargin" | "Margin":
            arrays["target"] = np.where(arrays["target"] > 0, 1.0, -1.0)
        case "KLDiv":
            arrays["input"] = np.log(rng.uniform(0.05, 0.95, arrays["input"].shape))
            arrays["target"] = rng.uniform(0.05, 0.95, arrays["target"].shape)
        case "CrossEntropy" if arrays["target"].ndim == 2:
            weights = rng.uniform(0.05, 1, arrays["target"].shape)
            arrays["target"] = weights / weights.sum(axis=-1, keepdims=True)
    return {port: np.asarray(array) for port, array in arrays.items()}
