"""Groups that the user keeps in the palette: each a file of JSON text in the user's data folder.

A file holds one group as it would be copied to the clipboard (project/parts.py). Its name is the group's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QFile, QObject, Signal

from nnstudio.errors import Error, ProjectError
from nnstudio.graph import GROUP, Level
from nnstudio.graph.naming import check_text
from nnstudio.modules.catalogue import definitions
from nnstudio.project import Part, from_text, part_to_text
from nnstudio.project.atomic import write_atomically
from nnstudio.project.strict_json import SIZE
from nnstudio.studio.formats import count

SUFFIX = ".json"
CATEGORY = "Kept groups"
MOST = 500
_NOT_IN_FILES = '/\\:*?"<>|'
_MOST_TYPES = 5


def default_folder() -> Path:
    """Where they are kept."""
    from platformdirs import user_data_path

    return user_data_path("nnstudio", appauthor=False) / "groups"


@dataclass(frozen=True, eq=False)
class KeptGroup:
    """One of them, with what a search can find it by."""

    name: str
    part: Part  # one node, the group

    category = CATEGORY
    aliases = ("group", "template")
    role = "group"

    @property
    def inside(self) -> Level:
        (node,) = self.part.level.nodes.values()
        return node.inside or Level()

    @property
    def _modules(self) -> list[str]:
        return [node.type for node in self.inside.nodes.values() if node.type not in ("Input", "Output")]

    @property
    def formula(self) -> str:
        """Of which modules it is made: "Linear · Tanh"."""
        types = list(dict.fromkeys(self._modules))
        return " · ".join(types[:_MOST_TYPES]) + (" …" if len(types) > _MOST_TYPES else "")

    @property
    def summary(self) -> str:
        weights = ", with its weights" if self.part.weights else ""
        return f"A group you have kept: {count(len(self._modules), 'module')}{weights}."


class KeptGroups(QObject):
    """Those in the folder, by name in the order of the alphabet; `refresh` looks there again."""

    changed = Signal()
    failed = Signal(str)  # a file cannot be used, in a sentence; each is told of once

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = default_folder() if folder is None else folder
        self._groups: dict[str, KeptGroup] = {}
        self._read: dict[Path, tuple[tuple[int, int], KeptGroup | None]] = {}

    def groups(self) -> Mapping[str, KeptGroup]:
        return self._groups

    def refresh(self) -> None:
        """Read the files that are new or have changed."""
        former = self._read
        self._read = {}
        for path in self._files():
            try:
                found = path.stat()
            except OSError:
                continue  # gone in between
            stamp = (found.st_mtime_ns, found.st_size)
            known = former.get(path)
            self._read[path] = known if known and known[0] == stamp else (stamp, self._load(path, stamp[1]))
        kept = {group.name: group for _, group in self._read.values() if group is not None}
        groups = dict(sorted(kept.items(), key=lambda each: each[0].casefold()))
        if groups != self._groups:
            self._groups = groups
            self.changed.emit()

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self.folder.glob(f"*{SUFFIX}") if path.is_file())[:MOST]
        except OSError:
            return []

    def _load(self, path: Path, size: int) -> KeptGroup | None:
        name = path.name.removesuffix(SUFFIX)
        where = f"The kept group {name}"
        try:
            check_kept_name(name)
            if size > SIZE:
                raise ProjectError(f"{where} is larger than the {SIZE:,} bytes that are read.")
            try:
                text = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                raise ProjectError(f"{where} cannot be read: {path.name} is damaged or locked.") from None
            return KeptGroup(name, _named(from_text(text, where), name, where))
        except Error as error:
            self.failed.emit(str(error))
            return None

    # -- changing what is there; each raises Error, in a sentence, where it cannot be done

    def keep(self, part: Part, name: str, with_weights: bool = False) -> None:
        """Write a part of one group under a name; what was kept under it is replaced."""
        check_kept_name(name)
        where = f"The group {name}"
        part = _named(part, name, where)
        text = part_to_text(part if with_weights else Part(part.level), where)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror
            raise ProjectError(
                f"The folder {self.folder} for kept groups cannot be made: {reason}."
            ) from None
        write_atomically(self._file(name), text.encode())
        self.refresh()

    def rename(self, name: str, wanted: str) -> None:
        """Keep a group under another name, which must be free."""
        if wanted == name:
            return
        group = self._groups[name]
        if wanted in self._groups:
            raise ProjectError(f"There is already a kept group called {wanted}: choose another name.")
        self.keep(group.part, wanted, with_weights=True)
        # Names that differ in capitals only may be one file.
        if not self._file(wanted).samefile(self._file(name)):
            self._file(name).unlink(missing_ok=True)
        self.refresh()

    def remove(self, name: str) -> None:
        """Take one out of the palette; its file goes to the desktop's trash, where there is one."""
        path = self._file(name)
        if not QFile.moveToTrash(str(path)):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise ProjectError(f"The kept group {name} cannot be removed: {error.strerror}.") from None
        self.refresh()

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"


def check_kept_name(name: str) -> None:
    """Raises GraphError or ProjectError for what cannot be the name of a kept group."""
    check_text(name, "The name of a kept group")
    wrong = next((letter for letter in name if letter in _NOT_IN_FILES), None)
    if wrong is not None:
        raise ProjectError(
            f"The name of a kept group must be one of a file too, so it cannot hold the sign {wrong} there."
        )
    if name != name.strip():
        raise ProjectError("The name of a kept group must not begin or end with a blank.")
    if name in definitions():
        raise ProjectError(f"{name} is the name of a module: give the kept group another one.")


def _named(part: Part, name: str, where: str) -> Part:
    """The part with its one group under this name, its weights too."""
    nodes = list(part.level.nodes.values())
    if len(nodes) != 1 or nodes[0].type != GROUP or nodes[0].inside is None:
        raise ProjectError(f"{where} is not one group: it holds {count(len(nodes), 'node')}.")
    level = Level({nodes[0].id: replace(nodes[0], name=name)})
    weights = {f"{name}.{key.partition('.')[2]}": array for key, array in part.weights.items()}
    return Part(level, weights)
