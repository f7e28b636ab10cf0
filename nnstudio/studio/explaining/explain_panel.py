"""The Explain panel: what is selected or has just run, explained in five views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.explaining.curvature_view import CurvatureView
from nnstudio.studio.explaining.diagnosis_view import DiagnosisView
from nnstudio.studio.explaining.formula_page import FormulaPage
from nnstudio.studio.explaining.formula_view import settle
from nnstudio.studio.explaining.gradient_check_view import GradientCheckView
from nnstudio.studio.explaining.jacobian_view import JacobianView
from nnstudio.studio.explaining.watch import Watch
from nnstudio.studio.stepping.stepper import Stepper

_QUIET = 12  # milliseconds: what comes together is shown together


class View(Protocol):
    """One of the views: `follow` brings it up to date, and is called only while it is seen."""

    def follow(self) -> None: ...


class ExplainPanel(QWidget):
    """A row of views above the one that is shown; only what is seen is worked out."""

    said = Signal(str)  # a sentence for the status line

    def __init__(
        self,
        document: Document,
        stepper: Stepper,
        canvas: Canvas,
        actions: Mapping[str, QAction],
        watch: Watch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Explain")
        self._stepper = stepper
        self._views: list[View] = []
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Ways to explain")
        self.tabs.setProperty("kind", "small")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.pages = QStackedWidget()
        self.formula = FormulaPage(stepper, canvas, actions)
        self.formula.copied.connect(self.said)
        self.jacobian = JacobianView(stepper, canvas, actions)
        self.curvature = CurvatureView(document, stepper)
        self.check = GradientCheckView(stepper)
        self.diagnosis = DiagnosisView(document, stepper, canvas, watch)
        for view, title in (
            (self.formula, "Formula"),
            (self.jacobian, "Jacobian"),
            (self.curvature, "Curvature"),
            (self.check, "Check"),
            (self.diagnosis, "Diagnosis"),
        ):
            self.add_view(view, title)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 4)
        column.setSpacing(4)
        column.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.pages, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_QUIET)
        self._soon.timeout.connect(self.follow)
        self.tabs.currentChanged.connect(self._show_view)
        stepper.moved.connect(self.follow_soon)
        stepper.sample_changed.connect(self.follow_soon)
        stepper.recompiled.connect(self._forget)
        canvas.selection_changed.connect(self._select)
        canvas.sheet.graph_changed.connect(self.follow_soon)
        canvas.sheet.replaced.connect(self._select)
        document.training_changed.connect(self.follow_soon)

    def add_view(self, view: QWidget, title: str) -> None:
        self.pages.addWidget(view)
        self._views.append(view)  # type: ignore[arg-type]
        self.tabs.addTab(title)

    def show_view(self, view: QWidget) -> None:
        self.tabs.setCurrentIndex(self.pages.indexOf(view))

    def enter(self) -> None:
        """Take the keyboard: to the choice of a quantity, or to that of a view."""
        self.follow()
        choice = self.formula.quantity
        chosen = self.pages.currentWidget() is self.formula and choice.isVisibleTo(self)
        first = choice if chosen else self.tabs
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def follow_soon(self) -> None:
        """Something has changed; the next quiet moment is soon enough."""
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def follow(self) -> None:
        """Bring the view that is seen up to date."""
        self._soon.stop()
        if self._stepper.busy:
            return  # an epoch is being trained: `moved` comes when it has ended
        self._views[self.tabs.currentIndex()].follow()
        settle()

    def _show_view(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self.follow_soon()

    def _select(self) -> None:
        self.formula.forget_choice()
        self.follow_soon()

    def _forget(self) -> None:
        self.formula.forget_elements()
        self.check.forget()
        self.follow_soon()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.follow_soon()
