"""Datasets: built in, made from a seed, or read from files; parted, scaled and served in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnstudio.data.batching import batch_count, batches, generator, random_state, restored
    from nnstudio.data.built_in import Entry, catalogue
    from nnstudio.data.dataset import Dataset
    from nnstudio.data.files import Cancelled, NotThere, Progress
    from nnstudio.data.loading import fingerprint, load, options_of, read_inputs, source_of
    from nnstudio.data.parting import Part, Splits, split
    from nnstudio.data.preview import Preview, look_at
    from nnstudio.data.scaling import Scaling
    from nnstudio.data.settings import DataSettings
    from nnstudio.data.targets import inputs_for, target_shapes, targets_for
else:
    # A project knows its data by their settings alone, so the rest waits until it is used.  No file here may
    # be called like one of these names: once imported, it would stand in the function's place.
    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name in _WHERE:
            return getattr(import_module(f"nnstudio.data.{_WHERE[name]}"), name)
        raise AttributeError(f"module 'nnstudio.data' has no attribute {name!r}")


__all__ = [
    "Cancelled",
    "DataSettings",
    "Dataset",
    "Entry",
    "NotThere",
    "Part",
    "Preview",
    "Progress",
    "Scaling",
    "Splits",
    "batch_count",
    "batches",
    "catalogue",
    "fingerprint",
    "generator",
    "inputs_for",
    "load",
    "look_at",
    "options_of",
    "random_state",
    "read_inputs",
    "restored",
    "source_of",
    "split",
    "target_shapes",
    "targets_for",
]

_WHERE = {
    "Cancelled": "files",
    "DataSettings": "settings",
    "Dataset": "dataset",
    "Entry": "built_in",
    "NotThere": "files",
    "Preview": "preview",
    "look_at": "preview",
    "Part": "parting",
    "Progress": "files",
    "Scaling": "scaling",
    "Splits": "parting",
    "batch_count": "batching",
    "batches": "batching",
    "catalogue": "built_in",
    "fingerprint": "loading",
    "generator": "batching",
    "inputs_for": "targets",
    "load": "loading",
    "options_of": "loading",
    "random_state": "batching",
    "read_inputs": "loading",
    "restored": "batching",
    "source_of": "loading",
    "split": "parting",
    "target_shapes": "targets",
    "targets_for": "targets",
}
