"""`nnstudio sweep` and `nnstudio runs` on real projects."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nnstudio as nn
from nnstudio.cli import main
from tests.cli.conftest import ROOT


def swept(capsys, *words):
    """What `sweep --json` prints, from this process."""
    assert main(["sweep", *map(str, words), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.count("\n") == 1
    return json.loads(out)


def numbers(history):
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]


def test_a_run_of_a_sweep_is_what_train_gives_with_the_same_settings(project, capsys, tmp_path):
    path, out, alone = project("digits", epochs=1), tmp_path / "runs.nns", tmp_path / "alone.nns"
    before = path.read_bytes()
    result = swept(capsys, path, "--grid", "lr=0.25,0.05", "--grid", "seed=3", "-o", out)
    assert path.read_bytes() == before
    assert [run["settings"] for run in result["runs"]] == [{"lr": 0.25, "seed": 3}, {"lr": 0.05, "seed": 3}]
    assert result["runs"][0]["name"] == "learning rate 0.25, seed 3"
    losses = [run["validation_loss"] for run in result["runs"]]
    assert result["best"] == losses.index(min(losses)) and result["output"] == str(out)
    assert main(["train", str(path), "--lr", "0.25", "--seed", "3", "--json", "-o", str(alone)]) == 0
    trained = json.loads(capsys.readouterr().out)
    single, run = nn.load(alone), nn.load(out).runs[0]
    assert numbers(run.history) == numbers(single.history)
    assert run.state.weights.keys() == single.weights.keys()
    for name, weight in single.weights.items():
        assert run.state.weights[name].tobytes() == weight.tobytes()
    assert run.setup.training == single.training
    assert run.parameters == trained["parameters"] == result["runs"][0]["parameters"]
    assert result["runs"][0]["steps"] == trained["steps"]


def test_people_get_a_table_with_the_best_first(project, capsys):
    assert main(["sweep", str(project(epochs=30)), "--grid", "lr=0,0.5"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["learning", "rate", "train"]
    assert lines[1].split()[:2] == ["best", "0.5"] and lines[2].split()[0] == "0"
    assert "2 runs in" in lines[3] and "the best: learning rate 0.5" in lines[3]
    assert "not saved" in lines[4] and err == ""


def test_random_points_of_a_range(project, capsys):
    path = project(epochs=1)
    words = (path, "--random", 2, "--log-range", "lr=0.001..1", "--grid", "batch_size=2,4")
    first, again = swept(capsys, *words), swept(capsys, *words)
    settings = [run["settings"] for run in first["runs"]]
    assert settings == [run["settings"] for run in again["runs"]]
    assert len({each["lr"] for each in settings}) == 2 and all(0.001 <= each["lr"] <= 1 for each in settings)
    assert [run["train_loss"] for run in first["runs"]] == [run["train_loss"] for run in again["runs"]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "A sweep needs something to vary, such as lr=0.1,0.01."),
        (["--grid", "lr"], "does not say what to vary"),
        (["--grid", "lr=-1"], "lr must be a finite number from 0"),
        (["--grid", "optimizer.momentum=0.5"], "SGD has no setting 'momentum'"),
        (["--range", "lr=0..1"], "say with --random how many points"),
        (["--random", "0"], "--random expects a whole number of at least 1, not '0'"),
        (["--random", "501", "--grid", "lr=1"], "from 1 to 500 points, not 501"),
        (["--grid", "lr=1", "-o", "out.nns.json"], "saved as .nns"),
        (["--grid", "lr=1", "--at-once", "many"], "--at-once expects a whole number"),
    ],
)
def test_a_wrong_sweep_is_one_sentence_and_bad_usage(project, capsys, options, said):
    assert main(["sweep", str(project()), *options]) == 2
    out, err = capsys.readouterr()
    assert said in err and err.count("\n") == 1 and out == ""


def test_a_project_that_cannot_be_trained_is_one_sentence(project, capsys, tmp_path):
    broken = nn.load(project())
    broken.graph.disconnect(broken.graph.inputs_of("fc2")["input"])
    nn.save(broken, tmp_path / "broken.nns.json")
    assert main(["sweep", str(tmp_path / "broken.nns.json"), "--grid", "lr=1,2"]) == 1
    assert "fc2 has nothing connected" in capsys.readouterr().err
    assert main(["sweep", str(tmp_path / "missing.nns"), "--grid", "lr=1"]) == 1
    assert "There is no file" in capsys.readouterr().err
    # Every point is one that fits the data no more.
    assert main(["sweep", str(project()), "--grid", "x.shape=3"]) == 1
    out, err = capsys.readouterr()
    assert err.count("\n") == 1 and "x" in err and out == ""


def _of_session(leader: int) -> list[str]:
    """The processes of the session that `leader` leads."""
    found: list[str] = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                fields = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[3] == str(leader) and fields[0] != "Z":
                found.append(each.name)
    return found


def _heed_ctrl_c() -> None:
    """In the child: what was started in the background of a shell ignores Ctrl-C, and its children do too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _read_before(deadline: float, terminal: int) -> bytes:
    """What the other side of a terminal has drawn; nothing once it is closed, or time is over."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
    try:
        return os.read(terminal, 65536) if ready else b""
    except OSError:  # the other side has been closed
        return b""


def test_ctrl_c_keeps_the_runs_that_are_over_and_leaves_no_process(project, tmp_path):
    out = tmp_path / "out.nns"
    words = [project(lr=0.01), "--grid", "epochs=1,1000000", "-o", out]
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "nnstudio", "sweep", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=slave,
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"},
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,
    )
    os.close(slave)
    drawn, pressed, deadline = "", False, time.monotonic() + 60
    while part := _read_before(deadline, master):
        drawn += part.decode(errors="replace")
        if not pressed and "epochs 1: loss" in drawn:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
            pressed = True
    os.close(master)
    try:
        printed = process.communicate(timeout=30)[0]
    finally:
        process.kill()
    assert process.returncode == 130, drawn
    assert "Stopped." in drawn and "Traceback" not in drawn and printed == b""
    deadline = time.monotonic() + 30
    while _of_session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _of_session(process.pid) == []
    assert [run.epochs for run in nn.load(out).runs] == [1]


# -- runs


@pytest.fixture
def kept(project, tmp_path):
    """A project with two runs, which differ in the learning rate and the width."""
    from nnstudio.project import PinRun, Project, setup_of
    from nnstudio.project.run import kept_run, trainer_of
    from nnstudio.project.sweep_points import point_at

    found = nn.load(project(epochs=2))
    for values in ({"lr": 0.5}, {"lr": 0.25, "fc1.out_features": 3}):
        setup = point_at(setup_of(found), values).setup
        trainer = trainer_of(Project(setup.graph, data=setup.data, training=setup.training))
        trainer.run()
        there = Project(setup.graph, data=setup.data)
        there.runs = found.runs
        there.apply(kept_run(there, trainer))
        found.runs = there.runs
    found.apply(PinRun(found.runs[0].id))
    nn.save(found, tmp_path / "kept.nns")
    return tmp_path / "kept.nns"


def test_runs_lists_what_a_project_keeps(kept, project, capsys):
    assert main(["runs", str(kept)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[1].startswith("*  Run 1") and lines[2].startswith("   Run 2")
    assert "Finished after 2 epochs." in lines[1]
    assert main(["runs", str(kept), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [run["name"] for run in result["runs"]] == ["Run 1", "Run 2"]
    assert [run["parameters"] for run in result["runs"]] == [33, 13]
    assert [len(run["history"]) for run in result["runs"]] == [2, 2]
    assert result["runs"][0]["pinned"] and result["runs"][1]["training"]["lr"] == 0.25
    assert main(["runs", str(project())]) == 0
    assert capsys.readouterr().out == "No runs are kept.\n"


def test_runs_compares_two(kept, capsys):
    assert main(["runs", str(kept), "--compare", "Run 1", "Run 2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Run", "1", "Run", "2"]
    assert lines[1].split() == ["learning", "rate", "0.5", "0.25"]
    assert lines[2].split() == ["fc1.out_features", "8", "3"]
    assert lines[3].startswith("train loss")
    assert main(["runs", str(kept), "--compare", "Run 1", "Run 2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["differences"]
    assert found[0] == {"what": "learning rate", "first": "0.5", "second": "0.25"}
    assert main(["runs", str(kept), "--compare", "Run 1", "Run 1"]) == 0
    assert "They do not differ" in capsys.readouterr().out
    assert main(["runs", str(kept), "--compare", "Run 1", "Run 7"]) == 1
    assert capsys.readouterr().err == "nnstudio: There is no run 'Run 7'; there are Run 1, Run 2.\n"
