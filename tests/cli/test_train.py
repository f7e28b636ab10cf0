"""`nnstudio train` on real projects: its numbers, its options, going on, stopping, the progress bar."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

import nnstudio as nn
from nnstudio.cli import main
from tests.cli.conftest import ROOT, run_cli


def trained(capsys, *words):
    """What `train --json` prints, from this process."""
    assert main(["train", *map(str, words), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    return json.loads(out)


def test_the_json_of_a_set_of_classes(project):
    path = project("digits")
    before = path.read_bytes()
    done = run_cli("train", path, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["epochs"] == 2
    assert (
        result["steps"] == 2 * 40
    )  # 1,797 digits less 270 for validation and 270 for test, in batches of 32
    assert result["seconds"] > 0
    assert result["backend"] == "numpy"
    assert result["parameters"] == 64 * 16 + 16 + 16 * 10 + 10
    for part in ("train", "validation", "test"):
        assert 0 < result[f"{part}_loss"] < 1.5
        assert 0.6 < result[f"{part}_accuracy"] <= 1
    assert path.read_bytes() == before


def test_a_part_that_is_not_there_has_no_number(project, capsys):
    result = trained(capsys, project())
    assert result["validation_loss"] is None
    assert result["test_accuracy"] is None
    assert result["train_loss"] < 0.3


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(project, capsys):
    path = project("iris")
    first, again, other = (trained(capsys, path, "--seed", seed) for seed in (1, 1, 2))
    assert first["train_loss"] == again["train_loss"]
    assert first["train_loss"] != other["train_loss"]


@pytest.mark.parametrize(
    ("options", "steps", "dtype"),
    [
        (["--epochs", 3, "--batch-size", 2], 6, "float32"),
        (["--epochs", 3, "--batch-size", 0], 3, "float32"),
        (["--epochs", 2, "--batch-size", 3, "--dtype", "float64"], 4, "float64"),
        (["--epochs", 0], 0, "float32"),
    ],
)
def test_options_take_the_place_of_the_project_s_settings(project, capsys, options, steps, dtype):
    result = trained(capsys, project(), *options)
    assert (result["steps"], result["dtype"]) == (steps, dtype)


def test_optimizer_and_rate_matter(project, capsys):
    path = project(epochs=5)
    losses = {
        trained(capsys, path, *options)["train_loss"]
        for options in ((), ("--lr", 0.01), ("--optimizer", "Adam"), ("--optimizer", "Adam", "--lr", 0.01))
    }
    assert len(losses) == 4


def test_a_rate_of_zero_shows_that_nothing_is_learned(project, capsys):
    path = project()
    untrained = trained(capsys, path, "--epochs", 0)["train_loss"]
    assert trained(capsys, path, "--epochs", 3, "--lr", 0)["train_loss"] == untrained


def test_an_optimizer_that_is_not_known_is_bad_usage(project, capsys):
    assert main(["train", str(project()), "--optimizer", "Adan"]) == 2
    assert "Adam" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["out.nns.json", "out.txt", "out"])
def test_weights_are_not_saved_where_they_would_be_lost(project, capsys, output):
    path = project()
    assert main(["train", str(path), "-o", str(path.parent / output)]) == 2
    assert ".nns" in capsys.readouterr().err
    assert not (path.parent / output).exists()


def test_what_is_saved_is_what_was_trained(project, capsys):
    path = project()
    out = path.parent / "out.nns"
    result = trained(capsys, path, "--epochs", 30, "-o", out)
    saved = nn.load(out)
    assert len(saved.history) == 30
    assert set(saved.weights) == {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}
    assert saved.run_state["epoch"] == 30
    assert result["output"] == str(out)


def test_a_run_that_was_saved_goes_on_as_if_it_had_not_stopped(project, capsys):
    path = project("iris", optimizer="Adam", lr=0.01)
    half, whole = path.parent / "half.nns", path.parent / "whole.nns"
    trained(capsys, path, "--epochs", 2, "-o", half)
    trained(capsys, half, "--epochs", 3, "-o", half)
    trained(capsys, path, "--epochs", 5, "-o", whole)
    first, second = nn.load(half), nn.load(whole)
    assert [entry["train_loss"] for entry in first.history] == [
        entry["train_loss"] for entry in second.history
    ]
    for name, weight in second.weights.items():
        assert first.weights[name].tobytes() == weight.tobytes()


def test_without_epochs_it_does_those_that_are_left_and_then_all_again(project, capsys):
    path = project(epochs=5)
    out = path.parent / "out.nns"
    assert trained(capsys, path, "--epochs", 2, "-o", out)["epochs"] == 2
    assert trained(capsys, out, "-o", out)["epochs"] == 3
    assert trained(capsys, out, "-o", out)["epochs"] == 5
    assert len(nn.load(out).history) == 10


def test_a_seed_begins_anew(project, capsys):
    path = project(epochs=5)
    out = path.parent / "out.nns"
    trained(capsys, path, "-o", out)
    fresh = trained(capsys, path, "--seed", 3)
    assert trained(capsys, out, "--seed", 3, "-o", out)["train_loss"] == fresh["train_loss"]
    assert len(nn.load(out).history) == 5


def test_numbers_that_stop_being_finite_are_one_sentence(project):
    path = project(lr=1e5, epochs=200)
    done = run_cli("train", path, "-o", path.parent / "out.nns")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "learning rate" in done.stderr
    assert done.stdout == ""


def test_people_get_a_table(project, capsys):
    assert main(["train", str(project("digits"))]) == 0
    out, err = capsys.readouterr()
    assert "2 epochs, 80 steps" in out
    assert "accuracy" in out
    assert "%" in out
    assert "not saved" in out
    assert err == ""


def on_a_terminal(*words, interrupt_at=None):
    """Runs the command line with a terminal as its stderr; gives the exit code, stdout and what was drawn.

    `interrupt_at`: press Ctrl-C as soon as this has been drawn.
    """
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "nnstudio", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=slave,
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(slave)
    drawn = ""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other side has been closed
            break
        if not part:
            break
        drawn += part.decode(errors="replace")
        if interrupt_at is not None and interrupt_at in drawn:
            process.send_signal(signal.SIGINT)
            interrupt_at = None
    os.close(master)
    out = process.communicate(timeout=60)[0]
    return process.returncode, out.decode(), drawn


def test_a_terminal_gets_a_progress_bar_and_json_stays_clean(project):
    code, out, drawn = on_a_terminal("train", project("digits"), "--json")
    assert code == 0
    assert json.loads(out)["epochs"] == 2
    assert "epoch" in drawn
    assert "loss" in drawn


def test_stopping_with_ctrl_c_saves_what_was_reached(project, capsys):
    path = project("digits", epochs=100_000)
    out = path.parent / "out.nns"
    code, printed, drawn = on_a_terminal("train", path, "-o", out, interrupt_at="loss")
    assert code == 130, drawn
    assert printed == ""
    assert "Traceback" not in drawn
    assert "Stopped" in drawn
    saved = nn.load(out)
    assert 0 < len(saved.history) == saved.run_state["epoch"]
    # To the end of the epoch that was broken off, and it is as if nothing had happened.
    epochs = len(saved.history) + 1
    trained(capsys, out, "--epochs", 1, "-o", out)
    whole = path.parent / "whole.nns"
    trained(capsys, path, "--epochs", epochs, "-o", whole)
    assert nn.load(out).history[-1]["train_loss"] == nn.load(whole).history[-1]["train_loss"]
