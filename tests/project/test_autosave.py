import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnstudio.errors import ProjectError
from nnstudio.project import Project, load, save
from nnstudio.project.autosave import Autosave, autosave_folder, recoveries, recovery_for
from nnstudio.project.files import to_bytes

CRASHING_STUDIO = """
import os, sys
from pathlib import Path
from nnstudio.project import Project, load
from nnstudio.project.autosave import Autosave
project = load(sys.argv[1]) if sys.argv[1] else Project()
project.graph.add("ReLU", name="unsaved")
Autosave(Path(sys.argv[2])).write(project)
os._exit(9)
"""


def crash(path: str | Path, folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASHING_STUDIO, str(path), str(folder)])
    assert done.returncode == 9


def test_what_a_crashed_studio_had_not_saved_is_found_again(tmp_path: Path, saved: Path):
    folder = tmp_path / "autosaves"
    crash(saved, folder)
    found = recovery_for(saved, folder)
    assert found is not None and found.path == saved
    assert abs(found.saved_at - time.time()) < 600
    project = found.load()
    assert project.path == saved
    assert project.graph.node("unsaved").type == "ReLU"
    assert project.extra_members == {}
    assert "unsaved" not in {node.name for node in load(saved).graph.nodes.values()}
    found.discard()
    assert recoveries(folder) == []


def test_a_project_that_was_never_saved_is_found_too(tmp_path: Path):
    crash("", tmp_path)
    (found,) = recoveries(tmp_path)
    assert found.path is None and found.file.name.startswith("untitled-")
    assert found.load().graph.node("unsaved").type == "ReLU"


def test_the_copy_of_a_studio_that_still_runs_is_not_offered(tmp_path: Path, project: Project):
    autosave = Autosave(tmp_path)
    file = autosave.write(project)
    assert file.exists() and recoveries(tmp_path) == []
    assert autosave.write(project) == file
    autosave.discard()
    assert not file.exists()
    autosave.discard()


def test_a_copy_older_than_the_project_is_not_offered(tmp_path: Path, saved: Path):
    folder = tmp_path / "autosaves"
    crash(saved, folder)
    later = time.time() + 60
    os.utime(saved, (later, later))
    assert recoveries(folder) == []


def test_the_newest_copy_comes_first_and_damaged_ones_are_passed_over(tmp_path: Path, saved: Path):
    folder = tmp_path / "autosaves"
    crash(saved, folder)
    crash(saved, folder)
    (folder / "broken.nns").write_bytes(b"PK broken")
    save(load(saved), folder / "plain.nns")
    found = recoveries(folder)
    assert len(found) == 2 and found[0].saved_at > found[1].saved_at
    assert recovery_for(saved, folder) == found[0]


def test_an_autosave_leaves_the_project_as_it_is(tmp_path: Path, saved: Path, make: Callable[[], Project]):
    project = load(saved)
    before = to_bytes(project, "p.nns")
    Autosave(tmp_path / "autosaves").write(project)
    assert project.path == saved and to_bytes(project, "p.nns") == before


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, project: Project):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match=r"The folder .* for autosaves cannot be made"):
        Autosave(tmp_path / "file" / "below").write(project)


def test_the_copies_lie_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert autosave_folder() == tmp_path / "nnstudio" / "autosave"
    assert recoveries() == []
