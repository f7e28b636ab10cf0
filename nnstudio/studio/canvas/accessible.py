"""The canvas as screen readers see it: a list with an entry for every node, in the order of computation.

Who owns what, as measured with PySide6 6.11: an interface that has an id belongs to Qt's cache, which deletes
it in C++ whenever it likes and tells Python; but where Python lets go of it first, the cache keeps a dangling
pointer and the process dies. So every interface is kept in `_KEPT`, from its first id until Qt is told to
delete it, which happens when the node or the canvas goes. (QAccessible.installFactory is no way out: what a
factory has made is never freed.) The interfaces of nodes are made when somebody asks for them.
"""

# pyright: reportIncompatibleMethodOverride=false
# (Where Qt has a null pointer, Python has None; the stubs know nothing of it.)

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleInterface,
    QAccessibleSelectionInterface,
    QWindow,
)
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import Shiboken

from nnstudio.studio.canvas.announcer import Announcer
from nnstudio.studio.canvas.spoken import spoken_description, spoken_name, spoken_size

if TYPE_CHECKING:
    from nnstudio.graph import Problem
    from nnstudio.studio.canvas.node_item import NodeItem
    from nnstudio.studio.canvas.sheet import Sheet
    from nnstudio.studio.canvas.view import Canvas

_KEPT: dict[int, AccessibleCanvas] = {}  # by the id of the interface
_Text = QAccessible.Text
_Action = QAccessibleActionInterface
_NULL = Shiboken.VoidPtr(0)


def make_accessible(canvas: Canvas) -> None:
    """Show the nodes of a canvas to screen readers, and announce there what changes."""
    interface = AccessibleCanvas(canvas)
    key = QAccessible.registerAccessibleInterface(interface)
    _KEPT[key] = interface
    canvas.destroyed.connect(partial(_forget, key))
    Announcer(canvas, interface)


def _forget(key: int, *_: object) -> None:
    """The canvas is gone, and its own interface with it: nobody but us deletes those of the nodes."""
    for node in _KEPT.pop(key).kept.values():
        _delete(node)


def _delete(node: AccessibleNode) -> None:
    if Shiboken.isValid(node):
        QAccessible.deleteAccessibleInterface(node.key)


class AccessibleCanvas(QAccessibleWidget):
    """The nodes come first among its children, then the widgets that lie on the canvas."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, QAccessible.Role.List)
        self.kept: dict[str, AccessibleNode] = {}
        self._ordered: tuple[object, tuple[str, ...], dict[str, int]] = (None, (), {})
        self._problems: tuple[object, object, dict[str, list[Problem]]] = (None, None, {})
        self._current: str | None = None
        self._current_known = False
        self._selection: Selection | None = None

    def canvas(self) -> Canvas | None:
        """None once it is being taken apart; a screen reader may still ask then."""
        widget = self.widget() if Shiboken.isValid(self) else None
        if widget is None or not hasattr(widget, "graph_scene"):
            return None
        canvas = cast("Canvas", widget)
        return canvas if Shiboken.isValid(canvas.graph_scene) else None

    # -- what there is, by id

    def sheet(self) -> Sheet | None:
        canvas = self.canvas()
        return None if canvas is None else canvas.sheet

    def order(self) -> tuple[str, ...]:
        """As they are computed; what hangs in or behind a cycle comes last."""
        return self._order()[0]

    def _order(self) -> tuple[tuple[str, ...], dict[str, int]]:
        sheet = self.sheet()
        if sheet is None:
            return (), {}
        structure = sheet.level.structure
        if self._ordered[0] is not structure:
            ids = (*structure.order, *_left_out(sheet.level.nodes, structure.order))
            self._ordered = (structure, ids, {key: index for index, key in enumerate(ids)})
        return self._ordered[1:]

    def problems(self, node_id: str) -> list[Problem]:
        sheet = self.sheet()
        if sheet is None:
            return []
        problems = sheet.problems
        if self._problems[0] is not problems or self._problems[1] != sheet.path:
            found: dict[str, list[Problem]] = {}
            for problem in problems:
                key = problem.id_on(sheet.path)
                if key is not None:
                    found.setdefault(key, []).append(problem)
            self._problems = (problems, sheet.path, found)
        return self._problems[2].get(node_id, [])

    def item(self, node_id: str) -> NodeItem | None:
        canvas = self.canvas()
        return None if canvas is None else canvas.graph_scene.nodes.get(node_id)

    def current(self) -> str | None:
        """The node that has the focus while the canvas has it: of those selected, the last that came."""
        canvas = self.canvas()
        if canvas is None:
            return None
        if not self._current_known:
            selected = canvas.selected_nodes()
            if self._current not in selected:
                self._current = selected[-1] if selected else None
            self._current_known = True
        return self._current

    def reconsider(self, preferred: str | None = None) -> None:
        """The selection is another."""
        self._current_known = False
        if preferred is not None:
            self._current = preferred

    # -- interfaces of nodes

    def node(self, node_id: str) -> AccessibleNode:
        """Its interface, made now where there was none."""
        node = self.kept.get(node_id)
        if node is None or not Shiboken.isValid(node):
            node = AccessibleNode(self, node_id)
            node.key = QAccessible.registerAccessibleInterface(node)
            self.kept[node_id] = node
        return node

    def prune(self) -> None:
        """Let the interfaces go of nodes that are no more. Never from within a call of theirs."""
        for key in [key for key in self.kept if self.item(key) is None]:
            _delete(self.kept.pop(key))

    # -- the tree

    def childCount(self) -> int:
        return len(self.order()) + super().childCount()

    def child(self, index: int) -> QAccessibleInterface | None:
        order = self.order()
        if 0 <= index < len(order):
            return self.node(order[index])
        return super().child(index - len(order)) if index >= 0 else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        order, index = self._order()
        if isinstance(child, AccessibleNode):
            return index.get(child.node_id, -1)
        place = super().indexOfChild(child)
        return place if place < 0 else len(order) + place

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        canvas = self.canvas()
        if canvas is None:
            return None
        viewport, spot = canvas.viewport(), QPoint(x, y)
        over = canvas.childAt(canvas.mapFromGlobal(spot))
        if over is viewport:
            item = canvas.graph_scene.node_at(canvas.mapToScene(viewport.mapFromGlobal(spot)))
            if item is not None:
                return self.node(item.node_id)
        return super().childAt(x, y)

    def focusChild(self) -> QAccessibleInterface | None:
        canvas = self.canvas()
        if canvas is None or not canvas.hasFocus():
            return super().focusChild()
        current = self.current()
        return self if current is None else self.node(current)

    # -- what it says

    def state(self) -> QAccessible.State:
        state = super().state()
        state.multiSelectable = state.extSelectable = 1
        return state

    def text(self, t: QAccessible.Text) -> str:
        own = super().text(t)
        sheet = self.sheet() if t == _Text.Description else None
        if sheet is None:
            return own
        where = f"inside {'.'.join(sheet.names)}" if sheet.path else ""
        return ". ".join(filter(None, (", ".join(filter(None, (spoken_size(sheet.level), where))), own)))

    def interface_cast(self, t: QAccessible.InterfaceType) -> Shiboken.VoidPtr:
        if t != QAccessible.InterfaceType.SelectionInterface:
            return _pointer(super().interface_cast(t))
        if self._selection is None:
            self._selection = Selection(self)
        return _pointer(self._selection)


class AccessibleNode(QAccessibleInterface):
    """One node of the sheet. It is no widget: what it says is read from the scene when it is asked."""

    key = 0  # the id that Qt's cache gave it

    def __init__(self, canvas: AccessibleCanvas, node_id: str) -> None:
        super().__init__()
        self.on = canvas
        self.node_id = node_id
        self._actions: NodeActions | None = None

    def isValid(self) -> bool:
        return self.on.item(self.node_id) is not None

    def object(self) -> None:
        return None

    def window(self) -> QWindow | None:
        canvas = self.on.canvas()
        return None if canvas is None else canvas.window().windowHandle()

    def parent(self) -> QAccessibleInterface | None:
        return self.on if Shiboken.isValid(self.on) else None

    def child(self, index: int) -> None:
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> None:
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        """On the screen, whether it is in view or not."""
        canvas, item = self.on.canvas(), self.on.item(self.node_id)
        if canvas is None or item is None:
            return QRect()
        box = canvas.mapFromScene(item.scene_card()).boundingRect()
        return QRect(canvas.viewport().mapToGlobal(box.topLeft()), box.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        canvas, item = self.on.canvas(), self.on.item(self.node_id)
        if canvas is None or item is None:
            state.invalid = 1
            return state
        state.focusable = state.selectable = state.extSelectable = state.movable = 1
        state.selected = int(item.isSelected())
        state.focused = int(canvas.hasFocus() and self.on.current() == self.node_id)
        state.invisible = int(not canvas.isVisible())
        view = canvas.viewport()
        seen = QRect(view.mapToGlobal(QPoint()), view.size())
        state.offscreen = int(not seen.intersects(self.rect()))
        return state

    def text(self, t: QAccessible.Text) -> str:
        sheet, item = self.on.sheet(), self.on.item(self.node_id)
        if sheet is None or item is None:
            return ""
        if t == _Text.Name:
            return spoken_name(sheet, item.look, item.isSelected(), self.on.problems(self.node_id))
        if t == _Text.Description:
            scene = item.graph_scene
            return spoken_description(
                sheet, item.look, () if scene is None else scene.numbers_at(self.node_id)
            )
        return self.node_id if t == _Text.Identifier else ""

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Names are changed by renaming, which is an edit."""

    def relations(
        self, match: QAccessible.RelationFlag = QAccessible.RelationFlag.AllRelations
    ) -> list[tuple[QAccessibleInterface, QAccessible.RelationFlag]]:
        """The edges. Qt's flag tells what the other is to this one: a source flows to it."""
        sheet, flags = self.on.sheet(), QAccessible.RelationFlag
        found: list[tuple[QAccessibleInterface, QAccessible.RelationFlag]] = []
        if sheet is None or self.node_id not in sheet.level.nodes:
            return found
        structure = sheet.level.structure
        if match & flags.FlowsTo:
            edges = [edge for port in structure.incoming[self.node_id].values() for edge in port]
            found += [(self.on.node(edge.source), flags.FlowsTo) for edge in edges]
        if match & flags.FlowsFrom:
            edges = structure.outgoing[self.node_id]
            found += [(self.on.node(edge.target), flags.FlowsFrom) for edge in edges]
        return found

    def interface_cast(self, t: QAccessible.InterfaceType) -> Shiboken.VoidPtr:
        if t != QAccessible.InterfaceType.ActionInterface:
            return _pointer(super().interface_cast(t))
        if self._actions is None:
            self._actions = NodeActions(self.on, self.node_id)
        return _pointer(self._actions)


class NodeActions(QAccessibleActionInterface):
    """What a screen reader can do with a node, beside telling of it."""

    def __init__(self, canvas: AccessibleCanvas, node_id: str) -> None:
        super().__init__()
        self._on = canvas
        self._node_id = node_id

    def actionNames(self) -> list[str]:
        return [_Action.setFocusAction(), _Action.pressAction(), _Action.toggleAction()]

    def localizedActionName(self, name: str) -> str:
        return {
            _Action.setFocusAction(): "Select",
            _Action.pressAction(): "Open",
            _Action.toggleAction(): "Select or unselect",
        }.get(name, name)

    def localizedActionDescription(self, name: str) -> str:
        return {
            _Action.setFocusAction(): "Selects this node alone and brings it into view",
            _Action.pressAction(): "Goes to the settings of the node, or into a group",
            _Action.toggleAction(): "Adds the node to the selection, or takes it out",
        }.get(name, "")

    def keyBindingsForAction(self, name: str) -> list[str]:
        return ["Return"] if name == _Action.pressAction() else []

    def doAction(self, name: str) -> None:
        canvas, item = self._on.canvas(), self._on.item(self._node_id)
        if canvas is None or item is None:
            return
        if name == _Action.toggleAction():
            item.setSelected(not item.isSelected())
            return
        if name in (_Action.setFocusAction(), _Action.pressAction()):
            canvas.setFocus()
            canvas.select([self._node_id])
            canvas.reveal(self._node_id)
        if name == _Action.pressAction():
            canvas.open_node(self._node_id)


class Selection(QAccessibleSelectionInterface):
    """Which nodes are selected, read and changed by a screen reader."""

    def __init__(self, canvas: AccessibleCanvas) -> None:
        super().__init__()
        self._on = canvas

    def _selected(self) -> list[str]:
        """Ids in the order of the children."""
        return [key for key in self._on.order() if (item := self._on.item(key)) and item.isSelected()]

    def selectedItemCount(self) -> int:
        return len(self._selected())

    def selectedItems(self) -> list[QAccessibleInterface]:
        return [self._on.node(key) for key in self._selected()]

    def selectedItem(self, selectionIndex: int) -> QAccessibleInterface | None:
        selected = self._selected()
        return self._on.node(selected[selectionIndex]) if 0 <= selectionIndex < len(selected) else None

    def isSelected(self, childItem: QAccessibleInterface) -> bool:
        item = self._item(childItem)
        return item is not None and item.isSelected()

    def select(self, childItem: QAccessibleInterface) -> bool:
        return self._set(childItem, True)

    def unselect(self, childItem: QAccessibleInterface) -> bool:
        return self._set(childItem, False)

    def selectAll(self) -> bool:
        canvas = self._on.canvas()
        if canvas is not None:
            canvas.select(canvas.graph_scene.nodes)
        return canvas is not None

    def clear(self) -> bool:
        canvas = self._on.canvas()
        if canvas is not None:
            canvas.select([])
        return canvas is not None

    def _item(self, child: QAccessibleInterface) -> NodeItem | None:
        return self._on.item(child.node_id) if isinstance(child, AccessibleNode) else None

    def _set(self, child: QAccessibleInterface, on: bool) -> bool:
        item = self._item(child)
        if item is not None:
            item.setSelected(on)
        return item is not None


def _left_out(ids: Collection[str], ordered: tuple[str, ...]) -> list[str]:
    """Those that have no place in the order of computation, as the document has them."""
    if len(ordered) == len(ids):
        return []
    known = set(ordered)
    return [key for key in ids if key not in known]


def _pointer(part: Any) -> Shiboken.VoidPtr:
    """As interface_cast must return it: PySide takes None or an integer for a buffer, and crashes."""
    if part is None:
        return _NULL
    if isinstance(part, Shiboken.VoidPtr):
        return part
    return Shiboken.VoidPtr(Shiboken.getCppPointer(part)[0])
