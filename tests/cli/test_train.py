"""`nnstudio train` on real projects: its numbers, its options, going on, stopping, the progress bar."""

import json
import os
import pty
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

import nnstudio as nn
from nnstudio.cli import main
from nnstudio.project.run import splits_of
from nnstudio.training.session import Session
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


def test_what_ends_a_run_is_said_and_is_what_the_session_says(project, capsys):
    path = project("digits")
    options = ("--lr", 0.5, "--epochs", 500, "--patience", 2)
    result = trained(capsys, path, *options)
    assert result["reached"] == "patience" and 2 < result["epochs"] < 500
    loaded = nn.load(path)
    settings = replace(loaded.training, lr=0.5, epochs=500, patience=2)
    with Session(loaded.graph, splits_of(loaded), settings) as session:
        session.start()
        assert session.wait() == "finished"
        assert (session.reached, session.sentence) == ("patience", result["ending"])
        assert len(session.history) == result["epochs"]
        assert session.snapshot.status["step"] == result["steps"]
        parts = [session.history[-1][f"validation_{name}"] for name in ("loss", "accuracy")]
        assert parts == [result["validation_loss"], result["validation_accuracy"]]


@pytest.mark.parametrize(
    ("option", "value", "reached"),
    [("--until-loss", "1e9", "loss"), ("--seconds", "1e-9", "seconds"), ("--epochs", "1", "epochs")],
)
def test_each_goal_ends_a_run(project, capsys, option, value, reached):
    result = trained(capsys, project(), option, value)
    assert result["reached"] == reached and result["epochs"] == (reached != "seconds")
    assert main(["train", str(project()), option, value]) == 0
    assert (result["ending"] in capsys.readouterr().out) and bool(result["ending"]) == (reached != "epochs")


@pytest.mark.parametrize("option", ["--until-loss", "--patience", "--seconds", "--keep-every"])
def test_a_goal_that_is_none_is_bad_usage(project, option):
    done = run_cli("train", project(), option, "-1")
    assert done.returncode == 2 and f"{option} expects" in done.stderr


def test_a_stray_node_is_said_and_does_not_stop_training(project, tmp_path):
    path = project()
    whole = json.loads(run_cli("train", path, "--json").stdout)
    assert whole["left_out"] == []
    spoilt = nn.load(path)
    spoilt.graph.add("ReLU", name="lone")
    spoilt.graph.connect("act1", spoilt.graph.add("Linear", name="narrow", in_features=3))
    nn.save(spoilt, tmp_path / "spoilt.nns.json")
    done = run_cli("train", tmp_path / "spoilt.nns.json", "--json", "-o", tmp_path / "out.nns")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "nnstudio: left out: lone has nothing connected to its input (1 more: see nnstudio check).\n"
    )
    result = json.loads(done.stdout)
    assert [each["node"] for each in result["left_out"]] == ["lone", "narrow"]
    assert "narrow expects 3 features" in result["left_out"][1]["sentence"]
    assert result["train_loss"] == whole["train_loss"]
    assert "lone" in nn.load(tmp_path / "out.nns").graph.level.names
    for command in ("gradcheck", "run"):
        more = ("--input", tmp_path / "x.csv") if command == "run" else ()
        (tmp_path / "x.csv").write_text("a,b\n0,1\n1,1\n")
        done = run_cli(command, tmp_path / "out.nns", *more)
        assert done.returncode == 0, done.stderr
    script = run_cli("export", tmp_path / "out.nns", "--to", "numpy", "-o", tmp_path / "net.py")
    assert script.returncode == 0 and "left out: lone has nothing" in script.stderr
    check = subprocess.run(
        [sys.executable, "net.py", "--check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


def test_a_loss_that_is_broken_is_refused_by_the_name_of_the_node(project, tmp_path):
    broken = nn.load(project())
    broken.graph.connect("act1", broken.graph.add("MSE", name="loss2"), "input")
    nn.save(broken, tmp_path / "broken.nns.json")
    done = run_cli("train", tmp_path / "broken.nns.json")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.endswith("broken.nns.json: loss2 has nothing connected to its target.\n")


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
    (run,) = saved.runs
    assert (run.name, run.outcome) == ("Run 1", "Finished after 30 epochs.")
    assert list(run.history) == saved.history


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
    assert nn.load(path.parent / "out.nns").runs[0].outcome in done.stderr


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
    assert saved.runs[0].outcome.startswith("Stopped after ")
    # To the end of the epoch that was broken off, and it is as if nothing had happened.
    epochs = len(saved.history) + 1
    trained(capsys, out, "--epochs", 1, "-o", out)
    whole = path.parent / "whole.nns"
    trained(capsys, path, "--epochs", epochs, "-o", whole)
    assert nn.load(out).history[-1]["train_loss"] == nn.load(whole).history[-1]["train_loss"]
