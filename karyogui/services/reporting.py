"""Everything printable about a case, and files of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from karyogui import __version__
from karyogui.domain.case import Case
from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.cultures import cultures_of
from karyogui.domain.findings import find
from karyogui.domain.karyogram import slot_counts
from karyogui.domain.recipe import Recipe
from karyogui.domain.report import CellReport, Photograph, ReportData
from karyogui.domain.trail import present_proposal
from karyogui.errors import KaryoError
from karyogui.services.enhancement import enhance
from karyogui.services.pictures import Grey, read_picture
from karyogui.services.progress import Monitor, Progress
from karyogui.storage.files import write_atomically

if TYPE_CHECKING:
    from karyogui.storage.cases import CaseStore
    from karyogui.storage.cells import CellStore


class ReportWriter(Protocol):
    """What the reporting needs of an exporter."""

    def write(self, data: ReportData, target: BinaryIO) -> None: ...


@dataclass(frozen=True)
class Output:
    """One file to be written: by which exporter, of which cells, where."""

    exporter: ReportWriter
    cell_ids: tuple[int, ...]
    path: Path


@dataclass(frozen=True)
class ExportOutcome:
    """What was written, and one sentence for each file that was not, with its name."""

    written: tuple[Path, ...]
    problems: tuple[str, ...]


class ReportService:
    """Folds cases into `ReportData` and lets exporters write it."""

    def __init__(self, cases: CaseStore, cells: CellStore) -> None:
        self._cases = cases
        self._cells = cells

    def report_data(self, case_id: int, cell_ids: Sequence[int] | None = None) -> ReportData:
        """A case with the cells named, or with all that have been analysed and are not excluded.

        Raises `KaryoError` when one named, or every one, has not been analysed, and when all are
        excluded.
        """
        case = self._cases.load(case_id)
        counted = [c for c in case.cells if c.is_analysed and not c.is_excluded]
        chosen = counted
        if cell_ids is not None:
            chosen = [c for c in case.cells if c.id in cell_ids]
        not_analysed = [cell.name for cell in chosen if not cell.is_analysed]
        if not_analysed:
            names = ", ".join(not_analysed)
            raise KaryoError(f"Not analysed yet: {names}.", "Analyse the cell first.")
        if not chosen and any(cell.is_analysed for cell in case.cells):
            raise KaryoError(
                f"Every analysed cell of {case.name} is excluded.", "Take one back into the case."
            )
        if not chosen:
            raise KaryoError(
                f"No cell of {case.name} has been analysed yet.", "Analyse a cell first."
            )
        return ReportData(
            case_name=case.name,
            details=case.details,
            cells=tuple(self.cell_report(cell.id) for cell in chosen),
            created=datetime.now(UTC),
            software=software(),
            is_demo=self._cases.is_demo(case_id),
            excluded=_left_out(case, {cell.id for cell in chosen}),
            cultures=cultures_of([cell.note.culture for cell in chosen], case.note.cultures),
        )

    def cell_report(self, cell_id: int) -> CellReport:
        """One cell as printed, with its photograph where it came as one."""
        cell = _with_what_holds(self._cells.load(cell_id))
        if not cell.has_photograph:
            return cell_report(cell)
        source = next(p for p in cell.pictures if p.kind is PictureKind.METAPHASE)
        raw = read_picture(self._cells.picture(source), source.name)
        return cell_report(cell, photograph(source.name, raw, cell.recipe))

    def export(self, data: ReportData, exporter: ReportWriter, path: Path) -> Path:
        """Write a file beside `path` and rename it; a file that was there stays until then.

        Raises `KaryoError` for a full disk or a read-only folder.
        """
        return export(data, exporter, path)

    def export_all(
        self, case_id: int, outputs: Sequence[Output], monitor: Monitor
    ) -> ExportOutcome:
        """Write files of a case; one that cannot be written does not keep the others from it.

        `Cancelled` when the monitor says so: what is written by then stays.
        """
        written: list[Path] = []
        problems: list[str] = []
        data: dict[tuple[int, ...], ReportData] = {}
        for number, output in enumerate(outputs):
            monitor.report(Progress(number, len(outputs), output.path.name))
            try:
                if output.cell_ids not in data:
                    # Pictures of large cells: only those of one output at a time are kept.
                    data = {output.cell_ids: self.report_data(case_id, output.cell_ids)}
                written.append(export(data[output.cell_ids], output.exporter, output.path))
            except KaryoError as error:
                name, text = output.path.name, str(error)
                problems.append(text if name in text else f"{name}: {text}")
        monitor.report(Progress(len(outputs), len(outputs), ""))
        return ExportOutcome(tuple(written), tuple(problems))


def _with_what_holds(cell: Cell) -> Cell:
    """A cell as it may be printed: whose sign-off does not hold is not reviewed."""
    return replace(cell, reviewed_at=None, reviewed_by="") if cell.broken else cell


def _left_out(case: Case[Cell], chosen: set[int]) -> tuple[Cell, ...]:
    """The excluded cells that a report of the whole case has to name; none for a part of it."""
    counted = {cell.id for cell in case.cells if cell.is_analysed and not cell.is_excluded}
    if not counted <= chosen:
        return ()
    return tuple(cell for cell in case.cells if cell.is_excluded and cell.id not in chosen)


def export(data: ReportData, exporter: ReportWriter, path: Path) -> Path:
    """See `ReportService.export`; needs no data folder."""
    write_atomically(path, lambda target: exporter.write(data, target))
    return path


def software() -> str:
    """Name and version of the program, as printed."""
    return f"KaryoGUI {__version__}"


def photograph(name: str, raw: Grey, recipe: Recipe | None) -> Photograph:
    """A metaphase's picture (H, W) as imported, with what a recipe makes of it beside it."""
    if recipe is None or not recipe.enhances:
        return Photograph(name, raw)
    return Photograph(name, raw, enhance(raw, recipe))


def cell_report(cell: Cell, picture: Photograph | None = None) -> CellReport:
    """A cell as printed, with what its counts say now; `picture` of a metaphase."""
    findings = find(slot_counts(cell.placements), cell.is_readable)
    return CellReport(cell, picture, findings, present_proposal(cell))
