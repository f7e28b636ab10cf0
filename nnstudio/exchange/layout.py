"""How written code is laid out: as ruff's formatter would, with lines of at most 110 columns."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence

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
    """`target operator value` as lines: one where it fits, else one for each argument or term."""
    head = f"{target} {operator} "
    line = INDENT * level + head + expression(value)
    if len(line) <= WIDTH:
        return [line]
    pad, inner = INDENT * level, INDENT * (level + 1)
    lines = [line]
    if isinstance(value, ast.Call) and _is_named(value.func):
        arguments = [expression(argument) for argument in value.args]
        arguments += [f"{keyword.arg}={expression(keyword.value)}" for keyword in value.keywords]
        lines = bracketed(f"{head}{expression(value.func)}(", arguments, ")", level)
    elif len(inner + expression(value)) <= WIDTH:
        lines = [f"{pad}{head}(", inner + expression(value), f"{pad})"]
    elif isinstance(value, ast.BinOp) and type(value.op) in _SIGNS:
        lines = [f"{pad}{head}(", *(inner + term for term in _terms(value)), f"{pad})"]
    # However it is laid out, it must say the same.
    written = "".join(lines)[len(INDENT) * level + len(head) :]
    return lines if ast.dump(ast.parse(written, mode="eval").body) == ast.dump(value) else [line]


def _is_named(function: ast.expr) -> bool:
    """Whether what is called is a plain name such as np.where, and no method of something computed."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name)


_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("-", 1),
    ast.Mult: ("*", 2),
    ast.Div: ("/", 2),
    ast.MatMult: ("@", 2),
}


def _terms(value: ast.BinOp) -> Iterable[str]:
    """The operands of the outermost operators, each but the first behind its operator."""
    sign, rank = _SIGNS[type(value.op)]
    if isinstance(value.left, ast.BinOp) and _rank(value.left) == rank:
        yield from _terms(value.left)
    else:
        yield _operand(value.left, rank)
    yield f"{sign} {_operand(value.right, rank + 1)}"


def _operand(value: ast.expr, least: int) -> str:
    """In brackets where it binds less than `least`."""
    return expression(value) if _rank(value) >= least else f"({expression(value)})"


def _rank(value: ast.expr) -> int:
    if isinstance(value, ast.BinOp):
        return _SIGNS.get(type(value.op), ("**", 3))[1]
    return 0 if isinstance(value, (ast.Compare, ast.BoolOp, ast.IfExp, ast.Lambda)) else 3


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


def weighted(values: Mapping[str, str], weights: Mapping[str, float]) -> list[str]:
    """The terms of a sum of values, each with its weight."""
    return [
        values[name] if weight == 1.0 else f"{weight!r} * {values[name]}" for name, weight in weights.items()
    ]


def summed(head: str, terms: Sequence[str], level: int = 1) -> list[str]:
    """`head a + b` on one line, or in brackets."""
    pad, inner = INDENT * level, INDENT * (level + 1)
    together = " + ".join(terms)
    if len(pad + head + together) <= WIDTH:
        return [pad + head + together]
    apart = [together] if len(inner + together) <= WIDTH else [terms[0], *(f"+ {term}" for term in terms[1:])]
    return [f"{pad}{head}(", *(inner + term for term in apart), f"{pad})"]
