"""How written code is laid out: as ruff's formatter would, with lines of at most 110 columns."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence

WIDTH = 110
INDENT = "    "

# The formatter writes a power of plain operands without spaces, and hangs a minus on its number.
_POWER = re.compile(r"(?<![\w.)\]])(-?[\w.]+) \*\* (-?[\w.]+)(?![\w.(\[])")


def quoted(text: str) -> str:
    """The text as a Python literal in double quotes, whatever is in it."""
    return json.dumps(text.encode("utf-8", "backslashreplace").decode(), ensure_ascii=False)


def in_docstring(text: str) -> str:
    """The text as it may stand inside a docstring: nothing in it can end one."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return shown.replace("\\", "\\\\").replace('"', "'")


def expression(node: ast.expr) -> str:
    """The source of an expression."""
    return _POWER.sub(r"\1**\2", ast.unparse(node))


def assignment(target: str, operator: str, value: ast.expr, level: int = 1) -> list[str]:
    """`target operator value` as lines: one where it fits, else a line for each term of the value."""
    line = INDENT * level + f"{target} {operator} {expression(value)}"
    if len(line) <= WIDTH:
        return [line]
    terms = list(_terms(value))
    if len(terms) < 2:
        return [line]
    return [
        INDENT * level + f"{target} {operator} (",
        *(INDENT * (level + 1) + term for term in terms),
        INDENT * level + ")",
    ]


_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("-", 1),
    ast.Mult: ("*", 2),
    ast.Div: ("/", 2),
    ast.MatMult: ("@", 2),
}


def _terms(value: ast.expr) -> Iterable[str]:
    """The operands of the outermost operators, each but the first behind its operator."""
    if not isinstance(value, ast.BinOp) or type(value.op) not in _SIGNS:
        yield expression(value)
        return
    sign, rank = _SIGNS[type(value.op)]
    left = value.left
    if isinstance(left, ast.BinOp) and _SIGNS.get(type(left.op), ("", 0))[1] == rank:
        yield from _terms(left)
    else:
        yield _operand(left, rank, right=False)
    yield f"{sign} {_operand(value.right, rank, right=True)}"


def _operand(value: ast.expr, rank: int, *, right: bool) -> str:
    text = expression(value)
    own = _SIGNS.get(type(value.op), ("", 3))[1] if isinstance(value, ast.BinOp) else 3
    return f"({text})" if own < rank or (right and own == rank) else text


def unpacked(names: Sequence[str], source: str, level: int = 1) -> list[str]:
    """Lines that take entries of a dict out of it: `a, b = source["a"], source["b"]`."""
    lines: list[str] = []
    group: list[str] = []
    for name in (*names, None):
        line = _unpacking(group + ([] if name is None else [name]), source, level)
        if group and (name is None or len(line) > WIDTH):
            lines.append(_unpacking(group, source, level))
            group = []
        if name is not None:
            group.append(name)
    return lines


def _unpacking(names: Sequence[str], source: str, level: int) -> str:
    entries = ", ".join(f'{source}["{name}"]' for name in names)
    return INDENT * level + f"{', '.join(names)} = {entries}"


def bracketed(
    head: str, items: Sequence[str], tail: str, level: int = 0, *, display: bool = False
) -> list[str]:
    """`head items tail` on one line, or the items on lines of their own.

    The entries of a list, tuple or dict (`display`) then have a line each; arguments share one if they can.
    """
    pad = INDENT * level
    line = pad + head + ", ".join(items) + tail
    if len(line) <= WIDTH or not items:
        return [line]
    together = pad + INDENT + ", ".join(items)
    inner = (
        [together] if not display and len(together) <= WIDTH else [f"{pad}{INDENT}{item}," for item in items]
    )
    return [pad + head, *inner, pad + tail]


def joined(blocks: Iterable[str]) -> str:
    """Top-level definitions, two empty lines between them, and a newline at the end."""
    return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"
