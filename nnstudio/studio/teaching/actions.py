"""The actions of lessons and of presenting, as data."""

from __future__ import annotations

from nnstudio.studio.action_spec import ActionSpec

NO_LESSON = "no lesson is open"
IN_A_LESSON = "no lesson is open, or its step is not done yet"

TEACHING_ACTIONS = (
    ActionSpec("lessons", "&Lessons", "teaching.toggle_panel", "F1", "", "Guided tours, one step at a time"),
    ActionSpec(
        "lesson_file",
        "&Open a Lesson File…",
        "teaching.open_file",
        "",
        "",
        "A lesson that somebody has written: a file that ends in .lesson",
    ),
    ActionSpec(
        "lesson_next", "&Next Step", "teaching.next", "Alt+Right", "", "Go on in the lesson", IN_A_LESSON
    ),
    ActionSpec(
        "lesson_back",
        "Step &Before",
        "teaching.back",
        "Alt+Left",
        "",
        "Look at the lesson's step before; nothing is undone",
        IN_A_LESSON,
    ),
    ActionSpec(
        "lesson_show",
        "&Show Me",
        "teaching.show_me",
        "Alt+Return",
        "",
        "Let nnstudio do what the lesson's step asks for",
        IN_A_LESSON,
    ),
    ActionSpec(
        "lesson_again", "Start the Lesson A&gain", "teaching.again", "", "", "From its first step", NO_LESSON
    ),
    ActionSpec(
        "lesson_leave",
        "Lea&ve the Lesson",
        "teaching.leave",
        "",
        "",
        "It goes on there another time",
        NO_LESSON,
    ),
    ActionSpec(
        "present",
        "P&resent",
        "presenting.toggle",
        "F11",
        "",
        "The canvas, the transport and the formula in large type, and nothing else; Esc leaves",
    ),
)
