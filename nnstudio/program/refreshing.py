"""What if: after a change by hand, everything that was computed from it is computed anew."""

from __future__ import annotations

from nnstudio.program.machine import Machine
from nnstudio.program.statement import Statement


def refresh(machine: Machine) -> tuple[Statement, ...]:
    """Compute again what had been computed and is no longer true, as one moment; returns what ran.

    What had not been computed stays so (but for what the rest needs), what was typed by hand and still holds
    stays typed, and the next statement remains what it was. The gradient of a parameter becomes that of one
    backward pass, however often it had been added to; where no loss of this pass has been computed yet it
    is left alone, for then it belongs to earlier samples.
    """
    chosen = _chosen(machine)
    if not chosen:
        return ()
    machine.check_fed()
    machine.workspace.calls(chosen[-1])
    slots = machine.workspace.slots
    machine.remember()
    with machine.changing(
        "brought up to date", [slots[name] for name in {line.target: 0 for line in chosen}]
    ):
        for line in chosen:
            machine.run_alone(line)
    return tuple(chosen)


def _chosen(machine: Machine) -> list[Statement]:
    dependence, standing, listing = machine.dependence, machine.standing, machine.listing
    wanted = standing.current & standing.stale
    if listing.loss is not None and not machine.is_current(listing.loss):
        wanted &= ~dependence.gradients
    true = standing.current & ~standing.stale
    chosen: list[Statement] = []
    for line in reversed((*listing.phase("forward"), *listing.phase("backward"))):
        if wanted & dependence.bit[line.target]:
            chosen.append(line)
            wanted |= dependence.reads[line.index] & ~true
    zeroed = {line.target for line in chosen if line.operator == "+="}
    zeros = [line for line in listing.phase("zero_grad") if line.target in zeroed]
    return [*zeros, *reversed(chosen)]
