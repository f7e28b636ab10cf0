"""The weights of now: those of the run while it trains, else those the stepper stands on."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from nnstudio.explain.weight_path import WeightPath
from nnstudio.studio.document import Document
from nnstudio.studio.formats import count
from nnstudio.studio.samples import Samples
from nnstudio.studio.stepping.stepper import Stepper

if TYPE_CHECKING:
    from nnstudio.studio.training.running import Run

Weights = dict[str, NDArray[Any]]
_BETWEEN_PLACES = (0.02, 0.2, 0.8)  # seconds, for weights that are small, middling and large
_SIZES = (1 << 16, 1 << 20)  # bytes


class Present(QObject):
    """`changed` is emitted whenever there may be other weights; `path` holds where a run has been."""

    changed = Signal()

    def __init__(
        self,
        document: Document,
        samples: Samples,
        stepper: Stepper,
        run: Run,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._stepper, self._run = document, stepper, run
        self.path = WeightPath()
        self.began: Weights = {}
        """What the path's run began with, beside the first weights of the seed."""
        self._next_place = 0.0
        self._was_computing = False
        run.looked.connect(self._keep_live_place)
        run.progressed.connect(self._follow_run)
        run.state_changed.connect(self._follow_state)
        stepper.moved.connect(self.changed)
        stepper.recompiled.connect(self.changed)
        stepper.busy_changed.connect(self.changed)
        samples.changed.connect(self.changed)
        document.replaced.connect(self._forget)

    @property
    def live(self) -> bool:
        """Whether they change by themselves."""
        return self._run.computing

    def weights(self) -> Weights | None:
        """Copies by key; None where there are none now."""
        if self._run.computing:
            reached = self._run.reached()
            return None if reached is None else dict(reached.weights)
        program = self._stepper.program
        if program is None or self._stepper.busy:
            return None
        return program.parameters()

    def word(self) -> str:
        """Which weights these are, where there is little room."""
        if self._run.computing:
            return "live"
        if self._stepper.program is not None and self._stepper.moment > 0:
            return "stepped"
        return "trained" if self._run.step else "untrained"

    def words(self) -> str:
        """Which weights these are."""
        epoch = int(self._run.epoch)
        if self._run.computing:
            return f"live, epoch {epoch + 1:,}"
        if self._stepper.program is not None and self._stepper.moment > 0:
            return "as stepped"
        if epoch:
            return f"after {count(epoch, 'epoch')}"
        if self._run.step:
            return f"after {count(self._run.step, 'update')}"
        return "not trained yet"

    # -- the path

    def _follow_state(self) -> None:
        computing = self._run.computing
        if computing and not self._was_computing and not self._document.project.run_state:
            self.path.clear()
            self.began = self._document.project.fitting_weights()
        if not computing and self._was_computing:
            self._next_place = 0.0
            self._keep_place()
        self._was_computing = computing
        self.changed.emit()

    def _keep_live_place(self) -> None:
        if self._run.computing:
            self._keep_place()

    def _follow_run(self) -> None:
        if self._run.computing:
            self.changed.emit()

    def _keep_place(self) -> None:
        session = self._run.session
        if session is None:
            self._keep_end()
            return
        if monotonic() < self._next_place:
            return
        reached = session.checkpoint()
        if reached["run_state"]:
            weights = reached["weights"]
            self.path.add(int(reached["run_state"]["step"]), weights)
            size = sum(array.nbytes for array in weights.values())
            self._next_place = monotonic() + _BETWEEN_PLACES[sum(size > limit for limit in _SIZES)]

    def _keep_end(self) -> None:
        """What the run left in the document is the last place of its path."""
        project = self._document.project
        if project.run_state and len(self.path):
            known = self.path.places[-1].weights
            self.path.add(
                int(project.run_state.get("step", 0)),
                {key: np.asarray(project.weights.get(key, array)) for key, array in known.items()},
            )

    def _forget(self) -> None:
        self.path.clear()
        self.began = {}
        self._was_computing = False
