"""The training panel: live curves, how far the run is, and what one changes while it runs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.panels.curves import CurvePlot
from nnstudio.studio.panels.training_fields import TrainingFields
from nnstudio.studio.running import Run

_MEASURES = {
    "accuracy": ("Accuracy", True, True),
    "r2": ("R²", False, True),
    "rmse": ("Root mean square error", False, False),
}
_WORDS = {"starting": "starting", "running": "", "paused": "paused", "idle": ""}


class TrainingPanel(QWidget):
    """Curves of the document's history and of the run that is going on."""

    def __init__(self, document: Document, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._run = document, run
        self.setAccessibleName("Training")
        self.loss = CurvePlot("Loss")
        self.measures = {name: CurvePlot(*kind) for name, kind in _MEASURES.items()}
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("End the run after the batch it is in; what it has reached stays")
        self.stop.clicked.connect(run.stop)
        self.rewind = QPushButton("Rewind")
        self.rewind.setToolTip("Back to the first weights of the seed (can be undone)")
        self.rewind.clicked.connect(run.rewind)
        self.fields = TrainingFields(document, run, ("epochs", "lr"), labels={"lr": "rate"})
        controls = QHBoxLayout()
        controls.setSpacing(8)
        controls.addWidget(self.stop)
        controls.addWidget(self.rewind)
        controls.addStretch(1)
        for name, field in self.fields.fields.items():
            label = QLabel({"lr": "Rate", "epochs": "Epochs"}[name])
            label.setProperty("kind", "dim")
            label.setBuddy(field)
            field.setFixedWidth(92)
            controls.addWidget(label)
            controls.addWidget(field)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAccessibleName("How the last run ended")
        self.icon = QLabel()
        self.icon.setFixedWidth(16)
        self.notice = QFrame()
        self.notice.setProperty("kind", "box")
        row = QHBoxLayout(self.notice)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(self.icon)
        row.addWidget(self.message, 1)
        plots = QHBoxLayout()
        plots.setSpacing(8)
        plots.addWidget(self.loss, 1)
        for plot in self.measures.values():
            plots.addWidget(plot, 1)
        self.where = QLabel()
        self.where.setProperty("kind", "dim")
        self.where.setAccessibleName("Progress of the run")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        column.addLayout(controls)
        column.addWidget(self.notice)
        column.addLayout(plots, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.where)
        foot.addWidget(self.bar, 1)
        column.addLayout(foot)
        run.progressed.connect(self.follow)
        run.state_changed.connect(self.follow)
        run.refused.connect(self.follow)
        document.weights_changed.connect(self.follow)
        document.training_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        self.follow()

    def follow(self, *_: Any) -> None:
        """Draw the curves and say how things stand."""
        run = self._run
        history = run.history
        self._draw(history)
        self.stop.setEnabled(run.active)
        self.rewind.setEnabled(not run.active and bool(history or self._document.project.weights))
        self.notice.setVisible(bool(run.sentence))
        self.message.setText(run.sentence)
        self._dress()
        self.where.setText(self._standing(history))
        self.bar.setVisible(run.active)
        if run.active:
            self.bar.setValue(round(1000 * min(1.0, run.epoch / max(1, run.goal))))

    def _draw(self, history: list[dict[str, Any]]) -> None:
        run = self._run
        epochs = [float(entry.get("epoch", 0)) for entry in history]
        # Between epochs that fly by, single batches would only draw straight lines.
        noise = run.points if run.active and len(run.points) > 2 * len(history) else None
        if not run.active and not history:
            self.loss.nothing.setText("Press Train to watch the loss fall.")
        elif not history:
            self.loss.nothing.setText("Starting…")
        # Room for what comes next, and not so much that what there is becomes a line at the edge.
        most = min(float(run.goal), max(10.0, 1.25 * run.epoch)) if run.active else 0.0
        self.loss.show_curves(
            epochs, _column(history, "train_loss"), _column(history, "validation_loss"), noise, most
        )
        shown = next((name for name in _MEASURES if _column(history, f"train_{name}")), None)
        for name, plot in self.measures.items():
            plot.setVisible(name == shown)
            if name == shown:
                plot.show_curves(
                    epochs,
                    _column(history, f"train_{name}"),
                    _column(history, f"validation_{name}"),
                    None,
                    most,
                )

    def _standing(self, history: list[dict[str, Any]]) -> str:
        """epoch 41 of 100 · 58,200 steps/s · 6 s left"""
        run = self._run
        if not run.active:
            if not history:
                return "not trained yet"
            last = int(history[-1].get("epoch", 0))
            return f"trained for {last:,} epoch" + ("s" if last != 1 else "")
        parts = [f"epoch {min(int(run.epoch) + 1, run.goal):,} of {run.goal:,}"]
        if _WORDS[run.state]:
            parts.append(_WORDS[run.state])
        elif run.steps_per_second:
            parts.append(f"{run.steps_per_second:,.0f} steps/s")
        left = run.seconds_left
        if left is not None:
            parts.append(f"{duration(left)} left")
        return " · ".join(parts)

    def _dress(self) -> None:
        c = theme.colours()
        bad = self._run.tone == "error"
        tint = c.error.fill if bad else c.forward.fill
        self.icon.setPixmap(theme.pixmap("error" if bad else "info", tint, 16, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "icon"):
            theme.dress_later(self, self._dress)
        super().changeEvent(event)


def _column(history: list[dict[str, Any]], name: str) -> list[float]:
    """A measure over the epochs; empty where the last one has none."""
    if not history or name not in history[-1]:
        return []
    return [float(entry.get(name, float("nan"))) for entry in history]


def duration(seconds: float) -> str:
    """6 s, 2 min 5 s, 1 h 20 min."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
