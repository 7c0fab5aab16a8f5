"""A person's decisions on a cell, and which chromosomes ask for one: the queue and its reasons."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from karyogui.domain.amounts import number_word
from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.chromosome import GROUPS, TYPES, Chromosome
from karyogui.domain.complement import Complement
from karyogui.domain.findings import condensed, find, findings_by_slot
from karyogui.domain.iscn import formula
from karyogui.domain.karyogram import TRAY, Change, Karyogram, Placement
from karyogui.domain.separation_check import CheckEntry
from model.vocabulary.results import REVIEW_MARGIN

RUNNER_UP_MARGIN: float = 3.0
"""Margin (nats) below which another karyotype is shown as nearly as likely: e³ ≈ 20 times."""
CERTAIN: float = 0.9
"""Probability from which a polarity, or a type without a known margin, asks for no eye.

It is th of Algorithm 1 (III-B).
"""
PROGRAM = "KaryoGUI"
"""Who stands in the audit trail for what no person did."""
FINISHED_KARYOGRAM = "Finished karyogram"
"""Who stands in the audit trail for the person, not known by name, who had made a karyogram."""
DRAWN = "Chosen at random: it is certain and reviewed anyway."
NOTHING_SEEN = "No chromosome can be seen in the picture."
_SAME_MARGIN = 0.1
"""Margins (nats) that differ by less belong to the same solution: equals may change places."""


@dataclass(frozen=True)
class Edit:
    """One change of a karyogram: who, when, what it did, before and after."""

    who: str
    when: datetime
    change: Change


@dataclass(frozen=True)
class SignOff:
    """A person's word on a finished karyogram; it freezes the karyogram until withdrawn."""

    who: str
    when: datetime
    meaning: str


@dataclass(frozen=True)
class Exclusion:
    """A person's word that a cell does not count in its case, and why; it holds until taken back.

    The cell keeps all that was made of it, its sign-off too.
    """

    who: str
    when: datetime
    reason: str


@dataclass(frozen=True)
class ReviewItem:
    """A chromosome that needs review: why, in sentences, and how urgently (0 … 1)."""

    chromosome_id: str
    reasons: tuple[str, ...]
    doubt: float


@dataclass(frozen=True)
class EvidenceFlag:
    """The pictures of some chromosomes speak against their types, and nobody has decided yet.

    `assigned` and `by_pictures` are both readings as ISCN strings, empty where none can be
    written; `sentences` say it chromosome by chromosome, in the order of `chromosome_ids`.
    """

    chromosome_ids: tuple[str, ...]
    assigned: str
    by_pictures: str
    sentences: tuple[str, ...]


def review_queue(
    chromosomes: Sequence[Chromosome],
    karyogram: Karyogram,
    assignment: AssignmentSummary | None = None,
    drawn: Collection[str] = (),
) -> tuple[ReviewItem, ...]:
    """Who needs review: first what lies in the tray, then by margin, the smallest first.

    A chromosome asks until it is confirmed, when its margin is below `REVIEW_MARGIN` (where none
    is known: when the analysis gave a reason or its confidence is below `CERTAIN`), and
    always when it is unplaced, a Y, of a type or group G with an unusual count, stands elsewhere
    than assigned, has an uncertain polarity, or its picture disagrees with its type. In a cell
    that is incomplete anyway a type that is short is no reason by itself. Those `drawn` at random
    ask too, however sure they are.
    """
    rules = _CellRules(chromosomes, karyogram.counts, assignment)
    items = []
    for chromosome in chromosomes:
        placement = karyogram.placement(chromosome.id)
        reasons = () if placement.confirmed else rules.reasons(chromosome, placement)
        if not reasons and not placement.confirmed and chromosome.id in drawn:
            reasons = (DRAWN,)
        if reasons:
            margin = _margin(chromosome)
            doubt = max(0.0, min(1.0, 1.0 - margin / REVIEW_MARGIN))
            rank = (placement.slot != TRAY, margin, chromosome.id)
            items.append((rank, ReviewItem(chromosome.id, reasons, doubt)))
    return tuple(item for _, item in sorted(items, key=lambda pair: pair[0]))


def close_calls(chromosomes: Iterable[Chromosome], placements: Iterable[Placement]) -> int:
    """How many stand at a type that is a close call, and that nobody has decided."""
    standing = {placement.chromosome_id: placement for placement in placements}
    return sum(
        chromosome.assigned is not None
        and chromosome.assigned.margin is not None
        and chromosome.assigned.margin < REVIEW_MARGIN
        and _is_undecided(chromosome, standing[chromosome.id])
        for chromosome in chromosomes
        if chromosome.id in standing
    )


def evidence_flag(
    chromosomes: Sequence[Chromosome],
    karyogram: Karyogram,
    assignment: AssignmentSummary | None,
) -> EvidenceFlag | None:
    """The flag "image evidence disagrees with the assignment"; None when there is nothing to it.

    Chromosomes that a person confirmed or moved have been decided on and are left out.
    """
    by_id = {chromosome.id: chromosome for chromosome in chromosomes}
    ids = [i for i in (assignment.disagreeing if assignment else ()) if i in by_id]
    open_ones = [by_id[i] for i in ids if _is_undecided(by_id[i], karyogram.placement(i))]
    if not open_ones:
        return None
    counts = dict(karyogram.counts)
    other = dict(counts)
    for chromosome in open_ones:
        other[karyogram.placement(chromosome.id).slot] -= 1
        other[looks_like(chromosome)] += 1
    return EvidenceFlag(
        tuple(chromosome.id for chromosome in open_ones),
        formula(counts),
        formula(other),
        tuple(_evidence_sentence(chromosome) for chromosome in open_ones),
    )


def runner_up(
    chromosomes: Sequence[Chromosome],
    counts: Mapping[str, int],
    assignment: AssignmentSummary | None,
) -> str:
    """The second-best karyotype in a sentence, when it is close; empty otherwise.

    Only while the counts are those of the assignment: then a person has not decided yet. Of an
    incomplete cell another karyotype says nothing.
    """
    if assignment is None or assignment.alternative is None or Complement.of(counts).is_incomplete:
        return ""
    margin = assignment.alternative_margin
    if margin is None or margin >= RUNNER_UP_MARGIN:
        return ""
    assigned = _assigned_counts(chromosomes)
    if any(counts.get(kind, 0) != count for kind, count in assigned.items()):
        return ""
    other = formula(dict(zip(TYPES, assignment.alternative, strict=True))) or "a cell without an X"
    without = sum(assigned.values()) - sum(assignment.alternative)
    if without > 0:
        objects = "object" if without == 1 else "objects"
        other += f" with {number_word(without)} {objects} of no type"
    return f"Nearly as likely: {other} (margin {margin:.1f})."


def looks_like(chromosome: Chromosome) -> str:
    """The type that the picture alone looks most like; empty before analysis."""
    return chromosome.predicted.argmax_type if chromosome.predicted else ""


def margin_words(
    chromosome: Chromosome, cell: Iterable[Chromosome], assignment: AssignmentSummary | None
) -> str:
    """The margin in words: `clear`, or `close: next best 5`; empty where none is known.

    `cell` are all chromosomes of the cell.
    """
    assigned = chromosome.assigned
    if assigned is None or assigned.margin is None:
        return ""
    if assigned.margin >= REVIEW_MARGIN:
        return "clear"
    if _rests_on(assigned.margin, assignment):
        fewer, more = _changes(cell, assignment)
        if assigned.type in fewer:
            return f"close: next best {more[0]}" if more else "close: it may be of no type"
    other = _next_by_picture(chromosome)
    return f"close: next best {other}" if other else "close"


def is_moved(chromosome: Chromosome, placement: Placement) -> bool:
    """Whether it stands, undecided, where an assignment put it against its picture."""
    assigned = chromosome.assigned
    return bool(assigned and assigned.moved) and _is_undecided(chromosome, placement)


def moved_sentence(chromosome: Chromosome, cell: Iterable[Chromosome]) -> str:
    """What the assignment changed and why; empty when the type is the most probable one.

    `cell` are all chromosomes of the cell.
    """
    predicted, assigned = chromosome.predicted, chromosome.assigned
    if predicted is None or assigned is None or not assigned.moved or assigned.type is None:
        return ""
    kind, probability = predicted.best(1)[0]
    there = [c.predicted for c in cell if c.assigned is not None and c.assigned.type == kind]
    surer = all(p is not None and p.probability_of(kind) >= probability for p in there)
    why = "because the cell as a whole is likelier so"
    if len(there) == 1:
        why = f"because {'a surer one' if surer else 'another one'} is at {kind}"
    elif there:
        others = "surer ones" if surer else "others"
        why = f"because {number_word(len(there))} {others} are at {kind}"
    margin = "" if assigned.margin is None else f"; margin {assigned.margin:.1f}"
    looks = f"Looks most like {kind} ({per_cent(probability)})"
    return f"{looks}; placed at {assigned.type} {why}{margin}."


def per_cent(fraction: float) -> str:
    """A probability as one reads it: never rounded up to certainty or down to nothing."""
    if 0.0 < fraction < 0.01:
        return "< 1 %"
    if 0.99 < fraction < 1.0:
        return "> 99 %"
    return f"{fraction:.0%}".replace("%", " %")


class _CellRules:
    """Why the chromosomes of one cell need review, given its counts."""

    def __init__(
        self,
        chromosomes: Sequence[Chromosome],
        counts: Mapping[str, int],
        assignment: AssignmentSummary | None,
    ) -> None:
        self._cell = chromosomes
        self._assignment = assignment
        self._disagreeing = assignment.disagreeing if assignment else ()
        self._abnormal = findings_by_slot(condensed(find(counts)))
        # 21, 22 and Y are of like shape: a count decision about one is one about all.
        unusual_y = "Y" in self._abnormal and counts["Y"] > 0
        self._group_g = unusual_y or bool({"21", "22"} & self._abnormal.keys())

    def reasons(self, chromosome: Chromosome, placement: Placement) -> tuple[str, ...]:
        """Sentences, the most telling first; empty when nothing is doubtful."""
        if placement.slot == TRAY:
            return _unplaced(chromosome)
        reasons = [*self._of_type(chromosome, placement), *_of_polarity(chromosome)]
        finding = self._abnormal.get(placement.slot)
        if finding is not None:
            reasons.append(finding.text)
        if self._group_g and placement.slot in GROUPS["G"]:
            reasons.append("The count of group G is unusual: compare 21, 22 and Y.")
        if placement.slot == "Y":
            reasons.append("A Y is always reviewed.")
        return tuple(dict.fromkeys(reasons))

    def _of_type(self, chromosome: Chromosome, placement: Placement) -> tuple[str, ...]:
        assigned = chromosome.assigned
        if assigned is None:
            return ("Not analysed.",)
        if placement.slot != assigned.type:
            where = "in the tray" if assigned.type is None else f"at {assigned.type}"
            return (f"The assignment puts it {where}; it is at {placement.slot}.",)
        if assigned.margin is None:
            low = () if assigned.confidence >= CERTAIN else ("Low confidence.",)
            return assigned.reasons or low
        moved = moved_sentence(chromosome, self._cell)
        if chromosome.id in self._disagreeing:
            against = f"The picture disagrees with the assignment. {moved}".rstrip()
            return (against, *assigned.reasons)
        if assigned.margin >= REVIEW_MARGIN:
            return assigned.reasons
        words = margin_words(chromosome, self._cell, self._assignment)
        close = moved or f"{words[:1].upper()}{words[1:]}; margin {assigned.margin:.1f}."
        return (*assigned.reasons, close)


def _unplaced(chromosome: Chromosome) -> tuple[str, ...]:
    assigned = chromosome.assigned
    if assigned is None:
        return ("Not analysed.",)
    if assigned.type is not None:
        return (f"Lies unplaced; assigned to {assigned.type}.",)
    return assigned.reasons or _fits_nowhere(chromosome)


def _fits_nowhere(chromosome: Chromosome) -> tuple[str, ...]:
    predicted = chromosome.predicted
    if predicted is None:
        return ("Fits no type well enough.",)
    if not predicted.shows_something:
        return (NOTHING_SEEN,)
    kind, probability = predicted.best(1)[0]
    looks = f"Looks most like {kind} ({per_cent(probability)}), but fits no place of this cell."
    return (looks, *_of_polarity(chromosome))


def _of_polarity(chromosome: Chromosome) -> tuple[str, ...]:
    predicted, assigned = chromosome.predicted, chromosome.assigned
    # Results without a margin tell an uncertain polarity among their own reasons.
    if predicted is None or assigned is None or assigned.margin is None:
        return ()
    q_up, q_down = predicted.polarity_probabilities
    if max(q_up, q_down) >= CERTAIN:
        return ()
    return (f"Polarity uncertain: q arm down {per_cent(q_down)} in the picture.",)


def _is_undecided(chromosome: Chromosome, placement: Placement) -> bool:
    assigned = chromosome.assigned
    return assigned is not None and placement.slot == assigned.type and not placement.confirmed


def _evidence_sentence(chromosome: Chromosome) -> str:
    kind = chromosome.assigned.type if chromosome.assigned else None
    if chromosome.predicted is None or kind is None:
        return ""
    looks, probability = chromosome.predicted.best(1)[0]
    return f"Stands at {kind}, looks like {looks} ({per_cent(probability)})."


def _assigned_counts(cell: Iterable[Chromosome]) -> dict[str, int]:
    counts = dict.fromkeys(TYPES, 0)
    for chromosome in cell:
        if chromosome.assigned is not None and chromosome.assigned.type is not None:
            counts[chromosome.assigned.type] += 1
    return counts


def _next_by_picture(chromosome: Chromosome) -> str:
    """The most probable other type, where it is probable enough to be what makes it close.

    The margin knows of exchanges with other chromosomes and of objects of no type, which the
    picture does not: then nothing is said rather than something wrong.
    """
    predicted, assigned = chromosome.predicted, chromosome.assigned
    if predicted is None or assigned is None or assigned.margin is None:
        return ""
    kind, probability = next(best for best in predicted.best(2) if best[0] != assigned.type)
    own = predicted.probability_of(assigned.type or "")
    nearly = probability * math.exp(assigned.margin + _SAME_MARGIN) >= own
    return kind if nearly else ""


def _rests_on(margin: float | None, assignment: AssignmentSummary | None) -> bool:
    """Whether a chromosome's margin is that of the runner-up karyotype."""
    if margin is None or assignment is None or assignment.alternative_margin is None:
        return False
    return abs(margin - assignment.alternative_margin) < _SAME_MARGIN


def _changes(
    cell: Iterable[Chromosome], assignment: AssignmentSummary | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Types of which the runner-up karyotype has fewer, and of which it has more."""
    if assignment is None or assignment.alternative is None:
        return (), ()
    counts = _assigned_counts(cell)
    other = dict(zip(TYPES, assignment.alternative, strict=True))
    fewer = tuple(kind for kind in TYPES if other[kind] < counts[kind])
    return fewer, tuple(kind for kind in TYPES if other[kind] > counts[kind])


def _margin(chromosome: Chromosome) -> float:
    """The margin; without one, the log odds of the confidence, which are of its kind."""
    assigned = chromosome.assigned
    if assigned is None:
        return 0.0
    if assigned.margin is not None:
        return assigned.margin
    confidence = min(max(assigned.confidence, 1e-9), 1.0 - 1e-9)
    return math.log(confidence / (1.0 - confidence))


ANALYSE_FIRST = "Analyse the cell first."
ANALYSED_AGAIN = "The cell is being analysed again: the findings are being renewed."
RENEWING = "A repair is still being analysed: the findings are being renewed."
NEVER_CHECKED = "The separation was never checked: analyse the cell again (F5)."
NOT_RENEWED = "The last repair has not been analysed yet: renew the findings first."


def sign_off_needs(
    karyogram: Karyogram | None,
    needs_review: Sequence[str],
    check: Sequence[CheckEntry] = (),
    renewal: str = "",
    changes: Sequence[str] = (),
) -> tuple[str, ...]:
    """Everything that stands in the way of a sign-off, a sentence each; none when nothing does.

    `needs_review` are the ids that still need review (`domain.review.review_queue`), `check` the
    open entries of the separation check; `renewal` says that findings are being renewed, `changes`
    what has to be settled about labelled changes.
    """
    if karyogram is None or not len(karyogram):
        return (ANALYSE_FIRST,)
    needs = [renewal] if renewal else []
    if check:
        objects = "1 object" if len(check) == 1 else f"{len(check)} objects"
        needs.append(f"Count not settled: {objects} to check (N).")
    in_tray = karyogram.counts[TRAY]
    if in_tray == 1:
        needs.append("One chromosome is in the tray.")
    elif in_tray:
        needs.append(f"{in_tray} chromosomes are in the tray.")
    lying = set(karyogram.in_slot(TRAY))
    others = sum(i not in lying for i in needs_review)
    if others == 1:
        needs.append("One chromosome needs review (N, Enter).")
    elif others > 0:
        needs.append(f"{others} chromosomes need review (N, Enter).")
    return (*needs, *changes)
