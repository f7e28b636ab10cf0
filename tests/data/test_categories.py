"""Columns of texts as inputs: each text an input of its own."""

import numpy as np
import pytest

from nnstudio.data import DataSettings, load, read_inputs, split
from nnstudio.data import limits as limits_module
from nnstudio.data.csv_rows import RowReader
from nnstudio.errors import DataError

HOMES = "town,rooms,kind,price\nUlm,3,flat,5\nBonn,2,house,7.5\nUlm,4,flat,6\nKiel,1,flat,3\n"
TOWN = {"category_columns": ("town", "kind")}


@pytest.fixture
def table(tmp_path):
    def read(text, **fields):
        (tmp_path / "homes.csv").write_text(text)
        return load(DataSettings("csv:homes.csv", **fields), tmp_path)

    return read


def test_each_text_is_an_input(table):
    homes = table(HOMES, **TOWN)
    names = ("town = Bonn", "town = Kiel", "town = Ulm", "rooms", "kind = flat", "kind = house")
    assert homes.feature_names == names
    assert homes.x.tolist() == [
        [0, 0, 1, 3, 1, 0],
        [1, 0, 0, 2, 0, 1],
        [0, 0, 1, 4, 1, 0],
        [0, 1, 0, 1, 1, 0],
    ]
    assert homes.y.ravel().tolist() == [5, 7.5, 6, 3]
    assert [each.width for each in homes.columns] == [3, 1, 2]


def test_numbers_can_be_categories_and_targets_texts(table):
    homes = table(
        HOMES, input_columns=("price", "rooms"), category_columns=("rooms",), target_columns=("kind",)
    )
    assert homes.feature_names == ("price", "rooms = 1", "rooms = 2", "rooms = 3", "rooms = 4")
    assert homes.x[0].tolist() == [5, 0, 0, 1, 0] and homes.class_names == ("flat", "house")
    assert table("zip,y\n10,1\n9,2.5\n10,3\n", category_columns=("zip",)).feature_names == (
        "zip = 9",
        "zip = 10",
    )


def test_both_ways_of_reading_agree(table, monkeypatch):
    fast = table(HOMES, **TOWN)
    monkeypatch.setattr(RowReader, "_rows_fast", lambda self, lines: None)
    assert np.array_equal(table(HOMES, **TOWN).x, fast.x)


@pytest.mark.parametrize("scaling", ["standardise", "unit"])
def test_they_are_not_scaled(table, scaling):
    settings = DataSettings("csv:homes.csv", scaling=scaling, validation=0, test=0, shuffle=False, **TOWN)
    parts = split(table(HOMES, **TOWN), settings, "float64")
    assert parts.train.x[:, [0, 1, 2, 4, 5]].tolist() == parts.dataset.x[:, [0, 1, 2, 4, 5]].tolist()
    assert parts.train.x[:, 3].tolist() != parts.dataset.x[:, 3].tolist()


def test_a_missing_one_is_an_error_or_left_out_or_as_frequent_as_in_the_training_part(table):
    text = HOMES.replace("Kiel", "")
    with pytest.raises(DataError, match=r"line 5, column 1 \('town'\): the value is missing"):
        table(text, **TOWN)
    assert table(text, options={"missing": "drop"}, **TOWN).feature_names[:3] == (
        "town = Bonn",
        "town = Ulm",
        "rooms",
    )
    homes = table(text, options={"missing": "mean"}, **TOWN)
    assert homes.lacking == 1
    settings = DataSettings("csv:homes.csv", validation=0, test=0, shuffle=False)
    assert split(homes, settings, "float64").train.x[3, :2] == pytest.approx([1 / 3, 2 / 3])


def test_a_text_without_rows_makes_no_input(table):
    text = HOMES + "Rome,5,flat,oops\n"
    assert "town = Rome" not in table(text, options={"bad_rows": "drop"}, **TOWN).feature_names


def test_new_samples_become_the_same_inputs(table, tmp_path):
    columns = table(HOMES, **TOWN).columns
    path = tmp_path / "new.csv"
    path.write_text("id,kind,rooms,town\n1,house,9,Kiel\n")
    assert read_inputs(path, columns).tolist() == [[0, 1, 0, 9, 0, 1]]
    path.write_text("Bonn,9,flat\nKiel,8,flat\n")
    assert read_inputs(path, columns).tolist() == [[1, 0, 0, 9, 1, 0], [0, 1, 0, 8, 1, 0]]
    path.write_text("town,rooms,kind\nUlm,1,flat\nRome,2,flat\n")
    known = r"'Rome' is none of the categories known, 'Bonn', 'Kiel', 'Ulm'\.$"
    with pytest.raises(DataError, match=rf"^new.csv, line 3, column 1 \('town'\): {known}"):
        read_inputs(path, columns)
    path.write_text("place,rooms\nUlm,1\n")
    with pytest.raises(DataError, match="has no column 'town'"):
        read_inputs(path, columns)


def test_too_many_are_told(table, monkeypatch):
    monkeypatch.setattr("nnstudio.data.csv_rows.MAX_CATEGORIES", 2)
    with pytest.raises(
        DataError, match="column 1: more than 2 different values, too many to be an input each"
    ):
        table(HOMES, **TOWN)
    monkeypatch.undo()
    monkeypatch.setattr("nnstudio.data.categories.MAX_NUMBERS", 20)
    with pytest.raises(
        DataError, match=r"4 rows of 6 inputs .* leave out the column town, whose 3 categories"
    ):
        table(HOMES, **TOWN)
    assert limits_module.MAX_CATEGORIES < limits_module.MAX_CLASSES


def test_a_category_has_to_be_an_input(table):
    with pytest.raises(DataError, match=r"column 4 \('price'\) is no input, and so no category"):
        table(HOMES, input_columns=("rooms",), category_columns=("price",))


def test_settings_without_categories_stay_as_they_were():
    assert "category_columns" not in DataSettings("csv:a.csv").to_dict()
    chosen = DataSettings("csv:a.csv", category_columns=("town", 3))
    assert DataSettings.from_dict(chosen.to_dict()) == chosen
