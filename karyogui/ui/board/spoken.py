"""What the board says of its chromosomes: tooltips, and words for assistive technology."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.review import ReviewItem, moved_sentence
from karyogui.ui.board import texts
from karyogui.ui.board.scene import BoardScene


class Spoken:
    """Words about the chromosomes of a board, as it stands."""

    def __init__(
        self,
        scene: BoardScene,
        chromosomes: Sequence[Chromosome],
        needs_review: Mapping[str, ReviewItem],
    ) -> None:
        self._scene, self._chromosomes, self._asking = scene, chromosomes, needs_review

    def tooltip(self, chromosome_id: str) -> str:
        """About the chromosome under the pointer."""
        chromosome, karyogram = self._scene.chromosome(chromosome_id), self._scene.karyogram
        shrunk = self._scene.item(chromosome_id).picture.shrunk
        placement, reasons = karyogram.placement(chromosome_id), self._reasons(chromosome_id)
        return texts.tooltip(chromosome, placement, karyogram, reasons, shrunk)

    def selection(self, ids: Sequence[str]) -> str:
        """About what is selected."""
        karyogram = self._scene.karyogram
        if len(ids) == 1:
            chromosome, placement = self._scene.chromosome(ids[0]), karyogram.placement(ids[0])
            shrunk = self._scene.item(ids[0]).picture.shrunk
            reasons = self._reasons(ids[0])
            return texts.describe(chromosome, placement, karyogram, reasons, shrunk)
        if ids:
            return f"{len(ids)} chromosomes selected."
        return f"{len(karyogram)} chromosomes, nothing selected."

    def _reasons(self, chromosome_id: str) -> tuple[str, ...]:
        """What it carries, and why it needs review, or else why it has a badge."""
        told = self._scene.carried.get(chromosome_id, "")
        carried = (f"{told}.",) if told else ()
        if chromosome_id in self._asking:
            return (*carried, *self._asking[chromosome_id].reasons)
        if not self._scene.item(chromosome_id).looks_like:
            return carried
        return (
            *carried,
            moved_sentence(self._scene.chromosome(chromosome_id), self._chromosomes),
        )
