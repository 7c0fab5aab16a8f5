"""Display settings, the histogram's handles, and the form of the enhancement recipe."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.recipe import Recipe
from karyogui.services.enhancement import enhance, histogram
from karyogui.ui import theme
from karyogui.ui.metaphase.display_form import DisplayStrip
from karyogui.ui.metaphase.display_settings import LEAST_SPAN, DisplaySettings, automatic
from karyogui.ui.metaphase.picture import MOST_PIXELS, ShownPicture
from karyogui.ui.metaphase.scene import MetaphaseScene
from tests.unit.ui.metaphase.generated import generated_metaphase

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
PIXELS, _ = generated_metaphase()


@pytest.fixture
def strip(qtbot: QtBot, look: None) -> DisplayStrip:
    shown = DisplayStrip()
    qtbot.addWidget(shown)
    shown.resize(860, 140)
    shown.show()
    qtbot.waitExposed(shown)
    shown.display.show_picture(PIXELS)
    return shown


@given(st.integers(-50, 300), st.integers(-50, 300), st.floats(-3, 20), st.floats(-50, 300))
def test_whatever_is_asked_black_stays_below_white(
    black: int, white: int, gamma: float, middle: float
) -> None:
    settings = DisplaySettings().with_white(white).with_black(black).with_gamma(gamma)
    settings = settings.with_middle(middle)
    assert 0 <= settings.black <= settings.white - LEAST_SPAN
    assert settings.white <= 255
    assert 0.2 <= settings.gamma <= 5
    assert settings.black <= settings.middle <= settings.white


@given(st.integers(0, 100), st.integers(150, 255), st.floats(0.3, 3))
def test_the_middle_handle_stands_where_grey_becomes_middle_grey(
    black: int, white: int, gamma: float
) -> None:
    settings = DisplaySettings(black, white, gamma)
    assert abs(int(settings.table()[round(settings.middle)]) - 127) < 8
    assert settings.with_middle(settings.middle).gamma == pytest.approx(gamma, abs=0.006)


def test_automatic_settings_use_the_whole_range() -> None:
    settings = automatic(histogram(PIXELS))
    assert settings.black > 5
    assert settings.white < 250
    assert automatic(np.zeros(256, np.int64)) == DisplaySettings()
    assert automatic(histogram(np.full((9, 9), 80, np.uint8))) == DisplaySettings()


def test_dragging_the_black_handle_darkens_and_reset_takes_it_back(
    qtbot: QtBot, strip: DisplayStrip
) -> None:
    bars = strip.display.histogram
    start = bars.handle_at("black").toPoint()
    with qtbot.waitSignal(strip.display.display_changed):
        qtbot.mousePress(bars, LEFT, NO_KEY, start)
        qtbot.mouseMove(bars, start + QPoint(bars.width() // 4, 0))
        qtbot.mouseRelease(bars, LEFT, NO_KEY, start + QPoint(bars.width() // 4, 0))
    assert 50 < strip.display.settings.black < 80
    assert strip.display.black.value() == strip.display.settings.black
    qtbot.mouseClick(strip.display.reset, LEFT)
    assert strip.display.settings == DisplaySettings()
    assert not strip.display.reset.isEnabled()


def test_handles_cannot_pass_each_other(qtbot: QtBot, strip: DisplayStrip) -> None:
    bars = strip.display.histogram
    start = bars.handle_at("white").toPoint()
    qtbot.mousePress(bars, LEFT, NO_KEY, start)
    qtbot.mouseMove(bars, QPoint(0, start.y()))
    qtbot.mouseRelease(bars, LEFT, NO_KEY, QPoint(0, start.y()))
    assert strip.display.settings == DisplaySettings(0, LEAST_SPAN)


def test_the_middle_handle_bends(qtbot: QtBot, strip: DisplayStrip) -> None:
    bars = strip.display.histogram
    start = bars.handle_at("middle").toPoint()
    qtbot.mousePress(bars, LEFT, NO_KEY, start)
    qtbot.mouseMove(bars, start + QPoint(40, 0))
    qtbot.mouseRelease(bars, LEFT, NO_KEY, start + QPoint(40, 0))
    settings = strip.display.settings
    assert (settings.black, settings.white) == (0, 255)
    assert settings.gamma > 1.2


def test_the_arrows_move_the_chosen_handle(qtbot: QtBot, strip: DisplayStrip) -> None:
    bars = strip.display.histogram
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert strip.display.settings.black == 11
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert strip.display.settings.white == 254
    assert "white" in bars.accessibleDescription()


def test_auto_and_a_typed_number(qtbot: QtBot, strip: DisplayStrip) -> None:
    qtbot.mouseClick(strip.display.auto, LEFT)
    assert strip.display.settings == automatic(histogram(PIXELS))
    field = strip.display.white
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settings = strip.display.settings
    assert settings.white == settings.black + LEAST_SPAN
    assert field.value() == settings.white


def test_a_slider_previews_and_apply_records(qtbot: QtBot, strip: DisplayStrip) -> None:
    form = strip.recipe
    assert not form.apply.isEnabled()
    form.unsharp.setFocus()
    with qtbot.waitSignal(form.preview_changed) as seen:
        qtbot.keyClick(form.unsharp, Qt.Key.Key_Right)
    assert seen.args == [Recipe(unsharp=0.01)]
    assert form.unsharp.number.text() == "1 %"
    assert form.is_preview
    with qtbot.waitSignal(form.recipe_changed) as told:
        qtbot.mouseClick(form.apply, LEFT)
    assert told.args == [Recipe(unsharp=0.01)]
    form.show_recorded(Recipe(unsharp=0.01))
    assert not form.apply.isEnabled()
    assert not form.revert.isEnabled()


def test_revert_goes_back_to_what_is_recorded(qtbot: QtBot, strip: DisplayStrip) -> None:
    form, recorded = strip.recipe, Recipe(flatten=True, gamma=1.3)
    form.show_recorded(recorded)
    qtbot.mouseClick(form.flatten, LEFT, NO_KEY, QPoint(8, form.flatten.height() // 2))
    assert form.recipe == Recipe(gamma=1.3)
    with qtbot.waitSignal(form.preview_changed) as seen:
        qtbot.mouseClick(form.revert, LEFT)
    assert seen.args == [recorded]
    assert form.recipe == recorded
    qtbot.mouseClick(form.none, LEFT)
    assert form.recipe.is_identity
    assert form.is_preview


def test_a_factor_is_chosen_or_typed_and_recorded(qtbot: QtBot, strip: DisplayStrip) -> None:
    form = strip.recipe
    assert form.width_factor.currentText() == "automatic"
    field = form.width_factor.lineEdit()
    assert field is not None
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0,85")
    assert form.is_preview
    with qtbot.waitSignal(form.recipe_changed) as told:
        qtbot.mouseClick(form.apply, LEFT)
    assert told.args == [Recipe(width=0.85)]
    form.show_recorded(Recipe(width=0.85, scale=1.6))
    assert (form.width_factor.currentText(), form.scale_factor.currentText()) == (
        "0.85 ×", "1.6 ×",
    )  # fmt: skip
    assert not form.is_preview
    form.scale_factor.setFocus()
    qtbot.keyClick(form.scale_factor, Qt.Key.Key_Up)  # 1.25 stands above 1.6
    assert form.recipe.scale == 1.25


@pytest.mark.parametrize("typed", ["9", "0.1", "wide", "-2"])
def test_what_is_no_factor_cannot_be_recorded(
    qtbot: QtBot, strip: DisplayStrip, typed: str
) -> None:
    form = strip.recipe
    field = form.width_factor.lineEdit()
    assert field is not None
    field.selectAll()
    qtbot.keyClicks(field, typed)
    assert not form.apply.isEnabled()
    assert form._state.text() == "factors lie between 0.25 and 4"
    qtbot.mouseClick(form.none, LEFT)
    form.show_recorded(Recipe())
    assert form.width_factor.currentText() == "automatic"


def test_a_recipe_between_two_steps_of_the_sliders_is_no_preview(strip: DisplayStrip) -> None:
    strip.recipe.show_recorded(Recipe(denoise=0.3333, contrast_low=40, gamma=3.0))
    assert not strip.recipe.is_preview


def test_the_raw_picture_is_shown_while_the_button_is_held(
    qtbot: QtBot, strip: DisplayStrip
) -> None:
    form = strip.recipe
    assert not form.raw.isEnabled()
    form.show_recorded(Recipe(flatten=True))
    with qtbot.waitSignal(form.raw_wanted) as down:
        qtbot.mousePress(form.raw, LEFT)
    with qtbot.waitSignal(form.raw_wanted) as up:
        qtbot.mouseRelease(form.raw, LEFT)
    assert (down.args, up.args) == ([True], [False])


def test_a_narrow_strip_puts_one_form_under_the_other(qtbot: QtBot, strip: DisplayStrip) -> None:
    assert strip.display.y() == strip.recipe.y()
    strip.resize(400, 300)
    qtbot.waitUntil(lambda: strip.recipe.y() > strip.display.geometry().bottom())
    strip.resize(860, 140)
    qtbot.waitUntil(lambda: strip.display.y() == strip.recipe.y())


@pytest.mark.parametrize("chosen", [theme.LIGHT, theme.DARK])
def test_the_histogram_shows_in_both_themes(
    qtbot: QtBot, qapp: object, strip: DisplayStrip, chosen: theme.Theme
) -> None:
    theme.apply(qapp, chosen)
    bars = strip.display.histogram
    image = bars.grab().toImage()
    colours = {
        image.pixelColor(x, y).lightness() for x in range(image.width()) for y in (40, 50, 60)
    }
    assert max(colours) - min(colours) > 60


def test_the_picture_follows_recipe_and_display(qtbot: QtBot, qapp: object) -> None:
    scene = MetaphaseScene()
    shown = ShownPicture(scene)
    shown.set_raw(PIXELS)
    assert np.array_equal(shown.enhanced, PIXELS)
    recipe = Recipe(flatten=True)
    with qtbot.waitSignal(shown.enhanced_changed):
        shown.set_recipe(recipe)
    assert np.array_equal(shown.enhanced, enhance(PIXELS, recipe))
    with qtbot.assertNotEmitted(shown.enhanced_changed):
        shown.set_display(DisplaySettings(50, 200))
    shown.set_raw(None)
    assert scene.is_empty
    assert shown.enhanced is None


def test_a_huge_picture_is_shown_smaller_in_its_own_coordinates(qapp: object) -> None:
    scene = MetaphaseScene()
    shown = ShownPicture(scene)
    shown.set_raw(np.full((4096, 8192), 200, np.uint8))
    assert shown.enhanced is not None
    assert shown.enhanced.size <= 1.01 * MOST_PIXELS
    assert scene.page.width() == 8192
