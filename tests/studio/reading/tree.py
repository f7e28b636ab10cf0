"""The window as a screen reader finds it, through Qt's accessibility tree."""

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from nnstudio.graph import AddEdge, Edge

Text = QAccessible.Text


def turn() -> None:
    QApplication.processEvents()
    QApplication.processEvents()


def tree(widget: QWidget):
    return QAccessible.queryAccessibleInterface(widget)


def nodes(canvas):
    """The entries of the canvas that are no widgets."""
    root = tree(canvas)
    children = [root.child(index) for index in range(root.childCount())]
    return [child for child in children if child.object() is None]


def node(window, name: str):
    return next(each for each in nodes(window.canvas) if each.text(Text.Name).split(",")[0] == name)


def walk(interface):
    yield interface
    for index in range(interface.childCount()):
        child = interface.child(index)
        if child is not None and not child.state().invisible:
            yield from walk(child)


def graph_edge(window, source: str, target: str):
    names = window.document.level.names
    return AddEdge(Edge(names[source], names[target], "input"))
