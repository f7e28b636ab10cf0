"""What an empty document shows: templates, examples, recent files; by mouse, keys and drops."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode
from nnstudio.project import Project, save
from nnstudio.studio.examples import example_files
from nnstudio.studio.templates import TEMPLATES

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(empty_window, hands):
    yield hands(empty_window)
    for other in empty_window.windows:
        if other is not empty_window:
            other.document.stack.setClean()
            other.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def page(user):
    return user.window.start_page


def test_it_is_there_for_an_empty_untitled_document_and_goes_when_one_draws(user, page):
    assert page.isVisible() and page.geometry() == user.canvas.rect()
    assert len(page.cards) == len(TEMPLATES) + len(example_files())
    user.document.push(AddNode("Tanh"))
    assert not page.isVisible()
    user.window.undo()
    assert page.isVisible()


def test_it_is_not_there_for_anything_else(window, tmp_path):
    assert not window.start_page.isVisible()
    window.document.new()
    assert window.start_page.isVisible()
    window.document.save(tmp_path / "empty.nns")
    assert not window.start_page.isVisible()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.id)
def test_a_click_on_a_template_opens_it_untitled_and_without_problems(user, page, template, qtbot):
    card = page.cards[f"template:{template.id}"]
    page.ensureWidgetVisible(card)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    document = user.document
    assert document.path is None and not document.modified and document.level.nodes
    assert not page.isVisible() and user.canvas.hasFocus()
    engine = user.window.engine
    qtbot.waitUntil(lambda: engine.stepper.ready and not engine.samples.loading, timeout=20000)
    assert document.problems == []


def test_keys_alone_open_an_example(user, page):
    user.key(Key.Key_Home, Keys.AltModifier)
    first = next(iter(page.cards.values()))
    assert first.hasFocus()
    user.key(Key.Key_Right)
    assert page.cards["template:autoencoder"].hasFocus()
    while QApplication.focusWidget().title != "XOR":
        before = QApplication.focusWidget()
        user.key(Key.Key_Tab)
        assert QApplication.focusWidget() is not before
    shown = (
        page.viewport()
        .rect()
        .intersects(
            QApplication.focusWidget()
            .rect()
            .translated(
                QApplication.focusWidget().mapTo(page.viewport(), QApplication.focusWidget().rect().topLeft())
            )
        )
    )
    assert shown
    user.key(Key.Key_Return)
    assert user.document.path == example_files()["XOR"]


def test_arrows_go_from_row_to_row(user, page):
    user.key(Key.Key_Home, Keys.AltModifier)
    places = []
    for _ in range(12):
        places.append(QApplication.focusWidget())
        user.key(Key.Key_Down)
    assert any(card.accessibleName() == "Chain rule" for card in places)
    assert all(a.y() < b.y() for a, b in pairwise(places) if a is not b)


def test_escape_makes_room_and_the_action_brings_it_back(user, page):
    user.key(Key.Key_Home, Keys.AltModifier)
    user.key(Key.Key_Escape)
    assert not page.isVisible() and user.canvas.hasFocus()
    user.key(Key.Key_Home, Keys.AltModifier)
    assert page.isVisible()


def test_over_a_drawing_it_opens_other_windows(window, hands):
    user, page = hands(window), window.start_page
    user.key(Key.Key_Home, Keys.AltModifier)
    assert page.isVisible()
    QTest.mouseClick(page.cards["template:mlp"], Qt.MouseButton.LeftButton)
    (other,) = [each for each in window.windows if each is not window]
    assert len(other.document.level.nodes) == 8 and len(window.document.level.nodes) == 6
    assert not page.isVisible()
    other.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_recent_files_are_listed_and_open(user, page, tmp_path):
    path = tmp_path / "mine.nns"
    project = Project()
    project.graph.add("Tanh", "only")
    save(project, path)
    user.window.preferences.remember_file(path)
    user.window.document.new()
    (row,) = page.rows
    assert row.accessibleName() == "mine.nns" and row.accessibleDescription() == str(tmp_path)
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert user.document.path == path and "only" in user.document.level.names


def test_a_module_can_be_dropped_on_it(user, page, drag_from_palette):
    drag_from_palette(user.window, "Linear", QPointF(40, 40), QPointF(80, 60))
    assert [node.type for node in user.document.level.nodes.values()] == ["Linear"]
    assert not page.isVisible()


def test_pictures_arrive_from_a_thread_and_are_kept(user, page, qtbot):
    qtbot.waitUntil(lambda: all(card.picture is not None for card in page.cards.values()), timeout=20000)
    picture = page.cards["template:mlp"].picture
    assert len({picture.pixelColor(x, 42).name() for x in range(170)}) >= 3
    page.open()  # filled anew: from what is kept, at once
    assert all(card.picture is not None for card in page.cards.values())


def test_everything_on_it_has_a_name(page):
    for each in (*page.cards.values(), *page.rows):
        assert each.accessibleName() and each.accessibleDescription()
