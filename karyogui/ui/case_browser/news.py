"""What has changed in the list since it was read: found out in a thread, never in the window's."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from karyogui.domain.case import CaseSummary
from karyogui.domain.case_list import CaseQuery, LibraryCounts
from karyogui.services.library import PAGE, Library
from karyogui.workers.latest import LatestTask

AT_ONCE = 10 * PAGE
"""Changed cases that are worked out before the news is delivered."""


@dataclass(frozen=True)
class News:
    """`ids` are the rows of the query, `newest` those of all cases; `rows` what is new of them.

    It `has_more` where further cases have changed, and `waiting` says how many.
    """

    query: CaseQuery
    ids: tuple[int, ...]
    newest: tuple[int, ...]
    rows: dict[int, CaseSummary]
    matching: int
    total: int
    counts: LibraryCounts
    unjudged: tuple[int, ...]
    waiting: int

    @property
    def has_more(self) -> bool:
        """Whether further cases have changed."""
        return self.waiting > 0


class NewsReader(QObject):
    """Reads the news again and again: `told(News)` or `failed(KaryoError)` for each."""

    told = Signal(object)
    failed = Signal(object)

    def __init__(self, library: Library, parent: QObject) -> None:
        super().__init__(parent)
        self._library = library
        self._reading = LatestTask(self)
        self._shown: set[int] = set()

    def read(self, query: CaseQuery, count: int) -> None:
        """Read about the first `count` rows of a query, when nothing else is being read."""
        self._reading.run(lambda _: self._news(query, count), self.told.emit, self.failed.emit)

    def stop(self) -> None:
        """Stop reading; what is being read is dropped."""
        self._reading.shut_down()

    def _news(self, query: CaseQuery, count: int) -> News:
        listing = self._library.listing
        listing.freshen(AT_ONCE)
        changed = listing.unread
        ids, matching, total = listing.found(query, max(count, PAGE))
        newest, _, _ = listing.found(CaseQuery(), PAGE)
        # Rows that were never shown are new to the window too.
        wanted = changed | ({*ids, *newest} - self._shown)
        self._shown |= {*ids, *newest}
        rows = {row.id: row for row in listing.summaries([i for i in wanted if i in self._shown])}
        counts = listing.counts()
        unjudged = listing.unjudged(PAGE) if counts.unjudged else ()
        waiting = listing.stale
        listing.tell(changed)
        return News(
            query, tuple(ids), tuple(newest), rows, matching, total, counts, unjudged, waiting,
        )  # fmt: skip
