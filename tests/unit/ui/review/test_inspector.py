from datetime import UTC, datetime

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.chromosome import TYPES, Assignment, Chromosome, Polarity, Prediction, Segment
from karyogui.domain.karyogram import Change, Placement
from karyogui.domain.review import Edit
from karyogui.ui.review.inspector import (
    HISTORY_SHOWN,
    InspectorPanel,
    history_lines,
    polarity_text,
    standing,
    standing_text,
    zoom_box_corners,
)


def chromosome(q_down: float = 0.98) -> Chromosome:
    crop = np.full((40, 16), 255, np.uint8)
    # Dark in the upper left quarter only, so that a turn and a mirror show.
    crop[2:18, 2:8] = 40
    probabilities = [0.01] * 24
    probabilities[TYPES.index("21")] = 0.7
    probabilities[TYPES.index("22")] = 0.08
    return Chromosome(
        "c1",
        Segment("photo-7.png", crop, crop < 255),
        Prediction(tuple(probabilities), (1 - q_down, q_down), (0.25, 0.1, 0.75, 0.6)),
        Assignment("21", Polarity.Q_DOWN, 0.7, ("Nearly as likely: 22.",)),
    )


def edit(text: str, minute: int, chromosome_id: str = "c1") -> Edit:
    before, after = Placement(chromosome_id, "21", 0), Placement(chromosome_id, "22", 0)
    when = datetime(2026, 3, 1, 12, minute, tzinfo=UTC)
    return Edit("anna", when, Change(text, (before,), (after,)))


@pytest.fixture
def panel(qtbot: QtBot, look: None) -> InspectorPanel:
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 700)
    panel.show()
    return panel


def test_one_chromosome_is_told_in_full(panel: InspectorPanel) -> None:
    edits = [edit("Move chromosome to 22", 1), edit("Turn by 180°", 2, "other")]
    placement = Placement("c1", "22", 0, confirmed=False)
    panel.show_chromosome(chromosome(), placement, edits, ("Nearly as likely: 22.",))
    facts = {name: label.text() for name, label in panel.facts.items()}
    assert facts["Predicted"] == "21"
    assert facts["Assigned"] == "21  70 %"
    assert facts["Margin"] == "–"
    assert facts["Present"] == "22"
    assert facts["Picture"] == "photo-7.png"
    assert "22" in panel.title.text()
    assert panel.reasons.text() == "Nearly as likely: 22."
    assert panel.reasons.isVisible()
    assert "anna  Move chromosome to 22" in panel.history.text()
    assert "Turn" not in panel.history.text()
    assert panel.bars.accessibleDescription().startswith("21 70 %, 22 8 %")


def test_reasons_go_away_once_a_person_agreed(panel: InspectorPanel) -> None:
    panel.show_chromosome(chromosome(), Placement("c1", "21", 0, confirmed=True), ())
    assert not panel.reasons.isVisible()
    assert "confirmed" in panel.standing.text()


def test_the_margin_is_told_in_words(panel: InspectorPanel) -> None:
    placement = Placement("c1", "21", 0)
    panel.show_chromosome(chromosome(), placement, (), margin="close: next best 22")
    assert panel.facts["Margin"].text() == "close: next best 22"


def test_what_the_assignment_did_is_noted_without_an_alarm(panel: InspectorPanel) -> None:
    note = "Looks most like 4 (62 %); placed at 5 because two surer ones are at 4; margin 9.0."
    panel.show_chromosome(chromosome(), Placement("c1", "21", 0), (), (), "clear", note)
    assert panel.note.isVisible()
    assert panel.note.text() == note.replace(" %", "\N{NO-BREAK SPACE}%")
    assert not panel.reasons.isVisible()
    panel.show_chromosome(chromosome(), Placement("c1", "21", 0), ())
    assert not panel.note.isVisible()


def test_a_chromosome_that_was_not_analysed(panel: InspectorPanel) -> None:
    bare = Chromosome("c1", chromosome().segment)
    panel.show_chromosome(bare, Placement("c1", "tray", 0), ())
    assert panel.facts["Predicted"].text() == "–"
    assert panel.facts["Present"].text() == "tray"
    assert not panel.bars.isVisible()


def test_nothing_and_several(panel: InspectorPanel) -> None:
    panel.show_nothing()
    assert "Select a chromosome" in panel._hint.text()
    panel.show_nothing(3)
    assert panel._hint.text() == "3 chromosomes selected."


def darkest_quarter(panel: InspectorPanel) -> tuple[str, str]:
    image = panel.view.grab().toImage()
    width, height = image.width(), image.height()
    quarters = {
        (top, left): sum(
            255 - image.pixelColor(x, y).lightness()
            for x in range(left_edge, left_edge + width // 2, 2)
            for y in range(top_edge, top_edge + height // 2, 2)
        )
        for top, top_edge in (("top", 0), ("bottom", height // 2))
        for left, left_edge in (("left", 0), ("right", width // 2))
    }
    return max(quarters, key=lambda key: quarters[key])


@pytest.mark.parametrize(
    ("turn", "mirrored", "where"),
    [
        (0.0, False, ("top", "left")),
        (180.0, False, ("bottom", "right")),
        (0.0, True, ("top", "right")),
        (180.0, True, ("bottom", "left")),
    ],
)
def test_it_is_drawn_as_it_stands(
    panel: InspectorPanel, turn: float, mirrored: bool, where: tuple[str, str]
) -> None:
    panel.show_chromosome(chromosome(), Placement("c1", "21", 0, turn, mirrored), ())
    assert darkest_quarter(panel) == where


def test_the_zoom_box_is_an_option(panel: InspectorPanel, qtbot: QtBot) -> None:
    panel.show_chromosome(chromosome(), Placement("c1", "21", 0), ())
    without = panel.view.grab().toImage()
    qtbot.mouseClick(panel.zoom_box, Qt.MouseButton.LeftButton)
    assert panel.view.grab().toImage() != without
    qtbot.mouseClick(panel.zoom_box, Qt.MouseButton.LeftButton)
    assert panel.view.grab().toImage() == without


def test_the_zoom_box_turns_with_the_chromosome() -> None:
    corners = zoom_box_corners((0.5, 0.0, 1.0, 0.5), QSize(20, 40))
    assert corners.boundingRect().center() == QPointF(5, -10)
    turned = standing(Placement("c", "1", 0, 180.0)).map(corners)
    assert turned.boundingRect().center().toPoint() == QPointF(-5, 10).toPoint()
    mirrored = standing(Placement("c", "1", 0, 0.0, True)).map(corners)
    assert mirrored.boundingRect().center() == QPointF(-5, -10)


@pytest.mark.parametrize(
    ("q_down", "turn", "words"),
    [
        (0.98, 0.0, "q arm down 98 %"),
        (0.02, 180.0, "q arm down 98 %"),
        (0.02, 0.0, "q arm up 98 %"),
        (0.98, 181.0, "q arm up 98 %"),
    ],
)
def test_polarity_is_told_as_it_stands(q_down: float, turn: float, words: str) -> None:
    assert polarity_text(chromosome(q_down), Placement("c1", "21", 0, turn)) == words


def test_words_for_how_it_stands() -> None:
    assert standing_text(Placement("c1", "21", 0)) == ""
    assert standing_text(Placement("c1", "21", 0, 2.5, True, True)) == (
        "confirmed ✓ · turned 2.5° · mirrored"
    )


def test_a_long_history_is_cut_and_says_so(panel: InspectorPanel) -> None:
    edits = [edit(f"Edit {n}", n) for n in range(HISTORY_SHOWN + 3)]
    assert history_lines(edits, "c1")[0].endswith(f"Edit {HISTORY_SHOWN + 2}")
    panel.show_chromosome(chromosome(), Placement("c1", "21", 0), edits)
    assert panel.history.text().endswith("and 3 more")
