"""Graph -> program."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

from nnstudio.errors import ProgramError
from nnstudio.graph import FlatGraph, Graph
from nnstudio.modules.equations import Description
from nnstudio.program.backend import Backend
from nnstudio.program.backend import backend as find_backend
from nnstudio.program.emit import emit
from nnstudio.program.program import Program, check_batch_size
from nnstudio.program.store import Store

DTYPES = ("float32", "float64")


def compile(
    graph: Graph,
    batch_size: int = 1,
    dtype: str = "float32",
    backend: str | Backend = "numpy",
    seed: int = 0,
    *,
    optimizer: Description,
    optimizer_settings: Mapping[str, Any] | None = None,
    part: FlatGraph | None = None,
) -> Program:
    """Compile the part of `graph` that can run: by default all that is valid.

    Parameters are drawn from `seed`. Raises ProgramError for a dtype, backend or batch size that cannot be.
    """
    if dtype not in DTYPES:
        raise ProgramError(f"The dtype must be float32 or float64, not {dtype}.")
    size = check_batch_size(batch_size)
    start = check_seed(seed)
    settings = optimizer.complete(optimizer_settings or {})
    listing = emit(graph.flatten() if part is None else part, optimizer, settings)
    store = Store(listing, find_backend(backend), dtype, start)
    return Program(graph.copy(), store, size, start)


def check_seed(seed: int) -> int:
    """A seed that can be, as an int. Raises ProgramError for any other."""
    try:
        start = operator.index(seed)
    except TypeError:
        start = -1
    if not 0 <= start < 2**63:
        raise ProgramError(f"The seed must be a whole number of at least 0, not {seed!r}.")
    return start
