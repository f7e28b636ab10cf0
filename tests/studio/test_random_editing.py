"""A thousand random operations through the editor's own verbs and gestures, undone to the start and redone to
the end: the same bytes, twenty times over, with garbage collected in between.
"""

import gc
import random
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from nnstudio.errors import Error
from nnstudio.graph import FRAME_COLOURS, GROUP, GroupNodes, Rename, SetSetting, UngroupNode
from nnstudio.project import Project, part_of
from nnstudio.studio import theme
from nnstudio.studio.canvas.bending import Bend, place_for, toggled
from nnstudio.studio.canvas.connecting import Connect
from nnstudio.studio.canvas.cutting import Cut
from nnstudio.studio.canvas.framing import ResizeFrame, part_at
from nnstudio.studio.canvas.gestures import BoxSelect, Selection
from nnstudio.studio.canvas.moving import MoveSelected
from nnstudio.studio.canvas.view import Canvas
from nnstudio.studio.clipboard import Clipboard
from nnstudio.studio.document import Document
from nnstudio.studio.kept_groups import KeptGroups
from tests.studio.desk import document_text, wires

OPERATIONS = 1_000
NO, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
TYPES = ("Linear", "Tanh", "ReLU", "CAddTable", "Input", "Target", "MSE", "Output")
LINES = ("left", "centre", "right", "top", "middle", "bottom", "across", "down")
MOST = 14  # nodes; beyond, more is deleted


class Hand:
    """Does at random what a user does, on one canvas."""

    def __init__(self, canvas: Canvas, seed: int, folder: Path) -> None:
        self.canvas = canvas
        self.told: list[str] = []
        self.clipboard = Clipboard(canvas, self.told.append, self.told.append, canvas)
        self.groups = KeptGroups(folder, canvas)
        canvas.kept = self.groups.groups
        self.document = canvas.document
        self.random = random.Random(seed)
        self.cancelled = 0

    # -- choosing

    @property
    def level(self):
        return self.canvas.sheet.level

    def some(self, things, least=0):
        things = list(things)
        return self.random.sample(things, min(len(things), self.random.randint(least, 3)))

    def one(self, things):
        things = list(things)
        return self.random.choice(things) if things else None

    def point(self) -> QPointF:
        return QPointF(self.random.randint(-200, 1200), self.random.randint(-200, 700))

    def select(self):
        level = self.level
        self.canvas.select(self.some(level.nodes), self.some(level.edges), self.some(level.frames))

    def drag(self, gesture, *points):
        """As the mouse would; one in six is given up with Esc, and then nothing must have happened."""
        canvas, keys = self.canvas, self.random.choice((NO, NO, ALT))
        before, step = self.level, self.document.stack.index()
        gesture.former = chosen = Selection.of(canvas.graph_scene)
        canvas.begin(gesture)
        for point in points:
            gesture.update(point, keys)
        if self.random.random() < 1 / 6:
            canvas.abandon()
            self.cancelled += 1
            assert self.level is before and self.document.stack.index() == step
            assert Selection.of(canvas.graph_scene) == chosen
        else:
            gesture.end(points[-1], keys)
            if canvas.gesture is gesture:
                canvas.finish_gesture()
            canvas.abandon()  # a search that was opened

    # -- what can be done

    def add(self):
        self.canvas.editing.add_module(self.one(TYPES))

    def connect(self):
        ends = [(key, port) for key, item in self.canvas.graph_scene.nodes.items() for port in item.ports()]
        first, last = self.one(ends), self.one(ends)
        if first is None:
            return
        scene = self.canvas.graph_scene
        taken = None
        if first[1].side == "input":
            taken = scene.edge_into(first[0], first[1].name)
        if taken is not None:
            self.drag(Connect(self.canvas, first, scene.nodes[first[0]].port_point(first[1])), self.point())
        spots = [scene.nodes[key].port_point(port) for key, port in (first, last)]
        self.drag(Connect(self.canvas, first, spots[0]), *spots)

    def delete(self):
        self.select()
        self.canvas.editing.delete()

    def move(self):
        self.select()
        scene = self.canvas.graph_scene
        nodes, frames = scene.selected_nodes(), scene.selected_frames()
        start, to = self.point(), self.point()
        if nodes:
            self.drag(MoveSelected(self.canvas, start, self.one(nodes)), self.point(), to)
        elif frames:
            self.drag(MoveSelected(self.canvas, start, frame=self.one(frames)), self.point(), to)

    def move_onto_an_edge(self):
        node, edge = self.one(self.level.nodes), self.one(self.level.edges)
        if node is None or edge is None:
            return
        scene = self.canvas.graph_scene
        scene.select([node])
        start = scene.nodes[node].scene_card().center()
        self.drag(MoveSelected(self.canvas, start, node), scene.edges[edge].middle())

    def nudge(self):
        self.select()
        self.canvas.editing.nudge(QPointF(self.random.randint(-9, 9), 8))

    def box(self):
        self.drag(
            BoxSelect(self.canvas, self.point(), self.random.random() < 0.5), self.point(), self.point()
        )

    def rename(self):
        key = self.one(self.level.nodes)
        if key is not None:
            self.canvas.sheet.push(Rename(key, f"name{self.random.randint(1, 30)}"))

    def set(self):
        key = self.one(key for key, node in self.level.nodes.items() if node.type == "Linear")
        if key is not None:
            many = self.random.randint(1, 9)
            self.canvas.sheet.push(SetSetting(key, "out_features", many), merge=("width", key))

    def bypass(self):
        self.select()
        self.canvas.editing.bypass()

    def cut(self):
        start = self.point()
        self.drag(Cut(self.canvas, start), self.point(), self.point())

    def bend(self):
        edge = self.one(self.level.edges)
        if edge is None:
            return
        item = self.canvas.graph_scene.edges[edge]
        if item.bends and self.random.random() < 0.5:
            index = self.random.randrange(len(item.bends))
            self.drag(Bend(self.canvas, item, index), self.point())
        elif self.random.random() < 0.5:
            spot = item.middle()
            self.drag(Bend(self.canvas, item, place_for(item, spot), spot), self.point())
        else:
            self.canvas.sheet.push(toggled(item, item.middle(), 9.0))

    def straighten(self):
        self.canvas.select([], self.level.edges)
        self.canvas.editing.straighten()

    def frame(self):
        self.select()
        frames = self.canvas.editing.frames
        what = self.random.randrange(4)
        if what == 0 or not self.level.frames:
            frames.add()
            field = self.canvas.gesture.field
            field.setText(f"frame {self.random.randint(1, 9)}")
            self.canvas.gesture.commit()
        elif what == 1:
            frames.rename(self.one(self.level.frames))
            self.canvas.gesture.field.setText(f"title {self.random.randint(1, 9)}")
            self.canvas.gesture.commit()
        elif what == 2:
            frames.paint_in(self.one(FRAME_COLOURS))
        else:
            item = self.canvas.graph_scene.frames[self.one(self.level.frames)]
            corner = item.scene_box().bottomRight()
            part = part_at(self.canvas.graph_scene, corner, 1.0)
            if part is not None and part.sides:
                self.drag(ResizeFrame(self.canvas, corner, part), self.point())

    def align(self):
        self.select()
        getattr(self.canvas.editing.align, self.one(LINES))()

    def arrange(self):
        if self.random.random() < 0.5:
            self.select()
        self.canvas.editing.arrange()

    def group(self):
        keys = self.some((key for key, node in self.level.nodes.items() if node.type not in TYPES[4:]), 1)
        if keys and sum(node.type == GROUP for node in self.level.nodes.values()) < 3:
            self.canvas.sheet.push(GroupNodes(tuple(keys), f"group{self.random.randint(1, 9)}"))

    def ungroup(self):
        key = self.one(key for key, node in self.level.nodes.items() if node.is_group)
        if key is not None:
            self.canvas.sheet.push(UngroupNode(key))

    def over_the_clipboard(self):
        """Copied or cut, and pasted under the pointer or in the middle, on this level or another."""
        self.select()
        getattr(self.clipboard, self.one(("copy", "cut", "duplicate")))()

    def paste(self):
        self.canvas.pointer = self.one((None, QPointF(self.random.randint(0, 900), 300)))
        self.clipboard.paste()

    def template(self):
        """A group is kept in the palette, and one that was kept is put down."""
        key = self.one(key for key, node in self.level.nodes.items() if node.is_group)
        if key is not None:
            part = part_of(self.document.project, self.canvas.sheet.path, [key])
            kept = self.random.randint(1, 2)
            self.groups.keep(part, f"kept{kept}", with_weights=self.random.random() < 0.5)
        name = self.one(self.groups.groups())
        if name is not None:
            self.canvas.editing.add_module(name)

    def enter_or_leave(self):
        key = self.one(key for key, node in self.level.nodes.items() if node.is_group)
        if self.canvas.sheet.path and self.random.random() < 0.7:
            self.canvas.editing.leave()
        elif key is not None:
            self.canvas.sheet.enter(key)

    def back_and_forth(self):
        for _ in range(self.random.randint(1, 4)):
            self.document.undo()
        for _ in range(self.random.randint(0, 3)):
            self.document.redo()

    def operate(self):
        wanted = self.delete if len(self.level.nodes) > MOST else self.one(WEIGHTED)
        getattr(self, wanted if isinstance(wanted, str) else wanted.__name__)()


WEIGHTED = [
    *["add", "connect", "move", "move_onto_an_edge"] * 4,
    *["over_the_clipboard", "paste"] * 2,
    *["delete", "bend", "frame", "cut", "bypass", "set", "rename", "nudge", "box", "back_and_forth"] * 2,
    *["straighten", "align", "arrange", "group", "ungroup", "enter_or_leave", "template"],
]


@pytest.fixture
def quick_collections():
    """What was there before is left out of them: they are for what the editor leaves behind."""
    gc.freeze()
    yield
    gc.unfreeze()
    QApplication.clipboard().clear()  # what Python has put there must not outlive it


@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_operations_are_undone_and_redone_to_the_byte(qtbot, quick_collections, tmp_path, seed):
    theme.apply("light")
    document = Document(Project(wires("a", "b")))
    canvas = Canvas(document)
    document.setParent(canvas)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 700)
    canvas.pulses.reduced = True
    hand = Hand(canvas, seed, tmp_path)
    first = document_text(document)
    for step in range(OPERATIONS):
        try:
            hand.operate()
        except Error as error:
            pytest.fail(f"operation {step} of seed {seed}: {error}")
        if step % 100 == 0:
            QApplication.processEvents()
            gc.collect()
    last, steps = document_text(document), document.stack.index()
    assert steps > 200 and hand.cancelled > 30 and any("cut" in each for each in hand.told)
    agree(canvas)
    while document.stack.canUndo():
        document.undo()
    gc.collect()
    assert document_text(document) == first
    agree(canvas)
    for _ in range(steps):
        document.redo()
    gc.collect()
    assert document_text(document) == last
    QApplication.processEvents()
    agree(canvas)


def agree(canvas: Canvas) -> None:
    """The canvas shows what the graph has."""
    level, scene = canvas.sheet.level, canvas.graph_scene
    assert {key: item.place() for key, item in scene.nodes.items()} == {
        key: node.position for key, node in level.nodes.items()
    }
    assert {edge: item.bends for edge, item in scene.edges.items()} == {
        edge: edge.bends for edge in level.edges
    }
    assert {key: item.frame for key, item in scene.frames.items()} == level.frames
