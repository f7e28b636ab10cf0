"""Where the nodes of a graph went in an edit, so that their weights can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nnstudio.graph.level import Level
from nnstudio.graph.node import Node
from nnstudio.project.project import Array
from nnstudio.project.weights import owner

Path = tuple[str, ...]
Names = dict[str, str | None]


def new_names(before: Level, after: Level) -> Names:
    """The dotted name that each node of `before` has in `after`; None for one that is gone.

    A node is the same one when it is the very object (folded into a group, it is elsewhere but unchanged),
    or of the same type at the same place (renamed, given other settings), or, where it got another id because
    its own was taken, the only one of its type with the very settings. No two become the same one: copies
    share their settings, and copied groups what is inside.
    """
    if before is after:
        return {}
    there = dict(_walk(after))
    by_object: dict[int, list[Path]] = {}
    by_settings: dict[tuple[str, int], list[Path]] = {}
    for path, (_, node) in there.items():
        by_object.setdefault(id(node), []).append(path)
        by_settings.setdefault((node.type, id(node.settings)), []).append(path)
    former = list(_walk(before))
    found: dict[Path, Path] = {path: path for path, (_, node) in former if _is_at(there, path, node)}
    claimed = set(found)
    for path, (_, node) in former:  # elsewhere
        if path not in found:
            free = [each for each in by_object.get(id(node), ()) if each not in claimed]
            if free:
                found[path] = free[0]
                claimed.add(free[0])
    for path, (_, node) in former:  # changed
        if path not in found and path not in claimed and path in there and there[path][1].type == node.type:
            found[path] = path
            claimed.add(path)
    for path, (_, node) in former:  # elsewhere and changed
        if path not in found:
            free = [
                each for each in by_settings.get((node.type, id(node.settings)), ()) if each not in claimed
            ]
            if len(free) == 1:
                found[path] = free[0]
                claimed.add(free[0])
    return {name: there[found[path]][0] if path in found else None for path, (name, _) in former}


def _is_at(there: Mapping[Path, tuple[str, Node]], path: Path, node: Node) -> bool:
    return path in there and there[path][1] is node


def _walk(level: Level, path: Path = (), prefix: str = "") -> Iterator[tuple[Path, tuple[str, Node]]]:
    for node in level.nodes.values():
        yield (*path, node.id), (prefix + node.name, node)
        if node.inside is not None:
            yield from _walk(node.inside, (*path, node.id), f"{prefix}{node.name}.")


def rename(arrays: Mapping[str, Array], names: Names) -> tuple[dict[str, Array], dict[str, Array]]:
    """The arrays under the names their nodes have now, and those whose node is gone under their old names."""
    kept: dict[str, Array] = {}
    lost: dict[str, Array] = {}
    for name, array in arrays.items():
        node = owner(name, names)
        if node is None:
            kept[name] = array
            continue
        now = names[node]
        if now is None:
            lost[name] = array
        else:
            kept[now + name[len(node) :]] = array
    return kept, lost
