"""After an edit while stepping: what was changed, what keeps its weights, and where the program restarts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from nnstudio.project.moves import new_names
from nnstudio.studio.stepping.making import Arrays

if TYPE_CHECKING:
    from nnstudio.graph.level import Level
    from nnstudio.program import Program

_MOST_NAMED = 3


def renamed(arrays: Arrays, before: Level, after: Level) -> Arrays:
    """Weights of stepping under the names that their nodes have now; those of nodes that are gone are not."""
    names = new_names(before, after)
    found: Arrays = {}
    for key, array in arrays.items():
        node, _, quantity = key.rpartition(".")
        now = names.get(node, node)
        if now is not None:
            found[f"{now}.{quantity}"] = array
    return found


def still_stepped(parameters: Arrays, stepped: Arrays) -> list[str]:
    """The parameters of a program that are as stepping has left them."""
    return [
        key for key, array in stepped.items() if key in parameters and parameters[key].shape == array.shape
    ]


def restart_sentence(before: Level, after: Level, program: Program, stepped: Collection[str]) -> str:
    """ "fc1 was changed: the program starts again at “…”; fc2 keeps its weights, fc1 begins with new ones."

    `stepped` are the parameters that are as stepping has left them.
    """
    first = next(iter(program.statements), None)
    where = "the program is empty now" if first is None else f"the program starts again at “{first.text}”"
    sentence = f"{what_changed(before, after)}: {where}"
    own = dict.fromkeys(key.rpartition(".")[0] for key in program.parameters())
    kept = [node for node in own if any(key.rpartition(".")[0] == node for key in stepped)]
    lost = [node for node in own if node not in kept]
    if kept and lost:
        return f"{sentence}; {_named(kept)} {_keep(kept)}, {_named(lost)} {_begin(lost)}."
    if kept:
        return f"{sentence}; {_named(kept)} {_keep(kept)}."
    return f"{sentence}."


def what_changed(before: Level, after: Level) -> str:
    """ "fc1 was changed", "act2 was added" or, where it was more, how many nodes."""
    if before is after:
        return "The data or the training settings were changed"
    names = new_names(before, after)
    former, present = dict(_nodes(before)), dict(_nodes(after))
    gone = [name for name, now in names.items() if now is None]
    added = [name for name in present if name not in names.values()]
    changed = [now for name, now in names.items() if now is not None and former[name] != present[now]]
    others = [now for name, now in names.items() if now is not None and now != name]
    for nodes, verb in ((changed, "changed"), (added, "added"), (gone, "removed"), (others, "renamed")):
        if nodes:
            return f"{_named(nodes)} {'was' if len(nodes) == 1 else 'were'} {verb}"
    return "The edges were changed"


def _nodes(level: Level, prefix: str = "") -> Iterable[tuple[str, tuple[str, object]]]:
    for node in level.nodes.values():
        yield f"{prefix}{node.name}", (node.type, (dict(node.settings), node.bypassed))
        if node.inside is not None:
            yield from _nodes(node.inside, f"{prefix}{node.name}.")


def _named(nodes: Collection[str]) -> str:
    names = list(nodes)
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[: _MOST_NAMED - 1])} and {len(names) - _MOST_NAMED + 1:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _keep(nodes: Collection[str]) -> str:
    return "keeps its weights" if len(nodes) == 1 else "keep their weights"


def _begin(nodes: Collection[str]) -> str:
    return "begins with new ones" if len(nodes) == 1 else "begin with new ones"
