"""The work at a whole case: notes of its cells, its protocol, rulings, and the result they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from typing import Protocol as Interface

from karyogui.domain.case import Case, NotedCell
from karyogui.domain.case_result import (
    PRESETS,
    CaseCell,
    CaseResult,
    CellStatus,
    Constitution,
    Protocol,
    ProtocolProgress,
    Ruling,
    RulingKind,
    conclude,
    progress,
)
from karyogui.domain.case_result.changes import check_change
from karyogui.domain.case_result.of_case import constitution_from, is_settled
from karyogui.domain.case_result.protocol import checked, fitting, from_json, to_json
from karyogui.domain.cell import Cell
from karyogui.domain.cultures import Culture, Cultures, cultures_of, with_plain_times
from karyogui.domain.details import LONGEST_KARYOTYPE
from karyogui.domain.details import fitting as text_fitting
from karyogui.domain.notes import (
    LONGEST_TEXT,
    MOST_MARKS,
    CaseField,
    CellField,
    Mark,
    NoteChange,
    Noted,
    Value,
    cultures_to,
    ruling_to,
    value_of,
)
from karyogui.domain.persons import named
from karyogui.errors import KaryoError
from karyogui.storage.cases import CaseStore
from karyogui.storage.files import write_atomically
from karyogui.storage.notes import NoteStore

AnyCase = Case[Cell] | Case[NotedCell]
"""What the acts below need: the notes of a case and of its cells."""

_BANDS = range(100, 1201)
MANY = 4
"""Of a fourth of the cells or more, all are as soon read as these."""


@dataclass(frozen=True)
class CaseView:
    """A case with all that its cells say together.

    `protocol` is the case's own, or the preset that fits where none `is_chosen` yet. `as_read` is
    the string that all cells would make as the program reads them, empty where every cell has a
    status: it is no result. `iscn` is what a person typed, else the program's string.
    """

    case: Case[NotedCell]
    cells: tuple[CaseCell, ...]
    protocol: Protocol
    is_chosen: bool
    result: CaseResult
    progress: ProtocolProgress
    as_read: str = ""

    @property
    def iscn(self) -> str:
        """The karyotype of the case."""
        return self.case.note.iscn or self.result.text

    @property
    def cultures(self) -> tuple[Culture, ...]:
        """The cultures of the case with their dates."""
        return cultures_of([cell.culture for cell in self.cells], self.case.note.cultures)

    def cell(self, cell_id: int) -> CaseCell:
        """The cell with this id."""
        return next(cell for cell in self.cells if cell.id == cell_id)


class SheetWriter(Interface):
    """What is needed of a writer of score sheets."""

    def write(self, view: CaseView, target: BinaryIO) -> None: ...


class CaseWork:
    """Reads a case with its result, and records what persons note; every act can be undone.

    An act is made as a `NoteChange` by one of the functions below, and stored by `record`.
    """

    def __init__(self, cases: CaseStore, notes: NoteStore) -> None:
        self._cases, self._notes = cases, notes

    def view(self, case_id: int, presets: Sequence[Protocol] = PRESETS) -> CaseView:
        """A case with its result; `presets` are the laboratory's protocols."""
        return view_of(*self._cases.evidence(case_id), presets)

    def view_after(
        self, view: CaseView, change: NoteChange, presets: Sequence[Protocol] = PRESETS
    ) -> CaseView:
        """The view after an act was stored, where nothing else has been stored since it was made.

        Whether that is so, `newest` tells: an act is one entry.
        """
        noted = {one.cell_id for one in change.after if one.cell_id is not None}
        if MANY * len(noted) > len(view.cells):
            return self.view(view.case.id, presets)
        return view_of(*self._cases.noted_again(view.case, view.cells, noted), presets)

    @property
    def newest(self) -> int:
        """What is another number as soon as anything was stored, by whomever."""
        return self._notes.newest

    def export(self, view: CaseView, writer: SheetWriter, path: Path) -> Path:
        """Write a score sheet beside `path` and rename it; `KaryoError` when that fails."""
        write_atomically(path, lambda target: writer.write(view, target))
        return path

    def record(self, change: NoteChange, who: str) -> None:
        """Store an act; it is safe when this returns. `KaryoError`, with nothing stored, else."""
        if not change.is_empty:
            self._notes.record(change, named(who))


def view_of(
    case: Case[NotedCell], cells: tuple[CaseCell, ...], presets: Sequence[Protocol] = PRESETS
) -> CaseView:
    """A case and its cells with their result."""
    protocol = case.note.protocol or fitting(presets or PRESETS, case.details.specimen)
    constitution = case.note.constitution or constitution_from(case.details)
    if not protocol.neoplastic and case.note.constitution is None:
        constitution = None  # of a constitutional case the cells tell, not the form
    result = conclude(cells, protocol, constitution, case.note.rulings)
    return CaseView(
        case=case,
        cells=cells,
        protocol=protocol,
        is_chosen=case.note.protocol is not None,
        result=result,
        progress=progress(cells, protocol, result.lines),
        as_read=_as_read(cells, protocol, constitution),
    )


def _as_read(
    cells: Sequence[CaseCell], protocol: Protocol, constitution: Constitution | None
) -> str:
    """What the cells that nobody has given a status would make together with the others."""
    settled = [c for c in cells if c.status is CellStatus.OPEN and is_settled(c)]
    if not settled:
        return ""
    ids = {cell.id for cell in settled}
    taken = [replace(c, status=CellStatus.ANALYSED) if c.id in ids else c for c in cells]
    return conclude(taken, protocol, constitution).text


def presets_of(stored: Sequence[str]) -> tuple[tuple[Protocol, ...], tuple[str, ...]]:
    """The laboratory's protocols from the settings, and a sentence for each that cannot be read.

    Without any stored ones they are those that the program brings.
    """
    presets, problems = list[Protocol](), list[str]()
    for text in stored:
        try:
            presets.append(from_json(text))
        except KaryoError as error:
            problems.append(str(error))
    return tuple(presets) or PRESETS, tuple(problems)


# -- acts ------------------------------------------------------------------------------------------


def set_field(case: AnyCase, cell_ids: Iterable[int], field: CellField, typed: str) -> NoteChange:
    """Note a status, culture, slide, colony, stage coordinates or band level of cells.

    An empty text takes the note away. `KaryoError` for a band level that is none, a status that
    does not exist, and a text that is too long.
    """
    chosen = [cell for cell in case.cells if cell.id in set(cell_ids)]
    value = _value(field, typed.strip())
    words = typed.strip() or "none"
    what = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} cells"
    before = [Noted(field, value_of(cell.note, field), cell.id) for cell in chosen]
    after = [replace(noted, value=value) for noted in before]
    text = f"{str(field).capitalize()} of {what}: {words}"
    return NoteChange(text, case.id, tuple(before), tuple(after))


def together(text: str, changes: Sequence[NoteChange]) -> NoteChange:
    """Several acts on different fields as one; what would alter nothing is left out."""
    real = [change for change in changes if not change.is_empty]
    before = tuple(noted for change in real for noted in change.before)
    after = tuple(noted for change in real for noted in change.after)
    return NoteChange(text, changes[0].case_id, before, after)


def set_marks(cell: Cell, marks: Sequence[Mark]) -> NoteChange:
    """Note where the chromosomes of a cell were counted in its photograph."""
    if len(marks) > MOST_MARKS:
        raise KaryoError(f"No cell has more than {MOST_MARKS} chromosomes.")
    value = [[round(x, 1), round(y, 1)] for x, y in marks]
    return _of_cell(f"Count: {len(marks)}", cell, CellField.MARKS, value)


def set_status(cell: Cell, typed: str) -> NoteChange:
    """Note the status of one cell; empty takes it away."""
    text = f"Status: {typed or CellStatus.OPEN}"
    return _of_cell(text, cell, CellField.STATUS, _value(CellField.STATUS, typed))


def set_protocol(case: AnyCase, protocol: Protocol) -> NoteChange:
    """Let a case be worked by a protocol, of which it keeps a copy."""
    now = case.note.protocol
    before, after = to_json(now) if now else None, to_json(checked(protocol))
    return _noted(f"Protocol: {protocol.name}", case, CaseField.PROTOCOL, before, after)


def set_constitution(case: AnyCase, sex: str, changes: Iterable[str] = ()) -> NoteChange:
    """Note what the person has in all cells; an empty `sex` leaves it to the cells.

    `KaryoError` for letters that are no sex chromosomes and for a change that cannot be read.
    """
    field, now = CaseField.CONSTITUTION, case.note.constitution
    before = {"sex": now.sex, "changes": list(now.changes)} if now else None
    typed = sex.strip().upper()
    if not typed:
        return _noted("Constitution: none", case, field, before, None)
    if "".join(sorted(typed)) != typed or not set(typed) <= {"X", "Y"} or "X" not in typed:
        raise KaryoError(f"{typed} are no sex chromosomes of a person.", "Write XX, XY or XXY.")
    listed = [change.strip() for change in changes if change.strip()]
    _check_changes(listed)
    words = f"Constitution: {', '.join((typed, *listed))}"
    return _noted(words, case, field, before, {"sex": typed, "changes": listed})


def set_cultures(case: AnyCase, times: Cultures) -> NoteChange:
    """Note when the cultures of a case were set up and harvested.

    `KaryoError` for a date that does not exist or comes before one that it must follow.
    """
    before = cultures_to(case.note.cultures)
    after = cultures_to(with_plain_times(times, case.details))
    return _noted("Dates of cultures", case, CaseField.CULTURES, before, after)


def rule(
    case: AnyCase,
    kind: RulingKind,
    subjects: Sequence[str],
    reason: str,
    who: str,
    changes: Sequence[str] = (),
) -> NoteChange:
    """Overrule the grouping of each subject (a change, or the id of a cell), with a reason.

    `KaryoError` without a reason, or for a change that cannot be read.
    """
    if not reason.strip():
        raise KaryoError("A ruling needs a reason.", "Say why the rule does not hold here.")
    if kind is RulingKind.PLACE:
        _check_changes(changes)
    person, now = named(who), datetime.now(UTC)
    rulings = [*case.note.rulings]
    for subject in subjects:
        ruling = Ruling(kind, subject, reason.strip(), person, now, tuple(changes))
        rulings = [*(one for one in rulings if one.key != ruling.key), ruling]
    return _rulings(case, rulings, f"{str(kind).capitalize()} {', '.join(subjects)}".strip())


def withdraw(case: AnyCase, ruling: Ruling) -> NoteChange:
    """Let the rule hold again where a person had overruled it."""
    kept = [one for one in case.note.rulings if one.key != ruling.key]
    return _rulings(case, kept, f"Ruling withdrawn: {ruling.kind} {ruling.subject}".strip())


def set_iscn(view: CaseView, text: str, reason: str) -> NoteChange:
    """Note the karyotype of a case as a person typed it; empty, or the program's own, is none.

    `KaryoError` without a reason: it stands against what the cells say.
    """
    case = view.case
    now = case.note
    before = {"text": now.iscn, "reason": now.iscn_reason} if now.iscn else None
    typed = text_fitting(text.strip(), "karyotype", LONGEST_KARYOTYPE)
    if not typed or typed == view.result.text:
        return _noted("Karyotype: the program's", case, CaseField.ISCN, before, None)
    if not text_fitting(reason.strip(), "reason"):
        raise KaryoError(
            "This karyotype is not the one that the lines make: it needs a reason.",
            f"The lines make {view.result.text or 'none'}.",
        )
    value = {"text": typed, "reason": reason.strip()}
    return _noted(f"Karyotype: {typed}", case, CaseField.ISCN, before, value)


def _value(field: CellField, typed: str) -> Value:
    if len(typed) > LONGEST_TEXT:
        raise KaryoError(f"A {field} has at most {LONGEST_TEXT} characters.")
    if field is CellField.STATUS:
        known = [str(one) for one in CellStatus if one is not CellStatus.EXCLUDED]
        if typed and typed not in known:
            raise KaryoError(f"{typed} is no status of a cell.", f"There are: {', '.join(known)}.")
        return typed or None
    if field is CellField.BANDS:
        if not typed:
            return None
        if not typed.isascii() or not typed.isdigit() or int(typed) not in _BANDS:
            raise KaryoError(
                f"{typed} is no band level.", f"Write a number from {_BANDS[0]} to {_BANDS[-1]}."
            )
        return int(typed)
    # An empty slide is one: the folder of the import is not meant then.
    return typed if typed or field is CellField.SLIDE else None


def _check_changes(changes: Iterable[str]) -> None:
    for change in changes:
        try:
            check_change(change)
        except ValueError as error:
            raise KaryoError(str(error), "Write one change, such as +21.") from error


def _rulings(case: AnyCase, rulings: Sequence[Ruling], text: str) -> NoteChange:
    before = [ruling_to(one) for one in case.note.rulings]
    return _noted(text, case, CaseField.RULINGS, before, [ruling_to(one) for one in rulings])


def _noted(text: str, case: AnyCase, field: CaseField, before: Value, after: Value) -> NoteChange:
    return NoteChange(text, case.id, (Noted(field, before),), (Noted(field, after),))


def _of_cell(text: str, cell: Cell, field: CellField, value: Value) -> NoteChange:
    before = Noted(field, value_of(cell.note, field), cell.id)
    return NoteChange(text, cell.case_id, (before,), (replace(before, value=value),))
