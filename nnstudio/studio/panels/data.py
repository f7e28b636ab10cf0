"""The data panel: which samples the network learns from, how they are parted, and what they look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from nnstudio.data import DataSettings, catalogue, options_of, source_of
from nnstudio.data.settings import RULES
from nnstudio.errors import Error
from nnstudio.modules.equations import Setting
from nnstudio.modules.shapes import format_shape
from nnstudio.project.edits import SetData
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.panels.fields import SettingField, field_for, title
from nnstudio.studio.panels.samples_view import Balance, Pictures, SampleTable
from nnstudio.studio.panels.sections import Form, empty_layout, tab_through, text
from nnstudio.studio.samples import Samples

NONE = "No data"
FILTER = "Data files (*.csv *.tsv *.txt *.npz *.npy)"

_PLAIN = ("validation", "test", "seed", "scaling", "targets", "target_scaling")
_FILES_ONLY = {
    "target_columns": Setting(
        "target_columns", "text", "", "Columns to predict, by name or number from 0; else the last."
    ),
    "input_columns": Setting("input_columns", "text", "", "Columns to learn from; empty takes all others."),
}


class DataPanel(QWidget):
    """Settings on the left, what they give on the right. Every change is an edit of the data settings."""

    def __init__(self, document: Document, samples: Samples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._samples = document, samples
        self.setAccessibleName("Data")
        self._entries = {entry.name: entry for entry in catalogue()}
        self.ask_file: Callable[[], str] = self._ask_file
        self.chooser = QComboBox()
        self.chooser.setAccessibleName("Data set")
        self.chooser.setToolTip("The samples that the network learns from")
        self.chooser.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.chooser.setMinimumContentsLength(12)
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.activated.connect(self._choose)
        self.open = QPushButton("Open a file…")
        self.open.setToolTip("Learn from a table (CSV) or arrays (npz, npy)")
        self.open.clicked.connect(self.open_file)
        self.fields: dict[str, SettingField] = {}
        self._of = ""
        self._forms = QVBoxLayout()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        column.addWidget(self.chooser)
        column.addWidget(self.open)
        column.addLayout(self._forms)
        column.addStretch(1)
        left = QScrollArea()
        left.setAccessibleName("Settings of the data")
        left.setWidgetResizable(True)
        left.setFrameShape(QFrame.Shape.NoFrame)
        left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left.setWidget(body)
        left.setFixedWidth(232)
        self.name = QLabel()
        self.name.setProperty("kind", "strong")
        self.facts = text("", "dim")
        self.problem = text("", "error")
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.balance = Balance()
        self.pictures, self.table = Pictures(), QTableView()
        self.rows = SampleTable(self)
        self.table.setModel(self.rows)
        self.table.setAccessibleName("Samples")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setProperty("kind", "inset")
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.horizontalHeader().setDefaultSectionSize(104)
        self.preview = QStackedWidget()
        for page in (self.pictures, self.table, QWidget()):
            self.preview.addWidget(page)
        right = QVBoxLayout()
        right.setSpacing(4)
        for widget in (self.name, self.facts, self.problem, self.balance):
            right.addWidget(widget)
        right.addWidget(self.preview, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 12)
        row.setSpacing(16)
        row.addWidget(left)
        row.addLayout(right, 1)
        document.data_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        samples.changed.connect(self.show_samples)
        self.follow()
        self.show_samples()

    # -- following

    def follow(self) -> None:
        """Show the document's data settings."""
        data = self._document.project.data
        self._fill_chooser(data)
        key = "" if data is None else data.source
        if key != self._of or data is None:
            self._of = key
            self._build(data)
        if data is None:
            return
        for name, field in self.fields.items():
            if name.startswith("option "):
                name = name.removeprefix("option ")
                field.show_value(data.options.get(name, field.setting.default))
            elif name in _FILES_ONLY:
                field.show_value(", ".join(map(str, getattr(data, name))))
            else:
                field.show_value(getattr(data, name))

    def _fill_chooser(self, data: DataSettings | None) -> None:
        self.chooser.clear()
        self.chooser.addItem(NONE, "")
        for name, entry in self._entries.items():
            self.chooser.addItem(entry.title, name)
            doc = f"{entry.doc}\n{count(entry.samples, 'sample')}, {count(entry.inputs, 'input')}"
            self.chooser.setItemData(self.chooser.count() - 1, doc, Qt.ItemDataRole.ToolTipRole)
        source = "" if data is None else data.source
        if source and source not in self._entries:
            self.chooser.addItem(Path(source.partition(":")[2] or source).name, source)
        self.chooser.setCurrentIndex(max(0, self.chooser.findData(source)))

    def _build(self, data: DataSettings | None) -> None:
        empty_layout(self._forms)
        self.fields = {}
        if data is None:
            return
        form = Form()
        from_file = ":" in data.source
        try:
            options = options_of(data.source)
        except Error:
            options = ()
        for rule in options:
            self._add(form, f"option {rule.name}", rule)
        for name in _PLAIN:
            self._add(form, name, RULES[name])
        if from_file:
            for name, rule in _FILES_ONLY.items():
                self._add(form, name, rule)
        self._forms.addWidget(form)
        tab_through(self.open, [field.editor for field in self.fields.values()])

    def _add(self, form: Form, name: str, rule: Setting) -> None:
        field = field_for(rule)
        field.changed.connect(lambda value: self._set(name, value))
        self.fields[name] = field
        form.add(title(name.removeprefix("option ")), field, rule.doc)

    def show_samples(self) -> None:
        """Show what the settings give, or what is wrong with them."""
        dataset, splits = self._samples.dataset, self._samples.splits
        self.problem.setText(self._samples.sentence)
        self.problem.setVisible(bool(self._samples.sentence))
        self.balance.setVisible(dataset is not None and dataset.task == "classes")
        if dataset is None or splits is None:
            self.name.setText("" if self._samples.sentence else "No data chosen")
            self.facts.setText(
                ""
                if self._samples.sentence
                else "Choose a set that comes with the studio, or open a CSV, npz or npy file of your own."
            )
            self.preview.setCurrentIndex(2)
            return
        self.name.setText(dataset.title)
        parts = " + ".join(f"{len(part):,} {part.name}" for part in splits.parts if len(part))
        inputs = format_shape(dataset.input_shape) if dataset.input_shape else "1"
        what = (
            count(dataset.classes, "class").replace("classs", "classes")
            if dataset.task == "classes"
            else f"targets {format_shape(dataset.target_shape)}"
        )
        self.facts.setText(f"{count(dataset.samples, 'sample')}: {parts} · inputs {inputs} · {what}")
        self.balance.show_classes(dataset)
        if dataset.image_shape is not None:
            self.pictures.show_samples(dataset)
            self.preview.setCurrentWidget(self.pictures)
        else:
            self.rows.show_samples(dataset)
            self.preview.setCurrentWidget(self.table)

    # -- changing

    def _choose(self, index: int) -> None:
        source = self.chooser.itemData(index)
        data = self._document.project.data
        if source == (data.source if data is not None else ""):
            return
        if not source:
            self._document.push(SetData(None, "Use no data"))
            return
        entry = self._entries.get(source)
        if entry is not None:
            self._document.push(SetData(entry.suggested, f"Use {entry.title}"))

    def open_file(self) -> None:
        """Ask for a file and learn from it."""
        name = self.ask_file()
        if not name:
            return
        try:
            source = source_of(name)
        except Error as error:
            self._document.failed.emit(str(error))
            return
        self._document.push(SetData(DataSettings(source), f"Use {Path(name).name}"))

    def _ask_file(self) -> str:
        folder = self._document.path.parent if self._document.path is not None else Path.home()
        return QFileDialog.getOpenFileName(self, "Open a data file", str(folder), FILTER)[0]

    def _set(self, name: str, value: Any) -> None:
        data = self._document.project.data
        if data is None:
            return
        field = self.fields[name]
        former: Any = ""
        try:
            if name.startswith("option "):
                option = name.removeprefix("option ")
                former = data.options.get(option, field.setting.default)
                wanted = replace(data, options={**data.options, option: value})
            elif name in _FILES_ONLY:
                wanted = replace(data, **{name: _columns(value)})
            else:
                former = getattr(data, name)
                wanted = replace(data, **{name: value})
        except Error as error:
            field.value = former  # what the field goes back to when it is left
            field.complain(str(error))
            return
        label = f"Change the {title(name.removeprefix('option '))} of the data"
        self._document.push(SetData(wanted, label), merge=("data", name, field.sweep))


def _columns(words: str) -> tuple[str | int, ...]:
    """ "age, 3" -> ("age", 3)."""
    parts = [part.strip() for part in words.split(",")]
    return tuple(int(part) if part.isdecimal() else part for part in parts if part)
