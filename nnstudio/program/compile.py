"""Graph -> program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnstudio.errors import ProgramError
from nnstudio.graph import Graph
from nnstudio.modules.equations import Description
from nnstudio.program.backend import Backend
from nnstudio.program.backend import backend as find_backend
from nnstudio.program.emit import emit
from nnstudio.program.program import Program
from nnstudio.program.store import Store

DTYPES = ("float32", "float64")
LARGEST_BATCH = 1_000_000


def compile(
    graph: Graph,
    batch_size: int = 1,
    dtype: str = "float32",
    backend: str | Backend = "numpy",
    seed: int = 0,
    *,
    optimizer: Description,
    optimizer_settings: Mapping[str, Any] | None = None,
) -> Program:
    """Compile the part of `graph` that can run.

    Parameters are drawn from `seed`. Raises ProgramError for a dtype, backend or batch size that cannot be.
    """
    if dtype not in DTYPES:
        raise ProgramError(f"The dtype must be float32 or float64, not {dtype}.")
    if isinstance(batch_size, bool) or not 1 <= batch_size <= LARGEST_BATCH:
        raise ProgramError(f"The batch size must be from 1 to {LARGEST_BATCH:,}, not {batch_size}.")
    if not 0 <= seed < 2**63:
        raise ProgramError(f"The seed must be a whole number of at least 0, not {seed}.")
    settings = optimizer.complete(optimizer_settings or {})
    listing = emit(graph.flatten(), optimizer, settings)
    store = Store(listing, find_backend(backend), dtype, seed)
    return Program(graph.copy(), store, batch_size, seed)
