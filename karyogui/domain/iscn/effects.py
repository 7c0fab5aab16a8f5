"""What a single change, as it was entered, does to the counts of a cell."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from karyogui.domain.iscn.changes import read_change
from karyogui.domain.iscn.counting import replaced_sex
from karyogui.domain.iscn.expected import added_counts
from karyogui.domain.iscn.reader import Reader
from karyogui.domain.iscn.syntax import Change, Kind, Line


@lru_cache(maxsize=2048)
def read_single(text: str) -> Change:
    """One change that stands alone; ValueError, with a sentence, for anything else."""
    # The number of cells of a change in a composite, +8[5], is only read before the next item.
    reader = Reader(f"{text}," if text.endswith("]") else text)
    change, end = read_change(reader, 0)
    is_wrong = any(finding.severity != "warning" for finding in reader.notes.all)
    if is_wrong or end != len(text) or change.kind is Kind.UNREAD:
        reason = reader.notes.all[0].message if reader.notes.all else "It is no single change."
        raise ValueError(f"{text} cannot be written: {reason}")
    return change


def effect_on_counts(text: str) -> dict[str, int]:
    """Chromosomes of each type (and `mar`) that a change adds or takes: `der(13;14)…`: one 14 less.

    A derivative counts to its own type. ValueError for what cannot be read.
    """
    # In a line that refers to another one everything counts, also what stands for a letter.
    counts, _ = added_counts(read_single(text), Line(0, reference="sl"))
    return {kind: number for kind, number in counts.items() if number}


def replaced_letters(text: str) -> Counter[str]:
    """Letters of the sex field that a change stands in place of: `i(X)(q10)` for one X."""
    change = read_single(text)
    if not replaced_sex(change):
        return Counter()
    names = (name.lstrip("?").rstrip("pq") for name in change.operations[0].chromosomes)
    return Counter({name: change.low for name in names if name in ("X", "Y")})
