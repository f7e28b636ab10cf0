"""The rules of the house that no type checker knows: import time, floors, names, colours."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "nnstudio").rglob("*.py"))

# The glossary's "not" column, and names that say nothing.
FORBIDDEN_WORDS = {
    "Manager", "Helper", "Helpers", "Util", "Utils", "Handler", "Handlers", "Base",
    "Worker", "Wire", "Socket", "Scheme", "Op",
}  # fmt: skip
HEAVY = {
    "PySide6", "pyqtgraph", "rich", "safetensors", "multiprocessing", "cupy", "torch", "onnx", "scipy", "PIL",
}  # fmt: skip
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def words(name: str) -> list[str]:
    """CamelCase and snake_case to words with capitals: LinearBase -> Linear, Base."""
    return [word.capitalize() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def trees(paths: list[Path]) -> Iterator[tuple[Path, ast.Module]]:
    for path in paths:
        yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def child(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_nnstudio_is_quick():
    """DESIGN: under 0.3 s. The best of several fresh processes, so that a busy machine does not decide."""
    code = "import time; start = time.perf_counter(); import nnstudio; print(time.perf_counter() - start)"
    best = min(float(child(code)) for _ in range(7))
    assert best < 0.3


def test_importing_nnstudio_loads_nothing_heavy():
    loaded = child("import nnstudio, sys; print(*{name.partition('.')[0] for name in sys.modules})").split()
    assert "nnstudio" in loaded
    assert not HEAVY & set(loaded)


def test_every_floor_below_the_studio_imports_without_qt():
    code = """
import sys
sys.modules["PySide6"] = sys.modules["pyqtgraph"] = None        # importing either is an error from here on
import importlib, pkgutil, nnstudio
names = [m.name for m in pkgutil.walk_packages(nnstudio.__path__, "nnstudio.")
         if not m.name.startswith("nnstudio.studio") and not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
    assert int(child(code)) >= 1


def test_imports_only_go_down():
    """The contracts in pyproject.toml; the linter names the chain that breaks one."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(linter), "--no-cache"], capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_version_is_the_same_everywhere():
    import nnstudio

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == nnstudio.__version__
    assert f"## [{nnstudio.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_names_say_what_a_thing_is():
    assert SOURCES
    found: list[str] = []
    for path, tree in trees(SOURCES):
        where = path.relative_to(ROOT)
        found += [f"{where}: module {path.stem}" for word in words(path.stem) if word in FORBIDDEN_WORDS]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                said = FORBIDDEN_WORDS & set(words(node.name))
                found += [f"{where}:{node.lineno}: {node.name}" for _ in said]
    assert found == []


@pytest.mark.parametrize(
    "name",
    ["NodeManager", "GraphHelper", "io_utils", "BaseLayer", "LinearBase", "HTTPHandler", "TrainWorker"],
)
def test_a_name_that_says_nothing_is_found(name):
    assert FORBIDDEN_WORDS & set(words(name))


@pytest.mark.parametrize("name", ["Wired", "Based", "BatchNorm", "NumberOfOperations", "database", "CTable"])
def test_a_plain_name_is_not(name):
    assert not FORBIDDEN_WORDS & set(words(name))


COLOUR_FILE = ROOT / "nnstudio" / "studio" / "colours.py"


def colours_in(tree: ast.Module) -> list[int]:
    """Lines that spell a colour out: "#1b1f26", QColor(27, 31, 38), Qt.GlobalColor.red."""
    lines: list[int] = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if re.search(
                r"#(?:[0-9a-fA-F]{3}){1,2}(?:[0-9a-fA-F]{2})?\b", text
            ):
                lines.append(node.lineno)
            case ast.Call(func=ast.Name(id="QColor"), args=[ast.Constant(value=int()), *_]):
                lines.append(node.lineno)
            case ast.Attribute(value=ast.Attribute(attr="GlobalColor"), attr=name) if name != "transparent":
                lines.append(node.lineno)
    return lines


def test_colours_are_spelt_in_one_file():
    """Every other file of the studio asks the theme, so that dark and light both hold everywhere."""
    paths = [path for path in sorted((ROOT / "nnstudio" / "studio").rglob("*.py")) if path != COLOUR_FILE]
    found = [f"{path.relative_to(ROOT)}:{line}" for path, tree in trees(paths) for line in colours_in(tree)]
    assert found == []
    assert colours_in(ast.parse(COLOUR_FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "code", ['x = "#fff"', 'f"color: #1b1f26; {x}"', "QColor(1, 2, 3)", "Qt.GlobalColor.red"]
)
def test_a_colour_that_is_spelt_out_is_found(code):
    assert colours_in(ast.parse(code))


@pytest.mark.parametrize("code", ['"#tag"', "QColor(c.text)", "Qt.GlobalColor.transparent", '"# 12 things"'])
def test_what_is_no_colour_is_not(code):
    assert not colours_in(ast.parse(code))
