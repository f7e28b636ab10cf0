"""Editors of the training settings, and the panel that holds all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.modules.equations import Description, Setting
from nnstudio.project.edits import SetTraining
from nnstudio.studio.document import Document
from nnstudio.studio.panels.fields import bound_field, field_for
from nnstudio.studio.panels.sections import Form, Section, empty_layout, text
from nnstudio.studio.panels.setting_field import SettingField, title
from nnstudio.studio.training.running import Run
from nnstudio.training import optimizers, schedules
from nnstudio.training.changes import setting_of
from nnstudio.training.settings import RULES, TrainingSettings

DECAY = "weight_decay"
LIVE = ("lr", "batch_size", DECAY, "epochs", "stop_loss", "patience", "seconds")
"""What may be changed while a run goes on; the rest is for the next one."""
_LABELS = {
    "lr": "learning rate",
    "dtype": "numbers",
    "backend": "computes on",
    "stop_loss": "training loss to end at",
    "patience": "epochs without progress",
    "seconds": "seconds to train for",
    "keep_best": "keep the best",
    "keep_every": "keep every",
}


class TrainingFields(QObject):
    """Fields bound to plain training settings, and to the optimizer's weight decay: they show the document's
    and change it by edits.
    """

    def __init__(
        self,
        document: Document,
        run: Run,
        names: Iterable[str],
        labels: Mapping[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._run = document, run
        self.labels = {name: (labels or {}).get(name, _LABELS.get(name, title(name))) for name in names}
        self.fields: dict[str, SettingField] = {}
        for name, label in self.labels.items():
            field = bound_field(self._rule(name), document, partial(self._set, name))
            field.editor.setAccessibleName(label)
            field.rested.connect(run.following.rested)
            self.fields[name] = field
        document.training_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        run.state_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        training = self._document.project.training
        for name, field in self.fields.items():
            field.show_value(setting_of(training, name) if name == DECAY else getattr(training, name))
            field.editor.setEnabled(name in LIVE or not self._run.active)

    def _rule(self, name: str) -> Setting:
        if name != DECAY:
            return RULES[name]
        return optimizers.definition(self._document.project.training.optimizer).settings[name]

    def _set(self, name: str, value: Any) -> None:
        changes: dict[str, Any] = {name: value}
        if name == DECAY:
            training = self._document.project.training
            changes = {"optimizer_settings": {**training.optimizer_settings, name: value}}
        field = self.fields[name]
        with self._run.following.typing(field.typing):
            change_training(
                self._document, f"Change the {_LABELS.get(name, title(name))}", field.sweep, **changes
            )


class Choice(QWidget):
    """An optimizer or a schedule, with the settings that it has."""

    def __init__(
        self,
        document: Document,
        run: Run,
        what: str,
        kinds: Mapping[str, Description],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._run, self._what, self._kinds = document, run, what, kinds
        rule = Setting(what, "choice", next(iter(kinds)), f"The {what}.", choices=tuple(kinds))
        self.chooser = field_for(rule)
        self.chooser.changed.connect(self._choose)
        self.formula = text("", "dim")
        self.fields: dict[str, SettingField] = {}
        self._shown = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.chooser)
        column.addWidget(self.formula)
        self._column = QVBoxLayout()
        column.addLayout(self._column)
        document.training_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        run.state_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        training = self._document.project.training
        kind = self._kinds[getattr(training, self._what)]
        given = getattr(training, f"{self._what}_settings")
        self.chooser.show_value(kind.name)
        if kind.name != self._shown:
            self._build(kind)
        for name, field in self.fields.items():
            field.show_value(given.get(name, kind.settings[name].default))
        self.chooser.editor.setEnabled(not self._run.active)
        for name, field in self.fields.items():
            field.editor.setEnabled(name in LIVE or not self._run.active)

    def _build(self, kind: Description) -> None:
        self._shown = kind.name
        self.formula.setText(kind.formula)
        self.formula.setToolTip(kind.summary)
        self.formula.setVisible(bool(kind.formula))
        empty_layout(self._column)
        form = Form()
        self.fields = {}
        for name, rule in kind.settings.items():
            field = bound_field(rule, self._document, partial(self._set, name))
            field.rested.connect(self._run.following.rested)
            self.fields[name] = field
            form.add(title(name), field, rule.doc)
        self._column.addWidget(form)

    def _choose(self, name: str) -> None:
        change_training(
            self._document, f"Use {name}", None, **{self._what: name, f"{self._what}_settings": {}}
        )

    def _set(self, name: str, value: Any) -> None:
        given = {**getattr(self._document.project.training, f"{self._what}_settings"), name: value}
        field = self.fields[name]
        with self._run.following.typing(field.typing):
            change_training(
                self._document, f"Change the {title(name)}", field.sweep, **{f"{self._what}_settings": given}
            )


class SettingsPanel(QScrollArea):
    """All training settings, in two columns."""

    def __init__(self, document: Document, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Training settings")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        names = (
            "epochs",
            "batch_size",
            "lr",
            "shuffle",
            "seed",
            "dtype",
            "backend",
            "threads",
            "keep_best",
            "keep_every",
        )
        self.plain = TrainingFields(document, run, names, parent=self)
        self.optimizer = Choice(document, run, "optimizer", optimizers.definitions())
        self.schedule = Choice(
            document, run, "schedule", {each.name: each for each in schedules.definitions().values()}
        )
        form = Form()
        for name, field in self.plain.fields.items():
            form.add(self.plain.labels[name], field, RULES[name].doc)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(16, 8, 16, 16)
        row.setSpacing(24)
        for parts in ((("Run", form),), (("Optimizer", self.optimizer), ("Schedule", self.schedule))):
            column = QVBoxLayout()
            column.setSpacing(16)
            for heading, widget in parts:
                section = Section(heading)
                section.column.addWidget(widget)
                column.addWidget(section)
            column.addStretch(1)
            row.addLayout(column, 1)
        self.setWidget(body)


def change_training(document: Document, label: str, merge: Any, **changes: Any) -> None:
    """Change training settings as one undoable edit; what cannot be is told in words."""
    training: TrainingSettings = document.project.training
    try:
        wanted = replace(training, **changes)
    except Error as error:
        document.failed.emit(str(error))
        return
    if wanted != training:
        document.push(SetTraining(wanted, label), merge=merge)
