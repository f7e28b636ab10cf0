"""Grey pictures of samples: ink on paper in the light, light on dark in the dark."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from nnstudio.data import Dataset
from nnstudio.studio import theme


def grey(values: NDArray[Any], dataset: Dataset) -> QImage:
    """A sample of an image set, in the set's own values."""
    assert dataset.image_shape is not None
    pixels = np.asarray(values, np.float64).reshape(dataset.image_shape)
    if pixels.ndim == 3:
        pixels = pixels.mean(axis=-1)
    low, high = dataset.value_range or (float(pixels.min()), float(pixels.max()))
    share = np.clip((pixels - low) / ((high - low) or 1.0), 0, 1)
    if theme.colours().name == "light":
        share = 1 - share
    shades = np.ascontiguousarray(np.rint(share * 255).astype(np.uint8))
    rows, columns = shades.shape
    return QImage(shades.data, columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
