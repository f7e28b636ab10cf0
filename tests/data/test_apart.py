"""Reading in a process of its own: the same as reading here, can be stopped, tells what goes wrong."""

import os
import signal
import subprocess

import numpy as np
import pytest

from nnstudio.data import DataSettings
from nnstudio.data.apart import apart, load_and_split, takes_long
from nnstudio.data.files import Cancelled, NotThere
from nnstudio.errors import DataError


def go_on(_done, _total):
    return True


@pytest.fixture
def started(monkeypatch):
    """The processes that have been started."""
    found = []

    class Noted(subprocess.Popen):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    return found


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{n / 7},{'' if n % 9 == 4 else n * n},{'ab'[n % 2]}" for n in range(60)]
    path.write_text("\n".join(["u,v,kind", *rows]))
    return path


def same(one, other):
    """Whether all of two dataclasses is the same, arrays bit for bit and of one dtype."""
    for name in one.__dataclass_fields__:
        a, b = getattr(one, name), getattr(other, name)
        if hasattr(a, "__dataclass_fields__"):
            same(a, b)
        elif isinstance(a, np.ndarray):
            assert a.dtype == b.dtype and np.array_equal(a, b), name
        else:
            assert a == b, name


def test_the_parts_are_the_same_and_nothing_stays(table, started):
    settings = DataSettings(f"csv:{table}", scaling="standardise", options={"missing": "mean"})
    seen = []

    def progress(done, total):
        seen.append((done, total))
        return True

    found = apart(load_and_split, settings, None, "float32", name="t.csv", progress=progress)
    same(found, load_and_split(settings, None, "float32"))
    assert found.train.y is found.train.raw_y and found.train.x.flags.c_contiguous
    assert (table.stat().st_size, table.stat().st_size) in seen
    assert [each.returncode is None for each in started] == [False]


def test_errors_come_over_whole(table, tmp_path):
    with pytest.raises(NotThere) as told:
        apart(load_and_split, DataSettings("csv:no.csv"), tmp_path, name="no.csv", progress=go_on)
    assert told.value.path == tmp_path / "no.csv" and "no file 'no.csv'" in str(told.value)


def test_it_ends_when_it_is_told_to(table, started):
    settings = DataSettings(f"csv:{table}", options={"missing": "mean"})
    with pytest.raises(Cancelled, match=r"^Reading t\.csv was stopped\.$"):
        apart(load_and_split, settings, name="t.csv", progress=lambda *_: False)
    assert [each.returncode is None for each in started] == [False]


def test_a_process_that_dies_is_told(table, monkeypatch):
    class Killed(subprocess.Popen):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            os.kill(self.pid, signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", Killed)
    with pytest.raises(DataError, match="process that read the data ended with code"):
        apart(load_and_split, DataSettings(f"csv:{table}"), name="t.csv", progress=go_on)


def test_where_no_process_can_be_started_it_is_read_here(table, monkeypatch):
    def none(*_given, **_more):
        raise OSError("none to be had")

    monkeypatch.setattr(subprocess, "Popen", none)
    settings = DataSettings(f"csv:{table}", options={"missing": "drop"})
    assert apart(load_and_split, settings, name="t.csv", progress=go_on).dataset.samples == 53


def test_only_what_is_large_is_worth_a_process(tmp_path):
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text("1,2\n")
    with large.open("wb") as file:
        file.truncate(1 << 23)
    assert takes_long(f"csv:{large}") and takes_long("csv:large.csv", tmp_path)
    assert not takes_long(f"csv:{small}") and not takes_long("csv:none.csv") and not takes_long("digits")
