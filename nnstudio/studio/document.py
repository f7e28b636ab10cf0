"""The open document: a project behind Qt signals and an undo stack. `push` is the only way to change it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from nnstudio.errors import Error
from nnstudio.graph import Edit, Graph, Problem
from nnstudio.program.emit import emit
from nnstudio.program.statement import Statement
from nnstudio.project import Project, load, save
from nnstudio.project.edits import ProjectEdit
from nnstudio.training.optimizers import definition

if TYPE_CHECKING:
    from nnstudio.graph.level import Level, Structure

UNTITLED = "Untitled"
Moment = tuple["Level", object, object, object, object, object]
"""The parts of a project, immutable values: the same ones are the same project."""


class Document(QObject):
    """One project at a time, and everything that follows from a change to it.

    Which of the signals an edit causes is found by comparing the project before and after: all of its parts
    are immutable values, so a part that is still the same object has not changed, however the edit was
    composed.
    """

    changed = Signal()  # anything at all
    graph_changed = Signal()  # nodes, edges, names, settings: what shapes and the program follow from
    moved = Signal()  # only positions: everything that follows from the graph is what it was
    data_changed = Signal()
    training_changed = Signal()
    weights_changed = Signal()  # weights, history: what a training run leaves
    runs_changed = Signal()  # the runs that are kept: one more, fewer, another name
    problems_changed = Signal()
    modified_changed = Signal(bool)
    named = Signal()  # the path, and so the title, is another
    replaced = Signal()  # another project altogether: new or opened
    failed = Signal(str)  # a sentence for the user

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project or Project()
        self._called = ""
        self.stack = QUndoStack(self)
        self.stack.cleanChanged.connect(self._clean_changed)
        self._data_shapes: dict[str, tuple[int, ...]] | None = None
        self._data_classes: dict[str, int] | None = None
        self._problems: list[Problem] | None = None
        self._announced: list[Problem] = []
        self._listing: tuple[tuple[object, object], tuple[Statement, ...]] | None = None
        self._sizes: tuple[Structure, dict[tuple[str, ...], dict[str, int]]] | None = None
        self._forgetting = False
        self._begun: tuple[_Step, Moment] | None = None  # the last step, and what there was before it
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._announce_problems)
        self._later.start()

    # -- what there is

    @property
    def project(self) -> Project:
        return self._project

    @property
    def graph(self) -> Graph:
        return self._project.graph

    @property
    def level(self) -> Level:
        """The drawing as an immutable value."""
        return self._project.graph.level

    @property
    def path(self) -> Path | None:
        return self._project.path

    @property
    def title(self) -> str:
        return (self._called or UNTITLED) if self.path is None else self.path.name

    @property
    def modified(self) -> bool:
        return not self.stack.isClean()

    @property
    def problems(self) -> list[Problem]:
        """Of the graph as it is now; worked out once per change, when first asked for."""
        if self._problems is None:
            self._problems = self.graph.problems(self._data_shapes, self._data_classes)
        return self._problems

    @property
    def announced_problems(self) -> list[Problem]:
        """Those that `problems_changed` was last emitted for: at most one turn of the event loop behind."""
        return self._announced

    def sizes(self, path: tuple[str, ...] = ()) -> dict[str, int]:
        """How many numbers each node of a level learns, by id; only nodes that learn any."""
        if self._sizes is None or self._sizes[0] is not self.level.structure:
            self._sizes = (self.level.structure, {})
        known = self._sizes[1]
        if path not in known:
            inference, found = self.graph.inferred(path), dict[str, int]()
            for key, node in self.level.at(path).nodes.items():
                if node.inside is not None:
                    size = sum(self.sizes((*path, key)).values())
                else:
                    finding = inference.findings.get(key)
                    size = 0 if finding is None else finding.size
                if size:
                    found[key] = size
            known[path] = found
        return known[path]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The program as it would be written for the graph and its training now; empty where it cannot be."""
        key = (self.level.structure, self._project.training)
        if self._listing is None or self._listing[0] != key:
            try:
                optimizer = definition(self._project.training.optimizer)
                settings = optimizer.complete(self._project.training.optimizer_settings)
                self._listing = (key, emit(self.graph.flatten(), optimizer, settings).statements)
            except Error:
                self._listing = (key, ())
        return self._listing[1]

    def set_data_shapes(
        self, shapes: Mapping[str, tuple[int, ...]] | None, classes: Mapping[str, int] | None = None
    ) -> None:
        """Tell what the dataset gives to each Input and Target (one sample's shape, and how many classes),
        so that a mismatch is a problem.
        """
        known = None if shapes is None else dict(shapes)
        counts = None if classes is None else dict(classes)
        if (known, counts) != (self._data_shapes, self._data_classes):
            self._data_shapes, self._data_classes = known, counts
            self._forget_problems()

    # -- changing it

    def push(self, edit: Edit | ProjectEdit, merge: Hashable = None) -> bool:
        """Apply an edit and put it on the undo stack.

        Edits pushed one after the other with an equal `merge` key are one undo step (a sweep of a value), and
        none once they have come back to where they began.
        False where the edit cannot be applied: then nothing has changed, and `failed` has said why.
        """
        before = self.moment()
        try:
            if isinstance(edit, Edit):
                edit = edit.described(self.graph)
            inverse = self._project.apply(edit)
        except Error as error:
            self.failed.emit(str(error))
            return False
        step, index = _Step(self, edit, inverse, merge), self.stack.index()
        self.stack.push(step)
        if self.stack.index() > index:
            self._begun = (step, before)
        self._tell(before)
        return True

    def undo(self) -> None:
        self.stack.undo()

    def redo(self) -> None:
        self.stack.redo()

    def take_back(self, merge: Hashable = None) -> bool:
        """Undo the last step and forget it, as if it had never been: what was undone before it cannot be
        redone either way. With a key only a step that was pushed with it, and has not been saved. False where
        there is none.
        """
        if not self.stack.canUndo():
            return False
        last = self.stack.command(self.stack.index() - 1)
        if merge is not None and (self.stack.isClean() or not isinstance(last, _Step) or last.merge != merge):
            return False
        self._forgetting = True
        try:
            self.stack.undo()
        finally:
            self._forgetting = False
        return True

    @property
    def forgetting(self) -> bool:
        """For the undo stack alone: whether what is being undone shall be gone."""
        return self._forgetting

    def is_where_it_began(self, step: QUndoCommand) -> bool:
        """For the undo stack alone: whether the project is what it was before that step, the last one."""
        if self._begun is None or self._begun[0] is not step:
            return False
        (level, data, training, *rest), (level_now, data_now, training_now, *rest_now) = (
            self._begun[1],
            self.moment(),
        )
        return (
            all(old is new for old, new in zip(rest, rest_now, strict=True))
            and (data, training) == (data_now, training_now)
            and level == level_now
        )

    def apply_again(self, edit: Edit | ProjectEdit) -> Edit | ProjectEdit:
        """For the undo stack alone: apply and return the inverse."""
        before = self.moment()
        inverse = self._project.apply(edit)
        self._tell(before)
        return inverse

    # -- files

    def new(self) -> None:
        self.replace(Project())

    def open(self, path: str | Path) -> None:
        """Read a project and put it in the place of this one. ProjectError leaves everything as it is."""
        self.replace(load(path))

    def save(self, path: str | Path | None = None, thumbnail: bytes | None = None) -> None:
        """Write to `path`, or to where it came from. ProjectError leaves the file as it is."""
        where = path if path is not None else self.path
        if where is None:
            raise ValueError("a document that was never saved needs a path")
        save(self._project, where, thumbnail=thumbnail)
        self.stack.setClean()
        self.named.emit()

    def was_saved(self, copy: Project, moment: Moment) -> None:
        """A copy of the project was written as it was at that moment; what was changed since is not."""
        self._project.path, self._project.thumbnail = copy.path, copy.thumbnail
        if all(old is new for old, new in zip(moment, self.moment(), strict=True)):
            self.stack.setClean()
        else:
            self.stack.resetClean()
        self.named.emit()

    def replace(self, project: Project, modified: bool = False, called: str = "") -> None:
        """Show another project; its undo history starts empty. `called` is its title until it has a file."""
        self._project = project
        self._called = called
        self._data_shapes = self._data_classes = None
        self._announced = []
        self._begun = None
        self.stack.clear()
        if modified:
            self.stack.resetClean()
        self._forget_problems()
        self.replaced.emit()
        for signal in (
            self.graph_changed,
            self.data_changed,
            self.training_changed,
            self.weights_changed,
            self.runs_changed,
        ):
            signal.emit()
        self.changed.emit()
        self.named.emit()
        self.modified_changed.emit(self.modified)

    # -- telling

    def _clean_changed(self, clean: bool) -> None:
        self.modified_changed.emit(not clean)

    def moment(self) -> Moment:
        """What the project is now: kept, it tells later what has changed, and what was_saved()."""
        project = self._project
        return (
            project.graph.level,
            project.data,
            project.training,
            project.weights,
            project.history,
            project.runs,
        )

    def _tell(self, before: Moment) -> None:
        same = [old is new for old, new in zip(before, self.moment(), strict=True)]
        if not same[0]:
            if before[0].structure is self.level.structure:
                self.moved.emit()
            else:
                self._forget_problems()
                self.graph_changed.emit()
        if not same[1]:
            self.data_changed.emit()
        if not same[2]:
            self.training_changed.emit()
        if not (same[3] and same[4]):
            self.weights_changed.emit()
        if not same[5]:
            self.runs_changed.emit()
        self.changed.emit()

    def _forget_problems(self) -> None:
        self._problems = None
        self._later.start()

    def _announce_problems(self) -> None:
        if self.problems != self._announced:
            self._announced = self.problems
            self.problems_changed.emit()


class _Step(QUndoCommand):
    """An edit on Qt's undo stack. Undoing applies the inverse and keeps the inverse's inverse for redoing."""

    def __init__(
        self, document: Document, edit: Edit | ProjectEdit, inverse: Edit | ProjectEdit, merge: Hashable
    ) -> None:
        super().__init__(inverse.label)  # it has the names of what was changed
        self._document = document
        self._edit = edit
        self._inverse = inverse
        self.merge = merge
        self._applied = True  # push() has applied it already, where a refusal can still be told

    def id(self) -> int:
        return -1 if self.merge is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other.merge != self.merge:
            return False
        self._edit = other._edit
        self.setText(other.text())
        self.setObsolete(self._document.is_where_it_began(self))
        return True

    def redo(self) -> None:
        if self._applied:
            self._applied = False
            return
        self._inverse = self._document.apply_again(self._edit)

    def undo(self) -> None:
        self._edit = self._document.apply_again(self._inverse)
        if self._document.forgetting:
            self.setObsolete(True)
