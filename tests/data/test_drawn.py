"""Points drawn by hand live in the settings, and so in the project's file."""

import json

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, split
from nnstudio.data.drawn import points_of, with_points
from nnstudio.errors import DataError

POINTS = np.array([[0.5, -0.25, 0], [-0.123456, 1, 1], [0, 0.75, 1]])


def drawn(**fields):
    return DataSettings("drawn", options=with_points({"classes": 2}, POINTS), **fields)


def test_points_are_samples():
    data = load(drawn())
    assert data.x.tolist() == [[0.5, -0.25], [-0.1235, 1], [0, 0.75]]
    assert data.y.tolist() == [0, 1, 1] and data.class_names == ("0", "1")
    assert len(split(data, drawn(validation=0, test=0)).train) == 3


def test_points_may_be_a_curve():
    data = load(drawn(task="numbers"))
    assert data.x.tolist() == [[0.5], [-0.1235], [0]] and data.y.tolist() == [[-0.25], [1], [0.75]]
    assert data.task == "numbers"


def test_points_go_through_json():
    settings = drawn()
    again = DataSettings.from_dict(json.loads(json.dumps(settings.to_dict())))
    assert again == settings and np.array_equal(points_of(again.options), points_of(settings.options))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "No points are drawn yet"),
        ({"points": (1, 2)}, "2 numbers, which is not three for each"),
        ({"points": (1, 2, 5)}, "of class 5, but there are 2"),
        ({"points": (0.0,) * 30_003}, "10,001 points are drawn"),
        ({"points": "all"}, "points must be a list"),
    ],
)
def test_what_is_no_drawing_gets_a_sentence(options, said):
    with pytest.raises(DataError, match=said):
        load(DataSettings("drawn", options=options))
