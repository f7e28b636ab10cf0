"""The inspector: what is selected, in words, and editors for all of it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nnstudio.graph import Edge, RemoveEdge
from nnstudio.modules.shapes import format_shape
from nnstudio.studio.canvas.look import edge_label
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.panels.frame_page import FramePage
from nnstudio.studio.panels.node_page import NodePage
from nnstudio.studio.panels.sections import Form, Pages, Section, text
from nnstudio.studio.panels.several_page import SeveralPage

MOST_ROWS = 24


class Inspector(QScrollArea):
    """Shows one node, several, an edge or a frame; where nothing is selected, the graph as a whole."""

    wanted = Signal(str)  # one of the window's actions, by its id

    def __init__(self, document: Document, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._canvas = canvas
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Inspector")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(240)
        self.pages = Pages()
        self.node_page = NodePage(document, canvas)
        self.edge_page = EdgePage(canvas)
        self.graph_page = GraphPage(document, canvas)
        self.several_page = SeveralPage(document, canvas)
        self.frame_page = FramePage(canvas)
        for page in (self.graph_page, self.node_page, self.edge_page, self.several_page, self.frame_page):
            self.pages.addWidget(page)
        for verbs in (self.node_page.wanted, self.several_page.wanted, self.frame_page.verbs.wanted):
            verbs.connect(self.wanted)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 16)
        column.addWidget(self.pages)
        self.setWidget(body)
        canvas.settings_wanted.connect(self.edit_settings)
        canvas.selection_changed.connect(self.follow)
        canvas.sheet.graph_changed.connect(self.follow)
        canvas.sheet.moved.connect(self._follow_frames)
        canvas.sheet.replaced.connect(self.follow)
        canvas.sheet.problems_changed.connect(self.follow)
        self.follow()

    def sizeHint(self) -> QSize:
        return QSize(320, 400)

    def follow(self) -> None:
        """Show what is selected, as it is now."""
        level = self._canvas.sheet.level
        nodes = [key for key in self._canvas.selected_nodes() if key in level.nodes]
        edges = [edge for edge in self._canvas.graph_scene.selected_edges() if edge in level.edges]
        frames = [key for key in self._canvas.graph_scene.selected_frames() if key in level.frames]
        page: QWidget = self.graph_page
        if len(nodes) == 1 and not edges and not frames:
            page = self.node_page
            self.node_page.show_node(nodes[0])
        elif len(edges) == 1 and not nodes and not frames:
            page = self.edge_page
            self.edge_page.show_edge(edges[0])
        elif len(frames) == 1 and not nodes and not edges:
            page = self.frame_page
            self.frame_page.show_frame(frames[0])
        elif len(nodes) > 1:
            page = self.several_page
            self.several_page.show_nodes(nodes, len(edges) + len(frames))
        else:
            self.graph_page.show_graph(len(nodes) + len(edges) + len(frames))
        if self.pages.currentWidget() is not page:
            self.pages.setCurrentWidget(page)
            self.verticalScrollBar().setValue(0)

    def _follow_frames(self) -> None:
        """Titles and colours change without the graph being another."""
        if self._canvas.graph_scene.selected_frames():
            self.follow()

    def edit_name(self) -> None:
        """Put the keyboard into the name of the selected node, or the title of the selected frame."""
        page = self.pages.currentWidget()
        field = self.node_page.name if page is self.node_page else self.frame_page.title
        if page in (self.node_page, self.frame_page):
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            field.selectAll()

    def first_field(self) -> QWidget:
        """What the keyboard goes to: the first setting of the selected node, else its name; itself where
        nothing can be edited.
        """
        if self.pages.currentWidget() is self.node_page:
            fields = list(self.node_page.fields.values())
            return fields[0].editor if fields else self.node_page.name
        if self.pages.currentWidget() is self.frame_page:
            return self.frame_page.title
        if self.pages.currentWidget() is self.several_page:
            several = list(self.several_page.fields.values())
            return several[0].editor if several else self.several_page.verbs.buttons["group"]
        return self.edge_page.remove if self.pages.currentWidget() is self.edge_page else self

    def edit_settings(self) -> None:
        """Put the keyboard into the settings of the selected node."""
        field = self.first_field()
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.ensureWidgetVisible(field)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)


class EdgePage(QWidget):
    """An edge: from where to where, and what flows along it."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._edge: Edge | None = None
        self._title = text("", "title")
        self._shape = text("", "dim")
        self.remove = QPushButton("Disconnect")
        self.remove.clicked.connect(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self._shape):
            column.addWidget(widget)
        column.addSpacing(8)
        column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def show_edge(self, edge: Edge) -> None:
        self._edge = edge
        sheet = self._canvas.sheet
        nodes = sheet.level.nodes
        self._title.setText(f"{nodes[edge.source].name} → {nodes[edge.target].name}")
        shape = edge_label(sheet, edge)
        flows = (
            f"{shape} numbers flow"
            if "N" in shape
            else f"An array of {shape} flows"
            if shape
            else "Nothing flows yet"
        )
        self._shape.setText(f"{flows} into the port {edge.port}.")

    def _remove(self) -> None:
        if self._edge is not None:
            self._canvas.sheet.push(RemoveEdge(self._edge))


class GraphPage(QWidget):
    """The graph as a whole: how large it is, and what to do next."""

    def __init__(self, document: Document, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._sheet = canvas.sheet
        self._title = text("", "title")
        self._size = text("", "dim")
        self._hint = text("", "dim")
        self._largest = Section("Parameters")
        self._form = Form()
        self._largest.column.addWidget(self._form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self._size, self._hint):
            column.addWidget(widget)
        column.addSpacing(16)
        column.addWidget(self._largest)
        column.addStretch(1)

    def show_graph(self, selected: int) -> None:
        sheet = self._sheet
        level = sheet.level
        whole = sheet.names[-1] if sheet.path else "Graph"
        self._title.setText(f"{selected} selected" if selected else whole)
        sizes = sheet.sizes()
        nodes, edges = count(len(level.nodes), "node"), count(len(level.edges), "edge")
        self._size.setText(f"{nodes} · {edges} · {count(sum(sizes.values()), 'parameter')}")
        if selected:
            self._hint.setText("Drag moves them together, Del removes them.")
        elif level.nodes:
            self._hint.setText("Select a node to see and change its settings.")
        else:
            self._hint.setText("Every node you add can be looked into here.")
        rows = list(sizes)[:MOST_ROWS]
        self._largest.setVisible(bool(rows))
        fresh = Form()
        for key in rows:
            shapes = ", ".join(format_shape(each.shape) for each in sheet.parameters(key).values())
            value = text(f"{sizes[key]:,}", "dim")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setToolTip(shapes)
            fresh.add(level.nodes[key].name, value)
        self._largest.column.replaceWidget(self._form, fresh)
        self._form.hide()
        self._form.deleteLater()
        self._form = fresh
