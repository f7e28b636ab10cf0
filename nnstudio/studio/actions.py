"""The window's actions as data: name, shortcut, icon, place in the menus, and what each calls."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from nnstudio.studio import theme
from nnstudio.studio.action_spec import ActionSpec
from nnstudio.studio.stepping.actions import STEPPING_ACTIONS
from nnstudio.studio.teaching.actions import TEACHING_ACTIONS
from nnstudio.studio.training.actions import TRAINING_ACTIONS

if TYPE_CHECKING:
    from nnstudio.studio.main_window import MainWindow

ACTIONS = (
    ActionSpec("new", "&New", "files.new", "Ctrl+N", "new", "Start with an empty graph"),
    ActionSpec(
        "new_window", "New &Window", "windows.open", "Ctrl+Shift+N", "", "One more window, on an empty graph"
    ),
    ActionSpec("open", "&Open…", "files.open", "Ctrl+O", "open", "Open a project file"),
    ActionSpec(
        "open_in_window",
        "Open in New Win&dow…",
        "files.open_in_window",
        "Ctrl+Shift+O",
        "",
        "Open a project file in a window of its own",
    ),
    ActionSpec(
        "start_page", "Start &Page", "start_page.open", "Alt+Home", "", "Templates, examples and recent files"
    ),
    ActionSpec("save", "&Save", "files.save", "Ctrl+S", "save", "Write the project to its file"),
    ActionSpec(
        "save_as", "Save &As…", "files.save_as", "Ctrl+Shift+S", "", "Write the project to another file"
    ),
    ActionSpec(
        "export",
        "&Export…",
        "files.export",
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
    ActionSpec(
        "save_picture",
        "Save as Pict&ure…",
        "pictures.save",
        "Ctrl+Shift+E",
        "",
        "The graph as a drawing: SVG or PNG",
        "the graph is empty",
    ),
    ActionSpec("close", "&Close Window", "close", "Ctrl+W"),
    ActionSpec("quit", "&Quit", "windows.quit", "Ctrl+Q", "", "Close all windows"),
    ActionSpec("undo", "&Undo", "undo", "Ctrl+Z", "undo", "", "nothing has been done yet"),
    ActionSpec("redo", "&Redo", "redo", "Ctrl+Shift+Z Ctrl+Y", "redo", "", "nothing has been undone"),
    ActionSpec(
        "history", "&History", "show_history", "Ctrl+H", "", "Every change by name, to go back or forward to"
    ),
    ActionSpec(
        "delete",
        "&Delete",
        "canvas.editing.delete",
        "Del Backspace",
        "delete",
        "Remove what is selected",
        "nothing is selected",
    ),
    ActionSpec(
        "cut",
        "Cu&t",
        "clipboard.cut",
        "Ctrl+X",
        "",
        "Copy what is selected, with its weights, and remove it",
        "nothing is selected",
    ),
    ActionSpec(
        "copy",
        "&Copy",
        "clipboard.copy",
        "Ctrl+C",
        "",
        "Copy what is selected, with its weights, as text",
        "nothing is selected",
    ),
    ActionSpec("paste", "&Paste", "clipboard.paste", "Ctrl+V", "", "Put what was copied under the pointer"),
    ActionSpec(
        "duplicate",
        "D&uplicate",
        "clipboard.duplicate",
        "Ctrl+D",
        "",
        "A second one of what is selected, weights included",
        "nothing is selected",
    ),
    ActionSpec(
        "group",
        "&Group",
        "canvas.grouping.fold",
        "Ctrl+G",
        "",
        "Fold what is selected into one node with the ports it needs",
        "nothing is selected",
    ),
    ActionSpec(
        "ungroup",
        "U&ngroup",
        "canvas.grouping.unfold",
        "Ctrl+Shift+G",
        "",
        "Put what is in the group back in its place",
        "no group is selected",
    ),
    ActionSpec(
        "keep_group",
        "&Keep in the Palette…",
        "keeping.ask",
        "",
        "",
        "Add the group to the palette, to be used in any project",
        "one group must be selected",
    ),
    ActionSpec(
        "enter",
        "&Open the Group",
        "canvas.editing.enter",
        "Ctrl+Down",
        "",
        "Show what is inside; Enter and a double-click do the same",
        "no group is selected",
    ),
    ActionSpec(
        "leave",
        "&Leave the Group",
        "canvas.editing.leave",
        "Ctrl+Up",
        "",
        "Show what is around the group; Esc does the same",
        "the whole graph is shown",
    ),
    ActionSpec(
        "copy_picture",
        "Copy as &Picture",
        "pictures.copy",
        "Ctrl+Shift+C",
        "",
        "What is selected, or all of it, as a picture for another program",
        "the graph is empty",
    ),
    ActionSpec("select_all", "Select &All", "canvas.editing.select_all", "Ctrl+A"),
    ActionSpec(
        "select_upstream",
        "Select &Upstream",
        "canvas.editing.select_upstream",
        "Ctrl+[",
        "",
        "Select everything that feeds what is selected, too",
        "no node is selected",
    ),
    ActionSpec(
        "select_downstream",
        "Select D&ownstream",
        "canvas.editing.select_downstream",
        "Ctrl+]",
        "",
        "Select everything that what is selected feeds, too",
        "no node is selected",
    ),
    ActionSpec(
        "bypass",
        "&Bypass",
        "canvas.editing.bypass",
        "Ctrl+B",
        "",
        "Let the selected nodes pass their first input on, or use them again",
        "no node is selected that passes an input on",
    ),
    ActionSpec(
        "add_frame",
        "Co&mment Frame",
        "canvas.editing.frames.add",
        "Ctrl+J",
        "",
        "Frame the selection: a titled box that carries what lies in it",
    ),
    ActionSpec(
        "straighten",
        "Strai&ghten Edges",
        "canvas.editing.straighten",
        "Ctrl+Shift+L",
        "",
        "Take the bends of the selected edges away",
        "no edge with bends is selected",
    ),
    *(
        ActionSpec(
            f"align_{line}",
            f"Align {title}",
            f"canvas.editing.align.{line}",
            tip=f"Put the selected nodes in line at {where}",
            needs="two nodes or more must be selected",
        )
        for line, title, where in (
            ("left", "&Left", "their left edges"),
            ("centre", "&Centre", "their centres, one below the other"),
            ("right", "&Right", "their right edges"),
            ("top", "&Top", "their top edges"),
            ("middle", "&Middle", "their middles, side by side"),
            ("bottom", "&Bottom", "their bottom edges"),
        )
    ),
    ActionSpec(
        "distribute_across",
        "Distribute &Horizontally",
        "canvas.editing.align.across",
        tip="The same gap between the selected nodes, from left to right",
        needs="three nodes or more must be selected",
    ),
    ActionSpec(
        "distribute_down",
        "Distribute &Vertically",
        "canvas.editing.align.down",
        tip="The same gap between the selected nodes, from top to bottom",
        needs="three nodes or more must be selected",
    ),
    ActionSpec(
        "add",
        "&Add a Module…",
        "canvas.editing.search",
        "Shift+A",
        "",
        "Search for a module and put it at the pointer; Tab and Space do the same",
    ),
    ActionSpec(
        "connect",
        "&Connect from Here",
        "canvas.editing.connect_by_keys",
        "C",
        "connect",
        "Choose a port with the arrows, then Enter",
        "one node must be selected",
    ),
    ActionSpec(
        "connect_to",
        "Connect &to Here",
        "canvas.editing.connect_to_by_keys",
        "Shift+C",
        "",
        "Choose what feeds an input, with the arrows, then Enter",
        "one node must be selected",
    ),
    ActionSpec(
        "walk_edges",
        "Go to Its Ed&ges",
        "canvas.edge_walk.next",
        "E",
        "",
        "Select the edges of the node one by one; arrows go on and to the ends, Enter tells of one",
        "no node is selected",
    ),
    ActionSpec(
        "explain",
        "E&xplain",
        "engine.show_explained",
        "Ctrl+K",
        "",
        "Where the numbers of what is selected come from: formula, chain rule, Jacobian, curvature",
    ),
    ActionSpec("next_pane", "Next Pa&nel", "panes.next", "F6", "", "Go round the parts of the window"),
    ActionSpec("previous_pane", "Previous Pane&l", "panes.previous", "Shift+F6"),
    ActionSpec(
        "rename",
        "&Rename",
        "rename_node",
        "F2",
        "",
        "Change the name of the selected node",
        "one node must be selected",
    ),
    ActionSpec("find", "&Find…", "find_bar.open", "Ctrl+F", "search", "Find nodes by name, type or shape"),
    ActionSpec(
        "search", "Find a &Module", "search_modules", "Ctrl+Shift+F", "", "Search the palette of modules"
    ),
    ActionSpec(
        "next_problem", "&Next Problem", "walk_problems", "F8", "problem", "Show what is wrong, one by one"
    ),
    ActionSpec("previous_problem", "Previous Pro&blem", "walk_problems_back", "Shift+F8"),
    ActionSpec(
        "commands",
        "A&ll Commands…",
        "commands.open",
        "Ctrl+Shift+P",
        "",
        "Find a command by its name, and its shortcut",
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
    *TRAINING_ACTIONS,
    *STEPPING_ACTIONS,
    ActionSpec(
        "tensors",
        "&Tensors",
        "engine.show_tensors",
        "Ctrl+I",
        "",
        "The arrays of what is selected: as heat maps, tables and histograms",
    ),
    ActionSpec(
        "what_if",
        "What &If…",
        "engine.what_if",
        "Ctrl+U",
        "",
        "Sweep a parameter, an input, a constant or a number among the settings, and see what follows",
    ),
    *TEACHING_ACTIONS,
    ActionSpec("about", "&About nnstudio", "show_about", "", "info"),
)

# Single keys must not fire while somebody types into a field: they belong to the canvas alone.
ON_CANVAS = (
    "cut",
    "copy",
    "paste",
    "duplicate",
    "group",
    "ungroup",
    "enter",
    "leave",
    "delete",
    "select_all",
    "add",
    "connect",
    "connect_to",
    "walk_edges",
    "frame_all",
    "frame_selection",
)


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
