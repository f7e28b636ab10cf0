"""Whether a number may be shown as one of now; where not, what would make it one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.program import Program


@dataclass(frozen=True)
class Standing:
    """ "true", "stale" (computed from what has changed since) or "missing" (not computed in this pass).

    sentence, action   for people, and the action of the window that mends it; "" where all is well
    """

    kind: Literal["true", "stale", "missing"]
    sentence: str = ""
    action: str = ""


_ACTIONS = {
    "zero_grad": ("run_step", "Step"),
    "forward": ("run_forward", "Forward"),
    "backward": ("run_backward", "Backward"),
    "update": ("run_update", "Update"),
}


def standing(stepper: Stepper, key: str) -> Standing:
    """How a quantity of the stepper's program stands."""
    program = stepper.program
    assert program is not None
    if not stepper.ready:
        kind = "stale" if program.is_current(key) else "missing"
        return Standing(kind, f"The graph has changed: {key} is of the one before.")
    if program.is_true(key):
        return Standing("true")
    phase = _phase_of(program, key)
    action, words = _ACTIONS.get(phase, ("", ""))
    if program.is_current(key):
        if phase == "backward" and not _loss_is_true(program):
            action, words = "run_forward", "Forward, then Backward"
        return Standing(
            "stale", f"{key} is stale: what it comes from has changed since. {words} makes it new.", action
        )
    if not phase:
        return Standing("missing", f"{key} has not been fed yet: the data are still missing.")
    return Standing("missing", f"{key} has not been computed in this pass: {words} computes it.", action)


def _phase_of(program: Program, key: str) -> str:
    identifier = program.identifier(key)
    phases = [line.phase for line in program.statements if line.target == identifier]
    return next((phase for phase in phases if phase != "zero_grad"), phases[0] if phases else "")


def _loss_is_true(program: Program) -> bool:
    loss = next((key for key, name in program.listing.keys.items() if name == program.listing.loss), None)
    return loss is None or program.is_true(loss)
