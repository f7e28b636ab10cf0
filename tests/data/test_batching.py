import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnstudio.data import batch_count, batches, generator, random_state, restored
from nnstudio.errors import DataError


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 5), st.booleans())
def test_an_epoch_is_every_sample_once(samples, batch_size, seed, shuffle):
    found = [batch.tolist() for batch in batches(samples, batch_size, generator(seed), shuffle)]
    together = [index for batch in found for index in batch]
    assert sorted(together) == list(range(samples))
    if not shuffle:
        assert together == list(range(samples))
    assert len(found) == batch_count(samples, batch_size)
    size = batch_size or samples
    assert all(len(batch) == size for batch in found[:-1])
    assert all(0 < len(batch) <= size for batch in found)


def test_epochs_differ_and_a_seed_repeats_them():
    rng = generator(0)
    first, second = (np.concatenate(list(batches(100, 7, rng))) for _ in range(2))
    assert not np.array_equal(first, second)
    rng = generator(0)
    assert np.array_equal(first, np.concatenate(list(batches(100, 7, rng))))


@given(st.integers(0, 2**32), st.integers(0, 5))
def test_a_run_goes_on_from_a_saved_state(seed, draws):
    rng = generator(seed)
    rng.random(draws, np.float32)  # leaves half of a 64-bit draw over, which is part of the state
    again = restored(json.loads(json.dumps(random_state(rng))))
    for _ in range(2):
        assert np.array_equal(
            np.concatenate(list(batches(33, 4, rng))), np.concatenate(list(batches(33, 4, again)))
        )
    assert random_state(again) == random_state(rng)
    assert rng.random(3, np.float32).tolist() == again.random(3, np.float32).tolist()


def test_a_run_goes_on_in_the_middle_of_an_epoch():
    rng = generator(5)
    state = random_state(rng)
    whole = [batch.tolist() for batch in batches(20, 3, rng)]
    rest = [batch.tolist() for batch in batches(20, 3, restored(state), start=12)]
    assert rest == whole[4:]
    others = [batch.tolist() for batch in batches(20, 5, restored(state), start=12)]
    assert [len(batch) for batch in others] == [5, 3]
    assert np.array_equal(np.concatenate(others), np.concatenate(whole[4:]))


def test_the_order_can_be_reused_and_then_nothing_is_allocated():
    order, rng = np.empty(1_000_000, np.intp), generator(0)
    tracemalloc.start()
    count = sum(len(batch) for batch in batches(1_000_000, 1000, rng, order=order))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1_000_000
    assert peak < 9_000_000  # the range that fills the order; no second one
    assert np.array_equal(order, np.concatenate(list(batches(1_000_000, 1000, generator(0)))))


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"bit_generator": "MT19937"},
        {"bit_generator": "PCG64", "state": "zz", "inc": "0x1", "has_uint32": 0, "uinteger": 0},
        {"bit_generator": "PCG64", "state": "0x1", "inc": "0x1", "has_uint32": 2, "uinteger": 0},
        {"bit_generator": "PCG64", "state": "0x1" + "0" * 40, "inc": "0x1", "has_uint32": 0, "uinteger": 0},
        {"bit_generator": "PCG64", "state": 1, "inc": "0x1", "has_uint32": 0, "uinteger": 0},
        {"bit_generator": "PCG64", "state": "0x1", "inc": "0x1", "has_uint32": 0, "uinteger": -1},
        {"bit_generator": "PCG64", "state": "0x1", "inc": "0x1", "has_uint32": [], "uinteger": 0},
    ],
)
def test_a_damaged_state_is_a_sentence(state):
    with pytest.raises(DataError, match="damaged"):
        restored(state)


def test_wrong_sizes_and_generators():
    with pytest.raises(DataError, match="sizes from 0 up"):
        list(batches(3, -1, generator(0)))
    with pytest.raises(DataError, match="PCG64"):
        random_state(np.random.Generator(np.random.MT19937(0)))
