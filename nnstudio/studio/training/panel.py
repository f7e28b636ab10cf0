"""The training panel: controls, live curves, and how far the run is."""

from __future__ import annotations

from math import ceil
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.steady import Steady
from nnstudio.studio.training.controls import Controls
from nnstudio.studio.training.curves_panel import CurvesPanel
from nnstudio.studio.training.notice import Notice
from nnstudio.studio.training.running import Run

_SOON = 30
"""Milliseconds from a look at the run to its curves; the canvas is painted meanwhile."""
_WORDS = {"starting": "starting", "running": "", "paused": "paused", "idle": ""}


class TrainingPanel(QWidget):
    """Curves of the document's history and of the run that is going on; drawn while they are seen."""

    def __init__(self, document: Document, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._run = document, run
        self._behind = False  # it was hidden when something changed
        self.setAccessibleName("Training")
        self.controls = Controls(document, run)
        self.curves = CurvesPanel()
        self.curves.setMinimumHeight(1)  # in a low panel they give way to what the notice says
        self.controls.set_menu(self.curves.menu)
        self.notice = Notice()
        self.notice.mended.connect(run.mend)
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
        column.addWidget(self.controls)
        column.addWidget(self.notice)
        column.addWidget(self.curves, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(Steady(self.where), 3)  # it ends with how long it takes yet
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.controls.more)
        column.addLayout(foot)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self.follow)
        run.progressed.connect(self._follow_soon)
        for signal in (
            run.state_changed,
            run.refused,
            document.weights_changed,
            document.training_changed,
            document.replaced,
            self.curves.redraw,
        ):
            signal.connect(self.follow)
        self.follow()

    def _follow_soon(self) -> None:
        if not self.isVisible():
            self._behind = True
        elif not self._soon.isActive():
            self._soon.start()

    def follow(self, *_: Any) -> None:
        """Say how things stand, and draw the curves if anybody sees them."""
        self._soon.stop()
        run = self._run
        history = run.history
        self.controls.follow()
        remedy = run.remedy
        words = ("", "") if remedy is None else (remedy.label, remedy.tip(self._document.project))
        self.notice.say(run.sentence, run.tone == "error", *words)
        self.where.setText(self._standing(history))
        self.bar.setVisible(run.active)
        if run.active:
            self.bar.setValue(round(1000 * run.share))
        self._behind = not self.isVisible()
        if not self._behind:
            self._draw(history)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self.follow()

    def _draw(self, history: list[dict[str, Any]]) -> None:
        run = self._run
        if not history:
            self.curves.say_nothing("Starting…" if run.active else "Press Train to watch the loss fall.")
        # Room for what comes next, and not so much that what there is becomes a line at the edge.
        most = min(float(run.goal), max(10.0, 1.25 * ceil(run.epoch))) if run.active else 0.0
        self.curves.show_run(history, run.points, most, run.marks)

    def _standing(self, history: list[dict[str, Any]]) -> str:
        """epoch 41 of 100 · 58,200 steps/s · 6 s left"""
        run = self._run
        if not run.active:
            if not history:
                return f"trained for {count(run.step, 'update')}" if run.step else "not trained yet"
            last, goal = int(history[-1].get("epoch", 0)), self._document.project.training.epochs
            return f"trained for {f'{last:,} of ' if last < goal else ''}{count(max(last, goal), 'epoch')}"
        parts = [f"epoch {min(int(run.epoch) + 1, run.goal):,} of {run.goal:,}"]
        if run.wish:
            parts.append(f"{run.wish} after this batch")
        elif _WORDS[run.state]:
            parts.append(_WORDS[run.state])
        elif run.steps_per_second:
            parts.append(f"{run.steps_per_second:,.0f} steps/s")
        left = run.seconds_left
        if left is not None and not run.wish:
            parts.append(f"{duration(left)} left")
        return " · ".join(parts)


def duration(seconds: float) -> str:
    """6 s, 2 min 5 s, 1 h 20 min."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
