"""Edits that mend a problem by drawing something: a connection, a Flatten in between, a criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit, Sequence
from nnstudio.graph.edits import AddEdge, AddNode
from nnstudio.graph.inference import Inference
from nnstudio.graph.level import Level
from nnstudio.graph.mending import splice
from nnstudio.graph.node import OUTPUT, Edge, Node
from nnstudio.graph.ports import definition_of, output_ports
from nnstudio.modules.catalogue import definition
from nnstudio.modules.shapes import Shape, has_batch

MOST_TRIED = 16  # outputs, before it is for the user to say which
ACROSS, DOWN = 240.0, 160.0  # from a node to what is added beside and below it

Output = tuple[Node, str, Shape]


def outputs_of(
    level: Level, inference: Inference, most: int | None = None
) -> tuple[list[Output], list[Output]]:
    """The known outputs of a level that an input may read: those that nothing reads yet, and all.

    Once there are more than `most` that nothing reads, the rest is not looked for.
    """
    free: list[Output] = []
    every: list[Output] = []
    for node in level.nodes.values():
        given = inference.given.get(node.id)
        if not given:
            continue
        known = definition_of(node)
        if known is not None and known.role in ("target", "criterion", "output"):
            continue
        read = {edge.source_port for edge in level.structure.outgoing[node.id]}
        for port in output_ports(level, node):
            shape = given.get(port)
            if shape is not None:
                every.append((node, port, shape))
                if port not in read:
                    free.append((node, port, shape))
        if most is not None and len(free) > most:
            break
    return free, every


def connection(
    outputs: tuple[list[Output], list[Output]],
    node: Node,
    port: str,
    takes: Callable[[Node, str, Shape], bool],
    closes: Callable[[Node, Node], bool],
) -> Edit | None:
    """The edge into a port that has none, where just one output fits: of those nothing reads, else of all.

    `takes` tells whether a node can work with a shape at a port, and `closes` whether an edge from one node
    to another would close a cycle.
    """
    for known in outputs:
        if len(known) > MOST_TRIED:
            return None
        fitting = [each for each in known if each[0] is not node and takes(node, port, each[2])]
        if len(fitting) > 1:
            return None
        if fitting:
            source, source_port, _ = fitting[0]
            return None if closes(source, node) else joined(source, node, port, source_port)
    return None


def joined(source: Node, target: Node, port: str, source_port: str = OUTPUT) -> Edit:
    """The edge, labelled with the names of the nodes."""
    edge = Edge(source.id, target.id, port, source_port)
    return AddEdge(edge, label=f"Connect {source.name} to {target.name}")


def can_take(inference: Inference, node: Node, port: str, shape: Shape) -> bool:
    """Whether the node could work with that shape at the port, as far as the others are known."""
    known = definition_of(node)
    shapes = {**inference.inputs.get(node.id, {}), port: shape}
    if node.bypassed or known is None or not set(known.ports) <= shapes.keys():
        return True
    try:
        known.infer({name: shapes[name] for name in known.ports}, node.settings)
    except GraphError:
        return False
    return True


def flattened(shape: Shape) -> Shape | None:
    """The shape behind a Flatten, where there is something to flatten."""
    try:
        return definition("Flatten").infer({"input": shape}, {}) if len(shape) > 2 else None
    except GraphError:
        return None


def flatten_first(level: Level, node: Node, port: str) -> Edit | None:
    """A Flatten in the edge into that port."""
    edges = level.structure.incoming[node.id].get(port, [])
    if len(edges) != 1:
        return None
    return replace(splice(level, AddNode("Flatten"), edges[0]), label=f"Flatten first, before {node.name}")


def criterion(
    level: Level,
    inference: Inference,
    widths: Mapping[str, tuple[int, ...]],
    classes: Mapping[str, int],
) -> Edit | None:
    """The criterion that fits the one prediction of a graph, and a Target where there is none to read.

    For numbers it is MSE, for class numbers CrossEntropy, or ClassNLL behind a LogSoftMax.
    """
    free = [each for each in outputs_of(level, inference)[0] if each[0].type != "Input"]
    ends = [node for node in level.nodes.values() if node.type == "Output"]
    free += [(node, OUTPUT, shape) for node in ends if (shape := inference.shape(node.id)) is not None]
    targets = [node for node in level.nodes.values() if node.type == "Target"]
    if len(free) != 1 or len(targets) > 1 or not has_batch(free[0][2]):
        return None
    source, source_port, scores = free[0]
    x, y = source.position
    add_target = AddNode("Target", position=(x, y + DOWN))
    if targets:
        wanted = tuple(targets[0].settings["shape"])
    else:
        name = add_target.on(level)[0].nodes[level.next_id()].name
        numbers = tuple(int(size) for size in scores[1:])
        wanted = widths.get(name, () if classes and len(numbers) == 1 else numbers)
    kind = "MSE"
    if wanted == ():
        kind = "ClassNLL" if source.type == "LogSoftMax" else "CrossEntropy"
    known = definition(kind)
    try:
        known.infer({"input": scores, "target": ("N", *wanted)}, known.complete({}))
    except GraphError:
        return None
    edits: list[Edit] = []
    now = level
    if targets:
        target_id = targets[0].id
    else:
        target_id = level.next_id()
        edits.append(replace(add_target, settings={"shape": wanted}, id=target_id))
        now, _ = edits[0].on(level)
    loss_id = now.next_id()
    edits += [
        AddNode(kind, position=(x + ACROSS, y), id=loss_id),
        AddEdge(Edge(source.id, loss_id, "input", source_port)),
        AddEdge(Edge(target_id, loss_id, "target")),
    ]
    return Sequence(edits, f"Add a criterion, {kind}")
