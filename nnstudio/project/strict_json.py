"""JSON read without surprises and written so that it diffs.

Reading refuses what others would quietly mangle: a key given twice, NaN and Infinity, numbers too large for a
float, text that is not Unicode, nesting deeper than 64.  Writing sorts the keys, ends in a newline and puts
every list or object that fits on one line there: a node of a graph is one line of a diff.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, cast

import numpy as np

from nnstudio.errors import ProjectError

DEPTH = 64
SIZE = 64 * 2**20
WIDTH = 120
_PLAIN = frozenset({float, int, str, bool, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)


class _Refused(ValueError):
    """A sentence's second half: why this text is refused."""


def parse(data: bytes, where: str, *, limit: int = SIZE) -> Any:
    """The value that the UTF-8 bytes `data` hold; `where` names them in the sentence of a ProjectError."""
    if len(data) > limit:
        raise ProjectError(f"{where} is {len(data):,} bytes of JSON, more than the {limit:,} that are read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError(
            f"{where} is not text in UTF-8: byte {error.start:,} is {data[error.start]:#04x}."
        ) from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
        _check(value)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ProjectError(f"{where} is not valid JSON at {place}: {_lower(error.msg)}.") from None
    except RecursionError:
        raise ProjectError(f"{where} is nested deeper than the {DEPTH} levels that are read.") from None
    except ValueError as error:
        raise ProjectError(f"{where} {_reason(error)}.") from None
    return value


def _reason(error: ValueError) -> str:
    # The only ValueError that is not ours: Python's limit on the digits of a whole number.
    return str(error) if isinstance(error, _Refused) else "holds a whole number with too many digits"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise _Refused(f"gives the key {printable(twice)} twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _Refused(f"holds {name}, which is not a number that JSON knows")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Refused(f"holds {text[:40]}, which is too large for a number")
    return value


def _check(value: Any) -> None:
    """Walks without recursion, so that depth itself can be judged."""
    level: list[Any] = [value]
    depth = 0
    while level:
        depth += 1
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                pairs = cast("dict[str, Any]", item)
                for key in pairs:
                    _check_text(key)
                deeper.extend(pairs.values())
            elif isinstance(item, list):
                deeper.extend(cast("list[Any]", item))
        if depth > DEPTH and any(isinstance(item, (dict, list)) for item in level):
            raise _Refused(f"is nested deeper than the {DEPTH} levels that are read")
        level = deeper


def _check_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Refused(f"holds half a character (a lone surrogate) in {printable(text)}") from None


def printable(text: str) -> str:
    """The text in quotes, shortened, with nothing in it that a terminal could not show."""
    shown = text if len(text) <= 40 else text[:39] + "…"
    return json.dumps(shown.encode("utf-8", "backslashreplace").decode(), ensure_ascii=False)


def write(value: Mapping[str, Any], where: str, *, first: tuple[str, ...] = ()) -> bytes:
    """The mapping as UTF-8 text with sorted keys, those named in `first` before the others at the top.

    Raises ProjectError naming `where` for what JSON cannot hold: NaN, infinity, an object of another kind.
    """
    try:
        plain: dict[str, Any] = _plain(value, 1)
        keys = [key for key in first if key in plain] + sorted(plain.keys() - set(first))
        rows = [f"{_text(key)}: {_layout(plain[key], 2, len(key) + 4)}" for key in keys]
        text = (_rows("{", rows, "}", 0) + "\n").encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ProjectError(f"{where} cannot be written: JSON cannot hold all of it ({error}).") from None
    if len(text) > SIZE:
        raise ProjectError(
            f"{where} cannot be written: it takes {len(text):,} bytes of JSON, more than {SIZE:,}."
        )
    return text


def _plain(value: Any, depth: int) -> Any:
    """The value in dicts, lists and numbers only; read-only mappings and NumPy's numbers become those."""
    if type(value) in _PLAIN:  # nearly all of a long history: asked first
        return value
    if depth > DEPTH and isinstance(value, (Mapping, list, tuple)):
        raise ValueError(f"it is nested deeper than {DEPTH} levels")
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value)
        for key in pairs:
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not text")
        return {key: _plain(entry, depth + 1) for key, entry in pairs.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry, depth + 1) for entry in cast("Sequence[Any]", value)]
    if isinstance(value, (np.ndarray, np.generic)):
        return cast("Any", value).tolist()
    return value


def _layout(value: Any, indent: int, used: int) -> str:
    """`value` on one line where it fits beside the `used` columns before it, else an entry a line."""
    room = WIDTH - indent - used
    if not isinstance(value, (dict, list)) or not value or _left(value, room) > 0:
        line = _text(value)
        if len(line) < room or not isinstance(value, (dict, list)) or not value:
            return line
    deeper = indent + 2
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value)
        rows = [f"{_text(key)}: {_layout(pairs[key], deeper, len(key) + 4)}" for key in sorted(pairs)]
        return _rows("{", rows, "}", indent)
    entries = cast("list[Any]", value)
    if any(isinstance(entry, (dict, list)) for entry in entries):
        return _rows("[", [_layout(entry, deeper, 0) for entry in entries], "]", indent)
    return _rows("[", _filled([_text(entry) for entry in entries], WIDTH - deeper - 1), "]", indent)


def _left(value: Any, room: int) -> int:
    """What the value leaves of the room at most, 0 or less where it cannot fit: it is cheap to know before a
    long history is put on one line in vain, and that at every depth.
    """
    if isinstance(value, str):
        return room - len(value) - 2
    if not isinstance(value, (dict, list)):
        return room - 1
    entries = cast("dict[str, Any] | list[Any]", value)
    room -= 2 * len(entries)  # brackets, and what stands between the entries
    if isinstance(entries, dict):
        room -= sum(len(key) + 4 for key in entries) if room > 0 else 0
        entries = list(entries.values())
    for entry in entries:
        if room <= 0:
            break
        room = _left(entry, room)
    return room


def _rows(opening: str, rows: list[str], closing: str, indent: int) -> str:
    if not rows:
        return opening + closing
    start = "\n" + " " * (indent + 2)
    return opening + start + ("," + start).join(rows) + "\n" + " " * indent + closing


def _filled(items: list[str], width: int) -> list[str]:
    """Plain items put together into lines of at most `width` columns."""
    lines = [items[0]]
    for item in items[1:]:
        if len(lines[-1]) + 2 + len(item) <= width:
            lines[-1] += ", " + item
        else:
            lines.append(item)
    return lines


def _text(value: Any) -> str:
    # What is most frequent goes as in the encoder, without the way to it.
    if type(value) is float and math.isfinite(value):
        return float.__repr__(value)
    if type(value) is str:
        return encode_basestring(value)
    return _ENCODER.encode(value)
