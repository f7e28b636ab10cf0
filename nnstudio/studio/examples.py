"""The example projects that come with the studio."""

from __future__ import annotations

from pathlib import Path

from nnstudio.errors import Error
from nnstudio.resources_path import example


def example_files() -> dict[str, Path]:
    """Title and path of every example, sorted; none where the installation has none."""
    try:
        folder = example()
    except Error:
        return {}
    return {path.name.partition(".")[0].replace("_", " "): path for path in sorted(folder.glob("*.nns*"))}
