"""Where a formula may be broken into lines: before a sign, and inside wide brackets and fractions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_RELATIONS = ("=", r"\approx", r"\leftarrow", r"\leq", r"\geq")
_TERMS = ("+", "-")
_FACTORS = (r"\cdot", r"\odot")
SPACES = {**dict.fromkeys(_RELATIONS, 5 / 18), **dict.fromkeys(_TERMS, 4 / 18),
          **dict.fromkeys(_FACTORS, 4 / 18), "/": 3 / 18}  # fmt: skip
"""What stands before and after a sign, in ems, as TeX has it."""
_LEFT, _RIGHT = re.compile(r"\\left\b"), re.compile(r"\\right\b")
_NOTHING = re.compile(r"\\(left|right)\b|\\(text|operatorname|mathrm)\b|\\[,;!]|[{}\s]")
_WORD = re.compile(r"\\[A-Za-z]+")
_TOKEN = re.compile(r"\\left\b\\?.|\\right\b\\?.|\\[A-Za-z]+|\\.|[{}]|\s+|[^\\{}\s]")


@dataclass(frozen=True)
class Piece:
    """A part of a formula that is drawn in one go.

    latex   what is drawn
    space   ems before it
    free    whether a line may begin with it
    """

    latex: str
    space: float = 0.0
    free: bool = True


@lru_cache(512)
def pieces(latex: str, widest: float) -> tuple[Piece, ...]:
    """A formula taken apart so far that its pieces are at most about `widest` ems, where that can be.

    Signs stand at the beginning of a line and are pieces of their own.
    """
    found = list(_taken_apart(latex.strip(), widest, (_RELATIONS, _TERMS, _FACTORS)))
    return (Piece(found[0].latex), *found[1:]) if found else ()


def _taken_apart(latex: str, widest: float, levels: tuple[tuple[str, ...], ...]) -> Iterator[Piece]:
    if not levels:
        yield from _opened(latex, widest) if width(latex) > widest else [Piece(latex)]
        return
    parts = _split(latex, levels[0])
    # A product stays in one line where it fits into one.
    breaks = levels[0] is not _FACTORS or width(latex) > widest
    for sign, part in parts:
        after = 0.0
        if sign:
            yield Piece(sign, SPACES[sign], free=breaks)
            after = SPACES[sign]
        inner = list(_taken_apart(part, widest, levels[1:]))
        if inner:
            yield Piece(inner[0].latex, after, free=not sign)
            yield from inner[1:]


@lru_cache(1024)  # a view asks again for every width that it is offered
def _split(latex: str, signs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """At every sign between blanks and outside of all brackets: (sign before it, part)."""
    parts: list[tuple[str, str]] = []
    depth, sign, part = 0, "", ""
    tokens = _TOKEN.findall(latex)
    for index, token in enumerate(tokens):
        blank_before = index > 0 and tokens[index - 1].isspace()
        blank_after = index + 1 < len(tokens) and tokens[index + 1].isspace()
        if depth == 0 and token in signs and blank_before and blank_after and part.strip():
            parts.append((sign, part.strip()))
            sign, part = token, ""
            continue
        if token in ("{", r"\begin") or _LEFT.match(token):
            depth += 1
        elif token in ("}", r"\end") or _RIGHT.match(token):
            depth -= 1
        part += token
    parts.append((sign, part.strip()))
    return tuple(parts)


def _opened(latex: str, widest: float) -> Iterator[Piece]:
    """A fraction as (…) / …, what stands in large brackets between small ones; inside are more breaks."""
    levels = (_RELATIONS, _TERMS, _FACTORS)
    if latex.startswith(r"\frac{"):
        above, end = _group(latex, 5)
        below, end = _group(latex, end)
        if end == len(latex):
            yield Piece("(")
            yield from _glued(_taken_apart(above, widest, levels))
            yield Piece(")", free=False)
            yield Piece("/", SPACES["/"])
            yield Piece(below, SPACES["/"], free=False)
            return
    opening = latex.find(r"\left(")
    closing = _closing(latex, opening) if opening >= 0 else -1
    if closing < 0:
        yield Piece(latex)
        return
    inside = latex[opening + 6 : closing].strip()
    before, behind = latex[:opening].strip(), latex[closing + 7 :].strip()
    yield Piece(f"{before}(")
    yield from _glued(_taken_apart(inside, widest, levels))
    glued = behind.startswith(("^", "_"))
    yield Piece(f"){behind}" if glued else ")", free=False)
    if behind and not glued:
        yield Piece(behind, 3 / 18)


def _glued(inner: Iterator[Piece]) -> Iterator[Piece]:
    """The first of them stays with the bracket before it."""
    for number, piece in enumerate(inner):
        yield Piece(piece.latex, piece.space, free=False) if number == 0 else piece


def _group(latex: str, start: int) -> tuple[str, int]:
    """What stands in the braces that begin at `start`, and where they end."""
    depth = 0
    for index in range(start, len(latex)):
        depth += (latex[index] == "{") - (latex[index] == "}")
        if depth == 0:
            return latex[start + 1 : index], index + 1
    return latex[start + 1 :], len(latex)


def _closing(latex: str, opening: int) -> int:
    depth = 0
    for match in re.finditer(r"\\left\b|\\right\b", latex[opening:]):
        depth += 1 if match.group() == r"\left" else -1
        if depth == 0:
            start = opening + match.start()
            return start if latex[start : start + 7] == r"\right)" else -1
    return -1


@lru_cache(2048)
def width(latex: str) -> float:
    """About how many ems wide a formula is, without drawing it."""
    total, index = 0.0, 0
    while index < len(latex):
        if latex.startswith(r"\frac{", index):
            above, end = _group(latex, index + 5)
            below, index = _group(latex, end)
            total += max(width(above), width(below)) + 0.15
            continue
        if latex[index] in "^_" and latex[index + 1 : index + 2] == "{":
            small, index = _group(latex, index + 1)
            total += 0.7 * width(small)
            continue
        match = _NOTHING.match(latex, index)
        if match:
            index = match.end()
            total += 0.1 if latex[index - 1] in ",;" else 0.0
            continue
        command = _WORD.match(latex, index)
        index = command.end() if command else index + 1
        total += 0.9 if command and f"{command.group()}" in SPACES else 0.55
    return total
