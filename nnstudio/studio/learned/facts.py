"""What is known of the document that views are chosen by: its data, its task, how its inputs are shaped."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from nnstudio.data import Dataset, Part, Splits
from nnstudio.explain.answers import Answers
from nnstudio.explain.first_weights import FirstWeights, first_weights

if TYPE_CHECKING:
    from nnstudio.explain.probing import Probe
    from nnstudio.studio.document import Document
    from nnstudio.studio.samples import Samples

PARTS = ("training", "validation", "test")


@dataclass(frozen=True, eq=False)
class Facts:
    """Of one moment of the document.

    width    how many numbers one sample has; 0 where the graph takes none
    pictures the first-layer weights that make images
    """

    splits: Splits | None
    width: int
    input_shape: tuple[int, ...]
    pictures: tuple[FirstWeights, ...]
    has_loss: bool

    @classmethod
    def of(cls, document: Document, samples: Samples) -> Facts:
        splits = samples.splits
        flat = document.graph.flatten()
        inputs = [node for node in flat if node.definition.role == "input"]
        if splits is not None:
            shape = splits.dataset.input_shape
        else:
            shape = (sum(prod(int(size) for size in node.shape[1:]) for node in inputs),)
        image = None if splits is None else splits.dataset.image_shape
        return cls(
            splits,
            prod(shape) if inputs else 0,
            shape,
            tuple(first_weights(flat, image)),
            any(node.definition.role == "criterion" for node in flat),
        )

    @property
    def dataset(self) -> Dataset | None:
        return None if self.splits is None else self.splits.dataset

    @property
    def task(self) -> str:
        """ "classes" or "numbers"; "none" without data, or where the inputs are their own targets."""
        if self.splits is None or self.splits.train.targets == "inputs":
            return "none"
        return self.splits.dataset.task

    @property
    def class_names(self) -> tuple[str, ...]:
        return () if self.splits is None else self.splits.dataset.class_names

    def part(self, name: str) -> Part | None:
        """The training, validation or test samples."""
        if self.splits is None:
            return None
        return self.splits.parts[PARTS.index(name)]

    def answers(self, probe: Probe) -> Answers:
        """How the outputs are read as classes."""
        signs = self.splits is not None and self.splits.train.targets == "signs"
        return Answers.of(probe, len(self.class_names), signs)
