"""What is to be explained: the quantities that the selected node or edge has in the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.graph import Edge
    from nnstudio.program import Program, Statement

_ORDER = ("output", "grad_output", "grad_input")


@dataclass(frozen=True)
class Quantity:
    """A key of the program, and what it is called here."""

    key: str
    label: str


@dataclass(frozen=True)
class Subject:
    """Quantities to choose from; without any, `sentence` says why.

    name    of the node, or "fc1 → act1"; "" where nothing is selected and the steps are followed
    nodes   dotted names of the nodes that are meant
    """

    name: str
    nodes: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    sentence: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(each.key for each in self.quantities)


def subject(stepper: Stepper, canvas: Canvas) -> Subject:
    """The first selected node, else the first selected edge, else what has just run."""
    program = stepper.program
    nodes, edges = canvas.selected_nodes(), canvas.graph_scene.selected_edges()
    if program is None or not program.statements:
        said = stepper.sentence or "There is nothing to explain yet: connect some modules."
        return Subject("", (), (), said)
    if nodes and nodes[0] in canvas.sheet.level.nodes:
        return _of_node(program, canvas, nodes[0])
    if edges:
        return _of_edge(program, canvas, edges[0])
    statement = stepper.statement
    if statement is None:
        return Subject(
            "",
            (),
            (),
            "Select a node or an edge on the canvas, or press Step: what has run is explained here.",
        )
    name = statement.node or "the program"
    return Subject(
        "", (statement.node,) if statement.node else (), _quantities(program, statement.node), name
    )


def key_of(program: Program, statement: Statement, among: Subject) -> str | None:
    """The quantity that a statement has written, by the name it has in a subject."""
    found = [key for key in among.keys if program.identifier(key) == statement.target]
    wished = f"{statement.node}.{statement.quantity}"
    return wished if wished in found else found[0] if found else None


def _of_node(program: Program, canvas: Canvas, node_id: str) -> Subject:
    sheet = canvas.sheet
    node = sheet.level.nodes[node_id]
    name = f"{sheet.prefix}{node.name}"
    found = _quantities(program, name)
    if found:
        inside = tuple(dict.fromkeys(each.key.rpartition(".")[0] for each in found))
        return Subject(name, inside, found)
    way = (*sheet.path, node_id)
    problem = next((each.sentence for each in sheet.problems if each.path[: len(way)] == way), "")
    return Subject(name, (), (), problem or f"{name} is not part of what runs, so it has no numbers yet.")


def _of_edge(program: Program, canvas: Canvas, edge: Edge) -> Subject:
    sheet = canvas.sheet
    source, target = (sheet.level.nodes[key] for key in (edge.source, edge.target))
    start, end = f"{sheet.prefix}{source.name}", f"{sheet.prefix}{target.name}"
    given = f"{start}.{edge.source_port}" if source.is_group else start
    back = f"{end}.{edge.port}.grad_output" if target.is_group else f"{end}.grad_{edge.port}"
    wished = (
        (f"{given}.output", "value"),
        (back, "gradient back"),
        (f"{given}.grad_output", "whole gradient"),
    )  # fmt: skip
    found = tuple(Quantity(key, label) for key, label in wished if key in program)
    name = f"{source.name} → {target.name}"
    if not found:
        return Subject(name, (), (), "Nothing runs along this edge yet.")
    return Subject(name, (given, end), found)


def _quantities(program: Program, name: str) -> tuple[Quantity, ...]:
    """All of a node, what it gives first, then gradients, then parameters each with its gradient."""
    if not name:
        return ()
    prefix = f"{name}."
    own = [key for key in program if key.startswith(prefix)]
    parameters = [item.key for item in program.listing.parameters if item.key.startswith(prefix)]

    def rank(key: str) -> tuple[int, int, str]:
        rest = key.removeprefix(prefix)
        if rest in _ORDER:
            return (0, _ORDER.index(rest), "")
        for number, parameter in enumerate(parameters):
            node, _, quantity = parameter.rpartition(".")
            if key in (parameter, f"{node}.grad_{quantity}") or key.startswith(f"{parameter}."):
                return (2, number, "" if key == parameter else key)
        return (1, 0, "") if "grad_" in rest else (3, 0, "")

    return tuple(Quantity(key, key.removeprefix(prefix)) for key in sorted(own, key=rank))
