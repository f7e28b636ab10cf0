"""What every view of the panel has in common: when it can be shown, what it asks, how it shows the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from nnstudio.explain.probing import Probe
from nnstudio.studio.learned.facts import Facts

Question = Callable[[Probe], Any]


class LearnedView(QWidget):
    """`question` is put to a network with the weights of now, in the background; `show_answer` gets what it
    returned. Only the view that is seen is asked.
    """

    title = ""
    asked = Signal()  # something other than the weights has changed: it wants to ask again

    def suits(self, facts: Facts) -> bool:
        """Whether there can be anything to see."""
        raise NotImplementedError

    def follow(self, facts: Facts) -> None:
        """The graph or the data are others."""

    def question(self, facts: Facts) -> Question | None:
        """What to ask now; None where nothing is needed. It must touch no widget: it runs in a thread."""
        raise NotImplementedError

    def show_answer(self, answer: Any) -> None:
        """In the window's thread again."""
        raise NotImplementedError
