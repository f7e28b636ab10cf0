"""The state of a run as JSON values, with what was fitted on its training rows.

Where several runs or checkpoints stand in one file, what they have in common of that is written once: in a
list beside them, of which each says its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnstudio.errors import ProjectError
from nnstudio.project.json_values import as_list, as_object, with_numbers, with_words
from nnstudio.training.identity import FITTED
from nnstudio.wording import short

Fits = list[Mapping[str, Any]]


def state_to_json(state: Mapping[str, Any], fits: Fits | None = None) -> dict[str, Any]:
    """As JSON values. `fits` is the list beside it, which grows; without one all of it stands in its place.

    What was fitted holds texts of the data: one that reads NaN is none of the words for numbers.
    """
    row: dict[str, Any] = with_words({name: value for name, value in state.items() if name != FITTED})
    if FITTED in state:
        row[FITTED] = state[FITTED] if fits is None else _number(state[FITTED], fits)
    return row


def state_from_json(value: Any, what: str, fits: Fits | None = None) -> dict[str, Any]:
    """What state_to_json wrote. ProjectError, about `what`, for anything else."""
    row = as_object(value, what)
    state: dict[str, Any] = with_numbers({name: each for name, each in row.items() if name != FITTED})
    if FITTED in row:
        found = row[FITTED]
        if fits is not None:
            if type(found) is not int or not 0 <= found < len(fits):
                raise ProjectError(f'{what}: there is no number {short(found)} in the list "{FITTED}".')
            found = fits[found]
        state[FITTED] = as_object(found, f"What was fitted for {what}")
    return state


def fits_from_json(fields: Mapping[str, Any], where: str) -> Fits:
    """The list that stands beside several states."""
    found = as_list(fields.get(FITTED, []), f'The list "{FITTED}" of {where}')
    return [as_object(each, f'An entry of "{FITTED}" of {where}') for each in found]


def _number(fitted: Mapping[str, Any], fits: Fits) -> int:
    same = next((number for number, known in enumerate(fits) if known is fitted), None)
    if same is None:
        same = next((number for number, known in enumerate(fits) if known == fitted), len(fits))
    if same == len(fits):
        fits.append(fitted)
    return same
