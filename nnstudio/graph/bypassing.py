"""Bypassing: a node passes its first input on, as if it were not there; its settings and weights are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nnstudio.errors import GraphError
from nnstudio.graph.edit import Edit, name_of
from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.graph.ports import definition_of, group_inputs, group_outputs, is_unknown


def check_bypass(level: Level, node: Node) -> None:
    """Raises GraphError where the node has nothing to pass on, or is one that the graph cannot do without."""
    if node.inside is not None:
        lacking = "input" if not group_inputs(node.inside) else "output"
        if not (group_inputs(node.inside) and group_outputs(node.inside)):
            raise GraphError(f"{node.name} is a group without an {lacking}, so it cannot be bypassed.")
    elif is_unknown(node):
        if not level.structure.incoming[node.id]:
            raise GraphError(f"{node.name} has nothing coming in to pass on, so it cannot be bypassed.")
    elif not can_be_bypassed(node):
        raise GraphError(
            f"{node.name} cannot be bypassed: {node.type} does not pass an input on; remove it instead."
        )


def can_be_bypassed(node: Node) -> bool:
    """Whether nodes of its type can be. (Groups, and types this version does not know, may.)"""
    definition = definition_of(node)
    return definition is None or (definition.role == "module" and bool(definition.ports))


@dataclass(frozen=True)
class SetBypassed(Edit):
    """Bypasses nodes, or uses them again. Those that are already as wished stay as they are."""

    node_ids: tuple[str, ...]
    bypassed: bool = True

    def __post_init__(self) -> None:
        ids: Iterable[str] = (self.node_ids,) if isinstance(self.node_ids, str) else self.node_ids
        object.__setattr__(self, "node_ids", tuple(dict.fromkeys(ids)))
        super().__post_init__()

    def title(self, level: Level | None) -> str:
        one = len(self.node_ids) == 1
        what = name_of(level, self.node_ids[0]) if one else f"{len(self.node_ids)} nodes"
        return f"Bypass {what}" if self.bypassed else f"Use {what} again"

    def on(self, level: Level) -> tuple[Level, Edit]:
        changed: dict[str, Node] = {}
        for node_id in self.node_ids:
            node = level.node(node_id)
            if node.bypassed != self.bypassed:
                if self.bypassed:
                    check_bypass(level, node)
                changed[node_id] = replace(node, bypassed=self.bypassed)
        after = level.replaced(changed)
        return after, _PutBypassed(tuple(changed), not self.bypassed, label=self.label_on(level))


@dataclass(frozen=True)
class _PutBypassed(SetBypassed):
    """The inverse: it puts back what was, also what a file brought and nobody could wish for now."""

    def on(self, level: Level) -> tuple[Level, Edit]:
        changed = {key: replace(level.node(key), bypassed=self.bypassed) for key in self.node_ids}
        return level.replaced(changed), _PutBypassed(
            self.node_ids, not self.bypassed, label=self.label_on(level)
        )
