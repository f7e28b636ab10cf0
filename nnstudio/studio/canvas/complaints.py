"""What a badge on the canvas says about problems: a few words; the sentences stand in the tooltip."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnstudio.graph.node import Edge

if TYPE_CHECKING:
    from nnstudio.graph import Problem
    from nnstudio.studio.canvas.sheet import Sheet

_WORDS = {
    "bad-shape": "shapes do not fit",
    "too-large": "too large",
    "two-edges": "two edges",
    "cycle": "in a cycle",
    "unknown-type": "unknown type",
    "unknown-setting": "unknown setting",
    "unknown-field": "unknown field",
    "unconnected-target": "nothing reads it",
    "dead": "dead units",
    "saturation": "saturated",
    "vanishing": "vanishing gradient",
    "exploding": "exploding gradient",
}
_EXPECTS = re.compile(r"expects (?P<expected>[^,]+?)(?: at \w+)?, but .+ gives (?P<given>[\w×]+)")
_CLASSES = re.compile(r"scores for (?P<scores>[\d,]+) class.* (?P<classes>[\d,]+) classes")
_MANY = re.compile(r"has (\d+) edges into its (\w+)")


@dataclass(frozen=True)
class Complaint:
    """All that is wrong in one place."""

    severity: str  # of the worst of it
    words: str  # of the first of the worst
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """For a tooltip."""
        return "\n".join(self.sentences)


def few_words(problem: Problem) -> str:
    """The problem in so few words that they fit above a card: "expects 5, gets 8"."""
    sentence = problem.sentence
    if found := _EXPECTS.search(sentence):
        expected = found["expected"]
        number = re.match(r"[\d,]+(?= )", expected)
        return f"expects {number[0] if number else expected}, gets {found['given']}"
    if found := _CLASSES.search(sentence):
        return f"{found['scores']} scores, {found['classes']} classes"
    if found := _MANY.search(sentence):
        return f"{found[1]} edges into {found[2]}"
    if problem.kind == "missing-input":
        return f"{problem.port} not connected"
    if problem.kind == "no-port":
        return f"no port {problem.port}"
    return _WORDS.get(problem.kind, "has a problem")


def _gathered(problems: list[Problem], inside: bool = False) -> Complaint:
    worst = next((each for each in problems if each.severity == "error"), problems[0])
    words = f"inside: {few_words(worst)}" if inside else few_words(worst)
    rest = len(problems) - 1
    return Complaint(
        worst.severity,
        f"{words}  +{rest}" if rest else words,
        tuple(dict.fromkeys(each.sentence for each in (worst, *problems))),
    )


def complaints(
    sheet: Sheet, problems: Iterable[Problem]
) -> tuple[dict[str, Complaint], dict[Edge, Complaint]]:
    """What is wrong at every node of the sheet, or inside it, and at every edge. Problems may be a turn of
    the event loop older than the graph: what they name and is gone is left out.
    """
    present = sheet.level.nodes
    nodes: dict[str, list[Problem]] = {}
    edges: dict[Edge, list[Problem]] = {}
    for problem in problems:
        key = problem.id_on(sheet.path)
        if key is None or key not in present:
            continue
        nodes.setdefault(key, []).append(problem)
        edge = sheet.edge_of(problem)
        if edge is not None:
            edges.setdefault(edge, []).append(problem)
    return (
        {key: _gathered(found, present[key].is_group) for key, found in nodes.items()},
        {edge: _gathered(found) for edge, found in edges.items()},
    )
