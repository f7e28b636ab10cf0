"""The graph as SVG and PNG, on the clipboard and in files: what the canvas shows, whatever is in view."""

import re
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog

from nnstudio.errors import ExchangeError
from nnstudio.graph import Graph
from nnstudio.studio import theme
from nnstudio.studio.colours import THEMES
from nnstudio.studio.main_window import MainWindow
from nnstudio.studio.picture import Picture, write_picture
from nnstudio.studio.pictures import PictureDialog

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def user(window, hands):
    return hands(window)


SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def texts(svg: bytes) -> list[str]:
    """The words that are drawn: each is labelled with what its outline says."""
    return [each.attrib["aria-label"] for each in ET.fromstring(svg).iter(f"{SVG}use")]


def test_everything_is_in_it_and_no_word_needs_a_font(user):
    svg = Picture(user.canvas.graph_scene).svg("mine")
    words = texts(svg)
    for name in ("x", "fc1", "act1", "fc2", "t", "loss"):
        assert name in words
    assert any("N×8" in each for each in words)
    root = ET.fromstring(svg)
    assert not [*root.iter(f"{SVG}text")] and b"font-family" not in svg and b"<image" not in svg
    outlines = {f"#{each.attrib['id']}": each.attrib["d"] for each in root.find(f"{SVG}defs")}
    drawn = [outlines[each.attrib[LINK]] for each in root.iter(f"{SVG}use")]
    assert drawn and all(path.startswith("M") for path in drawn)


def test_it_says_what_it_shows(user):
    root = ET.fromstring(Picture(user.canvas.graph_scene).svg("mine & <others>"))
    named = {each.attrib["id"]: each.text for each in root if each.tag in (f"{SVG}title", f"{SVG}desc")}
    title, description = (named[key] for key in root.attrib["aria-labelledby"].split())
    assert root.attrib["role"] == "img" and title == "mine & <others>"
    assert description.startswith("A graph of 6 nodes: x (Input), fc1 (Linear")


def test_it_does_not_matter_what_is_in_view_or_selected(user):
    picture = Picture(user.canvas.graph_scene)
    before = picture.svg()
    user.canvas.select([user.id("fc1")])
    user.canvas.zoom(0.1)
    user.canvas.pan(5000, 5000)
    assert Picture(user.canvas.graph_scene).svg() == before
    assert user.canvas.selected_nodes() == [user.id("fc1")]


def test_of_the_selection_only_what_lies_in_it(user):
    ids = [user.id("fc1"), user.id("act1")]
    whole, part = Picture(user.canvas.graph_scene), Picture(user.canvas.graph_scene, ids)
    words = texts(part.svg())
    assert "fc1" in words and "act1" in words and not {"x", "fc2", "loss"} & set(words)
    assert part.box.width() < whole.box.width()
    cards = user.canvas.graph_scene.contents(ids)
    assert part.box.contains(cards.adjusted(-24, -24, 24, 24))


def test_a_png_has_twice_the_pixels_and_a_margin(user):
    picture = Picture(user.canvas.graph_scene)
    image = QImage.fromData(picture.png())
    assert image.width() == 2 * picture.box.width() and image.height() == 2 * picture.box.height()
    canvas = theme.colours().canvas
    rim = {image.pixelColor(x, 20).name() for x in range(image.width())}
    assert rim == {canvas}


@pytest.mark.parametrize("scheme", THEMES)
def test_svg_and_png_show_the_same_in_every_theme(user, scheme, tmp_path):
    for ending in ("svg", "png"):
        assert user.window.pictures.write(tmp_path / f"a.{ending}", None, scheme)
    pixels = QImage(str(tmp_path / "a.png")).convertToFormat(QImage.Format.Format_RGB32)
    assert pixels.pixelColor(0, 0).name() == THEMES[scheme].canvas
    drawn = QImage(pixels.size(), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    renderer = QSvgRenderer(QByteArray((tmp_path / "a.svg").read_bytes()))
    renderer.render(painter, QRectF(drawn.rect()))
    painter.end()
    small = [each.scaled(each.width() // 8, each.height() // 8, mode=SMOOTH) for each in (pixels, drawn)]
    apart = [
        abs(small[0].pixelColor(x, y).lightness() - small[1].pixelColor(x, y).lightness())
        for x in range(small[0].width())
        for y in range(small[0].height())
    ]
    assert sum(apart) / len(apart) < 4 and sorted(apart)[len(apart) * 95 // 100] < 40
    assert theme.colours().name != scheme or scheme == theme.wanted("system").name


SMOOTH = Qt.TransformationMode.SmoothTransformation


def test_it_matches_the_canvas(user):
    """Pixel for pixel what the view shows at 100 %, but for the dots below it."""
    picture = Picture(user.canvas.graph_scene)
    image = picture.image(1.0)
    user.canvas.zoom(1 / user.canvas.scale_now())
    card = user.item("act1").scene_card()
    user.canvas.look_at(card.center())
    shown = user.canvas.viewport().grab().toImage()
    at = user.canvas.mapFromScene(card.topLeft())
    offset = (card.topLeft() - picture.box.topLeft()).toPoint()
    same = [
        shown.pixelColor(at.x() + x, at.y() + y) == image.pixelColor(offset.x() + x, offset.y() + y)
        for x in range(8, int(card.width()) - 8, 3)
        for y in range(8, int(card.height()) - 8, 3)
    ]
    assert sum(same) / len(same) > 0.9


def test_an_edge_ends_below_its_ports(user):
    picture = Picture(user.canvas.graph_scene)
    spot = (user.port("fc1") - picture.box.topLeft()) * 2
    middle = picture.image().pixelColor(round(spot.x()), round(spot.y()))
    assert middle.name() == theme.colours().card


def test_the_keys_put_it_on_the_clipboard(user):
    user.canvas.select([user.id("fc1")])
    user.key(Key.Key_C, Keys.ControlModifier | Keys.ShiftModifier)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage() and mime.imageData().width() > 100
    assert "fc1" in texts(bytes(mime.data("image/svg+xml").data()))
    assert user.window.status_line.left.text() == "1 node copied as a picture."


def test_saving_asks_what_how_and_where(user, monkeypatch, tmp_path):
    def choose(dialog):
        dialog.button(dialog.formats, "png").click()
        dialog.button(dialog.parts, "chosen").click()
        dialog.button(dialog.schemes, "contrast").click()
        dialog.save_button.click()
        return dialog.result()

    user.canvas.select([user.id("fc1")])
    monkeypatch.setattr(PictureDialog, "exec", choose)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "mine"), ""))
    user.key(Key.Key_E, Keys.ControlModifier | Keys.ShiftModifier)
    image = QImage(str(tmp_path / "mine.png"))
    assert image.pixelColor(0, 0).name() == THEMES["contrast"].canvas
    assert image.width() < Picture(user.canvas.graph_scene).image().width()


def test_what_cannot_be_written_is_said(user, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(MainWindow, "complain", lambda _window, _what, why: told.append(why))
    assert not user.window.pictures.write(tmp_path / "no" / "a.svg", None, "light")
    assert re.search("could not be written", told[0])
    with pytest.raises(ExchangeError, match="neither"):
        write_picture(Picture(user.canvas.graph_scene), tmp_path / "a.gif")


def test_nothing_is_drawn_of_nothing(open_window):
    window = open_window(Graph())
    with pytest.raises(ExchangeError, match="empty"):
        Picture(window.canvas.graph_scene)
    assert not window.actions_by_id["copy_picture"].isEnabled()
