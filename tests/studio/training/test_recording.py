"""A run in the window is kept, with what it reached, as one undoable step."""

import numpy as np

from nnstudio.project import RenameRun
from nnstudio.project.record import size_of
from nnstudio.project.run import kept_run, trainer_of
from nnstudio.project.setup import setup_of

LONG = 100_000  # epochs: nobody waits for their end


def test_a_run_is_kept_in_the_step_that_keeps_its_weights(bench):
    desk = bench(epochs=3, seed=5)
    began = setup_of(desk.project)
    desk.train()
    [run] = desk.project.runs
    assert (run.name, run.epochs, run.seed, run.outcome) == ("Run 1", 3, 5, "Finished after 3 epochs.")
    assert run.setup == began and (run.parameters, run.multiply_adds) == size_of(began)
    assert run.history[-1]["validation_loss"] == desk.project.history[-1]["validation_loss"]
    assert run.state is not None and run.state.run_state == desk.project.run_state
    assert np.array_equal(run.state.weights["fc1.weight"], desk.project.weights["fc1.weight"])
    assert run.seconds > 0 and desk.document.stack.count() == 1
    desk.document.undo()
    assert desk.project.runs == [] and desk.project.weights == {}
    desk.document.redo()
    assert [each.name for each in desk.project.runs] == ["Run 1"]


def test_what_goes_on_is_the_same_run_and_what_begins_anew_is_another(bench):
    desk = bench(epochs=LONG)
    desk.press(desk.controls.epoch)
    desk.wait("paused")
    [paused] = desk.project.runs
    assert paused.outcome == "Paused after 1 epoch."
    desk.document.push(RenameRun(paused.id, "the slow one"))
    desk.run.stop()
    desk.wait("idle")
    desk.press(desk.controls.epoch)
    desk.wait("paused")
    desk.run.stop()
    desk.wait("idle")
    [run] = desk.project.runs
    assert (run.id, run.name, run.when) == (paused.id, "the slow one", paused.when)
    assert (run.epochs, run.outcome) == (2, "Stopped after 2 epochs.")
    desk.press(desk.controls.rewind)
    desk.press(desk.controls.epoch)
    desk.wait("paused")
    desk.run.stop()
    desk.wait("idle")
    assert [each.name for each in desk.project.runs] == ["the slow one", "Run 1"]


def test_it_is_the_record_that_the_command_line_keeps(bench):
    desk = bench(epochs=2)
    desk.train()
    [run] = desk.project.runs
    desk.document.undo()
    trainer = trainer_of(desk.project)
    trainer.run(2)
    desk.project.apply(kept_run(desk.project, trainer))
    [other] = desk.project.runs
    for one, two in zip(run.history, other.history, strict=True):
        assert {**one, "seconds": 0} == {**two, "seconds": 0}
    assert (run.name, run.outcome, run.parameters) == (other.name, other.outcome, other.parameters)


def test_a_restored_run_is_where_it_ended(bench):
    desk = bench(epochs=2, keep_best=False, keep_every=1)
    desk.train()
    [first] = desk.project.runs
    left = desk.run.checkpoints
    desk.press(desk.controls.reseed)
    desk.train()
    others = desk.run.checkpoints
    later = desk.project.weights["fc1.weight"]
    desk.run.restore_run(first.id)
    assert desk.project.training.seed == 0 and len(desk.run.points) == 0
    assert np.array_equal(desk.project.weights["fc1.weight"], first.state.weights["fc1.weight"])
    assert [each.epoch for each in left] == [1, 2]
    assert desk.run.checkpoints == left and desk.controls.restore.isEnabled()
    desk.document.undo()
    assert desk.project.training.seed == 1 and np.array_equal(desk.project.weights["fc1.weight"], later)
    assert desk.run.checkpoints == others and left != others
