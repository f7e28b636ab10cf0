"""A look at files before they are taken: columns, what is missing, and each bad row with its line."""

import numpy as np
import pytest

from nnstudio.data import Cancelled, DataSettings, NotThere, load, look_at
from nnstudio.errors import DataError

MIXED = """height;width;kind;note
1.5;2;cat;a
;3;dog;b
oops;4;cat;c
5.5;6
7.5;8;dog;d
9.5;1e999;cat;e
10.5;;;f
"""


@pytest.fixture
def look(tmp_path):
    def at(content, whole=True, progress=None, name="a.csv", **options):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return look_at(f"csv:{name}", options, tmp_path, whole, progress)

    return at


def test_a_table_is_told_before_it_is_taken(look):
    found = look(MIXED)
    assert (found.delimiter, found.encoding, found.header, found.rows) == (";", "utf-8", True, 7)
    assert [column.name for column in found.columns] == ["height", "width", "kind", "note"]
    assert [column.kind for column in found.columns] == ["numbers", "whole numbers", "texts", "texts"]
    height, width, kind, _ = found.columns
    assert (height.missing, width.missing, kind.missing) == (1, 1, 1) and found.lacking == 2
    assert (height.bad, width.bad, kind.bad) == (1, 1, 0)
    assert (height.low, height.high) == (1.5, 10.5) and kind.distinct == 2
    assert kind.suits_classes and not height.suits_classes and width.suits_classes
    assert found.first[0] == ("1.5", "2", "cat", "a") and found.complete


def test_each_bad_row_has_its_line_and_reason(look):
    faults = look(MIXED).faults
    assert faults.count == 3
    assert [(fault.line, fault.column) for fault in faults.first] == [(4, 0), (5, None), (7, 1)]
    reasons = [fault.reason for fault in faults.first]
    assert reasons[0] == "'oops' is not a number"
    assert reasons[1] == "the row has 2 columns, but the first row has 4"
    assert reasons[2] == "'1e999' is not a finite number"


def test_what_is_told_is_what_reading_meets(look, tmp_path):
    look(MIXED)
    columns = {"input_columns": ("height", "width"), "target_columns": ("kind",)}
    for fault, options in ((4, {}), (5, {})):
        rest = {"missing": "drop", **options}
        lines = MIXED.splitlines()
        (tmp_path / "a.csv").write_text("\n".join([*lines[:3], *[""] * (fault - 4), *lines[fault - 1 :]]))
        with pytest.raises(DataError, match=f"line {fault}"):
            load(DataSettings("csv:a.csv", options=rest, **columns), tmp_path)
    look(MIXED)
    taken = load(
        DataSettings("csv:a.csv", options={"missing": "drop", "bad_rows": "drop"}, **columns), tmp_path
    )
    assert taken.x.tolist() == [[1.5, 2], [7.5, 8]] and taken.class_names == ("cat", "dog")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters(look, mark):
    name = "a.tsv" if mark == "\t" else "a.csv"
    found = look(f"a{mark}b\n1{mark}2\n3{mark}4\n", name=name)
    assert found.delimiter == ("tab" if mark == "\t" else mark) and len(found.columns) == 2
    assert found.rows == 2 and not found.faults.count


def test_a_delimiter_that_is_chosen_counts(look):
    assert len(look("a;b\n1;2\n", delimiter=",").columns) == 1


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("a,b\n1,café\n2,thé\n".encode(), "utf-8"),
        ("a,b\n1,café\n2,thé\n".encode("cp1252"), "cp1252"),
        ("a,b\n1,café\n2,thé\n".encode("utf-16"), "utf-16"),
        (b"a,b\n1,caf\xe9\n2,\x81\n", "latin-1"),
    ],
)
def test_the_encoding_is_found_and_reads_the_file(look, tmp_path, content, encoding):
    found = look(content)
    assert found.encoding == encoding and found.first[0] == ("1", "café")
    data = load(DataSettings("csv:a.csv", options={"encoding": encoding}), tmp_path)
    assert "café" in data.class_names and data.samples == 2


def test_bytes_that_are_no_text_are_a_bad_row_each(look):
    found = look(b"a,b\n1,yes\n2,caf\xe9\n3,no\n", encoding="utf-8")
    assert [(fault.line, fault.column) for fault in found.faults.first] == [(3, 1)]
    assert "no text in this encoding" in found.faults.first[0].reason and found.rows == 3


def test_only_the_beginning_of_a_large_file_is_looked_at_first(look):
    rows = "\n".join(f"{n},{n / 2:.3f},{n % 2}" for n in range(60_000))
    start, whole = look(rows, whole=False), look(rows)
    assert not start.complete and 1000 <= start.rows < 60_000
    assert whole.complete and whole.rows == 60_000
    assert whole.columns[0].high == 59_999 and whole.columns[2].distinct == 2


def test_looking_can_be_watched_and_stopped(look):
    rows = "\n".join(f"{n},{n / 2:.3f}" for n in range(60_000))
    seen = []
    look(rows, progress=lambda done, total: seen.append((done, total)) or True)
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] and len(seen) > 2
    with pytest.raises(Cancelled):
        look(rows, progress=lambda done, total: False)


def test_arrays_are_told_without_being_read(tmp_path):
    np.savez(tmp_path / "faces.npz", x=np.zeros((50, 8, 8), np.uint8), y=np.arange(50))
    found = look_at("npz:faces.npz", folder=tmp_path)
    assert [(each.name, each.shape, each.dtype) for each in found.arrays] == [
        ("x", (50, 8, 8), "uint8"),
        ("y", (50,), "int64"),
    ]
    np.save(tmp_path / "table.npy", np.zeros((9, 3)))
    assert look_at("npy:table.npy", folder=tmp_path).arrays[0].shape == (9, 3)
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(DataError, match=r"bad\.npz"):
        look_at("npz:bad.npz", folder=tmp_path)


def test_a_file_that_has_gone_is_told_from_a_bad_one(tmp_path):
    for source in ("csv:gone.csv", "npz:gone.npz", "images:gone"):
        with pytest.raises(NotThere) as caught:
            load(source, tmp_path)
        assert caught.value.path == tmp_path / source.partition(":")[2]
