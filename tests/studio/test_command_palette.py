"""Ctrl+Shift+P: every action by name, with its shortcut, and why it cannot be used."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.studio.actions import ACTIONS
from nnstudio.studio.command_palette import score

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    user = hands(window)
    user.canvas.setFocus()
    user.key(Key.Key_P, Keys.ControlModifier | Keys.ShiftModifier)
    return user


def ids(user):
    return [row.id for row in user.window.commands.model.rows]


def test_every_action_is_listed_with_its_shortcut(user):
    palette = user.window.commands
    assert palette.isVisible() and palette.field.hasFocus()
    assert set(ids(user)) >= {spec.id for spec in ACTIONS} - {"commands"}
    assert {"appearance/contrast", "appearance/dark"} <= set(ids(user))
    keys = {row.id: row.keys for row in palette.model.rows}
    assert keys["undo"] == "Ctrl+Z" and keys["next_problem"] == "F8"


def test_letters_find_and_enter_runs_where_the_focus_was(user):
    QTest.keyClicks(user.window.commands.field, "sel all")
    assert ids(user)[0] == "select_all"
    user.key(Key.Key_Return)
    QApplication.processEvents()
    assert not user.window.commands.isVisible() and user.canvas.hasFocus()
    assert len(user.canvas.selected_nodes()) == 6


def test_the_most_used_comes_first(user):
    for _ in range(2):
        user.window.commands.open() if not user.window.commands.isVisible() else None
        QTest.keyClicks(user.window.commands.field, "whole graph")
        user.key(Key.Key_Return)
        QApplication.processEvents()
    user.window.commands.open()
    assert ids(user)[0] == "frame_all"
    assert user.window.preferences.command_uses == {"frame_all": 2}


def test_what_cannot_be_used_says_why_and_does_nothing(user):
    palette, before = user.window.commands, user.document.level
    QTest.keyClicks(palette.field, "delete")
    row = palette.model.rows[0]
    assert row.id == "delete" and row.refusal == "not now: nothing is selected"
    spoken = palette.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "not now: nothing is selected" in spoken and "Del" in spoken
    user.key(Key.Key_Return)
    QApplication.processEvents()
    assert palette.isVisible() and user.document.level is before
    assert "nothing is selected" in user.window.status_line.left.text()


def test_every_action_that_may_be_disabled_says_what_it_needs(user):
    disabled = [row for row in user.window.commands.model.rows if not row.action.isEnabled()]
    assert disabled and [row.id for row in disabled if not row.why] == []


def test_a_click_runs_and_escape_leaves(user):
    palette = user.window.commands
    user.key(Key.Key_Escape)
    assert not palette.isVisible() and user.canvas.hasFocus()
    user.key(Key.Key_P, Keys.ControlModifier | Keys.ShiftModifier)
    QTest.keyClicks(palette.field, "select all")
    spot = palette.list.visualRect(palette.model.index(0, 0)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, Keys.NoModifier, spot)
    QApplication.processEvents()
    assert len(user.canvas.selected_nodes()) == 6


def test_arrows_walk_and_a_click_elsewhere_leaves(user, qtbot):
    palette = user.window.commands
    user.key(Key.Key_Down)
    user.key(Key.Key_Down)
    assert palette.list.currentIndex().row() == 2
    user.key(Key.Key_Up)
    assert palette.list.currentIndex().row() == 1
    QTest.mouseClick(user.window.palette_panel.search, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not palette.isVisible(), timeout=30000)


def test_nothing_found_is_said(user):
    QTest.keyClicks(user.window.commands.field, "zebra crossing")
    assert user.window.commands.nothing.isVisible() and not user.window.commands.list.isVisible()
    user.key(Key.Key_Return)


def test_beginnings_beat_middles_beat_scattered_letters():
    assert score("Save As", "save") > score("Autosave", "save") > score("Sort and Give", "save") > 0
    assert score("Select All", "all sel") and not score("Select All", "sel zebra")
