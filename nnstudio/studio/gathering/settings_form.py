"""The settings of the data, each an editor of its own: what the source can be told, and how it is parted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnstudio.data import DataSettings, options_of
from nnstudio.data.settings import RULES
from nnstudio.errors import Error
from nnstudio.modules.equations import Setting
from nnstudio.project.edits import SetData
from nnstudio.studio.document import Document
from nnstudio.studio.panels.fields import bound_field
from nnstudio.studio.panels.sections import Form, empty_layout, tab_through
from nnstudio.studio.panels.setting_field import SettingField, title

_PLAIN = ("validation", "test", "seed", "stratify", "scaling", "targets", "target_scaling")
_FILES_ONLY = {
    "target_columns": Setting(
        "target_columns", "text", "", "Columns to predict, by name or number from 0; else the last."
    ),
    "input_columns": Setting("input_columns", "text", "", "Columns to learn from; empty takes all others."),
}
_NOT_FIELDS = ("points",)


class SettingsForm(QWidget):
    """Follows the document's data settings; every change is an edit of them.

    How a file is read is chosen where it is looked at; here are the options of sets that are made, and what
    all data have in common. The fields of that are made once.
    """

    def __init__(self, document: Document, before: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._before = document, before
        self.fields: dict[str, SettingField] = {}
        self._of = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._own = QVBoxLayout()
        column.addLayout(self._own)
        self._common = Form()
        for name in _PLAIN:
            self._add(self._common, name, RULES[name])
        column.addWidget(self._common)
        self._common.hide()

    def follow(self) -> None:
        """Show the settings as they are now."""
        data = self._document.project.data
        key = "" if data is None else data.source
        if key != self._of:
            self._of = key
            self._build(data)
        self._common.setVisible(data is not None)
        if data is not None:
            for name, field in self.fields.items():
                field.show_value(_value(data, name, field.setting))

    def _build(self, data: DataSettings | None) -> None:
        empty_layout(self._own)
        for name in [name for name in self.fields if name not in _PLAIN]:
            del self.fields[name]
        if data is None:
            return
        form = Form()
        kind, _, path = data.source.partition(":")
        if not path:
            try:
                options = options_of(data.source)
            except Error:
                options = ()
            for rule in options:
                if rule.name not in _NOT_FIELDS:
                    self._add(form, f"option {rule.name}", rule)
        if data.source == "drawn":
            self._add(form, "task", RULES["task"])
        if kind == "npy":  # a bare array tells nothing about its columns
            for name, rule in _FILES_ONLY.items():
                self._add(form, name, rule)
        own = [name for name in self.fields if name not in _PLAIN]
        if own:
            self._own.addWidget(form)
        tab_through(self._before, [self.fields[name].editor for name in own])  # the common ones follow

    def _add(self, form: Form, name: str, rule: Setting) -> None:
        field = bound_field(rule, self._document, partial(self._set, name))
        self.fields[name] = field
        label = title(name.removeprefix("option "))
        field.editor.setAccessibleName(label)
        form.add(label, field, rule.doc)

    def _set(self, name: str, value: Any) -> None:
        data = self._document.project.data
        if data is None:
            return
        field = self.fields[name]
        try:
            if name.startswith("option "):
                option = name.removeprefix("option ")
                wanted = replace(data, options={**data.options, option: value})
            elif name in _FILES_ONLY:
                wanted = replace(data, **{name: _columns(value)})
            else:
                wanted = replace(data, **{name: value})
        except Error as error:
            field.value = _value(data, name, field.setting)
            field.refuse(str(error))
            return
        label = f"Change the {title(name.removeprefix('option '))} of the data"
        self._document.push(SetData(wanted, label), merge=field.sweep)


def _value(data: DataSettings, name: str, rule: Setting) -> Any:
    """What the field of that name shows."""
    if name.startswith("option "):
        return data.options.get(name.removeprefix("option "), rule.default)
    value = getattr(data, name)
    return ", ".join(map(str, value)) if name in _FILES_ONLY else value


def _columns(words: str) -> tuple[str | int, ...]:
    """ "age, 3" -> ("age", 3)."""
    parts = [part.strip() for part in words.split(",")]
    return tuple(int(part) if part.isdecimal() else part for part in parts if part)
