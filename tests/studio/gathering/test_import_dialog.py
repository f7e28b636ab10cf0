"""Files and folders looked at before they are taken, by mouse and keys."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

TABLE = """sepal;petal;leaves;kind
1.5;2;3;red
;3;4;blue
oops;4;5;red
5.5;6
7.5;8;3;blue
9.5;1;4;red
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "flowers.csv"
    path.write_text(TABLE * 1)
    return path


def choose(box, value):
    """As the user does: by the keyboard."""
    place = box.findData(value)
    box.setFocus()
    while box.currentIndex() != place:
        key = Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up
        before = box.currentIndex()
        QTest.keyClick(box, key)
        assert box.currentIndex() != before


def choose_word(box, word):
    while box.currentText() != word:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Up)
        assert box.currentIndex() != before


def select(page, row):
    view = page.view
    spot = view.visualRect(page.columns.index(row, 1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)


def cells(page, row):
    return [page.columns.data(page.columns.index(row, place)) for place in range(6)]


def test_a_table_is_shown_before_anything_is_taken(gatherer, table):
    dialog = gatherer.look_at(table)
    page = dialog.page
    assert gatherer.data is None and gatherer.document.stack.count() == 0
    assert (page.delimiter.currentData(), page.encoding.currentData()) == (";", "utf-8")
    assert cells(page, 0) == ["Input", "sepal", "numbers", "1.5 to 9.5", "1", "1"]
    assert cells(page, 3)[:4] == ["Target", "kind", "texts", "2 different"]
    assert page.rows.item(0, 3).text() == "red"
    listed = [page.faults.item(row).text() for row in range(page.faults.count())]
    assert listed == [
        "line 4, sepal: 'oops' is not a number",
        "line 5: the row has 2 columns, but the first row has 4",
    ]
    assert dialog.sentence.text() == "6 rows, 1 lacks a value, 2 cannot be read · 3 inputs, target kind"
    assert (page.missing.currentData(), page.bad.currentData()) == ("drop", "drop")


def test_what_is_chosen_is_taken_as_one_edit(gatherer, table):
    gatherer.look_at(table)
    gatherer.take()
    assert gatherer.undo_text == "Use flowers.csv" and gatherer.document.stack.count() == 1
    assert gatherer.data.options == {"delimiter": ";", "missing": "drop", "bad_rows": "drop"}
    dataset = gatherer.samples.dataset
    assert dataset.samples == 3 and dataset.class_names == ("blue", "red")
    assert gatherer.panel.dialog is None
    gatherer.document.undo()
    assert gatherer.data is None


def test_numbers_of_an_own_table_are_standardised_which_is_seen_and_can_be_changed(gatherer, tmp_path):
    path = tmp_path / "houses.csv"
    rows = [f"{n + 70},{n % 7},{200_000 + 1000 * n}.5" for n in range(40)]
    path.write_text("size,age,price\n" + "\n".join(rows))
    gatherer.look_at(path)
    gatherer.take()
    panel, splits = gatherer.panel, gatherer.samples.splits
    assert abs(splits.train.y.mean()) < 1e-6 and abs(splits.train.y.std() - 1) < 1e-6
    mean = splits.dataset.y[splits.train.indices].mean()
    assert f"target standardised (mean {float(f'{mean:.4g}'):,.9g}, deviation" in panel.facts.text()
    field = panel.fields["target_scaling"]
    assert field.value == "auto" and not panel.notice.isVisible()
    field.editor.setFocus()
    choose_word(field.editor, "none")
    gatherer.settle()
    assert gatherer.data.target_scaling == "none" and "standardised" not in panel.facts.text()
    assert "from 200,000 to 238,000" in panel.notice.words.text()
    gatherer.press(panel.notice.button("Standardise the target"))
    gatherer.settle()
    assert gatherer.data.target_scaling == "standardise" and not panel.notice.isVisible()
    assert "target standardised" in panel.facts.text()
    for wanted in ("none", "auto"):
        gatherer.document.undo()
        assert gatherer.data.target_scaling == wanted


def test_what_tells_no_sample_from_another_is_no_input_at_first(gatherer, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_text("id,fee,age,bought\n" + "".join(f"{n},5,{n % 7},{n % 3}\n" for n in range(30)))
    page = gatherer.look_at(path).page
    assert cells(page, 0)[:4] == ["Not used", "id", "whole numbers", "0 to 29, numbers the rows"]
    assert cells(page, 1)[:4] == ["Not used", "fee", "whole numbers", "5 in every row"]
    gatherer.take()
    assert gatherer.samples.dataset.feature_names == ("age",)
    path.write_text("day,sold\n" + "".join(f"{n},{n % 3}.5\n" for n in range(30)))
    assert cells(gatherer.look_at(path).page, 0)[0] == "Input", "there is no other"


def test_columns_change_their_use_by_keys_and_buttons(gatherer, table):
    page = gatherer.look_at(table).page
    select(page, 2)
    QTest.keyClick(page.view, Qt.Key.Key_T)
    select(page, 3)
    gatherer.press(page.use_buttons["Input"])
    assert page.columns.uses[3] == "Category"  # as which alone texts can be inputs
    QTest.keyClick(page.view, Qt.Key.Key_N)
    assert page.columns.uses == ["Input", "Input", "Target", "Not used"]
    choose(page.missing, "mean")
    choose(page.task, "numbers")
    gatherer.take()
    data, dataset = gatherer.data, gatherer.samples.dataset
    assert (data.input_columns, data.target_columns) == (("sepal", "petal"), ("leaves",))
    assert dataset.task == "numbers" and dataset.samples == 4 and dataset.missing.sum() == 1
    assert "1 missing value filled in" in gatherer.panel.facts.text()


TOWNS = "town;rooms;note;price\nUlm;3;1a;1,5\nBonn;2;2b;2,5\nUlm;4;3c;3,5\nBonn;1;4d;4,5\nUlm;2;5e;5,5\n"


def test_texts_are_inputs_as_categories(gatherer, tmp_path):
    (tmp_path / "homes.csv").write_text(TOWNS)
    page = gatherer.look_at(tmp_path / "homes.csv").page
    assert page.columns.uses == ["Category", "Input", "Not used", "Target"]
    assert page.decimal.currentData() == "comma" and cells(page, 3)[2:4] == ["numbers", "1.5 to 5.5"]
    assert gatherer.panel.dialog.sentence.text() == "5 rows · 3 inputs, target price"
    select(page, 1)
    QTest.keyClick(page.view, Qt.Key.Key_C)
    assert gatherer.panel.dialog.sentence.text() == "5 rows · 6 inputs, target price"
    gatherer.take()
    assert gatherer.data.options == {"delimiter": ";", "decimal": "comma"}
    assert gatherer.data.category_columns == ("town", "rooms")
    assert gatherer.samples.dataset.feature_names[:3] == ("town = Bonn", "town = Ulm", "rooms = 1")
    assert "inputs 6" in gatherer.panel.facts.text()
    gatherer.press(gatherer.panel.reread)
    gatherer.looked()
    page = gatherer.panel.dialog.page
    assert page.columns.uses == ["Category", "Category", "Not used", "Target"]
    select(page, 1)
    gatherer.press(page.use_buttons["Input"])
    gatherer.take()
    assert gatherer.data.category_columns == ("town",)
    assert gatherer.samples.dataset.feature_names == ("town = Bonn", "town = Ulm", "rooms")


def test_too_many_texts_are_no_categories(gatherer, tmp_path, monkeypatch):
    monkeypatch.setattr("nnstudio.studio.gathering.columns.MAX_CATEGORIES", 4)
    (tmp_path / "homes.csv").write_text(TOWNS)
    page = gatherer.look_at(tmp_path / "homes.csv").page
    select(page, 2)
    gatherer.press(page.use_buttons["Category"])
    assert page.columns.uses[2] == "Not used"
    tip = page.columns.data(page.columns.index(2, 0), Qt.ItemDataRole.ToolTipRole)
    assert "too many for an input each" in tip


@pytest.mark.parametrize(
    ("text", "why"), [("a,b\n", "no rows below the header"), ("a\n1\n2\n", "one column alone")]
)
def test_what_gives_no_samples_is_told_before_it_is_taken(gatherer, tmp_path, text, why):
    (tmp_path / "few.csv").write_text(text)
    dialog = gatherer.look_at(tmp_path / "few.csv")
    assert not dialog.take.isEnabled() and why in dialog.take.toolTip() and why in dialog.sentence.text()


def test_a_file_that_goes_while_it_is_looked_at(gatherer, table):
    gatherer.look_at(table)
    table.unlink()
    gatherer.take()
    assert "There is no file" in gatherer.panel.notice.words.text()
    assert gatherer.panel.notice.button("Find it…")


def test_without_a_target_nothing_can_be_taken(gatherer, table):
    dialog = gatherer.look_at(table)
    select(dialog.page, 3)
    QTest.keyClick(dialog.page.view, Qt.Key.Key_N)
    assert not dialog.take.isEnabled() and "target" in dialog.take.toolTip()
    select(dialog.page, 0)
    QTest.keyClick(dialog.page.view, Qt.Key.Key_T)
    assert dialog.take.isEnabled()


def test_a_bad_row_matters_only_where_its_column_is_used(gatherer, table):
    page = gatherer.look_at(table).page
    select(page, 0)
    QTest.keyClick(page.view, Qt.Key.Key_N)
    assert [fault.line for fault in page.bad_rows()] == [5]


def test_another_delimiter_is_another_look(gatherer, table):
    page = gatherer.look_at(table).page
    choose(page.delimiter, ",")
    gatherer.looked()
    assert len(page.columns.columns) == 1 and page.columns.columns[0].name == "sepal;petal;leaves;kind"
    choose(page.delimiter, ";")
    gatherer.looked()
    assert len(page.columns.columns) == 4


def test_the_encoding_is_found_and_kept(gatherer, tmp_path):
    path = tmp_path / "cafes.tsv"
    path.write_bytes("seats\tkind\n3\tcafé\n4\tbar\n5\tcafé\n6\tbar\n".encode("cp1252"))
    page = gatherer.look_at(path).page
    assert (page.encoding.currentData(), page.delimiter.currentData()) == ("cp1252", "tab")
    assert page.rows.item(0, 1).text() == "café"
    gatherer.take()
    assert gatherer.data.options["encoding"] == "cp1252"
    assert gatherer.samples.dataset.class_names == ("bar", "café")


def test_what_is_no_table_is_told(gatherer, tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"PK\x03\x04 a spreadsheet")
    dialog = gatherer.look_at(path)
    assert "spreadsheet" in dialog.complaint.text() and not dialog.take.isEnabled()
    assert dialog.sentence.text() == "" and not dialog.bar.isVisible()


def test_escape_takes_nothing(gatherer, table):
    dialog = gatherer.look_at(table)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert gatherer.panel.dialog is None and gatherer.data is None


def test_how_it_is_read_can_be_chosen_again(gatherer, table):
    page = gatherer.look_at(table).page
    select(page, 1)
    QTest.keyClick(page.view, Qt.Key.Key_N)
    gatherer.take()
    gatherer.press(gatherer.panel.reread)
    gatherer.looked()
    page = gatherer.panel.dialog.page
    assert page.columns.uses == ["Input", "Not used", "Input", "Target"]
    assert page.bad.currentData() == "drop"
    select(page, 1)
    QTest.keyClick(page.view, Qt.Key.Key_I)
    gatherer.take()
    assert gatherer.undo_text == "Read flowers.csv in another way"
    assert gatherer.samples.dataset.feature_names == ("sepal", "petal", "leaves")


def test_arrays_are_chosen_by_name(gatherer, tmp_path):
    path = tmp_path / "faces.npz"
    np.savez(path, ages=np.arange(20.0), x=np.zeros((20, 6)), smile=np.arange(20) % 2)
    page = gatherer.look_at(path).page
    assert (page.inputs.currentText(), page.targets.currentText()) == ("x", "ages")
    choose(page.targets, "smile")
    gatherer.take()
    assert gatherer.data.target_columns == ("smile",) and gatherer.samples.dataset.classes == 2


def test_arrays_that_do_not_belong_together_are_told_before_they_are_taken(gatherer, tmp_path):
    path = tmp_path / "faces.npz"
    np.savez(path, x=np.zeros((20, 6)), y=np.arange(19), mean=np.float64(3), z=np.arange(20))
    dialog = gatherer.look_at(path)
    assert not dialog.take.isEnabled()
    assert dialog.sentence.text() == "x has 20 samples, but y has 19: choose arrays of the same length."
    choose(dialog.page.targets, "mean")
    assert "mean is a single value" in dialog.sentence.text() and not dialog.take.isEnabled()
    choose(dialog.page.targets, "x")
    assert dialog.sentence.text() == "Choose two different arrays."
    choose(dialog.page.targets, "z")
    assert dialog.sentence.text() == "z is learned from x" and dialog.take.isEnabled()


def test_a_folder_of_pictures(gatherer, tmp_path):
    for name, tint in (("cats", "red"), ("dogs", "blue")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for n in range(4):
            Image.new("RGB", (8, 6), tint).save(tmp_path / "pets" / name / f"{n}.png")
    (tmp_path / "pets" / "cats" / "bad.png").write_bytes(b"no")
    gatherer.panel.ask_folder = lambda: str(tmp_path / "pets")
    gatherer.press(gatherer.panel.open_pictures)
    gatherer.looked()
    dialog = gatherer.panel.dialog
    assert dialog.sentence.text() == "9 pictures · cats: 5, dogs: 4"
    assert "cats/bad.png" in dialog.page.faults.text() and dialog.page.list.count() == 8
    assert (dialog.page.width_box.value(), dialog.page.height_box.value()) == (8, 6)
    choose(dialog.page.colours, "grey")
    gatherer.take()
    assert gatherer.samples.dataset.x.shape == (8, 6, 8)
    assert gatherer.panel.preview.currentWidget() is gatherer.panel.pictures
