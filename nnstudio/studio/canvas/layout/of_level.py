"""The layout of a level with the cards that the canvas draws."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nnstudio.graph.level import Level
from nnstudio.graph.node import Node, Position
from nnstudio.graph.ports import input_ports, output_ports
from nnstudio.studio.canvas.layout.arrangement import Arrangement, arrangement
from nnstudio.studio.canvas.layout.cards import Card
from nnstudio.studio.canvas.node_item import PORT_PITCH, WIDTH, card_height


def arranged(level: Level) -> dict[str, Position]:
    """A position for every node of the level."""
    return arranged_level(level).positions


def arranged_level(level: Level, only: Collection[str] | None = None) -> Arrangement:
    """Positions for all nodes, or for those in `only`, and bends for the edges between them."""
    places = {key: node.position for key, node in level.nodes.items()}
    return arrangement(cards(level), level.edges, places, only)


def cards(level: Level) -> dict[str, Card]:
    """The cards of a level as the canvas draws them."""
    return {key: _card(level, node) for key, node in level.nodes.items()}


def _card(level: Level, node: Node) -> Card:
    inputs, outputs = input_ports(level, node), output_ports(level, node)
    height = card_height(max(len(inputs), len(outputs)))
    return Card(WIDTH, height, _spread(inputs, height), _spread(outputs, height))


def _spread(ports: Sequence[str], height: float) -> dict[str, float]:
    """Ports about the middle of the edge."""
    first = height / 2 - (len(ports) - 1) / 2 * PORT_PITCH
    return {port: first + index * PORT_PITCH for index, port in enumerate(ports)}
