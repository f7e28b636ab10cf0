"""The export dialog: formats, files, and what cannot be written."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from nnstudio.exchange.formats import SCRIPTS
from nnstudio.graph import Graph
from nnstudio.project import Project, load
from nnstudio.resources_path import example
from nnstudio.studio.document import Document
from nnstudio.studio.export_dialog import ExportDialog


@pytest.fixture
def dialog(qtbot, tmp_path):
    project = load(example("xor.nns.json"))
    project.path = tmp_path / "xor.nns"
    made = ExportDialog(Document(project))
    qtbot.addWidget(made)
    made.show()
    return made


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(12, button.height() // 2))


@pytest.mark.parametrize("format", list(SCRIPTS))
def test_each_format_is_written_where_it_says(dialog, tmp_path, format):
    press(dialog.choices[format])
    assert dialog.format == format and dialog.path.text() == str(tmp_path / "xor.py")
    press(dialog.export_button)
    assert (tmp_path / "xor.py").is_file() and all(path.is_file() for path in dialog.written)
    assert dialog.outcome.isVisible() and "xor.py" in dialog.message.text()
    assert dialog.command.text() == "python3 xor.py --check"
    press(dialog.copy)
    assert QApplication.clipboard().text() == "python3 xor.py --check"
    assert dialog.close_button.text() == "Close"


def test_enter_exports_and_an_ending_is_added(dialog, tmp_path):
    dialog.path.setText(str(tmp_path / "net"))
    QTest.keyClick(dialog.path, Qt.Key.Key_Return)
    assert dialog.path.text().endswith("net.py") and (tmp_path / "net.py").is_file()


def test_another_choice_takes_the_old_message_away(dialog):
    press(dialog.export_button)
    assert dialog.outcome.isVisible()
    press(dialog.choices["pytorch"])
    assert not dialog.outcome.isVisible()


def test_what_cannot_be_written_is_said_in_words(dialog, tmp_path):
    dialog.path.setText(str(tmp_path / "missing" / "net.py"))
    press(dialog.export_button)
    assert dialog.message.property("kind") == "error" and "missing" in dialog.message.text()
    assert not dialog.try_row.isVisible() and dialog.close_button.text() == "Cancel"


def test_an_empty_graph_cannot_be_exported(qtbot, tmp_path):
    dialog = ExportDialog(Document(Project(Graph())))
    qtbot.addWidget(dialog)
    dialog.path.setText(str(tmp_path / "net.py"))
    dialog.write()
    assert dialog.message.property("kind") == "error" and not (tmp_path / "net.py").exists()


def test_browsing_fills_in_the_path(dialog, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "other.py"), ""))
    press(dialog.browse)
    assert dialog.path.text() == str(tmp_path / "other.py")
