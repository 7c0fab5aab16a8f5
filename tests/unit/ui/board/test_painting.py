"""What is really on the screen: pixels of a board with one or two pictures."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Karyogram
from karyogui.layout.geometry import Box
from karyogui.ui.board import colours
from karyogui.ui.board.items import rectangle
from karyogui.ui.board.panel import BoardPanel

Make = Callable[..., Cell]
DARK, PALE = 60, 190


def quartered(cell: Cell) -> Cell:
    """The same cell with pictures that are dark in the upper left quarter only."""
    chromosomes = []
    for chromosome in cell.chromosomes:
        crop = np.full((40, 20), PALE, np.uint8)
        crop[:20, :10] = DARK
        segment = replace(chromosome.segment, crop=crop, mask=np.ones((40, 20), bool))
        chromosomes.append(replace(chromosome, segment=segment))
    return replace(cell, chromosomes=tuple(chromosomes))


def shot(panel: BoardPanel) -> QImage:
    panel.view.board_scene.finish_glide()
    QApplication.processEvents()
    return panel.grab().toImage()


def box_on_view(panel: BoardPanel, box: Box) -> QRect:
    return panel.view.mapFromScene(rectangle(box)).boundingRect()


def dark_quarter(panel: BoardPanel, chromosome_id: str) -> tuple[str, str]:
    """In which quarter of its place the picture is dark."""
    image = shot(panel)
    where = box_on_view(panel, panel.view.board_scene.board.spots[chromosome_id])
    for vertical, y in (("top", 0.25), ("bottom", 0.75)):
        for horizontal, x in (("left", 0.25), ("right", 0.75)):
            at = where.x() + x * where.width(), where.y() + y * where.height()
            if image.pixelColor(round(at[0]), round(at[1])).red() < 100:
                return vertical, horizontal
    raise AssertionError("dark nowhere")


def colours_in(panel: BoardPanel, box: Box) -> set[str]:
    image, where = shot(panel), box_on_view(panel, box)
    return {
        image.pixelColor(x, y).name()
        for x in range(where.left(), where.right() + 1)
        for y in range(where.top(), where.bottom() + 1)
    }


def strip_under(panel: BoardPanel, chromosome_id: str) -> Box:
    """Where signs stand: the gap between a picture and the line over the label."""
    spot = panel.view.board_scene.board.spots[chromosome_id]
    return Box(spot.x, spot.bottom + 3, spot.width, 9)


@pytest.fixture
def pair(panel: BoardPanel, cell: Make) -> BoardPanel:
    panel.show_cell(quartered(cell(("7", "7"))))
    panel.select(["7a"])
    return panel


def test_a_picture_stands_as_it_was_imported(pair: BoardPanel) -> None:
    assert dark_quarter(pair, "7a") == ("top", "left")


def test_half_a_turn(pair: BoardPanel) -> None:
    pair.turn_selection(180)
    assert dark_quarter(pair, "7a") == ("bottom", "right")
    assert dark_quarter(pair, "7b") == ("top", "left")


def test_turns_go_clockwise(pair: BoardPanel) -> None:
    pair.turn_selection(90)
    assert dark_quarter(pair, "7a") == ("top", "right")


def test_a_mirrored_picture_is_reflected_and_marked(pair: BoardPanel) -> None:
    pair.select([])
    before = colours_in(pair, strip_under(pair, "7a"))
    pair.select(["7a"])
    pair.mirror_selection()
    pair.select([])
    assert dark_quarter(pair, "7a") == ("top", "right")
    assert colours.SIGN in colours_in(pair, strip_under(pair, "7a"))
    assert colours.SIGN not in before


def test_mirrored_first_and_turned_then(pair: BoardPanel) -> None:
    pair.mirror_selection()
    pair.turn_selection(90)
    assert dark_quarter(pair, "7a") == ("bottom", "right")


def test_a_doubtful_one_has_an_amber_dot(panel: BoardPanel, cell: Make) -> None:
    panel.show_cell(cell(("7", "7", "8"), doubtful=("7b",)))
    certain, doubtful = (colours_in(panel, strip_under(panel, i)) for i in ("7a", "7b"))
    assert certain == {colours.SHEET}

    def has_hue(name: str) -> bool:
        return QColor(name).saturation() > 60

    assert any(has_hue(name) for name in doubtful)


@pytest.mark.parametrize(("margin", "colour"), [(20.0, colours.SIGN), (1.0, colours.AMBER_TEXT)])
def test_a_moved_one_has_a_badge_in_amber_when_it_asks(
    panel: BoardPanel, cell: Make, margin: float, colour: str
) -> None:
    shown = cell(("7", "7", "8"))
    moved, *others = shown.chromosomes
    assert moved.assigned is not None
    assigned = replace(moved.assigned, type="5", margin=margin, moved=True)
    moved = replace(moved, assigned=assigned)
    placements = Karyogram.from_analysis([moved, *others]).placements
    panel.show_cell(replace(shown, chromosomes=(moved, *others), placements=placements))
    item = panel.view.board_scene.item("7a")
    assert item.looks_like == "7"
    assert colour in colours_in(panel, strip_under(panel, "7a").grown(8))
    assert colours.AMBER not in colours_in(panel, strip_under(panel, "7a").grown(8))
    assert "Looks most like 7 (> 99 %); placed at 5" in panel._tooltip("7a").replace("&gt;", ">")
    panel.select(["7a"])
    assert "Looks most like 7" in panel.view.accessibleDescription()
    panel.confirm_selection()
    assert item.looks_like == ""
    assert "Looks most like" not in panel._tooltip("7a")


def test_what_is_selected_is_outlined_in_the_accent(pair: BoardPanel) -> None:
    spots = pair.view.board_scene.board.spots
    outlines = {i: colours_in(pair, spots[i].grown(4)) for i in ("7a", "7b")}
    assert colours.ACCENT in outlines["7a"]
    assert colours.ACCENT not in outlines["7b"]


def test_the_sheet_is_white_up_to_the_pictures(pair: BoardPanel) -> None:
    area = pair.view.board_scene.board.slots["mar"].area
    assert colours_in(pair, area) == {colours.SHEET}


def test_a_clump_is_shrunk_and_marked(panel: BoardPanel, cell: Make) -> None:
    shown = cell(("7", "7", "8", "8", None))
    crop = np.full((900, 700), DARK, np.uint8)
    clump = shown.chromosomes[-1]
    segment = replace(clump.segment, crop=crop, mask=crop < 255)
    clump = replace(clump, segment=segment)
    panel.show_cell(replace(shown, chromosomes=(*shown.chromosomes[:-1], clump)))
    spots = panel.view.board_scene.board.spots
    assert spots["tray0"].height < 2 * spots["7a"].height
    marks = colours_in(panel, strip_under(panel, "tray0"))
    assert any(QColor(name).lightness() < 120 for name in marks)


@pytest.mark.parametrize("size", [(1, 1), (5, 5), (163, 4), (3, 80)])
def test_odd_sizes_are_shown(panel: BoardPanel, cell: Make, size: tuple[int, int]) -> None:
    shown = cell(("7", "7", "8"))
    odd = shown.chromosomes[-1]
    crop = np.full(size, DARK, np.uint8)
    odd = replace(odd, segment=replace(odd.segment, crop=crop, mask=np.ones(size, bool)))
    panel.show_cell(replace(shown, chromosomes=(*shown.chromosomes[:-1], odd)))
    spot = panel.view.board_scene.board.spots["8a"]
    assert any(QColor(name).lightness() < 200 for name in colours_in(panel, spot))
