"""The metaphase workspace: its states, its words, and the selection it shares with the board."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.karyogram import TRAY
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind
from karyogui.services.enhancement import enhance
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.metaphase import texts
from karyogui.ui.metaphase.controller import SelectionLink
from karyogui.ui.metaphase.panel import MetaphasePanel
from model.vocabulary.results import Scale
from tests.unit.ui.metaphase.cells import QUALITY, analysed_cell, cut_out_cell, new_cell
from tests.unit.ui.metaphase.generated import generated_metaphase
from tests.unit.ui.metaphase.test_view import middle

LEFT = Qt.MouseButton.LeftButton
PIXELS, OBJECTS = generated_metaphase()


@pytest.fixture
def panel(qtbot: QtBot, look: None) -> MetaphasePanel:
    shown = MetaphasePanel()
    qtbot.addWidget(shown)
    shown.resize(900, 700)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


@pytest.fixture
def board(qtbot: QtBot, look: None) -> BoardPanel:
    shown = BoardPanel(lambda change: None)
    qtbot.addWidget(shown)
    shown.resize(900, 700)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_a_new_metaphase_shows_its_picture_and_what_to_do(panel: MetaphasePanel) -> None:
    panel.show_cell(new_cell(PIXELS), PIXELS)
    assert panel.view.isVisible()
    assert panel.scene.page.width() == PIXELS.shape[1]
    assert panel.quality.verdict.text() == "Press F5 to separate and analyse."
    panel.take_cell(new_cell(PIXELS), waiting=True)
    assert panel.quality.verdict.text() == texts.WAITING


def test_a_cell_of_cut_outs_says_that_it_has_no_metaphase(panel: MetaphasePanel) -> None:
    panel.show_cell(new_cell(PIXELS), PIXELS)
    panel.show_cut_outs(cut_out_cell())
    assert panel.empty.isVisible()
    assert not panel.view.isVisible()
    assert not panel.has_picture
    panel.show_cell(new_cell(PIXELS), PIXELS)
    assert panel.view.isVisible()


def test_a_picture_that_cannot_be_read_is_told(panel: MetaphasePanel) -> None:
    panel.show_failure(new_cell(PIXELS), "cell 1.tif is missing. Import it again.")
    assert panel.empty.isVisible()
    assert not panel.has_picture


def test_the_analysis_brings_outlines_and_the_verdict_and_keeps_the_zoom(
    panel: MetaphasePanel,
) -> None:
    panel.show_cell(new_cell(PIXELS), PIXELS)
    panel.view.zoom_by(3)
    zoom = panel.view.zoom
    panel.take_cell(analysed_cell(PIXELS, OBJECTS))
    assert panel.view.zoom == zoom
    assert len(panel.scene.objects) == len(OBJECTS)
    assert panel.quality.verdict.text() == "Worth karyotyping: few crossings, sharp."
    facts = panel.quality.facts.text()
    for part in (
        "46 chromosomes",
        "3 other objects",
        "1 crossing",
        "0 touching groups",
        "sharpness 71",
        "about 550 bands",
    ):
        assert part in facts
    assert "1 nucleus, 1 piece of debris, 1 object cut by the border" in panel.quality.toolTip()


def test_it_says_how_many_repairs_to_expect(panel: MetaphasePanel) -> None:
    expected = replace(QUALITY, repairs=2.2)
    panel.show_cell(replace(analysed_cell(PIXELS, OBJECTS), quality=expected), PIXELS)
    assert panel.quality.verdict.text() == "About 2 repairs expected."


def test_a_cell_stouter_than_the_training_is_called_so(panel: MetaphasePanel) -> None:
    cell = analysed_cell(PIXELS, OBJECTS)
    panel.show_cell(replace(cell, assignment=AssignmentSummary("map", scale=Scale(1.0))), PIXELS)
    assert "stouter" not in panel.quality.facts.text()
    stout = AssignmentSummary("map", scale=Scale(1.0, 1.4))
    panel.show_cell(replace(cell, assignment=stout), PIXELS)
    told = panel.quality.facts.text().split("  ·  ")
    assert told[1].startswith("stouter than any seen in training")  # seen in a narrow window too


def test_a_cell_not_worth_it_says_why(panel: MetaphasePanel) -> None:
    poor = replace(QUALITY, worth=False, reason="Nine groups touch.", band_level=None)
    panel.show_cell(analysed_cell(PIXELS, OBJECTS, quality=poor), PIXELS)
    assert panel.quality.verdict.text() == "Hardly worth karyotyping: nine groups touch."
    assert panel.quality.verdict.property("role") == "amber"
    assert "bands" not in panel.quality.facts.text()
    panel.show_cell(analysed_cell(PIXELS, OBJECTS, quality=None), PIXELS)
    assert panel.quality.verdict.text().startswith("46 chromosomes")
    assert panel.quality.verdict.property("role") == ""


def test_the_recorded_recipe_is_shown_and_given_up_with_the_cell(
    qtbot: QtBot, panel: MetaphasePanel
) -> None:
    recipe = Recipe(flatten=True, unsharp=0.5)
    panel.show_cell(replace(new_cell(PIXELS), recipe=recipe), PIXELS)
    qtbot.waitUntil(lambda: np.array_equal(panel.picture.enhanced, enhance(PIXELS, recipe)))
    assert not panel.strip.recipe.is_preview
    panel.show_cell(new_cell(PIXELS, 2), PIXELS)
    qtbot.waitUntil(lambda: np.array_equal(panel.picture.enhanced, PIXELS))


def test_an_unapplied_preview_outlives_other_changes_of_the_cell(
    qtbot: QtBot, panel: MetaphasePanel
) -> None:
    panel.show_strip(True)
    panel.show_cell(new_cell(PIXELS), PIXELS)
    panel.strip.recipe.gamma.setFocus()
    qtbot.keyClick(panel.strip.recipe.gamma, Qt.Key.Key_Right)
    assert panel.strip.recipe.is_preview
    panel.take_cell(analysed_cell(PIXELS, OBJECTS))
    assert panel.strip.recipe.is_preview


def both(panel: MetaphasePanel, board: BoardPanel) -> SelectionLink:
    cell = analysed_cell(PIXELS, OBJECTS)
    panel.set_karyogram(lambda: board.karyogram)
    link = SelectionLink(panel, board)
    board.show_cell(cell)
    panel.show_cell(cell, PIXELS)
    panel.show_types()
    return link


def test_a_click_in_the_metaphase_selects_on_the_board(
    qtbot: QtBot, panel: MetaphasePanel, board: BoardPanel
) -> None:
    both(panel, board)
    qtbot.mouseClick(
        panel.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, middle(panel.view, "c10")
    )
    assert board.selection == ("c10",)
    qtbot.mouseClick(
        panel.view.viewport(), LEFT, Qt.KeyboardModifier.ShiftModifier, middle(panel.view, "c20")
    )
    assert set(board.selection) == {"c10", "c20"}


def test_selecting_on_the_board_marks_and_reveals_in_the_metaphase(
    qtbot: QtBot, panel: MetaphasePanel, board: BoardPanel
) -> None:
    both(panel, board)
    panel.view.zoom_by(8, panel.view.mapFromScene(20, 20))
    board.select(("c46",))
    assert panel.selection == ("c46",)
    area = panel.scene.rectangle_of(["c46"])
    seen = panel.view.mapToScene(panel.view.viewport().rect()).boundingRect()
    assert seen.contains(area)
    board.select(())
    assert panel.selection == ()


def test_the_board_scrolls_to_what_is_selected_in_the_metaphase(
    panel: MetaphasePanel, board: BoardPanel
) -> None:
    both(panel, board)
    board.view.zoom_by(6)
    panel.select(["c46"])
    spot = board.view.board_scene.board.spots["c46"]
    seen = board.view.mapToScene(board.view.viewport().rect()).boundingRect()
    assert seen.contains(spot.centre_x, spot.centre_y)


def test_a_nucleus_is_selected_in_the_metaphase_alone(
    panel: MetaphasePanel, board: BoardPanel
) -> None:
    both(panel, board)
    board.select(("c10",))
    panel.select(["n01"])
    assert panel.selection == ("n01",)
    assert board.selection == ()


def test_types_stand_beside_chromosomes_and_follow_the_board(
    panel: MetaphasePanel, board: BoardPanel
) -> None:
    both(panel, board)
    board.karyogram_changed.connect(panel.show_types)
    assert panel.scene.labels["c01"] == "1"
    board.select(("c01",))
    board.move_selection("7")
    assert panel.scene.labels["c01"] == "7"
    board.move_selection(TRAY)
    assert panel.scene.labels["c01"] == "?"
    assert panel.view.labels.text("n01") == "nucleus"


def test_the_words_of_a_tooltip(panel: MetaphasePanel, board: BoardPanel) -> None:
    both(panel, board)
    by_id = {each.id: each for each in OBJECTS}
    sure = texts.tooltip(by_id["c10"], board.karyogram)
    assert "Chromosome 5" in sure
    assert "check whether" not in sure
    assert "check whether" in texts.tooltip(by_id["c03"], board.karyogram)
    assert "not placed on the board" in texts.tooltip(by_id["n01"], board.karyogram)
    gone = replace(by_id["c10"], kind=ObjectKind.DELETED, by_person=True)
    assert "Deleted by a person" in texts.tooltip(gone, board.karyogram)


def test_the_view_is_described_for_assistive_technology(
    panel: MetaphasePanel, board: BoardPanel
) -> None:
    both(panel, board)
    panel.select(["c10"])
    assert panel.view.accessibleDescription() == "chromosome 5 selected."
    panel.select([])
    assert "46 chromosomes" in panel.view.accessibleDescription()


def test_a_message_goes_away_by_itself(qtbot: QtBot, panel: MetaphasePanel) -> None:
    panel.show_cell(new_cell(PIXELS), PIXELS)
    panel.show_message("Two chromosomes were joined.")
    assert panel.hint.isVisible()
    corner = panel.view.viewport().rect().bottomRight() - panel.hint.geometry().bottomRight()
    assert (corner.x(), corner.y()) == (12, 12)
    panel.hint._time.timeout.emit()
    assert not panel.hint.isVisible()
