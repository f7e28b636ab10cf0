"""A project that keeps some runs, made without a session, and the panels that compare them."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import SetSetting
from nnstudio.project import load
from nnstudio.project.run import kept_run, trainer_of
from nnstudio.resources_path import example
from nnstudio.studio import theme
from nnstudio.studio.comparing.runs_panel import RunsPanel
from nnstudio.studio.document import Document
from nnstudio.studio.samples import Samples
from nnstudio.studio.training.curves_panel import CurvesPanel
from nnstudio.studio.training.running import Run


def project_with_runs():
    """Three runs of the sine: as it is, with a lower rate, and with a narrower layer."""
    project = load(example("sine.nns.json"))
    project.training = replace(project.training, epochs=3, lr=0.05)
    changes = (
        lambda: None,
        lambda: setattr(project, "training", replace(project.training, lr=0.01, epochs=2)),
        lambda: project.apply(SetSetting(project.graph.level.names["fc1"], "out_features", 7)),
    )
    for change in changes:
        change()
        trainer = trainer_of(project, afresh=True)
        trainer.run(project.training.epochs)
        project.apply(kept_run(project, trainer))
    return project


class Desk(SimpleNamespace):
    """`document`, `run`, `curves` and `panel`, with hands for them."""

    @property
    def project(self):
        return self.document.project

    @property
    def names(self):
        """As the table shows them, from above."""
        model = self.panel.table.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def spot(self, name: str, column: int = 0) -> QPoint:
        table = self.panel.table
        index = table.model().index(self.names.index(name), column)
        table.scrollTo(index)
        return table.visualRect(index).center()

    def click(self, name: str, keys=Qt.KeyboardModifier.NoModifier, column: int = 0) -> None:
        QTest.mouseClick(
            self.panel.table.viewport(), Qt.MouseButton.LeftButton, keys, self.spot(name, column)
        )

    def key(self, key, keys=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.panel.table, key, keys)
        QApplication.processEvents()

    def press(self, button) -> None:
        assert button.isEnabled() and button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @property
    def undo_text(self):
        return self.document.stack.undoText()


@pytest.fixture
def desk(qtbot):
    """Opens the panel of a project; by default one that keeps three runs."""

    def open_it(project=None) -> Desk:
        theme.apply("light")
        document = Document(project_with_runs() if project is None else project)
        samples = Samples(document, document)
        run = Run(document, samples, document)
        curves = CurvesPanel()
        qtbot.addWidget(curves)
        panel = RunsPanel(document, samples, run, curves)
        document.setParent(panel)
        qtbot.addWidget(panel, before_close_func=lambda _: run.abandon())
        panel.resize(1000, 320)
        panel.show()
        panel.activateWindow()
        with qtbot.waitActive(panel, timeout=30000):
            pass
        return Desk(document=document, samples=samples, run=run, curves=curves, panel=panel, qtbot=qtbot)

    return open_it
