"""Looks after the net while it is stepped: what is wrong is told on its node."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from nnstudio.errors import Error
from nnstudio.explain.diagnosis import Finding, diagnose
from nnstudio.explain.local import anatomy
from nnstudio.graph import Problem
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.stepping.stepper import Stepper

_QUIET = 200  # milliseconds; while steps follow each other faster, nobody reads badges


class Watch(QObject):
    """`findings` of the moment that was looked at last; on the canvas they have badges as problems have."""

    changed = Signal()

    def __init__(
        self, document: Document, stepper: Stepper, canvas: Canvas, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._stepper, self._canvas = document, stepper, canvas
        self.findings: list[Finding] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_QUIET)
        self._soon.timeout.connect(self.look)
        stepper.moved.connect(self._soon.start)
        stepper.recompiled.connect(self._soon.start)
        document.weights_changed.connect(self._soon.start)
        document.replaced.connect(self._forget)

    def look(self) -> None:
        """Judge the present moment."""
        self._soon.stop()
        program = self._stepper.program
        if self._stepper.busy:
            return  # `moved` comes when the epoch has been trained
        found: list[Finding] = []
        if program is not None and self._stepper.can_step and self._stepper.ready:
            project = self._document.project
            try:
                found = diagnose(program, project.history, project)
            except Error:
                found = []  # a graph that cannot be judged has told its problems already
        self.findings = found
        nodes = anatomy(program).nodes if program is not None else {}
        self._canvas.sheet.show_notices(
            Problem(each.kind, "warning", f"{each.figure} {each.cause}", each.node, nodes[each.node].path)
            for each in found
            if each.node in nodes
        )
        self.changed.emit()

    def _forget(self) -> None:
        self.findings = []
        self._canvas.sheet.show_notices(())
