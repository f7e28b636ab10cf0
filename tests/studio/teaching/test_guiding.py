"""How the window helps along: it points at what there is, judges at the right time, and keeps runs."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from nnstudio.studio import theme


def skip_to(student, title):
    """Let the lesson show all steps before one."""
    while student.title != title:
        if not student.guide.page.done:
            student.show_me()
        student.next()


def test_the_window_is_called_after_the_lesson(beginner):
    beginner.choose(1)
    assert beginner.window.windowTitle().startswith("The chain rule on a graph")
    assert beginner.window.document.title == "The chain rule on a graph"
    beginner.window.document.new()
    assert beginner.window.document.title == "Untitled"


def test_nothing_is_called_wrong_while_a_table_is_typed_number_by_number(beginner):
    beginner.choose(2)
    grid = beginner.tensor("fc1.weight")
    for column, text in enumerate(("1", "0", "7")):
        QTest.mouseClick(
            grid.viewport(),
            Qt.MouseButton.LeftButton,
            pos=grid.visualRect(grid.model().index(0, column)).center(),
        )
        QTest.keyClicks(grid, text)  # a cell is typed over as soon as one types
        beginner.hands.key(Qt.Key.Key_Return)
        weight = beginner.window.engine.stepper.program["fc1.weight"]
        assert weight[0, column] == float(text)
        beginner.judged()
        if text != "7":
            assert beginner.otherwise == ""
    beginner.wait(lambda: beginner.otherwise != "")
    assert beginner.otherwise.startswith("The weight of fc1 has 4 rows and 3 columns")


def test_a_line_of_the_program_that_is_pointed_at_is_scrolled_to(beginner):
    beginner.choose(5)
    skip_to(beginner, "The gradients of the weights")
    lines = beginner.window.engine.program.list
    beginner.wait(
        lambda: len([each for each in beginner.teaching.halos.halos if each.spot.within is lines]) == 2
    )


def test_what_is_in_another_project_is_not_missed_before_that_is_open(beginner):
    beginner.choose(5)
    skip_to(beginner, "Four layers")
    assert not beginner.panel.step.missing.isVisible()
    beginner.show_me()
    beginner.until_done()
    assert beginner.window.document.title == "Two layers and L layers"


HALFWAY = """lesson: Down
project: chain_rule.nns.json

# Ten steps down

Make ten steps.

do: repeat 10 times: zero gradients; forward; backward; update
do: forward
check: L < 33

L is {L:.6f}.
"""


def test_what_holds_on_the_way_is_not_told_as_what_came_out(beginner, monkeypatch, tmp_path):
    """After the first of ten updates the loss is low enough already."""
    file = tmp_path / "down.lesson"
    file.write_text(HALFWAY)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    beginner.hands.key(Qt.Key.Key_F1)
    beginner.click(beginner.panel.file)
    beginner.arrive()
    beginner.show_me()
    beginner.until_done()
    loss = float(beginner.window.engine.stepper.value("L.output"))
    assert beginner.after.strip() == f"L is {loss:.6f}.".replace("-", "−")


def test_a_run_that_was_trained_by_hand_is_kept_with_the_loss_of_each_update(beginner):
    beginner.choose(6)
    skip_to(beginner, "32 at a time")
    window, settings = beginner.window, beginner.window.engine.settings

    def train(batch, epochs):
        beginner.tab(settings)
        beginner.type_setting(settings.plain.fields["batch_size"], batch)
        beginner.type_setting(settings.plain.fields["epochs"], epochs)
        beginner.menu("Run", "Rewind the Weights")
        beginner.click(window.top_bar.train)
        beginner.wait(lambda: len(window.document.project.history) == int(epochs), timeout=60000)
        beginner.wait(lambda: not beginner.guide.stage.busy, timeout=60000)

    train("32", "3")
    beginner.wait(lambda: beginner.otherwise.startswith("Rewind the weights first"))
    train("32", "10")
    beginner.until_done()
    run = beginner.guide.stage.own.runs["batch_32"]
    assert len(run.losses) == 60 and len(run.entries) == 10
    # Both curves are shown, one over the other.
    assert beginner.panel.runs.isVisible()
    assert [each.name for each in beginner.panel.runs.runs] == ["batch 1", "batch 32"]
    assert beginner.panel.runs.accessibleName().startswith("Loss over the epochs: batch 1 0.1")


def test_bold_words_are_not_heavier_than_the_font_and_the_status_is_dressed_again(beginner):
    beginner.choose(1)
    beginner.next()
    prose = beginner.panel.step.text.parts[0].document()
    pieces = [piece.format.fontWeight() for piece in prose.begin().textFormats()]
    assert theme.bold().weight() in pieces and max(pieces) == theme.bold().weight()
    beginner.press("run_step")
    for scheme in ("dark", "light"):
        beginner.window.set_appearance(scheme)
        tint = theme.colours().phase("zero_grad").text
        beginner.wait(lambda tint=tint: tint in beginner.window.status_line.right.styleSheet())


def test_nothing_of_samples_lies_over_an_empty_sheet(beginner):
    assert not beginner.window.engine.sample_chooser.isVisible()
