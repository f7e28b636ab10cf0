"""The look: Fusion with our own palette, fonts, icons and one stylesheet, as the desktop's scheme asks.

Widgets take colours from the application's palette and stylesheet; what paints itself asks `colours()` when
it paints and repaints on `QEvent.PaletteChange`, so that switching the scheme needs no wiring. What has to
set something then (an icon, a style sheet of its own) does so through `dress_later`.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from nnstudio.resources_path import resource
from nnstudio.studio.colours import CONTRAST, DARK, LIGHT, SHADOW, THEMES, Colours
from nnstudio.studio.stylesheet import stylesheet

SCHEMES = ("system", *THEMES)

_current: Colours = LIGHT


def colours() -> Colours:
    """The colours in force."""
    return _current


@cache
def _load_fonts() -> tuple[list[str], list[str]]:
    """Families for text and for code, ours first; the system's stand behind them for other scripts."""
    for path in sorted(resource("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))
    return ["Inter", "nnstudio Symbols", "DejaVu Sans"], [
        "JetBrains Mono",
        "nnstudio Symbols",
        "DejaVu Sans Mono",
    ]


@cache
def font(pixels: float = 13, weight: QFont.Weight = QFont.Weight.Normal, mono: bool = False) -> QFont:
    """The studio's one font (or its fixed-width companion for code and numbers) at a size in pixels."""
    made = QFont()
    made.setFamilies(_load_fonts()[mono])
    made.setPixelSize(round(pixels))
    made.setWeight(weight)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return made


def bold(pixels: float = 13) -> QFont:
    return font(pixels, QFont.Weight.DemiBold)


def desktop_is_dark() -> bool:
    """What the desktop says; where it does not tell, it is light."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def desktop_wants_contrast() -> bool:
    """Whether the desktop asks for high contrast; where it does not tell, it does not."""
    hints = QGuiApplication.styleHints()  # kept: with it PySide drops what it gave out
    preference = hints.accessibility().contrastPreference()
    return preference == Qt.ContrastPreference.HighContrast


def wanted(scheme: str) -> Colours:
    """The colours for "dark", "light", "contrast" or "system": then those that the desktop asks for."""
    if scheme != "system":
        return THEMES[scheme]
    if desktop_wants_contrast():
        return CONTRAST
    return DARK if desktop_is_dark() else LIGHT


def when_desktop_changes(follow: Callable[[], object]) -> None:
    """Call `follow` whenever the desktop asks for other colours."""
    hints = QGuiApplication.styleHints()
    hints.colorSchemeChanged.connect(follow)
    hints.accessibility().contrastPreferenceChanged.connect(follow)


def apply(scheme: str = "system") -> None:
    """Dress the running application."""
    global _current
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    _current = wanted(scheme)
    if application.property("dressed") == _current.name:
        return
    if application.property("dressed") is None:
        application.setStyle("Fusion")
        application.setFont(font())
    application.setProperty("dressed", _current.name)
    with _nothing_collected():
        application.setPalette(palette(_current))
        application.setStyleSheet(stylesheet(_current, resource("icons").as_posix()))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Qt walks through a list of all widgets: one that Python collects on the way, as another is told of
    its new colours in Python, would still be in that list.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def painted_in(scheme: str) -> Iterator[None]:
    """What paints itself in the meantime does so in these colours; nothing on the screen changes."""
    global _current
    shown, _current = _current, wanted(scheme)
    try:
        yield
    finally:
        _current = shown


def dress_later(widget: QWidget, dress: Callable[[], object]) -> None:
    """Give a widget its new colours once the change of palette is over.

    Qt walks through all widgets while it changes palette and style sheet; one that sets a style sheet of its
    own, or makes and drops children in the midst of that, can crash it.
    """
    QTimer.singleShot(0, widget, dress)


def palette(c: Colours) -> QPalette:
    """The Qt palette of a colour set, disabled group included."""
    made = QPalette()
    role = QPalette.ColorRole
    for key, value in {
        role.Window: c.window,
        role.WindowText: c.text,
        role.Base: c.inset,
        role.AlternateBase: c.card,
        role.Text: c.text,
        role.Button: c.raised,
        role.ButtonText: c.text,
        role.BrightText: c.error.text,
        role.ToolTipBase: c.card,
        role.ToolTipText: c.text,
        role.PlaceholderText: c.dim,
        role.Highlight: c.selected,
        role.HighlightedText: c.text,
        role.Link: c.forward.text,
        role.LinkVisited: c.forward.text,
        role.Light: c.hover,
        role.Midlight: c.raised,
        role.Mid: c.border,
        role.Dark: c.border,
        role.Shadow: c.border,
        role.Accent: c.focus,
    }.items():
        made.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, QColor(c.faint))
    return made


def shadow(alpha: int) -> QColor:
    """One layer of what a floating card throws on what is below; layers add up. `alpha` is out of 255."""
    tint = QColor(SHADOW)
    tint.setAlpha(alpha)
    return tint


@cache
def _source(name: str) -> bytes:
    return resource("icons", f"{name}.svg").read_bytes()


@cache
def _pixmap(name: str, tint: str, size: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", tint.encode())))
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def pixmap(name: str, tint: str, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """An icon of resources/icons in one colour, sharp at a device pixel ratio."""
    return _pixmap(name, tint, size, ratio)


def paint_icon(painter: QPainter, name: str, tint: str, box: QRectF) -> None:
    """An icon drawn as vectors, for what is painted at any zoom."""
    QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", tint.encode()))).render(painter, box)


def icon(name: str, tint: str | None = None, disabled: str | None = None) -> QIcon:
    """An icon for a button or a menu, in the text colour unless told, faint when disabled."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(pixmap(name, tint or _current.text, 16, ratio))
        made.addPixmap(pixmap(name, disabled or _current.faint, 16, ratio), QIcon.Mode.Disabled)
    return made
