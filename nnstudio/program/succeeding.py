"""A program that takes another one's place: the same statements, with other numbers in them."""

from __future__ import annotations

from nnstudio.program.machine import Machine
from nnstudio.program.refreshing import refresh
from nnstudio.program.standing import Standing


def succeed(machine: Machine, former: Machine) -> bool:
    """Stand where `former` stands, and compute anew what had been computed there, as `refresh` does.

    What was fed, learned, typed by hand and remembered by the optimizer is taken over, the timeline is not.
    False, and nothing is changed, where the two do not write the same names with the same shapes.
    """
    bit = former.dependence.bit
    if list(machine.dependence.bit) != list(bit):
        return False
    for each in (machine, former):
        each.workspace.calls(each.listing.statements[-1])
    mine, theirs = machine.workspace.slots, former.workspace.slots
    names = [name for name in bit if name in mine and name not in machine.listing.constants]
    if any(name not in theirs or theirs[name].shape != mine[name].shape for name in names):
        return False
    for name in names:
        mine[name].array[...] = theirs[name].array
    standing = former.standing
    computed = 0
    for line in former.listing.statements:
        if line.phase in ("forward", "backward"):
            computed |= bit[line.target]
    stale = standing.stale | computed & standing.current & ~standing.typed & ~standing.empty
    machine.store.lr = former.store.lr
    machine.stand(
        Standing(standing.current, stale, standing.empty, standing.typed, standing.updated),
        former.fed,
        former.position,
    )
    refresh(machine)
    return True
