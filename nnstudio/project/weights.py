"""Which learned arrays belong to which node of a graph, and whether they fit it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from nnstudio.errors import ProjectError
from nnstudio.modules.shapes import format_shape

if TYPE_CHECKING:
    from nnstudio.graph import Graph
    from nnstudio.project.arrays import Entry
    from nnstudio.project.project import Array, Project

Path = tuple[str, ...]
OPTIMIZER = "optimizer/"


def parameter_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """ "fc1.weight" -> its shape, for all parameters of the valid part of the graph."""
    return {
        f"{node.name}.{name}": parameter.shape
        for node in graph.flatten().nodes
        for name, parameter in node.parameters.items()
    }


def owner(name: str, nodes: Collection[str]) -> str | None:
    """The node of `nodes` that the array `name` belongs to: "enc.fc1" for "enc.fc1.weight.velocity"."""
    node = name
    while "." in node:
        node = node.rpartition(".")[0]
        if node in nodes:
            return node
    return None


def join_arrays(project: Project) -> dict[str, Array]:
    """All arrays of the project under the names they have in the file.

    Those that the graph has a parameter of another shape for are left out: they belong to an earlier drawing.
    """
    shapes = parameter_shapes(project.graph)
    optimizer = {OPTIMIZER + name: array for name, array in project.optimizer_state.items()}
    named = {**project.weights, **optimizer, **project.extra_arrays}
    return {name: array for name, array in named.items() if _misfit(name, array.shape, shapes) is None}


def split_arrays(project: Project, arrays: dict[str, Array]) -> None:
    """Put the arrays of a file where they belong in the project."""
    for name, array in arrays.items():
        if name.startswith(OPTIMIZER):
            project.optimizer_state[name.removeprefix(OPTIMIZER)] = array
        elif "/" in name:
            project.extra_arrays[name] = array
        else:
            project.weights[name] = array


def check_arrays(graph: Graph, entries: list[Entry], where: str) -> None:
    """Raise ProjectError where the shape or the dtype of an array is not what the graph has a parameter for.

    Arrays of nodes that the graph does not have, or cannot infer the shape of yet, are left alone.
    """
    shapes = parameter_shapes(graph)
    for entry in entries:
        expected = _misfit(entry.name, entry.shape, shapes)
        if expected is not None:
            raise ProjectError(
                f"{where}: the graph needs {entry.name} as {format_shape(expected)}, "
                f"but the file holds it as {format_shape(entry.shape)}."
            )
        if entry.name in shapes and entry.dtype.kind != "f":
            raise ProjectError(f"{where}: {entry.name} holds {entry.dtype} instead of float32 or float64.")


def _misfit(
    name: str, shape: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[int, ...] | None:
    """The shape that the graph expects of the array, where that is another one."""
    if name.startswith(OPTIMIZER):
        # A state belongs to one parameter and has its shape, or is one number.
        parameter = owner(name.removeprefix(OPTIMIZER), shapes)
        expected = None if parameter is None or shape == () else shapes[parameter]
    else:
        expected = shapes.get(name)
    return None if expected == shape else expected
