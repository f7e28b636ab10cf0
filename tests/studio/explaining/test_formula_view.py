"""Formulas in the window: broken where there is a sign, drawn as outlines, read aloud in words."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.studio import theme
from nnstudio.studio.explaining import typesetter as typesetting
from nnstudio.studio.explaining.breaking import pieces, width
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.explaining.typesetter import Typesetter, typesetter
from tests.studio.explaining.reading import ink

SUM = r"0.25 \cdot \left(-1.5\right) + 0.5 \cdot 2 - 0.125 = 0.5"


@pytest.fixture
def view(qtbot):
    theme.apply("light")
    view = FormulaView()
    qtbot.addWidget(view)
    view.resize(400, 60)
    view.show()
    return view


def ready(qtbot, view):
    qtbot.waitUntil(lambda: view.typeset, timeout=30000)


def texts(latex, widest=100.0):
    return [piece.latex for piece in pieces(latex, widest)]


def test_a_formula_is_taken_apart_at_its_signs_and_nothing_is_lost():
    found = texts(SUM)
    assert found == [
        "0.25",
        r"\cdot",
        r"\left(-1.5\right)",
        "+",
        "0.5",
        r"\cdot",
        "2",
        "-",
        "0.125",
        "=",
        "0.5",
    ]
    assert "".join(found).replace(" ", "") == SUM.replace(" ", "")


@pytest.mark.parametrize(
    "latex",
    [
        r"\left(a + b\right)^{2}",
        r"\frac{a + b}{c - d}",
        r"\begin{bmatrix} 1 & 2 \cdot 3 \\ 4 & 5 \end{bmatrix}",
        r"\left(\frac{\partial L}{\partial z}\right)^{\top}\,x",
    ],
)
def test_brackets_fractions_and_matrices_stay_whole_where_they_fit(latex):
    assert texts(latex) == [latex]


def test_a_product_stays_in_its_line_and_a_sum_is_broken_before_the_sign():
    found = pieces(SUM, 20.0)
    free = {piece.latex for piece in found[1:] if piece.free}
    assert free == {"+", "-", "="}
    assert {piece.latex for piece in pieces(SUM, 3.0)[1:] if piece.free} >= {r"\cdot"}, (
        "too narrow for a product"
    )


def test_a_wide_fraction_is_written_with_a_slash_and_a_wide_bracket_is_opened():
    terms = " + ".join(f"0.12{number} \\cdot 0.5" for number in range(8))
    assert texts(rf"\frac{{{terms}}}{{8}}", 20.0)[:2] == ["(", "0.120"]
    assert texts(rf"\frac{{{terms}}}{{8}}", 20.0)[-3:] == [")", "/", "8"]
    opened = texts(rf"\operatorname{{mean}}\left({terms}\right)^{{2}}", 20.0)
    assert (opened[0], opened[-1]) == (r"\operatorname{mean}(", ")^{2}")


def test_the_width_of_a_fraction_is_that_of_its_wider_half():
    assert width(r"\frac{abcdef}{a}") < width("abcdefa")
    assert width(r"\frac{abcdef}{a}") >= width("abcdef")


def test_it_is_typeset_beside_the_window_which_answers_meanwhile(qtbot, view, monkeypatch):
    slow = []

    def svg(latex, size, colour):
        slow.append(latex)
        time.sleep(0.3)
        return '<svg viewBox="0 -10 20 12"><path d="M 0 0 L 20 0 L 20 -10 Z"/></svg>'

    monkeypatch.setattr("nnstudio.explain.typeset.svg", svg)
    own = Typesetter(view)
    assert own.outline(r"\theta_{77}") is None
    assert own.outline(r"\theta_{77}") is None, "nobody waits for it"
    qtbot.waitUntil(lambda: own.outline(r"\theta_{77}") is not None, timeout=30000)
    assert slow == [r"\theta_{77}"], "and it is kept"
    assert own.outline(r"\theta_{77}").box.width() == 20


def test_until_then_its_words_stand_there_and_then_the_formula(qtbot, view):
    view.show_formula(
        r"\xi_{41} = \frac{\partial L}{\partial \xi_{42}}", "xi 41 equals the derivative of L by xi 42"
    )
    assert not view.typeset
    words = view.grab().toImage()
    ready(qtbot, view)
    assert view.grab().toImage() != words
    assert view.accessibleName() == "xi 41 equals the derivative of L by xi 42"


def test_it_takes_the_colour_of_its_phase_and_of_another_scheme_at_once(qtbot, view):
    view.show_formula(r"\frac{\partial L}{\partial W} = 5", "words", "backward")
    ready(qtbot, view)
    assert ink(view, theme.colours().backward.text) > 20
    theme.apply("dark")
    QApplication.processEvents()
    assert view.typeset and ink(view, theme.colours().backward.text) > 20
    view.show_formula(r"\frac{\partial L}{\partial W} = 5", "words", "backward", pale=True)
    assert not ink(view, theme.colours().backward.text) and ink(view, theme.colours().dim) > 20
    theme.apply("light")


def test_it_is_drawn_sharp_at_any_scale(qtbot, view):
    """Drawn four times as large, its edges are as narrow as before: those of an enlarged picture are not."""
    view.show_formula("88", "88")
    ready(qtbot, view)

    def blur(scale):
        image = QImage(view.size() * scale, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.scale(scale, scale)
        view.render(painter, QPoint())
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        return float(((rows > 60) & (rows < 200)).sum() / (rows <= 60).sum())

    assert blur(4) < 0.45 * blur(1)


def test_a_wide_formula_goes_on_in_the_next_line(qtbot, view):
    view.show_formula(" + ".join(["0.1234 \\cdot 0.5678"] * 6), "a sum")
    ready(qtbot, view)
    wide = view.heightForWidth(2000)
    qtbot.waitUntil(lambda: view.heightForWidth(240) > 2.5 * wide, timeout=30000)
    assert view.sizeHint().width() <= 420


def test_numbers_are_put_together_of_figures_that_are_known(qtbot, view, monkeypatch):
    view.show_formula("1234567890.5 + \\left(-1\\right)", "figures")
    ready(qtbot, view)
    qtbot.waitUntil(lambda: not typesetter()._background.busy, timeout=30000)  # with what others wanted
    monkeypatch.setattr(typesetting, "_typeset", lambda latex: pytest.fail(f"{latex} is typeset"))
    view.show_formula("98.76 + \\left(-0.125\\right)", "others")
    assert view.typeset
    number, one = typesetter().outline("11.5"), typesetter().outline("1")
    assert number is not None and one is not None
    assert 3 * one.box.width() < number.box.width() < 5 * one.box.width()


def test_what_cannot_be_typeset_is_shown_in_words(qtbot, view):
    view.show_formula(r"\frac{1", "one over nothing")
    qtbot.waitUntil(lambda: typesetter().knows(r"\frac{1"), timeout=20000)
    assert not view.typeset and view.text() == "one over nothing"
    view.grab()


def test_it_is_copied_by_keys_as_latex(qtbot, view):
    view.show_formula(r"\frac{a}{b}", "a over b")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == r"\frac{a}{b}"
