"""Which arrays of the program belong to what is selected on the canvas, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nnstudio.graph import Edge
    from nnstudio.program import Program
    from nnstudio.studio.canvas.sheet import Sheet

Role = Literal[
    "input", "target", "constant", "output", "gradient", "parameter", "parameter gradient", "state", "inner"
]
_NO_BATCH = ("constant", "parameter", "parameter gradient", "state")
_PHASES: dict[Role, str] = {
    "gradient": "backward",
    "parameter gradient": "backward",
    "parameter": "update",
    "state": "update",
}


@dataclass(frozen=True)
class Quantity:
    """An array of the program. `title` is what it is called beside its node."""

    key: str
    title: str
    role: Role
    node: str

    @property
    def phase(self) -> str:
        """The phase whose colour it has."""
        return _PHASES.get(self.role, "forward")

    @property
    def short(self) -> str:
        """What a line of the list calls it: what an optimizer remembers stands below its parameter."""
        return self.title.rpartition(".")[2] if self.role == "state" else self.title

    @property
    def words(self) -> str:
        """What it is, for people."""
        return {
            "input": "what is fed",
            "target": "what is wanted",
            "constant": "a constant",
            "output": "output",
            "gradient": "gradient of the loss",
            "parameter": "learned",
            "parameter gradient": "gradient of the loss",
            "state": "what the optimizer remembers",
            "inner": "computed on the way to the output",
        }[self.role]

    def has_batch(self, program: Program, shape: tuple[int, ...]) -> bool:
        """Whether the first axis counts the samples of the batch."""
        constant = f"{self.node}.value" in program and self.role in ("output", "gradient")
        return self.role not in _NO_BATCH and not constant and bool(shape) and shape[0] == program.batch_size


def quantities_of(program: Program, name: str) -> list[Quantity]:
    """All quantities of a node, or of the nodes in a group, by its dotted name."""
    inner = [key for key in program if key.startswith(f"{name}.")]
    parameters = {each.key for each in program.listing.parameters}
    owners = list(dict.fromkeys(_owner(key, parameters) for key in inner))
    found: list[Quantity] = []
    for owner in owners:
        found.extend(_of_node(program, owner, inner, parameters))
    if len(owners) <= 1:
        return found
    return [_retitled(each, each.node.removeprefix(f"{name}.")) for each in found]


def quantities_of_nodes(program: Program, names: list[str]) -> list[Quantity]:
    """Those of several nodes, each title with its node's name before it."""
    if len(names) == 1:
        return quantities_of(program, names[0])
    found: list[Quantity] = []
    for name in names:
        own = quantities_of(program, name)
        found.extend(each if each.node != name else _retitled(each, name) for each in own)
    return found


def quantities_of_edge(program: Program, sheet: Sheet, edge: Edge) -> list[Quantity]:
    """What travels along an edge: the value forwards, the gradient backwards."""
    nodes, prefix = sheet.level.nodes, sheet.prefix
    source, target = nodes[edge.source], nodes[edge.target]
    giver = f"{prefix}{source.name}" + (f".{edge.source_port}" if source.is_group else "")
    found = [each for each in quantities_of(program, giver) if each.title in ("output", "grad_output")]
    value = [Quantity(each.key, "value", each.role, each.node) for each in found if each.title == "output"]
    arriving = f"{prefix}{target.name}.grad_{edge.port}"
    whole = [each for each in found if each.title == "grad_output"]
    if arriving not in program:
        return value + [Quantity(each.key, "gradient", each.role, each.node) for each in whole]
    own = Quantity(arriving, "gradient", "gradient", f"{prefix}{target.name}")
    name = f"all of {source.name}'s"
    # Where the value goes to several places, this is only this edge's part of its gradient.
    others = [
        Quantity(each.key, name, each.role, each.node)
        for each in whole
        if program.identifier(each.key) != program.identifier(arriving)
    ]
    return [*value, own, *others]


def _retitled(each: Quantity, before: str) -> Quantity:
    return Quantity(each.key, f"{before}.{each.title}", each.role, each.node)


def _owner(key: str, parameters: set[str]) -> str:
    """The node of a key: "fc1" of "fc1.output" and of "fc1.weight.velocity"."""
    node = key.rpartition(".")[0]
    return node.rpartition(".")[0] if node in parameters else node


def _of_node(program: Program, node: str, keys: list[str], parameters: set[str]) -> Iterator[Quantity]:
    own = {key: key.removeprefix(f"{node}.") for key in keys if _owner(key, parameters) == node}
    feed = program.listing.feeds.get(node)
    if f"{node}.output" in own:
        role: Role = "output"
        if feed is not None:
            role = feed.role
        elif program.identifier(f"{node}.output") in program.listing.constants:
            role = "constant"
        yield Quantity(own_key := f"{node}.output", "output", role, node)
        del own[own_key]
    learned = [key for key in own if key in parameters]
    of_parameters = {f"{node}.grad_{own[key]}" for key in learned}
    seen: set[str] = set()
    gradients = [key for key, title in own.items() if title.startswith("grad_") and key not in of_parameters]
    ports = [key for key in gradients if own[key] not in ("grad_output", "grad_input")]
    several = len(ports) > 1
    for key in sorted(gradients, key=lambda each: (own[each] != "grad_output", own[each] != "grad_input")):
        title, identifier = own[key], program.identifier(key)
        if (title == "grad_input" and several) or (title != "grad_output" and identifier in seen):
            continue
        if title != "grad_output":
            seen.add(identifier)
        yield Quantity(key, title, "gradient", node)
    states = program.listing.states.values()
    for key in learned:
        yield Quantity(key, own[key], "parameter", node)
        gradient = f"{node}.grad_{own[key]}"
        if gradient in own:
            yield Quantity(gradient, own[gradient], "parameter gradient", node)
        for parameter, quantity in states:
            if parameter == key and f"{key}.{quantity}" in own:
                yield Quantity(f"{key}.{quantity}", f"{own[key]}.{quantity}", "state", node)
    told = {*gradients, *learned, *of_parameters, *(f"{key}.{name}" for key, name in states)}
    for key, title in own.items():
        if key not in told:
            yield Quantity(key, title, "inner", node)
