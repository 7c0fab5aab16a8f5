"""The tables. Rows never leave the storage package; `mapping` turns them into domain objects.

What is in `APPEND_ONLY` is only ever added: triggers refuse to alter or to
delete it. Columns that a later version added are null in rows of an earlier one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Json = JSON(none_as_null=True)

APPEND_ONLY: tuple[str, ...] = (
    "analysis", "chromosome", "edit", "sign_off", "separated_object", "recipe", "sitting",
    "first_look", "check_decision", "exclusion", "cell_note", "case_note", "case_act",
    "report_version", "second_reading", "reading_decision", "trail", "origin",
    "labelled_change",
)  # fmt: skip
"""Tables whose rows stay as they were written; only erasing a case takes its rows away."""

UNTRACED: frozenset[str] = frozenset(("trail", "case_list", "case_summary", "case_stale"))
"""Tables whose rows the trail does not bind: itself, and what is only counted up out of others.

Any other table is bound too, and belongs to a case when a foreign key leads there.
"""


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware in Python, stored in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC without a zone; ValueError for a time that does not know its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC without a zone to an aware time."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Json, dict[str, int]: Json, dict[str, str]: Json, list[str]: Json,
        list[int]: Json, list[float]: Json, list[list[Any]]: Json, list[dict[str, Any]]: Json,
    }  # fmt: skip
    """How columns of these types are stored, unless a column says otherwise."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class CaseRow(Base):
    __tablename__ = "case"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    created: Mapped[datetime]
    details: Mapped[dict[str, str]]
    is_demo: Mapped[bool]
    deleted_at: Mapped[datetime | None]
    cells: Mapped[list[CellRow]] = relationship(back_populates="case", order_by="CellRow.position")
    notes: Mapped[list[CaseNoteRow]] = relationship(order_by="CaseNoteRow.id")


class CellRow(Base):
    __tablename__ = "cell"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    created: Mapped[datetime]
    thumbnail: Mapped[bytes | None] = mapped_column(deferred=True)
    slide: Mapped[str | None]
    case: Mapped[CaseRow] = relationship(back_populates="cells")
    pictures: Mapped[list[PictureRow]] = relationship(order_by="PictureRow.position")
    analyses: Mapped[list[AnalysisRow]] = relationship(order_by="AnalysisRow.revision")
    placements: Mapped[list[PlacementRow]] = relationship()
    edits: Mapped[list[EditRow]] = relationship(order_by="EditRow.id")
    sign_offs: Mapped[list[SignOffRow]] = relationship(order_by="SignOffRow.id")
    recipes: Mapped[list[RecipeRow]] = relationship(order_by="RecipeRow.id")
    sittings: Mapped[list[SittingRow]] = relationship(order_by="SittingRow.id")
    first_looks: Mapped[list[FirstLookRow]] = relationship(order_by="FirstLookRow.id")
    check_decisions: Mapped[list[CheckDecisionRow]] = relationship(order_by="CheckDecisionRow.id")
    exclusions: Mapped[list[ExclusionRow]] = relationship(order_by="ExclusionRow.id")
    notes: Mapped[list[CellNoteRow]] = relationship(order_by="CellNoteRow.id")
    labelled_changes: Mapped[list[LabelledChangeRow]] = relationship(
        order_by="LabelledChangeRow.id"
    )


class PictureRow(Base):
    """An imported picture; `slot` is where it stood in the finished karyogram it was cut out of."""

    __tablename__ = "picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    key: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]
    kind: Mapped[str | None]
    slot: Mapped[str | None]


class AnalysisRow(Base):
    """What is said of a cell's chromosomes; the highest revision is the present one.

    `recipe` is the enhancement that the network's look began with, null for none. One that
    `awaits_answer` was made by a repair, and the network has not looked at it yet. `separation` is
    what the photograph was separated with, null where nobody kept that.
    """

    __tablename__ = "analysis"
    __table_args__ = (UniqueConstraint("cell_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"))
    revision: Mapped[int]
    at: Mapped[datetime]
    seconds: Mapped[float]
    model_name: Mapped[str]
    model_version: Mapped[str]
    model_sha256: Mapped[str]
    model_device: Mapped[str]
    model_runtime: Mapped[str | None]
    assignment_method: Mapped[str | None]
    disagreeing: Mapped[list[str] | None]
    alternative: Mapped[list[int] | None]
    alternative_margin: Mapped[float | None]
    scale: Mapped[float | None]
    stretch: Mapped[float | None]
    quality: Mapped[dict[str, Any] | None]
    recipe: Mapped[str | None]
    awaits_answer: Mapped[bool | None]
    separation_check: Mapped[list[dict[str, Any]] | None]
    separation: Mapped[str | None]
    chromosomes: Mapped[list[ChromosomeRow]] = relationship(order_by="ChromosomeRow.position")
    objects: Mapped[list[SeparatedObjectRow]] = relationship(order_by="SeparatedObjectRow.position")


class ChromosomeRow(Base):
    """One object of an analysis with its prediction and its assignment.

    Where the network has not answered yet there are no probabilities, and nothing is assigned.
    """

    __tablename__ = "chromosome"
    __table_args__ = (UniqueConstraint("analysis_id", "chromosome_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id"))
    position: Mapped[int]
    chromosome_id: Mapped[str]
    source: Mapped[str]
    segment_key: Mapped[str]
    angle: Mapped[float]
    box: Mapped[list[int] | None]
    type_probabilities: Mapped[list[float]]
    polarity_probabilities: Mapped[list[float]]
    zoom_box: Mapped[list[float] | None]
    assigned_type: Mapped[str | None]
    assigned_polarity: Mapped[int]
    confidence: Mapped[float]
    reasons: Mapped[list[str]]
    margin: Mapped[float | None]
    moved: Mapped[bool | None]


class SeparatedObjectRow(Base):
    """One object of a photograph as it was in an analysis or after a repair."""

    __tablename__ = "separated_object"
    __table_args__ = (UniqueConstraint("analysis_id", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id"))
    position: Mapped[int]
    object_id: Mapped[str]
    kind: Mapped[str]
    mask_key: Mapped[str]
    origin: Mapped[list[int]]
    box: Mapped[list[int]]
    score: Mapped[float]
    turn: Mapped[float]
    by_person: Mapped[bool]


class RecipeRow(Base):
    """An enhancement of a cell's photograph; the last row counts, null is the picture as it is."""

    __tablename__ = "recipe"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    who: Mapped[str]
    at: Mapped[datetime]
    recipe: Mapped[str | None]


class SittingRow(Base):
    """What one sitting at a cell cost."""

    __tablename__ = "sitting"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    who: Mapped[str]
    started: Mapped[datetime]
    ended: Mapped[datetime]
    seconds: Mapped[float]
    actions: Mapped[dict[str, int]]


class FirstLookRow(Base):
    """A photograph's quality, judged before an analysis; the last row counts until there is one.

    It describes the picture as it was enhanced at that time, and nothing of a later enhancement.
    """

    __tablename__ = "first_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    at: Mapped[datetime]
    quality: Mapped[dict[str, Any]]


class CheckDecisionRow(Base):
    """A person's word on an object that the separation check lists: that it `is_right` as it is.

    It holds for the object as it was then: under this id, with these pixels and of this kind. The
    last row of such an object counts; one that is not right takes the one before back.
    """

    __tablename__ = "check_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    object_id: Mapped[str]
    mask_key: Mapped[str]
    origin: Mapped[list[int]]
    kind: Mapped[str]
    is_right: Mapped[bool]
    who: Mapped[str]
    at: Mapped[datetime]


class PlacementRow(Base):
    """Where a chromosome stands now; how it came there is in the edits.

    `proposed` is slot, turn, mirrored and confirmed as they would be without what a person decided,
    null where nobody has. A chromosome that is `away` was taken off the board by a repair: it stood
    so, decided on, and is looked for there when it comes back.
    """

    __tablename__ = "placement"

    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), primary_key=True)
    chromosome_id: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str]
    slot_index: Mapped[int]
    turn: Mapped[float]
    mirrored: Mapped[bool]
    confirmed: Mapped[bool]
    proposed: Mapped[dict[str, Any] | None]
    away: Mapped[bool] = mapped_column(default=False, server_default=false())


class EditRow(Base):
    """One entry of the audit trail; `kind` is an `ActionKind`, null where it is not known."""

    __tablename__ = "edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id"))
    who: Mapped[str]
    at: Mapped[datetime]
    by_person: Mapped[bool]
    text: Mapped[str]
    kind: Mapped[str | None]
    before: Mapped[list[dict[str, Any]]]
    after: Mapped[list[dict[str, Any]]]


class SignOffRow(Base):
    """A sign-off, or the withdrawal of the one before; the last row of a cell counts.

    `signed` names by its parts what was signed, `digest` is the sha256 of that; null for a
    withdrawal and for a sign-off of an earlier version.
    """

    __tablename__ = "sign_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id"))
    who: Mapped[str]
    at: Mapped[datetime]
    meaning: Mapped[str]
    withdrawn: Mapped[bool]
    signed: Mapped[dict[str, Any] | None]
    digest: Mapped[str | None]


class ExclusionRow(Base):
    """A cell excluded from its case, or taken back into it; the last row of a cell counts."""

    __tablename__ = "exclusion"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    who: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    withdrawn: Mapped[bool]


class TrailRow(Base):
    """One stored change: what became of which rows, bound to the entry before by its hash.

    `content` is JSON of the rows with their hashes, and of values before and after; erasing a case
    takes it away, and the hashes still hold. `act` never holds a name or free text.
    """

    __tablename__ = "trail"

    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    who: Mapped[str]
    act: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(index=True)
    cell_id: Mapped[int | None]
    content: Mapped[str | None]
    content_sha256: Mapped[str]
    previous: Mapped[str]
    sha256: Mapped[str]


class OriginRow(Base):
    """Where a case came from that was exported elsewhere, with its trail there."""

    __tablename__ = "origin"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    library: Mapped[str]
    exported: Mapped[datetime]
    trail: Mapped[list[list[Any]]]


class CellNoteRow(Base):
    """Something noted of a cell (`CellField`); the last row of a field counts, null is nothing."""

    __tablename__ = "cell_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    who: Mapped[str]
    at: Mapped[datetime]
    field: Mapped[str]
    value: Mapped[Any | None] = mapped_column(Json)


class CaseNoteRow(Base):
    """Something noted of a case (`CaseField`); the last row of a field counts, null is nothing."""

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    who: Mapped[str]
    at: Mapped[datetime]
    field: Mapped[str]
    value: Mapped[Any | None] = mapped_column(Json)


class CaseActRow(Base):
    """One act on a case's report: a signature, its withdrawal, an amendment, changed details.

    `fingerprint` is that of the report's content as signed, `told` what a change of details did.
    """

    __tablename__ = "case_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]
    version: Mapped[int]
    role: Mapped[str | None]
    meaning: Mapped[str]
    reason: Mapped[str]
    fingerprint: Mapped[str]
    told: Mapped[list[str]]


class ReportVersionRow(Base):
    """An approved report: what it says, field by field, and the file that was issued."""

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    who: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    content: Mapped[dict[str, str]]
    pdf: Mapped[bytes] = mapped_column(deferred=True)


class SecondReadingRow(Base):
    """How a second person, who did not see the first result, read a cell.

    `placements` is how that person left the chromosomes and `iscn` the string that they wrote for
    the cell; `first` and `first_iscn` are the same of the first reading at that moment.
    """

    __tablename__ = "second_reading"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id"))
    who: Mapped[str]
    started: Mapped[datetime]
    at: Mapped[datetime]
    iscn: Mapped[str]
    placements: Mapped[list[dict[str, Any]]]
    first: Mapped[list[dict[str, Any]]]
    first_iscn: Mapped[str]


class ReadingDecisionRow(Base):
    """Which of two readings holds for one chromosome, or for the string (`item` is then empty)."""

    __tablename__ = "reading_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("second_reading.id"), index=True)
    item: Mapped[str]
    takes_second: Mapped[bool]
    reason: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]


class LabelledChangeRow(Base):
    """A change that a person labels on chromosomes; the last row of a `change_id` counts.

    `told` is what was done, in the words of that day: the trail never says anything else later.
    """

    __tablename__ = "labelled_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cell.id"), index=True)
    change_id: Mapped[str]
    text: Mapped[str]
    chromosome_ids: Mapped[list[str]]
    removed: Mapped[bool]
    told: Mapped[str]
    who: Mapped[str]
    at: Mapped[datetime]
