"""What of a window's words does not fit its widget; run by itself, of a window under QT_SCALE_FACTOR."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTabWidget, QWidget


def cut(window: QWidget) -> Iterator[str]:
    """Each visible label and button whose text needs more room than it has and no tooltip says it."""
    for each in (*window.findChildren(QLabel), *window.findChildren(QAbstractButton)):
        if not each.isVisible() or not each.text() or each.toolTip():
            continue
        wraps = isinstance(each, QLabel) and each.wordWrap()
        wide = 0 if wraps else each.sizeHint().width()
        tall = each.heightForWidth(each.width()) if wraps else each.sizeHint().height()
        if wide > each.width() or tall > each.height():
            yield f"{each.text()!r} needs {wide}x{tall} and has {each.width()}x{each.height()}"


def outside(window: QWidget) -> Iterator[str]:
    """Each panel of the window that lies partly beyond its rim."""
    for each in (*window.findChildren(QTabWidget), window.palette_panel, window.canvas, window.inspector):
        if each.isVisible():
            box = QRect(each.mapTo(window, each.rect().topLeft()), each.size())
            if not window.rect().contains(box):
                yield f"{each.accessibleName()} lies at {box}"


def look(folder: Path) -> dict[str, object]:
    """Open the digits at 1280x800, go through all tabs and nodes; what is cut, and the picture's size."""
    from nnstudio.project import load
    from nnstudio.resources_path import example
    from nnstudio.studio.document import Document
    from nnstudio.studio.main_window import MainWindow
    from nnstudio.studio.preferences import Preferences

    application = QApplication(sys.argv[:1])
    window = MainWindow(Document(load(example("digits.nns.json"))), Preferences(folder / "studio.ini"))
    window.resize(1280, 800)
    window.show()
    found: set[str] = set()

    def see() -> None:
        for _ in range(5):
            application.processEvents()
        found.update(cut(window), outside(window))

    engine, end = window.engine, monotonic() + 20
    while monotonic() < end and (not engine.stepper.ready or engine.samples.loading):
        application.processEvents()
    see()
    for tabs in window.findChildren(QTabWidget):
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            see()
    for key in window.document.level.nodes:
        window.canvas.select([key])
        see()
    picture = window.grab()
    picture.save(str(folder / "window.png"))
    window.engine.close()
    window.document.stack.setClean()
    window.close()
    size = [picture.width(), picture.height()]
    return {"cut": sorted(found), "size": size, "window": [window.width(), window.height()]}


if __name__ == "__main__":
    (Path(sys.argv[1]) / "found.json").write_text(json.dumps(look(Path(sys.argv[1]))))
