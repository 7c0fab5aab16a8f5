"""A data folder, opened: the services over one database and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from karyogui.errors import KaryoError
from karyogui.services.analysis import AnalysisService
from karyogui.services.case_work import CaseWork
from karyogui.services.library import Library
from karyogui.services.repairing import RepairService
from karyogui.services.reviewing import ReviewService
from karyogui.services.sittings import SittingRecorder
from karyogui.services.waiting import WaitingCells
from karyogui.settings import login_name
from karyogui.storage.case_listing import CaseListing
from karyogui.storage.cases import CaseStore
from karyogui.storage.cells import CellStore
from karyogui.storage.database import Database
from karyogui.storage.files import disk_error
from karyogui.storage.image_store import PICTURES_FOLDER as PICTURES_FOLDER
from karyogui.storage.image_store import ImageStore
from karyogui.storage.notes import NoteStore
from karyogui.storage.opening import open_folder

if TYPE_CHECKING:
    from karyogui.services.case_reports import CaseReportService
    from karyogui.services.importing import Importer
    from karyogui.services.record import RecordService
    from karyogui.services.regions import RegionService
    from karyogui.services.reporting import ReportService
    from karyogui.services.second_readings import SecondReadingService
    from karyogui.services.strips import StripService

DEMONSTRATION_FILE = "demonstration"
"""An empty file that marks a data folder."""


@dataclass(frozen=True)
class Workspace:
    """All use cases over one data folder. It belongs to this process until `close`.

    One that `is_demonstration` holds generated cells and takes no others. What a first window does
    not need is imported and made when it is asked for.
    """

    folder: Path
    library: Library
    analysis: AnalysisService
    reviews: ReviewService
    repairs: RepairService
    cells: CellStore
    case_work: CaseWork
    waiting: WaitingCells
    is_demonstration: bool = False
    _cases: CaseStore = field(kw_only=True, repr=False, compare=False)
    _images: ImageStore = field(kw_only=True, repr=False, compare=False)
    _database: Database = field(kw_only=True, repr=False, compare=False)
    _open: ExitStack = field(repr=False, compare=False, default_factory=ExitStack)

    @cached_property
    def importer(self) -> Importer:
        """Pictures into the library."""
        from karyogui.services.importing import Importer

        return Importer(self._cases, self._images, self.is_demonstration)

    @cached_property
    def regions(self) -> RegionService:
        """Parts of photographs as cells of their own."""
        from karyogui.services.regions import RegionService

        return RegionService(self._cases, self.cells, self._images)

    @cached_property
    def strips(self) -> StripService:
        """The chromosomes of one type over all cells of a case."""
        from karyogui.services.strips import StripService
        from karyogui.storage.strips import StripStore

        return StripService(StripStore(self._database, self._images))

    @cached_property
    def reports(self) -> ReportService:
        """Reports of cells and exported files."""
        from karyogui.services.reporting import ReportService

        return ReportService(self._cases, self.cells)

    @cached_property
    def case_reports(self) -> CaseReportService:
        """The report of a case and its signatures."""
        from karyogui.services.case_reports import CaseReportService
        from karyogui.storage.case_reviews import CaseReviewStore

        store = CaseReviewStore(self._database)
        return CaseReportService(
            self._cases, store, self.reports, self.second_readings.open_differences
        )

    @cached_property
    def second_readings(self) -> SecondReadingService:
        """Cells read by a second person."""
        from karyogui.services.second_readings import SecondReadingService
        from karyogui.storage.second_readings import SecondReadingStore

        return SecondReadingService(self.library, self.reviews, SecondReadingStore(self._database))

    @cached_property
    def record(self) -> RecordService:
        """Checking, backing up, restoring, erasing, and the trail."""
        from karyogui.services.record import RecordService

        return RecordService(self.folder, self._database, self._images)

    def recorder(self, who: Callable[[], str]) -> SittingRecorder:
        """A recorder of what the work of a person costs; `who` gives the person's name."""
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

    `who` gives the person for the trail where an act names nobody.
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
        return Workspace(
            folder=folder,
            library=Library(cases, cells, CaseListing(database)),
            analysis=AnalysisService(cells),
            reviews=ReviewService(cells),
            repairs=RepairService(cells),
            cells=cells,
            case_work=CaseWork(cases, NoteStore(database)),
            waiting=WaitingCells(folder),
            is_demonstration=(folder / DEMONSTRATION_FILE).exists(),
            _cases=cases,
            _images=images,
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
