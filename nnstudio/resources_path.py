"""Where the files that ship with nnstudio lie: data, icons, themes, lessons, examples' pictures.

A wheel carries them inside the package (nnstudio/resources); a source checkout and an editable install have them
beside it (resources/).
"""

from pathlib import Path

from nnstudio.errors import Error


def resource(*parts: str) -> Path:
    """The path of one shipped file or folder, such as resource("data", "digits.npz").

    Raises Error when it is in neither place, which means a broken installation.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "resources", package.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise Error(
        f"The file resources/{'/'.join(parts)} that belongs to nnstudio is missing; install nnstudio again."
    )
