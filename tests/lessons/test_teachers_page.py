"""What docs/lessons.md tells a teacher to write can be read and played."""

import re
from pathlib import Path

import pytest

from nnstudio.lessons import read
from nnstudio.lessons.lesson import PANELS
from nnstudio.lessons.play import play
from nnstudio.lessons.reading import HEADER, KEYWORDS, SETTINGS
from nnstudio.lessons.verbs import parse_acts
from nnstudio.program.expression_functions import FUNCTIONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")


def part(title):
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def neuron(tmp_path):
    text = re.search(r"```\n(lesson: One neuron\n.*?)```", PAGE, re.DOTALL)[1]

    def made(old="", new=""):
        path = tmp_path / "neuron.lesson"
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return path

    return made


def test_the_shortest_lesson_plays(neuron):
    report = play(read(neuron()))
    assert report.faults == []
    assert re.fullmatch(r"a = 0\.\d{4}. The neuron is this sure of \"yes\".", report.steps[0].after)


def test_the_errors_it_shows_are_those_that_are_said(neuron):
    from nnstudio.errors import LessonError

    shown = [line.removeprefix("nnstudio: ") for line in PAGE.splitlines() if line.startswith("nnstudio: ")]
    with pytest.raises(LessonError) as caught:
        read(neuron("check:", "chek:"))
    assert str(caught.value) == shown[0]
    report = play(read(neuron("1 / (1 + exp(-z))", "0.5")))
    assert report.sentence == shown[1]


def acts():
    rows = [line.split("|")[1] for line in part("Acts").splitlines() if line.startswith("| `")]
    return [act for row in rows for act in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("text", acts())
def test_each_act_of_its_table_can_be_read(text):
    assert parse_acts(text, 1)[0].words


def test_it_names_all_there_is():
    for word in (*HEADER, *SETTINGS):
        assert f"`{word}:`" in part("The header"), word
    for word in KEYWORDS:
        assert f"`{word}:`" in part("A step"), word
    for panel in PANELS:
        assert panel in " ".join(part("A step").split()), panel
    for name in set(FUNCTIONS) - {"isnan", "isinf"}:
        assert re.search(rf"\b{name}\b", part("Checks")), name
