"""A cell: what was imported of it, its chromosomes, and all that persons did to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.complement import Complement
from karyogui.domain.karyogram import Placement, slot_counts
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.notes import CellNote
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import Edit, Exclusion
from karyogui.domain.separation import Quality as Quality
from karyogui.domain.separation import SeparatedObject
from karyogui.domain.separation_check import AWAITED, UNCHECKED, CheckEntry, open_entries
from karyogui.domain.sitting import CorrectionCost, Sitting


class PictureKind(StrEnum):
    """What a picture shows; the value is the word for it.

    Of a finished karyogram the chromosomes are imported, each cut out as a picture of this kind.
    """

    CUT_OUT = "cut-out"
    METAPHASE = "metaphase"
    KARYOGRAM = "karyogram"


@dataclass(frozen=True)
class SourcePicture:
    """One imported picture: its name as imported, its key in the image store, size in pixels.

    `slot` is the type of the place in a finished karyogram from which it was cut out, None where
    that could not be told and for all other pictures.
    """

    name: str
    key: str
    width: int
    height: int
    sha256: str
    kind: PictureKind = PictureKind.CUT_OUT
    slot: str | None = None


@dataclass(frozen=True)
class Cell:
    """One cell. Before analysis it has pictures and no chromosomes; after it, both.

    `assignment` is None where it is not known: before analysis and for results of older versions.
    A cell that came as a photograph has one picture, and after analysis `objects`: the chromosomes
    (with the ids of `chromosomes`) and everything that was rejected. `recipe` is the enhancement
    of the whole picture, None for the picture as it is; `analysed_recipe` is the one with which the
    network looked. `revision` numbers what is said of the chromosomes, 0 before analysis: every
    analysis, assignment and repair adds one, and so does the network's answer to a repair. Until
    that has come, `awaits_answer` is set and new chromosomes are without a prediction. `check` are
    the entries of the separation check, settled or not; `has_check` says whether it was made.
    With an `exclusion` the cell does not count in its case. `note` is what persons noted of it.
    `broken` says in a sentence that what was signed off has been altered outside the program.
    `changes` are those of its chromosomes that a person has labelled. `separation` names what
    separated its photograph, empty where that is not known.
    """

    id: int
    case_id: int
    name: str
    pictures: tuple[SourcePicture, ...]
    chromosomes: tuple[Chromosome, ...] = ()
    placements: tuple[Placement, ...] = ()
    edits: tuple[Edit, ...] = ()
    model: ModelIdentity | None = None
    seconds: float | None = None
    analysed_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str = ""
    assignment: AssignmentSummary | None = None
    objects: tuple[SeparatedObject, ...] = ()
    recipe: Recipe | None = None
    quality: Quality | None = None
    slide: str = ""
    sittings: tuple[Sitting, ...] = ()
    revision: int = 0
    analysed_recipe: Recipe | None = None
    awaits_answer: bool = False
    check: tuple[CheckEntry, ...] = ()
    has_check: bool = False
    exclusion: Exclusion | None = None
    note: CellNote = field(default_factory=CellNote)
    broken: str = ""
    changes: tuple[LabelledChange, ...] = ()
    separation: str = ""

    @property
    def slots(self) -> dict[str, str]:
        """Where each chromosome stands, by its id."""
        return {placement.chromosome_id: placement.slot for placement in self.placements}

    @property
    def used_ids(self) -> frozenset[str]:
        """Ids that an object or chromosome of the cell has, or had on the board before it went."""
        used = {o.id for o in self.objects} | {c.id for c in self.chromosomes}
        for change in (edit.change for edit in self.edits):
            used.update(p.chromosome_id for p in (*change.before, *change.after))
        return frozenset(used)

    @property
    def waits(self) -> str:
        """What the count waits for before anybody can settle it; empty for nothing."""
        if self.awaits_answer:
            return AWAITED
        asks = self.has_photograph and self.is_analysed and self.reviewed_at is None
        return UNCHECKED if asks and not self.has_check else ""

    @property
    def open_check(self) -> tuple[CheckEntry, ...]:
        """Entries of the separation check that nobody has settled."""
        return self.open_check_at(slot_counts(self.placements))

    def open_check_at(self, counts: Mapping[str, int]) -> tuple[CheckEntry, ...]:
        """The same while the board has these counts per slot."""
        return open_entries(self.check, Complement.of(counts).lacking)

    @property
    def is_excluded(self) -> bool:
        """Whether the cell does not count in its case."""
        return self.exclusion is not None

    @property
    def is_readable(self) -> bool:
        """Whether types can be recognised by the bands, as far as anybody has judged it."""
        return not self.unreadable

    @property
    def unreadable(self) -> str:
        """Why no type can be recognised, the beginning of a sentence; empty where one can."""
        return "" if self.quality is None else self.quality.unreadable

    @property
    def is_stout(self) -> bool:
        """Whether its chromosomes are stouter than any that the network was trained on."""
        scale = self.assignment.scale if self.assignment else None
        return scale is not None and scale.is_stout

    @property
    def has_photograph(self) -> bool:
        """Whether the cell came as one photograph and not as ready cut-outs."""
        return any(picture.kind is PictureKind.METAPHASE for picture in self.pictures)

    @property
    def is_from_karyogram(self) -> bool:
        """Whether the cell was cut out of a finished karyogram."""
        return any(picture.kind is PictureKind.KARYOGRAM for picture in self.pictures)

    @property
    def cost(self) -> CorrectionCost:
        """What work at the cell has cost so far."""
        return CorrectionCost.of(self.sittings)

    @property
    def is_analysed(self) -> bool:
        """Whether a network has looked at the cell."""
        return self.analysed_at is not None
