"""Torch7's contract on one node: its five calls, each exactly those statements of the program."""

from __future__ import annotations

from nnstudio.errors import ProgramError
from nnstudio.program.machine import Machine
from nnstudio.program.statement import CALLS, Statement
from nnstudio.program.update import STEP
from nnstudio.wording import did_you_mean


def call(machine: Machine, node: str, name: str) -> tuple[Statement, ...]:
    """Run one call of a node, or of all nodes in a group; returns the statements that ran.

    Raises ProgramError for an unknown name, and where what they read has not been computed in this pass;
    then nothing has run.
    """
    if name not in CALLS:
        raise ProgramError(
            f"{name!r} is none of Torch7's calls: {did_you_mean(name, CALLS, ', '.join(CALLS))}"
        )
    lines = [line for line in machine.listing.statements if line.torch7 == name and _is_of(line.node, node)]
    if not lines:
        _check_nothing_to_do(machine, node, name)
        return ()
    lines = _with_preparations(machine, lines, name)
    _check_current(machine, lines, node, name)
    ran: list[Statement] = []
    for line in lines:
        ran.append(machine.execute(line, stay=machine.position != line.index))
    return tuple(ran)


def _is_of(owner: str, node: str) -> bool:
    return owner == node or owner.startswith(f"{node}.")


def _check_nothing_to_do(machine: Machine, node: str, name: str) -> None:
    """Where a node has no such statements, that is either its nature or worth a sentence."""
    listing = machine.listing
    known = {key.rpartition(".")[0] for key in listing.keys} | {line.node for line in listing.statements}
    if not any(_is_of(owner, node) for owner in known):
        raise ProgramError(
            f"The program has no node {node!r}: "
            + did_you_mean(node, known - {""}, "it is not in the part that can run")
        )
    reached = any(
        _is_of(key.rpartition(".")[0], node) for key in listing.keys if key.endswith(".grad_output")
    )
    computed = any(line.phase == "forward" and _is_of(line.node, node) for line in listing.statements)
    if name in ("updateGradInput", "accGradParameters") and computed and not reached:
        raise ProgramError(
            f"{node} cannot run {name}: no criterion depends on it, so no gradient comes back to it. "
            "Connect it on to a criterion, such as Objective."
        )


def _with_preparations(machine: Machine, lines: list[Statement], name: str) -> list[Statement]:
    """The statements, and before them what belongs to the same work.

    A gradient that several readers send back is summed first, unless it was typed by hand. What backward
    computes once for several gradients of a node is computed by the first that needs it. The optimizer
    counts a step before a parameter is updated that this step has updated already.
    """
    standing, bit = machine.standing, machine.dependence.bit
    if name == "updateParameters":
        targets = machine.dependence.bits(line.target for line in lines)
        count = [
            line for line in machine.listing.statements if line.phase == "update" and line.target == STEP
        ]
        return [*count, *lines] if standing.updated & targets else lines
    if name not in ("updateGradInput", "accGradParameters"):
        return lines
    typed = standing.typed
    chosen = [line for line in lines if line.quantity != "grad_output" or not typed & bit[line.target]]
    needed = {identifier for line in chosen for identifier in line.reads}
    nodes = {line.node for line in lines}
    for line in reversed(machine.listing.phase("backward")):
        helps = line.quantity == "grad_output" or not line.quantity.startswith("grad_")
        holds = typed & bit[line.target] or machine.is_true(line.target)
        if helps and line.node in nodes and line.target in needed and line not in chosen and not holds:
            chosen.append(line)
            needed.update(line.reads)
    return sorted(chosen, key=lambda line: line.index)


def _check_current(machine: Machine, lines: list[Statement], node: str, name: str) -> None:
    keys = {identifier: key for key, identifier in reversed(list(machine.listing.keys.items()))}
    bit, current = machine.dependence.bit, machine.standing.current
    for line in lines:
        for identifier in line.reads:
            if identifier in bit and not current & bit[identifier]:
                key = keys.get(identifier, identifier)
                fed = any(slot.name == identifier for slot in machine.feeds.values())
                why = "has not been fed yet" if fed else "has not been computed in this pass"
                raise ProgramError(f"{node} cannot run {name} yet: {key} {why}.")
        current |= bit[line.target]
