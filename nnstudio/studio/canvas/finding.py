"""Finding a node type from a few letters of its name, of another name for it, of its formula or of what it
does. Plain Python, for the search on the canvas and for the palette alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

# How often a type counts as used before anybody has used it: what most networks are made of comes first.
START_COUNTS: Mapping[str, int] = {
    "Linear": 12,
    "ReLU": 10,
    "Input": 9,
    "Tanh": 8,
    "Sigmoid": 7,
    "CrossEntropy": 6,
    "MSE": 6,
    "Target": 6,
    "SoftMax": 5,
    "Add": 4,
    "CAddTable": 3,
    "Flatten": 2,
    "BCEWithLogits": 2,
    "Concat": 1,
    "Output": 1,
}

_ALL = 1  # the score where nothing is asked
_WHOLE = 110  # of a word that is the name itself


class Findable(Protocol):
    """What is searched for: a node type of the catalogue, or a group that the user has kept."""

    @property
    def name(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


Found = TypeVar("Found", bound=Findable)


def score(definition: Findable, query: str) -> int:
    """How well a type answers a query: 0 not at all, more is better. The query is a part of its formula, or
    every word of it is answered.
    """
    words = query.casefold().split()
    if not words:
        return _ALL
    known = _known(definition)
    if len(words) > 1:  # "soft max" and "x W" mean one thing, not two
        if known.name.startswith("".join(words)):
            return (_WHOLE + 1) * len(words)
        if _typed(query) in known.formula:
            return _WHOLE * len(words)
    found = [_word_score(known, word) for word in words]
    return min(found) and sum(found)


def ranked(
    definitions: Iterable[Found],
    query: str = "",
    uses: Mapping[str, int] | None = None,
    first: str = "",
) -> list[Found]:
    """What answers the query: by how well it does, then by how often it was used, then as it came.

    `uses` counts by name, beside START_COUNTS. Without a query the type called `first` leads.
    """
    counts = uses or {}

    def place(entry: tuple[int, Found]) -> tuple[int, bool, int]:
        points, each = entry
        return (-points, points != _ALL or each.name != first, -_uses(each.name, counts))

    found = [(points, each) for each in definitions if (points := score(each, query))]
    return [each for _, each in sorted(found, key=place)]


def _uses(name: str, counts: Mapping[str, int]) -> int:
    return START_COUNTS.get(name, 0) + counts.get(name, 0)


class _Known(NamedTuple):
    """What a type is known by, in small letters."""

    name: str
    aliases: tuple[str, ...]
    starts: tuple[str, ...]  # of the aliases: what typing one may begin with
    formula: str  # without blanks, as it can be typed
    category: str
    words: tuple[str, ...]  # of the summary


@lru_cache(maxsize=512)
def _known(definition: Findable) -> _Known:
    aliases = tuple(alias.casefold() for alias in definition.aliases)
    starts = tuple(part for alias in aliases for part in (alias, *alias.split()))
    words = "".join(c if c.isalnum() else " " for c in definition.summary.casefold()).split()
    return _Known(
        definition.name.casefold(),
        aliases,
        starts,
        _typed(definition.formula),
        definition.category.casefold(),
        tuple(words),
    )


def _typed(formula: str) -> str:
    """A formula as a keyboard has it: x² is x2 (and x^2 too), Wᵀ is wt."""
    plain = unicodedata.normalize("NFKC", formula).casefold()
    return plain.replace("−", "-").replace("^", "").replace(" ", "")


def _word_score(known: _Known, word: str) -> int:
    if known.name == word:
        return _WHOLE
    if word in known.aliases:
        return 100
    if known.name.startswith(word):
        return 90
    if any(start.startswith(word) for start in known.starts):
        return 80
    if word in known.name:
        return 70
    if any(word in alias for alias in known.aliases):
        return 60
    if _typed(word) and _typed(word) in known.formula:
        return 50
    if known.category.startswith(word):
        return 40
    if len(word) > 2 and any(each.startswith(word) for each in known.words):
        return 30
    if len(word) > 2 and _in_order(word, known.name):
        return 20
    return 10 if len(word) > 3 and any(_one_slip(word, each) for each in (known.name, *known.aliases)) else 0


def _in_order(letters: str, text: str) -> bool:
    """Whether the letters stand in the text in this order, with others between them: "crent" in
    "crossentropy".
    """
    rest = iter(text)
    return text[:1] == letters[:1] and all(letter in rest for letter in letters)


def _one_slip(word: str, text: str) -> bool:
    """Whether one wrong, missing, additional or swapped letter makes the beginning of the text out of the
    word.
    """
    for size in (len(word) - 1, len(word), len(word) + 1):
        other = text[:size]
        start = 0
        while start < min(len(word), len(other)) and word[start] == other[start]:
            start += 1
        a, b = word[start:], other[start:]
        if a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:]):
            return True
    return False
