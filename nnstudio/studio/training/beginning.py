"""How a run begins: whether it can, and a session that is made and set going in a thread, because a large
set takes long to be bound and handed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from nnstudio.errors import TrainingError

if TYPE_CHECKING:
    from nnstudio.data import Splits
    from nnstudio.project import Project
    from nnstudio.studio.document import Document
    from nnstudio.studio.samples import Samples
    from nnstudio.training.session import Session


def why_not(document: Document, samples: Samples) -> str:
    """Why a document cannot be trained now, in words; empty where it can."""
    if not document.level.nodes:
        return "There is nothing to train yet: drag modules from the palette, or open an example."
    found = document.graph.obstacles(document.problems)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        return f"The graph cannot be trained yet: {found[0].sentence.rstrip('.')}{more}."
    return samples.sentence


def maker(project: Project, data: Splits | None, watched: list[str], figures: bool) -> Callable[[], Session]:
    """How to make a session of a project as it is now, in a thread."""
    graph, training = project.graph.copy(), project.training
    weights, moments, state = (
        project.fitting_weights(),
        dict(project.optimizer_state),
        dict(project.run_state),
    )

    def make() -> Session:
        from nnstudio.training.session import Session

        session = Session(graph, data, training, weights=weights, optimizer_state=moments, run_state=state)
        session.watch(watched)
        session.watch_figures(figures)
        return session

    return make


class Beginning:
    """What `make` gives is set going by the first command; given up meanwhile, no process of it stays.

    `make` runs in the thread, and so must not look at anything that the window may change.
    """

    def __init__(self, make: Callable[[], Session], first: Callable[[Session], None]) -> None:
        self._make, self._first = make, first
        self._later: list[Callable[[Session], None]] = []
        self._lock = threading.Lock()
        self._made: Session | None = None
        self._given_up = False

    def session(self) -> Session:
        """In the thread: the session, going. DataError or TrainingError where it cannot be."""
        session = self._make()
        with self._lock:
            if not self._given_up:
                self._first(session)
                self._made = session
                return session
        session.close()
        raise TrainingError("The run was stopped before it had begun.")

    def later(self, command: Callable[[Session], None]) -> None:
        """What was asked for before there is a session."""
        self._later.append(command)

    def catch_up(self, session: Session) -> None:
        """Give the session what was asked for meanwhile."""
        for command in self._later:
            command(session)

    def give_up(self) -> None:
        """Nobody wants it any more. Waits for nothing."""
        threading.Thread(target=self._end, name="end of training").start()

    def _end(self) -> None:
        with self._lock:
            self._given_up = True
            made, self._made = self._made, None
        if made is not None:
            made.close()
