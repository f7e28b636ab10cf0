"""TrainingSettings: written, read, and refused in one sentence."""

import json

import pytest

from nnstudio.errors import TrainingError
from nnstudio.training.settings import RULES, TrainingSettings


def test_the_defaults_are_what_the_rules_say():
    settings = TrainingSettings()
    assert {name: getattr(settings, name) for name in RULES} == {n: rule.default for n, rule in RULES.items()}


def test_written_and_read_again():
    settings = TrainingSettings(
        epochs=3,
        batch_size=0,
        lr=0.01,
        optimizer="adamw",
        optimizer_settings={"beta1": 0.5},
        schedule="Step",
        schedule_settings={"every": 2},
        seed=2**40,
        shuffle=False,
        dtype="float64",
        extra={"from_tomorrow": [1, 2]},
    )
    assert (settings.optimizer, settings.schedule) == ("AdamW", "step")
    written = settings.to_dict()
    assert written["from_tomorrow"] == [1, 2]
    assert TrainingSettings.from_dict(json.loads(json.dumps(written))) == settings


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"epochs": -1}, "epochs must be a whole number from 0 to 1,000,000, not -1"),
        ({"epochs": 1.5}, "epochs must be a whole number"),
        ({"epochs": True}, "epochs must be a whole number"),
        ({"batch_size": "32"}, "batch_size must be a whole number"),
        ({"lr": float("nan")}, "lr must be a finite number"),
        ({"lr": float("inf")}, "lr must be a finite number"),
        ({"lr": -0.1}, "lr must be a finite number from 0"),
        ({"dtype": "float16"}, "dtype must be one of float32, float64"),
        ({"backend": ["numpy"]}, "backend must be one of numpy, cupy"),
        ({"seed": 2**80}, "seed must be a whole number"),
        ({"shuffle": 1}, "shuffle must be true or false"),
        ({"epochs": 10**5000}, "more than 15 digits"),
        ({"optimizer": "Adm"}, "did you mean Adam"),
        ({"optimizer": None}, "There is no optimizer"),
        ({"schedule": "cos"}, "did you mean cosine"),
        ({"optimizer_settings": {"beta1": 2}, "optimizer": "Adam"}, "Adam's beta1 must be a finite number"),
        ({"optimizer_settings": {"beta1": 0.5}}, "SGD has no setting 'beta1'"),
        ({"optimizer_settings": [1]}, "optimizer_settings must be an object"),
        ({"schedule_settings": {"every": 0}, "schedule": "step"}, "step's every must be a whole number"),
    ],
)
def test_a_wrong_value_gets_one_sentence(wrong, sentence):
    with pytest.raises(TrainingError) as caught:
        TrainingSettings.from_dict(wrong)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [None, 3, [1], "SGD"])
def test_settings_that_are_no_object_are_refused(wrong):
    with pytest.raises(TrainingError, match="must be an object with fields"):
        TrainingSettings.from_dict(wrong)
