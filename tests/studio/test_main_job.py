"""The main job: open the digits, add a layer, train, watch the loss fall, export, run the script."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnstudio.modules.shapes import format_shape
from nnstudio.resources_path import example
from nnstudio.studio.export_dialog import ExportDialog
from nnstudio.studio.formats import number

LEFT = Qt.MouseButton.LeftButton
EPOCHS = 150


@pytest.fixture
def digits(tmp_path):
    """A copy of the digits project that may be written beside."""
    return Path(shutil.copy(example("digits.nns.json"), tmp_path))


def drag_by_the_window_system(window, module: str, end: QPointF, qtbot) -> None:
    """Press on the palette, carry, release over the canvas: Qt and the X server do the rest."""
    palette, canvas, handle = window.palette_panel, window.canvas, window.windowHandle()
    row = palette.model.index(palette.model.row_of(module), 0)
    palette.list.scrollTo(row)
    start = palette.list.viewport().mapTo(window, palette.list.visualRect(row).center())
    goal = canvas.viewport().mapTo(window, canvas.mapFromScene(end))
    before = len(window.document.level.nodes)

    def carry(step: int = 1) -> None:
        QTest.mouseMove(handle, start + (goal - start) * step / 6)
        QTimer.singleShot(40, (lambda: carry(step + 1)) if step < 6 else let_go)

    def let_go() -> None:
        QTest.mouseMove(handle, goal + QPoint(1, 1))
        QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, goal)

    QTimer.singleShot(300, carry)
    QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(handle, start + QPoint(8, 0))
    QTest.mouseMove(handle, start + QPoint(24, 4))
    qtbot.waitUntil(lambda: len(window.document.level.nodes) > before, timeout=30000)


def do_the_main_job(window, hands, drag, qtbot, digits: Path) -> None:
    """All of it by mouse and keys; `drag(module, scene_point)` drags from the palette."""
    # Open: the graph is there with its shapes, and it can be trained.
    assert window.files.open_path(digits)
    user, engine, level = hands(window), window.engine, lambda: window.document.level
    qtbot.waitUntil(lambda: engine.stepper.ready and not engine.samples.loading, timeout=20000)
    labels = {item.label for item in window.canvas.graph_scene.edges.values()}
    assert {"N×64", "N×32", "N×10"} <= labels
    assert not window.document.problems

    # Add two modules by dragging, and connect them by the mouse between act1 and fc2.
    spot = user.item("act1").scene_card().center() + QPointF(0, 190)
    drag("Linear", spot)
    drag("ReLU", spot + QPointF(190, 0))
    added, act = list(level().nodes.values())[-2:]
    assert (added.type, act.type) == ("Linear", "ReLU")
    user.drag(user.port("act1"), user.port(added.name, "input"))
    if not any(edge.source == added.id and edge.target == act.id for edge in level().edges):
        user.drag(user.port(added.name), user.port(act.name, "input"))
    user.drag(
        user.port("fc2", "input"), user.port("fc2", "input") + QPointF(-40, 150)
    )  # pull the old edge off
    user.drag(user.port(act.name), user.port("fc2", "input"))
    joined = {(level().nodes[e.source].name, level().nodes[e.target].name) for e in level().edges}
    assert {("act1", added.name), (added.name, act.name), (act.name, "fc2")} <= joined
    assert ("act1", "fc2") not in joined

    # Make the new layer 24 wide, in the inspector.
    user.click(user.middle(added.name))
    field = window.inspector.node_page.fields["out_features"]
    user.type(field.editor, "24")
    assert level().nodes[added.id].settings["out_features"] == 24
    assert format_shape(window.document.graph.shapes()[added.id]) == "N×24"
    qtbot.waitUntil(lambda: not window.document.problems, timeout=30000)

    # Train, and see the loss fall while it runs.
    training, run = engine.training, engine.run
    until = training.controls.until
    QTest.mouseClick(until, Qt.MouseButton.LeftButton)
    editor = until.popup.fields.fields["epochs"].editor
    qtbot.waitUntil(lambda: until.popup.isVisible() and editor.isVisible(), timeout=30000)
    user.type(editor, str(EPOCHS))
    QTest.keyClick(editor, Qt.Key.Key_Return)
    until.popup.close()
    assert window.document.project.training.epochs == EPOCHS
    seen = []

    def look() -> None:
        _, y = training.curves.loss.training.curve.getData()
        if run.active and y is not None and len(y) and (not seen or len(y) > seen[-1][0]):
            seen.append((len(y), float(y[-1])))

    run.progressed.connect(look)
    QTest.mouseClick(window.top_bar.train, LEFT)
    assert window.top_bar.train.text() == "Pause"
    qtbot.waitUntil(lambda: len(seen) >= 3, timeout=60000)
    assert run.active, "the curve is to grow while the run goes on"
    qtbot.waitUntil(lambda: not run.active, timeout=120000)
    assert [count for count, _ in seen] == sorted({count for count, _ in seen})
    assert seen[-1][1] < seen[0][1], f"the loss went from {seen[0][1]} to {seen[-1][1]}"
    history = window.document.project.history
    assert [entry["epoch"] for entry in history] == list(range(1, EPOCHS + 1))
    assert history[-1]["train_loss"] < history[0]["train_loss"] / 20
    assert history[-1]["validation_accuracy"] > 0.9
    _, y = training.curves.loss.validation.curve.getData()
    assert np.allclose(y, [entry["validation_loss"] for entry in history])
    assert window.document.stack.undoText() == "Train"

    # Export through the dialog.
    told = {}

    def fill_the_dialog() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        user.type(dialog.path, str(digits.parent / "net.py"))
        QTest.mouseClick(dialog.export_button, LEFT)
        told.update(text=dialog.message.text(), command=dialog.command.text(), files=dialog.written)
        QTest.mouseClick(dialog.close_button, LEFT)

    QTimer.singleShot(200, fill_the_dialog)
    QTest.mouseClick(window.top_bar.export, LEFT)
    script = digits.parent / "net.py"
    assert told["command"] == "python3 net.py --check" and script in told["files"] and script.is_file()

    # The script runs on its own, elsewhere, and gives the window's numbers.
    elsewhere = digits.parent / "elsewhere"
    elsewhere.mkdir()
    checked = run_alone("runpy.run_path(sys.argv[0], run_name='__main__')", elsewhere, str(script), "--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "loss: equal to what nnstudio computed" in checked.stdout
    measured = json.loads(run_alone(EVALUATE, elsewhere, str(script)).stdout)
    assert measured["loss"] == pytest.approx(history[-1]["validation_loss"], rel=1e-4)
    assert measured["accuracy"] == pytest.approx(history[-1]["validation_accuracy"], abs=1e-9)
    assert training.curves.loss.validation.entry.text() == f"validation {number(measured['loss'])}"
    assert (
        training.curves.measures["accuracy"].validation.entry.text()
        == f"validation {100 * measured['accuracy']:.1f} %"
    )


EVALUATE = """
script = runpy.run_path(sys.argv[0])
load, part = script["load"], script["part"]
weights, held_back = part(load(script["WEIGHTS"]), "weights"), part(load(script["DATA"]), "validation")
print(json.dumps(script["evaluate"](weights, held_back)))
"""


def run_alone(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Code in a fresh, isolated interpreter that finds numpy but no nnstudio, away from the script."""
    alone = "import json, runpy, sys; sys.modules['nnstudio'] = None; sys.argv = sys.argv[1:]\n" + code
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", alone, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_main_job(empty_window, hands, drag_from_palette, qtbot, digits):
    window = empty_window
    do_the_main_job(window, hands, lambda *what: drag_from_palette(window, *what), qtbot, digits)


@pytest.mark.xvfb
def test_the_main_job_in_a_real_window(empty_window, hands, qtbot, digits):
    assert QApplication.platformName() == "xcb", "this test needs QT_QPA_PLATFORM=xcb and a display"
    window = empty_window
    do_the_main_job(
        window,
        hands,
        lambda module, end: drag_by_the_window_system(window, module, end, qtbot),
        qtbot,
        digits,
    )
