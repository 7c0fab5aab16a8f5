"""The separation check: what in a photograph's separation a person has to look at, in words.

The network returns numbers; here they become sentences, and here it is decided which entries are
still open. While one is, the count of the cell is not settled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from karyogui.domain.amounts import amount, listed
from karyogui.domain.chromosome import TYPES
from karyogui.domain.separation import ObjectKind, Quality
from model.vocabulary.results import CheckKind as CheckKind

_REJECTED = {
    ObjectKind.DEBRIS: "Taken for debris",
    ObjectKind.NUCLEUS: "Taken for a nucleus",
    ObjectKind.EDGE: "Cut by the border",
}
_ARTICLES = {"8": "an", "11": "an", "18": "an", "X": "an"}
_NAMED = 3
"""Missing types are named up to this many."""
_ONE = {
    CheckKind.SEVERAL: "1 object may be two chromosomes",
    CheckKind.REJECTED: "1 rejected object may be a chromosome",
    CheckKind.PART: "1 object may be part of a chromosome",
    CheckKind.OUTLINE: "1 outline is doubtful",
}
_MANY = {
    CheckKind.SEVERAL: "{} objects may be two chromosomes",
    CheckKind.REJECTED: "{} rejected objects may be chromosomes",
    CheckKind.PART: "{} objects may be parts of chromosomes",
    CheckKind.OUTLINE: "{} outlines are doubtful",
}


class EntryState(StrEnum):
    """What has become of an entry: `RIGHT` is a person's word that the object is right as it is."""

    OPEN = "open"
    RIGHT = "right"
    REPAIRED = "repaired"


@dataclass(frozen=True)
class CheckEntry:
    """An object that a person has to look at.

    `kind` is what it probably is instead, `probability` (0 … 1) how likely it is not what it was
    taken for. `types` are what it looks like: of several chromosomes those that may lie in it (or
    none), else the most probable one, with its `type_probability`. `state` follows from the objects
    as they are now: one that was repaired since is not what was listed any more. One that came
    `later` was listed after a repair, not by the analysis. With `if_lacking` it is held back: only
    a cell without a chromosome of one of these types is asked about it, last of all.
    """

    object_id: str
    kind: CheckKind
    probability: float
    types: tuple[str, ...] = ()
    type_probability: float = 0.0
    state: EntryState = EntryState.OPEN
    later: bool = False
    if_lacking: tuple[str, ...] = ()


def reason(entry: CheckEntry, taken_for: ObjectKind) -> str:
    """Why an object is in the list, in a sentence; `taken_for` is what it was taken for."""
    likely = _per_cent(entry.probability)
    if entry.if_lacking and entry.state is not EntryState.OPEN:
        return "Asked about because a chromosome was missing."
    if entry.if_lacking:
        return f"{_missing(entry.if_lacking)}: {_where(entry, taken_for)}."
    if entry.kind is CheckKind.SEVERAL:
        if len(entry.types) == 2:
            return f"Looks like {entry.types[0]} and {entry.types[1]} together ({likely})."
        if not entry.probability:  # by its size alone
            return "As large as two chromosomes, and its bands do not tell whether it is one."
        return f"Looks like several chromosomes ({likely})."
    looks = _looks(entry)
    if entry.kind is CheckKind.REJECTED:
        return f"{_REJECTED.get(taken_for, 'Rejected')}, of chromosome size{looks}."
    if entry.kind is CheckKind.PART:
        return f"May be a fragment or half of a chromosome{looks}."
    return f"The outline is doubtful: it may be no chromosome{looks}."


def short_reason(entry: CheckEntry, taken_for: ObjectKind) -> str:
    """`reason` in the few words of a list."""
    if entry.kind is CheckKind.SEVERAL or entry.if_lacking:
        return reason(entry, taken_for).removesuffix(".")
    words = {
        CheckKind.REJECTED: _REJECTED.get(taken_for, "Rejected"),
        CheckKind.PART: "May be part of a chromosome",
        CheckKind.OUTLINE: "The outline is doubtful",
    }[entry.kind]
    return f"{words}{_looks(entry)}"


def _missing(types: Collection[str]) -> str:
    """What is missing, as the beginning of a sentence: `A 22 is missing`."""
    if set(types) == {"X", "Y"}:
        return "An X or Y is missing"
    if len(types) > _NAMED:
        return "A chromosome is missing"
    named = [f"{_ARTICLES.get(t, 'a')} {t}" for t in sorted(types, key=TYPES.index)]
    told = listed(named, "or")
    return f"{told[:1].upper()}{told[1:]} is missing"


def _where(entry: CheckEntry, taken_for: ObjectKind) -> str:
    """Where the missing chromosome may be."""
    if entry.kind is CheckKind.SEVERAL:
        return "it may lie in or on this chromosome"
    what = _REJECTED.get(taken_for, "Rejected")
    if not entry.types:
        return f"it may lie in or under this ({what[:1].lower()}{what[1:]})"
    return f"it may be this ({what[:1].lower()}{what[1:]}{_looks(entry)})"


def _looks(entry: CheckEntry) -> str:
    if not entry.types:
        return ""
    sure = _per_cent(entry.type_probability)
    return f", most like {_ARTICLES.get(entry.types[0], 'a')} {entry.types[0]} ({sure})"


def _per_cent(fraction: float) -> str:
    return f"{min(max(fraction, 0.01), 0.99):.0%}".replace("%", " %")


SURE_OF_SEVERAL: float = 0.2
"""Doubt from which an object that a person has made is asked about: whether it is several.

Without votes of the pixels, which a person's objects do not have, this is a strong doubt: on 24
training pictures 10 of 21 clumps had it, and none of 1,049 whole chromosomes (ADR 0014).
"""


def asked_again(
    entries: Iterable[CheckEntry], by_person: Collection[str], joined: Collection[str]
) -> tuple[CheckEntry, ...]:
    """What of a repaired cell's entries is asked, where a person has decided something before.

    Whoever outlines, cuts or marks an object says that it is one chromosome, or none, and where it
    ends: of the objects `by_person` is only asked whether one is still several, and that only in
    strong doubt. Whoever joined parts has said no to that too (`joined`).
    """
    return tuple(
        e
        for e in entries
        if e.object_id not in by_person
        or (
            e.kind is CheckKind.SEVERAL
            and e.probability >= SURE_OF_SEVERAL
            and e.object_id not in joined
        )
    )


def decided_text(taken_for: ObjectKind, right: bool) -> str:
    """A person's word on an entry, or that it was taken back, for the audit trail."""
    what = "an object cut by the border" if taken_for is ObjectKind.EDGE else f"a {taken_for}"
    if taken_for is ObjectKind.DEBRIS:
        what = "debris"
    return f"Separation check: {what} is right as it is{'' if right else ': taken back'}"


def with_word(entries: Iterable[CheckEntry], object_id: str, right: bool) -> tuple[CheckEntry, ...]:
    """The entries after a person's word on an object, or after that was taken back."""
    state = EntryState.RIGHT if right else EntryState.OPEN
    return tuple(
        replace(e, state=state)
        if e.object_id == object_id and e.state is not EntryState.REPAIRED
        else e
        for e in entries
    )


def open_entries(
    entries: Iterable[CheckEntry], lacking: Collection[str] = ()
) -> tuple[CheckEntry, ...]:
    """The entries that nobody has settled, the most harmful first.

    Those that are held back come when no other is left, and only in a cell that is `lacking` one
    of the types that they are for; then they name those alone.

    An entry is worked off when a person has changed or removed its object, or has said that it is
    right as it is. To confirm a chromosome's type says nothing of that: forty may be confirmed at
    one stroke.
    """
    left = [e for e in entries if e.state is EntryState.OPEN]
    held = [
        replace(e, if_lacking=tuple(t for t in e.if_lacking if t in lacking))
        for e in left
        if set(lacking).intersection(e.if_lacking)
    ]
    left = [e for e in left if not e.if_lacking] or held
    order = tuple(CheckKind)
    return tuple(sorted(left, key=lambda e: (order.index(e.kind), -e.probability)))


def expected_repairs(quality: Quality | None, entries: Iterable[CheckEntry]) -> float | None:
    """How many repairs a photograph still lets expect; None where nobody has estimated it.

    What was worked off is no longer expected: an entry that was repaired or is right as it is.
    """
    if quality is None or quality.repairs is None:
        return None
    gone = sum(e.probability for e in entries if e.state is not EntryState.OPEN)
    return max(0.0, quality.repairs - gone)


def expected_text(repairs: float | None) -> str:
    """`About 3 repairs expected`; empty where nobody has estimated it."""
    if repairs is None:
        return ""
    count = round(repairs)
    if count == 0:
        return "Hardly any repair expected"
    return f"About {amount(count, 'repair')} expected"


AWAITED = "the last repair has not been analysed yet"
UNCHECKED = "the separation was never checked, analyse the cell again (F5)"


def unsettled(entries: Sequence[CheckEntry], waits: str = "") -> str:
    """Why the count is not settled, without a full stop; empty when nothing is open.

    Nor is it while it `waits` for something else, `AWAITED` or `UNCHECKED`.
    """
    held = [entry for entry in entries if entry.if_lacking]
    if held and not waits:
        missing = _missing({kind for entry in held for kind in entry.if_lacking})
        objects = "1 object" if len(held) == 1 else f"{len(held)} objects"
        return f"Count not settled: {missing[:1].lower()}{missing[1:]}, {objects} may hold it"
    counts = Counter(entry.kind for entry in entries if not entry.if_lacking)
    parts = [
        _ONE[kind] if counts[kind] == 1 else _MANY[kind].format(counts[kind])
        for kind in CheckKind
        if counts[kind]
    ]
    parts += [waits] if waits else []
    return f"Count not settled: {', '.join(parts)}" if parts else ""
