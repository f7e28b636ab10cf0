"""Numbers and shapes as the studio writes them."""

import math


def number(value: float) -> str:
    """Four significant digits with a true minus sign: 0.27, −0.1732, 1.2e−07, NaN, ∞."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100000 or size < 0.0001:
        text = f"{value:.2e}"
    else:
        places = max(0, min(4, 3 - math.floor(math.log10(size))))
        text = f"{value:.{places}f}"
        if "." in text and size >= 1:
            text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def count(value: int, noun: str) -> str:
    """1 parameter, 1,234 parameters."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"
