"""How far a run is and how long it takes yet, by whatever ends it first."""

import pytest

from nnstudio.studio.training import pace
from nnstudio.studio.training.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    """Seconds, to be set."""
    now = [100.0]
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    return now


def test_the_time_left_is_that_of_the_epochs_by_the_pace_since_it_went_on(clock):
    run = Pace()
    run.begin(epochs=20, done=10)
    assert run.goal == 20 and run.left(10.0, 0.0, 0.0) is None
    clock[0] += 4
    assert run.left(12.0, 4.0, 0.0) == 16 and run.share(12.0, 4.0, 0.0) == 0.6
    run.lengthen(40, 12.0)
    assert run.left(12.0, 4.0, 0.0) == 56
    clock[0] += 1000  # it was paused
    run.go(12.0)
    clock[0] += 1
    assert run.left(13.0, 5.0, 0.0) == 27


def test_a_limit_of_seconds_or_the_end_of_one_epoch_may_come_first(clock):
    run = Pace()
    run.begin(epochs=10, done=10)
    assert run.goal == 20, "as many again"
    clock[0] += 10
    assert run.left(11.0, 10.0, 25.0) == 15 and run.share(11.0, 10.0, 25.0) == 0.55
    assert run.left(11.0, 10.0, 1000.0) == 90 and run.share(11.0, 20.0, 25.0) == 0.8
    run.halt = 12
    assert run.left(11.5, 10.0, 0.0) == pytest.approx(10 / 3)
    run.lengthen(5, 11.5)  # fewer than are done: to the end of the epoch
    assert run.goal == 15
    run.lengthen(1, 14.5)
    assert run.goal == 15 and run.share(15.0, 0.0, 0.0) == 1
