"""Layers over a run: their norms one below the other, histograms over time, and only while somebody looks."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.studio import theme
from nnstudio.studio.training import running
from nnstudio.studio.training.figures import MOST_KEPT, Figures, moments, spread
from nnstudio.studio.training.layers_panel import LayersPanel
from nnstudio.studio.training.layers_table import LayersModel
from nnstudio.studio.training.spread_view import SpreadView
from nnstudio.training.watching import BINS, Figure
from tests.studio.naming import nameless

LONG = 100_000  # epochs: nobody waits for their end


def figure(key="fc1.weight", kind="parameter", step=1, low=-1.0, high=1.0, norm=2.0, **facts):
    counts = facts.pop("counts", np.ones(BINS, np.int64))
    rest = {"mean": 0.0, "std": 0.5, "ratio": 0.001, "dead": np.nan, **facts}
    return Figure(key, kind, step, counts, low, high, norm, **rest)


@pytest.fixture
def layers(bench):
    """The panel beside that of a run that goes on until it is stopped."""
    desk = bench(epochs=LONG)
    desk.layers = LayersPanel(desk.document, desk.run)
    desk.qtbot.addWidget(desk.layers)
    desk.layers.resize(480, 300)
    return desk


def test_norms_and_histograms_come_while_it_is_seen_and_no_longer(layers):
    panel, run, qtbot = layers.layers, layers.run, layers.qtbot
    run.start()
    qtbot.waitUntil(lambda: len(run.history) > 2, timeout=20000)
    assert panel.figures.newest("gradient") == [] and not run.snapshot.figures
    panel.show()
    qtbot.waitUntil(lambda: len(panel.figures.of("fc1.grad_weight")) > 2, timeout=20000)
    names = [panel.model.index(row, 0).data() for row in range(panel.model.rowCount())]
    assert names == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"]
    assert all(each.norm > 0 for each in panel.model.figures)
    assert "fc1.grad_weight after" in panel.spread.accessibleDescription()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.chosen == "fc1.grad_bias" and panel.spread.figures[-1].key == "fc1.grad_bias"
    moment = panel.spread.figures[-1].step
    qtbot.waitUntil(lambda: panel.spread.figures[-1].step > moment, timeout=20000)
    assert panel.chosen == "fc1.grad_bias", "newer numbers leave the choice alone"
    assert nameless(panel) == []
    panel.hide()
    qtbot.waitUntil(lambda: not run.snapshot.figures, timeout=20000)


def test_the_shortest_run_shows_its_layers(bench, monkeypatch):
    monkeypatch.setattr(running, "_SHOW_EVERY", 1e9)  # it is over before it is time for another look
    desk = bench(epochs=1)
    panel = LayersPanel(desk.document, desk.run)
    desk.qtbot.addWidget(panel)
    panel.show()
    desk.train()
    assert panel.figures.newest("gradient")


def test_who_looks_when_the_run_is_over_sees_where_it_ended(bench):
    desk = bench(epochs=2)
    desk.train()
    panel = LayersPanel(desk.document, desk.run)
    desk.qtbot.addWidget(panel)
    panel.show()
    for kind in ("gradient", "parameter", "activation"):
        QTest.mouseClick(panel.kinds[kind], Qt.MouseButton.LeftButton)
        assert panel.spread.figures[-1].kind == kind
        assert panel.spread.figures[-1].step == desk.project.run_state["step"]
    assert panel.figures.newest("gradient")
    desk.press(desk.controls.rewind)
    assert not desk.run.figures, "they are not those of the first weights"
    assert not any(panel.figures.newest(kind) for kind in panel.kinds) and not panel.table.isVisible()


def test_weights_tell_how_far_they_move_and_activations_what_is_dead(layers):
    panel, qtbot = layers.layers, layers.qtbot
    panel.show()
    layers.run.start()
    qtbot.waitUntil(lambda: len(panel.figures.of("act1.output")) > 1, timeout=20000)
    QTest.mouseClick(panel.kinds["parameter"], Qt.MouseButton.LeftButton)
    assert panel.model.headerData(2, Qt.Orientation.Horizontal) == "update"
    qtbot.waitUntil(lambda: panel.model.index(0, 2).data() != "–", timeout=20000)
    assert 0 < float(panel.model.index(0, 2).data()) < 1
    QTest.mouseClick(panel.kinds["activation"], Qt.MouseButton.LeftButton)
    rows = {panel.model.index(row, 0).data(): row for row in range(panel.model.rowCount())}
    assert panel.model.index(rows["act1"], 2).data() == "0 %"
    assert panel.model.index(rows["fc1"], 2).data() == "–"
    assert panel.spread.figures[-1].kind == "activation"


def test_the_fullest_part_of_a_histogram_has_the_whole_colour_and_the_emptiest_none(qtbot):
    view = SpreadView()
    qtbot.addWidget(view)
    view.resize(400, 200)
    full = np.where(np.arange(BINS) < BINS // 4, 8, 0)  # all of it in the lowest quarter
    view.show_figures([figure(kind="activation", step=step, counts=full) for step in (1, 2)])
    picture, colours = view.grab().toImage(), theme.colours()
    seen = [picture.pixelColor(300, y).name() for y in (40, 100, 170)]
    assert seen == [colours.inset, colours.inset, colours.forward.mark]


def test_bars_are_logarithmic_so_that_vanishing_gradients_are_seen():
    model = LayersModel()
    norms = [1.0, 1e-3, 1e-6, 1e-12, 0.0]
    found = [figure(f"fc{n}.grad_weight", "gradient", norm=norm) for n, norm in enumerate(norms)]
    model.show_figures("gradient", found)
    assert [model.share(row) for row in range(5)] == pytest.approx([1.0, 0.5, 0.02, 0.02, 0.0])


def test_histograms_stand_on_one_scale():
    narrow = figure(step=1, low=0.0, high=1.0)
    wide = figure(step=2, low=-2.0, high=2.0)
    shares, low, high = spread([narrow, wide], 4)
    assert (low, high) == (-2.0, 2.0)
    assert shares[:, 0] == pytest.approx([0, 1, 0, 0]) and shares[:, 1] == pytest.approx([0.25] * 4)
    same = figure(step=3, low=1.5, high=1.5)
    assert spread([same], 4)[0].sum() == 1 and spread([narrow, same], 4)[0][0, 1] == 1


def test_time_goes_evenly_across_whatever_was_let_go_of():
    kept = Figures()
    for step in range(1, 201):
        kept.add([figure(step=step)])
    found = kept.of("fc1.weight")
    steps = np.array([each.step for each in found])
    assert np.diff(steps).max() > np.diff(steps[:-1]).min(), "old moments are fewer"
    shown = steps[moments(found, 50)]
    assert np.abs(shown - np.linspace(1, 200, 50)).max() < 2 and shown[-1] == 200
    assert moments(found[:1], 4).tolist() == [0] * 4


def test_what_is_kept_stays_bounded_and_goes_back_with_the_run():
    kept = Figures()
    for step in range(1, 1001):
        assert kept.add([figure(step=step)])
    moments = [each.step for each in kept.of("fc1.weight")]
    assert len(moments) <= MOST_KEPT and moments[0] == 1 and moments[-1] == 1000
    assert moments == sorted(set(moments))
    assert not kept.add([figure(step=1000)])
    kept.add([figure(step=5)])
    assert [each.step for each in kept.of("fc1.weight")] == [1, 5]
