"""Everything a program is at one moment, to the last bit. It looks behind the program's face on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnstudio.program import Program


def snapshot(program: Program) -> dict[str, Any]:
    """Every array by identifier as bytes (parameters, gradients, optimizer state, feeds, activations, step
    counter), and where the program stands.
    """
    if program.statements:
        program.slot(program.keys()[0])  # every statement has its array from here on
    store = program._store
    found: dict[str, Any] = {
        name: bits(program, slot.array) for name, slot in {**program._workspace.slots, **store.slots}.items()
    }
    for name, slot in {"flat": store.parameters, "flat_gradients": store.gradients, **store.states}.items():
        found[f"all {name}"] = bits(program, slot.array)
    found["position"] = program.position
    found["lr"] = program.lr
    found["current"] = frozenset(key for key in program if program.is_current(key))
    found["fed"] = program._machine.fed
    return found


def bits(program: Program, array: Any) -> bytes:
    return np.ascontiguousarray(program.backend.download(array)).tobytes()


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of what is not the same."""
    return [name for name in before if before[name] != after[name]]
