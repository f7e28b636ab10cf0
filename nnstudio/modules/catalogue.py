"""The list of all node types, found by importing every family file beside this one."""

import importlib
import pkgutil
from functools import cache, lru_cache

import nnstudio.modules as package
from nnstudio.errors import GraphError
from nnstudio.modules import equations
from nnstudio.modules.module import Definition, Module
from nnstudio.wording import did_you_mean, short
from nnstudio.wording import nearest as nearest_of


@cache
def definitions() -> dict[str, Definition]:
    """Every node type by its name, family by family in the order in which each file defines them."""
    found: dict[str, Definition] = {}
    for entry in pkgutil.iter_modules(package.__path__):
        family = importlib.import_module(f"{package.__name__}.{entry.name}")
        if family.__name__ == Module.__module__:
            continue  # the kinds themselves
        for cls in equations.members(family, Module):
            if cls.__name__ in found:
                raise TypeError(f"two node types are called {cls.__name__}")
            found[cls.__name__] = Definition(cls)
    return found


def definition(name: str) -> Definition:
    """The node type of that name. Raises GraphError, with the nearest name there is, when there is none."""
    found = definitions().get(name)
    if found is None:
        names = _names()
        hint = did_you_mean(name, names, "the palette lists all there are", show=names.__getitem__)
        raise GraphError(f"There is no node type {short(str(name))}; {hint}")
    return found


@lru_cache(maxsize=256)
def nearest(name: str) -> str | None:
    """The node type whose name, or another name of which, looks most like this one; None if none does."""
    near = nearest_of(name, _names())
    return near and _names()[near]


@cache
def _names() -> dict[str, str]:
    """Every name by which a node type is known, its own before the aliases, and the type it is."""
    known = {name: name for name in definitions()}
    return known | {alias: each.name for each in definitions().values() for alias in each.aliases}
