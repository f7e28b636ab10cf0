"""Fitted: what was learned of the data beside the weights: scalings, categories, names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from nnstudio.data.categories import InputColumn
from nnstudio.data.parting import Splits
from nnstudio.data.scaling import Scaling
from nnstudio.errors import DataError

MOST_LETTERS = 1 << 16
"""Of JSON. What takes more, such as the means of thousands of columns, would swell every project file."""

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """With it new samples are fed as those of the training were, and answers are read, without the data.

    title                    of the data, for sentences
    input_shape, target_shape   of one sample as it comes; () for a class number
    scaling, target_scaling  as fitted on the training part
    columns                  of a table, those that the inputs are made of, each with its categories
    class_names, target_names   what the answers stand for
    """

    title: str
    input_shape: Shape
    target_shape: Shape
    scaling: Scaling
    target_scaling: Scaling
    columns: tuple[InputColumn, ...] = ()
    class_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, splits: Splits) -> Fitted:
        """What the training part of these has given."""
        data = splits.dataset
        own = splits.train.targets == "inputs"  # the answers are inputs then, and the targets are left aside
        return cls(
            data.title,
            data.input_shape,
            data.input_shape if own else data.target_shape,
            splits.scaling,
            Scaling.none() if own else splits.target_scaling,
            data.columns,
            () if own else data.class_names,
            () if own else data.target_names,
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values from which from_dict makes the same, bit for bit."""
        return {
            "title": self.title,
            "input_shape": list(self.input_shape),
            "target_shape": list(self.target_shape),
            "scaling": self.scaling.to_dict(),
            "target_scaling": self.target_scaling.to_dict(),
            "columns": [{"name": each.name, "categories": list(each.categories)} for each in self.columns],
            "class_names": list(self.class_names),
            "target_names": list(self.target_names),
        }

    def kept(self) -> dict[str, Any]:
        """The same for the state of a run; empty where it is too large for that."""
        found = self.to_dict()
        return found if len(json.dumps(found)) <= MOST_LETTERS else {}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Fitted:
        """What to_dict wrote; DataError for anything else."""
        try:
            found = cls(
                _text(given["title"]),
                _shape(given["input_shape"]),
                _shape(given["target_shape"]),
                Scaling.from_dict(given["scaling"]),
                Scaling.from_dict(given["target_scaling"]),
                tuple(map(_column, given["columns"])),
                _texts(given["class_names"]),
                _texts(given["target_names"]),
            )
        except (KeyError, TypeError, ValueError):
            raise DataError("What was fitted on the training data is not laid out as it is kept.") from None
        _check(found.scaling, found.input_shape)
        _check(found.target_scaling, found.target_shape)
        return found


def _check(scaling: Scaling, shape: Shape) -> None:
    if scaling.offset.shape not in ((), shape):
        raise DataError(f"A scaling of {scaling.offset.shape} does not fit samples of {shape}.")


def _column(given: Mapping[str, Any]) -> InputColumn:
    return InputColumn(_text(given["name"]), _texts(given["categories"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(value))


def _shape(value: object) -> Shape:
    found = _list(value)
    if not all(type(each) is int and each >= 0 for each in found):
        raise ValueError
    return tuple(cast("Sequence[int]", found))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return cast("list[object]", value)
