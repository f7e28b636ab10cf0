import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nnstudio.errors import ProjectError
from nnstudio.project.atomic import write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_takes_the_umask_of_its_user(tmp_path: Path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new.nns", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "new.nns").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "new.nns").stat().st_mode) == 0o640
    assert names(tmp_path) == ["new.nns"]


def test_permissions_of_an_existing_file_stay(tmp_path: Path):
    path = tmp_path / "kept.nns"
    path.write_bytes(b"old")
    path.chmod(0o604)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path: Path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "real.nns"
    target.write_bytes(b"old")
    link = tmp_path / "link.nns"
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path / "there") == ["real.nns"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str):
    path = tmp_path / "kept.nns"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(ProjectError, match=r"kept\.nns could not be written: no space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["kept.nns"]


def test_a_real_full_disk_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "kept.nns"
    path.write_bytes(b"old" * 1000)
    code = """if True:
        import resource, sys
        from nnstudio.errors import ProjectError
        from nnstudio.project.atomic import write_atomically
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            write_atomically(sys.argv[1], b"x" * 100_000)
        except ProjectError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert "could not be written: file too large" in done.stdout
    assert path.read_bytes() == b"old" * 1000
    assert names(tmp_path) == ["kept.nns"]


def test_an_interruption_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "new.nns", b"new")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_synced_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sync = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    write_atomically(tmp_path / "new.nns", b"new")
    assert (tmp_path / "new.nns").read_bytes() == b"new"


def test_what_cannot_be_replaced_is_said(tmp_path: Path):
    with pytest.raises(ProjectError, match="it is a folder"):
        write_atomically(tmp_path, b"new")
    with pytest.raises(ProjectError, match="no such file or directory"):
        write_atomically(tmp_path / "missing" / "new.nns", b"new")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ProjectError, match="it is not an ordinary file"):
        write_atomically(pipe, b"new")
    with pytest.raises(ProjectError, match="could not be written"):
        write_atomically("zero\0byte.nns", b"new")


def test_a_write_protected_file_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "kept.nns"
    path.write_bytes(b"old")
    path.chmod(0o444)
    # Root may write everything, so the question is answered here as it is for everybody else.
    monkeypatch.setattr(os, "access", lambda path, mode: bool(os.stat(path).st_mode & 0o222))
    with pytest.raises(ProjectError, match="it is write-protected"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
