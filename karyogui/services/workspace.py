"""A data folder, opened: the services over one database and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.services.analysis import AnalysisService
from karyogui.services.case_reports import CaseReportService
from karyogui.services.case_work import CaseWork
from karyogui.services.importing import Importer
from karyogui.services.library import Library
from karyogui.services.quality import QualityService
from karyogui.services.record import RecordService
from karyogui.services.regions import RegionService
from karyogui.services.repairing import RepairService
from karyogui.services.reporting import ReportService
from karyogui.services.reviewing import ReviewService
from karyogui.services.second_readings import SecondReadingService
from karyogui.services.sittings import SittingRecorder
from karyogui.services.strips import StripService
from karyogui.services.waiting import WaitingCells
from karyogui.settings import login_name
from karyogui.storage.case_listing import CaseListing
from karyogui.storage.case_reviews import CaseReviewStore
from karyogui.storage.cases import CaseStore
from karyogui.storage.cells import CellStore
from karyogui.storage.database import Database
from karyogui.storage.files import disk_error
from karyogui.storage.image_store import PICTURES_FOLDER as PICTURES_FOLDER
from karyogui.storage.notes import NoteStore
from karyogui.storage.opening import open_folder
from karyogui.storage.second_readings import SecondReadingStore
from karyogui.storage.strips import StripStore

DEMONSTRATION_FILE = "demonstration"
"""An empty file that marks a data folder."""


@dataclass(frozen=True)
class Workspace:
    """All use cases over one data folder. It belongs to this process until `close`.

    One that `is_demonstration` holds generated cells and takes no others.
    """

    folder: Path
    library: Library
    importer: Importer
    analysis: AnalysisService
    reviews: ReviewService
    reports: ReportService
    case_reports: CaseReportService
    second_readings: SecondReadingService
    repairs: RepairService
    quality: QualityService
    regions: RegionService
    record: RecordService
    strips: StripService
    cells: CellStore
    case_work: CaseWork
    waiting: WaitingCells
    is_demonstration: bool = False
    _database: Database = field(kw_only=True, repr=False, compare=False)
    _open: ExitStack = field(repr=False, compare=False, default_factory=ExitStack)

    def recorder(self, who: Callable[[], str]) -> SittingRecorder:
        """A recorder of what the work of a person costs; `who` tells the person's name."""
        return SittingRecorder(self.cells, who)

    @property
    def refusal(self) -> KaryoError | None:
        """Why nothing may be stored in this folder; None where it may."""
        return self._database.refusal

    def when_refused(self, tell: Callable[[KaryoError], object]) -> None:
        """Call `tell`, in any thread, when it turns out that nothing may be stored any more."""
        self._database.refused = tell

    def hurry(self) -> None:
        """Let the present thread wait a moment at most for a program that holds the database."""
        self._database.hurry()

    def close(self) -> None:
        """Close the database and let another window have the folder; twice is harmless."""
        self._open.close()


def open_workspace(
    folder: Path, demonstration: bool = False, who: Callable[[], str] = login_name
) -> Workspace:
    """Open a data folder, making it where needed and migrating its database.

    `who` tells the person who stands in the trail where an act names nobody.
    For a `demonstration` it is marked as one, and stays one. Raises `KaryoError` when the folder is
    read-only or full, open in another window, its database was made by a newer version or is
    damaged; and for a demonstration in a folder of real cases.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, folder) from error
    with ExitStack() as opening:
        database, images = open_folder(folder, who, opening)
        cases = CaseStore(database)
        cells = CellStore(database, images)
        if demonstration:
            _mark_as_demonstration(folder, cases)
        reports = ReportService(cases, cells)
        library, reviews = Library(cases, cells, CaseListing(database)), ReviewService(cells)
        readings = SecondReadingService(library, reviews, SecondReadingStore(database))
        is_demonstration = (folder / DEMONSTRATION_FILE).exists()
        return Workspace(
            folder=folder,
            library=library,
            importer=Importer(cases, images, is_demonstration),
            analysis=AnalysisService(cells),
            reviews=reviews,
            reports=reports,
            case_reports=CaseReportService(
                cases, CaseReviewStore(database), reports, readings.open_differences
            ),
            second_readings=readings,
            repairs=RepairService(cells),
            quality=QualityService(cells),
            regions=RegionService(cases, cells, images),
            record=RecordService(folder, database, images),
            strips=StripService(StripStore(database, images)),
            cells=cells,
            case_work=CaseWork(cases, NoteStore(database)),
            waiting=WaitingCells(folder),
            is_demonstration=is_demonstration,
            _database=database,
            _open=opening.pop_all(),
        )


def _mark_as_demonstration(folder: Path, cases: CaseStore) -> None:
    mark = folder / DEMONSTRATION_FILE
    if mark.exists():
        return
    if cases.has_real():
        raise KaryoError(
            f"{folder} holds real cases: the demonstration does not go among them.",
            "Choose an empty folder for it.",
        )
    try:
        mark.touch()
    except OSError as error:
        raise disk_error(error, mark) from error
