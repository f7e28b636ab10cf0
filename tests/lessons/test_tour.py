"""A tour can be left and resumed, shows what it can, and says what is gone."""

import pytest

from nnstudio.errors import LessonError
from nnstudio.graph import RemoveNode
from nnstudio.lessons import Progress, Tour, lesson_files, read
from nnstudio.lessons.headless import HeadlessStage
from nnstudio.lessons.text import rendered, written


@pytest.fixture
def tour():
    tour = Tour(read(lesson_files()["01_chain_rule"]), HeadlessStage())
    tour.begin()
    return tour


def walk(tour, steps):
    for _ in range(steps):
        tour.show()
        assert tour.done
        tour.go_on()


def test_a_step_waits_for_its_act_and_is_done_by_it(tour):
    walk(tour, 1)
    [verdict] = tour.verdicts()
    assert verdict.waiting and not tour.done
    tour.stage.step_to("u")
    assert tour.done
    assert tour.after.startswith("u = 3 · 2 = 6.")


def test_it_is_resumed_where_it_was_left(tour):
    walk(tour, 6)
    kept = Progress.from_dict(tour.progress.to_dict())
    again = Tour(tour.lesson, HeadlessStage())
    assert again.resume(kept)
    assert again.step.title == tour.step.title == "A product swaps its factors"
    program, before = again.stage.program, tour.stage.program
    assert program.position == before.position
    assert all((program[key] == before[key]).all() for key in program if program.is_current(key))


def test_another_text_is_begun_at_its_beginning(tour, tmp_path):
    walk(tour, 3)
    path = tmp_path / "other.lesson"
    path.write_text(tour.lesson.path.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    other = Tour(read(path), HeadlessStage())
    assert not other.resume(tour.progress)
    assert other.index == 0


@pytest.mark.parametrize(
    "given", [{}, {"step": -1, "digest": "x"}, {"step": "2", "digest": 3}, {"step": True}]
)
def test_progress_that_is_damaged_is_none(tour, given):
    assert not tour.resume(Progress.from_dict(given))
    assert tour.index == 0


def test_a_node_that_is_gone_is_said_and_the_tour_stays_usable(tour):
    walk(tour, 1)
    assert tour.missing() == []
    graph = tour.stage.project.graph
    tour.stage.project.apply(RemoveNode(graph.node("u").id))
    tour.stage._compile()
    said = [sentence for _, sentence in tour.missing()]
    assert said == ["the node u is not in the graph any more", "no statement computes u any more"]
    [verdict] = tour.verdicts()
    assert not verdict.holds and "there is nothing called u" in verdict.sentence
    with pytest.raises(LessonError, match=r"01_chain_rule.lesson, line \d+: could not press Step until u"):
        tour.show()
    tour.go_on()
    assert tour.step.title == "To the end of the forward pass"


def test_the_example_is_not_what_is_changed(tour):
    assert tour.stage.project.path is None


class Values:
    functions = {}
    rounding = 1e-9

    def __call__(self, name):
        if name == "gone":
            raise LessonError("there is nothing called gone.")
        return {"a": 2.0, "b": -0.12345, "row": [[1.0, -2.5]], "many": 1234567.0}[name]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a is {a}", "a is 2"),
        ("{b:.2f} and {b}", "−0.12 and −0.12345"),
        ("{many:,d} {many:,.1f} {a * 10:.1%}", "1,234,567 1,234,567.0 2000.0%"),
        ("{row} {row[0, 1]:.1f}", "1 −2.5 −2.5"),
        ("`{a}` stays code, $\\frac{a}{2}$ a formula", "`{a}` stays code, $\\frac{a}{2}$ a formula"),
        ("$x = \\value{a:.1f}$", "$x = 2.0$"),
        ("\\{a\\} is no value", "{a} is no value"),
        ("{gone} {a}", "… 2"),
        ("{a - 2} {b * 0:.3f}", "0 0.000"),
    ],
)
def test_values_in_a_text(text, shown):
    assert rendered(text, Values()) == shown


def test_what_cannot_be_told_is_a_fault_with_its_line():
    faults = []
    rendered("one\ntwo {gone}", Values(), faults)
    [(line, sentence)] = faults
    assert line == 1 and "{gone} cannot be told: there is nothing called gone" in sentence


def test_numbers_are_written_as_people_write_them():
    assert written(float("nan")) == "nan"
    assert written(True) == "true"
    assert written(-1e-9, ".2f") == "0.00"
    assert written([0.5] * 100).count("0.5") == 64
