"""What stepping tests share: buttons, actions, and what the status line says."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


class Debugger:
    """Hands on transport, scrubber, program pane and menus of one window."""

    def __init__(self, window, user):
        self.window, self.user = window, user
        self.engine = window.engine
        self.stepper = window.engine.stepper
        self.panel = window.engine.program
        self.scrubber = window.engine.timeline.scrubber

    @property
    def program(self):
        return self.stepper.program

    @property
    def said(self):
        return self.window.status_line.left.text()

    def press(self, name):
        QTest.mouseClick(self.engine.transport.buttons[name], Qt.MouseButton.LeftButton)

    def choose(self, name):
        """Open the transport's menu by the mouse and click on an entry of it, or of a menu in it."""
        action = self.window.actions_by_id[name]
        more = self.engine.transport.more
        assert action.isEnabled(), f"{name} cannot be chosen now"
        menu = more.menu()
        menu.popup(more.mapToGlobal(QPoint(0, more.height())))
        for within in menu.actions():
            if within.menu() is not None and action in within.menu().actions():
                menu = within.menu()
                menu.popup(QPoint(400, 200))
        self.click_entry(menu, action)
        for open_menu in QApplication.topLevelWidgets():
            if open_menu.isVisible() and open_menu.inherits("QMenu"):
                open_menu.close()
        self.window.activateWindow()  # nobody else does, where there is no window manager
        QApplication.processEvents()

    def click_entry(self, menu, action):
        assert action in menu.actions()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        QApplication.processEvents()

    def context_menu(self, widget, place):
        """The menu that a right click brings."""
        QApplication.sendEvent(
            widget,
            QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, widget.mapToGlobal(place)),
        )
        QApplication.processEvents()
        return QApplication.activePopupWidget()

    def entry(self, menu, words):
        return next(each for each in menu.actions() if each.text().replace("&", "") == words)

    def select(self, name):
        self.user.click(self.user.middle(name))

    def row(self, start):
        """The row of the line that begins so."""
        return next(
            i
            for i, line in enumerate(self.panel.model.lines)
            if line.text.startswith(start) and not line.call
        )

    def spot(self, row, x):
        """A place in a row, scrolled into view."""
        index = self.panel.model.index(row)
        self.panel.list.scrollTo(index)
        box = self.panel.list.visualRect(index)
        return QPoint(box.left() + x, box.center().y())

    def click_line(self, row, x=80):
        QTest.mouseClick(self.panel.list.viewport(), Qt.MouseButton.LeftButton, pos=self.spot(row, x))
        QApplication.processEvents()

    def key(self, key, keys=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(QApplication.focusWidget() or self.window, key, keys)
        for _ in range(3):  # what is done soon is done
            QApplication.processEvents()

    def drag_scrubber(self, *shares):
        """Press on the handle, and drag it over these shares of the way."""
        slider = self.scrubber
        middle = slider.height() // 2
        start = QPoint(round(slider.place_of(slider.value())), middle)
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
        for share in shares:
            place = QPoint(round(slider.place_of(share * slider.maximum())), middle)
            QTest.mouseMove(slider, place)
            QApplication.processEvents()
            end = place
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
        for _ in range(3):
            QApplication.processEvents()

    def state(self):
        """Everything that a moment holds, as bytes."""
        program = self.program
        values = {key: program[key].tobytes() for key in program if program.is_current(key)}
        states = {key: array.tobytes() for key, array in program.optimizer_state().items()}
        gradients = program.flat_gradients.tobytes()
        position = program.position % len(program.statements)  # behind the last comes the first
        return program.flat.tobytes(), gradients, values, states, position, program.lr


@pytest.fixture
def debug(open_example, hands):
    """Opens an example, ready to be stepped."""

    def open_it(name="digits"):
        window = open_example(name)
        window.bottom.show_panel(window.engine.program)
        return Debugger(window, hands(window))

    return open_it


@pytest.fixture
def debug_graph(open_window, hands, qtbot):
    def open_it(graph):
        window = open_window(graph)
        qtbot.waitUntil(lambda: window.engine.stepper.ready, timeout=30000)
        return Debugger(window, hands(window))

    return open_it


@pytest.fixture(autouse=True)
def no_menu_left():
    yield
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
        QApplication.sendPostedEvents(popup, QEvent.Type.DeferredDelete)
