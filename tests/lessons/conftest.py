"""A lesson made of a few lines, over a project that ships."""

from pathlib import Path

import pytest

from nnstudio.lessons import read

HEADER = "lesson: A test\nproject: chain_rule.nns.json\ndtype: float64\n\n"


@pytest.fixture
def lesson(tmp_path):
    """lesson("# One\\nText.\\ncheck: …") writes the file and reads it."""

    def make(steps, header=HEADER, name="made.lesson"):
        path = Path(tmp_path, name)
        path.write_text(header + steps, encoding="utf-8")
        return read(path)

    return make


@pytest.fixture
def no_torch(monkeypatch):
    """As where PyTorch is not installed: importing it takes many seconds."""
    from nnstudio.lessons import scripts

    installed = scripts.installed
    monkeypatch.setattr(scripts, "installed", lambda package: package != "torch" and installed(package))
