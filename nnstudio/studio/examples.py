"""The example projects that come with the studio."""

from __future__ import annotations

from pathlib import Path

from nnstudio.errors import Error
from nnstudio.resources_path import example

_SPELT = {"mnist5k": "MNIST 5k", "xor": "XOR"}


def title_of(path: Path) -> str:
    """ "Chain rule" for chain_rule.nns.json."""
    name = path.name.partition(".")[0]
    return _SPELT.get(name, name.replace("_", " ").capitalize())


def example_files() -> dict[str, Path]:
    """Title and path of every example, sorted; none where the installation has none."""
    try:
        folder = example()
    except Error:
        return {}
    return {title_of(path): path for path in sorted(folder.glob("*.nns*"))}
