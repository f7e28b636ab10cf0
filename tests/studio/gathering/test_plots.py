"""Samples as points and as bars, over columns that are chosen, and how many each class has."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest

from nnstudio.data import DataSettings
from nnstudio.project.edits import SetData
from nnstudio.studio import theme
from nnstudio.studio.gathering.data_panel import PLOT, SOURCE
from nnstudio.studio.gathering.samples_view import labelled, picture_of
from tests.studio.naming import nameless


@pytest.fixture
def show(gatherer):
    def show(settings):
        gatherer.document.push(SetData(settings))
        gatherer.settle()
        tabs = gatherer.panel.pages
        QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(PLOT).center())
        assert gatherer.panel.preview.currentWidget() is gatherer.panel.plot
        return gatherer.panel.plot

    return show


def test_points_over_two_columns_that_are_chosen(show, gatherer):
    plot = show(DataSettings("iris"))
    x = gatherer.samples.dataset.x
    assert [box.currentText() for box in (plot.across, plot.up)] == ["sepal length (cm)", "sepal width (cm)"]
    assert len(plot.shown) == 3
    points = plot.shown[1].getData()
    of = gatherer.samples.dataset.y == 1
    assert np.array_equal(points[0], x[of, 0]) and np.array_equal(points[1], x[of, 1])
    plot.across.setFocus()
    QTest.keyClick(plot.across, Qt.Key.Key_End)
    assert plot.across.currentText() == "petal width (cm)"
    assert np.array_equal(plot.shown[1].getData()[0], x[of, 3])
    assert "setosa" in plot.facts.text() and "petal width" in plot.plot.accessibleName()


def test_each_of_its_fields_is_called_by_a_name(show, gatherer):
    panel = gatherer.panel
    show(DataSettings("iris"))
    assert nameless(panel) == []
    panel.pages.setCurrentIndex(SOURCE)
    assert panel.fields["stratify"].editor.isVisible() and nameless(panel) == []
    gatherer.document.push(SetData(DataSettings("drawn")))
    assert panel.draw.isVisible() and nameless(panel) == []


def test_bars_over_one_column_stand_on_each_other(show, gatherer):
    plot = show(DataSettings("iris"))
    plot.up.setFocus()
    QTest.keyClick(plot.up, Qt.Key.Key_Home)
    assert plot.up.currentText() == "how many"
    tall = [item.opts["height"] for item in plot.shown]
    assert [int(each.sum()) for each in tall] == [50, 50, 50]
    assert np.array_equal(plot.shown[1].opts["y0"], tall[0])


def test_numbers_are_shown_over_the_first_input(show, gatherer):
    plot = show(DataSettings("sine"))
    assert (plot.across.currentText(), plot.up.currentText()) == ("x1", "y")
    points = plot.shown[0].getData()
    assert np.array_equal(points[1], gatherer.samples.dataset.y[:, 0]) and len(plot.shown) == 1


def test_categories_are_not_what_is_plotted_first(show, tmp_path):
    (tmp_path / "homes.csv").write_text("town,rooms,price\n" + "Ulm,3,5.5\nBonn,2,4.5\n" * 10)
    plot = show(DataSettings(f"csv:{tmp_path / 'homes.csv'}", category_columns=("town",)))
    assert (plot.across.currentText(), plot.up.currentText()) == ("rooms", "price")


def test_columns_that_tell_nothing_are_not_plotted_first(show, gatherer):
    plot = show(DataSettings("digits"))
    x = gatherer.samples.dataset.x.reshape(1797, -1)
    widest = np.argsort(-x.std(axis=0))[:2]
    assert [box.currentText() for box in (plot.across, plot.up)] == [
        gatherer.samples.dataset.feature_names[each] for each in widest
    ]


def test_what_has_no_room_beside_the_boxes_is_below_them(show, gatherer, qtbot):
    plot = show(DataSettings("iris"))
    for width, below in ((1400, False), (480, True), (1400, False)):
        gatherer.panel.resize(width, 420)
        qtbot.waitUntil(
            lambda below=below: (plot.facts.y() > plot.up.geometry().bottom()) == below, timeout=30000
        )
        assert plot.facts.width() >= plot.facts.sizeHint().width()


def test_many_samples_are_thinned(show):
    plot = show(DataSettings("moons", options={"samples": 50_000}))
    assert sum(len(item.getData()[0]) for item in plot.shown) == 2000
    assert "2,000 of 50,000 samples" in plot.plot.accessibleName()


def test_a_long_table_lists_its_beginning(gatherer):
    gatherer.document.push(SetData(DataSettings("moons", options={"samples": 100_001})))
    gatherer.settle()
    panel = gatherer.panel
    assert panel.rows.rowCount() == 100_000 and "the first 100,000 are listed" in panel.facts.text()
    gatherer.document.push(SetData(DataSettings("moons", options={"samples": 100_000})))
    gatherer.settle()
    assert panel.rows.rowCount() == 100_000 and "listed" not in panel.facts.text()


def test_a_class_is_labelled_with_how_many_it_has_where_there_is_room(qtbot):
    metrics = QFontMetrics(theme.font(11))
    assert labelled("setosa", 50, metrics, 96) == "setosa 50"
    assert labelled("Iris-versicolor", 50, metrics, 70).endswith("… 50")
    assert "5" not in labelled("setosa", 50, metrics, 24)


def test_the_balance_says_how_many_each_class_has(gatherer):
    gatherer.document.push(SetData(DataSettings("iris")))
    gatherer.settle()
    balance = gatherer.panel.balance
    assert balance.isVisible() and "setosa: 50, versicolor: 50, virginica: 50" in balance.toolTip()


def test_photographs_are_shown_as_they_are_and_digits_as_ink():
    theme.apply("light")
    blue, gray = np.zeros((2, 2, 3)), np.full((2, 2), 0.8)
    blue[..., 2] = 1
    assert picture_of(blue, 1.0, ink=False).pixelColor(0, 0).name() == "#0000ff"
    assert picture_of(gray, 1.0, ink=False).pixelColor(0, 0).lightness() == 204
    assert picture_of(gray, 1.0, ink=True).pixelColor(0, 0).lightness() == 51
