"""The checkpoints of a run, listed in a menu: chosen, the document goes back to one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from nnstudio.project.kept_checkpoints import is_of
from nnstudio.studio.formats import number
from nnstudio.studio.training.running import Run

if TYPE_CHECKING:
    from nnstudio.training.checkpoint import Checkpoint


class CheckpointButton(QPushButton):
    """Opens the list, the newest first; nothing can be restored while the run goes on."""

    def __init__(self, run: Run, parent: QWidget | None = None) -> None:
        super().__init__("Restore…", parent)
        self._run = run
        self.list = QMenu("Checkpoints", self)
        self.list.aboutToShow.connect(self._fill)
        self.setMenu(self.list)
        self.follow()

    def follow(self) -> None:
        """Whether there is anything to go back to."""
        kept = len(self._run.checkpoints)
        self.setEnabled(bool(kept) and not self._run.active)
        why = "there is none yet" if not kept else f"{kept} kept"
        self.setToolTip(f"Go back to a checkpoint of the run ({why}; can be undone)")
        self.setAccessibleDescription(self.toolTip())

    def _fill(self) -> None:
        self.list.clear()
        network = self._run.network
        best = {each.epoch for each in self._run.checkpoints if each.why == "best"}
        for checkpoint in reversed(self._run.checkpoints):
            if checkpoint.why != "best" and checkpoint.epoch in best:
                continue  # the same, once
            fits = is_of(checkpoint, network)
            words = in_words(checkpoint)
            action = self.list.addAction(words if fits else f"{words} · of the network before it was changed")
            action.setEnabled(fits)
            action.triggered.connect(partial(self._restore, checkpoint))

    def _restore(self, checkpoint: Checkpoint, _on: bool = False) -> None:
        self._run.restore(checkpoint)


def in_words(checkpoint: Checkpoint) -> str:
    """Epoch 12 · validation 0.1232 · the best"""
    parts = [f"Epoch {checkpoint.epoch:,}"]
    if checkpoint.validation_loss is not None:
        parts.append(f"validation {number(checkpoint.validation_loss)}")
    if checkpoint.why == "best":
        parts.append("the best")
    return " · ".join(parts)
