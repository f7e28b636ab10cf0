"""Names of nodes: what they may be, and which one a new node gets."""

from __future__ import annotations

import re
from typing import Any

from nnstudio.errors import GraphError
from nnstudio.graph.level import Level
from nnstudio.modules.catalogue import definitions

LONGEST_NAME = 64

STEMS = {"Linear": "fc", "Input": "x", "Target": "t"}
UNNUMBERED = ("x", "t", "loss")  # the first one of these has no number: a graph mostly has one


def check_text(text: Any, what: str) -> str:
    """A name or an id: one line of text, without the dots that separate levels of groups (`encoder.fc1`)."""
    if not isinstance(text, str):
        raise GraphError(f"{what} must be text, not {type(text).__name__}.")
    if not text.strip():
        raise GraphError(f"{what} must not be empty.")
    if len(text) > LONGEST_NAME:
        raise GraphError(f"{what} must have at most {LONGEST_NAME} characters, not {len(text):,}.")
    if "." in text:
        raise GraphError(
            f"{what} must not contain a dot, as {text!r} does: dots separate the levels of groups."
        )
    if not text.isprintable():
        raise GraphError(f"{what} must be one line without control characters, unlike {text!r}.")
    return text


def check_name(level: Level, name: Any, node_id: str | None = None, what: str = "The name of a node") -> str:
    """`name` for the node `node_id` (None: a new one), if it is well-formed and nobody else's."""
    checked = check_text(name, what)
    owner = level.names.get(checked)
    if owner is not None and owner != node_id:
        raise GraphError(f"There is already a node called {checked} on this level: choose another name.")
    if checked != node_id and checked in level.nodes:
        other = level.nodes[checked].name
        raise GraphError(f"{checked} is the id of the node {other} already: choose another name.")
    return checked


def name_for(level: Level, type_name: str) -> str:
    """The name a new node of this type gets by default: fc1, act1, loss, x, concat1, …"""
    stem = stem_of(type_name)
    if stem in UNNUMBERED:
        return stem if _is_free(level, stem) else f"{stem}{level.free_number(stem, 2)}"
    return f"{stem}{level.free_number(stem, 1)}"


def stem_of(type_name: str) -> str:
    """What the names of nodes of a type begin with, such as fc for Linear."""
    if type_name in STEMS:
        return STEMS[type_name]
    found = definitions().get(type_name)
    if found is not None and found.role == "criterion":
        return "loss"
    if found is not None and found.category == "Activations":
        return "act"
    letters = re.sub(r"[\W_]+", "", type_name.lower())[: LONGEST_NAME - 8]
    return letters or "node"


def free_name(level: Level, wanted: str) -> str:
    """`wanted`, or where it is taken the same with the next free number: fc1 -> fc2."""
    if _is_free(level, wanted):
        return wanted
    stem = free_stem(wanted)
    return f"{stem}{level.free_number(stem, 2)}"


def free_stem(name: str) -> str:
    """What is left of a name without its number: to count on from."""
    return name.rstrip("0123456789")[: LONGEST_NAME - 8] or "node"


def _is_free(level: Level, name: str) -> bool:
    return name not in level.names and name not in level.nodes
