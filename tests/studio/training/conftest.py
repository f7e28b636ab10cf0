"""The training panel of a small network without a window around it. Its runs begin at once: in a thread, and
not in a process that has to come up.
"""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.project import load
from nnstudio.resources_path import example
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples
from nnstudio.studio.training.panel import TrainingPanel
from nnstudio.studio.training.running import Run
from nnstudio.training import session


class Bench(SimpleNamespace):
    """`document`, `samples`, `run` and `panel`, with hands for them."""

    def press(self, button) -> None:
        assert button.isEnabled()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def wait(self, state: str) -> None:
        self.qtbot.waitUntil(lambda: self.run.state == state, timeout=20000)

    def train(self) -> None:
        """All that is left of the epochs."""
        self.run.start()
        self.wait("idle")

    @property
    def project(self):
        return self.document.project


@pytest.fixture
def bench(qtbot, monkeypatch):
    """Opens the sine example, or another file, with other training settings, and its panel."""

    def no_process(_job):
        raise OSError("none wanted")

    monkeypatch.setattr(session, "ProcessCarrier", no_process)

    def open_it(path=None, **training) -> Bench:
        theme.apply("light")
        project = load(path or example("sine.nns.json"))
        project.training = replace(project.training, **training)
        document = Document(project)
        samples = Samples(document, document)
        run = Run(document, samples, document)
        panel = TrainingPanel(document, run)
        document.setParent(panel)
        qtbot.addWidget(panel, before_close_func=lambda _: run.abandon())
        panel.resize(760, 320)
        panel.show()
        panel.activateWindow()
        with qtbot.waitActive(panel, timeout=30000):
            pass
        qtbot.waitUntil(lambda: not samples.loading, timeout=20000)
        return Bench(
            document=document, run=run, panel=panel, controls=panel.controls, samples=samples, qtbot=qtbot
        )

    return open_it
