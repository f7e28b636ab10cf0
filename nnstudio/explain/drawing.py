"""A drawing by hand made like the images of a data set: as large, as thick, and standing where theirs do.

A person draws anywhere, large or small. What a network was trained on was scaled and centred first, each set
in its own way, so the way is measured: how tall and wide the ink of its images is, whether their middle or
their centre of mass stands still, and how thick their lines are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnstudio.data.dataset import Dataset

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Stroke = Sequence[tuple[float, float]]
"""Places the pen went through, from 0 to 1 across and down."""

_MEASURED = 600  # images
_INK = 0.2  # of full ink: less is the edge of a line
_FINE = 4  # points per pixel, each way, before they are averaged
_STRETCHED = 0.12
"""Sets whose widths vary by less of their mean were stretched to a common width."""
_MOST_STRETCH = 1.6
_EVEN = 0.2
"""Sets whose amount of ink varies by less of its mean were made so: in them a 1 is thicker than an 8."""
_THICKENED = (0.6, 1.8)
"""How much thinner or thicker than usual a line may be made for that."""


@dataclass(frozen=True)
class Likeness:
    """How the images of a set are made.

    shape        rows and columns
    low, high    the values of paper and of full ink
    tall, wide   the ink's height and width in pixels; `wide` is 0 where the longer side is `tall` instead
    by_mass      for rows and columns, whether the centre of mass stands still, and not the ink's middle
    middle       where that is, in pixels
    pen          how thick lines are, in pixels
    ink          the share of the image that is ink, where all images have much the same; else 0
    """

    shape: tuple[int, int]
    low: float
    high: float
    tall: float
    wide: float
    by_mass: tuple[bool, bool]
    middle: tuple[float, float]
    pen: float
    ink: float = 0.0

    @classmethod
    def of(cls, dataset: Dataset) -> Likeness | None:
        """Measured on some hundred images; None where the samples are no grey images."""
        if dataset.image_shape is None or len(dataset.image_shape) != 2:
            return None
        rows, columns = dataset.image_shape
        which = np.linspace(0, dataset.samples - 1, min(dataset.samples, _MEASURED)).astype(np.intp)
        images = np.asarray(dataset.x[which], np.float64).reshape(-1, rows, columns)
        low, high = dataset.value_range or (float(images.min()), float(images.max()))
        ink = (images - low) / ((high - low) or 1.0)
        ink = ink[(ink > _INK).any(axis=(1, 2))]
        if not len(ink):
            return None
        down, across = _extents(ink.max(axis=2)), _extents(ink.max(axis=1))
        heights, widths = down[:, 1] - down[:, 0], across[:, 1] - across[:, 0]
        stretched = float(widths.std()) < _STRETCHED * float(widths.mean())
        by_mass: list[bool] = []
        middle: list[float] = []
        sums: list[Floats] = [ink.sum(axis=2), ink.sum(axis=1)]
        for box, profile in zip((down, across), sums, strict=True):
            pixels = np.arange(0.5, profile.shape[1], dtype=np.float64)
            mass: Floats = np.asarray(np.dot(profile, pixels) / profile.sum(axis=1), np.float64)
            centre: Floats = box.mean(axis=1)
            by_mass.append(bool(mass.std() < 0.7 * centre.std()))
            middle.append(float((mass if by_mass[-1] else centre).mean()))
        shares = ink.mean(axis=(1, 2))
        edges = np.abs(np.diff(ink, axis=1)).sum() + np.abs(np.diff(ink, axis=2)).sum()
        return cls(
            (rows, columns),
            low,
            high,
            float(np.median(heights if stretched else np.maximum(heights, widths))),
            float(np.median(widths)) if stretched else 0.0,
            (by_mass[0], by_mass[1]),
            (middle[0], middle[1]),
            float(2 * ink.sum() / (edges * np.pi / 4 or 1.0)),
            float(shares.mean()) if float(shares.std()) < _EVEN * float(shares.mean()) else 0.0,
        )

    def picture(self, strokes: Sequence[Stroke], pen: float = 1.0) -> Floats:
        """The drawing as one of the images (rows, columns), in the data's values; paper where nothing is
        drawn. `pen` is how thick the pen is beside theirs.
        """
        rows, columns = self.shape
        paper = np.full(self.shape, self.low)
        lines = [np.asarray(stroke, np.float64).reshape(-1, 2) for stroke in strokes if len(stroke)]
        if not lines:
            return paper
        thick = self._thickness(lines) * pen
        ink = self._ink(self._placed(lines, thick), thick)
        # Where the mass or the middle of what came out is not yet where it should be, it is moved there.
        moved = [each + self._offset(ink) for each in self._placed(lines, thick)]
        ink = self._ink(moved, thick)
        return self.low + (self.high - self.low) * ink.reshape(rows, columns)

    def _thickness(self, lines: list[Floats]) -> float:
        """That of the set; where its images have much the same ink, that which gives as much."""
        if not self.ink:
            return self.pen
        low, high = (self.pen * share for share in _THICKENED)
        for _ in range(5):
            tried = (low + high) / 2
            if self._ink(self._placed(lines, tried), tried).mean() < self.ink:
                low = tried
            else:
                high = tried
        return (low + high) / 2

    def _placed(self, lines: list[Floats], thick: float) -> list[Floats]:
        """The lines in pixels: as large as the ink of the set is, in the middle of the image."""
        places = np.concatenate(lines)
        least, most = places.min(axis=0), places.max(axis=0)
        size = np.maximum(most - least, 1e-6)
        # What the pen adds on both sides is ink too, but a line's edge is fainter than what was measured.
        room = max(1.0, self.tall - 0.8 * thick)
        if self.wide:
            tall = room / size[1]
            wide = max(1.0, self.wide - 0.8 * thick) / size[0]
            wide = float(np.clip(wide, tall / _MOST_STRETCH, tall * _MOST_STRETCH))
            scale = np.array([wide, min(tall, wide * _MOST_STRETCH)])
        else:
            scale = np.full(2, room / float(size.max()))
        centre = np.array([self.shape[1], self.shape[0]]) / 2
        # A dot has no size that could be made larger.
        scale = np.minimum(scale, 1e4)
        return [(line - (least + most) / 2) * scale + centre for line in lines]

    def _offset(self, ink: Floats) -> Floats:
        """How far (across, down) it must be moved."""
        found: list[float] = []
        for axis in (1, 0):
            profile = ink.sum(axis=1 - axis)
            if self.by_mass[axis]:
                total = float(profile.sum()) or 1.0
                at = float(profile @ (np.arange(len(profile)) + 0.5)) / total
            else:
                at = float(_extents(ink.max(axis=1 - axis)[None]).mean())
            found.append(self.middle[axis] - at)
        return np.array(found)

    def _ink(self, lines: list[Floats], thick: float) -> Floats:
        """Lines in pixels, drawn finely and averaged over each pixel: 0 to 1."""
        rows, columns = self.shape
        down = (np.arange(rows * _FINE) + 0.5) / _FINE
        across = (np.arange(columns * _FINE) + 0.5) / _FINE
        far: Floats = np.full((rows * _FINE, columns * _FINE), np.inf)
        for line in lines:
            ends = line[1:] if len(line) > 1 else line
            for (x0, y0), (x1, y1) in zip(line[: len(ends)], ends, strict=True):
                _draw_near(far, down, across, (x0, y0, x1, y1), thick)
        fine = np.clip((thick / 2 - far) * _FINE + 0.5, 0, 1)
        return fine.reshape(rows, _FINE, columns, _FINE).mean(axis=(1, 3))


def _draw_near(
    far: Floats, down: Floats, across: Floats, line: tuple[float, float, float, float], thick: float
) -> None:
    """Lower the distances around a piece of a line to those from it."""
    x0, y0, x1, y1 = line
    reach = thick / 2 + 1
    rows = slice(*np.searchsorted(down, (min(y0, y1) - reach, max(y0, y1) + reach)))
    columns = slice(*np.searchsorted(across, (min(x0, x1) - reach, max(x0, x1) + reach)))
    y, x = down[rows, None] - y0, across[None, columns] - x0
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = np.clip((x * (x1 - x0) + y * (y1 - y0)) / length, 0, 1) if length else np.zeros((1, 1))
    distance = np.hypot(x - along * (x1 - x0), y - along * (y1 - y0))
    np.minimum(far[rows, columns], distance, out=far[rows, columns])


def _extents(profiles: Floats) -> Floats:
    """For rows (n, pixels) of how strong the ink is: where it begins and ends (n, 2)."""
    inked = profiles > _INK
    empty = ~inked.any(axis=1)
    first = inked.argmax(axis=1)
    last = profiles.shape[1] - inked[:, ::-1].argmax(axis=1)
    found: Floats = np.empty((len(profiles), 2))
    found[:, 0] = np.where(empty, 0, first)
    found[:, 1] = np.where(empty, profiles.shape[1], last)
    return found
