"""Curves: what is drawn, smoothed, logarithmic, pointed at, hidden, overlaid, marked and exported."""

import csv
import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.studio import theme
from nnstudio.studio.training.axis import log_ticks
from nnstudio.studio.training.curve_files import as_png
from nnstudio.studio.training.curves_panel import CurvesPanel
from nnstudio.studio.training.line import MOST_POINTS, Line, thinned
from nnstudio.studio.training.points import Points
from nnstudio.studio.training.smoothing import smoothed
from nnstudio.training.snapshot import POINT

LEFT, Key = Qt.MouseButton.LeftButton, Qt.Key


def entries(count: int, **more: float) -> list[dict[str, float]]:
    return [
        {
            "epoch": epoch,
            "step": 7 * epoch,
            "train_loss": 2.0 / epoch,
            "validation_loss": 3.0 / epoch,
            "train_accuracy": 1 - 0.5 / epoch,
            "validation_accuracy": 1 - 0.6 / epoch,
            **more,
        }
        for epoch in range(1, count + 1)
    ]


def batches(count: int) -> np.ndarray:
    step = np.arange(1.0, count + 1)
    return np.stack([step, step / 7, 4 / step, np.full(count, 0.1), step / 100, np.ones(count)], axis=1)


@pytest.fixture
def panel(qtbot):
    theme.apply("light")
    made = CurvesPanel()
    qtbot.addWidget(made)
    made.resize(900, 320)
    made.show()
    made.activateWindow()
    with qtbot.waitActive(made, timeout=30000):
        pass
    made.redraw.connect(lambda: made.show_run(made._history, made._points, 0.0))
    return made


def drawn(line):
    x, y = line.curve.getData()
    return ([], []) if x is None else (list(x), list(y))


def move_to(plot, x: float) -> None:
    QApplication.processEvents()  # a plot that has come beside it takes its room
    spot = plot._item.getViewBox().mapViewToScene(QPointF(x, 1.0)).toPoint()
    QTest.mouseMove(plot.plot.viewport(), spot)
    QApplication.processEvents()


def test_training_validation_and_batches_are_drawn_with_their_last_values(panel):
    panel.show_run(entries(10), batches(70), 0.0)
    loss = panel.loss
    assert drawn(loss.training) == (list(range(1, 11)), [2.0 / e for e in range(1, 11)])
    assert drawn(loss.batches)[0] == pytest.approx([step / 7 for step in range(1, 71)])
    assert [line.entry.text() for line in loss.lines] == [
        "training 0.2000",
        "validation 0.3000",
        "batches 0.0571",
    ]
    assert panel.measures["accuracy"].validation.entry.text() == "validation 94.0 %"
    assert "rmse" not in panel.measures


def test_over_batches_the_axis_counts_updates(panel):
    panel.show_run(entries(10), batches(70), 20.0)
    panel.by_batch.trigger()
    assert drawn(panel.loss.training)[0] == [7 * e for e in range(1, 11)]
    assert drawn(panel.loss.batches)[0][-1] == 70
    panel.by_batch.trigger()
    assert drawn(panel.loss.training)[0][-1] == 10


def test_smoothing_is_the_mean_that_forgets():
    y = np.array([4.0, 2.0, 8.0, 1.0])
    number = share = 0.0
    for value, calm in zip(y, smoothed(y, 0.6), strict=True):
        number, share = 0.6 * number + value, 0.6 * share + 1
        assert calm == pytest.approx(number / share)
    assert smoothed(y, 0.0) is y
    holed = smoothed(np.array([1.0, np.nan, 1.0]), 0.9)
    assert holed[0] == holed[2] == 1 and np.isnan(holed[1])
    assert np.allclose(smoothed(np.full(3000, 5.0), 0.99), 5.0)


def test_the_slider_smooths_and_leaves_the_measured_points_behind(panel):
    panel.show_run(entries(10), batches(0), 0.0)
    raw = drawn(panel.loss.training)[1]
    panel.menu.popup(panel.mapToGlobal(QPoint(5, 5)))
    panel.smoothing.setFocus()
    QTest.keyClick(panel.smoothing, Key.Key_End)
    panel.menu.close()
    assert panel.look.smoothing == 0.99
    assert drawn(panel.loss.training)[1][-1] > 2 * raw[-1]
    assert list(panel.loss.training.raw.getData()[1]) == raw
    assert panel.loss.training.entry.text() == "training 0.2000", "the legend tells what was measured"


def test_a_logarithmic_axis_draws_logarithms_and_leaves_out_what_has_none(panel):
    history = entries(3)
    history[1]["train_loss"] = 0.0
    panel.show_run(history, batches(0), 0.0)
    panel.log.trigger()
    y = drawn(panel.loss.training)[1]
    assert y[0] == pytest.approx(np.log10(2)) and np.isnan(y[1])
    axis = panel.loss._axis
    assert axis.tickStrings([-2.0, 0.0, 2.0], 1.0, None) == ["0.01", "1", "100"]
    assert drawn(panel.measures["accuracy"].training)[1][0] == 50.0, "shares stay on a linear axis"
    panel.log.trigger()
    assert drawn(panel.loss.training)[1][1] == 0.0


@pytest.mark.parametrize(("low", "high"), [(-6, 3), (-0.4, 0.5), (-2.2, -1.9), (0.1, 0.2), (-30, 30)])
def test_logarithmic_numbers_are_round_and_find_room(low, high):
    ticks = log_ticks(low, high, 6)
    assert len(ticks) <= 6 and all(low <= tick <= high for tick in ticks)
    digits = [f"{10**tick:.6e}"[0:8].rstrip("0").rstrip(".") for tick in ticks]
    assert all(each in "123456789" for each in digits)


def test_a_legend_entry_hides_and_shows_its_curve_by_mouse_and_keys(panel):
    panel.show_run(entries(5), batches(0), 0.0)
    entry = panel.loss.validation.entry
    QTest.mouseClick(entry, LEFT)
    assert drawn(panel.loss.validation) == ([], []) and entry.isVisible()
    assert "hidden" in entry.accessibleName() and len(drawn(panel.loss.training)[0]) == 5
    panel.show_run(entries(6), batches(0), 0.0)
    assert drawn(panel.loss.validation) == ([], [])
    entry.setFocus()
    QTest.keyClick(entry, Key.Key_Space)
    assert len(drawn(panel.loss.validation)[0]) == 6 and "shown" in entry.accessibleName()


def test_the_crosshair_tells_the_values_where_the_mouse_is_in_all_plots(panel):
    panel.show_run(entries(10), batches(0), 0.0)
    move_to(panel.loss, 4.2)
    accuracy = panel.measures["accuracy"]
    assert panel.loss.title.text() == "Loss · epoch 4"
    assert panel.loss.training.entry.text() == "training 0.5000"
    assert panel.loss.crosshair.line.isVisible() and accuracy.crosshair.at == 4
    assert accuracy.training.entry.text() == "training 87.5 %"
    QApplication.sendEvent(panel.loss.plot.viewport(), _leaving())
    assert panel.loss.title.text() == "Loss" and accuracy.crosshair.at is None
    assert panel.loss.training.entry.text() == "training 0.2000"


def _leaving():
    from PySide6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_the_crosshair_goes_by_keys_and_is_read_aloud(panel):
    panel.show_run(entries(10), batches(0), 0.0)
    panel.loss.setFocus()
    for key, epoch in (
        (Key.Key_Left, 10),
        (Key.Key_Left, 9),
        (Key.Key_Home, 1),
        (Key.Key_Right, 2),
        (Key.Key_End, 10),
    ):
        QTest.keyClick(panel.loss, key)
        assert panel.loss.crosshair.at == epoch
    assert panel.loss.accessibleDescription() == "epoch 10, training 0.2000, validation 0.3000"
    QTest.keyClick(panel.loss, Key.Key_Escape)
    assert panel.loss.crosshair.at is None and panel.loss.accessibleDescription() == ""


def test_other_runs_lie_behind_with_their_names_until_others_take_their_place(panel):
    panel.show_run(entries(5), batches(0), 0.0)
    curve = np.stack([np.arange(1.0, 9.0), np.arange(9.0, 1.0, -1)], axis=1)
    panel.show_overlays([("lr 0.1", curve), ("lr 0.01", curve / 2)])
    first, second = panel.loss.overlays
    assert first.entry.text() == "lr 0.1 2" and len(drawn(first)[0]) == 8 and second.entry.isVisible()
    assert first.curve.opts["pen"].style() != second.curve.opts["pen"].style(), "not by colour alone"
    QTest.mouseClick(first.entry, LEFT)
    panel.show_overlays([("lr 0.1", curve)])
    assert [line.name for line in panel.loss.overlays] == ["lr 0.1"]
    assert drawn(panel.loss.overlays[0]) == ([], []), "what was hidden stays so"
    panel.show_overlays([])
    assert panel.loss.overlays == [] and len(drawn(panel.loss.training)[0]) == 5


def test_between_two_epochs_only_the_loss_is_drawn_again(panel, monkeypatch):
    panel.show_run(entries(5), batches(35), 10.0)
    drawn_again = []
    draw = Line.draw
    monkeypatch.setattr(Line, "draw", lambda self, *look: (drawn_again.append(self), draw(self, *look)))
    panel.show_run(entries(5), batches(38), 10.0)
    accuracy = panel.measures["accuracy"]
    assert panel.loss.batches in drawn_again and accuracy.training not in drawn_again
    panel.show_run(entries(6), batches(42), 10.0)
    assert accuracy.training in drawn_again and len(drawn(accuracy.training)[0]) == 6


def test_changes_on_the_way_are_marked_and_told(panel):
    changes = [{"step": 35, "epoch": 5.0, "name": "lr", "from": 0.1, "to": 0.01}]
    panel.show_run(entries(10), batches(0), 0.0, changes)
    (mark,) = panel.loss.marks.shown
    assert (mark.x, mark.short) == (5.0, "rate 0.01")
    move_to(panel.loss, 5.0)
    assert panel.loss.title.text() == "Loss · epoch 5 · rate 0.1 → 0.01"
    panel.show_run(entries(10), batches(0), 0.0)
    assert panel.loss.marks.shown == []


def test_another_measure_is_chosen_in_the_menu(panel):
    history = entries(4, train_rmse=0.5, validation_rmse=0.7)
    panel.show_run(history, batches(0), 0.0)
    assert panel.measures["accuracy"].isVisible() and panel.choices["rmse"].isVisible()
    assert not panel.choices["mae"].isVisible()
    panel.choices["rmse"].trigger()
    assert panel.measures["rmse"].isVisible() and not panel.measures["accuracy"].isVisible()
    assert drawn(panel.measures["rmse"].validation)[1] == [0.7] * 4


def test_the_numbers_leave_as_csv(panel, tmp_path, monkeypatch):
    history = [*entries(3), {"epoch": 4, "note": 1.5}]
    panel.show_run(history, batches(9), 0.0)
    path = tmp_path / "run"
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_: (str(path), ""))
    panel.exports["epochs"].trigger()
    rows = list(csv.DictReader(io.StringIO(path.with_suffix(".csv").read_text())))
    assert [float(row["train_loss"]) for row in rows[:3]] == [2.0, 1.0, 2 / 3]
    assert rows[3]["note"] == "1.5" and rows[3]["train_loss"] == ""
    path = tmp_path / "batches.csv"
    panel.exports["batches"].trigger()
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    assert path.read_text().startswith("step,epoch,loss,lr,seconds,batches\n") and np.allclose(
        table, batches(9)
    )


def test_the_picture_leaves_as_png_and_svg(panel, tmp_path):
    panel.show_run(entries(5), batches(0), 0.0)
    told = []
    panel.said.connect(told.append)
    panel.export_to("png", tmp_path / "c.png")
    image = QImage(str(tmp_path / "c.png"))
    assert (image.width(), image.height()) == (1800, 640)
    panel.export_to("svg", tmp_path / "c.svg")
    root = ET.parse(tmp_path / "c.svg").getroot()
    words = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Loss", "Accuracy", "training 0.4000"} <= words
    assert not list(root.iter("{http://www.w3.org/2000/svg}image")), "vectors, and no picture of them"
    assert told == ["The curves were written to c.png.", "The curves were written to c.svg."]
    failed = []
    panel.failed.connect(failed.append)
    panel.export_to("svg", tmp_path / "nowhere" / "c.svg")
    assert len(failed) == 1 and "could not be written" in failed[0]


def test_on_a_picture_twice_as_sharp_a_line_has_twice_as_many_pixels(panel):
    history = [{**entry, "train_loss": 2.0, "validation_loss": 1.0} for entry in entries(20)]
    panel.show_run(history, batches(0), 0.0)
    QApplication.processEvents()
    plot, colour = panel.loss, QColor(theme.colours().forward.mark)
    x = plot.plot.geometry().center().x()

    def thick(image: QImage, across: int) -> int:
        return sum(image.pixelColor(across, y) == colour for y in range(image.height()))

    pen = plot.training_curve.opts["pen"]
    on_screen = thick(plot.grab().toImage(), x)
    image = QImage.fromData(as_png(plot))
    assert on_screen >= 1 and thick(image, 2 * x) > on_screen
    assert plot.training_curve.opts["pen"] == pen, "on the screen it is as before"


def test_many_epochs_are_drawn_as_few_points(panel):
    x = np.arange(100_000.0)
    y = np.sin(x / 1000)
    y[54_321] = 9.0
    few, values = thinned(x, y)
    assert len(few) <= MOST_POINTS + 1 and values.max() == 9.0
    assert few[-1] == x[-1] and (np.diff(few) > 0).all()
    panel.show_run(entries(20_000), batches(5), 0.0)
    assert len(drawn(panel.loss.training)[0]) <= MOST_POINTS + 1
    assert panel.loss.training.nearest(12_345.4) == (12_345.0, pytest.approx(2 / 12_345))


def test_points_of_batches_stay_few_and_what_was_taken_back_is_left_out(panel):
    points = Points()
    for start in range(0, 9000, 501):
        rows = batches(9000)[start : start + 501]
        points.add(rows)
    assert len(points) == 9000 / 8, "early ones are as many to a point as late ones"
    assert points.rows[0].tolist() == pytest.approx([*batches(8)[:, :5].mean(axis=0), 8])
    panel.show_run(entries(3), points.rows, 0.0)
    assert panel.loss.batches.entry.toolTip().startswith("each point the mean of 8\n")
    panel.show_run(entries(3), batches(9), 0.0)
    assert "mean" not in panel.loss.batches.entry.toolTip()
    assert points.until(4500)[-1, 0] <= 4500 < points.rows[-1, 0]
    points.keep_until(4500)
    assert points.rows[-1, 0] <= 4500


def test_nothing_is_said_in_words(panel):
    panel.say_nothing("Press Train to watch the loss fall.")
    panel.show_run([], batches(0), 0.0)
    assert panel.loss.nothing.isVisible() and not panel.exports["epochs"].isEnabled()
    panel.show_run(entries(1), batches(0), 0.0)
    assert not panel.loss.nothing.isVisible() and panel.loss.training.curve.opts["symbol"] == "o"


def hidden_share(plot) -> float:
    """How much of what is drawn lies under the legend, looked at where the points are."""
    view, entries = plot._item.getViewBox(), [line.entry for line in plot.lines if line.entry.isVisible()]
    spots = [
        plot.plot.mapTo(plot, plot.plot.mapFromScene(view.mapViewToScene(QPointF(x, y))))
        for line in plot.lines
        for x, y in zip(*drawn(line), strict=True)
    ]
    return sum(any(entry.geometry().contains(spot) for entry in entries) for spot in spots) / len(spots)


def test_the_legend_keeps_out_of_the_way_of_the_curves(panel):
    history = entries(200)
    panel.show_run(history, batches(0), 0.0)
    assert panel.loss.training.entry.text() == "training 0.0100"
    falls = panel.loss.training.entry.pos()
    assert hidden_share(panel.loss) < 0.02
    for entry in history:  # a loss that rises, and is high on the right
        entry["train_loss"] = entry["validation_loss"] = entry["epoch"] ** 0.5
    panel.show_run(history, batches(0), 0.0)
    assert hidden_share(panel.loss) < 0.02 and panel.loss.training.entry.y() > falls.y() + 50
    # Where no corner is free it stands above them, beside the title.
    panel.resize(520, 140)
    for entry in history:
        entry["train_loss"] = 1 + (-1) ** entry["epoch"]
        entry["validation_loss"] = 2 - entry["train_loss"]
    panel.show_run(history, batches(0), 0.0)
    QApplication.processEvents()
    loss = panel.loss
    assert hidden_share(loss) == 0 and loss.validation.entry.text() == "validation 0"
    move_to(loss, 200.0)
    for line in (loss.training, loss.validation):
        assert line.entry.width() > 40, "its value is told"
        assert loss.rect().contains(line.entry.geometry())
        assert not line.entry.geometry().intersects(loss.title.geometry())
    # In a small plot with many curves only their lines are left, and the names stand in their tips.
    panel.resize(460, 140)
    epochs = np.arange(1.0, 201)
    runs = [(f"run {each}", np.stack([epochs, 14 - each * epochs / 200], axis=1)) for each in range(5)]
    panel.show_overlays(runs)
    QApplication.processEvents()
    assert hidden_share(panel.loss) < 0.05
    for line in panel.loss.lines:
        if line.entry.isVisible():
            assert panel.loss.rect().contains(line.entry.geometry()), line.name
    last = panel.loss.overlays[-1].entry
    assert last.width() < 40 and last.toolTip().startswith("run 4 10")


def test_a_run_from_the_beginning_has_each_batch_however_long_the_last_one_was():
    points = Points()
    every = np.arange(1.0, 9001.0)
    rows = np.zeros((9000, len(POINT)))
    rows[:, POINT.index("step")], rows[:, POINT.index("batches")] = every, 1
    points.add(rows)
    assert len(points) < 2001
    points.keep_until(0)
    points.add(rows[:50])
    assert len(points) == 50


def test_a_line_is_no_area_in_a_picture(panel, tmp_path):
    """Filled, what lies within a line's bends would be painted over."""
    brushes = []
    render = panel.loss.plot.render

    def noted(painter, *where):
        brushes.append(painter.brush().style())
        return render(painter, *where)

    panel.show_run(entries(5), batches(0), 0.0)
    panel.loss.plot.render = noted
    panel.export_to("png", tmp_path / "c.png")
    assert brushes == [Qt.BrushStyle.NoBrush]


def test_what_was_changed_at_one_place_is_one_mark_with_all_of_its_words(panel):
    changes = [
        {"step": 14, "epoch": 2.0, "name": "lr", "from": 0.1, "to": 0.01},
        {"step": 14, "epoch": 2.0, "name": "batch_size", "from": 32, "to": 16},
        {"step": 21, "epoch": 3.0, "name": "optimizer", "from": "SGD", "to": "Adam"},
    ]
    panel.show_run(entries(5), batches(0), 0.0, changes)
    assert [mark.short for mark in panel.loss.marks.shown] == ["rate 0.01, batch 16", "Adam"]
    assert panel.loss.marks.shown[0].words == "rate 0.1 → 0.01, batch 32 → 16"
