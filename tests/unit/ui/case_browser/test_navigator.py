import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.ui.case_browser.navigator import NavigatorPanel, shortened
from tests.unit.ui.windows import case_summary, cell_summary


def test_a_click_opens_and_the_open_one_is_marked(qtbot: QtBot, look: None) -> None:
    panel = NavigatorPanel()
    qtbot.addWidget(panel)
    panel.resize(200, 400)
    panel.show()
    cells = (cell_summary(7, case_id=2), cell_summary(8, case_id=2, findings=("Found.",)))
    panel.set_summaries([case_summary(1), case_summary(2, "24-0174", cells=cells)])
    panel.show_open(2, 8)
    assert panel.case_list.currentIndex().data() == "24-0174"
    assert panel.cell_list.currentIndex().data() == "cell 8"
    first = panel.case_list.visualRect(panel.cases.index(0)).center()
    with qtbot.waitSignal(panel.case_requested) as asked:
        qtbot.mouseClick(panel.case_list.viewport(), Qt.MouseButton.LeftButton, pos=first)
    assert asked.args == [1]
    cell = panel.cell_list.visualRect(panel.cells.index(0)).center()
    with qtbot.waitSignal(panel.cell_requested) as asked:
        qtbot.mouseClick(panel.cell_list.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    assert asked.args == [7]


def test_news_keep_the_open_case_marked(qtbot: QtBot, look: None) -> None:
    panel = NavigatorPanel()
    qtbot.addWidget(panel)
    panel.set_summaries([case_summary(1)])
    panel.show_open(1, 1)
    panel.set_summaries([case_summary(2, "new"), case_summary(1)])
    assert panel.case_list.currentIndex().row() == 1
    panel.set_summaries([case_summary(2, "new")])
    assert not panel.case_list.selectionModel().hasSelection()
    assert panel.cells.rowCount() == 0


def test_a_long_name_of_a_case_gives_way_in_its_middle(qtbot: QtBot, look: None) -> None:
    panel = NavigatorPanel()
    qtbot.addWidget(panel)
    panel.resize(200, 400)
    panel.show()
    name = "24-0174 amniotic fluid of the second culture, slide 3"
    panel.set_summaries([case_summary(1, "24-1"), case_summary(2, name)])
    title = panel._cells_title
    panel.show_open(2, 1)
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: title.width() > 150)
    assert title.toolTip() == name
    assert title.shown.startswith("Cells of 24-0")
    assert title.shown.endswith("slide 3")
    assert "…" in title.shown
    assert title.fontMetrics().horizontalAdvance(title.shown) <= title.width()
    panel.show_open(1, 1)
    assert title.shown == "Cells of 24-1"
    panel.show_open(None, None)
    assert (title.shown, title.toolTip()) == ("Cells", "")


def test_the_arrows_move_no_mark_and_enter_opens(qtbot: QtBot, look: None) -> None:
    panel = NavigatorPanel()
    qtbot.addWidget(panel)
    panel.set_summaries([case_summary(cells=(cell_summary(1), cell_summary(2)))])
    panel.show_open(1, 1)
    panel.show()
    asked: list[int] = []
    panel.cell_requested.connect(asked.append)
    qtbot.keyClick(panel.cell_list, Qt.Key.Key_Down)
    selection = panel.cell_list.selectionModel()
    assert [index.row() for index in selection.selectedIndexes()] == [0]
    qtbot.keyClick(panel.cell_list, Qt.Key.Key_Return)
    assert asked == [2]
    # It was not opened: the mark stays with what is.
    assert [index.row() for index in selection.selectedIndexes()] == [0]


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("Smith, Anna, amniotic fluid (2)", "Smith, An", " (2)"),
        ("demonstration of a metaphase 12", "demonstra", " 12"),
        ("demonstration of all metaphases", "demonstra", "…"),
        ("2026-000123-of-the-laboratory-4711", "2026-000", "4711"),
    ],
)
def test_a_name_that_is_too_long_keeps_its_beginning_and_its_number(
    qtbot: QtBot, look: None, name: str, begins: str, ends: str
) -> None:
    metrics = QFontMetrics(QApplication.font())
    room = metrics.horizontalAdvance(name) * 2 // 3
    shown = shortened(name, metrics, room)
    assert shown.startswith(begins)
    assert shown.endswith(ends)
    assert "…" in shown
    assert metrics.horizontalAdvance(shown) <= room
    assert shortened(name, metrics, metrics.horizontalAdvance(name)) == name


def test_two_names_that_begin_alike_are_shown_apart(qtbot: QtBot, look: None) -> None:
    metrics = QFontMetrics(QApplication.font())
    names = ("a case of the second laboratory", "a case of the second laboratory (2)")
    assert len({shortened(name, metrics, 90) for name in names}) == 2
