"""The loss surface while it is worked out: a coarse picture first, and given up when nobody wants it."""

from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nnstudio.explain.surface import Slice
from nnstudio.project import load
from nnstudio.resources_path import example
from nnstudio.studio import theme
from nnstudio.studio.document import Document
from nnstudio.studio.learned import surface_view
from nnstudio.studio.samples import Samples

COARSE = Slice("random", np.arange(3.0), np.arange(3.0), np.ones((3, 3)), np.zeros((0, 2)), 0, 1.0, 4)


@pytest.fixture
def view(qtbot):
    theme.apply("light")
    document = Document(load(example("xor.nns.json")))
    samples = Samples(document, document)
    present = SimpleNamespace(weights=dict, path=SimpleNamespace(places=()), began={})
    made = surface_view.SurfaceView(document, samples, present)
    document.setParent(made)
    qtbot.addWidget(made)
    made.resize(364, 220)
    made.show()
    qtbot.waitUntil(lambda: not samples.loading, timeout=20000)
    return made


def test_a_coarse_picture_is_shown_while_it_goes_on_and_cancel_keeps_it(view, qtbot, monkeypatch):
    def slow(*_args, progress, draft, **_more):
        draft(COARSE)
        while True:
            progress(9, 81)
            sleep(0.005)

    monkeypatch.setattr(surface_view, "loss_slice", slow)
    empty = view.map.grab().toImage()
    QTest.mouseClick(view.work.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.slice is not None, timeout=30000)
    assert view.work.busy and "Coarse as yet: 3×3 places." in view.words.text()
    assert view.map.slice is view.slice and view.map.grab().toImage() != empty
    assert not view.other.isVisible(), "its place is the progress's"
    qtbot.waitUntil(lambda: view.work.bar.value() == 9, timeout=30000)
    QTest.mouseClick(view.work.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not view.work.busy, timeout=30000)
    assert view.work.words.text() == "Cancelled." and view.other.isVisible() and view.slice is not None
