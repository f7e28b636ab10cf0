"""Snapshots: a run's state written by one process and read by another, never waited for and never half new.

The block holds two slots and a sequence number that says which was finished last. The writer fills the
other slot and then raises the number; a reader copies the finished slot and looks at the number again: where
it has changed meanwhile the copy may be torn, and it reads anew. So neither ever waits, the newest value
wins, and a writer that is killed in the middle of a slot leaves the one before it whole.

Beside the slots run two rings: one of the loss of every batch, which costs a run next to nothing, and one of
points at most thirty times a second, that say when and in which epoch these batches were.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nnstudio.shared_memory import ALIGNMENT, Layout, aligned
from nnstudio.training.watching import Figure, figures

Array = NDArray[Any]
Arrays = Mapping[str, Array]

FIGURES = "figures"
"""The name that the table of the layers' figures has among the watched arrays."""
POINT = ("step", "epoch", "loss", "lr", "seconds", "batches")
"""Each is a batch, or the mean of so many where they went by faster than anybody looked."""
_BEFORE = ("epoch", "seconds")
"""Of a point in the ring also where its first batch began."""
RING = 4096
BATCHES = 1 << 16
"""So many batches' losses are there to be read; the older half may be written over meanwhile."""
_SEQUENCE, _COUNT = 0, 1
_STEP, _LOSS, _LR, _MANY = (POINT.index(name) for name in ("step", "loss", "lr", "batches"))
_MARGIN = BATCHES // 4
_STATUS_BYTES = 1 << 16
_TRIES = 1000


@dataclass(frozen=True)
class SnapshotLayout:
    """What a snapshot holds and where: parameters, optimizer state, and room for what is watched."""

    parameters: Layout
    optimizer: Layout
    watched: int

    @property
    def slot(self) -> int:
        """The bytes of one slot."""
        return aligned(8 + _STATUS_BYTES) + self.parameters.size + self.optimizer.size + aligned(self.watched)

    @property
    def slots(self) -> int:
        """Where the first slot starts: after the header and the ring."""
        return _ENDS_OF_RINGS[-1]

    @property
    def size(self) -> int:
        """The bytes of the whole block."""
        return self.slots + 2 * self.slot

    def to_dict(self) -> dict[str, Any]:
        """JSON values from which from_dict makes the same layout."""
        return {
            "parameters": self.parameters.to_list(),
            "optimizer": self.optimizer.to_list(),
            "watched": self.watched,
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> SnapshotLayout:
        """A layout as to_dict writes it."""
        return cls(
            Layout.from_list(given["parameters"]), Layout.from_list(given["optimizer"]), int(given["watched"])
        )


_WIDTH = len(POINT) + len(_BEFORE)
_ENDS_OF_RINGS = (
    ALIGNMENT,
    ALIGNMENT + aligned(8 * RING * _WIDTH),
    ALIGNMENT + aligned(8 * RING * _WIDTH) + aligned(8 * BATCHES * 2),
)


class _Slot:
    """The pieces of one slot, as views into the block."""

    def __init__(self, block: Array, layout: SnapshotLayout, index: int) -> None:
        start = layout.slots + index * layout.slot
        self.length = block[start : start + 8].view(np.int64)
        self.status = block[start + 8 : start + 8 + _STATUS_BYTES]
        start += aligned(8 + _STATUS_BYTES)
        self.parameters = block[start : start + layout.parameters.size]
        start += layout.parameters.size
        self.optimizer = block[start : start + layout.optimizer.size]
        start += layout.optimizer.size
        self.watched = block[start : start + layout.watched]


class _Ends:
    """What both ends of the block share."""

    def __init__(self, block: Array, layout: SnapshotLayout) -> None:
        self.layout = layout
        self._header = block[:ALIGNMENT].view(np.int64)
        points, batches, end = _ENDS_OF_RINGS
        ring = block[points : points + 8 * RING * _WIDTH]
        self._ring = ring.view(np.float64).reshape(RING, _WIDTH)
        self._batches = block[batches:end].view(np.float64)[: 2 * BATCHES]
        self._slots = (_Slot(block, layout, 0), _Slot(block, layout, 1))
        self._lock = threading.Lock()

    @property
    def sequence(self) -> int:
        """How many snapshots were finished; 0 before the first."""
        return int(self._header[_SEQUENCE])

    def _fence(self) -> None:
        """Nothing written or read before it moves behind it: x86 needs none of this, other processors do."""
        for _ in range(2):
            with self._lock:
                pass


class SnapshotWriter(_Ends):
    """The end that writes; there is one."""

    def __init__(self, block: Array, layout: SnapshotLayout) -> None:
        super().__init__(block, layout)
        # A number is put into it twice as fast as into an array.
        self._written: Any = memoryview(cast("Any", self._batches))
        self._pointed: tuple[float, float, float] | None = None

    def add_batch(self, step: int, loss: float, lr: float) -> None:
        """The loss of one update, by the number of updates with it; a point tells that it is there."""
        place = 2 * (step % BATCHES)
        self._written[place] = loss
        self._written[place + 1] = lr

    def publish(
        self, status: Mapping[str, Any], parameters: Arrays, optimizer: Arrays, watched: Arrays | None = None
    ) -> None:
        """Makes this the newest snapshot. Arrays are as laid out; of the watched ones, what fits is kept."""
        slot = self._slots[(self.sequence + 1) % 2]
        kept = _fitting(watched or {}, self.layout.watched)
        places = Layout.of(kept)
        text = json.dumps({**status, "watched": places.to_list()}).encode()
        if len(text) > _STATUS_BYTES:
            places = Layout(())
            text = json.dumps({**status, "watched": []}).encode()
        slot.length[0] = len(text)
        slot.status[: len(text)] = np.frombuffer(text, np.uint8)
        self.layout.parameters.write(slot.parameters, parameters)
        self.layout.optimizer.write(slot.optimizer, optimizer)
        places.write(slot.watched, kept)
        self._fence()
        self._header[_SEQUENCE] += 1

    def begin_points(self, step: int, epoch: float, seconds: float) -> None:
        """The next point is of the batches from here on."""
        self._pointed = step, epoch, seconds

    def add_point(self, step: int, epoch: float, loss: float, lr: float, seconds: float) -> None:
        """The mean of the batches since the point before; of a full ring the oldest falls out."""
        before, *began = self._pointed or (step - 1, epoch, seconds)
        count = int(self._header[_COUNT])
        self._ring[count % RING] = (step, epoch, loss, lr, seconds, step - before, *began)
        self._pointed = step, epoch, seconds
        self._fence()
        self._header[_COUNT] = count + 1


@dataclass(frozen=True)
class Snapshot:
    """An immutable copy of a run's state at one step: `status` as the run wrote it, the arrays by name."""

    sequence: int
    status: Mapping[str, Any]
    watched: Arrays
    parameters: Arrays
    optimizer: Arrays
    table: Array | None = None
    """The figures of the layers as they were measured; see `figures`."""

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """What Session.watch_figures asked for, by "fc1.weight", "fc1.grad_weight" or "act1.output"."""
        told = self.status.get(FIGURES)
        return {} if told is None or self.table is None else figures(told["rows"], self.table, told["step"])


class SnapshotReader(_Ends):
    """The end that reads; there may be several."""

    def latest(self, *, arrays: bool = False) -> Snapshot | None:
        """The newest snapshot, with parameters and optimizer state if `arrays`; None before the first."""
        for _ in range(_TRIES):
            sequence = self.sequence
            if not sequence:
                return None
            self._fence()
            snapshot = self._copied(self._slots[sequence % 2], sequence, arrays)
            if snapshot is not None:
                return snapshot
        return None

    def points(self, since: int = 0) -> tuple[int, NDArray[np.float64]]:
        """How many points there were in all, and rows of POINT from number `since` on: every batch by itself,
        as far as these are still there.
        """
        count = int(self._header[_COUNT])
        self._fence()
        rows = np.arange(max(since, count - RING), count)
        found = self._ring[rows % RING]
        self._fence()
        # The writer may meanwhile have begun to write over the oldest.
        overwritten = int(self._header[_COUNT]) - RING
        found = found[rows > overwritten] if overwritten >= 0 else found
        return count, self._by_batch(found) if len(found) else found[:, : len(POINT)]

    def _by_batch(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points as rows of the batches that they are the means of; the oldest stay what they are where
        their batches may be written over by now.
        """
        counts = points[:, _MANY].astype(np.int64)
        last = points[:, _STEP].astype(np.int64)
        known = (counts > 0) & (last - counts >= last[-1] - BATCHES // 2)
        means, points, counts, last = points[~known, : len(POINT)], points[known], counts[known], last[known]
        if not len(points):
            return means
        of = np.repeat(np.arange(len(points)), counts)
        number = np.arange(1, len(of) + 1) - np.repeat(np.cumsum(counts) - counts, counts)
        step = (last - counts)[of] + number
        share = number / counts[of]
        told = self._batches.reshape(BATCHES, 2)[step % BATCHES]
        rows = np.empty((len(of), len(POINT)))
        rows[:, _STEP], rows[:, _MANY] = step, 1
        rows[:, _LOSS], rows[:, _LR] = told.T
        for name, before in zip(_BEFORE, points[:, len(POINT) :].T, strict=True):
            column = POINT.index(name)
            rows[:, column] = before[of] + (points[of, column] - before[of]) * share
        self._fence()
        newest = self._ring[(int(self._header[_COUNT]) - 1) % RING, _STEP]
        if newest - step[0] > BATCHES - _MARGIN:  # whoever read this was held up for seconds
            return np.concatenate([means, points[:, : len(POINT)]])
        return np.concatenate([means, rows])

    def _copied(self, slot: _Slot, sequence: int, arrays: bool) -> Snapshot | None:
        """A copy of the slot, or None when the writer came round to it meanwhile."""
        text = slot.status[: int(slot.length[0])].tobytes()
        if not self._still(sequence):
            return None
        status = json.loads(text)
        watched = Layout.from_list(status.pop("watched")).copies(slot.watched)
        table = watched.pop(FIGURES, None)
        snapshot = Snapshot(
            sequence,
            status,
            watched,
            self.layout.parameters.copies(slot.parameters) if arrays else {},
            self.layout.optimizer.copies(slot.optimizer) if arrays else {},
            table,
        )
        return snapshot if self._still(sequence) else None

    def _still(self, sequence: int) -> bool:
        self._fence()
        return self.sequence == sequence


def _fitting(arrays: Arrays, room: int) -> dict[str, Array]:
    """As many of the arrays as fit, in order; of the one that does not, as many samples as fit."""
    kept: dict[str, Array] = {}
    for name, array in arrays.items():
        if aligned(array.nbytes) <= room:
            kept[name] = array
            room -= aligned(array.nbytes)
            continue
        if array.ndim and len(array):
            rows = room // ALIGNMENT * ALIGNMENT // (array.nbytes // len(array))
            if rows:
                kept[name] = array[:rows]
        break
    return kept
