"""Changes of chromosomes that a person has labelled: what they say, and how they fit the board.

A label is never altered by what happens to its chromosomes. Where these are gone, stand at another
type or are too few, this is said, and no string is proposed until a person has decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from karyogui.domain import iscn
from karyogui.domain.complement import Complement
from karyogui.domain.karyogram import MARKER, TRAY, slot_name
from karyogui.domain.separation import Quality
from karyogui.domain.separation_check import CheckEntry


@dataclass(frozen=True)
class LabelledChange:
    """A change on chromosomes of one cell, as a person entered it.

    `id` is its own within the cell; `text` is an ISCN item without a sign (`del(5)(q31)`), or `?`;
    `chromosome_ids` carry it, none for double minutes and the like.
    """

    id: str
    text: str
    chromosome_ids: tuple[str, ...]
    who: str = ""
    when: datetime | None = None

    @property
    def number(self) -> int:
        """Its number among the changes ever entered in the cell, by which they are sorted."""
        digits = self.id.lstrip("s")
        return int(digits) if digits.isdigit() else 0


@dataclass(frozen=True)
class Trouble:
    """Why a labelled change does not fit the board, in a sentence."""

    change_id: str
    text: str


def next_id(changes: Sequence[LabelledChange], taken: Sequence[str] = ()) -> str:
    """An id that no change of the cell has or had."""
    known = {change.id for change in changes} | set(taken)
    return next(f"s{n}" for n in range(1, len(known) + 2) if f"s{n}" not in known)


def labels_of(changes: Sequence[LabelledChange]) -> dict[str, str]:
    """What stands at each chromosome on the board, by its id: `del`, `t`, `del, add`."""
    labels: dict[str, list[str]] = {}
    for change in changes:
        for own_id in change.chromosome_ids:
            labels.setdefault(own_id, []).append(iscn.read_item(change.text).symbol)
    return {own_id: ", ".join(dict.fromkeys(texts)) for own_id, texts in labels.items()}


def texts_of(changes: Sequence[LabelledChange]) -> dict[str, str]:
    """What each chromosome carries, in full, by its id."""
    told: dict[str, list[str]] = {}
    for change in changes:
        for own_id in change.chromosome_ids:
            told.setdefault(own_id, []).append(change.text)
    return {own_id: ", ".join(texts) for own_id, texts in told.items()}


def troubles(changes: Sequence[LabelledChange], slots: Mapping[str, str]) -> tuple[Trouble, ...]:
    """Everything that a person has to settle, in the order of the changes; none when all fits.

    `slots` says where each chromosome of the cell stands, by its id.
    """
    told = [Trouble(c.id, t) for c in changes for t in _of_one(c, changes, slots)]
    carried = Counter(i for change in changes for i in change.chromosome_ids)
    for change in changes:
        twice = [i for i in change.chromosome_ids if carried[i] > 1 and i in slots]
        others = [c for c in changes if c is not change and set(twice) & set(c.chromosome_ids)]
        if twice and all(changes.index(change) < changes.index(other) for other in others):
            names = " and ".join([change.text, *(other.text for other in others)])
            told.append(
                Trouble(change.id, f"One chromosome carries {names}: write them as one derivative.")
            )
    return tuple(told)


def _of_one(
    change: LabelledChange, changes: Sequence[LabelledChange], slots: Mapping[str, str]
) -> list[str]:
    item = item_of(change, changes)
    gone = [i for i in change.chromosome_ids if i not in slots]
    if gone:
        one = len(gone) == 1
        who = "the chromosome that carries it is" if one else f"{len(gone)} that carry it are"
        return [
            f"{change.text}: {who} no longer in the cell (deleted, joined or split). "
            "Mark another, or remove the change."
        ]
    standing = [slots[i] for i in change.chromosome_ids]
    if TRAY in standing:
        return [f"{change.text}: a chromosome that carries it is in the tray."]
    if item.is_unknown:
        return [f"A chromosome {_at(standing)} is marked as changed, and not yet how."]
    if not item.is_valid:
        wrong = next(p for p in item.problems if p.severity is not iscn.Severity.WARNING)
        return [f"{change.text} is not valid: {wrong.message}"]
    return _of_places(change.text, item, standing)


def _of_places(text: str, item: iscn.Item, standing: Sequence[str]) -> list[str]:
    """Whether as many stand where the change says, and no others."""
    wanted = item.bearers
    if not wanted:
        return [] if not standing else [f"{text} is carried by no chromosome of the karyogram."]
    possible = {slot for slots in wanted for slot in slots}
    astray = [slot for slot in standing if slot not in possible]
    if astray:
        return [
            f"{text}: a chromosome that carries it is at {slot_name(astray[0])}, "
            f"not at {_listed(sorted(possible, key=_rank))}."
        ]
    copies = max(1, -(-len(standing) // len(wanted)))
    missing = [
        " or ".join(slots)
        for slots in dict.fromkeys(wanted)
        if sum(s in slots for s in standing) < copies * wanted.count(slots)
    ]
    if missing:
        several = f" needs {len(wanted)} chromosomes" if len(wanted) > 1 else ""
        where = _listed([slot_name(slot) for slot in missing])
        return [f"{text}{several or ' needs a chromosome'}: none is marked at {where}."]
    return []


def item_of(change: LabelledChange, changes: Sequence[LabelledChange]) -> iscn.Item:
    """What a change says; the others of its cell may tell its breakpoints."""
    beside = tuple(c.text for c in changes if c.id != change.id and c.text != iscn.UNKNOWN)
    alone = iscn.read_item(change.text)
    return alone if alone.is_valid or not beside else iscn.read_item(change.text, beside)


def _at(standing: Sequence[str]) -> str:
    return " and ".join(slot_name(slot) for slot in dict.fromkeys(standing)) or "of the cell"


def _listed(names: Sequence[str]) -> str:
    return " or ".join(names)


def _rank(slot: str) -> int:
    return int(slot) if slot.isdigit() else 30


# -- the karyotype of a cell ---------------------------------------------------------------------


def line_of(
    counts: Mapping[str, int],
    changes: Sequence[LabelledChange],
    slots: Mapping[str, str],
) -> iscn.KaryotypeLine:
    """The cell line that a cell is, from its counts per slot and the changes that fit its board.

    A changed chromosome stands for a normal one; one more than the ploidy has is gained. Of a
    joined one (rob, dic) each of its types is there once. Whoever calls has looked at `troubles`.
    """
    ploidy = Complement.of(counts).ploidy
    normal = {slot: n for slot, n in explained(counts, changes, slots).items() if slot != TRAY}
    structural: list[str] = []
    single: dict[str, list[str]] = {}
    for change in changes:
        item = item_of(change, changes)
        standing = [slots[i] for i in change.chromosome_ids if i in slots]
        if item.change is None or not item.bearers:
            structural += [iscn.written(change.text)] if item.change is not None else []
            continue
        copies = max(1, len(standing) // len(item.bearers))
        if len(item.bearers) == 1 and not item.is_joined:
            for slot in standing:
                normal[slot] -= 1
                single.setdefault(slot, []).append(change.text)
            continue
        structural.append(_times(change.text, copies))
    return _composed(ploidy, normal, structural, single, _letters(changes, slots))


def _letters(changes: Sequence[LabelledChange], slots: Mapping[str, str]) -> Counter[str]:
    """How many sex chromosomes are changed together with others, which the field leaves out."""
    found: Counter[str] = Counter()
    for change in changes:
        item = item_of(change, changes)
        if item.change is None or item.change.kind is not iscn.Kind.STRUCTURE:
            continue
        if item.is_joined:
            copies = len([i for i in change.chromosome_ids if i in slots])
            found.update({name: copies for name in item.types if name in ("X", "Y")})
        elif len(item.bearers) > 1:
            standing = (slots[i] for i in change.chromosome_ids if i in slots)
            found.update(slot for slot in standing if slot in ("X", "Y"))
    return found


def _composed(
    ploidy: int,
    normal: Mapping[str, int],
    structural: list[str],
    single: Mapping[str, list[str]],
    letters: Mapping[str, int],
) -> iscn.KaryotypeLine:
    numerical: list[str] = []
    texts: list[str] = []
    for kind in (str(number) for number in range(1, 23)):
        there, changed = normal.get(kind, 0), single.get(kind, [])
        replaced = min(len(changed), max(0, ploidy - there))
        texts += _signed(changed, replaced)
        difference = there - ploidy if there > ploidy else there + replaced - ploidy
        numerical += [f"{'+' if difference > 0 else '-'}{kind}"] * abs(difference)
    x, y = normal.get("X", 0), normal.get("Y", 0)
    changed_sex = [*single.get("X", []), *single.get("Y", [])]
    texts += _signed(changed_sex, min(len(changed_sex), max(0, ploidy - x - y)))
    left = "X" * (x - letters.get("X", 0)) + "Y" * (y - letters.get("Y", 0))
    unknown = Counter(single.get(MARKER, []))
    markers = normal.get(MARKER, 0) + unknown.pop("mar", 0)
    for text, count in unknown.items():
        texts.append(_many(text, count))
    return iscn.KaryotypeLine(
        sex=left,
        numerical=tuple(numerical),
        structural=(*structural, *texts),
        markers=markers,
        ploidy=ploidy,
    )


def _signed(changed: Sequence[str], replaced: int) -> list[str]:
    """The first ones stand for normal chromosomes; the others are gained."""
    stand, gained = Counter(changed[:replaced]), Counter(changed[replaced:])
    texts = [_times(text, count) for text, count in stand.items()]
    return texts + [f"+{_times(text, count)}" for text, count in gained.items()]


def _times(text: str, count: int) -> str:
    return f"{text}×{count}" if count > 1 else text


def _many(text: str, count: int) -> str:
    """Chromosomes of unknown origin are gained: `+r`, `+2r`, `+mar1`, `+der(?)t(?;9)(?;q22)`."""
    if text == "r" and count > 1:
        return f"+{count}r"
    return f"+{_times(text, count)}"


def propose_cell(
    counts: Mapping[str, int],
    changes: Sequence[LabelledChange],
    slots: Mapping[str, str],
    check: Sequence[CheckEntry] = (),
    quality: Quality | None = None,
    in_photograph: bool = False,
    *,
    close_calls: int = 0,
    waits: str = "",
) -> iscn.IscnProposal:
    """The proposal from counts alone (`propose`), with what a person has labelled on the board.

    Where something has to be settled, the first of it is asked instead of a string.
    """
    propose = partial(
        iscn.propose,
        check=check,
        quality=quality,
        in_photograph=in_photograph,
        close_calls=close_calls,
        waits=waits,
    )
    if not changes:
        return propose(counts)
    open_ones = troubles(changes, slots)
    if open_ones:
        further = f" ({len(open_ones) - 1} more to settle.)" if len(open_ones) > 1 else ""
        return iscn.IscnProposal("", f"{open_ones[0].text}{further}")
    by_counts = propose(explained(counts, changes, slots))
    if not by_counts.text:
        listed = ", ".join(change.text for change in changes)
        return iscn.IscnProposal("", f"{by_counts.question} Labelled: {listed}.".strip())
    line = line_of(counts, changes, slots)
    if not line.sex:
        return iscn.IscnProposal(
            "", "Every sex chromosome is changed: write this karyotype by hand."
        )
    try:
        text = iscn.write(iscn.CaseKaryotype((line,)))
    except ValueError as error:
        return iscn.IscnProposal("", str(error))
    wrong = [p for p in iscn.check(text).problems if p.severity is not iscn.Severity.WARNING]
    if wrong:
        return iscn.IscnProposal("", f"{text} is not valid: {wrong[0].message}")
    return iscn.IscnProposal(text, by_counts.question)


def explained(
    counts: Mapping[str, int], changes: Sequence[LabelledChange], slots: Mapping[str, str]
) -> dict[str, int]:
    """Counts in which every type of a joined chromosome is there, so that none of them is short."""
    told = dict(counts)
    for change in changes:
        item = item_of(change, changes)
        if item.is_joined:
            standing = [slots[i] for i in change.chromosome_ids if i in slots]
            for slot in standing:
                told[slot] -= 1
            for name in item.types:
                if name in told:
                    told[name] += len(standing)
    return told


@dataclass(frozen=True)
class ForCase:
    """What a cell gives to its case: counts per slot, signed changes, each as often as it is there.

    A chromosome joined of several counts to the type that is named first, wherever it stands.
    """

    counts: dict[str, int]
    structural: tuple[str, ...]


def for_case(
    counts: Mapping[str, int], changes: Sequence[LabelledChange], slots: Mapping[str, str]
) -> ForCase:
    """What cells of one line have in common, beside their counts; `troubles` says what is open.

    Changes that do not fit the board are left out here.
    """
    unsettled = {trouble.change_id for trouble in troubles(changes, slots)}
    settled = [change for change in changes if change.id not in unsettled]
    told = dict(counts)
    for change in settled:
        item = item_of(change, settled)
        if item.is_joined:
            for own_id in change.chromosome_ids:
                told[slots[own_id]] -= 1
                told[item.bearers[0][0]] += 1
    found: list[str] = []
    for text in line_of(counts, settled, slots).structural:
        one, _, times = text.partition("×")
        found += [one] * (int(times) if times.isdigit() else 1)
    return ForCase(told, tuple(found))
