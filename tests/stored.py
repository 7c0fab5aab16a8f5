"""Data folders that are made once in a test run and copied for each test that asks for one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from karyogui.services.workspace import PICTURES_FOLDER, Workspace, open_workspace

Fill = Callable[[Workspace, Path], object]
"""Puts cases into a data folder; what it needs for that, it writes into another folder."""
SPARE = "pictures for the next test"


def nothing(_workspace: Workspace, _folder: Path) -> None:
    """An empty data folder."""


class Stored:
    """Folders by the function that fills them.

    Most of a folder is pictures, which few tests touch: where they are as they were, the next test
    gets them, and only the rest is copied.
    """

    def __init__(self, make_place: Callable[[], Path]) -> None:
        self._make_place = make_place
        self._made: dict[Fill, Path] = {}
        self._known: dict[Fill, Seen] = {}
        """What the pictures are that are handed from test to test."""

    def copy(self, fill: Fill, folder: Path) -> Path:
        """Put a data folder, as `fill` has filled it, where no folder is yet."""
        if fill not in self._made:
            place = self._make_place()
            with closing(open_workspace(place / "data")) as workspace:
                fill(workspace, place)
                workspace.library.summaries()  # works out the list of cases, as a window does
            self._made[fill] = place / "data"
        made = self._made[fill]
        spare = made.parent / SPARE
        if spare.exists():
            shutil.copytree(made, folder, ignore=shutil.ignore_patterns(PICTURES_FOLDER))
            spare.rename(folder / PICTURES_FOLDER)
        else:
            shutil.copytree(made, folder)
            self._known[fill] = seen(folder / PICTURES_FOLDER)
        return folder

    def opened(self, fill: Fill, folder: Path) -> Iterator[Workspace]:
        """The copy, opened; for the fixtures of tests."""
        with closing(open_workspace(self.copy(fill, folder))) as workspace:
            yield workspace
        pictures = folder / PICTURES_FOLDER
        spare = self._made[fill].parent / SPARE
        if not spare.exists() and seen(pictures) == self._known[fill]:
            with suppress(OSError):
                pictures.rename(spare)


Seen = dict[str, tuple[int, ...]]


def seen(folder: Path) -> Seen:
    """Mode, size and time of last change of each file, and mode of each folder, by its path."""
    found: Seen = {}
    begin = len(str(folder))
    for place, _, names in os.walk(folder):
        found[place[begin:]] = (os.stat(place).st_mode,)  # noqa: PTH116 (hundreds for each test)
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118
            told = os.stat(path)  # noqa: PTH116
            found[path[begin:]] = (told.st_mode, told.st_size, told.st_mtime_ns)
    return found
