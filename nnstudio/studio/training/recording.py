"""The record of the run that is going on: it is kept with what the run reaches, as one undoable step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from nnstudio.errors import Error
from nnstudio.project.record import continued, new_id, next_name, now, record_of, size_of
from nnstudio.project.run import with_record
from nnstudio.project.setup import setup_of
from nnstudio.studio.background import Background

if TYPE_CHECKING:
    from nnstudio.project import Project
    from nnstudio.project.edits import SetRun, Together
    from nnstudio.training.checkpoint import Checkpoint


_ENDS = ("epochs", "stop_loss", "patience", "seconds")


class Recording(QObject):
    """Made when the run begins. A run that goes on from where a kept one ended is that one."""

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._setup = setup = setup_of(project)
        former = continued(project)
        self.id = new_id() if former is None else former.id
        self._name = next_name(project) if former is None else former.name
        self._when = now() if former is None else former.when
        self._size = (0, 0) if former is None else (former.parameters, former.multiply_adds)
        if former is None:
            # It compiles, which takes too long for a window where the network is large.
            Background(self).run(lambda: size_of(setup), self._measured)

    def kept(
        self,
        project: Project,
        reached: SetRun,
        state: Mapping[str, Any],
        outcome: str,
        checkpoints: Sequence[Checkpoint],
    ) -> Together:
        """`reached` and the record as one edit; `state` is what Session.checkpoint() gives, and checkpoints
        have the names that nodes had when the run began.
        """
        record = record_of(
            replace(self._setup, training=replace(self._setup.training, **_ends(project))),
            state,
            reached.history,
            outcome,
            name=self._name,
            id=self.id,
            when=self._when,
            size=self._size if self._size != (0, 0) else None,
            checkpoints=checkpoints,
        )
        return with_record(reached, record, next((run for run in project.runs if run.id == self.id), None))

    def _measured(self, size: tuple[int, int] | None, _error: Error | None) -> None:
        if size is not None:
            self._size = size


def _ends(project: Project) -> dict[str, Any]:
    """What ends a run as it is now: it may be changed on the way, and is none of what the run computes."""
    return {name: getattr(project.training, name) for name in _ENDS}
