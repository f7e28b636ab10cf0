"""Exported scripts run in fresh processes in which nnstudio cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RUNNER = """
import contextlib, importlib.util, io, json, sys
sys.modules["nnstudio"] = None  # importing it is an error from here on
found = []
for number, (path, arguments, repeated) in enumerate(json.loads(sys.stdin.read())):
    spec = importlib.util.spec_from_file_location(f"script_{number}", path)
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    out = io.StringIO()
    losses = []
    with contextlib.redirect_stdout(out):
        spec.loader.exec_module(script)
        step = getattr(script, "train_step", None)
        def recorded(*given):
            loss = step(*given)
            losses.append(loss)
            for _ in range(repeated):
                losses.append(step(*given))
            return loss
        if step is not None:
            script.train_step = recorded
        code = script.main(arguments)
    found.append({"code": code, "losses": losses, "out": out.getvalue()})
print(json.dumps(found))
"""


def run_scripts(scripts: Sequence[tuple[Path, list[str], int]]) -> list[dict[str, Any]]:
    """Run main() of each script with its arguments; its exit code, what it printed, the losses of its steps.

    Each batch is trained on as often again as the last number says.
    """
    given = json.dumps([[str(path), arguments, repeated] for path, arguments, repeated in scripts])
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", RUNNER], input=given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
