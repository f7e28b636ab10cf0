"""The members of a zip, distrusted: all that its table of contents says is looked at before one is read."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import IO

ENTRIES = 256
RATIO = 200
TOTAL = 4 * 2**30
"""The most that compressed members may unpack to, together; what is stored takes as much of the file."""

_FIRST_BYTES = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


class Refused(Exception):
    """What is wrong with the members, as the end of a sentence about the file."""


def require_zip(file: IO[bytes]) -> None:
    """Raises BadZipFile that says in words why there is no table of contents, where there is none."""
    if zipfile.is_zipfile(file):
        return
    file.seek(0)
    start = file.read(len(_FIRST_BYTES))
    size = file.seek(0, io.SEEK_END)
    if not size:
        raise zipfile.BadZipFile("it is empty")
    if _FIRST_BYTES.startswith(start):
        raise zipfile.BadZipFile(f"it is cut off after {size:,} bytes")
    raise zipfile.BadZipFile("it does not begin as a zip file does")


def check_members(
    archive: zipfile.ZipFile, file: IO[bytes], show: Callable[[str], str], *, free: int = 0
) -> None:
    """Raises Refused for members that overlap, share a name, lie outside (`..`, absolute) or are too many.

    Also for those that are encrypted, packed in an unusual way, or unpack to more than 200 times their size
    where that is more than `free` bytes. `show` writes a member's name. What zipfile or struct raise about a
    damaged file passes through. Source: PKWARE APPNOTE 6.3, 4.3.7 and 4.3.12.
    """
    entries = archive.infolist()
    _check_entries(entries, show, free)
    _check_places(entries, file, show, archive.start_dir)


def _check_entries(entries: list[zipfile.ZipInfo], show: Callable[[str], str], free: int) -> None:
    if len(entries) > ENTRIES:
        raise Refused(f"it holds {len(entries):,} members, more than {ENTRIES}")
    seen: set[str] = set()
    unpacked = 0
    for entry in entries:
        name = entry.filename
        shown = show(name)
        if name in seen:
            raise Refused(f"two members are called {shown}")
        seen.add(name)
        # orig_filename is what the file says, before zipfile cuts it at a zero byte or turns its slashes.
        parts = entry.orig_filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in entry.orig_filename:
            raise Refused(f"the member name {shown} points outside the file")
        if entry.flag_bits & 0x1:
            raise Refused(f"{shown} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(f"{shown} is packed in a way that is not read")
        if entry.compress_type == zipfile.ZIP_STORED and entry.file_size != entry.compress_size:
            raise Refused(f"{shown} is stored, yet its two sizes differ")
        if entry.file_size > max(RATIO * entry.compress_size, free):
            sizes = f"{entry.compress_size:,} bytes to {entry.file_size:,}"
            raise Refused(f"{shown} would unpack from {sizes}, more than {RATIO} times as much")
        if entry.compress_type == zipfile.ZIP_DEFLATED:
            unpacked += entry.file_size
    if unpacked > TOTAL:
        raise Refused(f"its members would unpack to {unpacked:,} bytes")


def _check_places(
    entries: list[zipfile.ZipInfo], file: IO[bytes], show: Callable[[str], str], directory: int
) -> None:
    end_before = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        file.seek(entry.header_offset)
        header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        start = entry.header_offset
        if header[0] != _FIRST_BYTES or start < end_before:
            raise Refused(f"the member {show(entry.filename)} overlaps another")
        end_before = start + _LOCAL_HEADER.size + header[9] + header[10] + entry.compress_size
    if end_before > directory:
        raise Refused("its last member overlaps the table of contents")
