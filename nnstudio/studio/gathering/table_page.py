"""What is chosen about a table before it is taken: how it is read, its columns, and what is wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from nnstudio.data import DataSettings
from nnstudio.data.csv_preview import TablePreview
from nnstudio.data.csv_text import ENCODINGS
from nnstudio.data.faults import Fault
from nnstudio.data.settings import Column
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.formats import count
from nnstudio.studio.gathering.columns import (
    CATEGORY,
    INPUT,
    TARGET,
    UNUSED,
    USES,
    ColumnsModel,
    ColumnsView,
    few_enough,
)

DELIMITERS = (("comma ,", ","), ("semicolon ;", ";"), ("tab", "tab"), ("bar |", "|"))
DECIMALS = (("point 1.5", "point"), ("comma 1,5", "comma"))
HEADERS = (("if it looks so", "auto"), ("yes", "yes"), ("no", "no"))
MISSING = (("stop there", "error"), ("leave the row out", "drop"), ("fill in the mean", "mean"))
BAD = (("stop there", "error"), ("leave the row out", "drop"))
TASKS = (("as the target says", "auto"), ("classes", "classes"), ("numbers", "numbers"))
_MOST_SHOWN = 60


def choice(name: str, tip: str, entries: Sequence[tuple[str, str]], act: Callable[[], object]) -> QComboBox:
    """A box whose entries have values of their own; `act` is called when the user chooses."""
    box = Chooser()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    for words, value in entries:
        box.addItem(words, value)
    box.activated.connect(lambda _index: act())
    return box


def set_choice(box: QComboBox, value: str) -> None:
    """Show a value, without telling anybody."""
    box.setCurrentIndex(max(0, box.findData(value)))


def labelled(words: str, field: QWidget) -> QWidget:
    """A field with its name above it."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    label = QLabel(words)
    label.setProperty("kind", "dim")
    label.setBuddy(field)
    column.addWidget(label)
    column.addWidget(field)
    column.addStretch(1)
    return made


class TablePage(QWidget):
    """`relook` asks for another look: the table is to be read in another way."""

    relook = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: TablePreview | None = None
        self._chose: set[str] = set()
        again = self.relook.emit
        self.delimiter = choice(
            "Delimiter", "What stands between two columns", DELIMITERS, self._ask("delimiter")
        )
        self.encoding = choice(
            "Encoding", "How letters are written as bytes", [(e, e) for e in ENCODINGS], self._ask("encoding")
        )
        self.decimal = choice(
            "Decimals", "What numbers have before their fraction", DECIMALS, self._ask("decimal")
        )
        self.header = choice("First row", "Whether the first row names the columns", HEADERS, again)
        self.missing = choice(
            "Missing values", "What becomes of a row that lacks a value", MISSING, self._take("missing")
        )
        self.bad = choice("Bad rows", "What becomes of a row that cannot be read", BAD, self._take("bad"))
        self.task = choice("Task", "What the network is to tell", TASKS, self.changed.emit)
        ways = QHBoxLayout()
        ways.setSpacing(12)
        for words, box in (
            ("Delimiter", self.delimiter),
            ("Encoding", self.encoding),
            ("Decimals", self.decimal),
            ("First row has names", self.header),
            ("Missing values", self.missing),
            ("Bad rows", self.bad),
            ("Task", self.task),
        ):
            ways.addWidget(labelled(words, box), 1)
        self.columns = ColumnsModel(self)
        self.view = ColumnsView(self.columns)
        uses = QHBoxLayout()
        uses.setSpacing(8)
        hint = QLabel("Selected columns:")
        hint.setProperty("kind", "dim")
        uses.addWidget(hint)
        self.use_buttons: dict[str, QPushButton] = {}
        for use in USES:
            button = QPushButton(use)
            button.setAutoDefault(False)
            button.setToolTip(f"{_MEANS[use]} ({use[0]} in the list)")
            button.clicked.connect(
                lambda _checked=False, use=use: self.columns.use(self.view.selected(), use)
            )
            self.use_buttons[use] = button
            uses.addWidget(button)
        uses.addStretch(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.view, 1)
        column.addLayout(uses)
        self.rows = QTableWidget()
        self.rows.setAccessibleName("First rows")
        self.rows.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.rows.setProperty("kind", "table")
        self.rows.setFrameShape(QFrame.Shape.NoFrame)
        self.rows.setTabKeyNavigation(False)
        left_side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.rows.horizontalHeader().setDefaultAlignment(left_side)
        self.rows.verticalHeader().setDefaultSectionSize(24)
        self.faults = QListWidget()
        self.faults.setAccessibleName("Bad rows")
        self.faults.setProperty("kind", "table")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setProperty("kind", "small")
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(left, "Columns")
        self.tabs.addTab(self.rows, "First rows")
        self.tabs.addTab(self.faults, "Bad rows")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(ways)
        outer.addWidget(self.tabs, 1)
        self.columns.changed.connect(self._columns_changed)

    def _ask(self, what: str) -> Callable[[], None]:
        def act() -> None:
            self._chose.add(what)
            self.relook.emit()

        return act

    def _take(self, what: str) -> Callable[[], None]:
        def act() -> None:
            self._chose.add(what)
            self.changed.emit()

        return act

    def begin(self, data: DataSettings) -> None:
        """Start from settings that were there before."""
        options = data.options
        for name, box in self._found_out():
            if name in options:
                self._chose.add(name)
                set_choice(box, str(options[name]))
        set_choice(self.header, str(options.get("header", "auto")))
        for key, name, box in (("missing", "missing", self.missing), ("bad", "bad_rows", self.bad)):
            if name in options:
                self._chose.add(key)
                set_choice(box, str(options[name]))
        set_choice(self.task, data.task)
        self._begun = data

    _begun: DataSettings | None = None

    def options(self) -> dict[str, Any]:
        """Those that the look needs: what nobody chose is found out."""
        chosen: dict[str, Any] = {"header": self.header.currentData()}
        for name, box in self._found_out():
            if name in self._chose:
                chosen[name] = box.currentData()
        return chosen

    def _found_out(self) -> tuple[tuple[str, QComboBox], ...]:
        """What is found out where nobody chooses it."""
        return ("delimiter", self.delimiter), ("encoding", self.encoding), ("decimal", self.decimal)

    def show_preview(self, found: TablePreview) -> None:
        """What was found so far."""
        self._preview = found
        set_choice(self.delimiter, found.delimiter)
        set_choice(self.encoding, found.encoding)
        set_choice(self.decimal, found.decimal)
        if "missing" not in self._chose:
            set_choice(self.missing, "drop" if found.lacking else "error")
        if "bad" not in self._chose:
            set_choice(self.bad, "drop" if found.faults.count else "error")
        former = [each.name for each in self.columns.columns]
        self.columns.show_columns(found.columns, found.rows)
        if self._begun is not None:
            self._use_former(self._begun)
            self._begun = None
        if former != [each.name for each in found.columns] or not self.rows.rowCount():
            self._fill_rows(found)
        self._fill_faults()
        self.changed.emit()

    def _use_former(self, data: DataSettings) -> None:
        """The columns that the settings name."""
        names = [each.name for each in self.columns.columns]

        def places(wanted: tuple[Column, ...]) -> list[int]:
            found = [names.index(c) if c in names else c for c in wanted]
            return [c % len(names) for c in found if isinstance(c, int) and -len(names) <= c < len(names)]

        targets, inputs = places(data.target_columns), places(data.input_columns)
        if targets:
            self.columns.use(self.columns.used(TARGET), INPUT)
            self.columns.use(targets, TARGET)
        if inputs:
            self.columns.use(self._inputs(), UNUSED)
            self.columns.use(inputs, INPUT)
        self.columns.use(places(data.category_columns), CATEGORY)

    def _inputs(self) -> list[int]:
        """The columns that the network learns from."""
        return sorted(self.columns.used(INPUT) + self.columns.used(CATEGORY))

    def _fill_rows(self, found: TablePreview) -> None:
        shown = min(len(found.columns), _MOST_SHOWN)
        self.rows.setColumnCount(shown)
        self.rows.setRowCount(len(found.first))
        self.rows.setHorizontalHeaderLabels([each.name for each in found.columns[:shown]])
        for row, cells in enumerate(found.first):
            for place, cell in enumerate(cells[:shown]):
                self.rows.setItem(row, place, QTableWidgetItem(cell[:80]))

    def _columns_changed(self) -> None:
        self._fill_faults()
        self.changed.emit()

    def bad_rows(self) -> list[Fault]:
        """The first ones of those that matter: bad as a whole, or in a column that is used."""
        if self._preview is None:
            return []
        unused = set(self.columns.used(UNUSED))
        return [fault for fault in self._preview.faults.first if fault.column not in unused]

    def _fill_faults(self) -> None:
        self.faults.clear()
        names = [each.name for each in self.columns.columns]
        found = self.bad_rows()
        for fault in found[:200]:
            where = f", {names[fault.column]}" if fault.column is not None else ""
            self.faults.addItem(f"line {fault.line:,}{where}: {fault.reason}")
        total = self._preview.faults.count if self._preview is not None else 0
        if total > len(found[:200]) and found:
            self.faults.addItem(f"… {total:,} bad rows in all")
        if not found:
            self.faults.addItem("No bad rows.")
        self.tabs.setTabText(2, f"Bad rows ({total if found else 0:,})" if found else "Bad rows")

    def sentence(self) -> str:
        """What would be taken."""
        found = self._preview
        if found is None:
            return ""
        more = "" if found.complete else " so far"
        parts = [f"{count(found.rows, 'row')}{more}"]
        if found.lacking:
            parts.append(f"{found.lacking:,} {'lacks' if found.lacking == 1 else 'lack'} a value")
        if found.faults.count:
            parts.append(f"{found.faults.count:,} cannot be read")
        values = (self.columns.columns[place].distinct for place in self.columns.used(CATEGORY))
        inputs = len(self.columns.used(INPUT)) + sum(each or 0 for each in values)
        targets = self._target_names()
        aim = f"{count(inputs, 'input')}, target {', '.join(targets)}" if targets else count(inputs, "input")
        return f"{', '.join(parts)} · {aim}"

    def _target_names(self) -> list[str]:
        targets = self.columns.used(TARGET)
        names = [self.columns.columns[place].name for place in targets[:3]]
        return [*names, "…"] if len(targets) > 3 else names

    def why_not(self) -> str:
        """Why this cannot be taken; empty where it can."""
        if self._preview is None:
            return "The file is being looked at."
        if self._preview.complete and not self._preview.rows:
            return "There are no rows below the header."
        if len(self.columns.columns) == 1:
            return "There is one column alone: choose another delimiter, or a file with inputs and a target."
        if not self._inputs():
            return "Choose at least one input."
        for each in (self.columns.columns[place] for place in self.columns.used(CATEGORY)):
            if not few_enough(each):
                return f"{each.name} has too many different values for an input each: do not use it."
        targets = self.columns.used(TARGET)
        if not targets:
            return "Choose the column to predict as the target."
        texts = any(self.columns.columns[place].kind == "texts" for place in targets)
        if len(targets) > 1 and (texts or self.task.currentData() == "classes"):
            return "Classes need one target column: choose one."
        return ""

    def settings(self, source: str) -> DataSettings:
        """The data settings that take the table so."""
        found = self._preview
        assert found is not None
        options: dict[str, Any] = {"delimiter": found.delimiter}
        for name, value, default in (
            ("encoding", found.encoding, "utf-8"),
            ("decimal", found.decimal, "point"),
            ("header", self.header.currentData(), "auto"),
            ("missing", self.missing.currentData(), "error"),
            ("bad_rows", self.bad.currentData(), "error"),
        ):
            if value != default:
                options[name] = value
        names = [each.name for each in found.columns]
        useful = [place for place, name in enumerate(names) if name]
        targets, inputs = self.columns.used(TARGET), self._inputs()
        usual = targets == useful[-1:] and inputs == useful[:-1]

        def column(place: int) -> Column:
            name = names[place]
            return name if found.header and name and names.count(name) == 1 else place

        return DataSettings(
            source,
            input_columns=() if usual else tuple(map(column, inputs)),
            target_columns=() if usual else tuple(map(column, targets)),
            category_columns=tuple(map(column, self.columns.used(CATEGORY))),
            task=self.task.currentData(),
            options=options,
            scaling="standardise",
            target_scaling="auto",
        )


_MEANS = {
    INPUT: "The network learns from the selected columns",
    CATEGORY: "Each value of the selected columns becomes an input of its own: 1 or 0",
    TARGET: "The network learns to tell the selected columns",
    UNUSED: "The selected columns are left out",
}
