"""What the studio remembers between sessions: window, recent files, appearance."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from nnstudio.studio.colours import THEMES

MOST_RECENT = 8
MOST_VIEWS = 64
MOST_LESSONS = 256

View = tuple[float, float, float, str]


def default_path() -> Path:
    """studio.ini in the user's configuration folder; $NNSTUDIO_PREFERENCES names another file."""
    import platformdirs

    named = os.environ.get("NNSTUDIO_PREFERENCES")
    return Path(named) if named else Path(platformdirs.user_config_dir("nnstudio")) / "studio.ini"


class Preferences:
    """A QSettings file with types."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._store = QSettings(str(path or default_path()), QSettings.Format.IniFormat)

    @property
    def appearance(self) -> str:
        """ "system", "dark", "light" or "contrast"."""
        value = str(self._store.value("appearance", "system"))
        return value if value in ("system", *THEMES) else "system"

    @appearance.setter
    def appearance(self, value: str) -> None:
        self._store.setValue("appearance", value)

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing on the canvas should move by itself."""
        return str(self._store.value("reduced_motion", "")) == "yes"

    @reduced_motion.setter
    def reduced_motion(self, value: bool) -> None:
        self._store.setValue("reduced_motion", "yes" if value else "no")

    @property
    def recent(self) -> list[Path]:
        """The files opened last, the latest first; those that are gone are left out."""
        value = self._store.value("recent", [])
        names = value if isinstance(value, list) else [value]
        return [Path(name) for name in names if isinstance(name, str) and name and Path(name).is_file()]

    def remember_file(self, path: Path) -> None:
        path = path.resolve()
        others = [str(other) for other in self.recent if other != path]
        self._store.setValue("recent", [str(path), *others][:MOST_RECENT])

    def uses(self) -> dict[str, int]:
        """How often each module was added, by name."""
        store, found = self._store, {}
        store.beginGroup("uses")
        for name in store.childKeys():
            times = str(store.value(name))
            found[name] = int(times) if times.isascii() and times.isdecimal() and len(times) < 9 else 0
        store.endGroup()
        return found

    def count_use(self, module: str) -> None:
        """A module was added once more."""
        self._store.setValue(f"uses/{module}", self.uses().get(module, 0) + 1)

    def layout(self, name: str) -> QByteArray | None:
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def keep_layout(self, name: str, state: QByteArray) -> None:
        self._store.setValue(f"layout/{name}", state)

    @property
    def command_uses(self) -> dict[str, int]:
        """How often each command was chosen in the command palette, by its id."""
        found = self._object("commands")
        return {name: times for name, times in found.items() if isinstance(times, int)}

    def count_command(self, name: str) -> None:
        uses = self.command_uses
        uses[name] = uses.get(name, 0) + 1
        self._store.setValue("commands", json.dumps(uses))

    def view(self, path: Path) -> View | None:
        """Where a project was looked at last: zoom, the middle's x and y, and the group one was in."""
        kept = self._object("views").get(str(path.resolve()))
        if not isinstance(kept, list) or len(kept) != 4:
            return None
        scale, x, y, place = kept
        sound = all(isinstance(each, int | float) and math.isfinite(each) for each in (scale, x, y))
        return (scale, x, y, place) if sound and scale > 0 and isinstance(place, str) else None

    def keep_view(self, path: Path, view: View) -> None:
        views = self._object("views")
        views.pop(str(path.resolve()), None)
        views[str(path.resolve())] = list(view)
        latest = list(views.items())[-MOST_VIEWS:]
        self._store.setValue("views", json.dumps(dict(latest)))

    def breakpoints(self, path: Path) -> list[Any]:
        """What was kept of the breakpoints of a project."""
        kept = self._object("breakpoints").get(str(path.resolve()))
        return kept if isinstance(kept, list) else []

    def keep_breakpoints(self, path: Path, breakpoints: list[dict[str, Any]]) -> None:
        """As objects of texts and yes or no."""
        kept = self._object("breakpoints")
        former = kept.pop(str(path.resolve()), [])
        if breakpoints:
            kept[str(path.resolve())] = breakpoints
        if breakpoints != former:
            self._store.setValue("breakpoints", json.dumps(dict(list(kept.items())[-MOST_VIEWS:])))

    def lesson_progress(self, digest: str) -> dict[str, int]:
        """How far one is in a lesson: the "step" one is at, "of" how many, "done" 1 once it was ended."""
        kept = self._object("lessons").get(digest)
        found = {"step": 0, "of": 0, "done": 0}
        if isinstance(kept, dict):
            found |= {
                name: value
                for name, value in kept.items()
                if name in found and isinstance(value, int) and not isinstance(value, bool) and value >= 0
            }
        return found

    def keep_lesson_progress(self, digest: str, *, step: int, of: int, done: bool) -> None:
        """By the digest of the lesson's text: in another text the steps are others."""
        kept = self._object("lessons")
        kept.pop(digest, None)
        kept[digest] = {"step": step, "of": of, "done": int(done)}
        self._store.setValue("lessons", json.dumps(dict(list(kept.items())[-MOST_LESSONS:])))

    def _object(self, name: str) -> dict[str, Any]:
        """A JSON object; an empty one where somebody has written something else."""
        try:
            value = json.loads(str(self._store.value(name, "{}")))
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def sync(self) -> None:
        self._store.sync()
