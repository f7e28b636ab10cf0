"""Choosing data: built-in sets, files, what does not fit and what is wrong with a file."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.data import DataSettings, catalogue
from nnstudio.project.edits import SetData
from nnstudio.studio.gathering.data_panel import SAMPLES


@pytest.fixture
def digits(open_example):
    window = open_example("digits")
    window.bottom.show_panel(window.engine.data)
    return window


def choose(window, name, qtbot):
    panel = window.engine.data
    panel.chooser.setCurrentIndex(panel.chooser.findData(name))
    panel.chooser.activated.emit(panel.chooser.currentIndex())
    settle(window, qtbot)


def take(panel, qtbot):
    """Wait until the file was looked at, and import it."""
    qtbot.waitUntil(lambda: not panel.dialog.looking, timeout=30000)
    QTest.keyClick(panel.dialog, Qt.Key.Key_Return)


def settle(window, qtbot):
    engine = window.engine
    qtbot.waitUntil(lambda: not engine.samples.loading and engine.stepper.ready, timeout=20000)


def test_the_panel_says_what_the_set_holds(digits):
    panel = digits.engine.data
    assert "digits" in panel.name.text().lower()
    assert "1,797 samples" in panel.facts.text() and "10 classes" in panel.facts.text()
    assert "1,257 training + 270 validation + 270 test" in panel.facts.text()
    assert panel.preview.currentWidget() is panel.pictures
    assert "0: 178" in panel.balance.toolTip()
    picture = panel.pictures.grab().toImage()
    assert len({picture.pixel(x, y) for x in range(0, 48, 3) for y in range(0, 48, 3)}) > 4


def test_every_built_in_set_can_be_chosen_and_undone(digits, qtbot):
    panel = digits.engine.data
    for entry in catalogue():
        choose(digits, entry.name, qtbot)
        assert digits.document.project.data == entry.suggested
        assert digits.engine.samples.sentence == "" and digits.engine.samples.dataset.name == entry.name
    while digits.document.stack.canUndo():
        digits.document.undo()
    settle(digits, qtbot)
    assert digits.engine.samples.dataset.name == "digits" and panel.chooser.currentData() == "digits"


def test_data_of_another_width_is_a_problem_with_a_fix(digits, qtbot):
    choose(digits, "iris", qtbot)
    (problem,) = [each for each in digits.document.problems if each.kind == "data-width"]
    assert problem.node == "x" and "64" in problem.sentence and "4" in problem.sentence
    qtbot.waitUntil(lambda: "(" in digits.tabs.tabText(digits.tabs.indexOf(digits.problems)), timeout=30000)
    QTest.mouseClick(digits.top_bar.train, Qt.MouseButton.LeftButton)
    assert problem.sentence.rstrip(".") in digits.engine.run.sentence
    row = next(row for row in digits.problems.rows() if row.problem.kind == "data-width")
    QTest.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert digits.document.level.nodes[digits.document.level.names["x"]].settings["shape"] == (4,)
    assert not [each for each in digits.document.problems if each.severity == "error"]
    settle(digits, qtbot)
    assert digits.engine.stepper.can_step


def test_settings_of_the_data_are_edits(digits, hands, qtbot):
    panel, user = digits.engine.data, hands(digits)
    user.type(panel.fields["validation"].editor, "0.3")
    settle(digits, qtbot)
    assert digits.document.project.data.validation == 0.3
    assert "539 validation" in panel.facts.text()
    panel.fields["scaling"].editor.setCurrentText("standardise")
    assert digits.document.project.data.scaling == "standardise"
    user.type(panel.fields["test"].editor, "0.8")
    assert "leave nothing to train on" in panel.fields["test"].complaint.text()
    assert digits.document.project.data.test == 0.15  # as it was before the typing
    user.type(panel.fields["seed"].editor, "3")
    assert panel.fields["test"].editor.text() == "0.15"
    choose(digits, "moons", qtbot)
    user.type(panel.fields["option samples"].editor, "60")
    settle(digits, qtbot)
    assert digits.engine.samples.dataset.samples == 60
    assert panel.preview.currentWidget() is panel.table and panel.rows.rowCount() == 60


def test_a_csv_file_by_its_path(digits, qtbot, tmp_path):
    path = tmp_path / "flowers.csv"
    rows = [f"{i + 9},{i / 2},{'red' if i % 2 else 'blue'}" for i in range(40)]
    path.write_text("height,width,colour\n" + "\n".join(rows))
    panel = digits.engine.data
    panel.ask_file = lambda: str(path)
    QTest.mouseClick(panel.open, Qt.MouseButton.LeftButton)
    take(panel, qtbot)
    settle(digits, qtbot)
    assert panel.problem.text().startswith("x expects 64 numbers, but the dataset gives 2")
    dataset = digits.engine.samples.dataset
    assert dataset.samples == 40 and set(dataset.class_names) == {"red", "blue"}
    header = [panel.rows.headerData(i, Qt.Orientation.Horizontal) for i in range(3)]
    assert header == ["height", "width", "colour"]
    assert panel.rows.data(panel.rows.index(1, 2)) == "red"
    assert panel.rows.data(panel.rows.index(3, 1)) == "1.5"
    beside = panel.table.width()
    samples = panel.pages.tabRect(SAMPLES).center()
    QTest.mouseClick(panel.pages, Qt.MouseButton.LeftButton, pos=samples)
    assert not panel.settings.isVisible() and panel.facts.isVisible()
    qtbot.waitUntil(lambda: panel.table.width() > beside + panel.settings.width(), timeout=30000)
    assert panel.chooser.currentText() == "flowers.csv"


def test_a_bad_row_is_told_with_file_line_and_column(digits, qtbot, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("a,b,y\n1,2,0\n3,oops,1\n")
    digits.document.push(SetData(DataSettings(f"csv:{path}")))
    settle(digits, qtbot)
    panel = digits.engine.data
    assert (
        "bad.csv" in panel.problem.text() and "line 3" in panel.problem.text() and "b" in panel.problem.text()
    )
    assert panel.problem.isVisible() and digits.engine.samples.splits is None
    QTest.mouseClick(digits.top_bar.train, Qt.MouseButton.LeftButton)
    assert "line 3" in digits.engine.run.sentence and not digits.engine.run.active
    assert "line 3" in digits.engine.stepper.sentence


def test_arrays_from_a_file(digits, qtbot, tmp_path):
    path = tmp_path / "faces.npz"
    rng = np.random.default_rng(0)
    np.savez(path, x=rng.normal(size=(50, 6)), y=rng.integers(0, 3, 50))
    panel = digits.engine.data
    panel.ask_file = lambda: str(path)
    panel.open_file()
    take(panel, qtbot)
    settle(digits, qtbot)
    assert digits.engine.samples.dataset.input_shape == (6,)
    panel.ask_file = lambda: str(tmp_path / "what.xyz")
    panel.open_file()
    assert "what.xyz" in digits.status_line.left.text()
    assert digits.document.project.data.source == f"npz:{path}"


def test_no_data_is_a_choice_too(digits, qtbot):
    choose(digits, "", qtbot)
    assert digits.document.project.data is None
    panel = digits.engine.data
    assert panel.name.text() == "No data chosen"
    assert not any(field.isVisible() for field in panel.fields.values())


def test_targets_that_are_numbers_have_no_balance(digits, qtbot):
    choose(digits, "diabetes", qtbot)
    assert not digits.engine.data.balance.isVisible()
    assert "targets 1" in digits.engine.data.facts.text()
