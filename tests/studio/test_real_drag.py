"""A module dragged from the palette by the window system itself."""

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


@pytest.mark.xvfb
def test_a_real_drag_lands_on_the_canvas(window, hands, qtbot):
    assert QApplication.platformName() == "xcb", "this test needs QT_QPA_PLATFORM=xcb and a display"
    user = hands(window)
    palette, canvas, handle = window.palette_panel, window.canvas, window.windowHandle()
    row = palette.model.index(palette.model.row_of("Linear"), 0)
    palette.list.scrollTo(row)
    start = palette.list.viewport().mapTo(window, palette.list.visualRect(row).center())
    end = canvas.viewport().mapTo(window, QPoint(300, 120))

    def carry(step: int = 1) -> None:
        QTest.mouseMove(handle, start + (end - start) * step / 6)
        if step < 6:
            QTimer.singleShot(30, lambda: carry(step + 1))
        else:
            QTimer.singleShot(60, let_go)

    def let_go() -> None:
        QTest.mouseMove(handle, end + QPoint(1, 1))
        QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)

    QTimer.singleShot(300, carry)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(handle, start + QPoint(8, 0))
    QTest.mouseMove(handle, start + QPoint(24, 4))
    qtbot.waitUntil(lambda: "fc3" in user.document.level.names, timeout=30000)
    assert canvas.mapFromScene(user.item("fc3").scene_card().center()).x() == pytest.approx(300, abs=8)
