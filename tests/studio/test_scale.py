"""The window on screens of many pixels: a fresh process under a scale factor, and nothing is cut."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.studio.fits import cut

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("factor", [1.5, 2, 3])
def test_nothing_is_cut_at_any_scale(tmp_path, factor):
    ran = subprocess.run(
        [sys.executable, "-m", "tests.studio.fits", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": str(factor), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["window"] == [1280, 800] and found["size"] == [1280 * factor, 800 * factor]
    assert found["cut"] == []


def test_a_text_that_is_cut_is_found(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    label, button, told = (
        QLabel("much too long", window),
        QPushButton("too long as well", window),
        QLabel("x" * 50),
    )
    told.setParent(window)
    told.setToolTip(told.text())
    for each in (label, button, told):
        each.setFixedWidth(20)
    window.show()
    assert [words.split("'")[1] for words in cut(window)] == ["much too long", "too long as well"]
