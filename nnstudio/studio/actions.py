"""The window's actions as data: name, shortcut, icon, place in the menus, and what each calls."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from nnstudio.studio import theme

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

SEPARATOR = ""


@dataclass(frozen=True)
class ActionSpec:
    """`slot` names a method of the window or of a part of it; a shortcut may have alternatives, separated by
    a space.
    """

    id: str
    text: str
    slot: str
    shortcut: str = ""
    icon: str = ""
    tip: str = ""


ACTIONS = (
    ActionSpec("new", "&New", "new_document", "Ctrl+N", "new", "Start with an empty graph"),
    ActionSpec("open", "&Open…", "open_document", "Ctrl+O", "open", "Open a project file"),
    ActionSpec("save", "&Save", "save_document", "Ctrl+S", "save", "Write the project to its file"),
    ActionSpec(
        "save_as", "Save &As…", "save_document_as", "Ctrl+Shift+S", "", "Write the project to another file"
    ),
    ActionSpec(
        "export",
        "&Export…",
        "export_document",
        "Ctrl+E",
        "export",
        "Write the network as a program of its own",
    ),
    ActionSpec(
        "recover",
        "Reco&ver Unsaved Work…",
        "safekeeping.offer",
        "",
        "",
        "What was not saved when nnstudio last ended on its own",
    ),
    ActionSpec("quit", "&Quit", "close", "Ctrl+Q"),
    ActionSpec("undo", "&Undo", "undo", "Ctrl+Z", "undo"),
    ActionSpec("redo", "&Redo", "redo", "Ctrl+Shift+Z Ctrl+Y", "redo"),
    ActionSpec(
        "delete", "&Delete", "canvas.editing.delete", "Del Backspace", "delete", "Remove what is selected"
    ),
    ActionSpec("select_all", "Select &All", "canvas.editing.select_all", "Ctrl+A"),
    ActionSpec(
        "connect",
        "&Connect from Here",
        "canvas.editing.connect_by_keys",
        "C",
        "connect",
        "Choose a port with the arrows, then Enter",
    ),
    ActionSpec("rename", "&Rename", "rename_node", "F2", "", "Change the name of the selected node"),
    ActionSpec(
        "search", "&Find a Module", "search_modules", "Ctrl+F", "search", "Type what you are looking for"
    ),
    ActionSpec("zoom_in", "Zoom &In", "zoom_in", "Ctrl++ Ctrl+=", "zoom-in"),
    ActionSpec("zoom_out", "Zoom &Out", "zoom_out", "Ctrl+-", "zoom-out"),
    ActionSpec("zoom_reset", "&Actual Size", "zoom_reset", "Ctrl+0"),
    ActionSpec("frame_all", "&Whole Graph", "canvas.frame", "Home", "home"),
    ActionSpec("frame_selection", "&Selection", "canvas.frame_selection", "F", "frame"),
    ActionSpec(
        "arrange",
        "A&rrange",
        "canvas.editing.arrange",
        "Ctrl+L",
        "arrange",
        "Lay the graph out from left to right",
    ),
    ActionSpec(
        "train", "&Train", "engine.run.toggle", "Ctrl+T", "train", "Train the network, pause, or go on"
    ),
    ActionSpec(
        "train_stop",
        "&Stop",
        "engine.run.stop",
        "Ctrl+Shift+T",
        "stop",
        "End the run; what it has reached stays",
    ),
    ActionSpec(
        "rewind", "Re&wind the Weights", "engine.run.rewind", "", "", "Back to the first weights of the seed"
    ),
    ActionSpec(
        "run_reset",
        "&Reset",
        "engine.stepper.reset",
        "Shift+F5",
        "reset",
        "Back to the first statement and the project's weights",
    ),
    ActionSpec(
        "run_step_back",
        "Step &Back",
        "engine.stepper.step_back",
        "Shift+F10",
        "step-back",
        "Undo one statement",
    ),
    ActionSpec("run_step", "Ste&p", "engine.stepper.step", "F10", "step", "Run the next statement"),
    ActionSpec(
        "run_play", "P&lay", "engine.stepper.toggle_play", "F5", "play", "Run one statement after the other"
    ),
    ActionSpec(
        "run_forward", "&Forward", "engine.stepper.forward", "F7", "", "Run to the end of the forward pass"
    ),
    ActionSpec(
        "run_backward",
        "&Backward",
        "engine.stepper.backward",
        "F8",
        "",
        "Run to the end of the backward pass",
    ),
    ActionSpec(
        "run_update", "&Update", "engine.stepper.update", "F9", "", "Let the optimizer change the weights"
    ),
    ActionSpec("about", "&About nnstudio", "show_about", "", "info"),
)

# Single keys must not fire while somebody types into a field: they belong to the canvas alone.
ON_CANVAS = ("delete", "select_all", "connect", "frame_all", "frame_selection")

MENUS: dict[str, tuple[str, ...]] = {
    "&File": (
        "new",
        "open",
        "@recent",
        "@examples",
        "recover",
        SEPARATOR,
        "save",
        "save_as",
        "export",
        SEPARATOR,
        "quit",
    ),
    "&Edit": (
        "undo",
        "redo",
        SEPARATOR,
        "delete",
        "rename",
        "select_all",
        SEPARATOR,
        "connect",
        "search",
        "arrange",
    ),
    "&View": (
        "zoom_in",
        "zoom_out",
        "zoom_reset",
        SEPARATOR,
        "frame_all",
        "frame_selection",
        SEPARATOR,
        "@appearance",
    ),
    "&Run": (
        "train",
        "train_stop",
        "rewind",
        SEPARATOR,
        "run_step",
        "run_step_back",
        "run_play",
        "run_reset",
        SEPARATOR,
        "run_forward",
        "run_backward",
        "run_update",
    ),
    "&Help": ("about",),
}


def make_actions(window: MainWindow) -> dict[str, QAction]:
    """A QAction for every entry, connected to the window."""
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = QAction(spec.text, window)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcut.split()])
        action.setStatusTip(spec.tip)
        action.setToolTip(spec.tip or spec.text.replace("&", "").rstrip("…"))
        # Looked up when it fires, so that no bound method keeps the window alive.
        action.triggered.connect(lambda _checked=False, slot=attrgetter(spec.slot): slot(window)())
        made[spec.id] = action
    dress_actions(made)
    return made


def dress_actions(actions: dict[str, QAction]) -> None:
    """Icons in the colours in force."""
    for spec in ACTIONS:
        if spec.icon:
            actions[spec.id].setIcon(theme.icon(spec.icon))
