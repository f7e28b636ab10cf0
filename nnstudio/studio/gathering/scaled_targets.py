"""What is said of targets that are numbers: how they are scaled, or that they should be."""

from __future__ import annotations

import numpy as np

from nnstudio.data import Splits
from nnstudio.training.divergence import LARGE


def scaled_targets(splits: Splits) -> str:
    """ " · target standardised (mean 152, deviation 77)", or nothing where nothing is scaled."""
    scaling = splits.target_scaling
    if scaling.is_none or splits.train.targets == "inputs":
        return ""
    if scaling.offset.size != 1:
        return " · targets standardised"
    mean, deviation = float(scaling.offset.item()), float(1 / scaling.factor.item())
    return f" · target standardised (mean {_rounded(mean)}, deviation {_rounded(deviation)})"


def unscaled_targets(splits: Splits) -> str:
    """That large targets are fed as they are, in a sentence; empty where that is not so."""
    y = splits.train.raw_y
    plain = splits.dataset.task == "numbers" and splits.train.targets != "inputs"
    if not plain or not splits.target_scaling.is_none or not y.size:
        return ""
    low, high = float(np.min(y)), float(np.max(y))
    if max(abs(low), abs(high)) <= LARGE:
        return ""
    return f"Targets from {_rounded(low)} to {_rounded(high)} are learned better standardised."


def _rounded(value: float) -> str:
    """Four digits, written out where the studio's own numbers have an exponent: a price is 238,000."""
    return f"{float(f'{value:.4g}'):,.9g}".replace("-", "−")
