"""Panels that are made when they are first looked at: in their place, for the eye and for the keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from nnstudio.studio.late import Late


def names_by_tab(window: QWidget, first: QWidget, count: int) -> list[str]:
    first.setFocus()
    reached = []
    for _ in range(count):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget().objectName())
    return reached


def test_a_late_panel_is_reached_by_tab_where_its_place_is(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)

    def make() -> QWidget:
        panel = QWidget()
        inside = QVBoxLayout(panel)
        for name in ("one", "two"):
            inside.addWidget(QLineEdit(objectName=name))
        return panel

    first, late, last = QLineEdit(objectName="first"), Late(make), QLineEdit(objectName="last")
    for each in (first, late, last):
        column.addWidget(each)
    late.hide()
    window.show()
    window.activateWindow()
    with qtbot.waitActive(window, timeout=30000):
        pass
    assert late.made is None and names_by_tab(window, first, 2) == ["last", "first"]
    late.show()
    assert late.made is late.panel and late.panel.isVisible()
    assert names_by_tab(window, first, 4) == ["one", "two", "last", "first"]


def test_most_panels_of_a_window_are_made_when_they_are_looked_at(window):
    places = [tabs.widget(i) for tabs in (window.tabs, window.bottom.beside) for i in range(tabs.count())]
    late = {place for place in places if isinstance(place, Late)}
    assert len(late) == 7 and {place for place in late if place.made is not None} == set()
    window.actions_by_id["explain"].trigger()
    assert [type(place.made).__name__ for place in late if place.made is not None] == ["ExplainPanel"]
    assert window.engine.explain.isVisible()
