"""Present mode: canvas, transport and formula alone, and everything restored exactly."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def state_of(window):
    canvas = window.canvas
    seen = canvas.seen()
    return (
        window.size(),
        window.windowState(),
        window.sides.sizes(),
        window.middle.sizes(),
        window.bottom.sizes(),
        [
            widget.isVisible()
            for widget in (
                window.palette_panel,
                window.inspector,
                window.bottom,
                window.status_line,
                window.top_bar.menus,
                window.top_bar.train,
                window.presenting.formula,
            )
        ],
        window.top_bar.height(),
        [button.size() for button in window.engine.transport.buttons.values()],
        pytest.approx(canvas.scale_now()),
        [round(seen.left()), round(seen.top()), round(seen.width()), round(seen.height())],
    )


def test_f11_presents_and_esc_brings_everything_back(open_example, hands, qtbot):
    window = open_example("chain_rule")
    user = hands(window)
    user.wheel(user.middle("v"), 1)
    qtbot.wait(100)
    before = state_of(window)
    button = window.engine.transport.buttons["run_forward"].width()
    user.key(Qt.Key.Key_F11)
    assert window.presenting.on and window.isFullScreen()
    for hidden in (window.left, window.inspector, window.bottom, window.status_line, window.top_bar.menus):
        assert not hidden.isVisible()
    assert window.canvas.isVisible() and window.engine.transport.isVisible()
    # The formula of what runs, in letters and with its numbers.
    formula = window.presenting.formula
    QTest.mouseClick(window.engine.transport.buttons["run_forward"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "L" in formula.formula.words, timeout=30000)
    user.key(Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: formula.what.text().startswith("backward · L"), timeout=30000)
    forward = window.engine.transport.buttons["run_forward"]
    qtbot.waitUntil(lambda: forward.width() > button, timeout=30000)

    def fills():
        seen, graph = window.canvas.seen(), window.canvas.graph_scene.contents()
        share = max(graph.width() / seen.width(), graph.height() / seen.height())
        return seen.contains(graph) and share > 0.85

    # The graph fills the screen, whatever its size, and no card is cut off.
    qtbot.waitUntil(fills, timeout=30000)
    QTest.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not window.presenting.on
    qtbot.waitUntil(lambda: state_of(window) == before, timeout=30000)
