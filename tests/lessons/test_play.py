"""Playing a lesson: what goes otherwise than it says is said, with the line."""

import pytest

from nnstudio.lessons import lesson_files, read
from nnstudio.lessons.play import play

FIRST = lesson_files()["01_chain_rule"]


def planted(tmp_path, old, new):
    """The first lesson with a fault in it."""
    text = FIRST.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "planted.lesson"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_wrong_number_is_a_fault_that_names_line_expected_and_found(tmp_path):
    path = planted(tmp_path, "check: u == 6", "check: u == 7")
    report = play(read(path))
    [fault] = report.faults
    assert path.read_text().split("\n")[fault.line - 1] == "check: u == 7"
    assert fault.sentence == "u should be 7, but is 6."
    assert fault.otherwise.startswith("u should be b · c.")
    assert report.sentence.startswith(
        f"planted.lesson, line {fault.line}, 'Forward, one node at a time': u should"
    )
    assert len(report.steps) == 8, "a check that fails does not end the play"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("check: L ≈ 33.06\n", "check: L ≈ 33.07\n", "L should be about 33.07, but is 33.06."),
        ("check: v == 11", "check: v < 11", "v should be below 11, but is 11."),
        ("do: reset; step to u", "do: reset; step to w", "w"),
        ("do: forward\n", "do: call u updateAll\n", "Torch7"),
        ("point: node u;", "point: node nobody;", "the node nobody is not in the graph any more."),
        ("point: node scale; edge v -> scale", "point: edge a -> scale", "no edge leads from a to scale"),
        ("= {u}.", "= {u.weight}.", "{u.weight} cannot be told"),
        ("check: a.value == 5", "check: a.value == b.nothing", "there is nothing called b.nothing"),
    ],
)
def test_other_faults_are_sentences_too(tmp_path, old, new, sentence):
    from nnstudio.errors import LessonError

    try:
        report = play(read(planted(tmp_path, old, new)))
        said = report.sentence
        assert not report.ok
    except LessonError as error:
        said = str(error)
    assert sentence in said and "planted.lesson, line " in said


def test_a_project_that_is_missing_is_said(lesson):
    report = play(lesson("# One\nText.\n", header="lesson: A\nproject: nowhere.nns.json\n"))
    assert "nowhere.nns.json, which is neither beside it nor an example" in report.sentence


def test_an_act_that_cannot_be_done_ends_the_play_there(lesson):
    report = play(lesson("# One\nText.\ndo: step back\ncheck: 1 == 1\n\n# Two\nText.\n"))
    assert [fault.line for fault in report.faults] == [7]
    assert "could not press Step Back: the program is at its beginning" in report.sentence
    assert report.steps == []


def test_before_and_start_are_values_of_then(lesson):
    text = "# One\nText.\ndo: write b.value = 4\ncheck: b.value == before.b.value + 1\n\n"
    text += "# Two\nText.\ndo: write b.value = 10\ncheck: b.value == before.b.value + 6\n"
    text += "check: start.b.value == 3\n\n{before.b.value} {start.b.value} {b.value}\n"
    report = play(lesson(text))
    assert report.faults == []
    assert report.steps[1].after == "4 3 10"


def test_the_text_before_the_act_shows_what_was_and_the_text_after_what_is(lesson):
    report = play(
        lesson("# One\nb is {b.value}.\ndo: write b.value = 4\ncheck: b.value == 4\n\nNow {b.value:.2f}.\n")
    )
    assert (report.steps[0].text, report.steps[0].after) == ("b is 3.", "Now 4.00.")
