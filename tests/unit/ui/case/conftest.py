"""A case of seven cells in an open window, and a person at its page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.chromosome import AUTOSOMES
from karyogui.services.workspace import Workspace
from karyogui.ui.centre import CASE_PAGE
from karyogui.ui.main_window import MainWindow
from tests.stored import Stored
from tests.unit.ui.windows import open_window, store_case

FEMALE = (*AUTOSOMES, *AUTOSOMES, "X", "X")
TURNER = FEMALE[:-1]
DOWN = (*FEMALE, "21")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def fill(workspace: Workspace, folder: Path) -> None:
    """Cells 1 to 3 without an X, 4 with a third 21, 5 and 6 normal, 7 never analysed."""
    kinds = (TURNER, TURNER, TURNER, DOWN, FEMALE, FEMALE, FEMALE)
    named = {f"cell {number}": types for number, types in enumerate(kinds, 1)}
    store_case(workspace, folder / "24-0173", named, analysed=6)


@pytest.fixture
def workspace(stored: Stored, tmp_path: Path) -> Iterator[Workspace]:
    yield from stored.opened(fill, tmp_path / "data")


class Hands:
    """A person at the page of a case."""

    def __init__(self, qtbot: QtBot, window: MainWindow, case_id: int) -> None:
        self.qtbot, self.window = qtbot, window
        self.work, self.panel = window.case_work, window.case_work.panel
        (row,) = window._workspace.library.listing.summaries([case_id])
        self.ids = {cell.name.removeprefix("cell "): cell.id for cell in row.cells}
        window.open_cell_page(self.ids["1"])
        qtbot.waitUntil(window.actions_["view.case"].isEnabled)
        self.key(Qt.Key.Key_4, CONTROL)
        qtbot.waitUntil(lambda: window.centre.page == CASE_PAGE)

    def key(self, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        self.window.activateWindow()  # as it is after a dialog
        self.qtbot.waitUntil(self.window.isActiveWindow)
        shown = self.panel.table if self.work.is_shown else self.window.board.view
        self.qtbot.keyClick(shown, key, modifiers)

    def choose(self, *names: str) -> None:
        self.panel.table.choose([self.ids[name] for name in names])

    def all_but_the_last(self, key: Qt.Key) -> None:
        self.choose(*"123456")
        self.key(key)

    def text(self, name: str, column: int) -> str:
        index = self.panel.table.cells.index_of(self.ids[name])
        return str(index.siblingAtColumn(column).data())

    @property
    def string(self) -> str:
        return self.panel.head.karyotype.text()

    @property
    def result_rows(self) -> list[tuple[str, ...]]:
        tree = self.panel.result
        rows: list[tuple[str, ...]] = []
        for at in range(tree.topLevelItemCount()):
            top = tree.topLevelItem(at)
            assert top is not None
            items = (top, *(top.child(n) for n in range(top.childCount())))
            rows += [tuple(item.text(column) for column in range(4)) for item in items]
        return rows

    def choose_row(self, words: str) -> None:
        tree = self.panel.result
        found = tree.findItems(words, Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive, 0)
        tree.setCurrentItem(found[-1])


@pytest.fixture
def hands(
    qtbot: QtBot, look: None, workspace: Workspace, case_id: int, tmp_path: Path
) -> Iterator[Hands]:
    with open_window(qtbot, workspace, tmp_path / "config") as window:
        yield Hands(qtbot, window, case_id)
