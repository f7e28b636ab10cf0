"""The second phase: the columns with everything that takes room in them, cards and the edges that pass by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnstudio.studio.canvas.layout.layering import Arc

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class Columns:
    """Spots, numbered column by column, and links, each from one column to the next.

    A spot is a node, or the place where a long edge passes a column. An edge is a chain of links.
    """

    count: int  # of nodes
    column: Ints  # (spots,)
    starts: list[int]  # the first spot of each column, and at the end the number of spots
    node: Ints  # (spots,) the node, or -1 where an edge passes
    spot_of: Ints  # (nodes,)
    source: Ints  # (links,) spots
    target: Ints
    arc: Ints  # (links,) the edge that a link is part of
    leaves: Ints  # (links,) the rank of the port at the source among the source's ports
    arrives: Ints
    passing: dict[int, list[int]]  # arc -> the spots where it passes, from left to right

    @property
    def size(self) -> int:
        return len(self.column)

    @property
    def depth(self) -> int:
        return len(self.starts) - 1


def with_passages(
    column: Sequence[int],
    arcs: Sequence[Arc],
    out_rank: Sequence[int],
    in_rank: Sequence[int],
    limit: int,
) -> tuple[Columns, list[int]]:
    """The columns for nodes in the given ones, and the arcs that were left out: the longest, where there
    would be more than `limit` passages in all.
    """
    count = len(column)
    layer = np.asarray(column, dtype=np.int64)
    ends = np.asarray(arcs, dtype=np.int64).reshape(-1, 2)
    spans = layer[ends[:, 1]] - layer[ends[:, 0]]
    by_span = np.argsort(spans, kind="stable")
    fits = np.cumsum(spans[by_span] - 1) <= limit
    kept = np.sort(by_span[fits])
    left_out = np.sort(by_span[~fits])

    source, target, spans = ends[kept, 0], ends[kept, 1], spans[kept]
    inner = spans - 1
    first = np.cumsum(inner) - inner
    of_arc = np.repeat(np.arange(len(kept)), inner)
    step = np.arange(int(inner.sum())) - first[of_arc]
    whole = np.concatenate([layer, layer[source[of_arc]] + 1 + step])
    order = np.argsort(whole, kind="stable")
    number = np.empty_like(order)
    number[order] = np.arange(len(order))

    link_arc = np.repeat(np.arange(len(kept)), spans)
    link_step = np.arange(len(link_arc)) - (np.cumsum(spans) - spans)[link_arc]
    begins, stops = link_step == 0, link_step == spans[link_arc] - 1
    passage = count + first[link_arc] + link_step
    raw_source = np.where(begins, source[link_arc], passage - 1)
    raw_target = np.where(stops, target[link_arc], passage)
    leaves = np.asarray(out_rank, dtype=np.int64)[kept][link_arc]
    arrives = np.asarray(in_rank, dtype=np.int64)[kept][link_arc]
    depth = int(layer.max(initial=-1)) + 1
    passing: dict[int, list[int]] = {}
    spots = number[count:].tolist()
    for place, arc in enumerate(kept.tolist()):
        if inner[place]:
            start = int(first[place])
            passing[arc] = spots[start : start + int(inner[place])]
    return (
        Columns(
            count=count,
            column=whole[order],
            starts=np.searchsorted(whole[order], np.arange(depth + 1)).tolist(),
            node=np.where(order < count, order, -1),
            spot_of=number[:count],
            source=number[raw_source],
            target=number[raw_target],
            arc=kept[link_arc],
            leaves=np.where(begins, leaves, 0),
            arrives=np.where(stops, arrives, 0),
            passing=passing,
        ),
        left_out.tolist(),
    )
