"""The window: files, unsaved changes, menus, appearance, what it remembers."""

from operator import attrgetter

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from nnstudio.graph import AddNode
from nnstudio.studio import theme
from nnstudio.studio.actions import ACTIONS, ON_CANVAS
from nnstudio.studio.colours import DARK, LIGHT
from nnstudio.studio.menu_tables import MENUS, SEPARATOR, SUBMENUS
from nnstudio.studio.preferences import Preferences
from nnstudio.studio.questions import Question


@pytest.fixture
def answer(monkeypatch):
    """Answers the question about unsaved changes; keeps what was asked."""
    asked = []

    def use(button):
        def reply(box):
            asked.append(box.words.text())
            box.answer = button

        monkeypatch.setattr(Question, "exec", reply)
        return asked

    return use


def test_unsaved_changes_are_asked_about_on_new_open_and_close(window, answer, tmp_path):
    other = tmp_path / "other.nns"
    window.document.save(other)
    window.document.push(AddNode("Tanh"))
    asked = answer("Cancel")
    window.files.new()
    assert not window.files.open_path(other)
    assert not window.close()
    assert asked == ["Save the changes to other.nns?"] * 3
    assert window.isVisible() and "act2" in window.document.level.names
    answer("Discard")
    assert window.files.open_path(other) and "act2" not in window.document.level.names
    window.document.push(AddNode("Tanh"))
    answer("Save")
    window.files.new()
    assert not window.document.level.nodes
    window.files.open_path(other)
    assert "act2" in window.document.level.names


def test_nothing_is_asked_where_nothing_has_changed(window, answer):
    asked = answer("Cancel")
    window.document.push(AddNode("Tanh"))
    window.undo()
    window.files.new()
    assert not asked and not window.document.level.nodes


def test_saving_asks_for_a_name_once(window, monkeypatch, tmp_path, qtbot):
    path = tmp_path / "first"
    asked = []

    def name(*_args):
        asked.append(True)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
    window.document.push(AddNode("Tanh"))
    assert window.top_bar.dot.isVisible() and window.isWindowModified()
    assert window.files.save() and (tmp_path / "first.nns").is_file()
    assert not window.top_bar.dot.isVisible() and window.top_bar.name.text() == "first.nns"
    window.document.push(AddNode("ReLU"))
    assert window.files.save() and len(asked) == 1
    assert window.preferences.recent == [tmp_path / "first.nns"]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("", ""))
    assert not window.files.save_as()


def test_a_broken_file_is_complained_about_in_one_sentence(window, answer, tmp_path):
    path = tmp_path / "broken.nns"
    path.write_text("{")
    told = answer("OK")
    assert not window.files.open_path(path)
    assert told == ["The project could not be opened."]
    assert len(window.document.level.nodes) == 6 and window.preferences.recent == []


def test_every_action_has_a_slot_an_own_shortcut_and_a_place_in_the_menus(window):
    shortcuts = [keys for spec in ACTIONS for keys in spec.shortcut.split()]
    assert len(set(shortcuts)) == len(shortcuts)
    assert all(not QKeySequence(keys).isEmpty() for keys in shortcuts)
    assert all(callable(attrgetter(spec.slot)(window)) for spec in ACTIONS)
    within = [SUBMENUS[entry][1] for entries in MENUS.values() for entry in entries if entry in SUBMENUS]
    listed = {
        entry
        for entries in (*MENUS.values(), *within)
        for entry in entries
        if entry != SEPARATOR and entry[0] != "@"
    }
    assert listed == {spec.id for spec in ACTIONS}
    for name in ON_CANVAS:
        action = window.actions_by_id[name]
        assert action.shortcutContext() == Qt.ShortcutContext.WidgetWithChildrenShortcut
        assert window.canvas in action.associatedObjects()


def test_undo_and_redo_say_what_they_would_do(window):
    undo, redo = window.actions_by_id["undo"], window.actions_by_id["redo"]
    assert not undo.isEnabled() and not redo.isEnabled()
    window.document.push(AddNode("Tanh"))
    assert undo.isEnabled() and undo.text() == "&Undo Add Tanh act2"
    undo.trigger()
    assert redo.isEnabled() and redo.text() == "&Redo Add Tanh act2"


def test_letters_typed_into_a_field_are_no_shortcuts(window, hands):
    user = hands(window)
    user.click(user.middle("fc1"))
    name = window.inspector.node_page.name
    user.type(name, "fc")
    assert name.text() == "fc" and user.canvas.gesture is None
    user.key(Qt.Key.Key_Home)
    user.key(Qt.Key.Key_Delete)
    assert name.text() == "c" and "fc1" in user.document.level.names


def test_appearance_changes_at_once_and_is_remembered(window, preferences):
    window.set_appearance("dark")
    QApplication.processEvents()
    assert theme.colours() is DARK
    dark = window.grab().toImage()
    window.set_appearance("light")
    QApplication.processEvents()
    light = window.grab().toImage()
    assert theme.colours() is LIGHT and preferences.appearance == "light"
    middle = window.canvas.geometry().center()
    assert (
        light != dark
        and light.pixelColor(4, 200).lightness() > 200 > 60 > dark.pixelColor(4, 200).lightness()
    )
    assert light.pixelColor(middle).lightness() > dark.pixelColor(middle).lightness()


def test_sizes_are_remembered(window, open_window, tmp_path):
    window.sides.setSizes([300, 740, 400])
    sizes = window.sides.sizes()
    window.close()
    again = open_window()
    assert again.sides.sizes() == sizes


def test_recent_files_are_kept_in_order_without_those_that_are_gone(tmp_path):
    store = Preferences(tmp_path / "p.ini")
    files = [tmp_path / f"{i}.nns" for i in range(10)]
    for file in files:
        file.touch()
        store.remember_file(file)
    store.remember_file(files[5])
    files[8].unlink()
    store.sync()
    assert Preferences(tmp_path / "p.ini").recent == [files[i] for i in (5, 9, 7, 6, 4, 3, 2)]


def test_the_recent_menu_opens_files(window, tmp_path):
    path = tmp_path / "mine.nns"
    window.document.save(path)
    window.preferences.remember_file(path)
    window.files.new()
    window.menus.recent.aboutToShow.emit()
    (action,) = window.menus.recent.actions()
    assert action.text() == "mine.nns"
    action.trigger()
    assert window.document.path == path


def test_what_can_be_focused_has_a_name(window, hands):
    user = hands(window)
    user.click(user.middle("fc1"))
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not spoken(widget)
    ]
    assert nameless == []


def spoken(widget: QWidget) -> str:
    """What a screen reader has to say of a widget: its own name, or its text; inner parts go by their
    owner.
    """
    text = getattr(widget, "text", None)
    own = widget.accessibleName() or (text() if callable(text) else "")
    owner = widget.parentWidget()
    inner = widget.objectName().startswith("qt_") or widget.metaObject().className() in (
        "QTabBar",
        "QLineEdit",
    )
    return own or (spoken(owner) if inner and owner is not None else "")


def test_a_message_gives_way_to_what_stood_there(window):
    line = window.status_line
    standing = line.left.text()
    assert standing == "NumPy · float32 · 33 parameters · batch 32 · seed 0"
    window.say_failed("That cannot be.")
    assert line.left.text() == "That cannot be."
    for _ in range(20):
        line.timerEvent(None)
    assert line.left.text() == standing


def test_a_long_name_leaves_room_for_the_rest(window, tmp_path):
    path = tmp_path / f"{'long ' * 30}.nns"
    window.document.save(path)
    assert "…" in window.top_bar.name.text() and window.top_bar.name.text().endswith(".nns")
    assert window.top_bar.name.toolTip() == str(path)


def test_a_long_title_leaves_the_transport_in_the_middle(window, qtbot):
    bar, transport = window.top_bar, window.engine.transport
    title = "One sample, a mini-batch, the full batch, and what becomes of the loss"

    def off():
        return abs(transport.mapTo(bar, transport.rect().center()).x() - bar.rect().center().x())

    window.document.replace(window.document.project, called=title)
    qtbot.waitUntil(lambda: off() <= 8, timeout=30000)
    assert bar.name.text().endswith("…") and title in bar.name.toolTip()
    window.resize(1920, 900)
    qtbot.waitUntil(lambda: off() <= 8 and len(bar.name.text()) > 20, timeout=30000)


def test_the_question_about_changes_is_answered_by_keys_and_by_mouse(window, qtbot):
    window.document.push(AddNode("Tanh"))
    looks = []

    def reply(press):
        dialog, focus = QApplication.activeModalWidget(), QApplication.focusWidget()
        if dialog is None or focus is None or focus.window() is not dialog:
            QTimer.singleShot(20, lambda: reply(press))  # it is not there yet, or has no keyboard yet
            return
        looks.append((list(dialog.buttons), focus.text(), dialog.words.property("kind")))
        press(dialog)

    QTimer.singleShot(100, lambda: reply(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape)))
    assert not window.files.may_leave()
    QTimer.singleShot(
        100,
        lambda: reply(lambda each: QTest.mouseClick(each.buttons["Discard"], Qt.MouseButton.LeftButton)),
    )
    assert window.files.may_leave()
    assert looks == [(["Cancel", "Discard", "Save"], "Save", "strong")] * 2
