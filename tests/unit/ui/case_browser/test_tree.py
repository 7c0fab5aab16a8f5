"""Cases, slides and cells: what each row says, how it is ranked, and that no cell is hidden."""

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseState
from karyogui.domain.cell import PictureKind
from karyogui.domain.separation import Quality
from karyogui.ui.case_browser.model import CELL_ROLE, CaseTreeModel, Column
from karyogui.ui.case_browser.navigator import NavigatorPanel
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from tests.unit.ui.windows import Listed, case_summary, cell_summary


def quality(score: float, worth: bool = True, objects: int = 46) -> Quality:
    reason = "Few touch." if worth else "Nine chromosomes cross, and the picture is blurred."
    return Quality(objects, 2, 3, 0.8, 450, worth, reason, score)


CELLS = (
    cell_summary(1, 46, name="10", slide="slide A", quality=quality(0.6)),
    cell_summary(
        2,
        47,
        name="9",
        slide="slide A",
        quality=quality(0.9, objects=49),
        corrections=7,
        seconds=204.0,
        state=CaseState.IN_REVIEW,
        findings=("Three chromosomes 21 in this cell.",),
    ),
    cell_summary(3, 31, name="3", slide="slide B", quality=quality(0.2, False)),
    cell_summary(4, 46, name="cut out", corrections=2, seconds=30.0),
)
METAPHASES = case_summary(1, "24-0173", cells=CELLS)
CUT_OUTS = case_summary(2, "24-0174", cells=(cell_summary(5, case_id=2),))


def show(panel: CaseBrowserPanel, source: Listed) -> None:
    """Show another list."""
    panel.model._source = source
    panel.model.reload()


@pytest.fixture
def panel(qtbot: QtBot, look: None) -> CaseBrowserPanel:
    model = CaseTreeModel(Listed([METAPHASES, CUT_OUTS]))
    model.reload()
    panel = CaseBrowserPanel(model)
    qtbot.addWidget(panel)
    panel.resize(1500, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def below(panel: CaseBrowserPanel, *names: str) -> QModelIndex:
    """The row of a name within a name within …"""
    index = QModelIndex()
    for name in names:
        rows = [panel.model.index(n, 0, index) for n in range(panel.model.rowCount(index))]
        index = next(row for row in rows if row.siblingAtColumn(Column.CASE).data() == name)
    return index


def names_below(panel: CaseBrowserPanel, *names: str) -> list[str]:
    index = below(panel, *names)
    rows = range(panel.model.rowCount(index))
    return [panel.model.index(n, Column.CASE, index).data() for n in rows]


def said(panel: CaseBrowserPanel, column: Column, *names: str) -> str:
    return str(below(panel, *names).siblingAtColumn(column).data())


def click(qtbot: QtBot, panel: CaseBrowserPanel, index: QModelIndex, double: bool = False) -> None:
    panel.table.scrollTo(index.siblingAtColumn(Column.CASE))
    at = panel.table.visualRect(index.siblingAtColumn(Column.CASE)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    if double:
        qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_case_holds_its_slides_and_they_their_cells(panel: CaseBrowserPanel) -> None:
    assert names_below(panel, "24-0173") == ["slide A", "slide B", "cut out"]
    assert names_below(panel, "24-0173", "slide A") == ["10", "9"]
    assert names_below(panel, "24-0174") == ["cell 5"]
    assert below(panel, "24-0173", "slide A", "9").data(CELL_ROLE) == 2
    assert below(panel, "24-0173", "slide A").data(CELL_ROLE) is None


def test_every_cell_tells_its_quality_and_what_it_cost(panel: CaseBrowserPanel) -> None:
    cell = ("24-0173", "slide A", "9")
    columns = (Column.OBJECTS, Column.CROSSINGS, Column.TOUCHING, Column.CORRECTIONS)
    assert [said(panel, column, *cell) for column in columns] == ["49", "2", "3", "7"]
    assert said(panel, Column.MINUTES, *cell) == "3.4"
    assert said(panel, Column.QUALITY, *cell) == "Worth karyotyping: Few touch."
    doubtful = below(panel, "24-0173", "slide B", "3").siblingAtColumn(Column.QUALITY)
    assert (
        doubtful.data()
        == "Hardly worth karyotyping: Nine chromosomes cross, and the picture is blurred."
    )
    assert not doubtful.data(Qt.ItemDataRole.DecorationRole).isNull()
    tip = doubtful.data(Qt.ItemDataRole.ToolTipRole)
    assert "blurred. (46 objects, 2 crossings, 3 touching groups, sharpness 80 %" in tip
    assert said(panel, Column.CORRECTIONS, "24-0173", "slide B", "3") == "–"


def test_a_case_and_a_slide_sum_up_their_cells(panel: CaseBrowserPanel) -> None:
    assert said(panel, Column.QUALITY, "24-0173") == "2 of 3 cells worth karyotyping"
    assert said(panel, Column.QUALITY, "24-0173", "slide B") == "0 of 1 cells worth karyotyping"
    assert said(panel, Column.OBJECTS, "24-0173") == "46–49"
    assert said(panel, Column.CORRECTIONS, "24-0173") == "9"
    assert said(panel, Column.MINUTES, "24-0173") == "3.9"
    assert said(panel, Column.CHROMOSOMES, "24-0173", "slide A") == "46–47"
    assert said(panel, Column.QUALITY, "24-0174") == ""


def test_a_click_on_the_header_ranks_the_best_cells_first_and_hides_none(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    header = panel.table.header()
    at = QPoint(header.sectionViewportPosition(Column.QUALITY) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert names_below(panel, "24-0173", "slide A") == ["9", "10"]
    assert names_below(panel, "24-0173") == ["slide A", "slide B", "cut out"]
    assert panel.shown_ids() == (1, 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert names_below(panel, "24-0173", "slide A") == ["10", "9"]
    assert names_below(panel, "24-0173") == ["cut out", "slide B", "slide A"]


def test_names_are_ordered_by_their_numbers(panel: CaseBrowserPanel) -> None:
    panel.table.sortByColumn(Column.CASE, Qt.SortOrder.AscendingOrder)
    assert names_below(panel, "24-0173", "slide A") == ["9", "10"]


def test_a_search_shows_a_case_whole(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.search, "slide B")
    assert panel.shown_ids() == (1,)
    assert names_below(panel, "24-0173") == ["slide A", "slide B", "cut out"]


def test_opening_a_cell_a_slide_and_a_case(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    panel.expand([1])
    with qtbot.waitSignal(panel.cell_open_requested) as asked:
        click(qtbot, panel, below(panel, "24-0173", "slide A", "9"), double=True)
    assert asked.args == [2]
    with qtbot.waitSignal(panel.cell_open_requested) as asked:
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert asked.args == [2]
    slide = below(panel, "24-0173", "slide A")
    with qtbot.assertNotEmitted(panel.open_requested):
        click(qtbot, panel, slide, double=True)
    assert not panel.table.isExpanded(below(panel, "24-0173", "slide A"))
    with qtbot.waitSignal(panel.open_requested) as asked:
        click(qtbot, panel, below(panel, "24-0173"), double=True)
    assert asked.args == [1]


def test_a_photograph_that_was_not_analysed_has_no_count(panel: CaseBrowserPanel) -> None:
    new = cell_summary(9, 1, name="new", has_photograph=True)
    show(panel, Listed([case_summary(1, "24-0173", cells=(new, CELLS[0]))]))
    assert said(panel, Column.CHROMOSOMES, "24-0173", "new") == "–"
    assert said(panel, Column.CHROMOSOMES, "24-0173") == "46"


def test_a_selected_cell_stands_for_its_case(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    panel.expand([1])
    click(qtbot, panel, below(panel, "24-0173", "slide A", "9"))
    assert panel.selected_ids() == (1,)
    panel.table.selectAll()
    assert sorted(panel.selected_ids()) == [1, 2]


def test_a_cell_cannot_be_renamed_in_the_tree(panel: CaseBrowserPanel) -> None:
    cell = below(panel, "24-0173", "slide A", "9").siblingAtColumn(Column.CASE)
    assert not cell.flags() & Qt.ItemFlag.ItemIsEditable
    case = below(panel, "24-0173").siblingAtColumn(Column.CASE)
    assert case.flags() & Qt.ItemFlag.ItemIsEditable


def test_what_was_unfolded_stays_so_when_cases_come_in(panel: CaseBrowserPanel) -> None:
    panel.expand([1])
    show(panel, Listed([case_summary(3, "new", cells=()), METAPHASES, CUT_OUTS]))
    assert panel.table.isExpanded(below(panel, "24-0173"))
    assert panel.table.isExpanded(below(panel, "24-0173", "slide A"))
    assert not panel.table.isExpanded(below(panel, "24-0174"))


def test_news_about_the_same_cells_keep_the_selection(
    panel: CaseBrowserPanel, qtbot: QtBot
) -> None:
    panel.expand([1])
    click(qtbot, panel, below(panel, "24-0173", "slide A", "9"))
    cells = (*CELLS[:1], cell_summary(2, 47, name="9", slide="slide A", corrections=8), *CELLS[2:])
    show(panel, Listed([case_summary(1, "24-0173", cells=cells), CUT_OUTS]))
    assert panel.table.currentIndex().siblingAtColumn(Column.CASE).data() == "9"
    assert said(panel, Column.CORRECTIONS, "24-0173", "slide A", "9") == "8"


def test_news_about_one_cell_tell_of_it_and_of_what_holds_it(panel: CaseBrowserPanel) -> None:
    told: list[str] = []
    panel.model.dataChanged.connect(
        lambda first, last, _: told.extend(
            first.siblingAtRow(row).siblingAtColumn(Column.CASE).data()
            for row in range(first.row(), last.row() + 1)
        )
    )
    cells = (*CELLS[:1], cell_summary(2, 47, name="9", slide="slide A", corrections=8), *CELLS[2:])
    show(panel, Listed([case_summary(1, "24-0173", cells=cells), CUT_OUTS]))
    assert sorted(told) == ["24-0173", "9", "slide A"]


def test_columns_about_photographs_stay_away_from_cut_outs(panel: CaseBrowserPanel) -> None:
    assert not panel.table.isColumnHidden(Column.QUALITY)
    show(panel, Listed([CUT_OUTS]))
    assert panel.table.isColumnHidden(Column.QUALITY)
    assert panel.table.isColumnHidden(Column.CROSSINGS)
    assert not panel.table.isColumnHidden(Column.CORRECTIONS)


@pytest.mark.parametrize("width", [700, 1100, 1900])
def test_columns_keep_their_width_or_fill_the_room(panel: CaseBrowserPanel, width: int) -> None:
    panel.resize(width, 600)
    header = panel.table.header()
    assert header.sectionSize(Column.FINDINGS) >= 200
    assert header.length() >= panel.table.viewport().width()


def test_a_person_says_what_pictures_are(panel: CaseBrowserPanel, qtbot: QtBot) -> None:
    assert panel.picture_kind is None
    panel.kind_choice.setFocus()
    qtbot.keyClick(panel.kind_choice, Qt.Key.Key_Down)
    assert panel.picture_kind is PictureKind.METAPHASE
    qtbot.keyClick(panel.kind_choice, Qt.Key.Key_Down)
    assert panel.picture_kind is PictureKind.CUT_OUT


def test_the_navigator_ranks_the_cells_of_the_open_case_when_asked(
    qtbot: QtBot, look: None
) -> None:
    panel = NavigatorPanel()
    qtbot.addWidget(panel)
    panel.resize(220, 500)
    panel.show()
    panel.set_summaries([METAPHASES, CUT_OUTS])
    panel.show_open(1, 2)

    def names() -> list[str]:
        return [panel.cells.index(n).data() for n in range(panel.cells.rowCount())]

    assert names() == ["slide A · 10", "slide A · 9", "slide B · 3", "cut out"]
    qtbot.mouseClick(panel.best_first, Qt.MouseButton.LeftButton)
    assert names() == ["slide A · 9", "slide A · 10", "slide B · 3", "cut out"]
    assert panel.cell_list.currentIndex().data() == "slide A · 9"
    tip = panel.cells.index(2).data(Qt.ItemDataRole.ToolTipRole)
    assert "Quality: Hardly worth karyotyping: Nine chromosomes cross" in tip
    panel.show_open(2, 5)
    assert not panel.best_first.isVisible()
    assert names() == ["cell 5"]
