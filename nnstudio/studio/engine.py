"""Everything in the window that runs: samples, stepper, training run, and the panels that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QObject, Qt

from nnstudio.studio import theme
from nnstudio.studio.comparing.runs_panel import RunsPanel
from nnstudio.studio.explaining.explain_panel import ExplainPanel
from nnstudio.studio.explaining.watch import Watch
from nnstudio.studio.formats import count
from nnstudio.studio.gathering.data_panel import DataPanel
from nnstudio.studio.late import Late
from nnstudio.studio.learned.panel import LearnedPanel
from nnstudio.studio.learned.present import Present
from nnstudio.studio.lighting.sample_chooser import SampleChooser
from nnstudio.studio.lights import Lights
from nnstudio.studio.panels.program import ProgramPanel
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.breakpoint_editor import BreakpointEditor
from nnstudio.studio.stepping.breakpoint_memory import BreakpointMemory
from nnstudio.studio.stepping.scrubber import Timeline
from nnstudio.studio.stepping.selected import SelectedNode
from nnstudio.studio.stepping.stepper import Stepper
from nnstudio.studio.stepping.transport import Transport
from nnstudio.studio.tensors.panel import TensorsPanel
from nnstudio.studio.tensors.writing import Writer
from nnstudio.studio.training.fields import SettingsPanel
from nnstudio.studio.training.layers_panel import LayersPanel
from nnstudio.studio.training.panel import TrainingPanel
from nnstudio.studio.training.running import Run

if TYPE_CHECKING:
    from nnstudio.graph import Problem
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
        self._memory = BreakpointMemory(document, self.stepper.stops, window.preferences, self)
        self.run = Run(document, self.samples, self)
        self.lights = Lights(document, self.samples, self.stepper, canvas, self)
        self.run.watched = self.lights.watched
        self.sample_chooser = SampleChooser(self.stepper, canvas, window.actions_by_id)
        self.selected = SelectedNode(self.stepper, canvas, window.actions_by_id, self)
        self.transport = Transport(self.stepper, window.actions_by_id)
        self.timeline = Timeline(self.stepper)
        self._breakpoints: BreakpointEditor | None = None
        self.training = TrainingPanel(document, self.run)
        self.training.curves.said.connect(window.say)
        self.training.curves.failed.connect(window.say_failed)
        self.program = ProgramPanel(self.stepper, canvas)
        self.writer = Writer(document, self.stepper, self)
        self._settings = Late(lambda: SettingsPanel(document, self.run))
        self._data = Late(self._make_data)
        self._runs = Late(lambda: RunsPanel(document, self.samples, self.run, self.training.curves))
        self._tensors = Late(self._make_tensors)
        self._explain = Late(self._make_explain)
        self._layers = Late(lambda: LayersPanel(document, self.run))
        self._learned = Late(self._make_learned)
        window.top_bar.add_to_middle(self.transport)
        window.add_below_top(self.timeline)
        window.add_tab(self.training, "Training")
        window.add_tab(self._settings, "Settings")
        window.add_tab(self._data, "Data")
        window.add_tab(self._runs, "Runs")
        window.bottom.add_beside(self.program, "Program")
        self.watch = Watch(document, self.stepper, canvas, self)
        window.bottom.add_beside(self._explain, "Explain")
        window.bottom.add_beside(self._tensors, "Tensors")
        window.bottom.add_beside(self._layers, "Layers")
        self.present = Present(document, self.samples, self.stepper, self.run, self)
        window.bottom.add_beside(self._learned, "Learned")
        window.top_bar.train.clicked.connect(lambda: window.actions_by_id["train"].trigger())
        self.run.state_changed.connect(self._follow_run)
        self.run.progressed.connect(self._show_run)
        self.run.refused.connect(window.say_failed)
        self.stepper.failed.connect(window.warn)
        self.program.problem_wanted.connect(window.show_problem)
        self.stepper.said.connect(window.say)
        self.stepper.restarted.connect(window.say)
        self.stepper.halted.connect(self._say_halted)
        self.stepper.stopped_at.connect(self._say_stopped)
        self.stepper.busy_changed.connect(self._follow_run)
        self.stepper.moved.connect(self._say_where)
        self.stepper.recompiled.connect(self._say_where)
        document.weights_changed.connect(self._follow_run)
        document.training_changed.connect(self._follow_run)
        self.samples.changed.connect(self._show_sought)
        document.data_changed.connect(self._stand)
        document.graph_changed.connect(self._stand)
        document.replaced.connect(self._follow_run)
        self._follow_run()

    # -- panels that are made when they are first looked at

    @property
    def settings(self) -> SettingsPanel:
        return self._settings.panel

    @property
    def data(self) -> DataPanel:
        return self._data.panel

    @property
    def runs(self) -> RunsPanel:
        return self._runs.panel

    @property
    def tensors(self) -> TensorsPanel:
        return self._tensors.panel

    @property
    def explain(self) -> ExplainPanel:
        return self._explain.panel

    @property
    def layers(self) -> LayersPanel:
        return self._layers.panel

    @property
    def learned(self) -> LearnedPanel:
        return self._learned.panel

    def _make_data(self) -> DataPanel:
        panel = DataPanel(self._window.document, self.samples)
        panel.said.connect(self._window.say)
        return panel

    def _make_tensors(self) -> TensorsPanel:
        panel = TensorsPanel(self._window.canvas, self.writer, self.samples)
        panel.said.connect(self._window.say)
        panel.failed.connect(self._window.say_failed)
        return panel

    def _make_explain(self) -> ExplainPanel:
        window = self._window
        panel = ExplainPanel(window.document, self.stepper, window.canvas, window.actions_by_id, self.watch)
        panel.said.connect(window.say)
        return panel

    def _make_learned(self) -> LearnedPanel:
        panel = LearnedPanel(self._window.document, self.samples, self.stepper, self.present)
        panel.said.connect(self._window.say)
        return panel

    # -- for the window

    def show_tensors(self) -> None:
        """Bring the tensors of what is selected to the front, with the keyboard there."""
        self._window.bottom.show_panel(self.tensors)
        self.tensors.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def what_if(self) -> None:
        """The slider on the selected node, where it is or has a single number; else on one of its tensors."""
        nodes = self._window.canvas.selected_nodes()
        if len(nodes) == 1 and self.tensors.popup.open(nodes[0]):
            return
        self._window.bottom.show_panel(self.tensors)
        if not self.tensors.sweep():
            self._window.warn("Select a parameter, an input or a constant to ask what if it were another.")

    def fit_into(self, width: int) -> None:
        """The window is that wide now."""
        self.transport.fit_into(width)

    def show_explained(self) -> None:
        """Explain what is selected, by the keyboard from here on."""
        self._window.bottom.show_panel(self.explain)
        self.explain.enter()

    def sweep(self) -> None:
        """Ask which settings to try."""
        self._window.bottom.show_panel(self.runs)
        self.runs.sweep()

    def test_rates(self) -> None:
        """Look for a learning rate to begin with."""
        self._window.bottom.show_panel(self.runs)
        self.runs.test_rates()

    def train_until(self) -> None:
        """Ask what a run goes on until."""
        self._window.bottom.show_panel(self.training)
        self.training.controls.until.open()

    def settle(self) -> None:
        """Before the document is saved or given up: what a run has reached is part of it."""
        self.run.settle()

    def close(self) -> None:
        """Before the window goes."""
        self.stepper.pause()
        self.run.abandon()
        if self._runs.made is not None:
            self._runs.made.abandon()
        for each in (self.stepper, self.samples):
            each.blockSignals(True)  # what still arrives from the background has nobody to tell

    def thumbnail(self) -> bytes:
        """The canvas as a small PNG, for the project's file."""
        picture = self._window.canvas.grab().scaledToWidth(
            THUMBNAIL, Qt.TransformationMode.SmoothTransformation
        )
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.save(buffer, "PNG")
        return bytes(buffer.data().data())

    # -- breakpoints

    def toggle_breakpoint(self) -> None:
        """On the line of the program that has the keyboard, or else on the selected node."""
        if self.program.list.hasFocus():
            self.program.toggle_breakpoint()
        else:
            self.selected.toggle_breakpoint()

    def show_breakpoints(self) -> None:
        """The window that lists them."""
        if self._breakpoints is None:
            self._breakpoints = BreakpointEditor(self.stepper, self._window)
        self._breakpoints.show()
        self._breakpoints.activateWindow()
        self._breakpoints.condition.setFocus()

    def _say_stopped(self, breakpoint: object) -> None:
        self._window.say(f"Stopped {breakpoint}.")

    def _say_halted(self, problem: Problem) -> None:
        self._window.warn(f"The program ends here: {problem.sentence}")

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
        self.training.controls.tell(window.actions_by_id)
        was_live = self.lights.live
        self.lights.live = run.computing
        self.transport.set_available(not run.computing)
        self.selected.set_available(not run.computing)
        self.timeline.setEnabled(not run.computing)
        if run.computing and not was_live:
            window.bottom.show_panel(self.training)
        elif was_live:
            self.lights.show_stepper()
        if run.culprit:
            window.canvas.show_node(window.document.graph.path(run.culprit))
        if run.sentence and run.tone == "error":
            window.bottom.show_panel(self.training)
        self._stand()
        self._say_where()

    def _show_sought(self) -> None:
        """A file of samples that is not where it was: the Data panel offers to look for it."""
        if self.samples.sought is not None:
            self._window.bottom.show_panel(self.data)

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
        if run.active:
            pace = run.steps_per_second if run.computing else 0
            rate = f" · {pace:,.0f} steps/s" if pace else ""
            line.set_right(f"epoch {min(int(run.epoch) + 1, run.goal):,} of {run.goal:,}{rate}", "update")
        elif statement is None:
            line.set_right("")
        else:
            total = len(self.stepper.statements())
            parts = [f"step {statement.index + 1:,} of {total:,}", statement.phase.replace("_", " ")]
            parts += [statement.node, statement.quantity] if statement.node else [statement.quantity]
            if self.stepper.undone:
                parts.append("undone")
            line.set_right(" · ".join(parts), statement.phase)
