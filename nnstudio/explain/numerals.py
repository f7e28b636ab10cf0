"""How numbers are written: a few significant digits, a true minus sign, powers of ten."""

from __future__ import annotations

import math


def shown(value: float, digits: int) -> float:
    """The number that is written when `value` is written with so many significant digits."""
    return float(f"{value:.{digits}g}")


def plain_number(value: float, digits: int = 4) -> str:
    """ "0.25", "−1.5", "1.2e−8", "NaN", "∞"."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, mark, exponent = f"{value:.{digits}g}".partition("e")
    if not mark:
        return _signed(mantissa)
    if 0 <= int(exponent) <= 15 and len(f"{value:.0f}") <= 7:
        return _signed(f"{shown(value, digits):.0f}")
    return _signed(f"{mantissa}e{int(exponent)}")


def latex_number(value: float, digits: int = 4) -> str:
    """The same as LaTeX: "1.2 \\cdot 10^{-8}"."""
    if math.isnan(value):
        return r"\text{NaN}"
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    mantissa, mark, exponent = plain_number(value, digits).replace("−", "-").partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if mark else mantissa


def _signed(text: str) -> str:
    return ("0" if text in ("-0", "0") else text).replace("-", "−")
