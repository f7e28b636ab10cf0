"""The studio's job on a machine without a screen: train, export, and a picture of the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from nnstudio.errors import Error
from nnstudio.exchange import export
from nnstudio.project import Project, load
from nnstudio.project.run import epochs_to_train, run_of, trainer_of
from nnstudio.training.progress import with_bar

if TYPE_CHECKING:
    from nnstudio.training.trainer import Trainer

SIZE = (1440, 900)
_SECONDS_TO_SHOW = 30.0


def tour(project_path: str | os.PathLike[str], out_dir: str | os.PathLike[str]) -> None:
    """Train the project with a progress bar, export it for NumPy, and take a picture of the studio's window.

    Writes NAME.py with its files and NAME.png into `out_dir`, and says where they are. The project's own file
    is not changed. Raises Error where it cannot be trained or written.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    source = Path(project_path)
    name = source.name.partition(".")[0] or "project"
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    project = load(source)
    problems = project.graph.obstacles()
    if problems:
        raise Error(f"{source.name} cannot be trained yet: {problems[0].sentence}")
    trainer = trainer_of(project)
    _train(trainer, epochs_to_train(project, trainer))
    project.apply(run_of(project, trainer))
    stem = name if name.isidentifier() else "network"
    script = export(project, "numpy", folder / f"{stem}.py")[0]
    picture = folder / f"{name}.png"
    take_picture(project, picture)
    _say(f"Script:  {script}   (python3 {script.name} --check, in its folder)")
    _say(f"Picture: {picture}")
    _say(f"On a machine with a screen the window opens with: python3 -m nnstudio {project_path}")


def _train(trainer: Trainer, epochs: int) -> None:
    """With a bar that moves on a terminal, and one line at the end anywhere."""
    entries = [entry for entry in with_bar(trainer, epochs) if entry is not None]
    _say(f"Trained for {epochs} epochs: {_measured(entries[-1] if entries else {})}.")


def _measured(entry: Mapping[str, Any]) -> str:
    words = [f"loss {entry['train_loss']:.4f}"] if "train_loss" in entry else ["nothing was left to train"]
    if "validation_loss" in entry:
        words.append(f"validation loss {entry['validation_loss']:.4f}")
    if "validation_accuracy" in entry:
        words.append(f"{100 * entry['validation_accuracy']:.1f} % of the validation samples right")
    return ", ".join(words)


def take_picture(project: Project, path: Path) -> None:
    """A PNG of the real window with this project in it, once all of it is there."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    from nnstudio.studio.document import Document
    from nnstudio.studio.main_window import MainWindow
    from nnstudio.studio.preferences import Preferences

    application = QApplication.instance() or QApplication(sys.argv[:1])
    # Nobody's own window should be what this one looked like.
    window = MainWindow(Document(project), Preferences(path.with_suffix(".ini")))
    try:
        window.resize(*SIZE)
        window.show()
        _wait(application, lambda: window.engine.stepper.ready and not window.engine.samples.loading)
        window.canvas.frame()
        for _ in range(3):
            application.processEvents()
        if not window.grab().save(str(path)):
            raise Error(f"The picture cannot be written to {path}.")
    finally:
        window.engine.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        application.processEvents()
        path.with_suffix(".ini").unlink(missing_ok=True)


def _wait(application: Any, there: Callable[[], bool]) -> None:
    end = monotonic() + _SECONDS_TO_SHOW
    while not there() and monotonic() < end:
        application.processEvents()


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201  # a person waits for it in a terminal
