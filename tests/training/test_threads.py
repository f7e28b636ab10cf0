"""How many threads a product gets."""

import gc

import numpy as np
import threadpoolctl

from nnstudio.training import threads
from nnstudio.training.threads import limited, thread_count


def blas_threads():
    return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}


def test_small_nets_get_one_and_large_ones_all_cores_but_one(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 6)
    assert thread_count(2368, 32) == 1
    assert thread_count(668_672, 64) == 5
    assert thread_count(668_672, 256) == 5
    assert thread_count(668_672, 32) == 2
    assert thread_count(2368, 32, wanted=3) == 3
    monkeypatch.setattr(threads, "cores", lambda: 64)
    assert thread_count(10**9, 4096) == threads.MOST
    for cores in (1, 2):
        monkeypatch.setattr(threads, "cores", lambda number=cores: number)
        assert thread_count(10**9, 4096) == 1


def test_the_limit_holds_inside_and_is_taken_back():
    gc.collect()  # a run that another test has left would set the number back when it goes
    np.ones((2, 2)) @ np.ones((2, 2))
    before = blas_threads()
    with limited(2):
        assert blas_threads() == {2}
        with limited(1):
            assert blas_threads() == {1}
        assert blas_threads() == {2}
    assert blas_threads() == before
