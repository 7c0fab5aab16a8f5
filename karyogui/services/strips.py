"""The strip of a type over all cells of a case, ready to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.chromosome import Chromosome, Segment
from karyogui.domain.strip import StripChromosome, with_distances
from karyogui.services.progress import Monitor, Progress
from karyogui.services.straightening import centre_line, straightened
from karyogui.storage.strips import StripStore

KEPT = 2000
"""Straightened pictures that are kept."""
_Picture = tuple[int, str, int]
"""Cell, chromosome and hash of the mask: the same as long as nobody repairs it."""


class StripService:
    """Reads strips and measures them; from any thread."""

    def __init__(self, strips: StripStore) -> None:
        self._strips = strips
        self._lengths: dict[_Picture, float] = {}
        self._straight: dict[_Picture, Segment] = {}

    def load(
        self, case_id: int, slots: Collection[str], lengths: bool, monitor: Monitor
    ) -> tuple[StripChromosome, ...]:
        """All chromosomes of a case in these slots; with `lengths`, measured along the middle.

        `Cancelled` when the monitor says so, `KaryoError` for a missing picture.
        """
        strip = with_distances(self._strips.strip(case_id, slots))
        if not lengths:
            return strip
        measured = []
        for number, item in enumerate(strip):
            monitor.report(Progress(number, len(strip), item.cell_name))
            measured.append(replace(item, length=self._length(item) * item.scale))
        return tuple(measured)

    def straightened(
        self, strip: Sequence[StripChromosome], monitor: Monitor
    ) -> dict[str, Chromosome]:
        """The chromosomes of a strip with their pictures straightened, by key; none is stored.

        `Cancelled` when the monitor says so.
        """
        found = {}
        for number, item in enumerate(strip):
            monitor.report(Progress(number, len(strip), item.cell_name))
            key = _picture_of(item)
            if key not in self._straight:
                if len(self._straight) >= KEPT:
                    self._straight.clear()
                self._straight[key] = straight(item.chromosome).segment
            found[item.key] = replace(item.chromosome, segment=self._straight[key])
        return found

    def _length(self, item: StripChromosome) -> float:
        mask = item.chromosome.segment.mask
        key = _picture_of(item)
        if key not in self._lengths:
            self._lengths[key] = float(len(centre_line(mask)) - 1)
        return self._lengths[key]


def _picture_of(item: StripChromosome) -> _Picture:
    return item.cell_id, item.chromosome.id, hash(item.chromosome.segment.mask.tobytes())


def straight(chromosome: Chromosome) -> Chromosome:
    """The same chromosome with its picture straightened; nothing of it is stored."""
    segment = chromosome.segment
    crop: NDArray[np.uint8]
    crop, mask = straightened(segment.crop, segment.mask)
    return replace(chromosome, segment=replace(segment, crop=crop, mask=mask))
