"""Works out what an explanation prints, by itself: from the text, with Python and NumPy alone."""

from __future__ import annotations

import re

import numpy as np

from nnstudio.modules.numeric import normal_cdf

KNOWN = {
    name: getattr(np, name)
    for name in ("exp", "log", "log1p", "expm1", "tanh", "sqrt", "sign", "minimum", "maximum")
} | {"max": np.maximum, "min": np.minimum, "abs": np.abs, "Φ": normal_cdf}


def worked_out(text: str) -> float:
    """The value of "0.25 · (−1.5) + … (3 terms more, together 2)"."""
    plain = re.sub(r"… \([\d,]+ terms? more, together ([^)]*)\)", r"(\1)", text)
    plain = plain.replace("·", "*").replace("−", "-").replace("^", "**").replace("∞", "np.inf")
    plain = re.sub(r"\[([^\]]*)\]", r"float(\1)", plain).replace("NaN", "np.nan")
    with np.errstate(all="ignore"):
        return float(eval(plain, {"np": np, "float": float, **KNOWN}))


def sides(text: str) -> tuple[str, str]:
    """The two sides of a printed equation; of a number alone, the number twice."""
    left, _, right = text.rpartition(" = ")
    return left or right, right


def comes_out(text: str, stored: float) -> bool:
    """Whether the printed left side equals the printed result, and that the stored value, to its digits."""
    if "≈" in text:
        return False
    left, right = sides(text)
    result = worked_out(right)
    if not np.isfinite(stored):
        return str(result) == str(float(stored)) == str(worked_out(left))
    digits = len(re.sub(r"e.*|[^0-9]", "", right).lstrip("0"))
    if result == 0:
        return abs(stored) < 1e-5 and abs(worked_out(left)) < 1e-3
    # A number such as 0.5 may stand for 0.5000: the digits it shows must be right, however many.
    unit = 10.0 ** (np.floor(np.log10(abs(result))) + 1 - max(digits, 1))
    return all(abs(each - result) <= 0.5001 * unit for each in (worked_out(left), stored))
