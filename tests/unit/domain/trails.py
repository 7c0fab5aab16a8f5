"""Short audit trails for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime

from karyogui.domain.karyogram import Change, Placement
from karyogui.domain.review import Edit

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def edit(
    before: Sequence[Placement],
    after: Sequence[Placement],
    by_person: bool = True,
    repairs: bool = False,
) -> Edit:
    change = Change("?", tuple(before), tuple(after), not by_person, repairs=repairs)
    return Edit("ann" if by_person else "KaryoGUI", NOW, change)
