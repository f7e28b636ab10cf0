"""The window: palette, canvas, inspector, the tabs below, the bars; and what the menus do."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from nnstudio.graph import Problem
from nnstudio.studio import theme
from nnstudio.studio.actions import dress_actions, make_actions
from nnstudio.studio.bars import StatusLine, TopBar
from nnstudio.studio.bottom import BottomPanel
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.clipboard import Clipboard
from nnstudio.studio.command_palette import CommandPalette
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.engine import Engine
from nnstudio.studio.files import Files
from nnstudio.studio.find_bar import FindBar
from nnstudio.studio.history import FieldUndo, HistoryPanel
from nnstudio.studio.keeping import Keeping
from nnstudio.studio.menus import Menus
from nnstudio.studio.panels.inspector import Inspector
from nnstudio.studio.panels.palette import Palette
from nnstudio.studio.panels.problems import ProblemsPanel
from nnstudio.studio.panes import Panes
from nnstudio.studio.pictures import Pictures
from nnstudio.studio.preferences import Preferences
from nnstudio.studio.questions import tell
from nnstudio.studio.safekeeping import Safekeeping
from nnstudio.studio.start_page import StartPage
from nnstudio.studio.teaching.presenting import Presenting
from nnstudio.studio.teaching.teaching import Teaching
from nnstudio.studio.view_memory import ViewMemory
from nnstudio.studio.windows import Windows, project_files


class MainWindow(Dressed, QMainWindow):
    """Puts the panels around the canvas. What is done to the document, is done through its edits."""

    def __init__(
        self,
        document: Document | None = None,
        preferences: Preferences | None = None,
        windows: Windows | None = None,
    ) -> None:
        super().__init__()
        self._shown = False
        self.document = document or Document()
        self.document.setParent(self)
        self.preferences = preferences or Preferences()
        self.windows = windows or Windows(self.preferences)
        self.windows.add(self)
        theme.apply(self.preferences.appearance)
        theme.when_desktop_changes(self._desktop_changed)
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
        self.files = Files(self)
        self.panes = Panes(self)
        self.history = HistoryPanel(self.document)
        self.add_tab(self.history, "History")
        self.menus = Menus(self)
        self.find_bar = FindBar(self.canvas)
        self.commands = CommandPalette(self)
        self.teaching = Teaching(self)
        self.presenting = Presenting(self)
        self.pictures = Pictures(self)
        self.clipboard = Clipboard(self.canvas, self.say, self.warn, self)
        self.keeping = Keeping(self)
        self.start_page = StartPage(self)
        self.view_memory = ViewMemory(self.document, self.canvas, self.preferences)
        self.field_undo = FieldUndo(self)
        self._wire()
        self._restore()
        self._retitle()

    # -- building

    def _lay_out(self) -> None:
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.addWidget(self.canvas)
        self.middle.addWidget(self.bottom)
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([488, 336])
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        self.left = QWidget()  # a lesson stands here in the palette's place
        self.left_side = QVBoxLayout(self.left)
        self.left_side.setContentsMargins(0, 0, 0, 0)
        self.left_side.addWidget(self.palette_panel)
        for widget in (self.left, self.middle, self.inspector):
            self.sides.addWidget(widget)
        self.sides.setStretchFactor(1, 1)
        self.sides.setSizes([224, 896, 320])
        for splitter in (self.middle, self.sides):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        whole = QWidget()
        self._column = column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self.sides, 1)
        column.addWidget(self.status_line)
        self.setCentralWidget(whole)
        self.add_tab(self.problems, "Problems")
        self.setMinimumSize(1024, 600)
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self.canvas.setFocus()

    def add_below_top(self, widget: QWidget) -> None:
        """Put a strip between the top bar and everything else."""
        self._column.insertWidget(1, widget)

    def add_above_bottom(self, widget: QWidget) -> None:
        """Put a strip between everything else and the status line."""
        self._column.insertWidget(self._column.indexOf(self.status_line), widget)

    def add_tab(self, panel: QWidget, title: str, before: str = "Problems") -> None:
        """Add a panel to the tabs below, in front of another tab."""
        titles = [self.tabs.tabText(i).split(" ")[0] for i in range(self.tabs.count())]
        index = titles.index(before) if before in titles and title != before else self.tabs.count()
        self.tabs.insertTab(index, panel, title)
        self.tabs.setCurrentIndex(0)

    def _wire(self) -> None:
        document, canvas = self.document, self.canvas
        self.palette_panel.chosen.connect(self.add_module)
        self.inspector.wanted.connect(lambda name: self.actions_by_id[name].trigger())
        canvas.node_opened.connect(self.open_node)
        canvas.refused.connect(self.warn)
        canvas.uses = self.preferences.uses
        canvas.module_added.connect(self.preferences.count_use)
        canvas.selection_changed.connect(self._follow_selection)
        document.failed.connect(self.say_failed)
        document.modified_changed.connect(self._retitle)
        document.named.connect(self._retitle)
        document.graph_changed.connect(self._follow_selection)
        document.moved.connect(self._follow_selection)
        document.replaced.connect(self._follow_selection)
        self.problems.shown.connect(self.show_problem)
        self.problems.counted.connect(self._count_problems)
        self.top_bar.export.clicked.connect(self.files.export)
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
        nodes = self.canvas.selected_nodes()
        for name, usable in self.canvas.editing.usable().items():
            self.actions_by_id[name].setEnabled(usable)
        self.actions_by_id["arrange"].setText("A&rrange" if len(nodes) < 2 else "A&rrange the Selection")
        frames = self.canvas.graph_scene.selected_frames()
        for name in ("cut", "copy", "duplicate"):
            self.actions_by_id[name].setEnabled(bool(nodes or frames))
        self.actions_by_id["group"].setEnabled(bool(nodes or frames))
        level = self.canvas.sheet.level
        groups = [key for key in nodes if key in level.nodes and level.nodes[key].is_group]
        self.actions_by_id["ungroup"].setEnabled(bool(groups))
        self.actions_by_id["keep_group"].setEnabled(len(groups) == 1)
        self.actions_by_id["enter"].setEnabled(len(groups) == len(nodes) == 1)
        self.actions_by_id["leave"].setEnabled(bool(self.canvas.sheet.path))
        for name in ("rename", "connect", "connect_to"):
            self.actions_by_id[name].setEnabled(len(nodes) == 1)
        for name in ("copy_picture", "save_picture"):
            self.actions_by_id[name].setEnabled(bool(self.canvas.graph_scene.nodes))

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
        else:  # the whole graph's: there is only the row to be seen
            self.bottom.show_panel(self.problems)

    def complain(self, what: str, why: str) -> None:
        """Tell that something the user asked for could not be done."""
        tell(self, what, why)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if project_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        first, *others = project_files(event.mimeData())
        event.acceptProposedAction()

        def take() -> None:
            if self.files.open_path(first):
                for path in others:
                    self.windows.open_path(path)

        # Questions may be asked, and nobody who drags should wait for the answers.
        QTimer.singleShot(0, self, take)

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

    def open_node(self, node_id: str) -> None:
        """A double-click: a single number is swept, any other module shows its name to be typed."""
        if not self.engine.tensors.popup.open(node_id, settings=False):
            self.rename_node()

    def show_history(self) -> None:
        self.bottom.show_panel(self.history)
        self.history.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def walk_problems(self, by: int = 1) -> None:
        """Show the next problem, wherever in the graph it is."""
        if self.problems.walk(by) is None:
            self.say("There is no problem.")

    def walk_problems_back(self) -> None:
        self.walk_problems(-1)

    def search_modules(self) -> None:
        if self.teaching.guide.tour is not None:
            self.canvas.editing.search()  # the lesson stands in the palette's place
            return
        self.teaching.close_panel()
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

    def set_reduced_motion(self, reduced: bool) -> None:
        """In all windows: pulses stand still, and nodes are at once where they are put."""
        self.preferences.reduced_motion = reduced
        for window in self.windows:
            window.canvas.pulses.reduced = reduced

    def _desktop_changed(self) -> None:
        theme.apply(self.preferences.appearance)

    def show_about(self) -> None:
        import nnstudio

        tell(
            self,
            f"nnstudio {nnstudio.__version__}",
            "Draw a neural network as a graph, step through its program forwards and backwards, "
            "train it, read it, and take it with you.",
        )

    # -- the window

    def _restore(self) -> None:
        self.canvas.pulses.reduced = self.preferences.reduced_motion
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
        self.view_memory.keep()
        self.preferences.sync()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.canvas.abandon()
        if not self.files.may_leave():
            event.ignore()
            return
        self.presenting.leave()
        self.teaching.close()
        self.engine.close()
        self.safekeeping.close()
        self._keep()
        self.windows.remove(self)
        event.accept()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous() and not self._shown:
            self._shown = True
            self.view_memory.begin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "engine"):
            self.engine.fit_into(event.size().width())

    def _dress(self) -> None:
        dress_actions(self.actions_by_id)


def window_icon() -> QIcon:
    return theme.icon("connect")
