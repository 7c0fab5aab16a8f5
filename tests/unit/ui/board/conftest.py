"""Generated cells and a panel that shows one."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import (
    AUTOSOMES,
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
)
from karyogui.domain.karyogram import Change, Karyogram
from karyogui.errors import KaryoError
from karyogui.ui.board.panel import BoardPanel

DISOMIC = (*AUTOSOMES, *AUTOSOMES, "X", "Y")


class Records:
    """A place for changes that can be told to refuse them."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.is_full = False

    def __call__(self, change: Change) -> None:
        if self.is_full:
            raise KaryoError("The disk is full.", "Free some space.")
        self.changes.append(change)


def make_chromosome(
    chromosome_id: str,
    kind: str | None,
    confidence: float = 0.999,
    size: tuple[int, int] = (60, 14),
) -> Chromosome:
    probabilities = np.full(24, (1 - confidence) / 23)
    if kind in TYPES:
        probabilities[TYPES.index(kind)] = confidence
    crop = np.full(size, 255, np.uint8)
    crop[1:-1, 1:-1] = 90
    reasons = () if confidence > 0.9 else ("Two types are nearly as likely.",)
    return Chromosome(
        chromosome_id,
        Segment(f"{chromosome_id}.png", crop, crop < 255),
        Prediction(tuple(map(float, probabilities)), (0.02, 0.98)),
        Assignment(kind, Polarity.Q_DOWN, confidence, reasons),
    )


def make_cell(kinds: Sequence[str | None] = DISOMIC, doubtful: Sequence[str] = ()) -> Cell:
    """A cell whose ids are `7a`, `7b`, … by type, `tray0` … for None."""
    chromosomes = []
    for kind in kinds:
        number = sum(c.assigned.type == kind for c in chromosomes if c.assigned)
        name = f"{kind}{'abcdefgh'[number]}" if kind else f"tray{number}"
        confidence = 0.6 - 0.1 * doubtful.index(name) if name in doubtful else 0.999
        height = 120 - 4 * TYPES.index(kind) if kind else 50
        chromosomes.append(make_chromosome(name, kind, confidence, (height, 14)))
    placements = Karyogram.from_analysis(chromosomes).placements
    return Cell(1, 1, "cell 1", (), tuple(chromosomes), placements)


@pytest.fixture
def cell() -> Callable[..., Cell]:
    return make_cell


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def panel(qtbot: QtBot, records: Records) -> Iterator[BoardPanel]:
    panel = BoardPanel(records)
    qtbot.addWidget(panel)
    panel.resize(900, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    panel.setFocus()
    yield panel
    panel.clear()


@pytest.fixture
def full(panel: BoardPanel, cell: Callable[..., Cell]) -> BoardPanel:
    panel.show_cell(cell())
    return panel
