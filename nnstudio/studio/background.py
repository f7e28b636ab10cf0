"""Work that would hold the window up, done in a thread; the newest job is the one that counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, QTimer

from nnstudio.errors import Error

_LOOK_EVERY = 8  # milliseconds


class Background(QObject):
    """Runs one job at a time. What is handed in while one runs waits, and only the newest is run then.

    Results are fetched by a timer and not sent by a signal, so that a thread that is still busy when the
    window closes has nothing left to touch.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results: SimpleQueue[tuple[int, Any, Error | None]] = SimpleQueue()
        self._number = 0
        self._running = False
        self._then: Callable[[Any, Error | None], None] | None = None
        self._waiting: Callable[[], Any] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        return self._running

    def run(self, job: Callable[[], Any], then: Callable[[Any, Error | None], None]) -> None:
        """Run `job` and call `then(result, None)` or `then(None, error)` here; an older job is forgotten."""
        self._number += 1
        self._then = then
        if self._running:
            self._waiting = job
        else:
            self._start(job)

    def forget(self) -> None:
        """Nobody waits any more for what is running."""
        self._number += 1
        self._then = self._waiting = None

    def _start(self, job: Callable[[], Any]) -> None:
        self._running = True
        number, results = self._number, self._results
        threading.Thread(target=_work, args=(job, number, results), daemon=True).start()
        self._timer.start()

    def _look(self) -> None:
        if self._results.empty():
            return
        number, result, error = self._results.get()
        self._running = False
        if self._waiting is not None:
            job, self._waiting = self._waiting, None
            self._start(job)
            return
        self._timer.stop()
        if number == self._number and self._then is not None:
            then, self._then = self._then, None
            then(result, error)


def _work(job: Callable[[], Any], number: int, results: SimpleQueue[tuple[int, Any, Error | None]]) -> None:
    try:
        results.put((number, job(), None))
    except Error as error:
        results.put((number, None, error))
    except MemoryError:
        results.put((number, None, Error("There is not enough memory for this.")))
    except Exception as fault:
        # A fault of ours must not leave the window waiting for ever.
        results.put((number, None, Error(f"The studio itself failed ({type(fault).__name__}: {fault}).")))
    except BaseException as error:
        # Whoever waits must hear of it, and the traceback must not be lost.
        results.put(
            (number, None, Error(f"This went wrong inside nnstudio: {type(error).__name__}: {error}."))
        )
        raise
