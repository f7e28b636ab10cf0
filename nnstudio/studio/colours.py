"""Every colour of the studio, once for dark and once for light.

One meaning per accent, from the colour-blind-safe Okabe-Ito set: forward is blue, backward is vermillion,
update is green. Okabe-Ito's own tones reach 4.5:1 neither as text on white (vermillion, green) nor on a
dark card (blue), so each accent comes as a mark (lines, bars: at least 3:1), as text (at least 4.5:1) and
as a fill with the text that stands on it (at least 4.5:1). A test computes all of these.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PHASES = ("forward", "backward", "update", "zero_grad")


@dataclass(frozen=True)
class Accent:
    mark: str
    text: str
    fill: str
    on_fill: str


@dataclass(frozen=True)
class Colours:
    name: str
    window: str  # bars and side panels
    canvas: str
    dots: str
    card: str
    card_border: str
    inset: str  # sunk fields: search, formulas, plots, code
    raised: str  # buttons
    hover: str
    border: str
    text: str
    dim: str  # secondary text
    faint: str  # disabled text and idle marks: not meant to be read
    edge: str  # an edge at rest
    focus: str  # keyboard focus and selection
    selected: str  # a selected row
    forward: Accent
    backward: Accent
    update: Accent
    zero_grad: Accent
    error: Accent
    warning: Accent
    negative: str  # ends of the diverging map; zero is the card
    positive: str

    def phase(self, name: str) -> Accent:
        """The accent of "forward", "backward", "update" or "zero_grad"."""
        if name not in PHASES:
            raise ValueError(f"there is no phase {name!r}")
        return getattr(self, name)


DARK = Colours(
    name="dark",
    window="#1b1f26",
    canvas="#14171c",
    dots="#2a2f38",
    card="#232830",
    card_border="#343b46",
    inset="#12151a",
    raised="#2a303a",
    hover="#333a45",
    border="#2c323c",
    text="#e9ecf1",
    dim="#9aa4b2",
    faint="#5f6977",
    edge="#7d8896",
    focus="#56b4e9",
    selected="#263b4d",
    forward=Accent("#3d9ce0", "#56aeea", "#1b77bb", "#ffffff"),
    backward=Accent("#e8743b", "#f08a54", "#e8743b", "#1c0d04"),
    update=Accent("#2fb088", "#3dbd95", "#2fb088", "#04150f"),
    zero_grad=Accent("#9aa4b2", "#a8b1be", "#4a5361", "#ffffff"),
    error=Accent("#f0616d", "#ff8a93", "#d93a48", "#ffffff"),
    warning=Accent("#e5ae2d", "#ecbb4a", "#e5ae2d", "#1d1502"),
    negative="#d3568a",
    positive="#3d9ce0",
)

LIGHT = Colours(
    name="light",
    window="#ffffff",
    canvas="#f4f5f8",
    dots="#d9dde4",
    card="#ffffff",
    card_border="#d5dae2",
    inset="#f2f4f7",
    raised="#eef0f4",
    hover="#e2e6ec",
    border="#e1e5ea",
    text="#1a1e25",
    dim="#586273",
    faint="#99a2b0",
    edge="#7b8594",
    focus="#0072b2",
    selected="#dceaf5",
    forward=Accent("#0072b2", "#006ba8", "#0072b2", "#ffffff"),
    backward=Accent("#d55e00", "#a94a00", "#c05400", "#ffffff"),
    update=Accent("#009e73", "#006f50", "#008060", "#ffffff"),
    zero_grad=Accent("#7b8594", "#586273", "#5b6575", "#ffffff"),
    error=Accent("#cc2f3d", "#b8232f", "#c62f3d", "#ffffff"),
    warning=Accent("#a87400", "#835a00", "#e9b022", "#1d1502"),
    negative="#c2427a",
    positive="#0072b2",
)


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def mix(a: str, b: str, share: float) -> str:
    """`a` with `share` of `b` in it."""
    pairs = ((int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


_tables: dict[str, NDArray[np.uint8]] = {}


def diverging(values: NDArray[np.floating], limit: float, colours: Colours) -> NDArray[np.uint8]:
    """Values in [-limit, limit] as RGBA (…, 4): the one map of every heat-map, neutral at zero; NaN takes
    the error colour.
    """
    table = _tables.get(colours.name)
    if table is None:
        middle = mix(colours.card, colours.text, 0.06)
        rows = [
            mix(middle, colours.negative, -t) if t < 0 else mix(middle, colours.positive, t)
            for t in np.linspace(-1, 1, 255)
        ]
        rows.append(colours.error.mark)
        table = np.array(
            [[int(row[i : i + 2], 16) for i in (1, 3, 5)] + [255] for row in rows], dtype=np.uint8
        )
        _tables[colours.name] = table
    scaled = np.asarray(values, dtype=np.float64) / (limit if limit > 0 else 1.0)
    index = (
        np.rint(np.clip(np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=-1.0), -1, 1) * 127).astype(np.intp)
        + 127
    )
    return table[np.where(np.isnan(scaled), 255, index)]
