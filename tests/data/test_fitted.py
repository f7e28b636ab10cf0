"""What belongs to the weights of the data they were learned from."""

import json

import numpy as np
import pytest

from nnstudio.data import Dataset, DataSettings, load, split
from nnstudio.data.categories import InputColumn
from nnstudio.data.fitted import Fitted
from nnstudio.errors import DataError


def table(width=2, **more):
    rng = np.random.default_rng(3)
    data = Dataset(
        "t", "t.csv", rng.normal(7, 3, (40, width)), rng.normal(1e5, 1e4, (40, 1)), "numbers", **more
    )
    return split(data, DataSettings(scaling="standardise", target_scaling="auto"), "float64")


def test_it_comes_back_from_json_bit_for_bit():
    columns = (InputColumn("size"), InputColumn("NaN", ("Infinity",)))
    splits = table(columns=columns, target_names=("price",))
    found = Fitted.from_dict(json.loads(json.dumps(Fitted.of(splits).kept())))
    assert found.columns == columns and found.target_names == ("price",) and found.class_names == ()
    assert (found.title, found.input_shape, found.target_shape) == ("t.csv", (2,), (1,))
    for mine, theirs in ((found.scaling, splits.scaling), (found.target_scaling, splits.target_scaling)):
        assert np.array_equal(mine.offset, theirs.offset) and np.array_equal(mine.factor, theirs.factor)
    assert Fitted.of(split(load("iris"), DataSettings("iris"))).class_names[0] == "setosa"


def test_where_the_inputs_are_learned_the_answers_are_inputs():
    splits = split(load("diabetes"), DataSettings("diabetes", targets="inputs", target_scaling="standardise"))
    found = Fitted.of(splits)
    assert found.target_shape == (10,) and found.target_scaling.is_none and found.target_names == ()


def test_what_would_swell_every_file_is_not_kept():
    assert Fitted.of(table(900)).kept() and Fitted.of(table(9000)).kept() == {}


def test_what_is_damaged_is_refused():
    whole = Fitted.of(table()).to_dict()
    for name, value in (
        ("title", None),
        ("input_shape", [2.5]),
        ("input_shape", [3]),
        ("scaling", {"offset": [0, 0], "factor": [0, 0]}),
        ("columns", [{"name": "a"}]),
        ("class_names", "ab"),
    ):
        with pytest.raises(DataError):
            Fitted.from_dict({**whole, name: value})
