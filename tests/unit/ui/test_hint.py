from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from karyogui.ui.view_panel import Hint


def test_a_long_hint_stays_whole_in_a_narrow_view(qtbot: QtBot) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    area.resize(900, 300)
    area.show()
    hint = Hint(area)
    hint.say(
        "Draw round a chromosome that was not found: everything dark inside becomes its outline."
    )
    height = hint.height()
    for width in (250, 900):
        area.resize(width, 300)
        qtbot.waitUntil(lambda: area.rect().contains(hint.geometry()))
        assert (hint.height() > height) == (width == 250)
        assert hint.height() >= hint.heightForWidth(hint.width())
