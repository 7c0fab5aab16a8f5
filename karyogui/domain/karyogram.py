"""The karyogram of one cell: the one mutable aggregate of the domain.

Every edit is a `Change`: the placements it touches, before and after. A change can be applied,
reverted, stored and put into words, so undo, saving and the audit trail are one mechanism.
Invariants: every chromosome stands in exactly one slot, nothing is lost, nothing stands twice, and
no count is ever forced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karyogui.domain.chromosome import TYPES, Chromosome, Polarity
from karyogui.domain.sitting import ActionKind

MARKER = "mar"
TRAY = "tray"
SLOTS: tuple[str, ...] = (*TYPES, MARKER, TRAY)
"""Every place a chromosome can stand: the 24 types, markers, and the tray of unplaced objects."""


@dataclass(frozen=True)
class Placement:
    """Where and how a chromosome stands.

    `slot` is one of `SLOTS`; `index` its place in the slot from the left, 0-based; `turn` the
    clockwise rotation of the upright crop in degrees, 0 ≤ turn < 360; `mirrored` says that the
    picture is reflected left to right (a marked act, never automatic); `confirmed` that a person
    has looked at it and agreed. `proposed` is how it would stand without what a person decided,
    None where nobody has decided anything; it does not count when placements are compared.
    """

    chromosome_id: str
    slot: str
    index: int
    turn: float = 0.0
    mirrored: bool = False
    confirmed: bool = False
    proposed: Placement | None = field(default=None, compare=False)

    @property
    def is_decided(self) -> bool:
        """Whether a person moved, turned, mirrored or confirmed it and did not take that back."""
        return self.proposed is not None

    @property
    def slot_is_decided(self) -> bool:
        """Whether a person confirmed it or put it into its slot, and did not take that back."""
        return self.confirmed or (self.proposed is not None and self.proposed.slot != self.slot)

    def is_placed_like(self, other: Placement) -> bool:
        """Whether two placements are the same but for the place within the slot."""
        return replace(self, index=other.index) == other

    def brought_to(self, after: Placement, by_program: bool) -> Placement:
        """`after`, where a change brings this one, with what a person has decided by then.

        A neighbour that only moves up decides nothing. What a person brings back to where it would
        stand without them is decided on no more. A program that gives it another slot takes that
        decision, and leaves a turn.
        """
        if self.is_placed_like(after):
            return replace(after, proposed=self.proposed)
        proposed = self.proposed
        if not by_program:
            proposed = proposed or self
        elif proposed is not None and self.slot != after.slot:
            turned_only = replace(self, slot=after.slot).is_placed_like(after)
            proposed = replace(proposed, slot=after.slot) if turned_only else None
        if proposed is None or proposed.is_placed_like(after):
            return replace(after, proposed=None)
        return replace(after, proposed=replace(proposed, proposed=None))


@dataclass(frozen=True)
class Change:
    """A reversible edit: the same chromosomes before and after. Empty when nothing changes.

    `by_program` says that an assignment placed the chromosomes: no person decided on each. `kind`
    says what a person did, for the cost of corrections. Only a repair of the separation has other
    chromosomes before than after (`repairs`): it replaces some by others.
    """

    text: str
    before: tuple[Placement, ...]
    after: tuple[Placement, ...]
    by_program: bool = False
    kind: ActionKind | None = None
    repairs: bool = False

    @property
    def inverse(self) -> Change:
        """The change that undoes this one."""
        text = f"Undo: {self.text}"
        return replace(self, text=text, before=self.after, after=self.before)

    @property
    def is_empty(self) -> bool:
        """Whether applying it would alter nothing."""
        return self.before == self.after

    def then(self, later: Change) -> Change:
        """One change that does this one and then `later`, described in the later one's words.

        ValueError when `later` does not start from where this one ends.
        """
        ends = {p.chromosome_id: p for p in self.after}
        starts = {p.chromosome_id: p for p in self.before}
        gone = starts.keys() - ends.keys()
        if any(ends.get(p.chromosome_id, p) != p for p in later.before) or any(
            p.chromosome_id in gone for p in later.before
        ):
            raise ValueError("the later change does not start where this one ends")
        came = ends.keys() - starts.keys()
        went = {p.chromosome_id for p in later.before} - {p.chromosome_id for p in later.after}
        before = {p.chromosome_id: p for p in later.before if p.chromosome_id not in came} | starts
        after = {i: p for i, p in ends.items() if i not in went}
        after |= {p.chromosome_id: p for p in later.after}
        ids = [i for i in dict.fromkeys((*before, *after)) if before.get(i) != after.get(i)]
        return Change(
            later.text,
            tuple(before[i] for i in ids if i in before),
            tuple(after[i] for i in ids if i in after),
            kind=later.kind,
            repairs=self.repairs or later.repairs,
        )


DENVER_ROWS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("1", "2", "3"), ("4", "5")),
    (("6", "7", "8", "9", "10", "11", "12"),),
    (("13", "14", "15"), ("16", "17", "18")),
    (("19", "20"), ("21", "22"), ("X", "Y"), (MARKER,)),
)
"""The four rows of a karyogram as groups that stand apart; sex chromosomes and markers last."""


def slot_counts(placements: Iterable[Placement]) -> dict[str, int]:
    """How many chromosomes stand in each of `SLOTS`, zeros included."""
    counts = dict.fromkeys(SLOTS, 0)
    for placement in placements:
        counts[placement.slot] += 1
    return counts


Listener = Callable[[Change], None]


class Karyogram:
    """Placements of all chromosomes of a cell, by id. Listeners hear of every change."""

    def __init__(self, placements: Iterable[Placement]) -> None:
        self._placements: dict[str, Placement] = {}
        for placement in placements:
            if placement.slot not in SLOTS:
                raise ValueError(f"unknown slot {placement.slot!r}")
            if placement.chromosome_id in self._placements:
                raise ValueError(f"chromosome {placement.chromosome_id!r} stands twice")
            self._placements[placement.chromosome_id] = placement
        self._listeners: list[Listener] = []
        for slot in SLOTS:
            for index, chromosome_id in enumerate(self.in_slot(slot)):
                self._placements[chromosome_id] = replace(
                    self._placements[chromosome_id], index=index
                )

    @classmethod
    def from_analysis(cls, chromosomes: Sequence[Chromosome]) -> Karyogram:
        """The first karyogram: each chromosome in its assigned slot, turned q arm down.

        Chromosomes that were not assigned a type, or not analysed at all, start in the tray.
        """
        return cls(initial_placements(chromosomes))

    def __len__(self) -> int:
        return len(self._placements)

    def placement(self, chromosome_id: str) -> Placement:
        """Where a chromosome stands; KeyError for an id that is not of this cell."""
        return self._placements[chromosome_id]

    @property
    def placements(self) -> tuple[Placement, ...]:
        """All placements, slot by slot in the order of `SLOTS`."""
        return tuple(self._placements[i] for slot in SLOTS for i in self.in_slot(slot))

    def in_slot(self, slot: str) -> tuple[str, ...]:
        """Ids in a slot from left to right."""
        members = [p for p in self._placements.values() if p.slot == slot]
        return tuple(p.chromosome_id for p in sorted(members, key=lambda p: p.index))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many chromosomes stand in each of `SLOTS`, zeros included."""
        return slot_counts(self._placements.values())

    # -- edits: each returns a Change and alters nothing -----------------------------------------

    def move(self, ids: Sequence[str], slot: str, index: int | None = None) -> Change:
        """Bring chromosomes to `slot`, in the order given, at `index` (default: at the right).

        `index` counts the chromosomes of the slot that do not move; beyond either end means there.
        A chromosome that comes to another slot is confirmed by it, except in the tray.
        """
        if slot not in SLOTS:
            raise ValueError(f"unknown slot {slot!r}")
        moving = list(dict.fromkeys(ids))
        sources = dict.fromkeys(self._placements[i].slot for i in moving)
        order = {s: [i for i in self.in_slot(s) if i not in moving] for s in (*sources, slot)}
        at = len(order[slot]) if index is None else max(0, min(index, len(order[slot])))
        order[slot][at:at] = moving
        after = {
            i: replace(self._placements[i], slot=s, index=n)
            for s, members in order.items()
            for n, i in enumerate(members)
        }
        for i in moving:
            if self._placements[i].slot != slot:
                after[i] = replace(after[i], confirmed=slot != TRAY)
        name = f"{len(moving)} chromosomes" if len(moving) > 1 else "chromosome"
        kind = ActionKind.UNPLACE if slot == TRAY else ActionKind.MOVE
        return self._change(f"Move {name} to {slot_name(slot)}", after, kind)

    def swap(self, first: str, second: str) -> Change:
        """Exchange the places of two chromosomes; their turns stay with them.

        As with `move`, only a chromosome that comes to another slot is confirmed by it.
        """
        a, b = self._placements[first], self._placements[second]
        after = {
            first: replace(a, slot=b.slot, index=b.index),
            second: replace(b, slot=a.slot, index=a.index),
        }
        if a.slot != b.slot:
            after = {i: replace(p, confirmed=p.slot != TRAY) for i, p in after.items()}
        text = f"Swap {slot_name(a.slot)} and {slot_name(b.slot)}"
        return self._change(text, after, ActionKind.SWAP)

    def turn(self, ids: Iterable[str], degrees: float) -> Change:
        """Turn chromosomes clockwise by `degrees`, each about its own centre."""
        after = {
            i: replace(self._placements[i], turn=_full_turn(self._placements[i].turn + degrees))
            for i in ids
        }
        return self._change(f"Turn by {degrees:g}°", after, ActionKind.TURN)

    def mirror(self, ids: Iterable[str]) -> Change:
        """Reflect chromosomes left to right: never automatic, marked on the board and logged."""
        after = {
            i: replace(self._placements[i], mirrored=not self._placements[i].mirrored) for i in ids
        }
        return self._change("Mirror", after, ActionKind.MIRROR)

    def confirm(self, ids: Iterable[str], confirmed: bool = True) -> Change:
        """Note that a person agrees with where chromosomes stand."""
        after = {i: replace(self._placements[i], confirmed=confirmed) for i in ids}
        text = "Confirm" if confirmed else "Withdraw confirmation"
        return self._change(text, after, ActionKind.CONFIRM)

    def assign(self, slots: Mapping[str, str], text: str) -> Change:
        """Bring chromosomes, by id, to the slots of an assignment, behind those that stand there.

        Nobody confirms anything by it, and turns and mirroring stay.
        """
        moving = {i: slot for i, slot in slots.items() if self._placements[i].slot != slot}
        after: dict[str, Placement] = {}
        for slot in SLOTS:
            coming = [i for i, to in moving.items() if to == slot]
            staying = [i for i in self.in_slot(slot) if i not in moving]
            for index, i in enumerate([*staying, *coming]):
                after[i] = replace(self._placements[i], slot=slot, index=index)
        return replace(self._change(text, after, ActionKind.ASSIGN), by_program=True)

    def repaired(self, placements: Iterable[Placement], text: str, kind: ActionKind) -> Change:
        """The change to another set of placements, as after a repair of the separation.

        Chromosomes that are no longer in it leave the karyogram, new ones come. A person decides on
        the repair, not on where each chromosome stands after it.
        """
        target = Karyogram(placements)._placements
        gone = [i for i in self._placements if i not in target]
        after = [p for i, p in target.items() if self._placements.get(i) != p]
        before = [self._placements[i] for i in gone]
        before += [
            self._placements[p.chromosome_id] for p in after if p.chromosome_id in self._placements
        ]
        return Change(text, tuple(before), tuple(after), True, kind, repairs=True)

    # -- applying --------------------------------------------------------------------------------

    def apply(self, change: Change) -> None:
        """Make a change happen and inform the listeners.

        ValueError when the change does not start from where the chromosomes stand now, would lose
        or add one, or would leave a gap or two in one place; the karyogram is then untouched.
        """
        after = {placement.chromosome_id: placement for placement in change.after}
        before = {placement.chromosome_id for placement in change.before}
        if len(after) != len(change.after) or len(before) != len(change.before):
            raise ValueError("a change must name its chromosomes once each")
        if before != set(after) and not change.repairs:
            raise ValueError("a change must keep its chromosomes, each once")
        if any(i in self._placements for i in after if i not in before):
            raise ValueError("a repair must not bring a chromosome that stands already")
        for placement in change.before:
            if self._placements.get(placement.chromosome_id) != placement:
                raise ValueError("the change does not start from the present karyogram")
        if change.is_empty:
            return
        if not change.repairs:
            after = {
                i: self._placements[i].brought_to(p, change.by_program) for i, p in after.items()
            }
        changed = {i: p for i, p in self._placements.items() if i not in before} | after
        if not _is_in_order(changed.values()):
            raise ValueError("a change must leave every slot without gaps")
        self._placements = changed
        for listener in tuple(self._listeners):
            listener(change)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(change)` after every change; returns a function that ends it."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _change(self, text: str, after: Mapping[str, Placement], kind: ActionKind) -> Change:
        touched = [i for i in after if after[i] != self._placements[i]]
        before = tuple(self._placements[i] for i in touched)
        return Change(text, before, tuple(after[i] for i in touched), kind=kind)


def slot_name(slot: str) -> str:
    """A slot in words: `7`, `X`, `markers`, `the tray`."""
    return {MARKER: "markers", TRAY: "the tray"}.get(slot, slot)


def _full_turn(degrees: float) -> float:
    """Degrees brought to 0 ≤ turn < 360; the remainder of a tiny negative angle rounds to 360."""
    turn = degrees % 360.0
    return turn if turn < 360.0 else 0.0


def _is_in_order(placements: Iterable[Placement]) -> bool:
    """Whether the places in every slot are 0, 1, 2 … and every slot is known."""
    places: dict[str, list[int]] = {slot: [] for slot in SLOTS}
    for placement in placements:
        if placement.slot not in places:
            return False
        places[placement.slot].append(placement.index)
    return all(sorted(indices) == list(range(len(indices))) for indices in places.values())


def initial_placements(chromosomes: Sequence[Chromosome]) -> tuple[Placement, ...]:
    """Placements after analysis: most confident first within each slot, q arm down."""
    ranked = sorted(
        chromosomes, key=lambda c: c.assigned.confidence if c.assigned else 0.0, reverse=True
    )
    taken = dict.fromkeys(SLOTS, 0)
    placements = []
    for chromosome in ranked:
        assigned = chromosome.assigned
        slot = assigned.type if assigned and assigned.type else TRAY
        turn = 180.0 if assigned and assigned.polarity is Polarity.Q_UP else 0.0
        placements.append(Placement(chromosome.id, slot, taken[slot], turn))
        taken[slot] += 1
    return tuple(placements)
