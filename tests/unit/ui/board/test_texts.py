import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.ui.board import texts

Make = Callable[..., Cell]


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.996, "> 99 %"), (1.0, "100 %")],
)
def test_per_cent_never_rounds_to_certainty(fraction: float, expected: str) -> None:
    assert texts.per_cent(fraction) == expected


def test_the_tooltip_tells_types_polarity_reasons_source_and_standing(cell: Make) -> None:
    shown = cell(("7", "7"), doubtful=("7a",))
    chromosome = shown.chromosomes[0]
    karyogram = Karyogram(shown.placements)
    karyogram.apply(karyogram.turn(["7a"], 5))
    karyogram.apply(karyogram.mirror(["7a"]))
    reasons = ("Two types are nearly as likely.",)
    text = texts.tooltip(chromosome, karyogram.placement("7a"), karyogram, reasons, 0.4)
    assert "Chromosome 7, 2 of 2" in text
    assert "60 %" in text
    assert len([line for line in text.splitlines() if re.fullmatch(r"\w+:\s.*%", line)]) == 5
    assert "q arm down 98 %, up 2 %" in text
    assert "Two types are nearly as likely." in text
    assert "7a.png" in text
    for standing in ("Turned 5° clockwise", "mirrored", "40 % of the common scale"):
        assert standing in text


def test_a_confirmed_one_says_so(cell: Make) -> None:
    shown = cell(("7",), doubtful=("7a",))
    karyogram = Karyogram(shown.placements)
    karyogram.apply(karyogram.confirm(["7a"]))
    for say in (texts.tooltip, texts.describe):
        text = say(shown.chromosomes[0], karyogram.placement("7a"), karyogram)
        assert "onfirmed ✓" in text


def test_reasons_are_told_to_a_screen_reader(cell: Make) -> None:
    shown = cell(("7",))
    karyogram = Karyogram(shown.placements)
    reasons = ("Close call: next best 8; margin 1.0.",)
    text = texts.describe(shown.chromosomes[0], karyogram.placement("7a"), karyogram, reasons)
    assert text.endswith("; Close call: next best 8; margin 1.0.")


def test_a_source_name_stands_there_as_it_is(cell: Make) -> None:
    shown = cell(("7",))
    chromosome = shown.chromosomes[0]
    chromosome = replace(chromosome, segment=replace(chromosome.segment, source="<b>x</b>.png"))
    karyogram = Karyogram(shown.placements)
    text = texts.tooltip(chromosome, karyogram.placement("7a"), karyogram)
    assert text.splitlines()[-1] == "<b>x</b>.png"


def test_an_unanalysed_object_is_described_without_a_prediction(cell: Make) -> None:
    shown = cell((None,))
    bare = replace(shown.chromosomes[0], predicted=None, assigned=None)
    karyogram = Karyogram(shown.placements)
    placement = karyogram.placement("tray0")
    assert placement.slot == TRAY
    assert texts.describe(bare, placement, karyogram) == "Unplaced, 1 of 1."
    assert "%" not in texts.tooltip(bare, placement, karyogram)
