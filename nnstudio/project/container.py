"""The zip around a project: read with suspicion, written the same to the byte every time."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import IO

from nnstudio.errors import ProjectError
from nnstudio.project.strict_json import printable
from nnstudio.zip_members import ENTRIES, RATIO, Refused, check_members, require_zip

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL = 1  # the numbers of a history hardly shrink further, and take four times as long at level 6
# What zipfile raises about a damaged file; RuntimeError and NotImplementedError are about ways of packing.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)


class Container:
    """An opened zip whose table of contents has been found sound; members are read one by one.

    `where` names the file in sentences.  Everything that is wrong raises ProjectError: not a zip, cut short,
    members that overlap, share a name, lie outside (`..`, absolute), unpack to more than 200 times their
    size, or are more than 256.
    """

    def __init__(self, file: IO[bytes], where: str) -> None:
        self._where = where
        try:
            require_zip(file)
            self._zip = zipfile.ZipFile(file)
            check_members(self._zip, file, printable)
        except Refused as error:
            raise ProjectError(f"{where} is refused: {error}.") from None
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            struct.error,
            OSError,
            ValueError,
            OverflowError,
        ) as error:
            raise self._damaged(error) from None
        self.sizes = {entry.filename: entry.file_size for entry in self._zip.infolist()}

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        """The whole member, its checksum compared; ProjectError where it is larger than `limit` bytes."""
        if limit is not None and self.sizes[name] > limit:
            size = self.sizes[name]
            raise ProjectError(
                f"{self._where}: {name} is {size:,} bytes, more than the {limit:,} that are read."
            )
        try:
            data = self._zip.read(name)
        except _UNREADABLE as error:
            raise self._damaged(error) from None
        if len(data) != self.sizes[name]:
            raise self._damaged(f"{name} is cut short")
        return data

    def start_of(self, name: str, length: int) -> bytes:
        """The first `length` bytes of a member, without unpacking the rest."""
        try:
            with self._zip.open(name) as member:
                return member.read(length)
        except _UNREADABLE as error:
            raise self._damaged(error) from None

    def _damaged(self, reason: object) -> ProjectError:
        text = printable(str(reason))[1:-1].rstrip(".") or "it ends too early"
        return ProjectError(f"{self._where} is damaged or not a project: {text}.")


def pack(members: Mapping[str, bytes], *, stored: frozenset[str]) -> bytes:
    """A zip of `members` in their order, those in `stored` not compressed: equal members, equal bytes."""
    if len(members) > ENTRIES:
        raise ProjectError(
            f"A project file holds at most {ENTRIES} members, and this one would hold {len(members):,}."
        )
    # Half the ratio at which reading calls a member a bomb: very regular text is stored as it is.
    packed = _zip_of(members, stored)
    regular = {entry.filename for entry in packed.infos if entry.file_size > RATIO // 2 * entry.compress_size}
    return (_zip_of(members, stored | regular) if regular else packed).data


@dataclass(frozen=True)
class _Packed:
    data: bytes
    infos: list[zipfile.ZipInfo]


def _zip_of(members: Mapping[str, bytes], stored: Collection[str]) -> _Packed:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            if name not in stored:
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=_LEVEL)
    return _Packed(buffer.getvalue(), archive.infolist())
