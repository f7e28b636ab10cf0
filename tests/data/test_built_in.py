import json

import numpy as np
import pytest

from nnstudio.data import DataSettings, catalogue, load, options_of, split, target_shapes, targets_for

NAMES = [
    "digits", "mnist5k", "iris", "breast_cancer", "diabetes",
    "xor", "spirals", "moons", "circles", "gaussians", "sine", "linear",
]  # fmt: skip


def test_every_set_that_was_promised_is_there():
    assert [entry.name for entry in catalogue()] == NAMES


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_a_set_is_what_its_entry_says(entry):
    dataset = load(entry.name)
    assert dataset.samples == entry.samples
    assert dataset.input_shape == (entry.inputs,)
    assert dataset.task == entry.task
    assert dataset.classes == entry.classes
    assert dataset.class_names == entry.class_names
    assert dataset.image_shape == entry.image_shape
    assert (dataset.origin, dataset.licence) == (entry.origin, entry.licence)
    assert entry.origin and entry.licence and entry.doc and entry.title
    assert len(dataset.feature_names) == entry.inputs
    assert dataset.target_shape == (() if entry.classes else (1,))
    if entry.classes:
        assert dataset.y.dtype == np.int64
        assert set(dataset.y.tolist()) == set(range(entry.classes))
    assert options_of(entry.name) == entry.options


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.name)
def test_the_suggested_settings_serve_it(entry, dtype):
    settings = DataSettings.from_dict(json.loads(json.dumps(entry.suggested.to_dict())))
    assert settings == entry.suggested
    splits = split(load(settings), settings, dtype)
    for part in splits.parts:
        assert part.x.dtype == dtype
        assert part.x.flags.c_contiguous and part.y.flags.c_contiguous
        assert len(part.x) == len(part.y) == len(part) == part.samples
        for shape in target_shapes(part):
            assert targets_for(part, shape).shape == (len(part), *shape)
    assert np.abs(splits.train.x).max() < 20
    if entry.kind == "real":
        assert min(map(len, splits.parts)) > 0
