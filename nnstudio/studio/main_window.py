"""The window: palette, canvas, inspector, the tabs below, the bars; and what the menus do."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication, QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.graph import Problem
from nnstudio.studio import theme
from nnstudio.studio.actions import MENUS, ON_CANVAS, SEPARATOR, dress_actions, make_actions
from nnstudio.studio.bars import StatusLine, TopBar
from nnstudio.studio.bottom import BottomPanel
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.engine import Engine
from nnstudio.studio.examples import example_files
from nnstudio.studio.export_dialog import ExportDialog
from nnstudio.studio.panels.inspector import Inspector
from nnstudio.studio.panels.palette import Palette
from nnstudio.studio.panels.problems import ProblemsPanel
from nnstudio.studio.preferences import Preferences
from nnstudio.studio.safekeeping import Safekeeping

FILTER = "nnstudio projects (*.nns *.nns.json)"
_APPEARANCES = {"system": "Like the &Desktop", "light": "&Light", "dark": "&Dark"}


class MainWindow(QMainWindow):
    """Puts the panels around the canvas. What is done to the document, is done through its edits."""

    def __init__(self, document: Document | None = None, preferences: Preferences | None = None) -> None:
        super().__init__()
        self.document = document or Document()
        self.document.setParent(self)
        self.preferences = preferences or Preferences()
        theme.apply(self.preferences.appearance)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_changed)
        self.canvas = Canvas(self.document)
        self.palette_panel = Palette()
        self.inspector = Inspector(self.document, self.canvas)
        self.problems = ProblemsPanel(self.document)
        self.top_bar = TopBar(self.document)
        self.status_line = StatusLine()
        self.bottom = BottomPanel()
        self.tabs = self.bottom.tabs
        self.actions_by_id = make_actions(self)
        self._lay_out()
        self.engine = Engine(self)
        self.safekeeping = Safekeeping(self)
        self._make_menus()
        self._wire()
        self._restore()
        self._retitle()

    # -- building

    def _lay_out(self) -> None:
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.addWidget(self.canvas)
        self.middle.addWidget(self.bottom)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([536, 288])
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.palette_panel, self.middle, self.inspector):
            self.sides.addWidget(widget)
        self.sides.setStretchFactor(1, 1)
        self.sides.setSizes([224, 896, 320])
        for splitter in (self.middle, self.sides):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self.sides, 1)
        column.addWidget(self.status_line)
        self.setCentralWidget(whole)
        self.add_tab(self.problems, "Problems")
        self.setMinimumSize(1024, 600)
        self.resize(1440, 900)
        self.canvas.setFocus()

    def add_tab(self, panel: QWidget, title: str, before: str = "Problems") -> None:
        """Add a panel to the tabs below, in front of another tab."""
        titles = [self.tabs.tabText(i).split(" ")[0] for i in range(self.tabs.count())]
        index = titles.index(before) if before in titles and title != before else self.tabs.count()
        self.tabs.insertTab(index, panel, title)
        self.tabs.setCurrentIndex(0)

    def _make_menus(self) -> None:
        for title, entries in MENUS.items():
            menu = self.top_bar.menus.addMenu(title)
            for entry in entries:
                if entry == SEPARATOR:
                    menu.addSeparator()
                elif entry == "@recent":
                    self._recent_menu = menu.addMenu("Open &Recent")
                    self._recent_menu.aboutToShow.connect(self._fill_recent)
                elif entry == "@examples":
                    self._examples_menu = menu.addMenu("E&xamples")
                    self._examples_menu.aboutToShow.connect(self._fill_examples)
                elif entry == "@appearance":
                    self._add_appearances(menu.addMenu("A&ppearance"))
                else:
                    menu.addAction(self.actions_by_id[entry])
        for name, action in self.actions_by_id.items():
            if name in ON_CANVAS:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                self.canvas.addAction(action)
            else:
                self.addAction(action)

    def _add_appearances(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for scheme, title in _APPEARANCES.items():
            action = QAction(title, menu, checkable=True, checked=scheme == self.preferences.appearance)
            action.triggered.connect(partial(self.set_appearance, scheme))
            group.addAction(action)
            menu.addAction(action)

    def _wire(self) -> None:
        document, canvas = self.document, self.canvas
        self.palette_panel.chosen.connect(self.add_module)
        canvas.node_opened.connect(self.rename_node)
        canvas.refused.connect(self.warn)
        canvas.uses = self.preferences.uses
        canvas.module_added.connect(self.preferences.count_use)
        canvas.menu_wanted.connect(self._show_context_menu)
        canvas.selection_changed.connect(self._follow_selection)
        document.failed.connect(self.say_failed)
        document.modified_changed.connect(self._retitle)
        document.named.connect(self._retitle)
        document.graph_changed.connect(self._follow_selection)
        document.replaced.connect(self._follow_selection)
        self.problems.shown.connect(self.show_problem)
        self.problems.counted.connect(self._count_problems)
        self.top_bar.export.clicked.connect(self.export_document)
        stack = document.stack
        stack.undoTextChanged.connect(self._follow_stack)
        stack.redoTextChanged.connect(self._follow_stack)
        stack.indexChanged.connect(self._follow_stack)
        self._follow_stack()
        self._follow_selection()
        self._count_problems(len(document.problems))

    # -- following the document

    def _follow_stack(self) -> None:
        stack = self.document.stack
        for name, verb, able, label in (
            ("undo", "&Undo", stack.canUndo(), stack.undoText()),
            ("redo", "&Redo", stack.canRedo(), stack.redoText()),
        ):
            action = self.actions_by_id[name]
            action.setEnabled(able)
            action.setText(f"{verb} {label}".rstrip())

    def _follow_selection(self) -> None:
        nodes, edges = self.canvas.selected_nodes(), self.canvas.graph_scene.selected_edges()
        self.actions_by_id["delete"].setEnabled(bool(nodes or edges))
        for name in ("rename", "connect"):
            self.actions_by_id[name].setEnabled(len(nodes) == 1)

    def _count_problems(self, number: int) -> None:
        index = self.tabs.indexOf(self.problems)
        self.tabs.setTabText(index, f"Problems ({number})" if number else "Problems")

    def _retitle(self) -> None:
        self.setWindowTitle(f"{self.document.title}[*] – nnstudio")
        self.setWindowModified(self.document.modified)

    def set_standing(self, text: str) -> None:
        """What the status line says on the left."""
        self.status_line.set_left(text)

    def say(self, sentence: str, tone: str = "") -> None:
        """A sentence for the user, for some seconds, in the status line."""
        self.status_line.say(sentence, tone)

    def warn(self, sentence: str) -> None:
        self.say(sentence, "warning")

    def say_failed(self, sentence: str) -> None:
        self.say(sentence, "error")

    def show_problem(self, problem: Problem) -> None:
        """Select and bring into view what a problem is about."""
        canvas = self.canvas
        canvas.sheet.go(problem.path[:-1])
        edge, node = canvas.sheet.edge_of(problem), canvas.sheet.here(problem.path)
        if edge is not None and edge in canvas.graph_scene.edges:
            canvas.select([], [edge])
            canvas.reveal(edge.target)
        elif node is not None:
            canvas.select([node])
            canvas.reveal(node)

    # -- files

    def new_document(self) -> None:
        if self.may_leave():
            self.document.new()

    def open_document(self) -> None:
        if not self.may_leave():
            return
        start = str(self.document.path.parent) if self.document.path else ""
        name, _ = QFileDialog.getOpenFileName(self, "Open a project", start, FILTER)
        if name:
            self.open_path(name, asked=True)

    def open_path(self, path: str | Path, asked: bool = False) -> bool:
        """Open a file, asking about unsaved changes unless that was done; False where it was not opened."""
        if not asked and not self.may_leave():
            return False
        try:
            if not self.safekeeping.open(path):
                return False
        except Error as error:
            self.complain("The project could not be opened.", str(error))
            return False
        self.preferences.remember_file(Path(path))
        return True

    def save_document(self) -> bool:
        """Write to the file it came from, or ask for one. Whether it was written."""
        if self.document.path is None:
            return self.save_document_as()
        return self._save_to(self.document.path)

    def save_document_as(self) -> bool:
        start = str(self.document.path or Path.cwd() / "network.nns")
        name, _ = QFileDialog.getSaveFileName(self, "Save the project", start, FILTER)
        if not name:
            return False
        if not name.lower().endswith((".nns", ".nns.json")):
            name += ".nns"
        return self._save_to(Path(name))

    def _save_to(self, path: Path) -> bool:
        answer = self.safekeeping.before_writing(path)
        if answer != "write":
            return answer == "elsewhere" and self.save_document_as()
        try:
            self.engine.settle()
            self.document.save(path, self.engine.thumbnail())
        except Error as error:
            self.complain("The project could not be saved.", str(error))
            return False
        self.preferences.remember_file(path)
        self.say(f"Saved {path.name}.")
        return True

    def export_document(self) -> None:
        """Ask for a format and a place, and write the network as a script."""
        self.engine.settle()
        ExportDialog(self.document, self).exec()

    def may_leave(self) -> bool:
        """Whether this document may be given up: saved, or the user said so."""
        self.engine.settle()
        if not self.document.modified:
            return True
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("nnstudio")
        box.setText(f"Save the changes to {self.document.title}?")
        box.setInformativeText("They are lost otherwise.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answer = box.exec()
        if answer == buttons.Save:
            return self.save_document()
        return answer == buttons.Discard

    def complain(self, what: str, why: str) -> None:
        """Tell that something the user asked for could not be done."""
        box = QMessageBox(self)
        box.setWindowTitle("nnstudio")
        box.setText(what)
        box.setInformativeText(why)
        box.exec()

    def _fill_recent(self) -> None:
        self._fill(self._recent_menu, {path.name: path for path in self.preferences.recent}, "No file yet")

    def _fill_examples(self) -> None:
        self._fill(self._examples_menu, example_files(), "No examples found")

    def _fill(self, menu: QMenu, files: dict[str, Path], nothing: str) -> None:
        menu.clear()
        for title, path in files.items():
            menu.addAction(title).triggered.connect(partial(self.open_path, path))
        if not files:
            menu.addAction(nothing).setEnabled(False)

    # -- editing and looking

    def add_module(self, module: str) -> None:
        self.canvas.editing.add_module(module)

    def undo(self) -> None:
        self.canvas.abandon()
        self.document.undo()

    def redo(self) -> None:
        self.canvas.abandon()
        self.document.redo()

    def rename_node(self, _node_id: str = "") -> None:
        self.inspector.edit_name()

    def search_modules(self) -> None:
        self.palette_panel.focus_search()

    def zoom_in(self) -> None:
        self.canvas.zoom(1.25)

    def zoom_out(self) -> None:
        self.canvas.zoom(0.8)

    def zoom_reset(self) -> None:
        self.canvas.zoom(1 / self.canvas.scale_now())

    def set_appearance(self, scheme: str, _checked: bool = True) -> None:
        self.preferences.appearance = scheme
        theme.apply(scheme)

    def _desktop_changed(self) -> None:
        theme.apply(self.preferences.appearance)

    def show_about(self) -> None:
        import nnstudio

        box = QMessageBox(self)
        box.setWindowTitle("About nnstudio")
        box.setText(f"nnstudio {nnstudio.__version__}")
        box.setInformativeText(
            "Draw a neural network as a graph, step through its program forwards and backwards, "
            "train it, read it, and take it with you."
        )
        box.exec()

    def _show_context_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        for name in ("connect", "rename", "delete"):
            if self.actions_by_id[name].isEnabled():
                menu.addAction(self.actions_by_id[name])
        if not menu.isEmpty():
            menu.addSeparator()
        for name in ("undo", "redo", "select_all", "arrange", "frame_all"):
            menu.addAction(self.actions_by_id[name])
        menu.popup(where)

    # -- the window

    def _restore(self) -> None:
        for name, splitter in (("sides", self.sides), ("middle", self.middle), ("bottom", self.bottom)):
            state = self.preferences.layout(name)
            if state is not None:
                splitter.restoreState(state)
        geometry = self.preferences.layout("window")
        if geometry is not None:
            self.restoreGeometry(geometry)

    def _keep(self) -> None:
        self.preferences.keep_layout("sides", self.sides.saveState())
        self.preferences.keep_layout("middle", self.middle.saveState())
        self.preferences.keep_layout("bottom", self.bottom.saveState())
        self.preferences.keep_layout("window", self.saveGeometry())
        self.preferences.sync()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.canvas.abandon()
        if not self.may_leave():
            event.ignore()
            return
        self.engine.close()
        self.safekeeping.close()
        self._keep()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "engine"):
            self.engine.fit_into(event.size().width())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_id"):
            theme.dress_later(self, partial(dress_actions, self.actions_by_id))
        super().changeEvent(event)


def window_icon() -> QIcon:
    return theme.icon("connect")
