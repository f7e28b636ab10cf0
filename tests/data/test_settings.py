import copy
import json
import pickle

import pytest

from nnstudio.data import DataSettings
from nnstudio.errors import DataError

FULL = DataSettings(
    source="csv:a.csv",
    input_columns=("a", 1),
    target_columns=("b",),
    task="classes",
    targets="one-hot",
    options={"missing": "drop"},
    validation=0.2,
    test=0.1,
    seed=7,
    shuffle=False,
    stratify=False,
    scaling="unit",
    target_scaling="none",
    extra={"later": [1]},
)


@pytest.mark.parametrize("settings", [DataSettings(), FULL])
def test_they_survive_json_and_a_process(settings):
    assert DataSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert copy.deepcopy(settings) == settings


def test_unknown_fields_are_kept():
    settings = DataSettings.from_dict({"source": "xor", "later": {"a": 1}})
    assert settings.to_dict()["later"] == {"a": 1}
    assert DataSettings.from_dict(settings.to_dict()) == settings


def test_what_is_given_is_not_shared():
    options = {"samples": 8}
    settings = DataSettings("xor", options=options)
    options["samples"] = 9
    settings.to_dict()["options"]["samples"] = 10
    assert settings.options == {"samples": 8}


def test_one_column_need_not_be_a_list():
    assert DataSettings(target_columns="y").target_columns == ("y",)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": ""}, "source"),
        ({"source": 3}, "source"),
        ({"source": "x" * 20_000}, "source"),
        ({"validation": -0.1}, "validation"),
        ({"validation": float("nan")}, "validation"),
        ({"validation": True}, "validation"),
        ({"test": "0.1"}, "test"),
        ({"test": 1}, "nothing to train on"),
        ({"test": 1.5}, "test must be a finite number from 0 to 1"),
        ({"validation": 0.5, "test": 0.5}, "nothing to train on"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"seed": 10**5000}, "seed"),
        ({"scaling": "both"}, "none, standardise, unit"),
        ({"scaling": ["unit"]}, "scaling"),
        ({"task": None}, "task"),
        ({"targets": "two-hot"}, "one-hot"),
        ({"target_scaling": "unit"}, "target_scaling"),
        ({"shuffle": 1}, "shuffle"),
        ({"stratify": "yes"}, "stratify"),
        ({"input_columns": {"a": 1}}, "input_columns"),
        ({"input_columns": [1.5]}, "input_columns"),
        ({"target_columns": [True]}, "target_columns"),
        ({"options": [1]}, "options"),
        ({"options": {1: 2}}, "options"),
        ({"options": {"noise": float("inf")}}, "options.noise"),
        ({"options": {"noise": [1, "a"]}}, "options.noise"),
        ({"options": {"noise": {}}}, "options.noise"),
    ],
)
def test_a_wrong_value_gets_a_sentence(fields, said):
    with pytest.raises(DataError, match=said) as caught:
        DataSettings.from_dict(fields)
    assert str(caught.value).endswith(".") and len(str(caught.value)) < 300


@pytest.mark.parametrize("given", [None, [], "digits", 3])
def test_settings_that_are_no_object(given):
    with pytest.raises(DataError, match="must be an object"):
        DataSettings.from_dict(given)
