"""How many threads a product gets."""

import subprocess
import sys

from nnstudio.training import threads
from nnstudio.training.threads import thread_count

# In a process of its own: a run that still ends in the background would set the number back.
LIMITED = """
import numpy, threadpoolctl
from nnstudio.training.threads import limited

def now():
    return {pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"}

numpy.ones((2, 2)) @ numpy.ones((2, 2))
before = now()
with limited(2):
    assert now() == {2}
    with limited(1):
        assert now() == {1}
    assert now() == {2}
assert now() == before
"""


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
    subprocess.run([sys.executable, "-c", LIMITED], check=True)
