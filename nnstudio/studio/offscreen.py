"""The studio's job on a machine without a screen: train, export, and a picture of the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from nnstudio.errors import Error
from nnstudio.exchange import export
from nnstudio.project import Project, load
from nnstudio.project.run import run_of, trainer_of

if TYPE_CHECKING:
    from nnstudio.training.trainer import Trainer

SIZE = (1440, 900)
_SECONDS_TO_SHOW = 30.0


def tour(
    project_path: str | os.PathLike[str], out_dir: str | os.PathLike[str], out: TextIO | None = None
) -> None:
    """Train the project with a progress bar, export it for NumPy, and take a picture of the studio's window.

    Writes NAME.py with its files and NAME.png into `out_dir`, and says where they are. The project's own file
    is not changed. Raises Error where it cannot be trained or written.
    """
    out = out or sys.stdout
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    source = Path(project_path)
    name = source.name.partition(".")[0] or "project"
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    project = load(source)
    problems = [problem for problem in project.graph.problems() if problem.severity == "error"]
    if problems:
        raise Error(f"{source.name} cannot be trained yet: {problems[0].sentence}")
    trainer = trainer_of(project)
    _train(trainer, _epochs_left(project, trainer), out)
    project.apply(run_of(project, trainer))
    stem = name if name.isidentifier() else "network"
    script = export(project, "numpy", folder / f"{stem}.py")[0]
    picture = folder / f"{name}.png"
    take_picture(project, picture)
    _say(out, f"Script:  {script}   (python3 {script.name} --check, in its folder)")
    _say(out, f"Picture: {picture}")
    _say(out, f"On a machine with a screen the window opens with: python3 -m nnstudio {project_path}")


def _epochs_left(project: Project, trainer: Trainer) -> int:
    """What is left of the settings' epochs, or all of them again."""
    epochs = project.training.epochs
    return epochs - trainer.epoch if trainer.epoch < epochs else epochs


def _train(trainer: Trainer, epochs: int, out: TextIO) -> None:
    """With a bar that moves on a terminal, and one line at the end anywhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    first = trainer.epoch
    columns = (
        TextColumn("Training"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs · {task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    entry: Mapping[str, Any] = {}
    # Drawn from the loop itself: a second thread would take turns with it.
    with Progress(*columns, console=Console(file=out), auto_refresh=False) as bar:
        task = bar.add_task("", total=epochs, loss="")
        drawn = 0.0
        for finished in trainer.steps(first + epochs):
            if finished is None:
                continue
            entry = finished
            bar.update(task, completed=trainer.epoch - first, loss=f"loss {entry['train_loss']:.4f}")
            if monotonic() - drawn > 0.1:
                drawn = monotonic()
                bar.refresh()
        bar.refresh()
    _say(out, f"Trained for {epochs} epochs: {_measured(entry)}.")


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


def _say(out: TextIO, words: str) -> None:
    out.write(f"{words}\n")
    out.flush()
