"""The ISCN proposal for one cell, from counts alone; a question where the counts are implausible.

Numerical rules only: `total,sex,abnormalities`. The sex complement is written in full and without
signs (constitutional), autosomes follow from 1 to 22, markers last; a chromosome gained twice is
written twice, two markers are `+2mar`; triploid and tetraploid cells count from 69 and 92.
Structure, uncertain identity (`?`), clones and mosaics are a person's to write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from karyogui.domain.amounts import amount
from karyogui.domain.chromosome import GROUPS
from karyogui.domain.complement import PLAUSIBLE_DEVIATIONS, PLOIDY_NAMES, Complement
from karyogui.domain.separation_check import CheckEntry, unsettled
from model.vocabulary.quality import TWO_CELLS, Quality

_WHOLE_ENOUGH = 0.75
"""Below this share of 46 (69, 92) a string would list what was not imported, not what is there.

Three quarters of 46 are 34.5: ISCN calls a cell near-diploid from 35 chromosomes on.
"""

MOST_CLOSE_CALLS = 1 / 3
"""Share of close calls from which the types of a cell, all together, are in doubt.

In photographs that are read well it is a few in a hundred; in those of another stain, or so stout
that types are guessed, half.
"""

_NEAR: dict[int, range] = {2: range(35, 58), 3: range(58, 81), 4: range(81, 104)}
"""Numbers of chromosomes that ISCN calls near-diploid, -triploid, -tetraploid: with others gains
and losses would be read as from another ploidy."""


@dataclass(frozen=True)
class IscnProposal:
    """Either `text` (an ISCN string such as `47,XX,+21`) or `question` (a sentence), or both.

    `text` is empty when no string may be proposed; `question` is empty when nothing is doubtful.
    """

    text: str
    question: str = ""

    def __str__(self) -> str:
        if self.text and self.question:
            return f"{self.text} ({self.question})"
        return self.text or self.question


def propose(
    counts: Mapping[str, int],
    check: Sequence[CheckEntry] = (),
    quality: Quality | None = None,
    in_photograph: bool = False,
    *,
    close_calls: int = 0,
    waits: str = "",
) -> IscnProposal:
    """An ISCN proposal for a cell from its counts per slot (see `Karyogram.counts`).

    While entries of the separation check are open (`check`) the count is not settled: the string
    stands within the question, as what it would be; so it does where the sizes do not fit the types
    by the `quality` of the photograph, and while the count `waits` for something. Where its bands
    cannot be read only a count is given. With more than `TWO_CELLS` chromosomes in one photograph
    the first question is whether they are of two cells.

    A question stands **instead of** the string for: no chromosomes; objects in the tray; less
    than three quarters of a cell; a number that ISCN reads as of another ploidy; no X; no sex
    chromosome; a gain and a loss inside one Denver group (X is C and Y is G by shape). It stands
    **beside** the string when more than four chromosomes are missing, or more than four gained and
    lost. The first that applies is asked.
    Whenever there is a text, its count is the ploidy base plus gains minus losses. Raises
    ValueError for an unknown slot or a negative count.
    """
    cell = Complement.of(counts)
    cells = _of_two_cells(cell) if in_photograph else ""
    open_question = unsettled(check, waits)
    if quality is not None and not quality.is_readable:
        told = _joined(_counted(cell, quality.unreadable, in_photograph), open_question)
        return IscnProposal("", _joined(cells, told))
    blocking = _blocking_question(cell)
    if blocking:
        return IscnProposal("", _joined(cells, _joined(open_question, blocking)))
    open_question = open_question or _of_scale(quality)
    if open_question:
        told = _joined(f"{open_question}; would be {_text(cell)}", _doubt(cell, close_calls))
        return IscnProposal("", _joined(cells, told))
    return IscnProposal(_text(cell), _joined(cells, _doubt(cell, close_calls)))


def formula(counts: Mapping[str, int]) -> str:
    """Counts as an ISCN string whatever their doubts, to show two readings side by side.

    Empty where no string may ever be written: without an X, and without chromosomes. Raises
    ValueError for an unknown slot or a negative count.
    """
    cell = Complement.of(counts)
    return _text(cell) if cell.x else ""


def _joined(first: str, second: str) -> str:
    """Two sentences, either of which may be empty; the first without a full stop."""
    sentences = (s if s[-1] in ".?" else f"{s}." for s in (first, second) if s)
    return " ".join(sentences)


def _of_scale(quality: Quality | None) -> str:
    """Whether the scale at which types were predicted is asked about; the factor is what fits."""
    factor = quality.other_scale if quality else None
    if factor is None:
        return ""
    return f"The types do not fit the sizes: set the scale by hand ({factor:.3g} × would fit)"


def _counted(cell: Complement, unreadable: str, in_photograph: bool) -> str:
    count = cell.placed + cell.unplaced
    doubt = " (two in one line may be counted as one)" if in_photograph else ""
    counted = f"{amount(count, 'chromosome')} counted{doubt}"
    return f"{unreadable}: {counted}, no karyotype can be given"


def _of_two_cells(cell: Complement) -> str:
    count = cell.placed + cell.unplaced
    return f"{count} chromosomes: are there two cells in this picture?" if count > TWO_CELLS else ""


def _text(cell: Complement) -> str:
    parts = [str(cell.placed), "X" * cell.x + "Y" * cell.y]
    for kind, deviation in cell.autosome_deviations.items():
        parts += [f"{'+' if deviation > 0 else '-'}{kind}"] * abs(deviation)
    if cell.markers:  # whether several are alike is not known
        parts.append("+mar" if cell.markers == 1 else f"+{cell.markers}mar")
    return ",".join(parts)


def _blocking_question(cell: Complement) -> str:
    if not cell.placed + cell.unplaced:
        return "There are no chromosomes in this cell to write a karyotype of."
    if cell.unplaced == 1:
        return "One chromosome is in the tray: place it, or call it a marker?"
    if cell.unplaced:
        return f"{cell.unplaced} chromosomes are in the tray: place them, or call them markers?"
    if cell.placed < _WHOLE_ENOUGH * cell.expected:
        return f"Only {cell.placed} of {cell.expected} chromosomes: is this the whole cell?"
    if cell.placed not in _NEAR[cell.ploidy]:
        much = "few" if cell.placed < cell.expected else "many"
        name = PLOIDY_NAMES[cell.ploidy]
        return f"{cell.placed} chromosomes are too {much} for a {name} cell: are all in place?"
    if not cell.x + cell.y:
        return "No sex chromosome was found: is an X among group C?"
    if not cell.x:
        return "A Y without an X: is the X among group C, or the Y one of group G?"
    swaps = _swaps(cell)
    if swaps:
        return f"Check for a swap in {' and in '.join(swaps)}: is each in its right place?"
    return ""


def _doubt(cell: Complement, close_calls: int) -> str:
    if cell.missing > PLAUSIBLE_DEVIATIONS:
        return f"{cell.missing} chromosomes are missing: is this the whole cell?"
    if cell.deviation_count > PLAUSIBLE_DEVIATIONS:
        return f"{cell.deviation_count} gains and losses in one cell: is every chromosome in place?"
    if close_calls >= MOST_CLOSE_CALLS * cell.placed:
        return f"{close_calls} of {cell.placed} types are close calls: review them first."
    return ""


def _swaps(cell: Complement) -> list[str]:
    """Groups with a gain and a loss at once, in words.

    Far more often these are chromosomes of like shape in each other's place than a double
    aneuploidy. Where the sex chromosomes can be read in two ways (a lone X lost an X or a Y),
    each reading is tried.
    """
    swaps: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for sex in cell.sex_deviations:
        deviations = {**cell.autosome_deviations, **sex}
        for group, kinds in GROUPS.items():
            gained = [kind for kind in kinds if deviations.get(kind, 0) > 0]
            lost = [kind for kind in kinds if deviations.get(kind, 0) < 0]
            if gained and lost:
                all_gained, all_lost = swaps.setdefault(group, ({}, {}))
                all_gained.update(dict.fromkeys(gained))
                all_lost.update(dict.fromkeys(lost))
    return [
        f"group {group} (too many {', '.join(gained)}; too few {', '.join(lost)})"
        for group, (gained, lost) in swaps.items()
    ]
