"""A student who goes through a lesson in the window, with mouse and keys alone."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from nnstudio.lessons import lesson_files, read
from tests.studio.conftest import close_others

LEFT = Qt.MouseButton.LeftButton


class Student:
    """Clicks and types in a window; what is read, is read off the panel as it is shown."""

    def __init__(self, window, qtbot, hands):
        self.window, self.qtbot, self.hands = window, qtbot, hands(window)
        self.teaching, self.panel, self.guide = (
            window.teaching,
            window.teaching.panel,
            window.teaching.guide,
        )

    def wait(self, condition, timeout=30000):
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=timeout)

    def click(self, button):
        assert button.isVisible() and button.isEnabled(), button.text()
        QTest.mouseClick(button, LEFT)
        QApplication.processEvents()

    # -- the lesson

    def choose(self, number):
        """Take a lesson from the list."""
        if not self.teaching.open:
            self.hands.key(Qt.Key.Key_F1)
        row = next(row for row in self.panel.list.rows if row.lesson.number == number)
        self.panel.stack.currentWidget().findChild(type(self.panel.area)).ensureWidgetVisible(row)
        self.click(row)
        self.arrive()

    def arrive(self):
        """Wait until a step can be read."""
        self.wait(lambda: self.guide.live and self.guide.page.text is not None)
        self.wait(lambda: self.panel.step is not None and self.panel.step.text is not None)
        QApplication.processEvents()

    @property
    def title(self):
        return self.panel.step.title.text()

    @property
    def text(self):
        return self.panel.step.text.words

    @property
    def after(self):
        return "" if self.panel.step.after is None else self.panel.step.after.words

    @property
    def otherwise(self):
        """What is said to have gone otherwise."""
        note = self.panel.step.otherwise
        return note.words.text() if note.isVisible() else ""

    @property
    def ticks(self):
        """The words of each check and whether it is ticked."""
        return {row.words.text(): row.mark.state for row in self.panel.step.rows}

    def judged(self):
        """Wait until what was done last has been looked at."""
        guide = self.guide
        self.wait(lambda: not (guide._soon.isActive() or guide._asked or guide._background.busy))

    def until_done(self):
        try:
            self.wait(lambda: self.panel.next.isEnabled() and self.guide.page.done)
        except Exception as never:
            raise AssertionError(f"{self.title}: never done, {self.ticks}, {self.otherwise}") from never
        assert set(self.ticks.values()) <= {"held", "left out"}
        assert not self.otherwise

    def next(self):
        self.until_done()
        self.click(self.panel.next)
        self.arrive()

    def show_me(self):
        self.click(self.panel.show_me)
        self.wait(lambda: self.guide.page.done or self.guide.page.problem, timeout=60000)
        assert not self.guide.page.problem

    # -- the window

    def press(self, name, times=1):
        """A button of the transport, a number of times."""
        for _ in range(times):
            self.click(self.window.engine.transport.buttons[name])

    def keys(self, key, *modifiers):
        """A shortcut of the window."""
        held = Qt.KeyboardModifier.NoModifier
        for each in modifiers:
            held |= each
        QTest.keyClick(self.window, key, held)
        QApplication.processEvents()

    def step_until(self, shown):
        """Press Step until the panel has ticked what it asks for."""
        for _ in range(60):
            if self.guide.page.done:
                return
            self.press("run_step")
            self.judged()
        raise AssertionError(f"{self.title}: never done, {self.ticks}")

    def select(self, node):
        """Click a node's card on the canvas."""
        self.hands.click(self.hands.middle(node))

    def do_at_the_press(self, words):
        """The step's own button for an act that would take several clicks elsewhere."""
        self.click(next(each for each in self.panel.step.acts if words in (each.text(), each.toolTip())))
        self.wait(lambda: not self.guide.performer.running and not self.guide.stage.busy, timeout=60000)

    def tab(self, panel):
        """Bring a panel to the front, by its tab."""
        tabs, index = self.window.bottom.place_of(panel)
        bar = tabs.tabBar()
        QTest.mouseClick(bar, LEFT, pos=bar.tabRect(index).center())
        QApplication.processEvents()
        assert panel.isVisible()

    def tensor(self, key):
        """Click the node, its line in the list of tensors, and Table; the table."""
        panel = self.window.engine.tensors
        self.select(key.partition(".")[0])
        if not panel.isVisible():
            self.tab(panel)
        lines = panel.list.lines
        self.wait(lambda: key in [each.key for each in lines.quantities])
        index = lines.index([each.key for each in lines.quantities].index(key))
        panel.list.scrollTo(index)
        QTest.mouseClick(panel.list.viewport(), LEFT, pos=panel.list.visualRect(index).center())
        self.wait(lambda: panel.view.quantity is not None and panel.view.quantity.key == key)
        if panel.view.zeros.isVisible():
            self.click(panel.view.zeros)
        self.click(panel.view.buttons["Table"])
        return panel.view.cells.view

    def type_tensor(self, key, numbers):
        """Type each number into its cell: Enter opens it, Enter takes it, the arrows go on."""
        grid = self.tensor(key)
        numbers = np.atleast_2d(np.array(numbers))
        wanted = (grid.model().rowCount(), grid.model().columnCount())
        if numbers.shape != wanted:
            numbers = numbers.reshape(wanted)  # a long batch of single numbers lies across
        QTest.mouseClick(grid.viewport(), LEFT, pos=grid.visualRect(grid.model().index(0, 0)).center())
        QTest.keyClick(grid, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        for row, line in enumerate(numbers.tolist()):
            if row:
                QTest.keyClick(grid, Qt.Key.Key_Down)
                QTest.keyClick(grid, Qt.Key.Key_Home)
            for column, number in enumerate(line):
                if column:
                    QTest.keyClick(grid, Qt.Key.Key_Right)
                assert (grid.currentIndex().row(), grid.currentIndex().column()) == (row, column)
                QTest.keyClick(grid, Qt.Key.Key_Return)
                editor = QApplication.focusWidget()
                stepper = self.window.engine.stepper
                why = f"ready {stepper.ready}, busy {stepper.busy}, active {self.window.isActiveWindow()}"
                assert isinstance(editor, QLineEdit), f"{key} cannot be typed into: {why}, keys to {editor}"
                QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
                QTest.keyClicks(editor, f"{number:g}")
                QTest.keyClick(editor, Qt.Key.Key_Return)
                QApplication.processEvents()

    def type_setting(self, field, text):
        """Type into a field and press Enter."""
        self.hands.type(field.editor, text)
        QTest.keyClick(field.editor, Qt.Key.Key_Return)
        self.wait(lambda: not self.guide.stage.busy)

    def call(self, node, function):
        """Click the node, and choose one of Torch7's calls in the menu of the bar."""
        self.select(node)
        self.menu("Run", "Torch7's Calls", function)

    def menu(self, *words):
        """Click through the menus of the bar."""
        place, opened = self.window.top_bar.menus, []
        for each in words:
            entry = next(entry for entry in place.actions() if entry.text().replace("&", "") == each)
            assert entry.isEnabled(), each
            QTest.mouseClick(place, LEFT, pos=place.actionGeometry(entry).center())
            if entry.menu():
                place = entry.menu()
                opened.append(place)
                self.wait(place.isVisible)
        self.wait(lambda: not any(menu.isVisible() for menu in opened))
        # A window manager gives the keyboard back when a menu closes; off-screen there is none.
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)
        QApplication.processEvents()

    def number_on(self, node):
        """What the node's card shows."""
        value = self.window.engine.stepper.value(f"{node}.output")
        return float(value.ravel()[0])


@pytest.fixture
def student(qtbot, hands):
    def in_window(window):
        return Student(window, qtbot, hands)

    return in_window


@pytest.fixture
def beginner(empty_window, student):
    """Before an empty window."""
    yield student(empty_window)
    close_others(empty_window)


@pytest.fixture
def lesson_of():
    def by_number(number):
        return next(lesson for lesson in map(read, lesson_files().values()) if lesson.number == number)

    return by_number
