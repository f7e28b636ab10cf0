"""The options a data source takes (samples, noise, header…): settings like those of a node, checked here."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from nnstudio.errors import DataError, GraphError
from nnstudio.modules.equations import Setting


def complete(options: tuple[Setting, ...], given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """All options of a source: defaults filled in, given ones checked; an unknown one is a DataError."""
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known) or 'no options'}."
            raise DataError(f"{source} has no option {short(name)}; {hint}")
    try:
        return {name: option.check(given.get(name, option.default), source) for name, option in known.items()}
    except GraphError as error:
        raise DataError(str(error)) from None


def short(value: object) -> str:
    """A value as it may stand in a sentence: quoted when text, cut when long."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write out a number of thousands of digits
        return f"{value:,}" if abs(value) < 10**15 else "a number of more than 15 digits"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…" + text[:1]
