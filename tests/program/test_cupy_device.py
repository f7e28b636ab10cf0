"""The same suite on a real device, wherever CuPy finds one; elsewhere these tests say why they are skipped.

The strict stand-in of test_backend.py stands for it on every other machine.
"""

from __future__ import annotations

import pytest

from nnstudio.errors import ProgramError
from nnstudio.program.backend import backend
from nnstudio.training.optimizers import definitions as optimizers
from tests.program.device_suite import TYPES, Suite


def _missing() -> str:
    try:
        backend("cupy")
    except ProgramError as problem:
        return str(problem)
    return ""


if why_not := _missing():
    pytest.skip(why_not, allow_module_level=True)

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(scope="module")
def suite() -> Suite:
    return Suite(backend("cupy"), exact=False)


@pytest.mark.parametrize("each", TYPES, ids=lambda each: each.name)
def test_every_node_type(suite: Suite, each) -> None:
    for dtype in ("float32", "float64"):
        suite.node_type(each, dtype)


@pytest.mark.parametrize("first", range(0, 30, 6))
def test_random_graphs(suite: Suite, first: int) -> None:
    for seed in range(first, first + 6):
        suite.graph(seed, ("float32", "float64")[seed % 2])


@every_dtype
@pytest.mark.parametrize("name", optimizers())
def test_every_optimizer(suite: Suite, name: str, dtype: str) -> None:
    suite.optimizer(name, dtype)


@every_dtype
def test_stepping(suite: Suite, dtype: str) -> None:
    suite.stepping(dtype)


@every_dtype
def test_reading_and_writing(suite: Suite, dtype: str) -> None:
    suite.reading_and_writing(dtype)


def test_the_guard(suite: Suite) -> None:
    suite.guard()
