"""Data folders that are made once in a test run and copied for each test that asks for one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from karyogui.services.workspace import Workspace, open_workspace

Fill = Callable[[Workspace, Path], object]
"""Puts cases into a data folder; what it needs for that, it writes into another folder."""


def nothing(_workspace: Workspace, _folder: Path) -> None:
    """An empty data folder."""


class Stored:
    """Folders by the function that fills them."""

    def __init__(self, make_place: Callable[[], Path]) -> None:
        self._make_place = make_place
        self._made: dict[Fill, Path] = {}

    def copy(self, fill: Fill, folder: Path) -> Path:
        """Put a data folder, as `fill` has filled it, where no folder is yet."""
        if fill not in self._made:
            place = self._make_place()
            with closing(open_workspace(place / "data")) as workspace:
                fill(workspace, place)
                workspace.library.summaries()  # works out the list of cases, as a window does
            self._made[fill] = place / "data"
        shutil.copytree(self._made[fill], folder)
        return folder

    def opened(self, fill: Fill, folder: Path) -> Iterator[Workspace]:
        """The copy, opened; for the fixtures of tests."""
        with closing(open_workspace(self.copy(fill, folder))) as workspace:
            yield workspace
