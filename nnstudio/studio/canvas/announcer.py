"""Tells screen readers what has changed on a canvas: at most one message a turn of the event loop.

While no screen reader is there, a signal that arrives is dropped after one look at QAccessible.isActive().
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken

from nnstudio.studio.canvas.spoken import joined, past, spoken_size

if TYPE_CHECKING:
    from nnstudio.graph import Edge
    from nnstudio.studio.canvas.accessible import AccessibleCanvas
    from nnstudio.studio.canvas.view import Canvas

_MOST = 3  # edits or problems that one message tells one by one
_MOST_EVENTS = 100  # above that, one event for the whole list
_Event = QAccessible.Event


def announce(canvas: Canvas, sentence: str, urgent: bool = False) -> None:
    """Have a sentence read out, if anybody listens: what a gesture by keys has reached, for instance."""
    announcer = canvas.findChild(Announcer) if QAccessible.isActive() else None
    if announcer is not None:
        announcer.say(sentence, urgent)


class Announcer(QObject):
    """Collects what happens within a turn, and then says it once."""

    said = Signal(str)  # what screen readers were told

    def __init__(self, canvas: Canvas, interface: AccessibleCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._interface = interface
        self._sentences: list[str] = []
        self._edits: list[str] = []
        self._urgent = False
        self._arrived = ""  # another document or level is shown
        self._path: tuple[str, ...] = ()
        self._focus_came = False
        self._edges: list[Edge] = []  # those selected
        # What there was when we last spoke; None while nobody listens.
        self._nodes: dict[str, str] | None = None  # names by id
        self._selected: list[str] | None = None
        self._problems: set[str] | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._speak)
        document, sheet = canvas.sheet.document, canvas.sheet
        self._index = document.stack.index()
        document.stack.indexChanged.connect(self._step)
        document.failed.connect(self._refuse)
        document.replaced.connect(self._open)
        sheet.replaced.connect(self._go)
        sheet.graph_changed.connect(self._stir)
        sheet.problems_changed.connect(self._stir)
        canvas.refused.connect(self._refuse)
        canvas.selection_changed.connect(self._select)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._move_focus)

    def say(self, sentence: str, urgent: bool = False) -> None:
        self._sentences.append(sentence)
        self._urgent = self._urgent or urgent
        self._later.start()

    # -- what happens

    def _heard(self) -> bool:
        """Whether anybody listens; then there will be something to say at the end of this turn."""
        if not QAccessible.isActive():
            self._nodes = self._selected = self._problems = None
            return False
        if self._problems is None:
            # These are of the last turn, and so of before the change that we hear of.
            before = self._canvas.sheet.document.announced_problems
            self._problems = {problem.sentence for problem in before}
        self._later.start()
        return True

    def _stir(self) -> None:
        self._heard()

    def _select(self) -> None:
        self._interface.reconsider()
        self._heard()

    def _refuse(self, sentence: str) -> None:
        if self._heard():
            self.say(sentence, urgent=True)

    def _move_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is self._canvas and self._heard():
            self._focus_came = True

    def _step(self, index: int) -> None:
        """The undo stack stands elsewhere: an edit, one merged into the last, some undone or done again."""
        before, self._index = self._index, index
        stack = self._canvas.sheet.document.stack
        # A stack that is taken apart goes back to its start, too.
        if not Shiboken.isValid(stack) or not self._heard():
            return
        if index < before:
            told = [f"Undid {stack.text(k)}" for k in range(before - 1, index - 1, -1) if stack.text(k)]
        else:
            told = [past(stack.text(k)) for k in range(min(before, index - 1), index) if stack.text(k)]
        self._edits += [each for each in told if each not in self._edits]

    def _open(self) -> None:
        self._index = self._canvas.sheet.document.stack.index()
        self._path = ()
        if self._heard():
            self._arrived = f"Opened {self._canvas.sheet.document.title}"

    def _go(self) -> None:
        sheet = self._canvas.sheet
        moved, self._path = sheet.path != self._path, sheet.path
        if moved and self._heard():
            self._arrived = f"Inside {'.'.join(sheet.names)}" if sheet.path else "Back in the whole graph"

    # -- what is said of it

    def _speak(self) -> None:
        if QAccessible.isActive():
            sentences = [*self._changes(), *self._sentences, *self._news_of_problems()]
            sentences += self._news_of_selection()
            self._tell_of_nodes()
            if sentences:
                self._tell(". ".join(each.rstrip(".") for each in sentences) + ".", self._urgent)
        self._sentences, self._edits, self._arrived = [], [], ""
        self._urgent = self._focus_came = False

    def _changes(self) -> list[str]:
        if self._arrived:
            return [f"{self._arrived}: {spoken_size(self._canvas.sheet.level)}"]
        return _first(self._edits, "edits")

    def _news_of_problems(self) -> list[str]:
        now = [problem.sentence for problem in self._canvas.sheet.problems]
        before, self._problems = self._problems, set(now)
        if before is None or self._arrived:
            return []
        if before and not now:
            return ["No problem is left"]
        return _first([each for each in now if each not in before], "problems")

    def _news_of_selection(self) -> list[str]:
        """A focus event where the canvas has the focus: the screen reader then reads the node, so that only
        what it would not say is left for a sentence.
        """
        canvas = self._canvas
        now, before = canvas.selected_nodes(), self._selected or []
        self._selected = now
        edges = self._edges_selected()
        if now == before and not self._focus_came and not self._arrived:
            return edges if not now else []
        came = [key for key in now if key not in before]
        self._interface.reconsider(came[-1] if came else None)
        _send(QAccessibleEvent(self._interface, _Event.SelectionWithin))
        current, focused = self._interface.current(), canvas.hasFocus()
        if current is not None and focused:
            _send(QAccessibleEvent(self._interface.node(current), _Event.Focus))
        nodes = canvas.graph_scene.nodes
        if now == before:
            return []
        if not now:
            return edges or (["Nothing selected"] if any(key in nodes for key in before) else [])
        names = [nodes[key].look.name for key in now]
        if len(names) > 1:
            return [f"Selected {len(names)} nodes: {joined(names)}"]
        return [] if focused else [f"Selected {names[0]}"]

    def _edges_selected(self) -> list[str]:
        edges = self._canvas.graph_scene.selected_edges()
        before, self._edges = self._edges, edges
        if not edges or edges == before:
            return []
        nodes = self._canvas.sheet.level.nodes
        ends = [f"{nodes[edge.source].name} to {nodes[edge.target].name}" for edge in edges]
        return [f"Selected the edge from {joined(ends)}"]

    def _tell_of_nodes(self) -> None:
        """Which nodes are new, gone, or called otherwise."""
        interface = self._interface
        now = {key: item.look.name for key, item in self._canvas.graph_scene.nodes.items()}
        before, self._nodes = self._nodes, now
        if before is not None:
            gone = [key for key in before if key not in now and key in interface.kept]
            new = [key for key in now if key not in before]
            if len(gone) + len(new) > _MOST_EVENTS:
                _send(QAccessibleEvent(interface, _Event.ObjectReorder))
                gone = new = []
            for key in gone:
                _send(QAccessibleEvent(interface.kept[key], _Event.ObjectDestroyed))
            for key in new:
                _send(QAccessibleEvent(interface.node(key), _Event.ObjectCreated))
            for key, name in now.items():
                if key in interface.kept and before.get(key, name) != name:
                    _send(QAccessibleEvent(interface.kept[key], _Event.NameChanged))
        interface.prune()

    def _tell(self, message: str, urgent: bool) -> None:
        event = QAccessibleAnnouncementEvent(self._canvas, message)
        politeness = QAccessible.AnnouncementPoliteness
        event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
        _send(event)
        self.said.emit(message)


def _first(sentences: list[str], noun: str) -> list[str]:
    """The first few, and how many more there are."""
    if len(sentences) <= _MOST:
        return sentences
    return [*sentences[: _MOST - 1], f"{len(sentences) - _MOST + 1} more {noun}"]


def _send(event: QAccessibleEvent) -> None:
    QAccessible.updateAccessibility(event)
