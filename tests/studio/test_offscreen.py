"""The tour on a machine without a screen, as a user starts it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from nnstudio.errors import Error
from nnstudio.resources_path import example
from nnstudio.studio.colours import DARK, LIGHT
from nnstudio.studio.offscreen import tour

ROOT = Path(__file__).resolve().parents[2]


def without_screen() -> dict[str, str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}


@pytest.mark.skipif(sys.platform != "linux", reason="only there is a missing screen told by the environment")
def test_without_a_screen_the_job_is_done_all_the_same(tmp_path):
    shutil.copy(example("digits.nns.json"), tmp_path / "digits.nns.json")
    before = (tmp_path / "digits.nns.json").read_bytes()
    ran = subprocess.run(
        [sys.executable, "-m", "nnstudio", "digits.nns.json"],
        cwd=tmp_path,
        env=without_screen(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    assert "no screen" in lines[0]
    assert any("Trained for 20 epochs" in line for line in lines)
    folder = tmp_path / "nnstudio-output" / "digits"
    script, picture = folder / "digits.py", folder / "digits.png"
    assert str(script) in ran.stdout and str(picture) in ran.stdout
    assert "python3 -m nnstudio digits.nns.json" in lines[-1]
    assert {path.name for path in folder.iterdir()} == {
        "digits.py",
        "digits.npz",
        "digits_data.npz",
        "digits.png",
    }
    assert (tmp_path / "digits.nns.json").read_bytes() == before
    checked = subprocess.run(
        [sys.executable, "-I", str(script), "--check"], cwd=tmp_path, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1440, 900)
    colours = {image.pixelColor(x, y).name() for x in range(0, 1440, 2) for y in range(0, 900, 2)}
    look = LIGHT if LIGHT.canvas in colours else DARK
    # Cards, both curves and the program's phases are there.
    assert {look.canvas, look.forward.mark, look.backward.mark, look.update.mark} <= colours


def test_a_project_with_problems_is_refused_in_a_sentence(tmp_path):
    text = Path(example("digits.nns.json")).read_text().replace('"out_features": 10', '"out_features": 7')
    path = tmp_path / "narrow.nns.json"
    path.write_text(text)
    with pytest.raises(Error, match="7"):
        tour(path, tmp_path / "out")
