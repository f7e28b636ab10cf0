"""Every example opens without problems, trains to what it promises, and leaves as scripts that agree."""

import math
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import nnstudio as nn
from nnstudio.project.run import trainer_of
from nnstudio.resources_path import example

PROMISED = {
    "xor": ("train_accuracy", 1.0),
    "spirals": ("test_accuracy", 0.95),
    "logistic_unit": ("test_accuracy", 0.95),
    "iris": ("test_accuracy", 0.9),
    "digits": ("test_accuracy", 0.95),
    "mnist5k": ("test_accuracy", 0.92),
}


def path_of(name):
    return example(f"{name}.nns.json")


def names_in(folder):
    return {path.name.removesuffix(".nns.json") for path in folder.glob("*.nns*")}


def test_every_example_in_the_folder_is_tested():
    assert names_in(example("digits.nns.json").parent) == {*PROMISED, "sine", "chain_rule"}


# Projects of lessons: they stand in a folder of their own, which the gallery of examples leaves aside.
OF_LESSONS = sorted(f"lessons/{name}" for name in names_in(example("lessons")))


def test_every_project_of_a_lesson_is_asked_for_by_one():
    from nnstudio.lessons import lesson_files, read
    from nnstudio.lessons.acts import Open

    asked = set()
    for path in lesson_files().values():
        lesson = read(path)
        asked |= {lesson.project}
        asked |= {act.project for step in lesson.steps for act in step.acts if isinstance(act, Open)}
    assert {name for name in asked if name.startswith("lessons/")} == {
        f"{name}.nns.json" for name in OF_LESSONS
    }


@pytest.mark.parametrize("name", OF_LESSONS)
def test_a_project_of_a_lesson_trains_as_it_stands(name):
    _, history, _ = trained(name)
    assert all(math.isfinite(entry["train_loss"]) for entry in history)


@cache
def trained(name):
    """The project trained as its own settings say, what it measures then, and how many epochs that took."""
    project = nn.load(path_of(name))
    assert project.graph.problems() == []
    history = nn.train(project)
    measured = dict(history[-1])
    if project.data is not None:
        measured |= {f"test_{key}": value for key, value in trainer_of(project).evaluate("test").items()}
    return project, history, measured


@pytest.mark.parametrize("name", PROMISED)
def test_classes_are_told_apart_as_well_as_promised(name):
    _, history, measured = trained(name)
    metric, least = PROMISED[name]
    assert measured[metric] >= least
    assert history[-1]["train_loss"] < history[0]["train_loss"]


def test_digits_need_at_most_twenty_epochs():
    assert len(trained("digits")[1]) <= 20


def test_mnist5k_has_the_parameters_that_a_hand_counts():
    program = nn.compile(nn.load(path_of("mnist5k")).graph)
    assert program.parameter_count == 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10 == 669_706


def test_the_sine_is_fitted_to_the_noise_around_it():
    project, _, measured = trained("sine")
    noise = project.data.options.get("noise", 0.1)
    # The loss is the mean square in units of the target's own scaling, which this example leaves alone.
    assert project.data.target_scaling == "none"
    assert measured["validation_loss"] < 1.5 * noise**2


def test_the_chain_rule_gives_the_numbers_of_the_blackboard():
    program = nn.compile(nn.load(path_of("chain_rule")).graph, dtype="float64")
    program.forward()
    program.backward()
    assert [float(program[f"{name}.output"]) for name in ("u", "v", "L")] == [6, 11, 33]
    gradients = [float(program[f"{name}.grad_output"]) for name in ("v", "a", "u", "b", "c")]
    assert gradients == [3, 3, 3, 6, 9]


def test_the_chain_rule_trains_downhill():
    _, history, _ = trained("chain_rule")
    assert [entry["train_loss"] for entry in history] == sorted(
        (entry["train_loss"] for entry in history), reverse=True
    )


def checked(script):
    """What an exported script says of itself, run where nnstudio cannot be imported."""
    result = subprocess.run(
        [sys.executable, "-I", script.name, "--check"], cwd=script.parent, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


ALL = [*PROMISED, "sine", "chain_rule", *OF_LESSONS]


@pytest.mark.parametrize("name", ALL)
def test_the_numpy_script_agrees(name, tmp_path):
    project = trained(name)[0]
    script = tmp_path / "model.py"
    nn.export(project, "numpy", script)
    assert "import nnstudio" not in script.read_text()
    assert checked(script)


# Importing PyTorch takes seconds each time: of the lessons' projects those whose modules the others have not.
WITH_PYTORCH = [*PROMISED, "sine", "chain_rule", "lessons/activations", "lessons/static_graph"]


@pytest.mark.torch
@pytest.mark.parametrize("name", WITH_PYTORCH)
def test_the_pytorch_script_agrees(name, tmp_path):
    script = tmp_path / "model.py"
    nn.export(trained(name)[0], "pytorch", script)
    assert checked(script)


@pytest.mark.parametrize("name", [name for name in ALL if name != "mnist5k"])
def test_saved_and_opened_again_it_is_the_same(name, tmp_path):
    project = trained(name)[0]
    path = Path(tmp_path, "kept.nns")
    nn.save(project, path)
    again = nn.load(path)
    assert again.graph.to_dict() == project.graph.to_dict()
    assert again.history == project.history
    assert all((again.weights[key] == value).all() for key, value in project.weights.items())
    assert math.isfinite(again.history[-1]["train_loss"])
