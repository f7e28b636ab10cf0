"""Templates of scripts: text that reads like the script, with lines that are only there under a condition.

`$name` stands for a value.  A line that is nothing but `$name` stands for several lines, at its indentation.
A line that ends in `#? a !b` is there where the condition a holds and b does not.  A line that is nothing but
`#: name` stands for a part that is a template itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import indent

_CONDITION = re.compile(r"\s*#\? ([!\w ]+)$")
_NAME = re.compile(r"\$(\w+)|\$\{(\w+)\}")
_PART = re.compile(r"^( *)#: (\w+)$", re.MULTILINE)
_ALONE = re.compile(r"( *)\$(\w+)")

Value = str | Sequence[str]


def joined(skeleton: str, **parts: str) -> str:
    """The template with its parts, each at the indentation of its line.  KeyError for one not given."""
    return _PART.sub(lambda found: indent(parts[found[2]].strip("\n"), found[1]), skeleton)


def filled(template: str, conditions: Mapping[str, bool], values: Mapping[str, Value]) -> str:
    """The template as a script.  KeyError for a condition or a name that is not given: a slip in it."""
    lines: list[str] = []
    for line in template.strip("\n").splitlines():
        condition = _CONDITION.search(line)
        if condition is not None:
            if not all(_holds(word, conditions) for word in condition[1].split()):
                continue
            line = line[: condition.start()]
        alone = _ALONE.fullmatch(line)
        value = values[alone[2]] if alone is not None else None
        if alone is not None and value is not None and not isinstance(value, str):
            lines += [alone[1] + inner if inner else "" for inner in value]
        else:
            lines.append(_NAME.sub(lambda found: str(values[found[1] or found[2]]), line))
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines).strip("\n")) + "\n"


def _holds(word: str, conditions: Mapping[str, bool]) -> bool:
    return not conditions[word[1:]] if word.startswith("!") else conditions[word]
