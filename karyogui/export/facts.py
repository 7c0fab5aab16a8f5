"""What the exporters say about a cell, worked out once: who stands where, what a person changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from karyogui.domain.amounts import amount, listed
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import TYPES, Chromosome
from karyogui.domain.iscn import formula
from karyogui.domain.karyogram import SLOTS, TRAY, Change, Placement, initial_placements
from karyogui.domain.labelled_changes import troubles
from karyogui.domain.report import CellReport
from karyogui.domain.review import (
    PROGRAM,
    Edit,
    EvidenceFlag,
    evidence_flag,
    review_queue,
    runner_up,
)
from karyogui.domain.separation import Quality, quality_figures
from karyogui.domain.separation_check import expected_text
from karyogui.domain.sitting import NO_CORRECTIONS, REPAIRS
from karyogui.domain.trail import (
    first_proposal,
    lasting_repairs,
    persons,
    proposed_placements,
    since_proposed,
)

UNPLACED = "unplaced"
"""The word for the tray in everything that leaves the program."""


@dataclass(frozen=True, eq=False)
class Standing:
    """One chromosome where it stands now: the `position`-th of `count` in its slot, from 1."""

    chromosome: Chromosome
    placement: Placement
    position: int
    count: int

    @property
    def type(self) -> str:
        """The present slot as printed: a type, `mar` or `unplaced`."""
        return UNPLACED if self.placement.slot == TRAY else self.placement.slot

    @property
    def place(self) -> str:
        """The place in words: `21, 3rd of 3`, or `Y` where nothing else stands."""
        if self.count == 1:
            return self.type
        return f"{self.type}, {ordinal(self.position)} of {self.count}"


@dataclass(frozen=True, eq=False)
class Correction:
    """How one chromosome differs from what the program proposed, and who touched it last."""

    standing: Standing
    predicted: str
    assigned: str
    turned: float
    last_edit: Edit | None


def standings(report: CellReport) -> tuple[Standing, ...]:
    """Every chromosome of a cell, slot by slot in the order of `SLOTS`, each from the left.

    A chromosome that stands nowhere counts as unplaced: nothing is left out of a report.
    """
    chromosomes = {chromosome.id: chromosome for chromosome in report.cell.chromosomes}
    karyogram = report.karyogram
    return tuple(
        Standing(chromosomes[i], karyogram.placement(i), position, len(members))
        for members in (karyogram.in_slot(slot) for slot in SLOTS)
        for position, i in enumerate(members, start=1)
    )


def corrections(report: CellReport) -> tuple[Correction, ...]:
    """What stands otherwise than the program proposed: another slot or turn, or mirrored.

    What repairs have made is compared with where the network put it afterwards.
    """
    cell = report.cell
    proposed = {p.chromosome_id: p for p in initial_placements(cell.chromosomes)}
    proposed |= {p.chromosome_id: p for p in proposed_placements(cell)}
    last_edits = _last_edits(cell)
    found = []
    for standing in standings(report):
        chromosome, placement = standing.chromosome, standing.placement
        before = proposed[chromosome.id]
        turned = (placement.turn - before.turn) % 360.0
        if placement.slot == before.slot and not turned and not placement.mirrored:
            continue
        predicted = chromosome.predicted.argmax_type if chromosome.predicted else ""
        assigned = UNPLACED if before.slot == TRAY else before.slot
        last = last_edits.get(chromosome.id)
        found.append(Correction(standing, predicted, assigned, turned, last))
    return tuple(found)


def _last_edits(cell: Cell) -> dict[str, Edit]:
    """The edit that brought each chromosome, by id, to how it stands."""
    return {
        own_id: edit
        for edit in sorted(cell.edits, key=lambda edit: edit.when)
        for own_id in _stand_otherwise(edit.change)
    }


def _stand_otherwise(change: Change) -> frozenset[str]:
    """Ids of those that a change has brought elsewhere; not of neighbours that moved up."""
    before = {p.chromosome_id: p for p in change.before}
    return frozenset(
        p.chromosome_id
        for p in change.after
        if p.chromosome_id not in before or not p.is_placed_like(before[p.chromosome_id])
    )


@dataclass(frozen=True, eq=False)
class Asking:
    """A chromosome that still asks for a person's eye, and why."""

    standing: Standing
    reasons: tuple[str, ...]


def still_to_review(report: CellReport) -> tuple[Asking, ...]:
    """Chromosomes that ask for a person's eye and were not confirmed, the most urgent first."""
    cell = report.cell
    by_id = {standing.chromosome.id: standing for standing in standings(report)}
    queue = review_queue(cell.chromosomes, report.karyogram, cell.assignment)
    return tuple(Asking(by_id[item.chromosome_id], item.reasons) for item in queue)


def evidence(report: CellReport) -> EvidenceFlag | None:
    """Where pictures speak against the assignment and nobody has decided yet."""
    cell = report.cell
    return evidence_flag(cell.chromosomes, report.karyogram, cell.assignment)


def nearly_as_likely(report: CellReport) -> str:
    """The second-best karyotype in a sentence, where it is close and nobody has decided yet."""
    return runner_up(report.cell.chromosomes, report.karyogram.counts, report.cell.assignment)


def alternative_iscn(cell: Cell) -> str:
    """The second-best karyotype of the assignment as ISCN, whatever its margin; mostly empty."""
    assignment = cell.assignment
    if assignment is None or assignment.alternative is None:
        return ""
    return formula(dict(zip(TYPES, assignment.alternative, strict=True)))


def labelled_changes(report: CellReport) -> tuple[str, ...]:
    """Each structural change that a person has labelled, with where its chromosomes stand and who.

    What has to be settled about it is added.
    """
    asked: dict[str, str] = {}
    for trouble in troubles(report.cell.changes, _slots(report)):
        asked.setdefault(trouble.change_id, trouble.text)
    by_id = {standing.chromosome.id: standing for standing in standings(report)}
    told = []
    for change in report.cell.changes:
        places = [by_id[i].place if i in by_id else f"{i}, gone" for i in change.chromosome_ids]
        words = f"{change.text} ({'; '.join(places)})" if places else change.text
        words += f", entered by {change.who}" if change.who else ""
        told.append(f"{words}. To settle: {asked[change.id]}" if change.id in asked else words)
    return tuple(told)


def change_troubles(report: CellReport) -> tuple[str, ...]:
    """What has to be settled about labelled changes before a sign-off, in sentences."""
    return tuple(t.text for t in troubles(report.cell.changes, _slots(report)))


def _slots(report: CellReport) -> dict[str, str]:
    return {p.chromosome_id: p.slot for p in report.karyogram.placements}


def review_reasons(report: CellReport) -> dict[str, tuple[str, ...]]:
    """Why each chromosome, by id, still needs review; those that do not are left out."""
    return {item.standing.chromosome.id: item.reasons for item in still_to_review(report)}


def confidence(chromosome: Chromosome) -> float | None:
    """Confidence (0 … 1) of the assignment; None before analysis."""
    return chromosome.assigned.confidence if chromosome.assigned else None


def cell_title(cell: Cell) -> str:
    """The cell's name with the slide that it was found on."""
    return f"{cell.slide}, {cell.name}" if cell.slide else cell.name


def exclusion_text(cell: Cell) -> str:
    """Why a cell does not count, who said so and when; empty for one that counts."""
    said = cell.exclusion
    if said is None:
        return ""
    return f"{said.reason.rstrip('.')} ({said.who}, {when_text(said.when)})"


def source_name(cell: Cell, chromosome: Chromosome) -> str:
    """What a chromosome of a cell is known by: its picture, or its object's id."""
    return chromosome.id if cell.has_photograph else chromosome.segment.source


def quality_text(quality: Quality) -> str:
    """What the program thinks of a photograph, with its figures."""
    worth = "worth karyotyping" if quality.worth else "not worth karyotyping"
    expected = expected_text(quality.repairs)
    verdict = f"{expected[:1].lower()}{expected[1:]} by the program" if expected else worth
    return f"{verdict}. {quality.reason} Estimated: {', '.join(quality_figures(quality))}."


def result_text(report: CellReport) -> str:
    """The program's first proposal and what the cell says now: `45,XY,-7 → 46,XY`."""
    first, now = str(first_proposal(report.cell)) or "none", str(report.iscn) or "none"
    return f"{first} (unchanged)" if first == now else f"{first.rstrip('.')} → {now}"


def work_text(report: CellReport) -> str:
    """What of persons' work still holds, in one sentence that is true however much it is."""
    cell = report.cell
    edits = [e for e in since_proposed(cell) if _is_work(e)]
    repairs = lasting_repairs(cell)
    different, confirmed = len(corrections(report)), sum(p.confirmed for p in cell.placements)
    parts = ["every chromosome is where it was proposed"]
    if different:
        placed = "is" if different == 1 else "are"
        parts = [f"{amount(different, 'chromosome')} {placed} placed differently than proposed"]
    elif repairs:
        parts = ["every other chromosome is where it was proposed"]
    parts.append(f"{confirmed or 'none'} {'is' if confirmed <= 1 else 'are'} confirmed")
    if repairs:
        parts.insert(0, repairs_text(repairs))
    said = listed(parts)
    if not edits:
        return f"No edits by a person: {said}."
    if not (different or confirmed or repairs):
        return f"What {', '.join(persons(edits))} changed was taken back: {said}."
    who = persons(_that_hold(report, repairs)) or persons(edits)
    return f"By {', '.join(who)}: {said}."


def _that_hold(report: CellReport, repairs: Sequence[Edit]) -> list[Edit]:
    """The edits to which it is due that things stand otherwise, or are confirmed."""
    last = _last_edits(report.cell)
    ids = {correction.standing.chromosome.id for correction in corrections(report)}
    ids |= {p.chromosome_id for p in report.cell.placements if p.confirmed}
    placed = [last[i] for i in ids if i in last and last[i].who != PROGRAM]
    return sorted([*repairs, *placed], key=lambda edit: edit.when)


def _is_work(edit: Edit) -> bool:
    """Whether an edit is a person's, of the chromosomes or of the photograph's objects."""
    moved = bool(edit.change.before or edit.change.after) and not edit.change.by_program
    return moved or edit.change.kind in REPAIRS


def repairs_text(repairs: Sequence[Edit]) -> str:
    """Repairs of the photograph by their kinds: `3 repairs of the photograph (cut 2, join 1)`."""
    kinds = Counter(str(edit.change.kind) for edit in repairs)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    noun = "repair" if len(repairs) == 1 else "repairs"
    return f"{len(repairs)} {noun} of the photograph ({told})"


def cost_text(cell: Cell) -> str:
    """What repairing and placing has cost: corrections by kind, and the time."""
    cost = cell.cost
    if not cell.sittings:
        return "none recorded."
    done = [f"{kind.value} {n}" for kind, n in cost.actions.items() if kind not in NO_CORRECTIONS]
    kinds = f" ({', '.join(done)})" if done else ""
    return (
        f"{amount(cost.corrections, 'correction')}{kinds} in {minutes_text(cost.seconds_active)}, "
        f"{amount(len(cell.sittings), 'sitting')}."
    )


def minutes_text(seconds: float) -> str:
    """A time as `3.4 min`, below one minute in seconds."""
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def ordinal(number: int) -> str:
    """A place in words: `1st`, `2nd`, `3rd`, `4th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return str(number) + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def when_text(when: datetime) -> str:
    """A moment to the minute in local time; its offset from UTC follows where it is known."""
    if when.utcoffset() is None:
        return f"{when:%Y-%m-%d %H:%M}"
    local = when.astimezone()
    offset = local.isoformat()[-6:] if local.utcoffset() else ""
    return f"{local:%Y-%m-%d %H:%M} UTC{offset}"
