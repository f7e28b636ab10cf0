"""The data panel: which samples the network learns from, how they are parted, and what they look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from nnstudio.data import Dataset, DataSettings, catalogue
from nnstudio.errors import Error
from nnstudio.graph import Sequence
from nnstudio.modules.shapes import format_shape
from nnstudio.project.edits import SetData
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.gathering.draw_page import DrawPage
from nnstudio.studio.gathering.finding import beside, kept_source
from nnstudio.studio.gathering.import_dialog import ImportDialog
from nnstudio.studio.gathering.notice import DataNotice, Remedy
from nnstudio.studio.gathering.plot_page import PlotPage
from nnstudio.studio.gathering.samples_view import MOST_ROWS, Balance, Pictures, SampleTable
from nnstudio.studio.gathering.scaled_targets import scaled_targets, unscaled_targets
from nnstudio.studio.gathering.settings_form import SettingsForm
from nnstudio.studio.panels.sections import text
from nnstudio.studio.panels.setting_field import SettingField
from nnstudio.studio.samples import Samples

NONE = "No data"
DRAWN = "drawn"
DRAW = "Draw points…"
FILTER = "Data files (*.csv *.tsv *.txt *.npz *.npy)"
PAGES = ("Source", "Samples", "Plot", "Draw")
SOURCE, SAMPLES, PLOT, DRAWING = range(len(PAGES))


class DataPanel(QWidget):
    """Settings on the left, what they give on the right, or by itself where it needs the room.

    Every change is an edit of the data settings.
    """

    said = Signal(str)

    def __init__(self, document: Document, samples: Samples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._samples = document, samples
        self.setAccessibleName("Data")
        self.setAcceptDrops(True)
        self._entries = {entry.name: entry for entry in catalogue()}
        self.ask_file: Callable[[], str] = self._ask_file
        self.ask_folder: Callable[[], str] = self._ask_folder
        self.dialog: ImportDialog | None = None
        self.chooser = Chooser()
        self.chooser.setAccessibleName("Data set")
        self.chooser.setToolTip("The samples that the network learns from")
        self.chooser.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.chooser.setMinimumContentsLength(12)
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.activated.connect(self._choose)
        self.open = self._button(
            "File…", "Learn from a table (CSV, TSV) or arrays (npz, npy)", self.open_file
        )
        self.open_pictures = self._button(
            "Pictures…",
            "Learn from a folder that has one folder of pictures for each class",
            self.open_folder,
        )
        self.reread = self._button(
            "How it is read…", "Look at the file again, and choose anew", self.look_again
        )
        files = QHBoxLayout()
        files.setSpacing(8)
        files.addWidget(self.open)
        files.addWidget(self.open_pictures)
        self.form = SettingsForm(document, self.reread)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        column.addWidget(self.chooser)
        column.addLayout(files)
        column.addWidget(self.reread)
        column.addWidget(self.form)
        column.addStretch(1)
        left = QScrollArea()
        left.setAccessibleName("Settings of the data")
        left.setWidgetResizable(True)
        left.setFrameShape(QFrame.Shape.NoFrame)
        left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left.setWidget(body)
        left.setFixedWidth(232)
        self.name = QLabel()
        self.name.setProperty("kind", "strong")
        self.facts = text("", "dim")
        self.notice = DataNotice()
        self.problem = self.notice.words
        self.balance = Balance()
        self.pictures, self.table = Pictures(), QTableView()
        self.rows = SampleTable(self)
        self.table.setModel(self.rows)
        self.table.setAccessibleName("Samples")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setProperty("kind", "table")
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.horizontalHeader().setDefaultSectionSize(96)
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.plot = PlotPage()
        self.draw = DrawPage(document)
        self.draw.said.connect(self.said)
        self.nothing = QWidget()
        self.preview = QStackedWidget()
        for page in (self.pictures, self.table, self.plot, self.draw, self.nothing):
            self.preview.addWidget(page)
        self.pages = QTabBar()
        self.pages.setProperty("kind", "small")
        self.pages.setDrawBase(False)
        self.pages.setAccessibleName("How the samples are shown")
        for title in PAGES:
            self.pages.addTab(title)
        self.pages.setExpanding(False)
        self.pages.setUsesScrollButtons(False)
        self.pages.currentChanged.connect(self._show_page)
        head = QHBoxLayout()
        head.setSpacing(16)
        self.pages.setElideMode(Qt.TextElideMode.ElideNone)
        self.name.setContentsMargins(0, 4, 0, 0)
        self.name.setMinimumWidth(1)  # the tabs need the room more
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self.pages)
        head.addWidget(self.name, 1)
        head.setAlignment(self.name, Qt.AlignmentFlag.AlignTop)  # on the line of the tabs' words
        self.settings = left
        self.samples_side = QWidget()
        side = QVBoxLayout(self.samples_side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addWidget(self.balance)
        side.addWidget(self.preview, 1)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(left)
        both.addWidget(self.samples_side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self.facts)
        column.addLayout(both, 1)
        document.data_changed.connect(self.follow)
        document.replaced.connect(self.follow)
        document.problems_changed.connect(self._tell)
        samples.changed.connect(self.show_samples)
        samples.progressed.connect(self._tell)
        self.follow()
        self.show_samples()

    def _button(self, words: str, tip: str, act: Callable[[], object]) -> QPushButton:
        made = QPushButton(words)
        made.setToolTip(tip)
        made.clicked.connect(lambda: act())
        return made

    @property
    def fields(self) -> dict[str, SettingField]:
        """The editors of the settings, by name."""
        return self.form.fields

    # -- following

    def follow(self) -> None:
        """Show the document's data settings."""
        data = self._document.project.data
        self._fill_chooser(data)
        self.form.follow()
        self.reread.setVisible(data is not None and ":" in data.source)
        drawn = data is not None and data.source == DRAWN
        if drawn and data is not None:
            self.draw.follow(data)
        if drawn != self.pages.isTabVisible(DRAWING):
            self.pages.setTabVisible(DRAWING, drawn)
            self.pages.setMinimumWidth(self.pages.sizeHint().width())  # or it scrolls its first tab away
            self.pages.setCurrentIndex(DRAWING if drawn else SOURCE)
        self._show_page()
        self._tell()

    def _fill_chooser(self, data: DataSettings | None) -> None:
        self.chooser.clear()
        self.chooser.addItem(NONE, "")
        self.chooser.addItem(DRAW, DRAWN)
        tip = Qt.ItemDataRole.ToolTipRole
        self.chooser.setItemData(1, "Points that you draw with the mouse, kept in the project", tip)
        for name, entry in self._entries.items():
            self.chooser.addItem(entry.title, name)
            doc = f"{entry.doc}\n{count(entry.samples, 'sample')}, {count(entry.inputs, 'input')}"
            self.chooser.setItemData(self.chooser.count() - 1, doc, tip)
        source = "" if data is None else data.source
        if source and source not in self._entries and source != DRAWN:
            self.chooser.addItem(Path(source.partition(":")[2] or source).name, source)
        self.chooser.setCurrentIndex(max(0, self.chooser.findData(source)))

    def show_samples(self) -> None:
        """Show what the settings give."""
        dataset, splits = self._samples.dataset, self._samples.splits
        if dataset is None or splits is None:
            self.name.setText("" if self._samples.sentence else "No data chosen")
            self.facts.setText(
                ""
                if self._samples.sentence
                else "Choose a set that comes with the studio, open a file of your own, or draw points."
            )
        else:
            self.name.setText(dataset.title)
            parts = " + ".join(f"{len(part):,} {part.name}" for part in splits.parts if len(part))
            self.facts.setText(
                f"{count(dataset.samples, 'sample')}: {parts} · {_what(dataset)}{scaled_targets(splits)}"
                f"{_listed(dataset)}"
            )
            self.balance.show_classes(dataset)
            self.plot.show_samples(dataset)
            if dataset.image_shape is not None:
                data = self._document.project.data
                self.pictures.show_samples(dataset, data is None or not data.source.startswith("images:"))
            else:
                self.rows.show_samples(dataset)
        self._show_page()
        self._tell()

    def _show_page(self) -> None:
        dataset, at = self._samples.dataset, self.pages.currentIndex()
        drawing = at == DRAWING and self.pages.isTabVisible(DRAWING)
        wide = drawing or (at == PLOT and dataset is not None)
        # A table of many columns, a plot and a plane need the room.
        self.settings.setVisible(not wide and (at == SOURCE or dataset is None))
        self.facts.setVisible(not wide)
        self.balance.setVisible(not wide and dataset is not None and self.balance.tells)
        if drawing:
            self.preview.setCurrentWidget(self.draw)
        elif dataset is None:
            self.preview.setCurrentWidget(self.nothing)
        elif at == PLOT:
            self.preview.setCurrentWidget(self.plot)
        else:
            self.preview.setCurrentWidget(self.pictures if dataset.image_shape is not None else self.table)

    def _tell(self) -> None:
        """Whatever has to be said about the data now, and what can be done about it."""
        samples, data = self._samples, self._document.project.data
        if samples.loading and data is not None and ":" in data.source:
            name = Path(data.source.partition(":")[2]).name
            stop: Remedy = ("Stop", samples.stop)
            self.notice.say(f"Reading {name}…", remedies=[stop], share=samples.share)
        elif samples.sentence:
            tone, remedies = self._remedies()
            near = " There is one beside the project." if remedies[:1] and "found" in remedies[0][0] else ""
            self.notice.say(samples.sentence + near, tone, remedies)
        else:
            found = [each for each in self._document.problems if each.kind in ("data-width", "class-count")]
            fixes: list[Remedy] = [("Fit the network", self.fit_network)]
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            words = f"{found[0].sentence.rstrip('.')}{more}." if found else ""
            if words or samples.splits is None or not (words := unscaled_targets(samples.splits)):
                self.notice.say(words, "warning", fixes if any(each.fix for each in found) else [])
            else:
                self.notice.say(words, "", [("Standardise the target", self.standardise)])

    def _remedies(self) -> tuple[str, list[Remedy]]:
        data, samples = self._document.project.data, self._samples
        assert data is not None
        if samples.stopped:
            return "", [("Read it", samples.again)]
        if samples.sought is not None:
            near = beside(data.source, self._document.path)
            found: list[Remedy] = [("Find it…", self.find_file)]
            return "error", [("Use the one found", self.use_nearby), *found] if near else found
        if data.source == DRAWN and not data.options.get("points"):
            return "", []
        return "error", [("How it is read…", self.look_again)] if ":" in data.source else []

    # -- changing

    def _choose(self, index: int) -> None:
        source = self.chooser.itemData(index)
        data = self._document.project.data
        if source == (data.source if data is not None else ""):
            return
        if not source:
            self._document.push(SetData(None, "Use no data"))
            return
        entry = self._entries.get(source)
        if entry is not None:
            self._document.push(SetData(entry.suggested, f"Use {entry.title}"))
        elif source == DRAWN:
            self._document.push(SetData(DataSettings(DRAWN), "Draw points"))
            self.draw.drawing.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_file(self) -> None:
        """Ask for a file, and look at it before its samples are taken."""
        self.look_at(self.ask_file())

    def open_folder(self) -> None:
        """The same for a folder of pictures."""
        self.look_at(self.ask_folder())

    def look_at(self, path: str) -> None:
        """Show what a file or a folder holds, and take it if that is wanted."""
        if not path:
            return
        try:
            source = kept_source(path, self._document.path)
        except Error as error:
            self._document.failed.emit(str(error))
            return
        self._open_dialog(source, None, f"Use {Path(path).name}")

    def look_again(self) -> None:
        """Look at the file that is used, and choose anew how it is read."""
        data = self._document.project.data
        if data is not None and ":" in data.source:
            name = Path(data.source.partition(":")[2]).name
            self._open_dialog(data.source, data, f"Read {name} in another way")

    def _open_dialog(self, source: str, former: DataSettings | None, label: str) -> None:
        folder = self._document.path.parent if self._document.path is not None else None
        dialog = self.dialog = ImportDialog(source, folder, former, self.window())
        dialog.accepted.connect(lambda: self._take(dialog, former, label))
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self.dialog = None

    def _take(self, dialog: ImportDialog, former: DataSettings | None, label: str) -> None:
        wanted = dialog.settings
        if wanted is None:
            return
        if former is not None:  # how it is parted and scaled is not asked there
            wanted = replace(
                former,
                input_columns=wanted.input_columns,
                target_columns=wanted.target_columns,
                category_columns=wanted.category_columns,
                task=wanted.task,
                options=wanted.options,
            )
        self._document.push(SetData(wanted, label))
        self._samples.follow()

    def find_file(self) -> None:
        """Ask where the file is now; everything else about the data stays."""
        data = self._document.project.data
        if data is None:
            return
        folder = data.source.startswith("images:")
        self._use(self.ask_folder() if folder else self.ask_file())

    def use_nearby(self) -> None:
        """Take the file of the same name that lies beside the project."""
        data = self._document.project.data
        found = None if data is None else beside(data.source, self._document.path)
        self._use("" if found is None else str(found))

    def _use(self, path: str) -> None:
        data = self._document.project.data
        if not path or data is None:
            return
        try:
            source = kept_source(path, self._document.path)
            self._document.push(SetData(replace(data, source=source), f"Find {Path(path).name}"))
        except Error as error:
            self._document.failed.emit(str(error))

    def standardise(self) -> None:
        """Scale the targets; an edit like any other."""
        data = self._document.project.data
        if data is not None:
            self._document.push(
                SetData(replace(data, target_scaling="standardise"), "Standardise the target")
            )

    def fit_network(self) -> None:
        """Let Input, Target and the scores take the shapes of the data: one edit."""
        from nnstudio.training.data_fitting import fitting_edits

        dataset, data = self._samples.dataset, self._document.project.data
        if dataset is None or data is None:
            return
        edits = fitting_edits(self._document.graph, dataset, data.targets)
        if edits:
            self._document.push(Sequence(edits, "Fit the network to the data"))

    def _ask_file(self) -> str:
        return QFileDialog.getOpenFileName(self, "Open a data file", self._start(), FILTER)[0]

    def _ask_folder(self) -> str:
        return QFileDialog.getExistingDirectory(self, "Open a folder of pictures", self._start())

    def _start(self) -> str:
        folder = self._document.path.parent if self._document.path is not None else Path.home()
        return str(folder)

    # -- dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path:
            event.acceptProposedAction()
            self.look_at(path)


def _dropped(event: QDropEvent) -> str:
    """The one file or folder of data that is dropped."""
    urls = event.mimeData().urls()
    path = urls[0].toLocalFile() if len(urls) == 1 else ""
    known = (".csv", ".tsv", ".txt", ".npz", ".npy")
    return path if path and (path.lower().endswith(known) or Path(path).is_dir()) else ""


def _listed(dataset: Dataset) -> str:
    """That the table does not go on to the last sample, where it does not."""
    few = dataset.image_shape is None and dataset.samples > MOST_ROWS
    return f" · the first {MOST_ROWS:,} are listed" if few else ""


def _what(dataset: Dataset) -> str:
    """ "inputs 64 · 10 classes" """
    inputs = format_shape(dataset.input_shape) if dataset.input_shape else "1"
    classes = count(dataset.classes, "class").replace("classs", "classes")
    what = classes if dataset.task == "classes" else f"targets {format_shape(dataset.target_shape)}"
    missing = count(dataset.lacking, "missing value")
    filled = f" · {missing} filled in" if dataset.lacking else ""
    return f"inputs {inputs} · {what}{filled}"
