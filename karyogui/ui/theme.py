"""Colours, fonts and icons: neutral greys without a cast, one blue accent, amber and red.

Chromosomes are judged by their grey levels, so nothing around them has a hue of its own. Amber
says "look at this", red is for errors only, and neither is ever the only signal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QLabel, QProxyStyle

from karyogui.paths import ICONS

GRID = 4
"""All distances are multiples of this many pixels."""

PAPER = "#ffffff"
"""What chromosomes stand on, in both themes: the specimen's background."""


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. Texts keep a contrast of 4.5 : 1 to what they stand on."""

    name: str
    window: str
    base: str
    raised: str
    border: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    selection: str
    on_selection: str
    hover: str
    amber: str
    amber_mark: str
    error: str
    canvas: str
    """Around a sheet or a photograph."""
    hint: str
    """Behind a hint on the canvas."""


LIGHT = Theme(
    name="light",
    window="#f3f3f3",
    base="#fcfcfc",
    raised="#e9e9e9",
    border="#cfcfcf",
    text="#1f1f1f",
    muted="#595959",
    disabled="#989898",
    accent="#2d629c",
    on_accent="#ffffff",
    selection="#cfdff0",
    on_selection="#16202b",
    hover="#e4e4e4",
    amber="#805300",
    amber_mark="#d08a00",
    error="#b3261e",
    canvas="#e6e6e6",
    hint="#fcfcfc",
)
DARK = Theme(
    name="dark",
    window="#363636",
    base="#2e2e2e",
    raised="#404040",
    border="#545454",
    text="#e6e6e6",
    muted="#b6b6b6",
    disabled="#7d7d7d",
    accent="#8ab8e6",
    on_accent="#16202b",
    selection="#456382",
    on_selection="#ffffff",
    hover="#484848",
    amber="#ecb95c",
    amber_mark="#e0a030",
    error="#ff9c92",
    canvas="#2e2e2e",
    hint="#404040",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@dataclass(frozen=True)
class FontSizes:
    """The three sizes, in points."""

    small: float
    body: float
    large: float


def font_sizes() -> FontSizes:
    """Sizes from the system's font, kept within what a dense window bears."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()
    body = min(max(system, 9.0), 10.0)
    return FontSizes(body - 1.0, body, body + 6.0)


def body_font() -> QFont:
    """The system's font at body size, with figures of equal width."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPointSizeF(font_sizes().body)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def resolve(choice: str) -> Theme:
    """The theme for a setting: `light`, `dark`, or `system`."""
    if choice in THEMES:
        return THEMES[choice]
    dark = QApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def current() -> Theme:
    """The theme in use, read from the application's palette."""
    window = QApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if window == QColor(DARK.window) else LIGHT


def palette(theme: Theme) -> QPalette:
    """The palette of a theme."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.on_selection,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Light: theme.base,
        role.Midlight: theme.raised,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.border,
    }
    result = QPalette()
    for where, colour in colours.items():
        result.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.disabled))
    return result


def style_sheet(theme: Theme) -> str:
    """The style sheet of a theme, on top of the Fusion style."""
    sizes = font_sizes()
    values = asdict(theme) | {
        "small": f"{sizes.small:g}pt",
        "body": f"{sizes.body:g}pt",
        "large": f"{sizes.large:g}pt",
        "icons": ICONS.as_posix(),
    }
    template = (Path(__file__).parent / "style.qss").read_text(encoding="utf-8")
    return Template(template).substitute(values)


class PlainStyle(QProxyStyle):
    """Fusion, in which no text is ever read as markup: names of cases and files come from outside.

    It holds for every label that is shown, also those of Qt's own boxes and tooltips: a case called
    `<img src=…>` would have its picture loaded.
    """

    def __init__(self) -> None:
        super().__init__("Fusion")

    def polish(self, what: Any) -> Any:  # noqa: ANN401 - one name for three of Qt's methods
        if isinstance(what, QLabel) and what.textFormat() == Qt.TextFormat.AutoText:
            what.setTextFormat(Qt.TextFormat.PlainText)
        return super().polish(what)


def apply(application: QApplication, theme: Theme) -> None:
    """Give the whole application a theme. Icons are asked for again by who shows them."""
    application.setStyle(PlainStyle())
    application.setPalette(palette(theme))
    application.setFont(body_font())
    application.setStyleSheet(style_sheet(theme))


@contextmanager
def undressed() -> Iterator[None]:
    """Put a window together inside: its widgets get the style sheet once, afterwards.

    With it, Qt dresses a widget again with all that is in it whenever it is put into another one,
    which takes longer than to make the window.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        yield
        return
    sheet = application.styleSheet()
    application.setStyleSheet("")
    try:
        yield
    finally:
        application.setStyleSheet(sheet)


@cache
def _svg(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


@cache
def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """An icon drawn in `colour`, `size` logical pixels square."""
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", colour).encode()))
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


class _Drawn(QIconEngine):
    """An icon that is drawn when it is shown, at the size and resolution it is shown at."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._look = (name, colour, disabled)

    def clone(self) -> QIconEngine:
        return _Drawn(*self._look)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        size = rect.size() * painter.device().devicePixelRatio()
        painter.drawPixmap(rect, self.pixmap(size, mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        name, colour, disabled = self._look
        side = max(1, min(size.width(), size.height()))
        return pixmap(name, side, disabled if mode is QIcon.Mode.Disabled else colour)


@cache
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    return QIcon(_Drawn(name, colour, disabled))


def icon(name: str, colour: str | None = None) -> QIcon:
    """An icon by its file's name, by default in the text colour of the present theme."""
    theme = current()
    return _icon(name, colour or theme.text, theme.disabled)
