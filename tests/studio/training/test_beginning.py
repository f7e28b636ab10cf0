"""A run whose data take long to be made ready: the window does not wait, and the run can be stopped."""

import threading

import pytest

from nnstudio.data import apart
from nnstudio.errors import DataError
from nnstudio.training import session


@pytest.fixture
def slow(monkeypatch):
    """Binding the data waits until `slow.set()`."""
    let = threading.Event()
    real = session.bind

    def bind(*given):
        assert let.wait(20)
        return real(*given)

    monkeypatch.setattr(session, "bind", bind)
    yield let
    let.set()


def ended(monkeypatch):
    """The sessions that have been closed."""
    closed, close = [], session.Session.close

    def record(self):
        close(self)
        closed.append(self)

    monkeypatch.setattr(session.Session, "close", record)
    return closed


def test_the_window_lives_while_the_data_are_made_ready(bench, slow):
    on = bench(epochs=3)
    on.run.start()
    assert on.run.state == "starting" and on.run.session is None
    assert "starting" in on.panel.where.text() and on.controls.stop.isEnabled()
    slow.set()
    on.wait("idle")
    assert len(on.project.history) == 3


def test_a_run_is_stopped_before_its_data_are_ready(bench, slow, monkeypatch, qtbot):
    closed = ended(monkeypatch)
    on = bench(epochs=3)
    on.run.start()
    on.press(on.controls.stop)
    assert on.run.state == "idle" and not on.controls.stop.isEnabled()
    slow.set()
    qtbot.waitUntil(lambda: len(closed) == 1, timeout=20000)
    assert closed[0].background == "" and on.project.history == [] and on.run.sentence == ""
    on.train()
    assert len(on.project.history) == 3


def test_what_is_asked_for_meanwhile_holds(bench, slow, hands):
    on = bench(epochs=100_000)
    on.run.start()
    on.run.pause()
    hands.type(None, on.controls.live.fields["lr"].editor, "0.002")
    assert on.project.training.lr == 0.002
    slow.set()
    on.wait("paused")
    on.run.go_on()
    on.qtbot.waitUntil(lambda: on.run.session.snapshot.status["lr"] == 0.002, timeout=20000)


def test_data_that_do_not_fit_are_told_and_leave_nothing_going(bench, monkeypatch):
    def bind(*_given):
        raise DataError("No such data.")

    monkeypatch.setattr(session, "bind", bind)
    on, said = bench(), []
    on.run.refused.connect(said.append)
    on.run.start()
    on.wait("idle")
    assert said == ["No such data."] == [on.run.sentence] and on.run.tone == "error"
    assert on.controls.batch.isEnabled()


@pytest.fixture
def unread(monkeypatch):
    """Reading the data waits until `unread.set()`."""
    let, real = threading.Event(), apart.load_and_split

    def read(*given):
        assert let.wait(20)
        return real(*given)

    monkeypatch.setattr(apart, "load_and_split", read)
    let.set()
    yield let
    let.set()


def test_a_run_that_waits_for_its_data_can_be_stopped_and_begins_with_them(bench, unread):
    on = bench(epochs=3)
    unread.clear()
    on.samples.again()
    on.run.start()
    assert on.run.state == "starting" and on.panel.notice.message.text() == "Loading the data…"
    assert on.panel.where.text() == "epoch 1 of 3 · starting"
    on.press(on.controls.stop)
    assert on.run.state == "idle" and on.run.sentence == "" and not on.controls.stop.isEnabled()
    on.run.toggle()
    on.run.toggle()  # what is paused before it has begun has not begun
    assert on.run.state == "idle"
    on.run.toggle()
    unread.set()
    on.qtbot.waitUntil(lambda: not on.samples.loading, timeout=20000)
    on.wait("idle")
    assert len(on.project.history) == 3 and on.run.sentence == ""


def test_data_that_cannot_be_read_end_the_waiting(bench, unread, monkeypatch):
    def fail(*_given):
        assert unread.wait(20)
        raise DataError("No such data.")

    on = bench(epochs=3)
    monkeypatch.setattr(apart, "load_and_split", fail)
    unread.clear()
    on.samples.again()
    on.run.start()
    unread.set()
    on.wait("idle")
    assert on.run.sentence == "No such data." and on.controls.batch.isEnabled()
    assert not on.controls.stop.isEnabled()
