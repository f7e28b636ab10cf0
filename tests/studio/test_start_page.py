"""What an empty document shows: templates, examples, recent files; by mouse, keys and drops."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.graph import AddNode
from nnstudio.project import Project, save
from nnstudio.studio import gallery
from nnstudio.studio.examples import example_files
from nnstudio.studio.gallery import Gallery
from nnstudio.studio.miniature import miniature
from nnstudio.studio.start_cards import TILE_PICTURE
from nnstudio.studio.templates import TEMPLATES
from tests.studio.conftest import close_others

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(empty_window, hands):
    yield hands(empty_window)
    close_others(empty_window)


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


def test_it_does_not_lie_over_a_run_whose_drawing_was_deleted(user, page):
    run = user.window.engine.run
    user.window.document.push(AddNode("Input"))
    run.state = "paused"
    user.window.document.undo()
    assert not page.isVisible() and user.window.bottom.isVisible(), "there it can be stopped"
    run.state = "idle"
    run.state_changed.emit()
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


def test_recent_files_have_a_picture_that_later_sessions_find(user, page, tmp_path, qtbot, monkeypatch):
    path = tmp_path / "mine.nns"
    project = Project()
    project.graph.add("Tanh", "only")
    save(project, path)
    user.window.preferences.remember_file(path)
    monkeypatch.setattr(Gallery, "_kept", {})
    monkeypatch.setattr(gallery, "cache_folder", lambda: tmp_path / "cache")

    def shown():
        user.window.document.new()
        (row,) = page.rows
        every = [row, *page.cards.values()]
        qtbot.waitUntil(lambda: all(each.picture is not None for each in every), timeout=20000)
        return row.picture

    first = shown()
    colours = {first.pixelColor(x, y).name() for x in range(first.width()) for y in range(first.height())}
    assert len(colours) >= 3
    Gallery._kept.clear()  # as in another session
    drawn = []
    monkeypatch.setattr(gallery, "miniature", lambda *given: drawn.append(given) or miniature(*given))
    assert shown() == first and len(drawn) == len(TEMPLATES)
    drawn.clear()
    project.graph.add("Tanh", "other")
    save(project, path)
    assert shown() != first and len(drawn) == 1


def test_an_unreadable_file_and_a_cache_that_cannot_be_written_do_no_harm(tmp_path, qtbot, monkeypatch):
    (tmp_path / "in the way").write_text("")
    monkeypatch.setattr(gallery, "cache_folder", lambda: tmp_path / "in the way")
    monkeypatch.setattr(Gallery, "_kept", {})
    project = Project()
    project.graph.add("Tanh", "only")
    save(project, tmp_path / "good.nns")
    (tmp_path / "bad.nns").write_text("no")
    keys = [f"file:{tmp_path / name}" for name in ("bad.nns", "good.nns", "gone.nns")]
    owner, found = QObject(), {}
    Gallery(TILE_PICTURE, owner).draw(keys, 1.5, found.update)
    qtbot.waitUntil(lambda: bool(found), timeout=20000)
    assert list(found) == [keys[1]] and found[keys[1]].size() == TILE_PICTURE * 1.5


def test_it_has_the_room_of_the_panels_below_and_what_is_drawn_is_not_behind_them(user, page, qtbot):
    window = user.window
    window.resize(1280, 800)
    QApplication.processEvents()
    assert not window.bottom.isVisible() and page.height() > 600
    QTest.mouseDClick(page.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(640, page.height() - 40))
    QTest.keyClicks(QApplication.focusWidget(), "linear")
    user.key(Key.Key_Return)
    assert window.bottom.isVisible() and window.bottom.height() > 200
    qtbot.waitUntil(lambda: user.canvas.seen().contains(user.item("fc1").scene_card()), timeout=30000)


def test_a_template_is_framed_in_the_room_that_the_panels_leave(user, page):
    QTest.mouseClick(page.cards["template:mlp"], Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    canvas = user.canvas
    assert user.window.bottom.isVisible() and canvas.seen().contains(canvas.graph_scene.contents())
    off = canvas.seen().center() - canvas.graph_scene.contents().center()
    assert abs(off.y()) < 24


def test_asking_for_a_panel_below_makes_room_for_it(user, page):
    user.key(Key.Key_F8)
    window = user.window
    assert not page.isVisible() and window.problems.isVisible()


def test_the_height_of_the_panels_is_kept_while_the_page_hides_them(user, page, open_window):
    window = user.window
    user.document.push(AddNode("Tanh"))
    QApplication.processEvents()
    window.middle.setSizes([540, 200])
    sizes = window.middle.sizes()
    window.undo()
    user.document.stack.setClean()
    assert page.isVisible() and window.close()
    again = open_window()
    assert again.start_page.isVisible()
    again.document.push(AddNode("Tanh"))
    QApplication.processEvents()
    assert again.middle.sizes() == sizes
