"""What the Explain panel says, and hands for it."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

LEFT = Qt.MouseButton.LeftButton


def explained(window):
    """The panel brought to the front by its tab."""
    panel = window.engine.explain
    tabs, index = window.bottom.place_of(panel)
    bar = tabs.tabBar()
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(index).center())
    QApplication.processEvents()
    assert panel.isVisible()
    panel.follow()
    return panel


def view_of(panel, title):
    """One of the panel's views, by a click on its name."""
    titles = [panel.tabs.tabText(i) for i in range(panel.tabs.count())]
    QTest.mouseClick(panel.tabs, LEFT, pos=panel.tabs.tabRect(titles.index(title)).center())
    QApplication.processEvents()
    panel.follow()
    return panel.pages.currentWidget()


def select(window, *names):
    window.canvas.select([window.document.level.names[name] for name in names])
    window.engine.explain.follow()


def press(window, action):
    """One of the window's actions, as its menu entry runs it."""
    window.actions_by_id[action].trigger()
    QApplication.processEvents()
    window.engine.explain.follow()


def choose(page, label):
    """A quantity, by the keyboard."""
    box = page.quantity
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)  # even if it is chosen already
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(label)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    QApplication.processEvents()
    assert box.currentText() == label
    page.follow()


def click_cell(page, element):
    spot = page.map.cell(element).center()
    QTest.mouseClick(page.map, LEFT, pos=QPoint(round(spot.x()), round(spot.y())))
    QApplication.processEvents()


def click(button):
    QTest.mouseClick(button, LEFT)
    QApplication.processEvents()


def ink(view, colour):
    """How many pixels are of a colour."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1) & 0xFFFFFF
    return int((pixels == int(colour[1:], 16)).sum())
