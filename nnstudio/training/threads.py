"""On how many threads the matrix library computes: one for small nets, more for large ones.

The number changes the last bits of large products, so it follows from sizes and not from measurement: a run
in the background and the same run in the foreground agree bit for bit. One core is left to the window:
threads that wait for each other on a busy machine took up to five times as long as one alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

MULTIPLY_ADDS_PER_THREAD = 8_000_000
"""Below this, waking a second thread costs more than it brings, and much more on a busy machine."""
MOST = 8


def thread_count(multiply_adds: int, samples: int, wanted: int = 0) -> int:
    """How many threads a forward pass of `samples`, each so many multiply-adds, deserves; `wanted` if any."""
    if wanted:
        return wanted
    return max(1, min(cores() - 1, MOST, multiply_adds * samples // MULTIPLY_ADDS_PER_THREAD))


@contextmanager
def limited(threads: int) -> Generator[None]:
    """The matrix library on so many threads, and afterwards as it was."""
    with _controller().limit(limits=threads, user_api="blas"):
        yield


@contextmanager
def limiting() -> Generator[Callable[[int], None]]:
    """Gives what sets the matrix library to so many threads, again and again; afterwards it is as it was.

    Setting the same number again costs nothing, which `limited` would: 0.1 ms.
    """
    now = 0

    def limit(threads: int) -> None:
        nonlocal now
        if threads != now:
            stack.enter_context(_controller().limit(limits=threads, user_api="blas"))
            now = threads

    with ExitStack() as stack:
        yield limit


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # pyright: ignore  # it reads all libraries of the process: not on import

    return ThreadpoolController()


@cache
def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
