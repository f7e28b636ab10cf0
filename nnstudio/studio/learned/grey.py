"""Grey pictures of samples: ink on paper in the light, light on dark in the dark."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QWidget

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


def enlarged(image: QImage, side: int, shown_in: QWidget) -> QPixmap:
    """As a picture of so many pixels, every one of the image's own a sharp square on the screen."""
    ratio = shown_in.devicePixelRatio()
    size = round(side * ratio)
    picture = QPixmap.fromImage(image).scaled(size, size, Qt.AspectRatioMode.KeepAspectRatio)
    picture.setDevicePixelRatio(ratio)
    return picture
