"""The Runs panel: every run that is kept, its curve beside the others', and what it has otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.project.edits import Together
from nnstudio.project.run_edits import PinRun, RemoveRun, RenameRun
from nnstudio.studio import theme
from nnstudio.studio.comparing.overlays import show_on
from nnstudio.studio.comparing.rate_dialog import RateDialog
from nnstudio.studio.comparing.runs_model import NAME, RunsModel
from nnstudio.studio.comparing.runs_table import RunsTable
from nnstudio.studio.comparing.sweep_dialog import SweepDialog
from nnstudio.studio.comparing.sweeping import Sweeping
from nnstudio.studio.comparing.words import compared, described
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count
from nnstudio.studio.samples import Samples
from nnstudio.studio.training.running import Run

if TYPE_CHECKING:
    from nnstudio.project.record import RunRecord
    from nnstudio.studio.training.curves_panel import CurvesPanel

_AT_ONCE = 6
"""Curves that are put behind those of the training before the window looks around again."""
MOST_CURVES = 40
"""More at a time nobody tells apart, and to draw them holds the window up."""
_SELECT_TWO = "Select two to read what they differ in (Ctrl and a click)."
_EMPTY = (
    "Every run is kept here with its settings, its curve and its weights, to be compared and gone back to.\n"
    "Press Train for a first one, or let a sweep try several settings."
)


class RunsPanel(Dressed, QWidget):
    """Follows the document; the curves of ticked runs go to `curves`."""

    def __init__(
        self,
        document: Document,
        samples: Samples,
        run: Run,
        curves: CurvesPanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._run, self._curves = document, run, curves
        self._across = curves.look.across
        self._overlaid: list[str | int] = [self._across]
        self._behind: list[RunRecord] = []  # those behind the curves now, so that no other gets the same id()
        self.setAccessibleName("Runs")
        self.model = RunsModel(self)
        self.table = RunsTable(self.model)
        self.sorted = self.table.sorted
        self.restore = self._action("Restore", "", self._restore, "Bring drawing, settings and weights back")
        self.pin = self._action("Pin", "P", self._pin, "Keep it whatever comes after it")
        self.rename = self._action("Rename", "F2", self._rename, "Call it something else")
        self.delete = self._action("Delete", "Del", self._delete, "Keep it no longer")
        self.tick = self._action("Show Curves", "Space", self._tick, "")
        self.tick.setToolTip("Put their curves behind those of the training, or no longer (Space)")
        self.table.add_sorting()
        self.words = QLabel()
        self.words.setProperty("kind", "dim")
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAccessibleName("The selected runs in words")
        self.nothing = QLabel(_EMPTY)
        self.nothing.setProperty("kind", "dim")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.bar = QHBoxLayout()
        self.bar.setSpacing(8)
        self.buttons = [_button(action) for action in (self.restore, self.pin, self.rename, self.delete)]
        for button in self.buttons:
            self.bar.addWidget(button)
        self.more = _menu_of(self.restore, self.pin, self.rename, self.delete)
        self.bar.addWidget(self.more)
        self.bar.addStretch(1)
        self.sweeping = Sweeping(document, self)
        self._dialog: SweepDialog | None = None
        self.sweep_button = _opening("Sweep…", "Train with several settings in the background", self.sweep)
        self.bar.addWidget(self.sweep_button)
        self._samples = samples
        self._rates: RateDialog | None = None
        self.rates_button = _opening("Rate test…", "Find a learning rate to begin with", self.test_rates)
        self.bar.addWidget(self.rates_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        column.addLayout(self.bar)
        self._stack = QStackedLayout()
        column.addLayout(self._stack, 1)  # first of all: what a layout without a widget shows is a window
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self.table)
        column.addWidget(self.words)
        self.model.ticks_changed.connect(self._follow_ticks)
        self.model.renamed.connect(lambda id, name: document.push(RenameRun(id, name)))
        self.table.selectionModel().selectionChanged.connect(self._follow_selection)
        document.runs_changed.connect(self.follow)
        run.state_changed.connect(self._follow_selection)
        curves.redraw.connect(self._follow_axis)
        self._dress()
        self.follow()

    def sweep(self) -> None:
        """Open the window in which several settings are tried."""
        if self._dialog is None:
            self._dialog = SweepDialog(self._document, self.sweeping, self._run.why_not, self)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def test_rates(self) -> None:
        """Open the window in which learning rates are tried."""
        self.rates.show()
        self.rates.raise_()
        self.rates.activateWindow()

    @property
    def rates(self) -> RateDialog:
        """The window in which learning rates are tried."""
        if self._rates is None:
            self._rates = RateDialog(self._document, self._samples, self._run.why_not, self)
        return self._rates

    @property
    def dialog(self) -> SweepDialog | None:
        """The window of the sweep, once it was opened."""
        return self._dialog

    def abandon(self) -> None:
        """Before the window goes: nothing runs on, and no dialog of it stays behind."""
        self.sweeping.abandon()
        for dialog in (self._dialog, self._rates):
            if dialog is not None:
                dialog.close()

    @property
    def selected(self) -> list[RunRecord]:
        """In the order in which they were run."""
        rows = self.table.selectionModel().selectedRows()
        return [self.model.runs[row] for row in sorted(self.sorted.mapToSource(each).row() for each in rows)]

    def select(self, *ids: str) -> None:
        """Select these runs; the first is the one the others are compared with."""
        selection = QItemSelection()
        indexes = [self.sorted.mapFromSource(self.model.index(self.model.row_of(id), NAME)) for id in ids]
        for index in indexes:
            selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        model = self.table.selectionModel()
        if indexes:
            model.setCurrentIndex(indexes[0], flags.NoUpdate)
        model.select(selection, flags.ClearAndSelect | flags.Rows)

    def follow(self) -> None:
        """Show the runs that the project keeps now; what was selected stays so."""
        chosen = [run.id for run in self.selected]
        known = {run.id for run in self._document.project.runs}
        self.model.show_runs(self._document.project.runs)
        self.table.follow()
        self._stack.setCurrentIndex(1 if known else 0)
        self._fit()
        self.select(*(id for id in chosen if id in known))
        self._overlay()
        self._follow_selection()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow panel, as beside a lesson, one button holds what would be cut."""
        others = (self.sweep_button, self.rates_button)
        wanted = sum(each.sizeHint().width() + self.bar.spacing() for each in (*self.buttons, *others))
        narrow = wanted > self.width() - 24
        known = bool(self._document.project.runs)
        for button in self.buttons:
            button.setVisible(known and not narrow)
        self.more.setVisible(known and narrow)

    def _dress(self) -> None:
        self.more.setIcon(theme.icon("more"))

    # -- what one can do

    def _restore(self) -> None:
        if len(self.selected) == 1:
            self._run.restore_run(self.selected[0].id)

    def _pin(self) -> None:
        runs = self.selected
        pinned = not all(run.pinned for run in runs)
        word = "Pin" if pinned else "Unpin"
        self._push([PinRun(run.id, pinned) for run in runs if run.pinned != pinned], f"{word} the runs")

    def _tick(self) -> None:
        """All that are selected; those that are shown already go once all are."""
        ids = [run.id for run in self.selected]
        self.model.tick(ids, not self.model.ticked.issuperset(ids))

    def _rename(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.table.edit(index.siblingAtColumn(NAME))

    def _delete(self) -> None:
        runs = self.selected
        row = self.table.currentIndex().row()
        self._push([RemoveRun(run.id) for run in runs], f"Delete {count(len(runs), 'run')}")
        left = self.sorted.rowCount()
        if left:
            self.table.selectRow(min(max(row, 0), left - 1))

    def _push(self, edits: list[PinRun] | list[RemoveRun], label: str) -> None:
        if len(edits) == 1:
            self._document.push(edits[0])
        elif edits:
            self._document.push(Together(tuple(edits), label))

    # -- following

    def _follow_selection(self, *_: object) -> None:
        runs = self.selected
        current = self.sorted.mapToSource(self.table.currentIndex()).row()
        chosen = self.model.runs[current] if 0 <= current < len(self.model.runs) else None
        if chosen is None or all(run is not chosen for run in runs):
            chosen = runs[0] if runs else None
        self.model.choose("" if chosen is None else chosen.id)
        self.restore.setEnabled(len(runs) == 1 and not self._run.active)
        self.rename.setEnabled(len(runs) == 1)
        self.pin.setEnabled(bool(runs))
        self.delete.setEnabled(bool(runs))
        self.tick.setEnabled(bool(runs))
        self.pin.setText("Unpin" if runs and all(run.pinned for run in runs) else "Pin")
        self.words.setText(self._said(runs))
        self.words.setVisible(bool(self.model.runs))

    def _said(self, runs: list[RunRecord]) -> str:
        match runs:
            case [first, second]:
                return compared(first, second)
            case _ if len(self.model.ticked) > MOST_CURVES:
                return self._where_curves_are()
            case []:
                words = ""
            case [one]:
                words = described(one)
            case _:
                words = f"{len(runs)} runs are selected."
        if len(self.model.runs) < 2:
            return words or "Tick the run to see its curve in Training."
        if len(runs) == 1 and not self.model.ticked:
            return words
        return f"{words} {self._where_curves_are()} {_SELECT_TWO}".strip()

    def _where_curves_are(self) -> str:
        """Those of the ticked runs."""
        ticked = len(self.model.ticked)
        if ticked > MOST_CURVES:
            return f"Of the {ticked} that are ticked the curves of the newest {MOST_CURVES} are in Training."
        if not ticked:
            return "Tick runs to see their curves in Training."
        if ticked == 1:
            return "The curve of the ticked run is drawn in Training."
        return f"The curves of the {ticked} ticked runs are drawn in Training."

    def _follow_ticks(self) -> None:
        self._overlay()
        self.words.setText(self._said(self.selected))

    def _overlay(self) -> None:
        runs = [run for run in self.model.runs if run.id in self.model.ticked][-MOST_CURVES:]
        # A few at a time: each new curve costs milliseconds, and hundreds may be ticked at once.
        known = {id(run) for run in self._behind}
        new = [run for run in runs if id(run) not in known]
        later = {id(run) for run in new[_AT_ONCE:]}
        if later:
            runs = [run for run in runs if id(run) not in later]
            QTimer.singleShot(0, self, self._overlay)
        wanted = [self._curves.look.across, *map(id, runs)]
        if wanted != self._overlaid:
            self._overlaid, self._behind = wanted, runs
            show_on(self._curves, runs)

    def _follow_axis(self) -> None:
        if self._curves.look.across != self._across:
            self._across = self._curves.look.across
            self._overlay()

    # -- making

    def _action(self, words: str, keys: str, then: object, tip: str) -> QAction:
        action = QAction(words, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setToolTip(f"{tip} ({'' if not keys else keys + '; '}can be undone)")
        action.triggered.connect(then)
        self.table.addAction(action)
        return action


def _opening(words: str, tip: str, then: Callable[[], object]) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    button.clicked.connect(then)
    return button


def _menu_of(*actions: QAction) -> QToolButton:
    button = QToolButton()
    button.setAccessibleName("What can be done with the selected runs")
    button.setToolTip("Restore, pin, rename or delete the selected runs")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    menu = QMenu(button)
    menu.addActions(actions)
    button.setMenu(menu)
    return button


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
