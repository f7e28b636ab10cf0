"""Every text can be read and every mark be seen, in every theme; and no colour is made up elsewhere."""

import re
from pathlib import Path

import numpy as np
import pytest

import nnstudio.studio
from nnstudio.graph.frame import FRAME_COLOURS
from nnstudio.resources_path import resource
from nnstudio.studio.colours import CONTRAST, LIGHT, PHASES, THEMES, contrast, diverging

SCHEMES = pytest.mark.parametrize("colours", THEMES.values(), ids=list(THEMES))
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
@pytest.mark.parametrize("surface", ["window", "card", "inset"])
def test_marks_of_classes_can_be_seen_and_two_of_them_are_the_ends_of_the_map(colours, surface):
    assert min(contrast(mark, getattr(colours, surface)) for mark in colours.classes) >= 3
    assert colours.classes[:2] == (colours.negative, colours.positive) and len(set(colours.classes)) == 6


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


@SCHEMES
def test_frames_are_seen_and_what_stands_in_them_can_be_read(colours):
    assert tuple(colours.frames) == FRAME_COLOURS
    for name in FRAME_COLOURS:
        tint = colours.frame(name)
        assert contrast(tint.text, tint.fill) >= 4.5
        assert min(contrast(tint.border, tint.fill), contrast(tint.border, colours.canvas)) >= 3
        # An edge and its shape run over the frame.
        assert contrast(colours.dim, tint.fill) >= 4.5 and contrast(colours.edge, tint.fill) >= 3
    assert colours.frame("of another version") is colours.frame("grey")


def test_high_contrast_is_high():
    for surface in SURFACES:
        back = getattr(CONTRAST, surface)
        assert contrast(CONTRAST.text, back) >= 15 and contrast(CONTRAST.dim, back) >= 7
        for line in (CONTRAST.border, CONTRAST.outline, CONTRAST.card_border, CONTRAST.focus):
            assert contrast(line, back) >= 7
        for accent in ACCENTS:
            assert contrast(getattr(CONTRAST, accent).text, back) >= 7, accent


@SCHEMES
def test_every_theme_has_its_arrows_and_ticks(colours):
    for name in ("chevron", "chevron-up", "check"):
        assert resource("icons", f"{name}-{colours.name}.svg").is_file()


HARD_CODED = re.compile(
    r"""["'(\s]\#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?(?:[0-9a-fA-F]{2})?\b  # "#fff", "#1b1f26"
    | QColor\(\s*["'\d]                                              # QColor(0, 0, 0), QColor("red")
    | QColor\.from | \brgba?\(                                       # style sheets
    | GlobalColor\.(?!transparent)""",
    re.VERBOSE,
)


def hard_coded(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if HARD_CODED.search(line)]


@pytest.mark.parametrize(
    "line",
    [
        'a = "#fff"',
        "c = QColor(1, 2, 3)",
        'QColor("red")',
        "color: #1b1f26;",
        "Qt.GlobalColor.white",
        "rgb(1",
    ],
)
def test_a_planted_colour_is_found(line):
    assert hard_coded(f"import this\n{line}\n") == [line]


def test_no_colour_is_made_up_outside_the_themes():
    folder = Path(nnstudio.studio.__file__).parent
    found = {
        path.relative_to(folder).as_posix(): lines
        for path in folder.rglob("*.py")
        if path.name not in ("theme.py", "colours.py") and (lines := hard_coded(path.read_text("utf-8")))
    }
    assert found == {}
