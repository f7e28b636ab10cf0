"""The inspector's page for several nodes: what they are, and the settings that all of them have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence as Items
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnstudio.graph import Node, Sequence, SetSetting
from nnstudio.graph.edits import setting_text
from nnstudio.graph.ports import definition_of
from nnstudio.modules.equations import Setting
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.panels.fields import bound_field
from nnstudio.studio.panels.sections import Form, Section, empty_layout, tab_through, text
from nnstudio.studio.panels.setting_field import SettingField
from nnstudio.studio.panels.verbs import Verbs

_MOST_TYPES = 12


class SeveralPage(QWidget):
    """A change of a setting applies to all of them, as one undo step."""

    wanted = Signal(str)  # one of the window's actions, by its id

    def __init__(self, document: Document, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._sheet = canvas.sheet
        self._ids: tuple[str, ...] = ()
        self._rules: dict[str, Setting] | None = None
        self.fields: dict[str, SettingField] = {}
        self._title = text("", "title")
        self._size = text("", "dim")
        self._settings = Section("Settings of all")
        self._none = text("They have no setting in common.", "dim")
        self._types = Section("Selected")
        self.verbs = Verbs(("group", "duplicate", "cut", "delete"))
        self.verbs.wanted.connect(self.wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addWidget(self._size)
        column.addLayout(head)
        for widget in (self.verbs, self._settings, self._none, self._types):
            column.addWidget(widget)
        column.addStretch(1)

    def show_nodes(self, ids: Items[str], others: int = 0) -> None:
        """Show these nodes; so many edges and frames are selected beside them."""
        level = self._sheet.level
        nodes = [level.nodes[key] for key in ids]
        rules = shared_rules(nodes)
        if tuple(ids) != self._ids or rules != self._rules:
            self._ids, self._rules = tuple(ids), rules
            self._build(rules)
        self._title.setText(f"{len(nodes) + others} selected")
        sizes = self._sheet.sizes()
        learned = sum(sizes.get(key, 0) for key in ids)
        self._size.setText(f"{count(len(nodes), 'node')} · {count(learned, 'parameter')}")
        for name, field in self.fields.items():
            values = [node.settings[name] for node in nodes]
            if all(value == values[0] for value in values):
                field.show_value(values[0])
            else:
                field.show_mixed(values[0])
        self._show_types(nodes)

    def _build(self, rules: dict[str, Setting]) -> None:
        self.fields = {}
        form = Form()
        for name, rule in rules.items():
            field = bound_field(rule, self._document, partial(self._set, name))
            self.fields[name] = field
            form.add(field.label(), field, rule.doc)
        empty_layout(self._settings.column)
        self._settings.column.addWidget(form)
        tab_through(list(self.verbs.buttons.values())[-1], [field.editor for field in self.fields.values()])
        self._settings.setVisible(bool(rules))
        self._none.setVisible(not rules)

    def _show_types(self, nodes: Items[Node]) -> None:
        empty_layout(self._types.column)
        form = Form()
        types = Counter(node.type for node in nodes)
        for name, many in types.most_common(_MOST_TYPES):
            names = [node.name for node in nodes if node.type == name]
            shown = text(", ".join(names[:6]) + (" …" if len(names) > 6 else ""), "dim")
            form.add(f"{many} {name}", shown)
        self._types.column.addWidget(form)

    def _set(self, name: str, value: Any) -> None:
        edits = [SetSetting(key, name, value) for key in self._ids]
        label = f"Set {name} of {len(edits)} nodes to {setting_text(value)}"
        self._sheet.push(Sequence(edits, label), merge=self.fields[name].sweep)


def shared_rules(nodes: Items[Node]) -> dict[str, Setting]:
    """The settings that all of these nodes have, under the same rule."""
    found: dict[str, Setting] | None = None
    for kind in dict.fromkeys(node.type for node in nodes):
        definition = definition_of(next(node for node in nodes if node.type == kind))
        rules = definition.settings if definition is not None else {}
        if found is None:
            found = dict(rules)
        else:
            found = {name: rule for name, rule in found.items() if _alike(rule, rules.get(name))}
    return found or {}


def _alike(rule: Setting, other: Setting | None) -> bool:
    """Whether one editor serves both; their documentation and defaults may differ."""
    if other is None:
        return False
    return all(
        getattr(rule, each) == getattr(other, each) for each in ("kind", "low", "high", "choices", "zero")
    )
