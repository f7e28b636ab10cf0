"""A project comes back as one looked at it."""

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode, Graph, GroupNodes, Move
from nnstudio.project import Project, load, save


def grouped():
    graph = Graph()
    nodes = [graph.add("Tanh", f"a{i}", position=(i * 300, 0)) for i in range(4)]
    graph.apply(GroupNodes((nodes[1].id, nodes[2].id), "box"))
    return graph


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "mine.nns"
    save(Project(grouped()), path)
    return path


def settle():
    for _ in range(4):
        QApplication.processEvents()


def look(canvas, scale, x, y):
    canvas.zoom(scale / canvas.scale_now())
    canvas.look_at(QPointF(x, y))


def seen(canvas):
    centre = canvas.seen().center()
    return canvas.scale_now(), centre.x(), centre.y()


def test_zoom_and_middle_come_back_when_the_file_is_opened_again(window, saved):
    assert window.files.open_path(saved)
    settle()
    look(window.canvas, 1.7, 320, 40)
    window.document.new()
    settle()
    look(window.canvas, 0.3, 9000, 9000)
    assert window.files.open_path(saved)
    settle()
    assert seen(window.canvas) == pytest.approx((1.7, 320, 40), abs=2)


def test_so_does_the_group_one_was_in_after_the_studio_was_closed(open_window, saved):
    first = open_window(project=load(saved))
    settle()
    first.canvas.sheet.go((first.document.level.names["box"],))
    look(first.canvas, 0.8, 350, 10)
    first.close()
    again = open_window(project=load(saved))
    settle()
    assert again.canvas.sheet.names == ["box"]
    assert seen(again.canvas) == pytest.approx((0.8, 350, 10), abs=2)


def test_a_view_of_what_is_gone_shows_everything(window, saved):
    window.files.open_path(saved)
    settle()
    window.canvas.sheet.go((window.document.level.names["box"],))
    window.document.new()
    project = load(saved)
    project.graph = Graph()
    project.graph.add("Tanh", "only", position=(50_000, 0))
    save(project, saved)
    window.files.open_path(saved)
    settle()
    assert window.canvas.sheet.path == ()
    assert window.canvas.seen().contains(window.canvas.graph_scene.contents())


def test_a_view_from_which_nothing_is_seen_is_not_kept_to(window, saved):
    window.files.open_path(saved)
    settle()
    look(window.canvas, 1.0, 300, 0)
    window.document.new()
    project = load(saved)
    project.graph.apply(Move(dict.fromkeys(project.graph.nodes, (40_000.0, 0.0))))
    save(project, saved)
    window.files.open_path(saved)
    settle()
    assert window.canvas.seen().intersects(window.canvas.graph_scene.contents())


def test_saving_under_a_name_keeps_the_view_there(window, tmp_path):
    window.document.push(AddNode("Tanh"))
    look(window.canvas, 1.3, 200, 30)
    window.document.save(tmp_path / "new.nns")
    window.document.new()
    window.files.open_path(tmp_path / "new.nns")
    settle()
    assert seen(window.canvas) == pytest.approx((1.3, 200, 30), abs=2)


@pytest.mark.parametrize(
    "value", ["", "[]", '{"a": 1}', "{", '{"PATH": [0, 1, 2, ""]}', '{"PATH": [1, "x", 2, ""]}']
)
def test_what_somebody_else_wrote_there_does_no_harm(preferences, saved, value):
    preferences._store.setValue("views", value.replace("PATH", str(saved.resolve())))
    assert preferences.view(saved) is None
    preferences.keep_view(saved, (1.0, 2.0, 3.0, "n4"))
    assert preferences.view(saved) == (1.0, 2.0, 3.0, "n4")


def test_the_splitters_stand_where_they_were_left(open_window):
    graph = Graph()
    graph.add("Input", shape=(2,))
    first = open_window(graph)
    for splitter in (first.sides, first.middle, first.bottom):
        sizes = splitter.sizes()
        splitter.setSizes([sizes[0] + 60, sizes[1] - 60, *sizes[2:]])
    settle()
    left = [splitter.sizes() for splitter in (first.sides, first.middle, first.bottom)]
    first.document.stack.setClean()
    first.close()
    again = open_window(graph.copy())
    settle()
    assert [splitter.sizes() for splitter in (again.sides, again.middle, again.bottom)] == left
    assert left[0][0] == 224 + 60
