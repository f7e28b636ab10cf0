"""Every text can be read and every mark be seen, in both schemes."""

import numpy as np
import pytest

from nnstudio.studio.colours import DARK, LIGHT, PHASES, contrast, diverging

SCHEMES = pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
SURFACES = ("window", "canvas", "card", "inset", "raised")
ACCENTS = (*PHASES, "error", "warning")


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@SCHEMES
@pytest.mark.parametrize("surface", SURFACES)
def test_text_stands_out_from_every_surface(colours, surface):
    back = getattr(colours, surface)
    assert contrast(colours.text, back) >= 7
    assert contrast(colours.dim, back) >= 4.5
    for accent in ACCENTS:
        assert contrast(getattr(colours, accent).text, back) >= 4.5, accent


@SCHEMES
@pytest.mark.parametrize("accent", ACCENTS)
def test_text_on_a_filled_accent_can_be_read(colours, accent):
    fill = getattr(colours, accent)
    assert contrast(fill.on_fill, fill.fill) >= 4.5


@SCHEMES
@pytest.mark.parametrize("surface", ["window", "canvas", "card", "inset"])
def test_marks_and_edges_can_be_seen(colours, surface):
    back = getattr(colours, surface)
    for mark in (*(getattr(colours, accent).mark for accent in ACCENTS), colours.edge, colours.focus):
        assert contrast(mark, back) >= 3


@SCHEMES
def test_rows_under_the_mouse_and_selected_rows_can_be_read(colours):
    for back in (colours.hover, colours.selected):
        assert contrast(colours.text, back) >= 7
        assert contrast(colours.dim, back) >= 4.5


def test_the_accents_are_okabe_and_ito_s():
    assert (LIGHT.forward.mark, LIGHT.backward.mark, LIGHT.update.mark) == ("#0072b2", "#d55e00", "#009e73")


@SCHEMES
def test_the_diverging_map_is_neutral_at_zero_and_tells_signs_and_nan_apart(colours):
    low, zero, high, wrong = diverging(np.array([-2.0, 0.0, 2.0, np.nan]), 2.0, colours)
    assert len({tuple(each) for each in (low, zero, high, wrong)}) == 4
    assert "#" + "".join(f"{each:02x}" for each in high[:3]) == colours.positive
    assert "#" + "".join(f"{each:02x}" for each in low[:3]) == colours.negative
    beyond = diverging(np.array([np.inf, 5.0]), 2.0, colours)
    assert (beyond == high).all()
    assert (diverging(np.zeros(3), 0.0, colours) == zero).all()
