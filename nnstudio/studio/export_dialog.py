"""The export dialog: which format, where to, and what to do with what was written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.exchange.formats import SCRIPTS, export
from nnstudio.studio.document import Document
from nnstudio.studio.panels.sections import text


class ExportDialog(QDialog):
    """Stays open after the export, so that the command to run can be read and copied."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setWindowTitle("Export")
        self.setMinimumWidth(520)
        self.written: list[Path] = []
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        head = QLabel("Export as a script that runs on its own")
        head.setProperty("kind", "strong")
        column.addWidget(head)
        column.addSpacing(4)
        self.formats = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for index, (name, script) in enumerate(SCRIPTS.items()):
            choice = QRadioButton(script.title)
            choice.setAccessibleDescription(script.doc)
            choice.setChecked(index == 0)
            self.formats.addButton(choice, index)
            self.choices[name] = choice
            column.addWidget(choice)
            hint = text(script.doc, "dim")
            hint.setContentsMargins(24, 0, 0, 4)
            column.addWidget(hint)
        row = QHBoxLayout()
        self.path = QLineEdit(str(self._suggested()))
        self.path.setAccessibleName("File to write")
        self.path.textEdited.connect(self._forget_result)
        self.browse = QPushButton("Browse…")
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        column.addSpacing(8)
        column.addLayout(row)
        self.outcome = QFrame()
        self.outcome.setProperty("kind", "box")
        inside = QVBoxLayout(self.outcome)
        inside.setContentsMargins(12, 8, 8, 8)
        inside.setSpacing(4)
        self.message = text("")
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside.addWidget(self.message)
        self.try_row = QWidget()
        line = QHBoxLayout(self.try_row)
        line.setContentsMargins(0, 0, 0, 0)
        self.command = QLabel()
        self.command.setProperty("kind", "code")
        self.command.setTextFormat(Qt.TextFormat.PlainText)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton("Copy")
        self.copy.setProperty("kind", "quiet")
        self.copy.setAutoDefault(False)
        self.copy.setToolTip("Copy the command")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.command.text()))
        line.addWidget(self.command, 1)
        line.addWidget(self.copy)
        inside.addWidget(self.try_row)
        self.outcome.hide()
        column.addWidget(self.outcome)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        self.close_button = QPushButton("Cancel")
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.reject)
        self.export_button = QPushButton("Export")
        self.export_button.setProperty("kind", "primary")
        self.export_button.setDefault(True)
        self.export_button.setMinimumWidth(88)
        self.export_button.clicked.connect(self.write)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.export_button)
        column.addSpacing(8)
        column.addLayout(buttons)
        self.formats.idClicked.connect(self._forget_result)

    @property
    def format(self) -> str:
        """The name of the chosen one."""
        return list(SCRIPTS)[self.formats.checkedId()]

    def write(self) -> None:
        """Write the script and say what to do with it, or why it could not be written."""
        path = Path(self.path.text().strip()).expanduser()
        if path.suffix != ".py" and path.name:
            path = path.with_name(f"{path.name}.py")
            self.path.setText(str(path))
        try:
            self.written = export(self._document.project, self.format, path)
        except Error as error:
            self._tell(str(error), "error")
            return
        names = ", ".join(file.name for file in self.written)
        self.command.setText(f"python3 {path.name} --check")
        broken = sum(each.severity == "error" for each in self._document.problems)
        left_out = " What has problems is left out." if broken else ""
        self._tell(
            f"Written: {names}.{left_out} It runs on its own, and this checks that its numbers are the same:",
            "",
        )
        self.close_button.setText("Close")

    def _tell(self, words: str, kind: str) -> None:
        self.message.setProperty("kind", kind)
        self.message.style().polish(self.message)
        self.message.setText(words)
        self.try_row.setVisible(not kind)
        self.outcome.show()
        self._column.activate()
        self.resize(self.width(), max(self.height(), self._column.totalHeightForWidth(self.width())))

    def _forget_result(self) -> None:
        self.outcome.hide()

    def _suggested(self) -> Path:
        path = self._document.path
        if path is None:
            return Path.cwd() / "model.py"
        stem = path.name.partition(".")[0]
        return path.with_name(f"{stem}.py" if stem.isidentifier() else "model.py")

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export to", self.path.text(), "Python scripts (*.py)")
        if name:
            self.path.setText(name)
            self._forget_result()
