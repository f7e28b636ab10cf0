"""Taking pictures of the graph: to the clipboard, or to a file after asking what and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from nnstudio.errors import Error
from nnstudio.studio import theme
from nnstudio.studio.canvas.scene import GraphScene
from nnstudio.studio.formats import count
from nnstudio.studio.panels.sections import heading
from nnstudio.studio.picture import Picture, write_picture

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

_FILTERS = {"svg": "SVG drawing (*.svg)", "png": "PNG picture (*.png)"}


class Pictures(QObject):
    """Made by the window, for its actions."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def copy(self) -> None:
        """Put what is selected, or all of it, on the clipboard: as an image, and as SVG."""
        canvas = self._window.canvas
        chosen = canvas.selected_nodes()
        try:
            picture = Picture(canvas.graph_scene, chosen or None)
            mime = QMimeData()
            mime.setImageData(picture.image())
            mime.setData("image/svg+xml", picture.svg(self._window.document.title))
        except Error as error:
            self._window.warn(str(error))
            return
        QGuiApplication.clipboard().setMimeData(mime)
        what = count(len(chosen), "node") if chosen else "The graph"
        self._window.say(f"{what} copied as a picture.")

    def save(self) -> None:
        """Ask for what, how and where, and write it."""
        window = self._window
        dialog = PictureDialog(window.canvas.graph_scene, window)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if not accepted:
            return
        title = window.document.title.partition(".")[0]
        folder = window.document.path.parent if window.document.path else Path.cwd()
        suggested = str(folder / f"{title}.{dialog.format}")
        name, _ = QFileDialog.getSaveFileName(window, "Save the picture", suggested, _FILTERS[dialog.format])
        if name:
            path = Path(name)
            if path.suffix.lower() not in (".svg", ".png"):
                path = path.with_name(f"{path.name}.{dialog.format}")
            self.write(path, dialog.ids, dialog.scheme)

    def write(self, path: Path, ids: list[str] | None, scheme: str) -> bool:
        """Write the picture of these nodes, or of all, in a theme's colours; whether it was written."""
        window = self._window
        try:
            with theme.painted_in(scheme):
                write_picture(Picture(window.canvas.graph_scene, ids), path, window.document.title)
        except Error as error:
            window.complain("The picture could not be saved.", str(error))
            return False
        window.say(f"Saved {path.name}.")
        return True


class PictureDialog(QDialog):
    """Three choices: the format, all or what is selected, and the colours."""

    def __init__(self, scene: GraphScene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen = scene.selected_nodes()
        self.setWindowTitle("Save as a picture")
        self.setMinimumWidth(400)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(4)
        self._column = column
        self.formats = self._choices(
            "Format",
            {
                "svg": "SVG: lines and text, sharp at any size",
                "png": "PNG: twice the pixels of the screen",
            },
        )
        selected = count(len(self._chosen), "node")
        self.parts = self._choices(
            "What", {"all": "The whole graph", "chosen": f"What is selected ({selected})"}
        )
        self.button(self.parts, "chosen").setEnabled(bool(self._chosen))
        self.schemes = self._choices(
            "Colours", {"light": "Light", "dark": "Dark", "contrast": "High contrast"}
        )
        self.button(self.schemes, theme.colours().name).setChecked(True)
        row = QHBoxLayout()
        row.addStretch(1)
        leave = QPushButton("Cancel")
        leave.setAutoDefault(False)
        leave.clicked.connect(self.reject)
        self.save_button = QPushButton("Save…")
        self.save_button.setProperty("kind", "primary")
        self.save_button.setDefault(True)
        self.save_button.setMinimumWidth(88)
        self.save_button.clicked.connect(self.accept)
        row.addWidget(leave)
        row.addWidget(self.save_button)
        column.addSpacing(12)
        column.addLayout(row)

    @property
    def format(self) -> str:
        """ "svg" or "png"."""
        return _checked(self.formats)

    @property
    def ids(self) -> list[str] | None:
        """The nodes to show; None for all."""
        return self._chosen if _checked(self.parts) == "chosen" else None

    @property
    def scheme(self) -> str:
        return _checked(self.schemes)

    def button(self, group: QButtonGroup, name: str) -> QRadioButton:
        """The button of a choice."""
        found = next(each for each in group.buttons() if each.objectName() == name)
        assert isinstance(found, QRadioButton)
        return found

    def _choices(self, title: str, titles: dict[str, str]) -> QButtonGroup:
        if self._column.count():
            self._column.addSpacing(12)
        self._column.addWidget(heading(title))
        group = QButtonGroup(self)
        for index, (name, words) in enumerate(titles.items()):
            button = QRadioButton(words)
            button.setObjectName(name)
            button.setAccessibleDescription(title)
            button.setChecked(index == 0)
            group.addButton(button)
            self._column.addWidget(button)
        return group


def _checked(group: QButtonGroup) -> str:
    button = group.checkedButton()
    assert button is not None  # one is checked from the beginning
    return button.objectName()
