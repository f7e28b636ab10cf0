"""What must be in the environment before NumPy and Qt load: one BLAS thread, no screen, no user file."""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

# The tests that open a real window run with QT_QPA_PLATFORM=xcb.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Recent files, autosaves and settings go to a folder that dies with the test run, child processes included.
_home = tempfile.TemporaryDirectory(prefix="nnstudio-tests-", ignore_cleanup_errors=True)
for name in ("CONFIG", "DATA", "STATE", "CACHE"):
    folder = Path(_home.name, name.lower())
    folder.mkdir()
    os.environ[f"XDG_{name}_HOME"] = str(folder)

settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
