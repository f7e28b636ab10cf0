"""A project's graph as a picture in a file, without a window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from nnstudio.errors import ExchangeError, ProjectError
from nnstudio.project import Project
from nnstudio.studio import theme
from nnstudio.studio.canvas.scene import GraphScene
from nnstudio.studio.canvas.sheet import Sheet
from nnstudio.studio.document import Document
from nnstudio.studio.picture import Picture, write_picture


def export_picture(
    project: Project, format: str, path: str | os.PathLike[str], scheme: str = "light"
) -> list[Path]:
    """Draw the whole graph as "svg" or "png" into `path`, in a theme's colours; gives the file written.

    Raises ExchangeError for another ending or an empty graph, ProjectError where it cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != f".{format}" or not file.stem:
        raise ExchangeError(f"A {format} picture ends in .{format}, which {file} does not.")
    if not file.parent.is_dir():
        raise ProjectError(f"{file} cannot be written: there is no folder {file.parent}.")
    # A picture needs no screen. The application is kept: Qt ends the process when it is made twice.
    _ = QApplication.instance() or _application()
    document = Document(project)
    sheet = Sheet(document)
    QCoreApplication.processEvents()  # problems are announced a turn later, and badges show them
    scene = GraphScene(sheet)
    title = project.path.name.partition(".")[0] if project.path is not None else ""
    try:
        with theme.painted_in(scheme):
            write_picture(Picture(scene), file, title)
    finally:
        for each in (scene, sheet, document):
            each.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [file]


_kept: list[QApplication] = []


def _application() -> QApplication:
    former = os.environ.get("QT_QPA_PLATFORM")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _kept.append(QApplication(sys.argv[:1]))
    if former is None:
        del os.environ["QT_QPA_PLATFORM"]
    else:
        os.environ["QT_QPA_PLATFORM"] = former
    return _kept[0]
