"""A drawing becomes like the images of its data set, wherever and however large it was drawn."""

from dataclasses import replace

import numpy as np
import pytest

import nnstudio as nn
from nnstudio.data import DataSettings, load, split
from nnstudio.explain.answers import Answers
from nnstudio.explain.drawing import Likeness
from nnstudio.explain.probing import Probe
from nnstudio.resources_path import example
from tests.studio.learned.hand import DIGITS, moved


@pytest.fixture(scope="module", params=["digits", "mnist5k"])
def likeness(request):
    found = Likeness.of(load(DataSettings(source=request.param)))
    assert found is not None
    return found


def test_the_sets_are_measured_as_they_were_made():
    digits, mnist = (Likeness.of(load(DataSettings(source=name))) for name in ("digits", "mnist5k"))
    assert digits is not None and mnist is not None
    # MNIST: scaled to 20 pixels, centred by mass. The 8×8 digits fill the whole height, with even ink.
    assert (mnist.shape, mnist.tall, mnist.by_mass, mnist.ink) == ((28, 28), 20, (True, True), 0)
    assert (digits.shape, digits.tall, digits.by_mass) == ((8, 8), 8, (False, False)) and digits.ink > 0.2
    assert Likeness.of(load(DataSettings(source="iris"))) is None


@pytest.mark.parametrize("digit", [0, 1, 4, 8])
def test_size_and_place_do_not_matter(likeness, digit):
    strokes = DIGITS[digit]
    usual = likeness.picture(strokes)
    other = likeness.picture(moved(strokes, 0.35, 0.3, -0.2))
    assert usual.shape == likeness.shape and usual.min() == likeness.low and usual.max() <= likeness.high
    assert np.abs(usual - other).max() < 0.02 * likeness.high


def test_the_ink_stands_where_that_of_the_data_does(likeness):
    for strokes in DIGITS.values():
        picture = likeness.picture(strokes)
        for axis, by_mass in enumerate(likeness.by_mass):
            profile = picture.sum(axis=1 - axis)
            if by_mass:
                at = profile @ (np.arange(len(profile)) + 0.5) / profile.sum()
                assert at == pytest.approx(likeness.middle[axis], abs=0.3)


def test_a_wider_pen_gives_more_ink(likeness):
    thin, usual, thick = (likeness.picture(DIGITS[0], pen).sum() for pen in (0.5, 1.0, 1.6))
    assert thin < usual < thick


def test_an_empty_sheet_is_paper_and_a_dot_is_ink(likeness):
    assert (likeness.picture([]) == likeness.low).all() and (likeness.picture([[]]) == likeness.low).all()
    dot = likeness.picture([[(0.1, 0.9)]])
    assert np.isfinite(dot).all() and dot.max() > likeness.high / 2


def test_ten_digits_drawn_by_hand_are_recognised():
    project = nn.load(example("digits.nns.json"))
    nn.train(project)
    assert project.data is not None
    splits = split(load(project.data), replace(project.data))
    likeness = Likeness.of(splits.dataset)
    probe = Probe(project.graph)
    probe.load(project.weights)
    answers = Answers.of(probe, 10)
    pictures = np.array([likeness.picture(strokes) for strokes in DIGITS.values()]).reshape(10, 64)
    found = answers.chosen(probe.answer(splits.scaling.apply(pictures, "float32")))
    assert np.count_nonzero(found == np.arange(10)) >= 9
