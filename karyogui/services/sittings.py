"""Recording what work at a cell costs: actions and active seconds, sitting by sitting."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from karyogui.domain.sitting import ActionKind, Sitting
from karyogui.storage.cells import CellStore

IDLE_SECONDS: float = 60.0
"""Without input for so long, a person is not at the cell; the pause does not count."""

Clock = Callable[[], float]


class SittingRecorder:
    """Follows one person from cell to cell. Free of Qt; `clock` gives monotonic seconds."""

    def __init__(
        self, cells: CellStore, who: Callable[[], str], clock: Clock | None = None
    ) -> None:
        self._cells = cells
        self._who = who
        self._clock = clock or time.monotonic
        self._cell_id: int | None = None
        self._actions: Counter[ActionKind] = Counter()
        self._started = datetime.now(UTC)
        self._seconds = 0.0
        self._last: float | None = None
        self._waiting: list[tuple[int, Sitting]] = []

    @property
    def cell_id(self) -> int | None:
        """The cell that is being worked at."""
        return self._cell_id

    def start(self, cell_id: int) -> None:
        """Begin a sitting at a cell; the one before is stored. The same cell goes on.

        Raises `KaryoError` when that cannot be stored; it is kept for the next time.
        """
        if cell_id == self._cell_id:
            return
        self._end()
        self._cell_id = cell_id
        self._actions = Counter()
        self._started = datetime.now(UTC)
        self._seconds = 0.0
        self._last = self._clock()
        self._store()

    def note(self, kind: ActionKind) -> None:
        """Count an action of the person."""
        if self._cell_id is not None:
            self.touch()
            self._actions[kind] += 1

    def touch(self) -> None:
        """There was input: the time since the last one counts, unless it was a pause."""
        if self._cell_id is None:
            return
        now = self._clock()
        if self._last is not None:
            since = now - self._last
            self._seconds += since if since <= IDLE_SECONDS else 0.0
        self._last = now

    def pause(self) -> None:
        """The window lost the person's attention."""
        self.touch()
        self._last = None

    def resume(self) -> None:
        """The window has it again."""
        if self._cell_id is not None and self._last is None:
            self._last = self._clock()

    def stop(self) -> Sitting | None:
        """End the sitting and store it; nothing is stored of one without any action.

        Raises `KaryoError` when it cannot be stored; it is kept for the next time.
        """
        sitting = self._end()
        self._store()
        return sitting

    def _end(self) -> Sitting | None:
        if self._cell_id is None:
            return None
        if self._last is not None:
            self.touch()
        cell_id, self._cell_id, self._last = self._cell_id, None, None
        if not self._actions:
            return None
        sitting = Sitting(
            self._who(), self._started, datetime.now(UTC), round(self._seconds, 1),
            dict(self._actions),
        )  # fmt: skip
        self._waiting.append((cell_id, sitting))
        return sitting

    def _store(self) -> None:
        while self._waiting:
            self._cells.add_sitting(*self._waiting[0])
            del self._waiting[0]
