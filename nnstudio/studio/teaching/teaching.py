"""Teaching in a window: the Lessons panel in the palette's place, lessons begun and left, presenting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from nnstudio.errors import Error
from nnstudio.lessons import Lesson, read
from nnstudio.studio.teaching.guide import Guide
from nnstudio.studio.teaching.halos import Halos
from nnstudio.studio.teaching.lessons_panel import WIDTH, LessonsPanel

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

FILTER = "nnstudio lessons (*.lesson)"
DURING = ("lesson_next", "lesson_back", "lesson_show", "lesson_again", "lesson_leave")


class Teaching(QObject):
    """Made by the window, for its actions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.guide = Guide(window)
        self.panel = LessonsPanel(self.guide, window.preferences)
        self.panel.hide()
        self.halos = Halos(window, self.guide)
        self._sizes: list[int] | None = None
        window.left_side.addWidget(self.panel)
        self.panel.chosen.connect(self.start)
        self.panel.file_wanted.connect(self.open_file)
        self.panel.closed.connect(self.close_panel)
        self.panel.again.connect(self.again)
        self.guide.turned.connect(self._follow)
        self.guide.changed.connect(self._follow)
        self.guide.said.connect(window.say)
        self._follow()

    # -- the panel's place

    @property
    def open(self) -> bool:
        """Whether the panel is there."""
        return self.panel.isVisibleTo(self._window)

    def toggle_panel(self) -> None:
        """The list of lessons, or the step that one is at; again, and the palette comes back."""
        if self.open and self.guide.tour is None:
            self.close_panel()
        else:
            self.show_panel()
            self.panel.focus_first()

    def show_panel(self) -> None:
        if self.open:
            return
        window = self._window
        self.panel.list.follow()
        self._sizes = window.sides.sizes()
        window.palette_panel.hide()
        self.panel.show()
        left, middle, right = self._sizes
        # The canvas gives what the panel needs more than the palette.
        window.sides.setSizes([WIDTH, max(200, middle - (WIDTH - left)), right])

    def close_panel(self) -> None:
        """The palette comes back to its place, as wide as it was."""
        if not self.open:
            return
        window, sizes = self._window, self._sizes
        left, middle, right = window.sides.sizes()
        had_keys = self.panel.isAncestorOf(window.focusWidget() or window)
        self.panel.hide()
        window.palette_panel.show()
        if sizes is not None:
            window.sides.setSizes([sizes[0], middle + left - sizes[0], right])
        self._sizes = None
        if had_keys:
            window.canvas.setFocus()

    # -- lessons

    def start(self, lesson: Lesson, again: bool = False) -> None:
        """Begin or go on with a lesson: here where nothing of the user's is open, else in another window."""
        window = self._window
        document = window.document
        own = document.level.nodes or document.path is not None or document.modified
        if own and not self.guide.stage.mine:
            other = window.windows.open()
            other.teaching.start(lesson, again)
            return
        self.show_panel()
        if self.guide.begin(lesson, again):
            window.canvas.setFocus()

    def open_file(self) -> None:
        """Ask for a lesson's file, and begin with it."""
        name = QFileDialog.getOpenFileName(self._window, "Open a lesson", "", FILTER)[0]
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> bool:
        """Begin with a lesson's file; what is wrong with it is told with its line."""
        try:
            lesson = read(path)
        except Error as error:
            self._window.complain("The lesson could not be opened.", str(error))
            return False
        self.start(lesson)
        return True

    def again(self) -> None:
        """The same lesson from its first step."""
        if self.guide.lesson is not None:
            self.guide.begin(self.guide.lesson, again=True)

    def next(self) -> None:
        self.panel.next.click()

    def back(self) -> None:
        self.guide.back()

    def show_me(self) -> None:
        if self.panel.show_me.isVisible() and self.panel.show_me.isEnabled():
            self.panel.show_me.click()

    def leave(self) -> None:
        self.guide.leave()

    def close(self) -> None:
        """The window closes: it is kept as it is without the panel."""
        self.guide.leave()
        self.close_panel()

    def _follow(self) -> None:
        guide, actions = self.guide, self._window.actions_by_id
        able = {
            "lesson_next": self.panel.next.isEnabled(),
            "lesson_back": guide.shown > 0,
            "lesson_show": guide.live and guide.page is not None and bool(guide.page.step.acts),
        }
        for name in DURING:
            actions[name].setEnabled(guide.tour is not None and able.get(name, True))
        if guide.tour is not None and not self.open:
            self.show_panel()
