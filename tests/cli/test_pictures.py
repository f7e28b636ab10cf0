"""`nnstudio export --to svg|png`: the studio's drawing of a graph, in a fresh process without a screen."""

import os
from xml.etree import ElementTree as ET

import pytest

import nnstudio as nn
from nnstudio.errors import ExchangeError, ProjectError
from tests.cli.conftest import ROOT, run_cli
from tests.cli.test_opening import without_qt  # noqa: F401  # a fixture

NO_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}


def texts(svg):
    """What the outlines of its words are labelled with."""
    labels = (each.get("aria-label", "") for each in ET.fromstring(svg).iter())
    return [label.strip() for label in labels if label]


def colour(picture):
    """The colour of a corner, as #rrggbb."""
    from PySide6.QtGui import QImage

    return QImage.fromData(picture.read_bytes()).pixelColor(2, 2).name()


def test_both_formats_are_drawn_without_a_screen_in_light(project, tmp_path):
    from nnstudio.studio.colours import LIGHT

    path = project("digits")
    before = path.read_bytes()
    for format in ("svg", "png"):
        out = tmp_path / f"net.{format}"
        done = run_cli("export", path, "--to", format, "-o", out, **NO_SCREEN)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"wrote {out}\n", "")
    words = texts((tmp_path / "net.svg").read_bytes())
    assert {"x", "fc1", "act1", "fc2", "t", "loss"} <= set(words)
    assert any("N×64" in each for each in words)
    assert colour(tmp_path / "net.png") == LIGHT.canvas.lower()
    assert path.read_bytes() == before


def test_a_broken_graph_is_drawn_with_its_problems(project, tmp_path):
    spoilt = nn.load(project())
    spoilt.graph.add("ReLU", name="lone")
    nn.save(spoilt, tmp_path / "spoilt.nns.json")
    out = tmp_path / "net.svg"
    done = run_cli("export", tmp_path / "spoilt.nns.json", "--to", "svg", "-o", out, **NO_SCREEN)
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(texts(out.read_bytes()))
    assert "lone" in words and "input" in words  # the badge says what is missing


@pytest.mark.parametrize(
    ("out", "says"),
    [("net.jpg", "A png picture ends in .png, which "), ("nowhere/net.png", "there is no folder ")],
)
def test_what_cannot_be_written_is_one_sentence(project, tmp_path, out, says):
    done = run_cli("export", project(), "--to", "png", "-o", tmp_path / out, **NO_SCREEN)
    assert done.returncode == 1 and done.stdout == ""
    assert says in done.stderr and done.stderr.count("\n") == 1


def test_an_empty_graph_and_a_missing_qt_are_said(project, tmp_path, without_qt):  # noqa: F811
    nn.save(nn.Project(nn.Graph()), tmp_path / "empty.nns.json")
    out = tmp_path / "net.svg"
    done = run_cli("export", tmp_path / "empty.nns.json", "--to", "svg", "-o", out, **NO_SCREEN)
    assert done.returncode == 1 and "nothing to draw" in done.stderr
    path = f"{without_qt}{os.pathsep}{ROOT}"
    done = run_cli("export", project(), "--to", "svg", "-o", out, PYTHONPATH=path, **NO_SCREEN)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("nnstudio: The picture cannot be drawn because ")
    assert not out.exists()


def test_from_python_it_is_the_picture_that_the_window_saves(project, tmp_path, qapp):
    """Beside windows that are open, and as often as one likes."""
    from nnstudio.studio import theme
    from nnstudio.studio.canvas.view import Canvas
    from nnstudio.studio.document import Document
    from nnstudio.studio.picture import Picture

    saved = nn.load(project())
    written = [nn.export(saved, format, tmp_path / f"p.{format}") for format in ("svg", "png", "svg")]
    assert written[0] == [tmp_path / "p.svg"]
    canvas = Canvas(Document(saved))
    with theme.painted_in("light"):
        assert Picture(canvas.graph_scene).svg("p") == (tmp_path / "p.svg").read_bytes()
    with pytest.raises(ExchangeError):
        nn.export(saved, "svg", tmp_path / "p.png")
    with pytest.raises(ProjectError):
        nn.export(saved, "svg", tmp_path / "no" / "p.svg")
    canvas.deleteLater()
