"""What is wrong in the net at this moment: the measured figure, the cause, and a remedy at one click."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from nnstudio.explain.diagnosis import FEWEST_SAMPLES, Finding
from nnstudio.explain.local import anatomy
from nnstudio.program import Program
from nnstudio.studio import theme
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.document import Document
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.explaining.page import Page
from nnstudio.studio.explaining.watch import Watch
from nnstudio.studio.panels.sections import empty_layout, text
from nnstudio.studio.stepping.stepper import Stepper

TITLES = {
    "spoilt": "Not a finite number",
    "dead": "Dead units",
    "saturation": "Saturated",
    "vanishing": "Vanishing gradient",
    "exploding": "Exploding gradient",
    "loss": "Exploding loss",
}

FINE = "Nothing is wrong: no dead or saturated units, and gradients and loss keep their size."
NOT_RUN = "Run forward and backward first: what has not been computed is not judged."


class FindingCard(Dressed, QFrame):
    """One thing that is wrong; `shown` asks for its node, `mended` for its remedy."""

    shown = Signal(object)
    mended = Signal(object)

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.setProperty("kind", "box")
        title = TITLES[finding.kind]
        where = f" in {finding.node}" if finding.node else ""
        self.setAccessibleName(f"{title}{where}: {finding.figure} {finding.cause}")
        self._icon = QLabel()
        self._icon.setFixedWidth(18)
        name = QLabel(title)
        name.setProperty("kind", "strong")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._icon)
        head.addWidget(name)
        self.node = QPushButton(finding.node)
        self.node.setProperty("kind", "fix")
        self.node.setToolTip("Show it on the canvas")
        self.node.setVisible(bool(finding.node))
        self.node.clicked.connect(lambda: self.shown.emit(self.finding))
        head.addWidget(self.node)
        head.addStretch(1)
        self.remedy = QPushButton(finding.remedy_label)
        self.remedy.setToolTip("An edit like any other: it can be undone")
        self.remedy.setVisible(finding.remedy is not None)
        self.remedy.clicked.connect(lambda: self.mended.emit(self.finding))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(text(finding.figure))
        column.addWidget(text(finding.cause, "dim"))
        column.addWidget(self.remedy, 0, Qt.AlignmentFlag.AlignLeft)
        self._dress()

    def _dress(self) -> None:
        c = theme.colours()
        self._icon.setPixmap(theme.pixmap("warning", c.warning.text, 16, self.devicePixelRatioF()))


class DiagnosisView(Page):
    """Of the moment that the program stands at; that of the selected node comes first."""

    def __init__(
        self,
        document: Document,
        stepper: Stepper,
        canvas: Canvas,
        watch: Watch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Diagnosis", parent)
        self._watch = watch
        self._document, self._stepper, self._canvas = document, stepper, canvas
        self.findings: list[Finding] = []
        self.cards: list[FindingCard] = []
        self._shown: list[Finding] | None = None
        self.nothing = text("", "dim")
        self.list = QVBoxLayout()
        self.list.setSpacing(8)
        self.column.addWidget(self.nothing)
        self.column.addLayout(self.list)

    def follow(self) -> None:
        program = self._stepper.program
        found: list[Finding] = []
        said = ""
        if program is None or not self._stepper.can_step:
            said = self._stepper.sentence or "Nothing can be run yet."
        else:
            self._watch.look()
            found = self._watch.findings
            if not found:
                said = FINE if _has_run(program) else NOT_RUN
                if said == FINE and program.batch_size < FEWEST_SAMPLES:
                    said += f" From fewer than {FEWEST_SAMPLES} samples nothing is said about units."
        self.nothing.setText(said)
        self.nothing.setVisible(bool(said))
        sheet = self._canvas.sheet
        nodes = [sheet.level.nodes[key] for key in self._canvas.selected_nodes() if key in sheet.level.nodes]
        selected = {f"{sheet.prefix}{node.name}" for node in nodes}
        self.findings = sorted(found, key=lambda each: each.node not in selected)
        said_now = [(each.node, each.kind, each.figure, each.remedy_label) for each in self.findings]
        said_then = [(each.node, each.kind, each.figure, each.remedy_label) for each in self._shown or []]
        if self._shown is None or said_now != said_then:
            self._build()
        else:
            for card, finding in zip(self.cards, self.findings, strict=True):
                card.finding = finding  # its remedy is of the weights of now
        self._shown = self.findings

    def _build(self) -> None:
        empty_layout(self.list)
        self.cards = []
        for finding in self.findings:
            card = FindingCard(finding)
            card.shown.connect(self._show_node)
            card.mended.connect(self._mend)
            self.list.addWidget(card)
            self.cards.append(card)

    def _show_node(self, finding: Finding) -> None:
        program = self._stepper.program
        at = anatomy(program).nodes.get(finding.node) if program is not None else None
        if at is not None:
            self._canvas.show_node(at.path)

    def _mend(self, finding: Finding) -> None:
        if finding.remedy is not None:
            self._document.push(finding.remedy)


def _has_run(program: Program) -> bool:
    loss = program.listing.loss
    names = program.listing.keys.items()
    return loss is not None and any(program.is_current(key) for key, name in names if name == loss)
