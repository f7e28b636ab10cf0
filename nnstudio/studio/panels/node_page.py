"""The inspector's page for one node."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.graph import AddEdge, Edge, Edit, RemoveEdge, Rename, Sequence, SetSetting
from nnstudio.graph.naming import check_name
from nnstudio.graph.node import Node
from nnstudio.graph.order import reachable
from nnstudio.graph.ports import definition_of, input_ports, nodes_in, output_ports
from nnstudio.modules.module import Definition
from nnstudio.modules.shapes import count as numbers_in
from nnstudio.modules.shapes import format_shape
from nnstudio.program.statement import Statement
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.panels.equations import EquationsBox
from nnstudio.studio.panels.fields import bound_field
from nnstudio.studio.panels.problem_row import ProblemRow, related
from nnstudio.studio.panels.sections import Complaint, Form, Section, empty_layout, tab_through, text
from nnstudio.studio.panels.setting_field import SettingField
from nnstudio.studio.panels.verbs import Verbs

NOT_CONNECTED = "not connected"
_MOST_ROWS = 24


class NameEdit(QLineEdit):
    """Enter and leaving apply the name, Esc gives it up, and leaves the inspector."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.undo_all()
            self.setModified(False)
        super().keyPressEvent(event)

    def undo_all(self) -> None:
        while self.isUndoAvailable():
            self.undo()


class NodePage(QWidget):
    """Rebuilt when another node or type is shown; else only its values are brought up to date."""

    wanted = Signal(str)  # one of the window's actions, by its id

    def __init__(self, document: Document, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._sheet = canvas.sheet
        self._node_id = ""
        self._type = ""
        self.fields: dict[str, SettingField] = {}
        self.inputs: dict[str, QComboBox] = {}
        self._sources: list[tuple[str, str] | None] = []
        self.name = NameEdit()
        self.name.setProperty("kind", "title")
        self.name.setAccessibleName("Name of the node")
        self.name.editingFinished.connect(self._rename)
        self.name.textEdited.connect(self._check_name)
        self._name_complaint = Complaint()
        self._line = text("", "dim")
        self._doc = text("", "dim")
        self._equations = EquationsBox()
        self._problems = Section("Problems")
        self._settings = Section("Settings")
        self._inputs = Section("Inputs")
        self._outputs = Section("Outputs")
        self.verbs = Verbs(("enter", "ungroup", "keep_group"))
        self.verbs.wanted.connect(self.wanted)
        self._parameters = Section("Parameters")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        head = QVBoxLayout()
        head.setSpacing(2)
        for widget in (self.name, self._name_complaint, self._line):
            head.addWidget(widget)
        column.addLayout(head)
        column.addWidget(self.verbs)
        column.addWidget(self._problems)
        about = QVBoxLayout()
        about.setSpacing(8)
        about.addWidget(self._equations)
        about.addWidget(self._doc)
        column.addLayout(about)
        for section in (self._settings, self._inputs, self._outputs, self._parameters):
            column.addWidget(section)
        column.addStretch(1)

    # -- showing

    def show_node(self, node_id: str) -> None:
        node = self._sheet.level.nodes[node_id]
        if (node_id, node.type) != (self._node_id, self._type):
            self._node_id, self._type = node_id, node.type
            self._build(node)
        self._show_values(node)

    def _build(self, node: Node) -> None:
        """Make the editors this type of node needs."""
        definition = definition_of(node)
        self._doc.setText(_documentation(node, definition))
        self.fields = {}
        form = Form()
        for name, setting in (definition.settings if definition else {}).items():
            field = bound_field(setting, self._document, partial(self._set, name))
            self.fields[name] = field
            form.add(field.label(), field, setting.doc)
        empty_layout(self._settings.column)
        self._settings.column.addWidget(form)
        tab_through(self.name, [field.editor for field in self.fields.values()])
        self._settings.setVisible(bool(self.fields))
        self.name.clearFocus()

    def _show_values(self, node: Node) -> None:
        if (self.name.text() != node.name and not self.name.hasFocus()) or not self.name.isModified():
            self.name.setText(node.name)
            self._name_complaint.hide()
        self._line.setText(self._summary(node))
        for name, field in self.fields.items():
            field.show_value(node.settings[name])
        definition = definition_of(node)
        self._equations.show_equations(definition.formula if definition else "", self._statements(node))
        self._show_inputs(node)
        self._show_outputs(node)
        self.verbs.setVisible(node.is_group)
        empty_layout(self._parameters.column)
        parameters = self._sheet.parameters(node.id)
        form = Form()
        if node.is_group:
            self._show_sizes_inside(node, form)
        for name, parameter in parameters.items():
            numbers = f"  ({numbers_in(parameter.shape):,})" if len(parameter.shape) > 1 else ""
            form.add(name, _on_the_right(f"{format_shape(parameter.shape)}{numbers}"))
        self._parameters.column.addWidget(form)
        self._parameters.setVisible(form.grid.count() > 0)
        self._show_problems(node)

    def _summary(self, node: Node) -> str:
        """Linear · N×2 → N×8 · 24 parameters"""
        sheet = self._sheet
        given = [format_shape(shape) for shape in sheet.input_shapes(node.id).values()]
        shape = sheet.shapes().get(node.id)
        flow = f"{', '.join(given)} → " if given else ""
        parts = [node.type, f"{flow}{format_shape(shape)}" if shape is not None else "shape not known yet"]
        if node.inside is not None:
            parts.insert(1, count(nodes_in(node.inside), "node"))
        numbers = sheet.sizes().get(node.id, 0)
        if numbers:
            parts.append(count(numbers, "parameter"))
        return " · ".join(parts)

    def _show_outputs(self, node: Node) -> None:
        """The ports of a group, with what they give; any other node has one."""
        ports = self._sheet.output_shapes(node.id) if node.is_group else {}
        empty_layout(self._outputs.column)
        form = Form()
        for port, shape in ports.items():
            form.add(port, _on_the_right("not known yet" if shape is None else format_shape(shape)))
        self._outputs.column.addWidget(form)
        self._outputs.setVisible(bool(ports))

    def _show_sizes_inside(self, node: Node, form: Form) -> None:
        """Which nodes in a group learn, and how many numbers."""
        inside = node.inside
        sizes = self._document.sizes((*self._sheet.path, node.id)) if inside is not None else {}
        for key, size in list(sizes.items())[:_MOST_ROWS]:
            form.add(inside.nodes[key].name if inside is not None else key, _on_the_right(f"{size:,}"))

    def _statements(self, node: Node) -> list[Statement]:
        """The lines of the program that belong to a node, forwards and backwards."""
        return [
            statement
            for statement in self._document.statements
            if self._sheet.here(statement.path) == node.id and statement.phase in ("forward", "backward")
        ]

    def _show_problems(self, node: Node) -> None:
        found = related(self._sheet.problems, (*self._sheet.path, node.id))
        empty_layout(self._problems.column)
        for problem in found:
            row = ProblemRow(problem, with_node=False)
            row.fixed.connect(lambda each: self._document.push(each.fix))
            self._problems.column.addWidget(row)
        self._problems.setVisible(bool(found))

    def _show_inputs(self, node: Node) -> None:
        """A choice of sources for every port: the way to connect without a mouse."""
        level = self._sheet.level
        ports = input_ports(level, node)
        self._inputs.setVisible(bool(ports))
        if tuple(self.inputs) != ports or any(
            box.property("node") != node.id for box in self.inputs.values()
        ):
            self._build_inputs(node, ports)
        behind = reachable([node.id], level.edges)
        sources = [
            (f"{other.name}.{port}" if len(output_ports(level, other)) > 1 else other.name, (key, port))
            for key, other in level.nodes.items()
            if key not in behind
            for port in output_ports(level, other)
        ]
        # Kept here and not as item data: Qt would hand the pairs back as lists.
        self._sources = [None, *(source for _, source in sources)]
        edges = self._sheet.graph.inputs_of(node.id, self._sheet.path)
        for port, chooser in self.inputs.items():
            edge = edges.get(port)
            chooser.blockSignals(True)
            chooser.clear()
            chooser.addItems([NOT_CONNECTED, *(name for name, _ in sources)])
            source = None if edge is None else (edge.source, edge.source_port)
            chooser.setCurrentIndex(self._sources.index(source) if source in self._sources else 0)
            chooser.blockSignals(False)

    def _build_inputs(self, node: Node, ports: tuple[str, ...]) -> None:
        empty_layout(self._inputs.column)
        form = Form()
        self.inputs = {}
        for port in ports:
            chooser = Chooser()
            chooser.setAccessibleName(f"What feeds {port}")
            chooser.setProperty("node", node.id)
            chooser.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chooser.activated.connect(lambda index, port=port: self._feed(port, self._sources[index]))
            self.inputs[port] = chooser
            form.add(port, chooser)
        self._inputs.column.addWidget(form)
        tab_through([self.name, *(field.editor for field in self.fields.values())][-1], self.inputs.values())

    # -- changing

    def _set(self, name: str, value: Any) -> None:
        self._sheet.push(SetSetting(self._node_id, name, value), merge=self.fields[name].sweep)

    def _check_name(self, name: str) -> None:
        """Say at once what is wrong with a name."""
        try:
            check_name(self._sheet.level, name, self._node_id)
        except Error as error:
            self._name_complaint.say(str(error))
        else:
            self._name_complaint.say("")

    def _rename(self) -> None:
        node = self._sheet.level.nodes.get(self._node_id)
        if node is None or not self.name.isModified():
            return
        name = self.name.text().strip()
        self.name.setModified(False)
        self._name_complaint.hide()
        if name == node.name or not self._sheet.push(Rename(node.id, name)):
            self.name.setText(node.name)

    def _feed(self, port: str, source: tuple[str, str] | None) -> None:
        """Connect a port to another source, or to none."""
        former = self._sheet.graph.inputs_of(self._node_id, self._sheet.path).get(port)
        edits: list[Edit] = [] if former is None else [RemoveEdge(former)]
        if source is not None:
            edge = Edge(source[0], self._node_id, port, source[1])
            if edge == former:
                return
            edits.append(AddEdge(edge))
        if edits:
            label = edits[-1].label_on(self._sheet.level)
            self._sheet.push(Sequence(edits, label) if len(edits) > 1 else edits[0])


def _on_the_right(words: str) -> QLabel:
    label = text(words, "dim")
    label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
    return label


def _documentation(node: Node, definition: Definition | None) -> str:
    if definition is not None:
        return definition.summary
    if node.is_group:
        return "A group of modules that stands as one."
    return "This version does not know this type. It is kept as it is and written back unchanged."
