"""Where the files that ship with nnstudio lie: resources/ (data, icons, fonts, lessons) and examples/.

A wheel carries both folders inside the package; a source checkout and an editable install, beside it.
"""

from pathlib import Path

from nnstudio.errors import Error


def resource(*parts: str) -> Path:
    """The path of one shipped file or folder, such as resource("data", "digits.npz").

    Raises Error when it is in neither place, which means a broken installation.
    """
    return _shipped("resources", *parts)


def example(*parts: str) -> Path:
    """The path of a shipped example, such as example("digits.nns.json"); Error when it is missing."""
    return _shipped("examples", *parts)


def _shipped(*parts: str) -> Path:
    package = Path(__file__).resolve().parent
    for root in (package, package.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise Error(f"The file {'/'.join(parts)} that belongs to nnstudio is missing; install nnstudio again.")
