"""Cells that came as one photograph, before and after analysis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from karyogui.domain.cell import Cell, PictureKind, SourcePicture
from karyogui.domain.chromosome import TYPES, Assignment, Chromosome, Polarity, Prediction, Segment
from karyogui.domain.karyogram import initial_placements
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject
from tests.unit.ui.metaphase.generated import Grey, types_in_order

QUALITY = Quality(46, 1, 0, 0.71, 550, True, "Few crossings, sharp.", 0.8)


def photograph(pixels: Grey, name: str = "cell 1.tif") -> SourcePicture:
    height, width = pixels.shape
    return SourcePicture(name, "0" * 64, width, height, "0" * 64, PictureKind.METAPHASE)


def new_cell(pixels: Grey, cell_id: int = 1) -> Cell:
    return Cell(cell_id, 1, f"cell {cell_id}", (photograph(pixels),))


def chromosomes_of(pixels: Grey, objects: Sequence[SeparatedObject]) -> tuple[Chromosome, ...]:
    """A chromosome of each object that is one, with the type of its place in the order."""
    found = [each for each in objects if each.kind is ObjectKind.CHROMOSOME]
    result = []
    for shown, kind in zip(found, types_in_order(len(found)), strict=True):
        (x, y), (height, width) = shown.origin, shown.mask.shape
        crop = pixels[y : y + height, x : x + width].copy()
        crop[~shown.mask] = 255
        probabilities = tuple(0.977 if each == kind else 0.001 for each in TYPES)
        result.append(
            Chromosome(
                shown.id,
                Segment("cell 1.tif", crop, shown.mask, 0.0, shown.box),
                Prediction(probabilities, (0.02, 0.98)),
                Assignment(kind, Polarity.Q_DOWN, 0.977),
            )
        )
    return tuple(result)


def analysed_cell(
    pixels: Grey,
    objects: Sequence[SeparatedObject],
    cell_id: int = 1,
    quality: Quality | None = QUALITY,
) -> Cell:
    chromosomes = chromosomes_of(pixels, objects)
    return Cell(
        cell_id,
        1,
        f"cell {cell_id}",
        (photograph(pixels),),
        chromosomes,
        initial_placements(chromosomes),
        analysed_at=datetime(2026, 3, 1, tzinfo=UTC),
        objects=tuple(objects),
        quality=quality,
    )


def cut_out_cell(cell_id: int = 3) -> Cell:
    return Cell(cell_id, 1, "cut-outs", (SourcePicture("01.png", "k", 20, 60, "0" * 64),))
