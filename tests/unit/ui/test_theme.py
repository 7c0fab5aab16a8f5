import re
from itertools import product
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from karyogui.paths import ICONS
from karyogui.ui import theme
from karyogui.ui.theme import DARK, LIGHT, THEMES, Theme

GREYS = ("window", "base", "raised", "border", "text", "muted", "disabled", "hover")
TEXTS_ON = [
    *product(("text", "muted", "amber", "error"), ("window", "base", "raised")),
    ("text", "hover"),
    ("accent", "window"),
    ("accent", "base"),
    ("accent", "raised"),
    ("on_accent", "accent"),
    ("on_selection", "selection"),
]


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.1."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(v) for v in QColor(colour).getRgbF()[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXTS_ON)
@pytest.mark.parametrize("name", THEMES)
def test_texts_can_be_read(name: str, text: str, ground: str) -> None:
    colours = THEMES[name]
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_amber_marks_stand_out_from_what_they_lie_on(name: str) -> None:
    assert contrast(THEMES[name].amber_mark, THEMES[name].base) >= 2.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("grey", GREYS)
def test_greys_have_no_cast(name: str, grey: str) -> None:
    red, green, blue = QColor(getattr(THEMES[name], grey)).getRgb()[:3]
    assert red == green == blue


def test_the_dark_theme_is_grey_and_not_black() -> None:
    assert 35 <= QColor(DARK.base).red() < QColor(DARK.window).red() <= 80


def test_the_palette_tells_the_theme(look: None, qapp: QApplication) -> None:
    for chosen in (DARK, LIGHT):
        theme.apply(qapp, chosen)
        assert theme.current() is chosen


@pytest.mark.parametrize("chosen", THEMES.values(), ids=lambda chosen: chosen.name)
def test_the_style_sheet_is_filled_in(qapp: QApplication, chosen: Theme) -> None:
    sheet = theme.style_sheet(chosen)
    assert "$" not in sheet
    for picture in re.findall(r"url\((.+?)\)", sheet):
        assert picture.startswith(ICONS.as_posix())
        assert (ICONS / picture.rpartition("/")[2]).is_file()


def test_there_are_three_font_sizes(qapp: QApplication) -> None:
    sizes = set(re.findall(r"font-size: (\S+?);", theme.style_sheet(LIGHT)))
    font_sizes = theme.font_sizes()
    allowed = (font_sizes.small, font_sizes.body, font_sizes.large)
    assert sizes <= {f"{size:g}pt" for size in allowed}


@pytest.mark.parametrize("path", sorted(ICONS.glob("*.svg")), ids=lambda path: path.stem)
def test_icons_are_of_one_style(path: object) -> None:
    root = ElementTree.parse(path).getroot()  # type: ignore[arg-type]
    size = 64 if root.get("viewBox") == "0 0 64 64" else 24
    assert root.get("viewBox") == f"0 0 {size} {size}"
    assert (root.get("width"), root.get("height")) == (str(size), str(size))
    # The application's own icon and the parts of controls are not recoloured.
    if root.get("stroke") == "currentColor":
        assert root.get("stroke-width") == "1.5"
        assert root.get("fill") == "none"


@pytest.mark.parametrize("name", ["import", "turn", "alert", "state-in-review"])
def test_an_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    image = theme.pixmap(name, 24, "#ff0000").toImage()
    colours = {
        image.pixelColor(x, y).getRgb()[:3]
        for x in range(24)
        for y in range(24)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert colours == {(255, 0, 0)}


def test_a_disabled_icon_is_paler(look: None) -> None:
    icon = theme.icon("import")
    normal = icon.pixmap(20, QIcon.Mode.Normal).toImage()
    disabled = icon.pixmap(20, QIcon.Mode.Disabled).toImage()
    assert normal != disabled
