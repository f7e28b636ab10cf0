"""What a step must not cost: nothing is laid out anew, and what it does not change is not drawn anew."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication


class Seen(QObject):
    """Who was asked to lay itself out."""

    def __init__(self):
        super().__init__()
        self.who = set()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.LayoutRequest and watched.isWidgetType() and watched.layout():
            self.who.add(type(watched).__name__)
        return False


def test_a_step_lays_nothing_out_and_leaves_the_overview(debug):
    hand = debug()
    hand.window.canvas.zoom(3.0)  # so that the overview is there
    minimap = hand.window.canvas.minimap
    assert minimap.isVisible()
    for _ in range(8):
        hand.press("run_step")
        QApplication.processEvents()
    overview = minimap._graph().cacheKey()
    seen = Seen()
    QApplication.instance().installEventFilter(seen)
    said = set()
    for _ in range(6):
        hand.press("run_step")
        QApplication.processEvents()
        said.add(hand.window.status_line.right.text())
    QApplication.instance().removeEventFilter(seen)
    assert len(said) == 6  # words of several lengths
    assert not seen.who
    assert minimap._graph().cacheKey() == overview
