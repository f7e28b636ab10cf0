"""Edges drawn as short lines lie where their curves are."""

from __future__ import annotations

import numpy as np
import pytest

from nnstudio.studio.canvas.curves import cubics, points_of
from nnstudio.studio.canvas.strokes import strokes

ENDS = np.array(
    [
        [0.0, 0.0, 100.0, 0.0],
        [0.0, 0.0, 80.0, 240.0],
        [500.0, 40.0, 20.0, -300.0],
        [0.0, 10.0, 40.0, 18.0],
        [-900.0, 0.0, 900.0, 700.0],
    ]
)


@pytest.mark.parametrize("scale", [0.35, 1.0, 4.0])
@pytest.mark.parametrize("ends", ENDS.tolist())
def test_the_strokes_of_an_edge_are_its_curve_without_a_gap(ends, scale):
    lines = strokes(np.array([ends]), scale).reshape(-1, 2, 2)
    fine = np.concatenate(
        [points_of([piece]) for piece in halved(cubics(tuple(ends[:2]), tuple(ends[2:])), 6)]
    )
    away = np.hypot(*(lines.reshape(-1, 1, 2) - fine).transpose(2, 0, 1)).min(axis=1)
    assert away.max() * scale < 0.6, "a stroke begins or ends beside the curve"
    middles = lines.mean(axis=1)
    away = np.hypot(*(middles[:, None] - fine).transpose(2, 0, 1)).min(axis=1)
    assert away.max() * scale < 1.0, "a stroke cuts a bend short"
    assert np.array_equal(lines[0, 0], ends[:2]) and np.allclose(lines[-1, 1], ends[2:], atol=1e-9)
    along = lines[:, 1] - lines[:, 0]
    over = ((lines[:-1, 1] - lines[1:, 0]) * along[:-1]).sum(axis=1) / np.hypot(*along[:-1].T)
    assert len(over) == 0 or over.min() > 0, "a gap between two strokes"


def test_many_edges_are_those_of_each_one_after_the_other():
    alone = [strokes(ends[None], 1.0) for ends in ENDS]
    assert len(alone[0]) == 1, "a level edge is one line"
    np.testing.assert_allclose(strokes(ENDS, 1.0), np.concatenate(alone))


def test_no_edges_are_no_strokes():
    assert strokes(np.zeros((0, 4)), 1.0).shape == (0, 4)


def halved(pieces, times):
    """The same curve in more pieces, by de Casteljau."""
    for _ in range(times):
        found = []
        for piece in pieces:
            a, b, c, d = (np.array(point) for point in piece)
            ab, bc, cd = (a + b) / 2, (b + c) / 2, (c + d) / 2
            abc, bcd = (ab + bc) / 2, (bc + cd) / 2
            found += [(a, ab, abc, (abc + bcd) / 2), ((abc + bcd) / 2, bcd, cd, d)]
        pieces = found
    return pieces
