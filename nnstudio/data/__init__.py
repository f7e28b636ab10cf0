"""Datasets: built in, made from a seed, or read from files; parted, scaled and served in batches."""

from nnstudio.data.batches import batch_count, batches, generator, random_state, restored
from nnstudio.data.catalogue import Entry, catalogue
from nnstudio.data.dataset import Dataset
from nnstudio.data.files import Cancelled, Progress
from nnstudio.data.loading import load, options_of, read_inputs, source_of
from nnstudio.data.scaling import Scaling
from nnstudio.data.settings import DataSettings
from nnstudio.data.split import Part, Splits, split
from nnstudio.data.targets import inputs_for, target_shapes, targets_for

__all__ = [
    "Cancelled",
    "DataSettings",
    "Dataset",
    "Entry",
    "Part",
    "Progress",
    "Scaling",
    "Splits",
    "batch_count",
    "batches",
    "catalogue",
    "generator",
    "inputs_for",
    "load",
    "options_of",
    "random_state",
    "read_inputs",
    "restored",
    "source_of",
    "split",
    "target_shapes",
    "targets_for",
]
