"""The session: the numbers of the foreground, obeyed at once, nothing lost or left when a process dies."""

import gc
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnstudio.errors import DataError, TrainingError
from nnstudio.graph import Graph
from nnstudio.training.binding import BoundData
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings
from nnstudio.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = TrainingSettings(epochs=6, batch_size=5, lr=0.02, optimizer="Adam", schedule="plateau")
FOREVER = 1_000_000
both = pytest.mark.parametrize("background", ["process", "thread"])


def timeless(history):
    times = ("seconds", "trained_seconds")
    return [{name: value for name, value in entry.items() if name not in times} for entry in history]


def assert_as_in_the_foreground(session, trainer):
    assert timeless(session.history) == timeless(trainer.history)
    checkpoint, state = session.checkpoint(), trainer.state()
    for kind in ("weights", "optimizer_state"):
        assert list(checkpoint[kind]) == list(state[kind])
        for name, array in checkpoint[kind].items():
            assert array.tobytes() == state[kind][name].tobytes(), name
    assert timeless([checkpoint["run_state"]]) == timeless([state["run_state"]])


def steps(session):
    session.poll()
    return session.snapshot.status["step"]


def gone(pid):
    """Whether the process has ended and been waited for; one of another parent may be a zombie of its own."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def wait_until(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


# -- the same numbers


@both
def test_a_session_trains_as_the_trainer_does_bit_for_bit(network, regression, background):
    trainer = Trainer(network(3, 8, 2), regression, SETTINGS)
    trainer.run()
    with Session(network(3, 8, 2), regression, SETTINGS, background=background) as session:
        assert (session.state, session.background) == ("new", "")
        session.start()
        assert session.state == "starting"
        assert session.wait() == "finished"
        assert session.background == background
        assert_as_in_the_foreground(session, trainer)
        assert session.snapshot.status["threads"] == trainer.threads
    assert session.state == "closed"
    assert session.history and session.snapshot.status["epoch"] == 6, "what was seen last stays readable"


def test_a_large_product_takes_as_many_threads_in_the_background(network):
    rng = np.random.default_rng(0)
    data = BoundData({"x": rng.normal(size=(256, 300)), "t": rng.normal(size=(256, 200))})
    settings = TrainingSettings(epochs=1, batch_size=128, threads=2)
    trainer = Trainer(network(300, 400, 200), data, settings)
    trainer.run()
    with Session(network(300, 400, 200), data, settings) as session:
        session.start()
        session.wait()
        assert_as_in_the_foreground(session, trainer)


@both
def test_a_session_goes_on_from_a_state_and_hands_one_on(network, regression, background):
    whole = Trainer(network(3, 8, 2), regression, SETTINGS)
    whole.run()
    first = Trainer(network(3, 8, 2), regression, SETTINGS)
    for _ in range(7):
        next(first.steps())
    with Session(network(3, 8, 2), regression, SETTINGS, **first.state(), background=background) as session:
        assert session.checkpoint() == first.state() | {
            "weights": session.checkpoint()["weights"],
            "optimizer_state": session.checkpoint()["optimizer_state"],
        }
        session.one_epoch()
        assert session.wait() == "paused"
        handed = session.checkpoint()
    last = Trainer(network(3, 8, 2), regression, SETTINGS, **handed)
    last.run()
    assert timeless(first.history + session.history + last.history) == timeless(whole.history)


# -- commands


@both
def test_pause_resume_and_single_steps(network, regression, background):
    whole = Trainer(network(3, 8, 2), regression, SETTINGS)
    whole.run()
    with Session(network(3, 8, 2), regression, SETTINGS, background=background) as session:
        session.one_batch()
        assert session.wait() == "paused"
        assert steps(session) == 1
        for batch in (2, 3, 4):
            session.one_batch()
            assert session.wait() == "paused" and steps(session) == batch
        assert not session.history
        session.one_batch()
        assert session.wait() == "paused" and steps(session) == 5
        assert len(session.history) == 1, "the last batch ends its epoch"
        session.one_epoch()
        assert session.wait() == "paused" and len(session.history) == 2
        session.resume()
        assert session.wait() == "finished"
        assert_as_in_the_foreground(session, whole)
        session.start(1)
        assert session.wait() == "finished" and len(session.history) == 7
        session.resume()
        assert session.wait() == "finished" and len(session.history) == 13, "as many epochs again"


@both
def test_pause_and_stop_halt_a_long_run_at_once(network, regression, background):
    with Session(network(3, 8, 2), regression, SETTINGS, background=background) as session:
        session.start(FOREVER)
        wait_until(lambda: session.poll() and steps(session) > 10)
        session.pause()
        assert session.wait("paused")
        halted = steps(session)
        time.sleep(0.1)
        assert steps(session) == halted
        session.resume()
        wait_until(lambda: session.poll() and steps(session) > halted)
        assert session.state == "running", "the goal of the start still holds"
        session.stop()
        assert session.wait("stopped")
        epoch = session.snapshot.status["epoch"]
        session.resume()
        assert session.wait() == "finished", "the goal was forgotten: the settings' epochs again"
        assert session.snapshot.status["epoch"] == epoch + 6
        assert [entry["epoch"] for entry in session.history] == list(range(1, epoch + 7)), "no epoch is lost"


def test_commands_that_do_not_apply_do_nothing(network, regression):
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.pause()
        session.stop()
        assert session.state == "new" and session.poll() is None
        session.start()
        session.wait()
        session.pause()
        time.sleep(0.1)
        session.poll()
        assert session.state == "finished"
    session.close()
    session.pause()
    with pytest.raises(TrainingError, match="closed"):
        session.start()


@both
def test_the_learning_rate_changes_while_it_runs(network, regression, background):
    settings = TrainingSettings(epochs=FOREVER, batch_size=5, lr=0.02)
    with Session(network(3, 8, 2), regression, settings, background=background) as session:
        session.start()
        wait_until(lambda: session.poll() and steps(session) > 10)
        session.set_lr(0.0)
        wait_until(lambda: session.poll() and session.snapshot.status["lr"] == 0.0)
        assert session.state == "running"
        one = session.checkpoint()
        wait_until(lambda: steps(session) > one["run_state"]["step"])
        other = session.checkpoint()
        assert all((one["weights"][name] == array).all() for name, array in other["weights"].items())
        with pytest.raises(TrainingError, match="lr must be a finite number from 0"):
            session.set_lr(float("nan"))


@both
def test_watched_quantities_are_those_of_one_moment(network, regression, background):
    keys = ("x.output", "act1.output", "fc1.grad_output", "fc1.grad_weight", "loss.output", "no.such")
    with Session(network(3, 8, 2), regression, SETTINGS, background=background) as session:
        session.watch(keys)
        session.one_batch()
        session.wait()
        watched = session.snapshot.watched
        weights = session.checkpoint()["weights"]
    assert set(watched) == set(keys) - {"no.such"}
    hidden = np.tanh(watched["x.output"] @ weights["fc1.weight"].T + weights["fc1.bias"])
    np.testing.assert_allclose(watched["act1.output"], hidden, rtol=1e-5)
    expected = watched["fc1.grad_output"].T @ watched["x.output"]
    np.testing.assert_allclose(watched["fc1.grad_weight"], expected, rtol=1e-4, atol=1e-6)
    assert watched["loss.output"].shape == () and watched["x.output"].shape == (5, 3)


def test_looking_at_gradients_changes_nothing(network, regression):
    trainer = Trainer(network(3, 8, 2), regression, SETTINGS)
    trainer.run()
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.watch(["fc1.grad_output", "fc2.grad_input"])
        for _ in range(10):
            session.one_batch()
            session.wait()
            assert session.snapshot.watched["fc2.grad_input"].any()
        session.resume()
        session.wait()
        assert_as_in_the_foreground(session, trainer)


@both
def test_points_of_the_loss_curve_come_once_each(network, regression, background):
    with Session(network(3, 8, 2), regression, SETTINGS, background=background) as session:
        assert session.take_points().shape == (0, 6)
        session.one_batch()
        session.wait()
        (first,) = session.take_points()
        session.one_epoch()
        session.wait()
        later = session.take_points()
        assert len(session.take_points()) == 0
    assert first[:2].tolist() == [1, 0.2 * 25 / 23]
    assert later[:, 0].tolist() == [2, 3, 4, 5] and (later[:, 5] == 1).all()
    assert later[-1, :2].tolist() == [5, 1.0] and later[-1, 3] == 0.02
    assert np.isfinite(later).all() and (np.diff(later[:, 4]) >= 0).all()


def test_every_batch_is_a_point_however_fast_they_go_by(network, regression):
    settings = replace(SETTINGS, epochs=40, schedule="inverse")
    trainer, seen = Trainer(network(3, 8, 2), regression, settings), []
    for entry in trainer.steps():
        if entry is None and trainer.step > len(seen):
            seen.append((trainer.step, trainer.batch_loss, trainer.used_rate))
    with Session(network(3, 8, 2), regression, settings, background="thread") as session:
        session.start()
        session.wait()
        points = session.take_points()
    assert points[:, [0, 2, 3]].tolist() == [list(each) for each in seen]
    assert np.allclose(points[:, 1], points[:, 0] / 5, atol=0.2)
    assert np.isclose(np.dot(points[:5, 2], [5, 5, 5, 5, 3]) / 23, trainer.history[0]["train_loss"])


# -- what goes wrong


@both
def test_a_divergence_is_told_and_a_lower_rate_goes_on(network, regression, background):
    settings = TrainingSettings(epochs=3, batch_size=5, lr=1e6)
    with Session(network(3, 6, 2, activation="ReLU"), regression, settings, background=background) as session:
        session.start()
        assert session.wait() == "diverged"
        assert "learning rate 1e+06 is above 2/λ_max ≈ " in session.sentence
        assert session.problem["lr_to_try"] < session.problem["largest_lr"]
        assert session.problem["node"] and session.problem["lr"] == 1e6
        checkpoint = session.checkpoint()
        assert checkpoint["run_state"]["step"] == session.problem["step"]
        assert checkpoint["run_state"]["epoch"] == session.problem["epoch"] == len(session.history)
        assert all(np.isfinite(array).all() for array in checkpoint["weights"].values())
        session.set_lr(0.0)
        session.start()
        assert session.sentence == ""
        assert session.wait() in ("finished", "diverged")


@both
def test_a_graph_that_cannot_be_trained_fails_with_a_sentence(network, regression, background):
    with Session(Graph(), None, background=background) as session:
        session.start()
        assert session.wait() == "failed"
        assert "no criterion" in session.sentence
        wait_until(lambda: session.poll() is None and session.background == "")
        assert session.state == "failed"
        session.start()
        assert session.wait() == "failed", "it may be tried again"
    with pytest.raises(DataError, match="x waits for data"):
        Session(network(3, 2), None)


def test_a_killed_process_is_noticed_and_the_run_goes_on_from_the_last_snapshot(network, regression):
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.watch(["act1.output"])
        session.start(FOREVER)
        wait_until(lambda: session.poll() and steps(session) > 30)
        pid = session.pid
        os.kill(pid, signal.SIGKILL)
        assert session.wait("died")
        assert gone(pid) and session.pid is None
        step, epoch = (session.snapshot.status[name] for name in ("step", "epoch"))
        assert session.sentence.startswith(
            "The training process was killed by signal 9 (SIGKILL); the weights of"
        )
        assert f"update {step:,} " in session.sentence
        assert session.checkpoint()["run_state"]["step"] == step
        assert session.poll() is None and session.state == "died"
        session.start(20)
        assert session.wait() == "finished"
        assert session.pid != pid and "act1.output" in session.snapshot.watched
        trainer = Trainer(network(3, 8, 2), regression, SETTINGS)
        trainer.run(epoch + 20)
        assert_as_in_the_foreground(session, trainer)


def test_a_process_killed_before_it_began_can_be_started_again(network, regression):
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.start()
        os.kill(session.pid, signal.SIGKILL)
        assert session.wait() == "died"
        assert session.sentence.endswith("before it had begun; start it again.")
        session.start()
        assert session.wait() == "finished"


def test_ctrl_c_in_the_terminal_is_left_to_the_parent(network, regression):
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.start(FOREVER)
        wait_until(lambda: session.poll() and steps(session) > 10)
        os.kill(session.pid, signal.SIGINT)
        step = steps(session)
        wait_until(lambda: session.poll() and steps(session) > step + 100)
        assert session.state == "running"


def test_a_frozen_process_is_ended_by_close(network, regression):
    session = Session(network(3, 8, 2), regression, SETTINGS)
    session.start(FOREVER)
    wait_until(lambda: session.poll())
    pid = session.pid
    os.kill(pid, signal.SIGSTOP)
    session.close()
    assert gone(pid)


@pytest.mark.parametrize("cause", ["no such program", "frozen"])
def test_where_no_process_can_be_started_a_thread_does_the_same(network, regression, monkeypatch, cause):
    if cause == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(TrainingError, match="No process for training can be started"):
            Session(network(3, 8, 2), regression, SETTINGS, background="process").start()
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.start()
        assert session.background == "thread" and session.pid is None
        assert session.wait() == "finished"


# -- nothing is left behind


def test_sessions_leave_no_process_no_descriptor_and_no_shared_memory(network, regression):
    def descriptors():
        """What is open, by where it leads to: every pipe and socket has a number of its own."""
        gc.collect()
        links = [f"/proc/self/fd/{each}" for each in os.listdir("/proc/self/fd")]
        return {os.readlink(link) for link in links if os.path.lexists(link)}

    def left():
        """What there is now and was not before. Others open files too, but not for long."""
        return (descriptors() - before) | (set(os.listdir("/dev/shm")) - shared)

    shared = set(os.listdir("/dev/shm"))
    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.one_batch()
        session.wait()
    del session
    before = descriptors()
    pids = []
    for end in ("close", "kill", "forget"):
        session = Session(network(3, 8, 2), regression, SETTINGS)
        session.one_batch()
        session.wait()
        pids.append(session.pid)
        if end == "kill":
            os.kill(session.pid, signal.SIGKILL)
            session.wait("died")
        if end != "forget":
            session.close()
        del session
        gc.collect()
    assert all(gone(pid) for pid in pids)
    wait_until(lambda: not left())


# A script as anybody may write it: no `if __name__ == "__main__"`.
SCRIPT = """
import sys, time
import numpy as np
import nnstudio
from nnstudio.graph import Graph
from nnstudio.training import loop
from nnstudio.training.binding import BoundData
from nnstudio.training.session import Session
from nnstudio.training.settings import TrainingSettings

graph = Graph()
for type, name, settings in [
    ("Input", "x", {"shape": (3,)}), ("Linear", "fc", {"out_features": 2}),
    ("Target", "t", {"shape": (2,)}), ("MSE", "loss", {}),
]:
    graph.add(type, name, **settings)
graph.connect("x", "fc")
graph.connect("fc", "loss", "input")
graph.connect("t", "loss", "target")
data = BoundData({"x": np.ones((8, 3)), "t": np.ones((8, 2))})
session = Session(graph, data, TrainingSettings(epochs=5), background="process")
print("begun", flush=True)
session.start(1_000_000)
session.wait("running")
print(session.pid, flush=True)
"""


def script(tmp_path, ending, as_file):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + ending)
    what = [str(path)] if as_file else ["-c", SCRIPT + ending]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", *what],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=tmp_path,
        text=True,
    )
    assert process.stdout.readline() == "begun\n"
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("as_file", [True, False])
def test_a_parent_that_ends_takes_its_process_along_and_says_nothing(tmp_path, as_file):
    process, pid = script(tmp_path, "print('end')", as_file)
    with process:
        out, err = process.stdout.read(), process.stderr.read()
    assert (process.returncode, out, err) == (0, "end\n", "")
    wait_until(lambda: gone(pid))


def test_a_parent_that_is_killed_takes_its_process_along(tmp_path):
    process, pid = script(tmp_path, "time.sleep(60)", True)
    assert not gone(pid)
    process.kill()
    process.communicate()
    wait_until(lambda: gone(pid))


def test_a_parent_that_is_killed_while_the_run_is_paused_takes_its_process_along(tmp_path):
    process, pid = script(
        tmp_path, "session.pause(); session.wait('paused'); print('paused', flush=True); time.sleep(60)", True
    )
    assert process.stdout.readline() == "paused\n"
    process.kill()
    process.communicate()
    wait_until(lambda: gone(pid))


def test_the_process_is_nice_and_knows_nothing_of_windows(network, regression):
    import PySide6.QtCore  # noqa: F401 - this process does

    with Session(network(3, 8, 2), regression, SETTINGS) as session:
        session.one_batch()
        session.wait()
        assert "PySide6" not in Path(f"/proc/{session.pid}/maps").read_text()
        here = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, session.pid) == min(19, here + 5)
