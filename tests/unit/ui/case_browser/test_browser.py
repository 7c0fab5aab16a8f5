from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseState
from karyogui.ui.case_browser.model import CaseTreeModel, Column, count_text
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from tests.unit.ui.windows import Listed, case_summary, cell_summary

CASES = (
    case_summary(1, "24-0175", cells=(cell_summary(1, 44), cell_summary(2, 46))),
    case_summary(
        2,
        "24-0173",
        state=CaseState.ANALYSED,
        cells=(
            cell_summary(
                3,
                47,
                findings=("Three chromosomes 21 in this cell.",),
                iscn="47,XX,+21",
                name="plate 9",
            ),
        ),
    ),
    case_summary(3, "24-0174", state=CaseState.REVIEWED, cells=(cell_summary(4, 45),)),
)


def show(panel: CaseBrowserPanel, source: Listed) -> None:
    """Show another list."""
    panel.model._source = source
    panel.model.reload()


@pytest.fixture
def panel(qtbot: QtBot, look: None) -> CaseBrowserPanel:
    model = CaseTreeModel(Listed(CASES))
    model.reload()
    panel = CaseBrowserPanel(model)
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def centre_of(panel: CaseBrowserPanel, row: int, column: int = Column.CASE) -> QPoint:
    return panel.table.visualRect(panel.model.index(row, column)).center()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("0173", (2,)),
        ("CHROMOSOMES 21", (2,)),
        ("+21", (2,)),
        ("plate", (2,)),
        ("24", (3, 2, 1)),
        ("24 reviewed", ()),
        ("nothing", ()),
    ],
)
def test_searching(panel: CaseBrowserPanel, qtbot: QtBot, words: str, found: tuple) -> None:
    qtbot.keyClicks(panel.search, words)
    assert panel.shown_ids() == found


def test_a_search_without_a_match_says_so_and_leads_back(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    qtbot.keyClicks(panel.search, "nothing")
    assert not panel.table.isVisible()
    back = panel._no_match.buttons[0]
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert panel.shown_ids() == (3, 2, 1)
    assert panel.table.isVisible()


def test_filtering_by_state(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.state, "Rev")
    assert panel.state.currentText() == "Reviewed"
    assert panel.shown_ids() == (3,)


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (Column.CASE, (2, 3, 1)),
        (Column.CELLS, (2, 3, 1)),
        (Column.CHROMOSOMES, (3, 1, 2)),
        (Column.STATE, (1, 2, 3)),
        (Column.FINDINGS, (1, 3, 2)),
        (Column.DATE, (1, 2, 3)),
    ],
)
def test_a_click_on_the_header_sorts(
    panel: CaseBrowserPanel, qtbot: QtBot, column: Column, order: tuple
) -> None:
    header = panel.table.header()
    header.setSortIndicator(Column.PICTURE, Qt.SortOrder.AscendingOrder)
    at = QPoint(header.sectionViewportPosition(column) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    if header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder:
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    shown = panel.shown_ids()
    assert sorted(shown) == [1, 2, 3]
    values = [panel.model.index(row, column).data() for row in range(3)]
    expected = [CASES[i - 1] for i in order]
    model = CaseTreeModel(Listed(expected, keeps_order=True))
    model.reload()
    assert values == [model.index(row, column).data() for row in range(3)]


def test_double_click_and_enter_open(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    at = centre_of(panel, 1)
    with qtbot.waitSignal(panel.open_requested) as opened:
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.args == [2]
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.open_requested) as opened:
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert opened.args == [1]


def test_renaming_asks_with_the_new_name(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    panel.rename(2)
    editor = panel.table.indexWidget(panel.table.currentIndex()) or panel.focusWidget()
    assert editor is not None
    with qtbot.waitSignal(panel.model.rename_requested) as asked:
        qtbot.keyClicks(editor, "24-0200")
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert asked.args == [2, "24-0200"]
    # The table shows the old name until it has been stored.
    assert panel.model.index(1, Column.CASE).data() == "24-0173"


def test_selection_survives_news_about_the_same_cases(panel: CaseBrowserPanel) -> None:
    panel.select([2])
    show(panel, Listed([case_summary(s.id, s.name + "x", cells=s.cells) for s in CASES]))
    assert panel.selected_ids() == (2,)
    assert panel.model.index(1, Column.CASE).data() == "24-0173x"


def test_without_cases_it_says_what_to_do(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    show(panel, Listed([]))
    assert not panel.table.isVisible()
    assert panel._empty.isVisible()
    wishes = (panel.import_folder_requested, panel.import_requested, panel.demo_requested)
    for button, wish in zip(panel._empty.buttons, wishes, strict=True):
        with qtbot.waitSignal(wish):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_bin_offers_to_restore_and_does_not_open(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.bin_requested) as asked:
        qtbot.mouseClick(panel.bin, Qt.MouseButton.LeftButton)
    assert asked.args == [True]
    panel.select([2])
    with qtbot.assertNotEmitted(panel.open_requested):
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    with qtbot.waitSignal(panel.restore_requested):
        qtbot.mouseClick(panel._restore, Qt.MouseButton.LeftButton)
    show(panel, Listed([]))
    assert panel._empty_bin.isVisible()


def test_counts_of_several_cells_are_a_range() -> None:
    assert [count_text(summary) for summary in CASES] == ["44–46", "47", "45"]
    assert count_text(case_summary(cells=())) == "–"


def test_column_widths_are_remembered(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    header = panel.table.header()
    header.resizeSection(Column.CASE, 222)
    other = CaseBrowserPanel(panel.model)
    qtbot.addWidget(other)
    other.restore_column_state(panel.column_state())
    assert other.table.header().sectionSize(Column.CASE) == 222


def test_remembered_columns_of_another_version_are_left_alone(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    header = panel.table.header()
    old = header.saveState()
    before = header.sectionSize(Column.CASE)
    header.resizeSection(Column.CASE, before + 31)
    panel.restore_column_state(old)
    assert header.sectionSize(Column.CASE) == before + 31


def test_nothing_in_the_first_row_overlaps_where_the_window_is_narrow(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    panel.setParent(around)
    needed = panel._first_row.minimumSize().width()
    around.resize(2000, 600)
    around.show()
    panel.show()
    for width, counts in ((needed + 200, True), (needed - 20, False), (needed + 1, True)):
        panel.resize(width, 500)
        qtbot.waitUntil(lambda counts=counts: panel._count.isVisible() is counts)
        QApplication.processEvents()
        row = [panel.search, panel.state, panel.bin, panel.kind_choice, *panel._imports]
        shown = sorted((each.geometry() for each in row), key=lambda area: area.left())
        assert all(a.right() < b.left() for a, b in pairwise(shown))
        assert shown[-1].right() <= width
        assert panel.kind_choice.width() >= panel.kind_choice.minimumSizeHint().width()
    panel.setParent(None)


def test_findings_stand_before_the_figures_of_photographs(panel: CaseBrowserPanel) -> None:
    header = panel.table.header()
    assert header.visualIndex(Column.FINDINGS) < header.visualIndex(Column.QUALITY)


def test_the_cursor_of_the_keys_is_seen_and_lays_no_veil(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    panel.table.setFocus()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=centre_of(panel, 0))
    row = panel.table.visualRect(panel.model.index(0, Column.CHROMOSOMES))
    shown = panel.table.viewport().grab().toImage()
    selection = panel.palette().color(QPalette.ColorRole.Highlight)
    column = (shown.pixelColor(row.left() + 2, row.top() + y) for y in range(1, row.height() - 1))
    assert {colour.name() for colour in column} == {selection.name()}
    qtbot.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    below = panel.table.visualRect(panel.model.index(1, Column.CASE))
    shown = panel.table.viewport().grab().toImage()
    accent = panel.palette().color(QPalette.ColorRole.Accent)
    assert shown.pixelColor(below.center().x(), below.top()).name() == accent.name()
