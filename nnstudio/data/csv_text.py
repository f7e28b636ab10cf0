"""The bytes of a table as text: its encoding, and whole lines, a little at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from nnstudio.data.limits import MAX_FILE_BYTES
from nnstudio.errors import DataError

ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1")
_BLOCK_BYTES = 1 << 18  # numpy's reader lets nobody else run while it reads a block
_LINE_BYTES = 1 << 26
_LOOKED_AT = 1 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


def encoding_of(path: Path) -> str:
    """What the first megabyte is written in: UTF-16 by its mark, UTF-8 where it is, else Windows' own."""
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}.") from None
    if start.startswith(_UTF_16):
        return "utf-16"
    for name in ("utf-8", "cp1252"):
        try:
            codecs.getincrementaldecoder(name)().decode(start, final=len(start) < _LOOKED_AT)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def text_blocks(
    file: BinaryIO, name: str, encoding: str, forgiving: bool = False
) -> Iterator[tuple[str, int, int]]:
    """Whole lines of the file, some of them at a time: (text, number of its first line, bytes read so far).

    Line ends become "\\n".  DataError names the byte and the line of what is not text; a `forgiving` reader
    gets U+FFFD there instead.
    """
    source: _Bytes = file
    if encoding == "utf-16":
        source, encoding = _Transcoded(file, name), "utf-8"
    rest, offset, line = b"", 0, 1
    while True:
        read = source.read(_BLOCK_BYTES)
        block = rest + read
        cut = _last_line_end(block) if read else len(block)
        if read and not cut:
            if len(block) > _LINE_BYTES:
                raise DataError(f"{name}, line {line:,} is longer than {_LINE_BYTES:,} bytes; is it a table?")
            rest = block
            continue
        if cut:
            text = _decoded(block[:cut], name, encoding, offset, line, forgiving)
            yield text, line, file.tell() - (len(block) - cut)  # a last line without its end is still to come
            line += text.count("\n")
        offset += cut
        rest = block[cut:]
        if offset > MAX_FILE_BYTES:
            raise DataError(f"{name} has more than {MAX_FILE_BYTES:,} bytes; take a part of it.")
        if not read:
            return


class _Transcoded:
    """UTF-16 read as UTF-8, so that a line ends at one byte."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def read(self, size: int) -> bytes:
        while True:
            read = self._file.read(size)
            try:
                text = self._decoder.decode(read, final=not read)
            except UnicodeDecodeError as error:
                raise DataError(f"{self._name} is not UTF-16 text ({error.reason}).") from None
            if text or not read:
                return text.encode("utf-8", "replace")


def _last_line_end(block: bytes) -> int:
    cut = block.rfind(b"\n") + 1
    return cut or block.rfind(b"\r", 0, -1) + 1  # a last \r may be half of \r\n


def _decoded(block: bytes, name: str, encoding: str, offset: int, line: int, forgiving: bool) -> str:
    if offset == 0:
        if block.startswith(_UTF_16):
            raise DataError(f"{name} is UTF-16 text; choose encoding: utf-16, or save it as UTF-8.")
        if block.startswith(b"PK\x03\x04"):
            raise DataError(f"{name} is a zip file or a spreadsheet, not a CSV file; save it as CSV.")
        if block.startswith(b"\xef\xbb\xbf"):
            block = block[3:]
            offset = 3
    zero = block.find(b"\0")
    if zero >= 0:
        line += block.count(b"\n", 0, zero)
        raise DataError(f"{name}, line {line:,}: byte {offset + zero:,} is zero; this is not text.")
    try:
        text = block.decode(encoding, "replace" if forgiving else "strict")
    except UnicodeDecodeError as error:
        where = line + block.count(b"\n", 0, error.start)
        others = "cp1252 or latin-1" if encoding == "utf-8" else "latin-1"
        raise DataError(
            f"{name}, line {where:,}: byte {offset + error.start:,} (0x{block[error.start]:02X}) is not "
            f"{encoding.upper()} text; save the file as UTF-8, or choose encoding: {others}."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
