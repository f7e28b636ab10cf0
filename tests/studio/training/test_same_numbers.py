"""One run, whoever trains it: the window, the command line, or a window that opens what another has saved."""

import json

import numpy as np

from nnstudio.cli import main
from nnstudio.project import load, save
from nnstudio.project.run import train
from nnstudio.studio.formats import number

OF_ALL_KINDS = {"optimizer": "Momentum", "schedule": "cosine", "batch_size": 32, "shuffle": True, "seed": 7}


def curve(history):
    """The entries but for the time that they took."""
    return [{**entry, "seconds": 0} for entry in history]


def test_the_command_line_tells_what_the_window_shows(bench, tmp_path, capsys):
    desk, path = bench(epochs=5, **OF_ALL_KINDS), tmp_path / "sine.nns"
    begun = desk.project.copy()
    save(begun, path)
    desk.train()
    assert main(["train", str(path), "--json", "-o", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["history"]) == 5 and curve(told["history"]) == curve(desk.project.history)
    fitted = load(path).run_state["fitted"]
    assert fitted == desk.project.run_state["fitted"] == desk.project.runs[-1].state.run_state["fitted"]
    assert fitted == desk.project.checkpoints[-1].run_state["fitted"] and fitted["scaling"]["offset"]
    assert told["validation_loss"] == desk.project.history[-1]["validation_loss"]
    save(begun, path)
    assert main(["train", str(path)]) == 0
    line = next(each for each in capsys.readouterr().out.splitlines() if each.startswith("epoch 5"))
    shown = desk.panel.curves.loss
    for entry in (shown.training.entry, shown.validation.entry):
        word, value = entry.text().split()
        said = line.split({"training": "loss ", "validation": "validation "}[word])[1].split(",")[0]
        assert number(float(said)) == value


def test_a_run_saved_in_an_epoch_and_opened_again_is_the_run_without_a_break(bench, tmp_path):
    straight = bench(epochs=5, **OF_ALL_KINDS).project
    train(straight)
    desk, path = bench(epochs=5, **OF_ALL_KINDS), tmp_path / "half.nns"
    for button in (desk.controls.epoch, desk.controls.epoch, desk.controls.batch):
        desk.press(button)
        desk.wait("paused")
    desk.run.settle()  # as the window does before it saves
    save(desk.project, path)
    desk.run.abandon()
    again = bench(path)
    assert again.project.run_state["position"] == 32 and len(again.project.history) == 2
    assert again.panel.curves.loss.training.last() == straight.history[1]["train_loss"]
    again.train()
    assert curve(again.project.history) == curve(straight.history)
    for one, two in (
        (again.project.weights, straight.weights),
        (again.project.optimizer_state, straight.optimizer_state),
    ):
        assert one.keys() == two.keys() and all(np.array_equal(one[name], two[name]) for name in two)
