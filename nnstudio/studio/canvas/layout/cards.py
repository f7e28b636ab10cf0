"""What the layout knows of a node: the size of its card, and how far down its ports are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Card:
    """A card's size, and for every port its distance from the card's top, on the left edge for inputs and on
    the right edge for outputs.
    """

    width: float
    height: float
    inputs: Mapping[str, float] = field(default_factory=dict[str, float])
    outputs: Mapping[str, float] = field(default_factory=dict[str, float])

    def input_at(self, port: str) -> float:
        """The middle of the card for a port it does not have."""
        return self.inputs.get(port, self.height / 2)

    def output_at(self, port: str) -> float:
        return self.outputs.get(port, self.height / 2)
