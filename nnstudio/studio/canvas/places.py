"""Where all cards and edges are, as arrays: what is in a rectangle, what is near a point, and how edges run.

QGraphicsScene's own index asks every item for its bounds through Python whenever anything moves; a drag of a
thousand cards is one addition here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from nnstudio.studio.canvas.curves import LEAST_ROW

if TYPE_CHECKING:
    from nnstudio.studio.canvas.edge_item import EdgeItem
    from nnstudio.studio.canvas.node_item import NodeItem

Array = NDArray[np.float64]
_REACH = 32.0  # an edge's shape, numbers and halo stand out of its curve this far
_CARD_MARGIN = 14.0
_MUCH = 1.6  # one rectangle is painted quicker than several, unless it is so many times larger
_AROUND: Array = np.array([[-1.0], [-1.0], [1.0], [1.0]]) * _CARD_MARGIN


class Places:
    """Built anew where nodes or edges come and go, and brought up to date by rows where they move."""

    def __init__(self, nodes: Iterable[NodeItem], edges: Iterable[EdgeItem]) -> None:
        self.nodes = list(nodes)
        self.edges = list(edges)
        self.bendings = 0  # counts
        self.row = {item.node_id: index for index, item in enumerate(self.nodes)}
        self.edge_row = {item.edge: index for index, item in enumerate(self.edges)}
        corners = np.array([item.place() for item in self.nodes]).reshape(-1, 2)
        self.sizes: Array = np.array([item.size() for item in self.nodes]).reshape(-1, 2)
        # Left, top, right, bottom, each side of all cards together: what is near is asked at every move.
        self._cards: Array = np.ascontiguousarray(np.hstack([corners, corners + self.sizes]).T)
        self.corners: Array = self._cards[:2].T
        rows = [
            (self.row[item.edge.source], self.row[item.edge.target], *item.offsets()) for item in self.edges
        ]
        table = np.array(rows, dtype=np.float64).reshape(-1, 6)
        self._source, self._target = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp)
        self._offsets: Array = table[:, 2:]
        self._at: list[list[int]] | None = None
        self._ends: Array | None = None
        self._boxes: Array | None = None  # left, top, right, bottom of all edges, as those of the cards
        self._whole: QRectF | None = None  # around all cards
        self._among: tuple[frozenset[str], NDArray[np.bool_], NDArray[np.bool_]] | None = None

    # -- moving

    def move(self, ids: Collection[str], few: bool) -> tuple[list[EdgeItem], list[QRectF]]:
        """Take these cards' places anew. Returns the edges at them, and where anything was and is, if they
        are few.
        """
        rows = [self.row[key] for key in ids if key in self.row]
        if not rows:
            return [], []
        touched = self._edges_at(rows)
        before = self._covered(rows, touched) if few else None
        self._whole = None
        corners = np.array([self.nodes[row].place() for row in rows])
        self.corners[rows] = corners
        self._cards[2:, rows] = (corners + self.sizes[rows]).T
        if few and self._ends is not None and self._boxes is not None:
            self._ends[touched] = self._ends_of(touched)
            self._boxes[:, touched] = self._boxes_of(self._ends[touched], touched)
        else:
            self._ends = self._boxes = None
        edges = [self.edges[index] for index in touched.tolist()]
        if before is None:
            return edges, []
        after = self._covered(rows, touched)
        low, high = np.minimum(before[:2], after[:2]), np.maximum(before[2:], after[2:])
        corner, size = low.min(axis=1), high.max(axis=1) - low.min(axis=1)
        if size.prod() < _MUCH * (high - low).prod(axis=0).sum():
            return edges, [QRectF(*corner.tolist(), *size.tolist())]
        return edges, [QRectF(*box) for box in np.concatenate([low, high - low]).T.tolist()]

    def _covered(self, rows: list[int], edges: NDArray[np.intp]) -> Array:
        """The boxes around these cards and edges."""
        return np.concatenate([self._cards[:, rows] + _AROUND, self._sides()[:, edges]], axis=1)

    def _edges_at(self, rows: Sequence[int]) -> NDArray[np.intp]:
        if len(rows) > 8:
            moved = np.zeros(len(self.nodes), dtype=bool)
            moved[rows] = True
            return np.flatnonzero(moved[self._source] | moved[self._target])
        if self._at is None:
            self._at = [[] for _ in self.nodes]
            for index, (source, target) in enumerate(
                zip(self._source.tolist(), self._target.tolist(), strict=True)
            ):
                self._at[source].append(index)
                self._at[target].append(index)
        return np.array(sorted({index for row in rows for index in self._at[row]}), dtype=np.intp)

    def with_edges(self, ids: frozenset[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which rows of the nodes these are, and which edges have an end there."""
        if self._among is not None and self._among[0] is ids:
            return self._among[1:]
        nodes = np.zeros(len(self.nodes), dtype=bool)
        nodes[[self.row[key] for key in ids if key in self.row]] = True
        self._among = (ids, nodes, nodes[self._source] | nodes[self._target])
        return self._among[1:]

    def bend(self) -> None:
        """Some edges run otherwise between the same ends."""
        self._boxes = None
        self.bendings += 1

    # -- reading

    def ends(self) -> Array:
        """Where every edge leaves and arrives: (edges, 4)."""
        if self._ends is None:
            self._ends = self._ends_of(slice(None))
        return self._ends

    def _ends_of(self, rows: NDArray[np.intp] | slice) -> Array:
        corners = self.corners
        return np.hstack([corners[self._source[rows]], corners[self._target[rows]]]) + self._offsets[rows]

    def roundabout(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.bool_]:
        """Which edges, of these or of all, run back within a row: where they have no bends, they go around
        their own cards.
        """
        return self._roundabout_of(self.ends() if rows is None else self.ends()[rows], rows)

    def _roundabout_of(self, ends: Array, rows: NDArray[np.intp] | None) -> NDArray[np.bool_]:
        source = self._source if rows is None else self._source[rows]
        target = self._target if rows is None else self._target[rows]
        top, tall = self.corners[:, 1], self.sizes[:, 1]
        back = ends[:, 2] < ends[:, 0]
        back &= top[source] <= top[target] + tall[target] + LEAST_ROW
        back &= top[target] <= top[source] + tall[source] + LEAST_ROW
        return back

    def boxes(self) -> Array:
        """What every edge covers, its label included: left, top, right, bottom."""
        return self._sides().T

    def _sides(self) -> Array:
        if self._boxes is None:
            self._boxes = self._boxes_of(self.ends(), None)
        return self._boxes

    def _boxes_of(self, ends: Array, rows: NDArray[np.intp] | None) -> Array:
        pull = pulls(ends)
        x = np.stack([ends[:, 0], ends[:, 2], ends[:, 0] + pull, ends[:, 2] - pull])
        boxes = np.empty((4, len(ends)))
        boxes[0] = x.min(axis=0) - _REACH
        boxes[1] = np.minimum(ends[:, 1], ends[:, 3]) - _REACH
        boxes[2] = x.max(axis=0) + _REACH
        boxes[3] = np.maximum(ends[:, 1], ends[:, 3]) + _REACH
        around = self._roundabout_of(ends, rows).tolist()
        for index, row in enumerate(range(len(self.edges)) if rows is None else rows.tolist()):
            bends = self.edges[row].stops() if around[index] else self.edges[row].bends
            if bends:
                points = np.array(bends)
                room = _REACH + float(pull[index])
                boxes[:2, index] = np.minimum(boxes[:2, index], points.min(axis=0) - room)
                boxes[2:, index] = np.maximum(boxes[2:, index], points.max(axis=0) + room)
        return boxes

    def cards_in(self, rect: QRectF, margin: float = _CARD_MARGIN) -> list[NodeItem]:
        """The cards whose pictures touch a rectangle, in drawing order."""
        return [self.nodes[row] for row in self.rows_in(rect, margin).tolist()]

    def rows_in(self, rect: QRectF, margin: float = _CARD_MARGIN) -> NDArray[np.intp]:
        return _touching(self._cards, rect, margin)

    def edges_in(self, rect: QRectF) -> list[EdgeItem]:
        return [self.edges[row] for row in self.edge_rows_in(rect).tolist()]

    def edge_rows_in(self, rect: QRectF) -> NDArray[np.intp]:
        return _touching(self._sides(), rect, 0.0)

    def box(self, ids: Collection[str] | None = None) -> QRectF:
        """The rectangle around these cards, or around all."""
        if ids is not None:
            return _around(self._cards[:, [self.row[key] for key in ids]])
        if self._whole is None:
            self._whole = _around(self._cards)
        return QRectF(self._whole)


def _touching(boxes: Array, rect: QRectF, margin: float) -> NDArray[np.intp]:
    left, top, right, bottom = boxes
    return (
        (left <= rect.right() + margin)
        & (right >= rect.left() - margin)
        & (top <= rect.bottom() + margin)
        & (bottom >= rect.top() - margin)
    ).nonzero()[0]


def _around(boxes: Array) -> QRectF:
    if not boxes.size:
        return QRectF()
    left, top = boxes[:2].min(axis=1).tolist()
    right, bottom = boxes[2:].max(axis=1).tolist()
    return QRectF(left, top, right - left, bottom - top)


def pulls(ends: Array) -> Array:
    """How far the control points of the curves stand from their ends: see curves.pull."""
    ahead, across = ends[:, 2] - ends[:, 0], np.abs(ends[:, 3] - ends[:, 1])
    wanted = np.where(ahead >= 0, np.maximum(24.0, ahead * 0.5), np.minimum(160.0, 48.0 - ahead * 0.5))
    return np.minimum(wanted, np.maximum(np.maximum(np.abs(ahead), across), 24.0))
