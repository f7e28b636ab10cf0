"""The zip around a project: read with suspicion, written the same to the byte every time."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO

from nnstudio.errors import ProjectError
from nnstudio.project.strict_json import printable

ENTRIES = 256
RATIO = 200
TOTAL = 4 * 2**30
"""The most that compressed members may unpack to, together; what is stored takes as much of the file."""

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_EPOCH = (1980, 1, 1, 0, 0, 0)
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
            self._zip = zipfile.ZipFile(file)
            entries = self._zip.infolist()
            self._check_entries(entries)
            self._check_places(file, entries)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            struct.error,
            OSError,
            ValueError,
            OverflowError,
        ) as error:
            raise self._damaged(error) from None
        self.sizes = {entry.filename: entry.file_size for entry in entries}

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

    def _refused(self, reason: str) -> ProjectError:
        return ProjectError(f"{self._where} is refused: {reason}.")

    def _check_entries(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > ENTRIES:
            raise self._refused(f"it holds {len(entries):,} members, more than {ENTRIES}")
        seen: set[str] = set()
        unpacked = 0
        for entry in entries:
            name = entry.filename
            shown = printable(name)
            if name in seen:
                raise self._refused(f"two members are called {shown}")
            seen.add(name)
            # orig_filename is what the file says, before zipfile cuts it at a zero byte or turns its slashes.
            parts = entry.orig_filename.replace("\\", "/").split("/")
            if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in entry.orig_filename:
                raise self._refused(f"the member name {shown} points outside the file")
            if entry.flag_bits & 0x1:
                raise self._refused(f"{shown} is encrypted")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._refused(f"{shown} is packed in a way that is not read")
            if entry.compress_type == zipfile.ZIP_STORED and entry.file_size != entry.compress_size:
                raise self._refused(f"{shown} is stored, yet its two sizes differ")
            if entry.file_size > RATIO * entry.compress_size:
                sizes = f"{entry.compress_size:,} bytes to {entry.file_size:,}"
                raise self._refused(f"{shown} would unpack from {sizes}, more than {RATIO} times as much")
            if entry.compress_type == zipfile.ZIP_DEFLATED:
                unpacked += entry.file_size
        if unpacked > TOTAL:
            raise self._refused(f"its members would unpack to {unpacked:,} bytes")

    def _check_places(self, file: IO[bytes], entries: list[zipfile.ZipInfo]) -> None:
        end_before = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            file.seek(entry.header_offset)
            header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
            start = entry.header_offset
            if header[0] != b"PK\x03\x04" or start < end_before:
                raise self._refused(f"the member {printable(entry.filename)} overlaps another")
            end_before = start + _LOCAL_HEADER.size + header[9] + header[10] + entry.compress_size
        if end_before > self._zip.start_dir:
            raise self._refused("its last member overlaps the table of contents")


def pack(members: Mapping[str, bytes], *, stored: frozenset[str]) -> bytes:
    """A zip of `members` in their order, those in `stored` not compressed: equal members, equal bytes."""
    if len(members) > ENTRIES:
        raise ProjectError(
            f"A project file holds at most {ENTRIES} members, and this one would hold {len(members):,}."
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            # Half the ratio at which reading calls a member a bomb: very regular text is stored as it is.
            if name not in stored and len(data) <= RATIO // 2 * len(zlib.compress(data, 6)):
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compresslevel=6)
    return buffer.getvalue()
