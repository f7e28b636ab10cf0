"""Training in the window: pause, stop, rates changed on the way, runs that end badly, undo."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from nnstudio.graph import AddEdge, AddNode, Edge, Graph, RemoveNode, Rename
from nnstudio.project import Project, load
from nnstudio.project.edits import SetTraining
from nnstudio.resources_path import example
from nnstudio.studio.lighting.short import forms
from nnstudio.studio.questions import DISCARD, Question
from nnstudio.studio.training.panel import duration

LONG = 100_000  # epochs: nobody waits for their end


@pytest.fixture
def digits(open_example):
    """The digits with a run ahead of them that only ends when it is told to."""
    window = open_example("digits")
    window.document.push(SetTraining(replace(window.document.project.training, epochs=LONG, lr=0.001)))
    return window


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def start(window, qtbot, epochs: int = 2):
    run = window.engine.run
    press(window.top_bar.train)
    qtbot.waitUntil(lambda: len(run.history) >= epochs, timeout=60000)
    assert run.state == "running"
    return run


def wait_idle(run, qtbot):
    qtbot.waitUntil(lambda: not run.active, timeout=60000)


def test_pause_takes_effect_and_training_goes_on_from_there(digits, qtbot):
    run = start(digits, qtbot)
    assert not digits.engine.transport.buttons["run_step"].isEnabled()
    assert not digits.engine.timeline.scrubber.isEnabled()
    press(digits.top_bar.train)
    qtbot.waitUntil(lambda: run.state == "paused", timeout=30000)
    assert digits.top_bar.train.text() == "Continue"
    step = run.snapshot.status["step"]
    qtbot.wait(200)
    run.session.poll()
    assert run.session.snapshot.status["step"] == step
    # The stepper stands on what was learned so far, and can be used.
    assert digits.engine.transport.buttons["run_step"].isEnabled()
    weight = digits.engine.stepper.program["fc1.weight"]
    assert np.array_equal(weight, digits.document.project.weights["fc1.weight"])
    press(digits.top_bar.train)
    qtbot.waitUntil(lambda: run.snapshot.status["step"] > step, timeout=30000)
    assert run.state == "running"


def test_stop_keeps_what_was_reached_as_one_edit_that_can_be_undone(digits, qtbot):
    before = digits.document.stack.count()
    run = start(digits, qtbot)
    press(digits.top_bar.train)  # pause: an edit
    qtbot.waitUntil(lambda: run.state == "paused", timeout=30000)
    press(digits.top_bar.train)
    qtbot.waitUntil(lambda: run.state == "running", timeout=30000)
    press(digits.engine.training.controls.stop)
    wait_idle(run, qtbot)
    document, project = digits.document, digits.document.project
    assert document.stack.count() == before + 1 and document.stack.undoText() == "Train"
    assert project.run_state["epoch"] == len(project.history) >= 2
    learned = project.weights["fc1.weight"].copy()
    document.undo()
    assert project.weights == {} and project.history == [] and project.run_state == {}
    assert digits.engine.training.where.text() == "not trained yet"
    document.redo()
    assert np.array_equal(project.weights["fc1.weight"], learned)
    assert np.array_equal(digits.engine.stepper.program["fc1.weight"], learned)
    assert digits.top_bar.train.text() == "Continue"


def test_a_second_run_goes_on_where_the_first_ended(open_example, qtbot):
    window = open_example("xor")
    training = replace(window.document.project.training, epochs=5)
    window.document.push(SetTraining(training))
    run, project = window.engine.run, window.document.project
    for _ in range(2):
        press(window.top_bar.train)
        wait_idle(run, qtbot)
    assert [entry["epoch"] for entry in project.history] == list(range(1, 11))
    straight = load(example("xor.nns.json"))
    straight.training = replace(training, epochs=10)
    from nnstudio.project.run import train

    history = train(straight)
    assert [entry["train_loss"] for entry in project.history] == [entry["train_loss"] for entry in history]


def test_the_learning_rate_changes_while_it_runs(digits, hands, qtbot):
    run = start(digits, qtbot)
    field = digits.engine.training.controls.live.fields["lr"].editor
    assert field.isEnabled() and not digits.engine.settings.plain.fields["seed"].editor.isEnabled()
    hands(digits).type(field, "0.0002")
    assert digits.document.project.training.lr == 0.0002
    qtbot.waitUntil(lambda: run.snapshot.status["lr"] == 0.0002, timeout=30000)
    assert run.state == "running"
    digits.document.undo()
    qtbot.waitUntil(lambda: run.snapshot.status["lr"] == 0.001, timeout=30000)


def test_a_killed_process_leaves_the_studio_running_with_the_last_snapshot(digits, qtbot):
    run = start(digits, qtbot)
    # An epoch's entry is told before the snapshot of it is written.
    qtbot.waitUntil(lambda: run.snapshot.status["epoch"] >= 5, timeout=60000)
    os.kill(run.session.pid, signal.SIGKILL)
    wait_idle(run, qtbot)
    panel = digits.engine.training
    assert "process" in run.sentence and "SIGKILL" in run.sentence and "kept" in run.sentence
    assert panel.notice.isVisible() and panel.notice.message.text() == run.sentence
    project = digits.document.project
    reached = project.run_state["epoch"]
    assert reached >= 5 and "fc1.weight" in project.weights
    assert digits.top_bar.train.text() == "Continue"
    start(digits, qtbot, reached + 2)
    assert run.sentence == "" and not panel.notice.isVisible()
    epochs = [entry["epoch"] for entry in run.history]
    assert epochs == list(range(1, len(epochs) + 1))


def test_numbers_that_leave_the_finite_stop_it_and_name_node_and_statement(open_example, qtbot):
    window = open_example("sine")
    changed = replace(
        window.document.project.training, lr=1e6, optimizer="SGD", optimizer_settings={}, epochs=500
    )
    window.document.push(SetTraining(changed))
    press(window.top_bar.train)
    run = window.engine.run
    qtbot.waitUntil(lambda: bool(run.sentence) and not run.active, timeout=60000)
    nodes = window.document.level.names
    assert any(f"{name}." in run.sentence for name in nodes) and "`" in run.sentence
    assert "learning rate" in run.sentence and run.tone == "error"
    selected = [window.document.level.nodes[key].name for key in window.canvas.selected_nodes()]
    assert selected == [run.culprit]
    assert all(np.isfinite(array).all() for array in window.document.project.weights.values())


def test_what_forbids_training_is_said_in_words(open_example, empty_window, qtbot):
    window = open_example("digits")
    window.document.push(RemoveNode(window.document.level.names["loss"]))
    press(window.top_bar.train)
    run = window.engine.run
    assert not run.active
    assert "criterion" in run.sentence and window.engine.training.notice.message.text() == run.sentence
    assert window.status_line.left.text() == run.sentence
    window.document.undo()
    assert run.sentence == ""
    press(empty_window.top_bar.train)
    assert "nothing to train" in empty_window.engine.run.sentence


def test_a_stray_node_dropped_beside_the_network_does_not_stop_training(
    open_example, drag_from_palette, qtbot
):
    window = open_example("xor")
    training = replace(window.document.project.training, epochs=3)
    window.document.push(SetTraining(training))
    canvas = window.canvas
    below = canvas.graph_scene.itemsBoundingRect().bottomLeft() + QPointF(40, -30)
    before = set(window.document.level.nodes)
    drag_from_palette(window, "ReLU", canvas.mapToScene(canvas.viewport().rect().center()), below)
    (stray,) = set(window.document.level.nodes) - before
    qtbot.waitUntil(lambda: window.document.announced_problems != [], timeout=30000)
    assert [each.node_id for each in window.document.problems] == [stray]
    qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=30000)
    # It steps to the end of the valid part, values are shown, and the stray node keeps its badge.
    press(window.engine.transport.buttons["run_forward"])
    id_of = window.document.level.names
    qtbot.waitUntil(lambda: canvas.graph_scene.nodes[id_of["loss"]].thumbnail is not None, timeout=30000)
    assert canvas.graph_scene.nodes[stray].look.severity == "error"
    press(window.top_bar.train)
    wait_idle(window.engine.run, qtbot)
    project = window.document.project
    assert window.engine.run.sentence == "" and len(project.history) == 3
    straight = load(example("xor.nns.json"))
    straight.training = training
    from nnstudio.project.run import train

    train(straight)
    for name, weight in straight.weights.items():
        assert np.array_equal(project.weights[name], weight)


def test_a_broken_part_of_the_loss_stops_training_by_name(open_example, qtbot):
    window = open_example("xor")
    graph = window.document.graph
    window.document.push(AddNode("MSE", "loss2", {}, (0.0, 400.0), id="second"))
    press(window.top_bar.train)  # nothing is connected to it yet
    wait_idle(window.engine.run, qtbot)
    assert window.document.project.history
    window.document.push(AddEdge(Edge(graph.inputs_of("loss")["input"].source, "second", "input")))
    press(window.top_bar.train)
    run = window.engine.run
    assert not run.active
    assert run.sentence == ("The graph cannot be trained yet: loss2 has nothing connected to its target.")
    assert window.engine.training.notice.message.text() == run.sentence


def test_a_graph_without_data_says_so(open_window, qtbot):
    graph = Graph()
    x, fc = graph.add("Input", name="x"), graph.add("Linear", name="fc1")
    loss = graph.add("Objective")
    graph.connect(x, fc)
    graph.connect(fc, loss)
    window = open_window(graph)
    press(window.top_bar.train)
    wait_idle(window.engine.run, qtbot)
    assert "x" in window.engine.run.sentence and "data" in window.engine.run.sentence


def test_rewind_goes_back_to_the_first_weights_and_can_be_undone(open_example, qtbot):
    window = open_example("xor")
    first = window.engine.stepper.program.flat.copy()
    press(window.top_bar.train)
    wait_idle(window.engine.run, qtbot)
    project, program = window.document.project, window.engine.stepper.program
    assert not np.array_equal(program.flat, first)
    press(window.engine.training.controls.rewind)
    assert project.weights == {} and project.history == []
    assert np.array_equal(program.flat, first)
    assert not window.engine.training.controls.rewind.isEnabled()
    window.document.undo()
    assert project.history and not np.array_equal(program.flat, first)


def test_a_node_renamed_while_it_trains_gets_its_weights(digits, qtbot):
    run = start(digits, qtbot)
    digits.document.push(Rename(digits.document.level.names["fc1"], "hidden"))
    press(digits.engine.training.controls.stop)
    wait_idle(run, qtbot)
    weights = digits.document.project.weights
    assert "hidden.weight" in weights and "fc1.weight" not in weights
    qtbot.waitUntil(lambda: digits.engine.stepper.ready, timeout=30000)
    assert np.array_equal(digits.engine.stepper.program["hidden.weight"], weights["hidden.weight"])


def test_cards_show_what_is_being_trained(digits, qtbot):
    run = start(digits, qtbot)
    scene, id_of = digits.canvas.graph_scene, digits.document.level.names

    def loss():
        return scene.nodes[id_of["loss"]].thumbnail

    qtbot.waitUntil(lambda: loss() is not None, timeout=30000)
    shown = loss().text
    qtbot.waitUntil(lambda: loss().text != shown, timeout=30000)
    assert scene.nodes[id_of["x"]].thumbnail.cells.shape == (8, 8)
    # The edges tell the same batch, and waves go forward and come back.
    edge = next(each for each in digits.document.level.edges if each.source == id_of["fc2"])
    item, lights, pulses = scene.edges[edge], digits.engine.lights, digits.canvas.pulses
    told, seen, sample = [], set(), digits.engine.stepper.sample

    def look():
        # At once: between two moments that are shown, newer snapshots come.
        if run.computing:
            told.append((item.words(), forms(run.snapshot.watched["fc2.output"][sample])))
            seen.update(pulses._phases.tolist())

    run.progressed.connect(look)
    qtbot.waitUntil(lambda: len(seen) == 2 and len({said for said, _ in told}) > 1, timeout=30000)
    for (word,), numbers in told:
        assert (word.phase, word.true, word.forms) == ("forward", True, numbers)
    (word,) = item.words()
    press(digits.top_bar.train)
    qtbot.waitUntil(lambda: run.state == "paused", timeout=30000)
    assert not pulses.running and not lights.live
    assert item.words() != (word,)


def test_closing_while_it_trains_asks_and_ends_the_process(digits, qtbot, monkeypatch):
    run = start(digits, qtbot)
    process = run.session.pid
    asked = []

    def answer(box):
        asked.append(box.words.text())

    monkeypatch.setattr(Question, "exec", answer)
    assert not digits.close()
    assert asked and run.state == "running"
    assert digits.document.project.history, "what it has reached is part of what may be saved"
    monkeypatch.setattr(Question, "exec", lambda box: setattr(box, "answer", DISCARD))
    assert digits.close()

    def gone():
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return False

    qtbot.waitUntil(gone, timeout=30000)


def test_saving_keeps_the_run_and_a_picture(digits, qtbot, tmp_path, monkeypatch):
    run = start(digits, qtbot)
    path = tmp_path / "mine.nns"
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    assert digits.files.save_as()
    saved = load(path)
    assert saved.history and "fc1.weight" in saved.weights
    assert saved.thumbnail is not None and saved.thumbnail.startswith(b"\x89PNG")
    assert run.state == "running"


def test_another_document_ends_the_run(digits, qtbot):
    run = start(digits, qtbot)
    digits.document.replace(Project())
    assert not run.active and run.history == [] and digits.top_bar.train.text() == "Train"


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 s"), (65, "1 min 5 s"), (4800, "1 h 20 min")])
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words


def test_settings_are_edits_and_a_sweep_is_one_step(open_example, hands):
    window = open_example("digits")
    user, settings, document = hands(window), window.engine.settings, window.document
    window.bottom.show_panel(settings)
    before = document.stack.count()
    user.type(settings.plain.fields["batch_size"].editor, "128")
    assert document.project.training.batch_size == 128 and document.stack.count() == before + 1
    settings.optimizer.chooser.editor.setCurrentText("Momentum")
    assert document.project.training.optimizer == "Momentum"
    user.type(settings.optimizer.fields["momentum"].editor, "0.5")
    assert document.project.training.optimizer_settings == {"momentum": 0.5}
    user.type(settings.optimizer.fields["momentum"].editor, "7")
    assert "from 0 to 1" in settings.optimizer.fields["momentum"].complaint.text()
    settings.schedule.chooser.editor.setCurrentText("cosine")
    assert document.project.training.schedule == "cosine"
    while document.stack.canUndo():
        document.undo()
    assert document.project.training == load(example("digits.nns.json")).training
    assert settings.optimizer.chooser.value == "Adam"
