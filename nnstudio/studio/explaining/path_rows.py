"""The chain rule: all paths from the loss added up, and then each path by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnstudio.explain.chain import Path
from nnstudio.explain.explanation import Explanation, PathLine
from nnstudio.explain.numerals import plain_number
from nnstudio.graph import Edge
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.explaining.formula_view import FormulaView
from nnstudio.studio.panels.sections import heading, text


class PathRow(QFrame):
    """One path: the nodes it leads through, its factors with letters and with numbers.

    A click, Enter or Space lights its edges.
    """

    wanted = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Show this path on the canvas")
        self._path: Path | None = None
        self.route = text("", "dim")
        self.worth = QLabel()
        self.letters, self.numbers = FormulaView(), FormulaView()
        for view in (self.letters, self.numbers):
            view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        head = QHBoxLayout()
        head.addWidget(self.route, 1)
        head.addWidget(self.worth, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.letters)
        column.addWidget(self.numbers)

    def show_path(self, line: PathLine, pale: bool, alone: bool) -> None:
        self._path = line.path
        self.route.setText(" → ".join(_short(line.path.nodes)))
        self.worth.setText("" if alone else plain_number(line.path.contribution))
        self.letters.setVisible(not alone)
        self.letters.show_formula(line.formula.latex, line.formula.spoken, "backward")
        told = bool(line.numbers.left != line.numbers.result) and not alone
        self.numbers.setVisible(told)
        self.numbers.show_formula(line.numbers.latex, line.numbers.plain, pale=pale)
        worth = plain_number(line.path.contribution)
        self.setAccessibleName(f"Path {' from '.join(reversed(line.path.nodes))}: contributes {worth}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.wanted.emit(self._path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.wanted.emit(self._path)
        else:
            super().keyPressEvent(event)


class PathRows(QWidget):
    """Hidden for what has no paths; rows are kept and used again."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.rows: list[PathRow] = []
        self.heading = heading("Chain rule")
        self.chain, self.summed = FormulaView(), FormulaView()
        self.chain.setObjectName("chain")
        self.summed.setObjectName("summed")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        for widget in (self.heading, self.chain, self.summed):
            self._column.addWidget(widget)

    def show_paths(self, found: Explanation, pale: bool) -> None:
        paths = found.paths
        self.setVisible(paths is not None and found.chain is not None)
        if paths is None or found.chain is None:
            return
        several = paths.count != 1
        self.heading.setText(f"Chain rule: {paths.count:,} paths, added up" if several else "Chain rule")
        self.chain.show_formula(found.chain.latex, found.chain.spoken, "backward")
        summed = found.summed
        told = summed is not None and summed.left != summed.result and (summed.exact or not pale)
        self.summed.setVisible(told)
        if summed is not None:
            self.summed.show_formula(summed.latex, summed.plain, pale=pale)
        while len(self.rows) < len(found.path_lines):
            row = PathRow()
            row.wanted.connect(self._light)
            self.rows.append(row)
            self._column.addWidget(row)
        for at, row in enumerate(self.rows):
            row.setVisible(at < len(found.path_lines))
            if at < len(found.path_lines):
                row.show_path(found.path_lines[at], pale, alone=not several)

    def _light(self, path: Path) -> None:
        """Let the gradient of this path travel on the canvas."""
        self._canvas.light(
            None, edges_of_path(self._canvas.sheet, path), "backward", plain_number(path.contribution)
        )


def edges_of_path(sheet: Sheet, path: Path) -> list[Edge]:
    """The edges of this level that a path goes back along."""
    names = {f"{sheet.prefix}{node.name}": key for key, node in sheet.level.nodes.items()}
    left = {(names[name], port) for name, port in zip(path.nodes, path.ports, strict=False) if name in names}
    return [edge for edge in sheet.level.edges if (edge.target, edge.port) in left]


def _short(nodes: tuple[str, ...]) -> list[str]:
    """The nodes of a long path without its middle."""
    return list(nodes) if len(nodes) <= 8 else [*nodes[:4], "…", *nodes[-3:]]
