import os
from pathlib import Path

import pytest

from nnstudio.data import DataSettings, load, options_of, read_inputs, source_of
from nnstudio.data import files as files_module
from nnstudio.data.synthetic_sets import SyntheticSet
from nnstudio.errors import DataError


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("csv:", "no data set 'csv:'"),
        ("npz:", "no data set 'npz:'"),
        ("xls:a.xls", "no data set 'xls:a.xls'"),
        ("iris.csv", "did you mean 'csv:iris.csv'"),
        ("csv:nothing.csv", "no file 'nothing.csv'"),
        ("csv:.", "is a folder"),
        ("csv:a\0b", "cannot be read"),
        ("csv:" + "a" * 4000, "cannot be read"),
    ],
)
def test_a_source_that_is_not_there(tmp_path, source, said):
    with pytest.raises(DataError, match=said) as caught:
        load(source, tmp_path)
    assert len(str(caught.value)) < 300 and str(tmp_path) not in str(caught.value)


def test_a_device_is_not_read():
    with pytest.raises(DataError, match="not a file of data but a device"):
        load("csv:/dev/zero")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="a device or a pipe"):
        load("csv:pipe.csv", tmp_path)


def test_a_huge_file_is_not_opened(tmp_path):
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(3 << 30)  # sparse: takes no room
    with pytest.raises(DataError, match="3,221,225,472 bytes, more than 2,147,483,648"):
        load("csv:a.csv", tmp_path)


def test_a_relative_path_starts_at_the_project(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.csv").write_text("1,2\n3,4\n")
    assert load("csv:deep/a.csv", tmp_path).samples == 2
    assert load(f"csv:{tmp_path / 'deep' / 'a.csv'}", "/nowhere").samples == 2


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("1,2\n")
    (tmp_path / "a.npy").write_text("x")

    def refuse(self, mode="r"):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"a.csv cannot be read: Permission denied\."):
        load("csv:a.csv", tmp_path)
    with pytest.raises(DataError, match="Permission denied"):
        load("npy:a.npy", tmp_path)


@pytest.mark.parametrize(
    ("path", "source"),
    [("a/b.csv", "csv:a/b.csv"), ("b.TSV", "csv:b.TSV"), ("c.npz", "npz:c.npz"), ("d.npy", "npy:d.npy")],
)
def test_the_source_that_stands_for_a_file(path, source):
    assert source_of(path) == source
    assert [option.name for option in options_of(source)] == (
        ["delimiter", "header", "missing", "decimal", "bad_rows", "encoding"]
        if source.startswith("csv")
        else []
    )


def test_an_unknown_ending(tmp_path):
    with pytest.raises(DataError, match=r"'a\.xlsx', which does not end in \.csv"):
        read_inputs(tmp_path / "a.xlsx")


def test_options_of_a_file_are_checked(tmp_path):
    with pytest.raises(DataError, match="no option 'samples'"):
        load(DataSettings("npz:a.npz", options={"samples": 3}), tmp_path)


def test_what_does_not_fit_into_memory(monkeypatch):
    def full(self, options):
        raise MemoryError

    monkeypatch.setattr(SyntheticSet, "draw", full)
    with pytest.raises(DataError, match="'moons' does not fit into this machine's memory"):
        load("moons")


def test_the_limit_is_on_the_size_on_disk(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("1,2\n3,4\n")
    monkeypatch.setattr(files_module, "MAX_FILE_BYTES", 7)
    with pytest.raises(DataError, match="has 8 bytes, more than 7"):
        load("csv:a.csv", tmp_path)
