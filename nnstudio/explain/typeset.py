"""LaTeX as a picture, through ziamath: a formula becomes SVG outlines that need no font."""

from __future__ import annotations

import warnings
from functools import lru_cache
from types import ModuleType

from nnstudio.errors import ExplainError


@lru_cache(maxsize=256)
def svg(latex: str, size: float = 24.0, colour: str = "black") -> str:
    """The SVG text of a formula; `size` is that of a letter in pixels, `colour` any that SVG knows.

    Raises ExplainError where the formula cannot be typeset.
    """
    library = _ziamath()
    try:
        return str(library.Latex(latex, size=size, color=colour).svg())
    except Exception as problem:  # the library raises whatever it stumbles over
        raise ExplainError(f"This formula cannot be typeset: {latex} ({problem}).") from problem


@lru_cache(maxsize=1)
def _ziamath() -> ModuleType:
    with warnings.catch_warnings():  # it opens its font in a way that Python 3.11 and 3.12 advise against
        warnings.simplefilter("ignore", DeprecationWarning)
        import ziamath
        from ziamath.config import config
    config.svg2 = False  # Qt draws SVG 1.1: no symbols that are used by name
    return ziamath
