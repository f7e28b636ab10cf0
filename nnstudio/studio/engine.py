"""Everything in the window that runs: samples, stepper, training run, and the panels that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QObject, Qt

from nnstudio.studio import theme
from nnstudio.studio.formats import count
from nnstudio.studio.lights import Lights
from nnstudio.studio.panels.data import DataPanel
from nnstudio.studio.panels.program import ProgramPanel
from nnstudio.studio.panels.training import TrainingPanel
from nnstudio.studio.panels.training_fields import SettingsPanel
from nnstudio.studio.running import Run
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping import Stepper
from nnstudio.studio.transport import Transport

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

THUMBNAIL = 512


class Engine(QObject):
    """Made by the window, which it fills: transport and Train button above, panels below, status line."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        document, canvas = window.document, window.canvas
        self.samples = Samples(document, self)
        self.stepper = Stepper(document, self.samples, self)
        self.run = Run(document, self.samples, self)
        self.lights = Lights(document, self.samples, self.stepper, canvas, self)
        self.run.watched = self.lights.watched
        self.transport = Transport(self.stepper, window.actions_by_id)
        self.training = TrainingPanel(document, self.run)
        self.settings = SettingsPanel(document, self.run)
        self.data = DataPanel(document, self.samples)
        self.program = ProgramPanel(self.stepper, canvas)
        window.top_bar.add_to_middle(self.transport)
        window.add_tab(self.training, "Training")
        window.add_tab(self.settings, "Settings")
        window.add_tab(self.data, "Data")
        window.bottom.add_beside(self.program, "Program")
        window.top_bar.train.clicked.connect(lambda: window.actions_by_id["train"].trigger())
        self.run.state_changed.connect(self._follow_run)
        self.run.progressed.connect(self._show_run)
        self.run.refused.connect(window.say_failed)
        self.stepper.failed.connect(window.warn)
        self.stepper.moved.connect(self._say_where)
        self.stepper.recompiled.connect(self._say_where)
        document.weights_changed.connect(self._follow_run)
        document.training_changed.connect(self._follow_run)
        document.data_changed.connect(self._stand)
        document.graph_changed.connect(self._stand)
        document.replaced.connect(self._follow_run)
        self._follow_run()

    # -- for the window

    def fit_into(self, width: int) -> None:
        """The window is that wide now."""
        self.transport.fit_into(width)

    def settle(self) -> None:
        """Before the document is saved or given up: what a run has reached is part of it."""
        self.run.settle()

    def close(self) -> None:
        """Before the window goes."""
        self.stepper.pause()
        self.run.abandon()

    def thumbnail(self) -> bytes:
        """The canvas as a small PNG, for the project's file."""
        picture = self._window.canvas.grab().scaledToWidth(
            THUMBNAIL, Qt.TransformationMode.SmoothTransformation
        )
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.save(buffer, "PNG")
        return bytes(buffer.data().data())

    # -- following

    def _follow_run(self) -> None:
        run, window = self.run, self._window
        words, tip = "Train", "Train the network on its data"
        unfinished = 0 < run.epoch < window.document.project.training.epochs
        if run.computing:
            words, tip = "Pause", "Pause after the batch that is being trained"
        elif run.state == "paused" or unfinished:
            words, tip = "Continue", "Go on where the training was left"
        button = window.top_bar.train
        button.setText(words)
        button.setToolTip(f"{tip} (Ctrl+T)")
        button.setAccessibleName(words)
        action = window.actions_by_id["train"]
        action.setText(f"&{words}")
        action.setIcon(theme.icon("pause" if run.computing else "train"))
        window.actions_by_id["train_stop"].setEnabled(run.active)
        window.actions_by_id["rewind"].setEnabled(self.training.rewind.isEnabled())
        was_live = self.lights.live
        self.lights.live = run.computing
        self.transport.set_available(not run.computing)
        if run.computing:
            window.bottom.show_panel(self.training)
        elif was_live:
            self.lights.show_stepper()
        if run.culprit:
            window.canvas.show_node(window.document.graph.path(run.culprit))
        if run.sentence and run.tone == "error":
            window.bottom.show_panel(self.training)
        self._stand()
        self._say_where()

    def _show_run(self) -> None:
        run = self.run
        if run.computing and run.snapshot is not None:
            self.lights.show_run(run.snapshot.watched)
        self._say_where()

    def _stand(self) -> None:
        """NumPy · float32 · 2,410 parameters · batch 32 · seed 0"""
        document = self._window.document
        training = document.project.training
        backend = {"numpy": "NumPy", "cupy": "CuPy"}[training.backend]
        numbers = count(sum(document.sizes().values()), "parameter")
        batch = f"batch {training.batch_size}" if training.batch_size else "full batch"
        self._window.set_standing(
            f"{backend} · {training.dtype} · {numbers} · {batch} · seed {training.seed}"
        )

    def _say_where(self) -> None:
        """On the right of the status line: the statement, or how far the run is."""
        line, statement, run = self._window.status_line, self.stepper.statement, self.run
        c = theme.colours()
        if run.active:
            pace = run.steps_per_second if run.computing else 0
            rate = f" · {pace:,.0f} steps/s" if pace else ""
            line.set_right(
                f"epoch {min(int(run.epoch) + 1, run.goal):,} of {run.goal:,}{rate}", c.update.text
            )
        elif statement is None:
            line.set_right("")
        else:
            total = len(self.stepper.statements())
            parts = [f"step {statement.index + 1:,} of {total:,}", statement.phase.replace("_", " ")]
            parts += [statement.node, statement.quantity] if statement.node else [statement.quantity]
            if self.stepper.undone:
                parts.append("undone")
            line.set_right(" · ".join(parts), c.phase(statement.phase).text)
