"""Each view alone, asked about a network: what it paints and says against what the network itself gives."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from nnstudio.data import load as load_data
from nnstudio.data import split
from nnstudio.explain.probing import Probe
from nnstudio.explain.surface import Slice
from nnstudio.project import load
from nnstudio.project.run import train
from nnstudio.resources_path import example
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.learned.boundary_view import BoundaryView
from nnstudio.studio.learned.confusion_view import ConfusionView
from nnstudio.studio.learned.curve_view import CurveView
from nnstudio.studio.learned.drawing_view import DrawingView
from nnstudio.studio.learned.facts import Facts
from nnstudio.studio.learned.mistakes_view import MistakesView
from nnstudio.studio.learned.predicted_view import PredictedView
from nnstudio.studio.learned.surface_map import SurfaceMap
from nnstudio.studio.learned.weight_pictures import WeightPictures
from nnstudio.studio.learned.weights_view import WeightsView
from tests.studio.learned.hand import DIGITS


@pytest.fixture
def asked(qtbot):
    """A view of an example's untrained network, larger weights making it surer; and ways to ask both."""

    def ask(kind, name: str, sharper: float = 1.0, epochs: int = 0):
        theme.apply("light")
        project = load(example(f"{name}.nns.json"))
        if epochs:
            train(project, epochs)
        splits = split(load_data(project.data), project.data)
        document = Document(project)
        facts = Facts.of(document, SimpleNamespace(splits=splits))
        probe = Probe(project.graph, "float64", 3)
        weights = project.fitting_weights() if epochs else probe.program.parameters()
        probe.load({key: sharper * array for key, array in weights.items()})
        view = kind()
        document.setParent(view)
        qtbot.addWidget(view)
        view.resize(420, 260)
        view.show()
        view.follow(facts)

        def again():
            view.show_answer(view.question(facts)(probe))

        def scores(x):
            scaled = splits.scaling.apply(np.asarray(x, np.float64).reshape(len(x), *facts.input_shape))
            return probe.answer(scaled).reshape(len(x), -1)

        again()
        return SimpleNamespace(
            view=view, splits=splits, probe=probe, again=again, scores=scores, history=project.history
        )

    return ask


def tone(widget, spot: QPointF) -> QColor:
    picture = widget.grab().toImage()
    ratio = picture.devicePixelRatio()
    return picture.pixelColor(int(spot.x() * ratio), int(spot.y() * ratio))


def test_the_plane_is_painted_as_the_network_answers(asked):
    desk = asked(BoundaryView, "spirals", 5.0)
    view, plane = desk.view, desk.view.plane
    plane.show_points(np.zeros((0, 2)), [], np.zeros(0, bool), ("x1", "x2"))
    plane.show_lines(())
    rng = np.random.default_rng(0)
    area = plane.area
    places = rng.uniform((area.left, area.low), (area.right, area.high), (200, 2))
    scores = desk.scores(places)
    lead = scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores[:, 0]
    sure = np.abs(lead) > np.quantile(np.abs(lead), 0.5)
    assert min((lead[sure] > 0).sum(), (lead[sure] < 0).sum()) >= 4, "both classes are there"
    picture = plane.grab().toImage()
    for place, score in zip(places[sure], lead[sure], strict=True):
        spot = plane.spot_of(*place)
        if not plane.box().adjusted(3, 3, -3, -3).contains(spot):
            continue
        colour = picture.pixelColor(spot.toPoint())
        assert (colour.blue() > colour.red()) == (score > 0), (place, score)
        # The cross says the same there.
        QTest.mouseMove(plane, spot.toPoint())
        assert view.where.text().rsplit(": ")[-1] == ("1" if score > 0 else "0")


def test_a_unit_s_line_is_where_its_sum_is_nought(asked):
    desk = asked(BoundaryView, "lessons/relu_2d")
    view = desk.view
    assert len(view.plane.lines) == 3
    node = desk.probe.flat[view.field.layer].sources["input"]
    for line in view.plane.lines:
        for x0, y0, x1, y1 in line.pieces:
            ends = desk.splits.scaling.apply(np.array([[x0, y0], [x1, y1]])).reshape(2, *(2,))
            sums = desk.probe.outputs(ends, [node])[node][:, line.unit]
            assert np.allclose(sums, 0, atol=1e-6)
            on = np.array([[(x0 + x1) / 2, (y0 + y1) / 2]]) + 0.01 * np.array(line.slope)
            assert desk.probe.outputs(desk.splits.scaling.apply(on), [node])[node][0, line.unit] > 0


def test_the_curve_goes_where_the_network_s_answers_are(asked):
    desk = asked(CurveView, "sine", 2.0)
    fitted, data = desk.view.fitted, desk.splits.dataset
    x = np.sort(data.x.reshape(-1))[::7]
    wanted = desk.splits.target_scaling.undo(desk.scores(x))
    assert np.ptp(wanted) > 0.1
    drawn = desk.view.curves[0].getData()
    assert np.allclose(np.interp(x, *drawn), wanted[:, 0], atol=0.01 * np.ptp(wanted))
    trained = desk.splits.train.indices
    assert set(desk.view.points.data["x"]) <= set(data.x.reshape(-1)[trained].astype(float))
    assert np.array_equal(fitted.x[[0, -1]], [drawn[0][0], drawn[0][-1]])


def test_the_lines_of_a_later_layer_are_bent(asked):
    desk = asked(BoundaryView, "spirals", 3.0)
    view = desk.view
    assert view.layers.currentText() == "units of act1"
    assert all(len(line.pieces) <= 1 for line in view.plane.lines)
    view.asked.connect(desk.again)
    QTest.keyClick(view.layers, Qt.Key.Key_Down)
    assert view.field.layer == "act2" and view.layers.currentText() == "units of act2"
    assert any(len(line.pieces) > 1 for line in view.plane.lines)
    node = desk.probe.flat["act2"].sources["input"]
    pieces = np.concatenate([line.pieces for line in view.plane.lines])
    units = np.concatenate([[line.unit] * len(line.pieces) for line in view.plane.lines]).astype(int)
    sums = desk.probe.outputs(desk.splits.scaling.apply(pieces[:, :2]), [node])[node]
    own = np.abs(sums[np.arange(len(units)), units])
    assert own.max() < 0.1 * np.abs(sums).max(), "where a unit's sum is about nought"


def test_predicted_stands_upwards_and_true_across(asked):
    desk = asked(PredictedView, "lessons/noisy_curve", epochs=2)
    part, data = desk.splits.validation, desk.splits.dataset
    true = data.y[part.indices].reshape(-1)
    predicted = desk.splits.target_scaling.undo(desk.scores(data.x[part.indices])).reshape(-1)
    points = desk.view.points.data
    assert np.allclose(points["x"], true) and np.allclose(points["y"], predicted)
    rmse = float(np.sqrt(np.mean((true - predicted) ** 2)))
    told = desk.view.predicted.errors["rmse"]
    assert told == pytest.approx(rmse) == pytest.approx(desk.history[-1]["validation_rmse"], rel=1e-4)
    assert desk.view.words.text().startswith("RMSE") and "unit" not in desk.view.words.text()
    desk.view.show_answer(replace(desk.view.predicted, scaled=True))
    assert desk.view.words.text().endswith("in the data's own unit")


def test_every_cell_of_the_matrix_counts_and_shows_its_own(asked):
    desk = asked(ConfusionView, "iris", 2.0)
    view, part = desk.view, desk.splits.validation
    chosen = desk.scores(desk.splits.dataset.x[part.indices]).argmax(axis=1)
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (part.raw_y, chosen), 1)
    assert np.count_nonzero(counts != counts.T), "rows and columns can be told apart"
    for true in range(3):
        for taken in range(3):
            spot = view.matrix.box_of(true, taken).center().toPoint()
            QTest.mouseClick(view.matrix, Qt.MouseButton.LeftButton, pos=spot)
            assert view.gallery.count() == counts[true, taken]
            places = [
                view.gallery.item(row).data(Qt.ItemDataRole.UserRole) for row in range(view.gallery.count())
            ]
            assert all(part.raw_y[place] == true and chosen[place] == taken for place in places)
    judgement = view.judged.judgement
    assert np.allclose(judgement.recall, np.diagonal(counts) / counts.sum(axis=1))
    for width in range(190, 200):  # wherever the rim is, it goes through no word
        view.matrix.resize(width, view.matrix.height())
        picture = view.matrix.grab().toImage()
        assert {picture.pixel(width - 1, y) for y in range(picture.height())} == {picture.pixel(0, 0)}, width


def test_mistakes_are_those_it_was_surest_of_first(asked):
    desk = asked(MistakesView, "iris", 2.0)
    view, part = desk.view, desk.splits.validation
    scores = desk.scores(desk.splits.dataset.x[part.indices])
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    wrong = [place for place in range(len(part)) if shares[place].argmax() != part.raw_y[place]]
    shown = [view.gallery.item(row).data(Qt.ItemDataRole.UserRole) for row in range(view.gallery.count())]
    assert sorted(shown) == wrong and len(wrong) > 3
    assert (np.diff(shares.max(axis=1)[shown]) <= 1e-9).all()
    assert f"{len(wrong)} mistakes of {len(part)}" in view.words.text()


def test_the_answer_to_a_drawing_is_the_network_s_to_the_picture_it_shows(asked):
    desk = asked(DrawingView, "digits", 3.0)
    view = desk.view
    view.pad.strokes = [list(stroke) for stroke in DIGITS[7]]
    desk.again()
    found = view.recognised
    scores = desk.scores(found.picture[None])[0]
    shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    assert np.allclose(found.shares, shares, atol=1e-6) and np.ptp(shares) > 0.1
    assert view.answer.text() == str(shares.argmax())
    # A 7 has its bar on top: what the network sees stands upright.
    ink = found.picture - found.picture.min()
    assert ink[:3].sum() > 1.2 * ink[-3:].sum()
    # The longest bar is the answer's; every layer has a strip with its own numbers.
    answers = view.answers
    assert list(answers.layers) == ["fc1", "act1", "fc2"]
    last = answers.layers["fc2"]
    box = answers.strip_box(2)
    least, most = int(last.argmin()), int(last.argmax())
    cell = box.width() / len(last)
    reds = [
        tone(answers, box.topLeft() + QPointF((each + 0.5) * cell, box.height() / 2))
        for each in (least, most)
    ]
    assert reds[1].blue() > reds[1].red() and (last[least] >= 0 or reds[0].red() > reds[0].blue())


def test_first_weights_are_pictures_of_the_units(asked):
    desk = asked(WeightsView, "digits")
    view = desk.view
    weight = desk.probe.program["fc1.weight"]
    assert np.array_equal(view.pictures.pictures, np.asarray(weight).reshape(32, 8, 8))
    QTest.mouseClick(view.pictures, Qt.MouseButton.LeftButton, pos=view.pictures.box_of(0).center().toPoint())
    QTest.keyClick(view.pictures, Qt.Key.Key_Right)
    assert view.pictures.unit == 1 and view.words.text().startswith("unit 2: from")


def test_weights_stand_as_their_pixels_do(qtbot):
    theme.apply("light")
    pictures = WeightPictures()
    qtbot.addWidget(pictures)
    pictures.resize(300, 120)
    weights = np.zeros((2, 8, 8))
    weights[1, 0, 7], weights[1, 7, 7] = 1.0, -1.0
    pictures.show_pictures(weights)
    pictures.show()
    box = pictures.box_of(1)
    top, bottom = (tone(pictures, QPointF(box.right() - 3, y)) for y in (box.top() + 3, box.bottom() - 3))
    assert top.blue() > top.red() + 60 and bottom.red() > bottom.blue() + 10
    plain = tone(pictures, QPointF(box.left() + 3, box.top() + 3))
    assert abs(plain.blue() - plain.red()) < 20


def test_the_loss_is_strongest_where_it_is_least_and_the_path_leads_there(qtbot):
    theme.apply("light")
    surface = SurfaceMap()
    qtbot.addWidget(surface)
    surface.resize(300, 200)
    axis = np.linspace(-3, 1, 9)
    down, across = np.meshgrid(axis, axis, indexing="ij")
    losses = 0.01 + across**2 + 4 * down**2
    path = np.array([[-2.5, 0.5], [0.0, 0.0]])  # across, down: it comes from the upper left
    surface.show_slice(Slice("principal", axis, axis, losses, path, 1.0, 0.01, 4))
    surface.show()
    spots = {
        "least": surface.spot_of(6, 6) + QPointF(14, 0),
        "lower left": surface.spot_of(1, 1),
        "upper left": surface.spot_of(8, 0) + QPointF(6, 6),
    }
    tones = {name: tone(surface, spot) for name, spot in spots.items()}
    assert tones["least"].red() < tones["upper left"].red() < tones["lower left"].red()
    start = tone(surface, surface.spot_of(7, 1))
    assert start.name() == theme.colours().backward.mark.lower()
    QTest.mouseMove(surface, surface.spot_of(7, 1).toPoint())
    assert surface.place == (7, 1) and losses[surface.place] == pytest.approx(0.01 + 2.5**2 + 4 * 0.5**2)
