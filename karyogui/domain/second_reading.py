"""A second person's reading of a cell who does not see the first, and where the two differ.

Both begin with the same objects. What the second reader gets to see is the program's proposal, or
all chromosomes in the tray: no decision of the first person, no string, no confirmed place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.iscn import formula
from karyogui.domain.karyogram import TRAY, Placement, initial_placements, slot_counts, slot_name
from karyogui.domain.labelled_changes import propose_cell
from karyogui.domain.persons import is_same_person, names_a_person
from karyogui.domain.review import FINISHED_KARYOGRAM, PROGRAM
from karyogui.errors import KaryoError

STRING = ""
"""The item of a difference that is about the string and no chromosome."""
_OVER = 90.0
"""Degrees from which a chromosome stands the other way up."""


@dataclass(frozen=True)
class ReadingDecision:
    """Which of two readings holds for an item: a chromosome's id, or `STRING`."""

    item: str
    takes_second: bool
    reason: str
    who: str
    when: datetime


@dataclass(frozen=True)
class SecondReading:
    """How a second person read a cell, and what was decided where that differs from the first.

    `placements` and `iscn` are how the second person left the chromosomes, and the string;
    `first` and `first_iscn` are the same of the first reading then.
    """

    id: int
    cell_id: int
    who: str
    started: datetime
    when: datetime
    iscn: str
    placements: tuple[Placement, ...]
    first: tuple[Placement, ...]
    first_iscn: str
    decisions: tuple[ReadingDecision, ...] = ()


@dataclass(frozen=True)
class ReadingDifference:
    """An item that two persons read otherwise, each in words; `decision` once it is resolved."""

    item: str
    first: str
    second: str
    decision: ReadingDecision | None = None


def readers_of(cell: Cell) -> tuple[str, ...]:
    """The persons who worked at a cell or signed it off, each once."""
    told = [edit.who for edit in cell.edits] + [cell.reviewed_by]
    return tuple(dict.fromkeys(w for w in told if w and w not in (PROGRAM, FINISHED_KARYOGRAM)))


def refuse_reader(cell: Cell, who: str) -> None:
    """`KaryoError` for what is not a person's name, and for a person who knows the first result."""
    if not names_a_person(who):
        raise KaryoError("A cell is read by a named person.", "Type your first and last name.")
    first = next((name for name in readers_of(cell) if is_same_person(name, who)), "")
    if first:
        raise KaryoError(
            f"{first} has worked at {cell.name} and cannot be its second reader.",
            "Another person reads it.",
        )


def blind(cell: Cell, from_tray: bool = False) -> Cell:
    """The cell as the second reader gets to see it: nothing of what a person decided."""
    placements = initial_placements(cell.chromosomes)
    if from_tray:
        order = sorted(cell.chromosomes, key=lambda c: _scattered(cell, c.id))
        placements = tuple(Placement(c.id, TRAY, n) for n, c in enumerate(order))
    # Named one by one: what a later version adds to a cell is not shown before it is put here.
    return Cell(
        id=cell.id,
        case_id=cell.case_id,
        name=cell.name,
        pictures=cell.pictures,
        chromosomes=cell.chromosomes,
        placements=placements,
        model=cell.model,
        seconds=cell.seconds,
        analysed_at=cell.analysed_at,
        assignment=cell.assignment,
        objects=cell.objects,
        recipe=cell.recipe,
        quality=cell.quality,
        slide=cell.slide,
        revision=cell.revision,
        analysed_recipe=cell.analysed_recipe,
        separation=cell.separation,
    )


def differences(reading: SecondReading) -> tuple[ReadingDifference, ...]:
    """Where the two readings differed when the first was shown; resolved ones too.

    First those about chromosomes, then the one about the string.
    """
    first = {p.chromosome_id: p for p in reading.first}
    second = {p.chromosome_id: p for p in reading.placements}
    decided = {decision.item: decision for decision in reading.decisions}
    found = []
    for item in sorted({*first, *second}):
        one, other = first.get(item), second.get(item)
        words = _standing(one), _standing(other)
        if words[0] == words[1]:
            if not _is_over(one, other):
                continue
            words = words[0], f"{words[1]}, the other way up"
        found.append(ReadingDifference(item, *words, decided.get(item)))
    if reading.iscn and reading.iscn != reading.first_iscn:
        told = reading.first_iscn, reading.iscn
        found.append(ReadingDifference(STRING, *told, decided.get(STRING)))
    return tuple(found)


def string_of(cell: Cell) -> str:
    """The karyotype that the first reading of a cell makes, with what was labelled on its board."""
    counts = slot_counts(cell.placements)
    return propose_cell(counts, cell.changes, cell.slots).text or formula(counts)


def unresolved(found: Iterable[ReadingDifference]) -> int:
    """How many differences nobody has decided on."""
    return sum(difference.decision is None for difference in found)


def asked_at_random(cell: Cell, share: float) -> frozenset[str]:
    """Ids of a share (0 … 1) of a cell's chromosomes, the same ones whenever it is asked.

    They follow from the picture itself, so that they are the same in every data folder.
    """
    return frozenset(c.id for c in cell.chromosomes if _scattered(cell, c.id) < share)


def numbers(chromosomes: Sequence[Chromosome]) -> dict[str, int]:
    """The number of each chromosome in its cell, from 1, by which two persons speak of it."""
    return {chromosome.id: number for number, chromosome in enumerate(chromosomes, start=1)}


def _scattered(cell: Cell, chromosome_id: str) -> float:
    """A number 0 … 1 of a chromosome that nobody can choose."""
    picture = cell.pictures[0].sha256 if cell.pictures else cell.name
    digest = hashlib.sha256(f"{picture}|{chromosome_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _standing(placement: Placement | None) -> str:
    return "not there" if placement is None else slot_name(placement.slot)


def _is_over(first: Placement | None, second: Placement | None) -> bool:
    if first is None or second is None or TRAY in (first.slot, second.slot):
        return False
    apart = abs(first.turn - second.turn) % 360.0
    return min(apart, 360.0 - apart) > _OVER
