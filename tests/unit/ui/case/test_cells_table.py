"""The table of a case's cells: what is chosen, whatever is sorted, folded and shown again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.case_result import CaseCell, Constitution
from karyogui.domain.case_result.matrix import row_of
from karyogui.ui.case.rows import Column, CultureRow, ShownCell
from karyogui.ui.case.table import CellsTable

CULTURES = {"A": range(1, 8), "B": range(8, 12)}


def cultures(*left_out: int) -> tuple[CultureRow, ...]:
    def row(number: int) -> ShownCell:
        cell = CaseCell(number, f"cell {number}", slide=f"slide {number % 3}")
        return ShownCell(cell, row_of(cell, Constitution("XX")), "", 0, (), (), "")

    return tuple(
        CultureRow(name, tuple(row(n) for n in ids if n not in left_out))
        for name, ids in CULTURES.items()
    )


@pytest.fixture(scope="module")
def table(qapp: object) -> CellsTable:
    return CellsTable()


@given(st.sets(st.integers(1, 11)), st.sampled_from([Column.CELL, Column.SLIDE]), st.booleans())
def test_exactly_the_cells_that_were_chosen_are(
    table: CellsTable, ids: set[int], column: Column, backwards: bool
) -> None:
    table.show_cultures(cultures())
    order = Qt.SortOrder.DescendingOrder if backwards else Qt.SortOrder.AscendingOrder
    table.choose(sorted(ids))
    assert set(table.chosen) == ids
    table.sortByColumn(column, order)
    assert set(table.chosen) == ids
    table.choose(sorted(ids))
    assert set(table.chosen) == ids
    table.show_cultures(cultures(3, 9))
    assert set(table.chosen) == ids - {3, 9}


def test_a_culture_stands_for_its_cells(table: CellsTable, qtbot: QtBot) -> None:
    table.show_cultures(cultures())
    table.choose([])
    assert table.chosen == ()
    table.setCurrentIndex(table.cells.index(1, 0))
    assert set(table.chosen) == {8, 9, 10, 11}
    table.selectAll()
    assert set(table.chosen) == set(range(1, 12))
