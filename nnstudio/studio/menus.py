"""The menus: the bar's, those that fill themselves when they open, and the canvas' own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from nnstudio.studio.actions import ON_CANVAS
from nnstudio.studio.examples import example_files
from nnstudio.studio.menu_tables import CONTEXT, MENUS, SEPARATOR, SUBMENUS
from nnstudio.studio.templates import TEMPLATES

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

APPEARANCES = {
    "system": "Like the &Desktop",
    "light": "&Light",
    "dark": "&Dark",
    "contrast": "&High Contrast",
}


class Menus(QObject):
    """Fills the window's menu bar, and gives every action to the widget where its shortcut works."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.appearances: dict[str, QAction] = {}
        for title, entries in MENUS.items():
            menu = window.top_bar.menus.addMenu(title)
            for entry in entries:
                self._add(menu, entry)
        for name, action in window.actions_by_id.items():
            if name in ON_CANVAS:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                window.canvas.addAction(action)
            else:
                window.addAction(action)
        window.canvas.menu_wanted.connect(self.show_context)

    def _add(self, menu: QMenu, entry: str) -> None:
        if entry == SEPARATOR:
            menu.addSeparator()
        elif entry == "@recent":
            self.recent = menu.addMenu("Open &Recent")
            self.recent.aboutToShow.connect(self._fill_recent)
        elif entry == "@examples":
            self.examples = menu.addMenu("E&xamples")
            self.examples.aboutToShow.connect(self._fill_examples)
        elif entry == "@templates":
            self.templates = menu.addMenu("New from &Template")
            for template in TEMPLATES:
                action = self.templates.addAction(template.title)
                action.triggered.connect(partial(self._open_template, template.id))
        elif entry == "@appearance":
            self._add_appearances(menu.addMenu("A&ppearance"))
        elif entry in SUBMENUS:
            title, entries = SUBMENUS[entry]
            within = menu.addMenu(title)
            for each in entries:
                self._add(within, each)
        else:
            menu.addAction(self._window.actions_by_id[entry])

    def _add_appearances(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for scheme, title in APPEARANCES.items():
            action = QAction(title, menu, checkable=True)
            action.triggered.connect(partial(self._window.set_appearance, scheme))
            group.addAction(action)
            menu.addAction(action)
            self.appearances[scheme] = action
        menu.addSeparator()
        self.motion = QAction("Reduce &Motion", menu, checkable=True)
        self.motion.triggered.connect(self._window.set_reduced_motion)
        menu.addAction(self.motion)
        # Another window may have chosen since.
        menu.aboutToShow.connect(self._check_appearance)
        self._check_appearance()

    def _check_appearance(self) -> None:
        self.appearances[self._window.preferences.appearance].setChecked(True)
        self.motion.setChecked(self._window.preferences.reduced_motion)

    def _open_template(self, name: str) -> None:
        self._window.files.open_template(name)

    def _fill_recent(self) -> None:
        self._fill(self.recent, {path.name: path for path in self._window.preferences.recent}, "No file yet")

    def _fill_examples(self) -> None:
        self._fill(self.examples, example_files(), "No examples found")

    def _fill(self, menu: QMenu, files: Mapping[str, Path], nothing: str) -> None:
        menu.clear()
        for title, path in files.items():
            menu.addAction(title).triggered.connect(partial(self._window.files.open_path, path))
        if not files:
            menu.addAction(nothing).setEnabled(False)

    def show_context(self, where: QPoint) -> None:
        """What can be done with what is selected on the canvas, and with all of it."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for part in CONTEXT:
            usable = [name for name in part if self._offers(name)]
            if usable and not menu.isEmpty():
                menu.addSeparator()
            for name in usable:
                self._add(menu, name)
        if self._window.canvas.graph_scene.selected_frames():
            menu.addSeparator()
            self._window.canvas.editing.frames.colour_menu(menu)
        menu.popup(where)

    def _offers(self, entry: str) -> bool:
        """Whether it, or anything in it, can be done now."""
        if entry in SUBMENUS:
            return any(self._offers(each) for each in SUBMENUS[entry][1] if each != SEPARATOR)
        return self._window.actions_by_id[entry].isEnabled()
