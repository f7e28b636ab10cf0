"""Exported scripts, run in a process of their own where nnstudio cannot be imported."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nnstudio.errors import LessonError

if TYPE_CHECKING:
    from nnstudio.project import Project

NEEDS = {"numpy": "numpy", "pytorch": "torch"}
SECONDS = 300
_LOSS = re.compile(r"^epoch \d+: loss ([-+.\deE]+|nan|inf)", re.MULTILINE)
_WITHIN = re.compile(r"equal to what nnstudio computed, within ([-+.\deE]+)")


@dataclass(frozen=True)
class ScriptRun:
    """What a script has said and left behind.

    equal_within  to what its outputs agree with the studio's; infinite where they do not
    losses        of the epochs that it trained
    weights       that it ended with, by the studio's names
    """

    lines: int
    equal_within: float | None = None
    losses: tuple[float, ...] = ()
    weights: dict[str, npt.NDArray[Any]] = field(default_factory=dict[str, npt.NDArray[Any]])

    def value(self, what: str) -> Any:
        """ "lines", "equal_within", "losses", or a weight such as "fc1.weight". Raises LessonError."""
        if what == "lines":
            return self.lines
        if what == "equal_within" and self.equal_within is not None:
            return self.equal_within
        if what == "losses" and self.losses:
            return np.asarray(self.losses)
        for name in (what, what.replace(".", "_")):
            if name in self.weights:
                return self.weights[name]
        raise LessonError(
            f"the script has not told {what}; there are lines, equal_within, losses and weights."
        )


def installed(package: str) -> bool:
    """Whether a Python package can be imported here; it is not imported to find out."""
    return find_spec(package) is not None


def export_script(project: Project, format: str, folder: Path) -> ScriptRun:
    """Write the script as model_FORMAT.py in a folder."""
    from nnstudio.exchange import export

    script = export(project, format, folder / f"model_{format}.py")[0]
    return ScriptRun(lines=len(script.read_text(encoding="utf-8").splitlines()))


def run_script(folder: Path, format: str, epochs: int, before: ScriptRun) -> ScriptRun:
    """Let the script check itself, or train for `epochs`. Raises LessonError where it fails."""
    script = folder / f"model_{format}.py"
    if not installed(NEEDS[format]):
        return before
    words = ["train", "--epochs", str(epochs)] if epochs else ["--check"]
    try:
        done = subprocess.run(
            [sys.executable, "-I", script.name, *words],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LessonError(f"the {format} script was not done after {SECONDS} seconds.") from None
    except OSError as error:
        raise LessonError(f"the {format} script cannot be run: {error.strerror}.") from None
    if epochs:
        if done.returncode:
            raise LessonError(f"the {format} script failed: {_last_line(done.stderr)}.")
        losses = tuple(float(each) for each in _LOSS.findall(done.stdout))
        return ScriptRun(before.lines, before.equal_within, losses, _weights(folder, format))
    found = _WITHIN.search(done.stdout)
    if not found and not done.stdout.strip():
        raise LessonError(f"the {format} script failed: {_last_line(done.stderr)}.")
    return ScriptRun(before.lines, float(found[1]) if found else float("inf"), before.losses, before.weights)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:300].rstrip(".") if lines else "it said nothing"


def _weights(folder: Path, format: str) -> dict[str, npt.NDArray[Any]]:
    if format == "numpy":
        with np.load(folder / "model_numpy_trained.npz", allow_pickle=False) as file:
            return {name.removeprefix("weights."): file[name] for name in file if name.startswith("weights.")}
    from safetensors import numpy as safetensors

    return safetensors.load((folder / "model_pytorch_trained.safetensors").read_bytes())
