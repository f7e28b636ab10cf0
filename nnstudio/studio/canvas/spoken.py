"""What a screen reader says of a node and of an edit: text only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnstudio.graph import Problem
from nnstudio.modules.shapes import Shape, format_shape
from nnstudio.studio.formats import count

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.studio.canvas.look import NodeLook
    from nnstudio.studio.canvas.sheet import Sheet

_MOST = 4  # names in a row, before the rest is only counted

# Labels of edits are commands; said after the fact they are told in the past.
_IRREGULAR = {
    "Apply": "Applied",
    "Bend": "Bent",
    "Clip": "Clipped",
    "Cut": "Cut",
    "Drop": "Dropped",
    "Fit": "Fitted",
    "Make": "Made",
    "Put": "Put",
    "Reset": "Reset",
    "Set": "Set",
}
_REGULAR = """
    Add Align Arrange Bypass Change Clear Colour Connect Delete Detach Disconnect Distribute Duplicate Enable
    Flatten Fold Group Insert Join Mend Move Nudge Open Paste Place Remove Rename Replace Resize Restore
    Rewind Scale Splice Straighten Train Turn Unfold Ungroup Use
""".split()


def spoken_name(sheet: Sheet, look: NodeLook, selected: bool, problems: Sequence[Problem]) -> str:
    """fc1, Linear, 2 to 8; inputs: input from x; output to act1; selected; problem: fc1 expects …"""
    level = sheet.level
    node = level.nodes[look.node_id]
    sizes = look.kind.removeprefix(node.type).strip()
    inside = look.detail if node.is_group else ""
    parts = [", ".join(filter(None, (look.name, node.type, spoken_shape(sizes), inside)))]
    if look.inputs:
        arriving = level.structure.incoming.get(node.id, {})
        sources = {port: [edge.source for edge in arriving.get(port, ())] for port in look.inputs}
        told = [_spoken_input(level, port, ids) for port, ids in sources.items()]
        parts.append(f"inputs: {', '.join(told)}")
    parts += [_spoken_output(level, look, port) for port in look.outputs]
    if getattr(node, "bypassed", False):
        parts.append("bypassed")
    if selected:
        parts.append("selected")
    for problem in problems:
        word = "problem" if problem.severity == "error" else "warning"
        parts.append(f"{word}: {problem.sentence.rstrip('.')}")
    return "; ".join(parts)


def spoken_description(sheet: Sheet, look: NodeLook, numbers: Sequence[str] = ()) -> str:
    """x Wᵀ + b; 24 parameters; input N by 2; output N by 8; from x: value 0.27, gradient −1.5, stale"""
    key = look.node_id
    shapes: dict[str, Shape | None] = {**sheet.input_shapes(key), **sheet.output_shapes(key)}
    flows = [
        f"{port} {spoken_shape(format_shape(shape))}" for port, shape in shapes.items() if shape is not None
    ]
    told = [each.replace(" … ", " to ") for each in numbers]
    return "; ".join(filter(None, (look.formula, look.detail, *flows, *told)))


def spoken_shape(text: str) -> str:
    """As one reads it out: N×8 is N by 8, 2→8 is 2 to 8."""
    return text.replace("×", " by ").replace("→", " to ")


def spoken_size(level: Level) -> str:
    return f"{count(len(level.nodes), 'node')}, {count(len(level.edges), 'edge')}"


def past(label: str) -> str:
    """What an edit has done, from its label: "Add Linear fc3" has "Added Linear fc3"."""
    verb, _, rest = label.partition(" ")
    done = _IRREGULAR.get(verb)
    if done is None and verb in _REGULAR:
        done = f"{verb}d" if verb.endswith("e") else f"{verb}ed"
    return f"Done: {label}" if done is None else f"{done} {rest}".rstrip()


def joined(names: Sequence[str]) -> str:
    """a, b and c; of many only the first are named."""
    if len(names) > _MOST:
        return f"{', '.join(names[: _MOST - 1])} and {len(names) - _MOST + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def _spoken_input(level: Level, port: str, sources: Sequence[str]) -> str:
    if not sources:
        return f"{port} not connected"
    return f"{port} from {joined([level.nodes[key].name for key in sources])}"


def _spoken_output(level: Level, look: NodeLook, port: str) -> str:
    ends = []
    for edge in level.structure.outgoing.get(look.node_id, ()):
        if edge.source_port == port:
            name = level.nodes[edge.target].name
            several = len(level.structure.incoming[edge.target]) > 1
            ends.append(f"{edge.port} of {name}" if several else name)
    return f"{port} to {joined(ends)}" if ends else f"{port} not connected"
