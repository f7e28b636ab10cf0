"""Groups kept in the palette: asked for, found, dragged, renamed and removed; broken files only say so."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from nnstudio.errors import Error
from nnstudio.graph import GroupNodes
from nnstudio.project import SetWeights, part_of
from nnstudio.studio.keeping import KeepDialog
from nnstudio.studio.kept_groups import KeptGroups, default_folder

Key, Mouse = Qt.Key, Qt.MouseButton


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Each test with a user's folder of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_folder().is_relative_to(tmp_path)
    return default_folder()


@pytest.fixture
def user(window, hands):
    """A network whose fc1 and act1 are folded into "encoder", which is selected."""
    user = hands(window)
    user.document.push(SetWeights({"fc1.weight": np.ones((8, 2), np.float32)}))
    user.document.push(GroupNodes((user.id("fc1"), user.id("act1")), "encoder"))
    user.canvas.select([user.id("encoder")])
    return user


def rows(user):
    model = user.window.palette_panel.model
    indexes = [model.index(row, 0) for row in range(model.rowCount())]
    return [index.data() for index in indexes if model.is_kept(index)]


def row_box(user, name):
    palette = user.window.palette_panel
    index = palette.model.index(palette.model.row_of(name), 0)
    palette.list.scrollTo(index)
    return palette.list.visualRect(index)


def answer(user, act):
    """Do something with the dialog, once it is open."""

    def do():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, KeepDialog)
        act(dialog)

    QTimer.singleShot(0, do)
    user.window.actions_by_id["keep_group"].trigger()


def kept(user, name="encoder", weights=False):
    assert user.window.keeping.keep(user.id("encoder"), name, weights)


def test_the_dialog_asks_for_the_name_and_weights_stay_out_by_default(user, folder):
    def act(dialog):
        assert dialog.field.text() == "encoder" and not dialog.weights.isChecked()
        QTest.keyClicks(dialog.field, "squash")
        QTest.keyClick(dialog.field, Key.Key_Return)

    answer(user, act)
    assert [path.name for path in folder.iterdir()] == ["squash.json"]
    assert "weights" in (folder / "squash.json").read_text()
    group = user.window.keeping.groups.groups()["squash"]
    assert group.formula == "Linear · Tanh" and not group.part.weights
    assert rows(user) == ["squash"] and user.document.stack.undoText() == "Group 2 nodes as encoder"


@pytest.mark.parametrize("name", ["", "a/b", "a.b", "Linear", "x" * 65, 'say "hi"'])
def test_a_name_that_cannot_be_is_explained_before_anything_is_kept(user, folder, name):
    def act(dialog):
        dialog.field.setText(name)
        assert dialog.complaint.isVisible() and dialog.complaint.text().endswith((".", "is."))
        assert not dialog.keep_button.isEnabled()
        QTest.keyClick(dialog.field, Key.Key_Return)
        assert dialog.isVisible()
        QTest.keyClick(dialog.field, Key.Key_Escape)

    answer(user, act)
    assert not folder.exists()


def test_keeping_under_the_same_name_says_that_it_replaces(user):
    kept(user)

    def act(dialog):
        assert dialog.note.isVisible() and "replaced" in dialog.note.text()
        dialog.weights.click()
        dialog.keep_button.click()

    answer(user, act)
    assert rows(user) == ["encoder"]
    group = user.window.keeping.groups.groups()["encoder"]
    assert np.array_equal(group.part.weights["encoder.fc1.weight"], np.ones((8, 2)))


def test_a_double_click_adds_it_and_one_undo_takes_it_away(user):
    kept(user, "squash", weights=True)
    before = user.document.level
    spot = row_box(user, "squash").center()
    view = user.window.palette_panel.list.viewport()
    QTest.mouseClick(view, Mouse.LeftButton, pos=spot)
    QTest.mouseDClick(view, Mouse.LeftButton, pos=spot)
    assert "squash" in user.document.level.names and user.document.stack.undoText() == "Add squash"
    assert np.array_equal(user.document.project.weights["squash.fc1.weight"], np.ones((8, 2)))
    assert user.canvas.selected_nodes() == [user.id("squash")]
    user.window.undo()
    assert user.document.level == before
    assert user.window.preferences.uses()["squash"] == 1


def test_it_is_dragged_like_any_module(user, drag_from_palette):
    kept(user)
    drag_from_palette(user.window, "encoder", QPointF(250, 300), QPointF(300, 300))
    assert (user.item("encoder2").scene_card().center() - QPointF(300, 300)).manhattanLength() <= 12


def test_the_search_on_the_canvas_finds_it(user):
    kept(user, "squash")
    user.canvas.setFocus()
    user.key(Key.Key_Tab)
    QTest.keyClicks(QApplication.focusWidget(), "squash")
    user.key(Key.Key_Return)
    assert "squash" in user.document.level.names and user.canvas.hasFocus()


def test_the_search_of_the_palette_finds_it_and_its_pictures_are_painted(user):
    kept(user, "squash")
    palette = user.window.palette_panel
    palette.search.setText("squash")
    assert rows(user) == ["squash"] and not palette.grab().isNull()
    palette.search.setText("zebra crossing")
    assert rows(user) == []


def test_it_is_added_inside_a_group_too(user):
    kept(user, "squash")
    user.canvas.sheet.enter(user.id("encoder"))
    user.window.add_module("squash")
    assert "squash" in user.canvas.sheet.level.names and "squash" not in user.document.level.names


def test_f2_renames_it_and_a_taken_name_is_refused_in_words(user, qtbot, folder):
    kept(user, "one")
    kept(user, "two")
    palette = user.window.palette_panel
    said = []
    user.window.say_failed = said.append
    for wanted in ("two", "three"):
        palette.list.setFocus()
        palette.list.setCurrentIndex(palette.model.index(palette.model.row_of("one"), 0))
        user.key(Key.Key_F2)
        field = QApplication.focusWidget()
        field.selectAll()
        QTest.keyClicks(field, wanted)
        QTest.keyClick(field, Key.Key_Return)
        qtbot.waitUntil(
            lambda wanted=wanted: bool(said) if wanted == "two" else "three" in rows(user), timeout=30000
        )
    assert rows(user) == ["three", "two"]
    assert sorted(path.name for path in folder.iterdir()) == ["three.json", "two.json"]
    assert said == ["There is already a kept group called two: choose another name."]
    assert list(user.window.keeping.groups.groups()["three"].part.level.names) == ["three"]


def test_the_menu_of_its_row_removes_it(user, folder):
    kept(user)
    palette = user.window.palette_panel
    palette.list.customContextMenuRequested.emit(row_box(user, "encoder").center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()][1:] == ["Rename", "Remove from the Palette"]
    menu.actions()[2].trigger()
    menu.close()
    assert rows(user) == [] and not list(folder.iterdir())
    palette.list.customContextMenuRequested.emit(row_box(user, "Linear").center())
    assert QApplication.activePopupWidget() is None


def test_another_window_shows_it_when_it_is_activated(user, open_window, hands):
    other = hands(open_window())
    kept(user)
    other.window.keeping.groups.refresh()
    assert rows(other) == ["encoder"]


BROKEN = {
    "empty": b"",
    "half": b'{"format": "nnstudio-part", "version": 1, "gra',
    "bytes": b"\xff\xfe\x00",
    "foreign": b'{"format": "something else"}',
    "list": b"[1, 2]",
    "no_group": b'{"format": "nnstudio-part", "version": 1, "graph": {"nodes": [], "edges": []}}',
    "newer": b'{"format": "nnstudio-part", "version": 9, "graph": {"nodes": [], "edges": []}}',
    "Linear": b"{}",
}


def test_broken_files_are_said_once_each_and_hurt_nobody(user, folder):
    kept(user)
    for name, data in BROKEN.items():
        (folder / f"{name}.json").write_bytes(data)
    (folder / "folder.json").mkdir()
    said = []
    user.window.keeping.groups.failed.connect(said.append)
    for _ in range(2):
        user.window.keeping.groups.refresh()
    assert rows(user) == ["encoder"] and len(said) == len(BROKEN)
    assert all(sentence.endswith(".") for sentence in said)
    for name in BROKEN:
        assert any(name in sentence for sentence in said)
    (folder / "half.json").write_bytes((folder / "encoder.json").read_bytes())
    user.window.keeping.groups.refresh()
    assert rows(user) == ["encoder", "half"]


def test_a_folder_that_cannot_be_made_is_said(user, tmp_path):
    (tmp_path / "file").write_text("")
    groups = KeptGroups(tmp_path / "file" / "groups")
    groups.refresh()
    part = part_of(user.document.project, (), [user.id("encoder")])
    with pytest.raises(Error, match="cannot be made"):
        groups.keep(part, "encoder")
    nodes = part_of(user.document.project, (), [user.id("fc2"), user.id("loss")])
    with pytest.raises(Error, match="not one group: it holds 2 nodes"):
        KeptGroups(tmp_path / "groups").keep(nodes, "pair")
