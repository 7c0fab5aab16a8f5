"""A list of rows whose words wrap is as high as they need at its width."""

from PySide6.QtWidgets import QListWidgetItem
from pytestqt.qtbot import QtBot

from karyogui.ui.review.rows import FindingDelegate, FittedList


def test_a_narrower_list_is_higher_and_shows_all_of_its_last_row(qtbot: QtBot) -> None:
    rows = FittedList()
    rows.setItemDelegate(FindingDelegate(rows))
    qtbot.addWidget(rows)
    for _ in range(3):
        rows.addItem(QListWidgetItem("22 · 95 % · The count of group G is unusual: look at 21, 22"))
    rows.resize(600, 100)
    rows.show()
    wide = rows.height()
    rows.resize(180, rows.height())
    qtbot.waitUntil(lambda: rows.height() > wide)
    assert rows.height() >= rows.visualItemRect(rows.item(2)).bottom()
