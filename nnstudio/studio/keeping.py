"""Keeping a group in the palette: asking for its name, and what the palette's menu does with it then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from nnstudio.errors import Error
from nnstudio.project import part_of
from nnstudio.studio.kept_groups import KeptGroups, check_kept_name
from nnstudio.studio.panels.sections import Complaint, text

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow


class Keeping(QObject):
    """Made by the window, for its actions and its palette."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.groups = KeptGroups(parent=self)
        self.groups.failed.connect(window.warn)
        window.canvas.kept = self.groups.groups
        palette = window.palette_panel
        palette.show_kept(self.groups.groups)
        self.groups.changed.connect(palette.refresh)
        palette.renamed.connect(self._rename)
        palette.removed.connect(self._remove)
        # Another window, or another program, may have kept some since.
        window.installEventFilter(self)
        QTimer.singleShot(0, self, self.groups.refresh)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:
            self.groups.refresh()
        return False

    def ask(self) -> None:
        """Keep the selected group, under a name that is asked for."""
        canvas = self._window.canvas
        level = canvas.sheet.level
        groups = [key for key in canvas.selected_nodes() if level.nodes[key].is_group]
        if len(groups) != 1:
            self._window.warn("Select one group to keep.")
            return
        dialog = KeepDialog(level.nodes[groups[0]].name, self.groups, self._window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        name, weights = dialog.name, dialog.weights.isChecked()
        dialog.deleteLater()
        if accepted:
            self.keep(groups[0], name, weights)

    def keep(self, group_id: str, name: str, with_weights: bool = False) -> bool:
        """Keep a group of the sheet; whether it could be."""
        canvas = self._window.canvas
        part = part_of(canvas.document.project, canvas.sheet.path, [group_id])
        try:
            self.groups.keep(part, name, with_weights)
        except Error as error:
            self._window.say_failed(str(error))
            return False
        self._window.say(f"{name} is in the palette, under Kept groups.")
        return True

    def _rename(self, name: str, wanted: str) -> None:
        try:
            self.groups.rename(name, wanted.strip())
        except Error as error:
            self._window.say_failed(str(error))

    def _remove(self, name: str) -> None:
        try:
            self.groups.remove(name)
        except Error as error:
            self._window.say_failed(str(error))
        else:
            self._window.say(f"{name} is no longer in the palette.")


class KeepDialog(QDialog):
    """A name, and whether the weights go along."""

    def __init__(self, name: str, groups: KeptGroups, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups = groups
        self.setWindowTitle("Keep in the palette")
        self.setMinimumWidth(400)
        self.field = QLineEdit(name)
        self.field.setAccessibleName("Name in the palette")
        self.field.selectAll()
        self.note = text("", "dim")
        self.complaint = Complaint()
        self.weights = QCheckBox("Keep its weights too")
        self.weights.setToolTip("Otherwise each copy starts with weights of its own")
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        self.keep_button = QPushButton("Keep")
        self.keep_button.setProperty("kind", "primary")
        self.keep_button.setDefault(True)
        self.keep_button.setMinimumWidth(88)
        self.keep_button.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        column.addWidget(text("The group can be added like any module, in every project.", "dim"))
        for widget in (self.field, self.complaint, self.note, self.weights):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(self.keep_button)
        column.addSpacing(8)
        column.addLayout(row)
        self.field.textChanged.connect(self._check)
        self._check()

    @property
    def name(self) -> str:
        return self.field.text().strip()

    def _check(self) -> None:
        try:
            check_kept_name(self.name)
            wrong = ""
        except Error as error:
            wrong = str(error)
        self.complaint.say(wrong)
        taken = self.name in self._groups.groups()
        self.note.setText("The one you have kept under this name is replaced." if taken else "")
        self.note.setVisible(taken)
        self.keep_button.setEnabled(not wrong)
