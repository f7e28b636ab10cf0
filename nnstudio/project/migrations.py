"""Older project files, carried forward one version at a time.

Each migration is a pure function from the document of version N to that of version N + 1, kept for good, and
has a golden file in tests/project/golden.  What it does not know it leaves where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nnstudio.errors import ProjectError
from nnstudio.wording import short

FORMAT = "nnstudio project"
VERSION = 1

Document = dict[str, Any]


def migrate(document: Mapping[str, Any], where: str) -> Document:
    """The document in today's version, itself untouched; ProjectError for one that is newer or none."""
    kind = document.get("format")
    version = document.get("version")
    if kind != FORMAT:
        raise ProjectError(f'{where} is not a project: its "format" is {short(kind)} instead of "{FORMAT}".')
    if type(version) is not int or version < 0:
        raise ProjectError(f"{where} has the format version {short(version)}, which is no version number.")
    if version > VERSION:
        raise ProjectError(
            f"{where} has format version {version}, and this nnstudio reads up to version {VERSION}: "
            "open it with a newer nnstudio."
        )
    current = dict(document)
    while version < VERSION:
        try:
            current = MIGRATIONS[version](current)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise ProjectError(
                f"{where} has format version {version}, but is not laid out as that version is, "
                f"so it cannot be carried over to version {version + 1}."
            ) from None
        version += 1
        current["version"] = version
    return current


def from_0(old: Document) -> Document:
    """Version 0 had nodes, links and hyper-parameters side by side, ports written as "node.port"."""
    new = {key: value for key, value in old.items() if key not in _MOVED_BY_0}
    new["graph"] = {
        "nodes": [_node_from_0(node) for node in old["nodes"]],
        "edges": [_edge_from_0(link) for link in old.get("links", [])],
    }
    dataset = old.get("dataset")
    new["data"] = None if dataset is None else {"source": dataset}
    new["training"] = _training_from_0(old.get("hyperparameters", {}))
    return new


_MOVED_BY_0 = frozenset({"nodes", "links", "dataset", "hyperparameters"})


def _node_from_0(node: Mapping[str, Any]) -> Document:
    known = {
        "id": node["name"],
        "name": node["name"],
        "type": node["kind"],
        "settings": dict(node.get("options", {})),
    }
    known["position"] = [node.get("x", 0), node.get("y", 0)]
    rest = {key: value for key, value in node.items() if key not in {"name", "kind", "options", "x", "y"}}
    return rest | known


def _edge_from_0(link: Mapping[str, Any]) -> Document:
    source, source_port = link["from"].rsplit(".", 1)
    target, port = link["to"].rsplit(".", 1)
    return {"source": source, "source_port": source_port, "target": target, "port": port}


def _training_from_0(old: Mapping[str, Any]) -> Document:
    new = {key: value for key, value in old.items() if key not in {"learning_rate", "momentum"}}
    if "learning_rate" in old:
        new["lr"] = old["learning_rate"]
    if "momentum" in old:
        new["optimizer_settings"] = {"momentum": old["momentum"]}
    return new


MIGRATIONS: tuple[Callable[[Document], Document], ...] = (from_0,)
"""MIGRATIONS[n] carries version n to n + 1."""
