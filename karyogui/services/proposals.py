"""What *Split* and *Join* propose for an object of a photograph."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from karyogui.domain.separation import Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.repair_geometry import divide
from model.geometry import joining
from model.geometry.crossings import Pairing as Pairing
from model.geometry.crossings import crossing_pairings
from model.geometry.masks import Mask as Mask
from model.geometry.touching import touching_pairings

MOST: int = 9
"""Proposals for one object, at most."""


def split_proposals(
    obj: SeparatedObject, near: tuple[float, float] | None = None
) -> tuple[Pairing, ...]:
    """How an object may be several chromosomes that cross or touch, the likeliest first.

    `near` (x, y), in the picture, says which crossing is meant. KaryoError when neither a
    crossing nor a touch is seen.
    """
    touching = touching_pairings(obj.mask)
    try:
        crossing = crossing_proposals(obj, near)
    except KaryoError:
        if not touching:
            raise
        crossing = ()
    return (*crossing, *touching)[:MOST]


def crossing_proposals(
    obj: SeparatedObject, near: tuple[float, float] | None = None
) -> tuple[Pairing, ...]:
    """The same for crossings alone. KaryoError when none is seen, or too many meet there."""
    place = None if near is None else (near[0] - obj.origin[0], near[1] - obj.origin[1])
    return crossing_pairings(obj.mask, place)


def split_crossing(obj: SeparatedObject, pairing: Pairing, taken: Collection[str]) -> Repair:
    """Replace a cluster by its chromosomes; `taken` are the ids in use."""
    text = f"Split a crossing into {len(pairing.masks)}"
    return divide(ActionKind.SPLIT, text, obj, pairing.masks, taken)


def partners(
    part: SeparatedObject, objects: Sequence[SeparatedObject], width: float
) -> tuple[SeparatedObject, ...]:
    """The objects near a part, the nearest first; `width` of a chromosome in pixels."""
    ordered = sorted(objects, key=lambda each: each.id)
    number = next(n for n, each in enumerate(ordered) if each.id == part.id)
    near = joining.partners(number, [(each.mask, each.origin) for each in ordered], width)
    return tuple(ordered[n] for n in near)
