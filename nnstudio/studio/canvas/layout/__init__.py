"""Laying a graph out: columns from left to right along the edges, in the manner of Sugiyama, Tagawa and Toda
(1981), with real card sizes and port places.

A file for each phase: layering (which column), grid (room for long edges), ordering and sifting (few
crossings), placing and relaxing (level edges), routing (bends where an edge would run behind a card).
Nothing but `of_level` knows Qt.
"""

from nnstudio.studio.canvas.layout.arrangement import Arrangement, arrangement
from nnstudio.studio.canvas.layout.cards import Card
from nnstudio.studio.canvas.layout.of_level import arranged, arranged_level, cards

__all__ = ["Arrangement", "Card", "arranged", "arranged_level", "arrangement", "cards"]
