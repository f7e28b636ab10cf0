"""The answer over the plane of two inputs: decision boundary, points, each unit's line, and their regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from nnstudio.data import Scaling
from nnstudio.explain.answers import Answers
from nnstudio.explain.contour import contour
from nnstudio.explain.probing import Probe
from nnstudio.explain.regions import (
    KINKED,
    MOST_COUNTED,
    Fold,
    counted,
    first_activations,
    folds,
    most_regions,
    patterns,
)
from nnstudio.studio import theme
from nnstudio.studio.chooser import Chooser
from nnstudio.studio.colours import category, diverging, shaded
from nnstudio.studio.dressed import Dressed
from nnstudio.studio.formats import count, number
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.plane import Area, Line, Plane, clipped
from nnstudio.studio.learned.view import LearnedView, Question
from nnstudio.studio.panels.sections import text

Floats = NDArray[np.float64]
GRID = 81
MOST_POINTS = 600
MOST_LINES = 64
NO_LINES = "no units"
_ASIDE = 136  # pixels beside the plane


@dataclass(frozen=True, eq=False)
class Field:
    """What a network makes of a plane.

    chosen, strength   the class at each place of the grid and how far it leads, 0 to 1; or None
    values             for numbers: the first of them at each place
    borders            pieces between classes, in the plane
    lines              of the units that are asked for
    layers             the activations whose units can be asked for
    sentence           how many regions there are
    """

    area: Area
    chosen: NDArray[np.intp] | None
    strength: Floats
    values: Floats
    borders: Floats
    lines: tuple[Line, ...]
    layers: tuple[str, ...]
    layer: str
    sentence: str
    units: tuple[Fold, ...]


class BoundaryView(Dressed, LearnedView):
    title = "Boundary"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: Facts | None = None
        self._of: object = None
        self._layer: str | None = None
        self.field: Field | None = None
        self.plane = Plane()
        self.layers = Chooser()
        self.layers.setAccessibleName("Whose units are drawn")
        self.layers.setToolTip("Whose units are drawn: each changes along its line")
        self.layers.activated.connect(self._choose_layer)
        self.closer, self.further, self.whole = (QToolButton() for _ in range(3))
        for button, words, press in (
            (self.closer, "Zoom in (+)", lambda: self.plane.look_at(self.plane.area.zoomed(0.8))),
            (self.further, "Zoom out (−)", lambda: self.plane.look_at(self.plane.area.zoomed(1.25))),
            (self.whole, "Show all of the data (0)", self._show_all),
        ):
            button.setAccessibleName(words)
            button.setToolTip(words)
            button.setProperty("kind", "quiet")
            button.clicked.connect(press)
        self.where = text("", "strong")
        self.regions = text("", "dim")
        for aside in (self.layers, self.where, self.regions):
            aside.setFixedWidth(_ASIDE)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.closer, self.further, self.whole):
            buttons.addWidget(button)
        buttons.addStretch(1)
        aside = QVBoxLayout()
        aside.setSpacing(4)
        aside.addWidget(self.layers)
        aside.addLayout(buttons)
        aside.addWidget(self.where)
        aside.addWidget(self.regions)
        aside.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.plane, 1)
        row.addLayout(aside)
        self.plane.area_changed.connect(self.asked)
        self.plane.place_changed.connect(self._say_place)
        self.plane.unit_chosen.connect(lambda _: self._say_place(self.plane.place))
        self._dress()

    def suits(self, facts: Facts) -> bool:
        return facts.width == 2 and facts.input_shape in ((2,), (1, 2), (2, 1))

    def follow(self, facts: Facts) -> None:
        self._facts = facts
        points, colours, hollow = self._points(facts)
        names = () if facts.dataset is None else facts.dataset.feature_names
        two = (names[0], names[1]) if len(names) == 2 else ("x1", "x2")
        self.plane.show_points(points, colours, hollow, two)
        if self._of is not facts.splits:
            self._of = facts.splits
            self.plane.look_at(Area.around(points))

    def question(self, facts: Facts) -> Question | None:
        area, layer = self.plane.area, self._layer
        scaling = Scaling.none() if facts.splits is None else facts.splits.scaling
        shape, task = facts.input_shape, facts.task
        makes, unit = facts.answers, facts.splits

        def ask(probe: Probe) -> Field:
            places = area.grid(GRID)
            x = scaling.apply(places.reshape(-1, *shape), probe.program.dtype)
            outputs = probe.answer(x)
            chosen, strength, values, borders = None, np.zeros(0), np.zeros(0), np.zeros((0, 4))
            if task == "classes":
                chosen, strength, borders = _classes(makes(probe), outputs, area)
            else:
                values = np.asarray(outputs.reshape(len(outputs), -1)[:, 0], np.float64)
                if unit is not None and unit.target_scaling.factor.shape in ((), (1,)):
                    values = unit.target_scaling.undo(values[:, None])[:, 0]
                values = values.reshape(GRID, GRID)
            layers = tuple(
                node.name for node in probe.flat if node.definition.category == "Activations" and node.sources
            )
            first = first_activations(probe)
            shown = layer if layer in layers else (first[0] if first and layer is None else "")
            units = tuple(folds(probe, 2))
            if shown in first:
                lines = _straight([fold for fold in units if fold.node == shown], scaling, area)
            elif shown:
                lines = _bent(probe, shown, x, area)
            else:
                lines = ()
            sentence = _sentence(probe, units, shown, x)
            return Field(area, chosen, strength, values, borders, lines, layers, shown, sentence, units)

        return ask

    def show_answer(self, answer: Any) -> None:
        field: Field = answer
        self.field = field
        names = [NO_LINES, *(f"units of {name}" for name in field.layers)]
        if names != [self.layers.itemText(row) for row in range(self.layers.count())]:
            self.layers.clear()
            self.layers.addItems(names)
        self.layers.setCurrentIndex(field.layers.index(field.layer) + 1 if field.layer else 0)
        self.layers.setVisible(bool(field.layers))
        self._paint()
        self.plane.show_lines(field.lines)
        self.regions.setText(field.sentence)
        self.regions.setVisible(bool(field.sentence))
        self._say_place(self.plane.place)

    # -- inside

    def _choose_layer(self, row: int) -> None:
        known = self.field.layers if self.field is not None else ()
        self._layer = known[row - 1] if 0 < row <= len(known) else ""
        self.plane.choose_unit(None)
        self.asked.emit()

    def _show_all(self) -> None:
        if self._facts is not None:
            self.plane.look_at(Area.around(self._points(self._facts)[0]))

    def _paint(self) -> None:
        field = self.field
        if field is None:
            return
        c = theme.colours()
        if field.chosen is not None:
            pixels = shaded(field.chosen, 0.15 + 0.45 * field.strength, c)
        else:
            finite = np.abs(field.values[np.isfinite(field.values)])
            pixels = diverging(field.values, float(finite.max(initial=0.0)), c)
        self.plane.show_field(pixels, field.borders, field.area)

    def _points(self, facts: Facts) -> tuple[Floats, list[str], NDArray[np.bool_]]:
        """Of all parts, in the data's own unit; those of validation and test are hollow."""
        splits = facts.splits
        if splits is None:
            return np.zeros((0, 2)), [], np.zeros(0, bool)
        c = theme.colours()
        kept, hollow = [], []
        for part in splits.parts:
            step = max(1, -(-splits.dataset.samples // MOST_POINTS))
            rows = part.indices[::step]
            kept.append(rows)
            hollow.append(np.full(len(rows), part is not splits.train))
        rows = np.concatenate(kept)
        points = np.asarray(splits.dataset.x[rows], np.float64).reshape(-1, 2)
        if splits.dataset.task == "classes":
            colours = [category(int(each), c) for each in splits.dataset.y[rows]]
        else:
            wanted = np.asarray(splits.dataset.y[rows], np.float64).reshape(len(rows), -1)[:, 0]
            tones = diverging(wanted, float(np.abs(splits.dataset.y).max(initial=0)), c)
            colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b, _ in tones.tolist()]
        return points, colours, np.concatenate(hollow)

    def _say_place(self, place: object) -> None:
        """What the network answers at the cross, or what a chosen unit does."""
        field, facts = self.field, self._facts
        words = ""
        if isinstance(place, tuple) and field is not None and facts is not None:
            x, y = place
            words = f"{number(x)}, {number(y)}: "
            area = field.area
            column = round((x - area.left) / (area.right - area.left) * (GRID - 1))
            row = round((y - area.low) / (area.high - area.low) * (GRID - 1))
            if not (0 <= row < GRID and 0 <= column < GRID):
                return
            if field.chosen is not None:
                names, chosen = facts.class_names, int(field.chosen[row, column])
                words += names[chosen] if chosen < len(names) else str(chosen)
            else:
                words += number(float(field.values[row, column]))
        elif self.plane.unit is not None and field is not None:
            words = f"unit {self.plane.unit + 1} of {field.layer}, on in the shaded half"
        self.where.setText(words)
        self.plane.setAccessibleDescription(words)

    def _dress(self) -> None:
        for button, name in ((self.closer, "zoom-in"), (self.further, "zoom-out"), (self.whole, "home")):
            button.setIcon(theme.icon(name))
        if self._facts is not None:
            self.follow(self._facts)
        self._paint()


def _classes(answers: Answers, outputs: NDArray[Any], area: Area) -> tuple[NDArray[np.intp], Floats, Floats]:
    """For the grid: the class, how far it leads, and the pieces of the borders between classes."""
    shares = answers.shares(outputs)
    many = shares.shape[1]
    chosen = answers.chosen(outputs).reshape(GRID, GRID)
    rows = np.asarray(outputs.reshape(len(outputs), -1), np.float64)
    if rows.shape[1] == 1:
        margins = [(rows[:, 0] - answers.halfway).reshape(GRID, GRID)]
    else:
        found = np.unique(chosen)
        found = found[:-1] if len(found) == 2 else found
        margins = [
            (rows[:, each] - np.delete(rows, each, axis=1).max(axis=1)).reshape(GRID, GRID) for each in found
        ]
    ordered = np.sort(shares, axis=1)
    lead = ordered[:, -1] - ordered[:, -2] if many > 1 else ordered[:, -1]
    pieces = [_placed(contour(margin), area) for margin in margins]
    return chosen, lead.reshape(GRID, GRID), np.concatenate([np.zeros((0, 4)), *pieces])


def _placed(pieces: Floats, area: Area) -> Floats:
    """From cells of the grid to the plane."""
    wide, tall = (area.right - area.left) / (GRID - 1), (area.high - area.low) / (GRID - 1)
    return pieces * [wide, tall, wide, tall] + [area.left, area.low, area.left, area.low]


def _straight(units: list[Fold], scaling: Scaling, area: Area) -> tuple[Line, ...]:
    """The lines of a first layer, in the data's own unit."""
    factor = np.broadcast_to(scaling.factor.reshape(-1), (2,))
    offset = np.broadcast_to(scaling.offset.reshape(-1), (2,))
    found: list[Line] = []
    for fold in units[:MOST_LINES]:
        a, b = (float(w * f) for w, f in zip(fold.slope, factor, strict=True))
        pieces = clipped((a, b), fold.offset - a * float(offset[0]) - b * float(offset[1]), area)
        found.append(Line(fold.unit, pieces, (a, b)))
    return tuple(found)


def _bent(probe: Probe, layer: str, x: NDArray[Any], area: Area) -> tuple[Line, ...]:
    """The lines of a later layer: the layers before have bent them."""
    source = probe.flat[layer].sources["input"]
    values = probe.outputs(x, [source])[source].reshape(GRID, GRID, -1)
    return tuple(
        Line(unit, _placed(contour(values[:, :, unit]), area))
        for unit in range(min(values.shape[2], MOST_LINES))
    )


def _sentence(probe: Probe, units: tuple[Fold, ...], shown: str, x: NDArray[Any]) -> str:
    """How many regions the lines cut, and how many there could be."""
    kinked = [fold for fold in units if fold.kinked]
    if not kinked:
        return f"{shown}: each unit changes sign along its line." if shown and units else ""
    layer = kinked[0].node
    own = [fold for fold in kinked if fold.node == layer]
    n = len(own)
    if n > MOST_COUNTED:
        sentence = f"{layer} has {count(n, 'unit')}: regions are counted up to {MOST_COUNTED}."
    else:
        bound = " + ".join(f"{term:,}" for term in (1, n, n * (n - 1) // 2))
        sentence = (
            f"The {count(n, 'line')} of {layer} cut the plane into {count(counted(own), 'region')}, "
            f"of at most {bound} = {most_regions(n, 2):,}."
        )
    layers = sum(node.definition.name in KINKED for node in probe.flat)
    if layers > 1:
        seen, all_units = patterns(probe, x)
        sentence += f" With all {layers} layers ({all_units:,} units) {seen:,} are seen here."
    return sentence
