"""The options a data source takes (samples, noise, header…): settings like those of a node, checked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnstudio.errors import DataError, GraphError
from nnstudio.modules.equations import Setting
from nnstudio.wording import did_you_mean, short


def complete(options: tuple[Setting, ...], given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """All options of a source: defaults filled in, given ones checked; an unknown one is a DataError."""
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known, f"it takes {', '.join(known) or 'no options'}")
            raise DataError(f"{source} has no option {short(name)}; {hint}")
    try:
        return {name: option.check(given.get(name, option.default), source) for name, option in known.items()}
    except GraphError as error:
        raise DataError(str(error)) from None
