import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nnstudio import resources_path
from nnstudio.errors import Error
from nnstudio.resources_path import resource


def test_a_shipped_file_is_found():
    assert resource("data", "digits.npz").is_file()
    assert resource("data").is_dir()


def test_a_missing_file_is_named():
    with pytest.raises(Error, match=r"resources/data/nothing\.npz"):
        resource("data", "nothing.npz")


@pytest.mark.parametrize("inside", [True, False])
def test_resources_lie_in_the_package_of_a_wheel_or_beside_it(tmp_path: Path, inside: bool):
    package = tmp_path / "nnstudio"
    package.mkdir()
    for name in ("errors.py", "resources_path.py"):
        shutil.copy(Path(resources_path.__file__).with_name(name), package)
    (package / "__init__.py").touch()
    folder = (package if inside else tmp_path) / "resources"
    folder.mkdir()
    (folder / "a.txt").touch()
    code = "from nnstudio.resources_path import resource; print(resource('a.txt'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()) == (folder / "a.txt").resolve(), done.stderr
