"""A data panel on a document of its own, without a window around it."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.project import Project
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.gathering.data_panel import DataPanel
from nnstudio.studio.samples import Samples
from tests.studio.conftest import small_network


class Gatherer(SimpleNamespace):
    """The panel, its document and its samples; and hands for its dialog."""

    def settle(self):
        self.qtbot.waitUntil(lambda: not self.samples.loading, timeout=20000)

    def press(self, widget):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def look_at(self, path):
        """Open the dialog on a file, and wait until all of it was looked at."""
        self.panel.look_at(str(path))
        self.looked()
        return self.panel.dialog

    def looked(self):
        self.qtbot.waitUntil(lambda: not self.panel.dialog.looking, timeout=30000)

    def take(self):
        self.press(self.panel.dialog.take)
        self.settle()

    def leave(self):
        """Before the panel goes: what is being read has to be given up first."""
        self.samples.stop()
        self.settle()
        if self.panel.dialog is not None:
            self.panel.dialog.reject()

    @property
    def data(self):
        return self.document.project.data

    @property
    def undo_text(self):
        return self.document.stack.undoText()


@pytest.fixture
def gatherer(qtbot):
    theme.apply("light")
    document = Document(Project(small_network()))
    samples = Samples(document)
    panel = DataPanel(document, samples)
    for each in (document, samples):
        each.setParent(panel)
    made = Gatherer(panel=panel, document=document, samples=samples, qtbot=qtbot)
    qtbot.addWidget(panel, before_close_func=lambda _panel: made.leave())
    panel.resize(720, 420)
    panel.show()
    return made
