import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nnstudio.errors import ProjectError
from nnstudio.project.lock import ProjectInUse, ProjectLock
from nnstudio.project.process import Process, this_process

OTHER_STUDIO = """
import sys, time
from nnstudio.project.lock import ProjectLock
lock = ProjectLock.acquire(sys.argv[1])
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.nns"


def hidden(path: Path) -> list[str]:
    return [found.name for found in path.parent.iterdir() if found.name.startswith(".")]


def test_a_lock_is_there_until_it_is_released(path: Path):
    with ProjectLock.acquire(path) as lock:
        assert lock.held
        assert hidden(path) == [".mine.nns.lock"]
    assert hidden(path) == []
    ProjectLock.acquire(path).release()


def test_the_same_project_cannot_be_locked_twice(path: Path):
    with ProjectLock.acquire(path), pytest.raises(ProjectInUse) as caught:
        ProjectLock.acquire(path)
    assert caught.value.owner == this_process()
    assert str(caught.value).endswith(
        f"(process {os.getpid()} on {this_process().host}): close it there, or work on a copy."
    )


def test_another_studio_is_named_and_when_it_was_killed_its_lock_is_taken_over(path: Path):
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_STUDIO, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None and other.stdout.readline() == "locked\n"
        with pytest.raises(ProjectInUse) as caught:
            ProjectLock.acquire(path)
        assert caught.value.owner is not None and caught.value.owner.pid == other.pid
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        with ProjectLock.acquire(path) as lock:
            assert lock.held
        assert hidden(path) == []
    finally:
        other.kill()
        other.communicate()


def test_a_lock_can_be_taken_by_force_and_is_then_not_the_first_ones_to_release(path: Path):
    first = ProjectLock.acquire(path)
    second = ProjectLock.acquire(path, force=True)
    first.release()
    with pytest.raises(ProjectInUse):
        ProjectLock.acquire(path)
    second.release()
    assert hidden(path) == []


def test_a_link_and_its_target_share_a_lock(path: Path):
    link = path.with_name("link.nns")
    link.symlink_to(path)
    with ProjectLock.acquire(link), pytest.raises(ProjectInUse):
        ProjectLock.acquire(path)


def test_a_lock_of_another_machine_is_respected(path: Path):
    with ProjectLock.acquire(path):
        lock = path.with_name(".mine.nns.lock")
        lock.write_text(lock.read_text().replace(this_process().host, "elsewhere"))
        with pytest.raises(ProjectInUse, match="on elsewhere"):
            ProjectLock.acquire(path)
    lock.unlink()


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '{"pid": "x"}', '{"host": "h", "pid": -1, "started": ""}']
)
def test_a_lock_without_a_word_in_it_goes_stale_by_its_age(path: Path, content: str):
    lock = path.with_name(".mine.nns.lock")
    lock.write_text(content)
    with pytest.raises(ProjectInUse, match=r"another process"):
        ProjectLock.acquire(path)
    os.utime(lock, (time.time() - 60, time.time() - 60))
    with ProjectLock.acquire(path) as mine:
        assert mine.held


def test_where_nothing_can_be_written_nothing_is_locked(tmp_path: Path):
    assert not ProjectLock.acquire(tmp_path / "missing" / "mine.nns").held


def test_a_process_number_that_was_given_again_is_another_process():
    mine = this_process()
    assert not mine.is_gone()
    assert Process(mine.host, mine.pid, "1").is_gone()
    assert not Process("elsewhere", mine.pid, "1").is_gone()


def test_in_use_is_a_project_error():
    assert issubclass(ProjectInUse, ProjectError)
