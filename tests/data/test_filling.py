"""What is missing takes the mean of its column over the training part, and of nothing else."""

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, split
from nnstudio.errors import DataError


@pytest.fixture
def table(tmp_path):
    def read(text, **fields):
        (tmp_path / "a.csv").write_text(text)
        return load(DataSettings("csv:a.csv", options={"missing": "mean"}, **fields), tmp_path)

    return read


def test_the_mean_is_of_the_training_part_alone(table):
    rows = ["a,b,y", "1,5,0", "3,,1", ",7,0", "100,9,1"]
    dataset = table("\n".join(rows))
    settings = DataSettings("csv:a.csv", validation=0, test=0.25, shuffle=False, stratify=False)
    parts = split(dataset, settings, "float64")
    assert parts.train.x.tolist() == [[1, 5], [3, 6], [2, 7]]
    assert parts.test.x.tolist() == [[100, 9]]
    backwards = table("\n".join([rows[0], *rows[:0:-1]]))
    parts = split(backwards, settings, "float64")
    assert parts.train.x[1].tolist() == [51.5, 7]


def test_a_value_missing_in_the_test_part_is_filled_from_the_training_part(table):
    dataset = table("a,y\n1,0\n3,1\n5,0\n,1\n")
    parts = split(
        dataset, DataSettings("csv:a.csv", validation=0, test=0.25, shuffle=False, stratify=False), "float64"
    )
    assert parts.test.x.tolist() == [[3]]


def test_a_row_without_its_target_is_left_out(table):
    assert table("a,y\n1,0\n3,\n,1\n").samples == 2


def test_a_column_without_any_value_is_told(table):
    dataset = table("a,b,y\n1,,0\n2,,1\n3,,0\n4,,1\n")
    with pytest.raises(DataError, match="b has no value in the training part"):
        split(dataset, DataSettings("csv:a.csv", validation=0, test=0))


def test_the_dataset_itself_stays_as_it_was(table):
    dataset = table("a,y\n1,0\n3,1\n,0\n7,1\n")
    before = dataset.x.copy()
    split(dataset, DataSettings("csv:a.csv", validation=0, test=0))
    assert np.array_equal(dataset.x, before) and dataset.missing is not None and dataset.missing.sum() == 1
    assert table("a,y\n1,0\n3,1\n").missing is None
