"""Lessons 6 and 8 to 11 in the window: what they speak of is before the learner, and follows what is done."""

import pytest

from nnstudio.project import load
from nnstudio.resources_path import example
from nnstudio.studio.teaching.pointing import panel_of
from tests.studio.teaching.test_guiding import skip_to


@pytest.fixture
def learner(beginner):
    beginner.window.preferences.reduced_motion = True  # nothing is done slowly, to be seen
    return beginner


def play(learner, number, looks):
    """Show Me for each step, and behind it the look that `looks` has for its title."""
    learner.choose(number)
    seen = []
    while True:
        for point in learner.guide.page.step.points:
            assert point.kind != "panel" or panel_of(learner.window, point.name) is not None
        if not learner.guide.page.done:
            learner.show_me()
        learner.until_done()
        assert learner.guide.tour.faults == []
        if learner.title in looks:
            looks[learner.title]()
            seen.append(learner.title)
        if learner.guide.tour.last:
            assert seen == list(looks)
            return
        learner.next()


def test_lesson_8_shows_the_gradient_of_every_layer(learner):
    layers = learner.window.engine.layers

    def every_layer():
        assert layers.isVisible()
        learner.wait(lambda: layers.model.figures)
        norms = {each.key: each.norm for each in layers.model.figures}
        assert len([key for key in norms if key.endswith("fc1.grad_weight")]) == 2
        assert norms["sfc1.grad_weight"] < 1e-10 < 1e-3 < norms["rfc1.grad_weight"]

    play(learner, 8, {"Every layer at once, live": every_layer})
    assert "sfc1 are where they were" in learner.after


def test_lesson_9_draws_the_lines_and_counts_what_they_cut(learner):
    learned = learner.window.engine.learned

    def folds(words):
        def look():
            assert learned.curve.isVisible()
            learner.wait(lambda: learned.curve.words.text().startswith(words))

        return look

    def regions(words, lines):
        def look():
            assert learned.boundary.isVisible()
            learner.wait(lambda: words in learned.boundary.regions.text())
            assert len(learned.boundary.field.lines) == lines

        return look

    play(
        learner,
        9,
        {
            "All folds at one place": folds("The 3 kinks of relu cut the line into 2 pieces"),
            "Folds at three places": folds("The 3 kinks of relu cut the line into 4 pieces"),
            "In the plane": regions("into 7 regions, of at most 1 + 3 + 3 = 7", 3),
            "How many can there be?": regions("into 6 regions, of at most 1 + 3 + 3 = 7", 3),
            "A fourth line": regions("into 11 regions, of at most 1 + 4 + 6 = 11", 4),
            "After training": regions("of at most 1 + 4 + 6 = 11", 4),
        },
    )


def test_lesson_10_draws_the_fitted_curve_while_it_trains(learner):
    engine, live = learner.window.engine, []
    view = engine.learned.curve
    shown = view.show_answer

    def show_answer(answer):
        live.append(engine.run.computing)
        shown(answer)

    view.show_answer = show_answer

    def fits():
        assert view.isVisible()
        learner.wait(lambda: engine.learned.where.toolTip().endswith("shown: after 40 epochs"))
        learner.wait(lambda: abs(view.fitted.y).max() > 0.7)

    def was_live():
        assert any(live)

    play(learner, 10, {"Forty epochs": fits, "Once more, slowly": was_live})


def test_lesson_6_lays_three_kept_runs_over_each_other(learner):
    learner.choose(6)
    skip_to(learner, "The three curves, one over the other")
    engine = learner.window.engine
    names = ["batch 1", "batch 32", "full batch"]
    assert [run.name for run in engine.runs.model.runs] == names
    assert (
        engine.training.isVisible() and [line.name for line in engine.training.curves.loss.overlays] == names
    )
    assert [len(line.x) for line in engine.training.curves.loss.overlays] == [10, 10, 10]


def test_a_lesson_opens_the_sheet_to_draw_on_once_the_pictures_are_there(open_window, student, qtbot):
    """Its view suits nothing before the data of the lesson's project are loaded."""
    window = open_window(project=load(example("xor.nns.json")))
    learned = window.engine.learned
    window.bottom.show_panel(learned)
    qtbot.waitUntil(lambda: learned.boundary.isVisible(), timeout=30000)
    window.document.replace(load(example("digits.nns.json")))
    learned.show_view(learned.drawing)
    qtbot.waitUntil(lambda: learned.drawing.isVisible(), timeout=30000)
