"""A lesson file is read as it was meant, or one sentence says its line and what to do."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnstudio.errors import LessonError
from nnstudio.lessons import lesson_files, read
from nnstudio.lessons.reading import LARGEST_FILE, MOST_STEPS, parse

HEAD = "lesson: A test\nproject: chain_rule.nns.json\n\n"


def parsed(text):
    return parse(text.encode(), "x.lesson")


def sentence(text):
    with pytest.raises(LessonError) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), "x.lesson")
    said = str(caught.value)
    assert said.startswith("x.lesson, line ") or "x.lesson is larger" in said
    assert said.endswith((".", "?")) and "\n" not in said
    return said


def test_everything_a_lesson_may_hold():
    lesson = parsed(
        "// a remark\nlesson: The chain rule\nproject: chain_rule.nns.json\nnumber: 3\nminutes: 5\n"
        "about: What it is about.\nseed: 7\ndtype: float64\n\n"
        "# First\nSome **text**.\n\nMore: of it.\n\n"
        "point: node a; edge a -> v; statement a.grad_output; panel program\n"
        "do: reset; step to u\ndo: forward\n"
        "check: u == 6\ncheck: L ≈ 33.0\notherwise: Press\n  Reset.\n\nDone, {L}.\n\n"
        "# Second\nJust read.\n"
    )
    assert (lesson.title, lesson.project, lesson.number) == ("The chain rule", "chain_rule.nns.json", 3)
    assert (lesson.minutes, lesson.about) == (5, "What it is about.")
    assert lesson.settings == {"seed": 7, "dtype": "float64"}
    first, second = lesson.steps
    assert (first.title, first.line, first.text_line) == ("First", 10, 11)
    assert first.text == "Some **text**.\n\nMore: of it."
    assert (first.after, first.after_line) == ("Done, {L}.", 23)
    assert [str(point) for point in first.points] == [
        "node a",
        "edge a -> v",
        "statement a.grad_output",
        "panel program",
    ]
    assert [act.words for act in first.acts] == [
        "press Reset",
        "press Step until u has been computed",
        "press Forward",
    ]
    assert [check.otherwise for check in first.checks] == ["", "Press Reset."]
    assert second.text == "Just read." and not second.acts


def test_an_indented_line_goes_on_with_the_one_before():
    lesson = parsed(HEAD + "# One\nText.\ncheck: [1, 2,\n    3] == [1,\n  2, 3]\n")
    assert lesson.steps[0].checks[0].text == "[1, 2, 3] == [1, 2, 3]"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "the header has no lesson:"),
        ("lesson: A\n# One\nText.\n", 1, "the header has no project:"),
        (HEAD, 4, "the lesson has no step"),
        (HEAD + "# One\n", 4, "the step 'One' has no text"),
        (HEAD + "# \nText.\n", 4, "the step has no title"),
        ("lesson: A\nproject: B\nprojekt: C\n# One\nText.\n", 3, "did you mean project:?"),
        ("lesson: A\nlesson: B\n", 2, "lesson: is there twice"),
        ("lesson:\n", 1, "lesson: says nothing"),
        ("lesson: A\nnumber: seven\n", 2, "number: needs a whole number, not 'seven'"),
        ("lesson: A\ndtype: float16\n", 2, "dtype must be"),
        ("lesson: A\nlr: fast\n", 2, "lr must be"),
        ("lesson: A\ncheck: 1 == 1\n", 2, "check: belongs to a step"),
        (HEAD + "# One\nText.\ncheck: u = 6\n", 6, "two values are compared with =="),
        (HEAD + "# One\nText.\ncheck: u == \n", 6, "something is missing at its end"),
        (HEAD + "# One\nText.\ncheck:\n", 6, "says nothing that must be true"),
        (HEAD + "# One\nText.\ncheck: __import__('os').system('true')\n", 6, "cannot be read"),
        (HEAD + "# One\nText.\ncheck: a ≈ b ≈ c\n", 6, "a check has one ≈"),
        (HEAD + "# One\nText.\ncheck: a ≈ b within\n", 6, "cannot be read"),
        (HEAD + "# One\nText.\notherwise: Hm.\n", 6, "otherwise: follows the check: that it speaks of"),
        (HEAD + "# One\nText.\ndo: step too u\ncheck: u == 6\n", 6, "is not how step is written"),
        (HEAD + "# One\nText.\ndo: forwards\ncheck: u == 6\n", 6, "did you mean forward?"),
        (HEAD + "# One\nText.\ndo:\ncheck: u == 6\n", 6, "do: says nothing to be done"),
        (HEAD + "# One\nText.\ndo: forward\n", 4, "asks for an act but has no check: of it"),
        (HEAD + "# One\nText.\ncheck: u == 6\ndo: forward\n", 7, "do: comes before check:"),
        (HEAD + "# One\nText.\ncheck: u == 6\n\nDone.\ncheck: v == 1\n", 9, "begin a new step with #"),
        (HEAD + "# One\nText.\npoint: u\n", 6, "is nothing to point at: write node fc1"),
        (HEAD + "# One\nText.\npoint: panel cockpit\n", 6, "there is no panel 'cockpit'"),
        (HEAD + "# One\nText.\nchek: u == 6\n", 6, "did you mean check:?"),
        (HEAD + "# One\nText.\n\nL is {L:pretty}.\n", 7, "pretty is no way to write a number"),
        (HEAD + "# One\nText is { here.\nL is {L +}.\n", 6, "in {L +}: "),
        (HEAD + "# One\nT.\ndo: train 5 epochs with batchsize=3\ncheck: 1 == 1\n", 6, "mean batch_size?"),
        (HEAD + "# One\nText.\ndo: call u updateAll\ncheck: 1 == 1\n", 6, "none of Torch7's calls"),
        (HEAD + "# One\nText.\ndo: repeat 99999 times: step\ncheck: 1 == 1\n", 6, "from 1 to 10,000"),
        (HEAD + "# One\nText.\ndo: export word\ncheck: 1 == 1\n", 6, "there are numpy and pytorch"),
        (HEAD.encode() + b"# One\nT\xff\xfe\n", 5, "not in UTF-8"),
        (HEAD + "# One\n" + "x" * 5000 + "\n", 5, "longer than 4,000 characters"),
        (HEAD + "# One\nText.\n" * (MOST_STEPS + 1), 2 * MOST_STEPS + 4, "at most 200 steps"),
        (HEAD + "# One\n" + "Text.\n" * 500, 405, "at most 400 lines"),
    ],
)  # fmt: skip
def test_an_error_is_a_sentence_with_its_line(text, line, words):
    said = sentence(text)
    assert said.startswith(f"x.lesson, line {line}: "), said
    assert words in said, said


def test_files_that_cannot_be_read_are_said(tmp_path):
    for path, words in ((tmp_path / "no.lesson", "There is no lesson"), (tmp_path, "is a folder")):
        with pytest.raises(LessonError, match=words):
            read(path)
    with pytest.raises(LessonError):
        read("a\0b.lesson")
    assert "too large for a lesson" in sentence(b"x" * (LARGEST_FILE + 1))


KNOWN = [path.read_text(encoding="utf-8") for path in lesson_files().values()]
PIECES = [
    "lesson: ",
    "project: ",
    "# ",
    "do: ",
    "check: ",
    "point: ",
    "otherwise: ",
    "{",
    "}",
    "$",
    "`",
    "≈",
    "[[",
]
GARBAGE = st.one_of(
    st.binary(max_size=2000),
    st.text(max_size=2000).map(str.encode),
    st.lists(st.sampled_from([*PIECES, "\n", " ", "u == 6", "1e999", "((((", "\\value{"]), max_size=80)
    .map("".join)
    .map(str.encode),
    st.lists(st.sampled_from([*PIECES, "\n# A\nb\n", "\ndo: ", "\ncheck: ", "step to u", "write a = "]))
    .map(lambda parts: (HEAD + "# One\nText.\n" + "".join(parts)).encode()),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(GARBAGE)
def test_garbage_is_a_lesson_or_one_sentence(data):
    try:
        parse(data, Path("x.lesson"))
    except LessonError as error:
        said = str(error)
        assert said.startswith("x.lesson") and "\n" not in said.split("'")[0]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(KNOWN), st.data())
def test_a_lesson_with_a_piece_cut_or_put_in_is_one_or_one_sentence(text, data):
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 40))
    new = data.draw(st.sampled_from(["", *PIECES, "\n", "\x00", "9" * 400, "**" * 200, "(" * 300]))
    try:
        parse((text[:at] + new + text[at + gone :]).encode(), Path("x.lesson"))
    except LessonError as error:
        assert str(error).startswith("x.lesson, line ")
