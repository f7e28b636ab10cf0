"""Every colour of the studio: once for dark, once for light, once in high contrast.

One meaning per accent, from the colour-blind-safe Okabe-Ito set: forward is blue, backward is vermillion,
update is green. Okabe-Ito's own tones reach 4.5:1 neither as text on white (vermillion, green) nor on a
dark card (blue), so each accent comes as a mark (lines, bars: at least 3:1), as text (at least 4.5:1) and
as a fill with the text that stands on it (at least 4.5:1). In high contrast all text reaches 7:1, borders
count as marks, and buttons have an outline. A test computes all of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SHADOW = "#000000"
PHASES = ("forward", "backward", "update", "zero_grad")


@dataclass(frozen=True)
class Accent:
    mark: str
    text: str
    fill: str
    on_fill: str


@dataclass(frozen=True)
class FrameTint:
    """A comment frame: what it is filled with, its outline, and its title on the fill."""

    fill: str
    border: str
    text: str


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
    outline: str  # of buttons; "transparent" where their surface tells them apart
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
    classes: tuple[str, ...]  # of samples, with a mark of another shape each; two are the map's ends

    frames: Mapping[str, FrameTint] = field(hash=False)  # by the names that a project's file may use

    def frame(self, name: str) -> FrameTint:
        """The tint of a comment frame; grey for a name of another version."""
        return self.frames.get(name, self.frames["grey"])

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
    outline="transparent",
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
    classes=("#d3568a", "#3d9ce0", "#2fb088", "#e5ae2d", "#ab8cf0", "#e8743b"),
    frames={
        "grey": FrameTint("#1b1f26", "#6b7584", "#b4bcc8"),
        "blue": FrameTint("#13222f", "#3f86bd", "#8cc4f0"),
        "orange": FrameTint("#2a1c14", "#b8663c", "#f2ab83"),
        "green": FrameTint("#12251f", "#2f8f70", "#72d1b0"),
        "purple": FrameTint("#241a2c", "#9264ad", "#d3a9ea"),
        "yellow": FrameTint("#272112", "#a3812c", "#e6c56c"),
    },
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
    outline="transparent",
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
    classes=("#c2427a", "#0072b2", "#008060", "#a87400", "#7a52b8", "#c05400"),
    frames={
        "grey": FrameTint("#e9ecf0", "#78818f", "#4a5464"),
        "blue": FrameTint("#e0edf7", "#4488b8", "#0b5788"),
        "orange": FrameTint("#fae9de", "#b9652f", "#8a3d00"),
        "green": FrameTint("#ddf1ea", "#38927a", "#045f46"),
        "purple": FrameTint("#f0e6f6", "#9b6cb8", "#6c3390"),
        "yellow": FrameTint("#f8f0d8", "#917420", "#6a4f00"),
    },
)

CONTRAST = Colours(
    name="contrast",
    window="#000000",
    canvas="#000000",
    dots="#4d4d4d",
    card="#0a0a0a",
    card_border="#ffffff",
    inset="#000000",
    raised="#1c1c1c",
    hover="#333333",
    border="#b3b3b3",
    outline="#b3b3b3",
    text="#ffffff",
    dim="#e6e6e6",
    faint="#a3a3a3",
    edge="#e6e6e6",
    focus="#ffff00",
    selected="#00395e",
    forward=Accent("#4dc3ff", "#80d4ff", "#4dc3ff", "#000000"),
    backward=Accent("#ff8f57", "#ffab80", "#ff8f57", "#000000"),
    update=Accent("#33e0a6", "#5ceabb", "#33e0a6", "#000000"),
    zero_grad=Accent("#cccccc", "#dedede", "#cccccc", "#000000"),
    error=Accent("#ff8591", "#ff9ea7", "#ff8591", "#000000"),
    warning=Accent("#ffb800", "#ffc833", "#ffb800", "#000000"),
    negative="#ff7ab8",
    positive="#4dc3ff",
    classes=("#ff7ab8", "#4dc3ff", "#33e0a6", "#ffd633", "#d199ff", "#ff8f57"),
    frames={
        "grey": FrameTint("#141414", "#cccccc", "#ffffff"),
        "blue": FrameTint("#00141f", "#4dc3ff", "#b8e6ff"),
        "orange": FrameTint("#1f0d00", "#ff8f57", "#ffd6bd"),
        "green": FrameTint("#001a12", "#33e0a6", "#b0f5dd"),
        "purple": FrameTint("#190d22", "#d199ff", "#ecd4ff"),
        "yellow": FrameTint("#1a1500", "#ffd633", "#fff0b3"),
    },
)

THEMES = {each.name: each for each in (DARK, LIGHT, CONTRAST)}


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


_CATEGORIES = (
    "#c2427a", "#0072b2", "#e69f00", "#009e73", "#7e57c2",
    "#d55e00", "#56b4e9", "#8a8f2a", "#a0674b", "#6b7785",
)  # fmt: skip


def category(index: int, colours: Colours) -> str:
    """The mark of a class; the first two are the ends of the diverging map."""
    if index < 2:
        return (colours.negative, colours.positive)[index]
    tone = _CATEGORIES[index % len(_CATEGORIES)]
    return tone if colours.name == "light" else mix(tone, colours.text, 0.25)


def shaded(chosen: NDArray[np.intp], strength: NDArray[np.floating], colours: Colours) -> NDArray[np.uint8]:
    """Classes as RGBA (…, 4): each in its mark on the ground of a card, stronger where it is surer."""
    marks = [category(index, colours) for index in range(int(chosen.max(initial=0)) + 1)]
    tones = np.array([[int(mark[i : i + 2], 16) for i in (1, 3, 5)] for mark in marks], np.float64)
    ground = np.array([int(colours.card[i : i + 2], 16) for i in (1, 3, 5)], np.float64)
    share = np.clip(np.nan_to_num(np.asarray(strength, np.float64)), 0, 1)[..., None]
    mixed = ground + (tones[chosen] - ground) * share
    alpha = np.full((*chosen.shape, 1), 255.0)
    return np.rint(np.concatenate([mixed, alpha], axis=-1)).astype(np.uint8)
