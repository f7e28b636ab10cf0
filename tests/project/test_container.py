import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnstudio.errors import ProjectError
from nnstudio.project.container import Container, pack


def opened(data: bytes) -> Container:
    return Container(io.BytesIO(data), "p.nns")


def refusal(data: bytes) -> str:
    with pytest.raises(ProjectError) as caught:
        container = opened(data)
        for name in container.sizes:
            container.read(name)
    return str(caught.value)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def test_members_come_back_in_order_and_the_bytes_are_the_same_each_time():
    members = {"mimetype": b"application/x", "graph.json": b"{}" * 500, "notes/a.txt": b""}
    data = pack(members, stored=frozenset({"mimetype"}))
    assert data == pack(members, stored=frozenset({"mimetype"}))
    container = opened(data)
    assert {name: container.read(name) for name in container.sizes} == members
    assert data[30:38] == b"mimetype" and data[38:51] == b"application/x"
    assert container.start_of("graph.json", 4) == b"{}{}"


def test_very_regular_text_is_no_bomb():
    data = pack({"graph.json": b"0," * 10**6}, stored=frozenset())
    assert opened(data).read("graph.json") == b"0," * 10**6


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = zipped(("graph.json", b"\0" * 10**6), method=zipfile.ZIP_DEFLATED)
    assert "would unpack from" in refusal(data) and "more than 200 times as much" in refusal(data)


def test_a_member_larger_than_its_limit_is_refused():
    with pytest.raises(ProjectError, match=r"graph.json is 1,000 bytes, more than the 999 that are read"):
        opened(zipped(("graph.json", b"x" * 1000))).read("graph.json", limit=999)


def test_too_many_members_are_refused():
    assert "257 members, more than 256" in refusal(zipped(*((str(n), b"") for n in range(257))))
    with pytest.raises(ProjectError, match="at most 256 members"):
        pack({str(n): b"" for n in range(257)}, stored=frozenset())


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "C:\\a", "..\\a", "a\0b"])
def test_names_that_point_outside_are_refused(name: str):
    data = zipped(("x" * len(name), b"1")).replace(b"x" * len(name), name.encode())
    assert "points outside the file" in refusal(data)


def test_two_members_of_one_name_are_refused():
    data = zipped(("a.json", b"1"), ("b.json", b"2")).replace(b"b.json", b"a.json")
    assert 'two members are called "a.json"' in refusal(data)


def test_members_that_overlap_are_refused():
    data = bytearray(zipped(("a", b"1" * 50), ("b", b"1" * 50)))
    second = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, second + 42, 0)  # b's bytes are a's
    assert "overlaps another" in refusal(bytes(data))


def test_a_member_that_runs_into_the_table_of_contents_is_refused():
    data = bytearray(zipped(("a", b"1" * 50)))
    entry = data.rfind(b"PK\x01\x02")
    struct.pack_into("<LL", data, entry + 20, 60, 60)
    assert "overlaps the table of contents" in refusal(bytes(data))


def test_a_false_size_is_refused():
    data = bytearray(zipped(("a", b"1" * 50), method=zipfile.ZIP_STORED))
    entry = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, entry + 24, 51)
    assert "its two sizes differ" in refusal(bytes(data))


def test_encrypted_and_strangely_packed_members_are_refused():
    data = bytearray(zipped(("a", b"1")))
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 8] |= 1
    assert '"a" is encrypted' in refusal(bytes(data))
    assert "packed in a way that is not read" in refusal(zipped(("a", b"1" * 99), method=zipfile.ZIP_BZIP2))


def test_a_changed_byte_is_noticed():
    data = zipped(("a", b"hello world"))
    assert "damaged" in refusal(data.replace(b"hello", b"jello"))


WHOLE = pack({"mimetype": b"m", "graph.json": b'{"a": [1, 2, 3]}' * 20}, stored=frozenset({"mimetype"}))


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_a_file_cut_short_is_refused(length: int):
    why = f"it is cut off after {length} bytes" if length else "it is empty"
    assert refusal(WHOLE[:length]) == f"p.nns is damaged or not a project: {why}."


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes_are_read_or_refused_in_one_sentence(changes: list[tuple[int, int]]):
    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place] = byte
    try:
        container = opened(bytes(data))
        for name in container.sizes:
            container.read(name)
    except ProjectError as error:
        assert str(error).startswith("p.nns") and "\n" not in str(error)


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path):
    assert refusal(b"hello") == "p.nns is damaged or not a project: it does not begin as a zip file does."
