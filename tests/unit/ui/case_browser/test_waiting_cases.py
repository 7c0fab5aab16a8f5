"""How many cases the list still lacks is told until it lacks none."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from karyogui.ui.main_window import MainWindow


def test_the_window_says_how_many_cases_are_still_being_listed(
    qtbot: QtBot, window: MainWindow
) -> None:
    cases = window.cases
    with qtbot.waitSignal(cases._reader.told) as got:
        cases.refresh_soon()
    news = got.args[0]
    assert cases.panel.waiting.text() == ""
    cases._on_news(replace(news, waiting=12_345))
    assert cases.panel.waiting.text() == "12,345 cases are still being listed"
    qtbot.waitUntil(lambda: cases.panel.waiting.text() == "")
    cases._on_news(replace(news, waiting=1))  # an edit, which is listed in a moment
    assert cases.panel.waiting.text() == ""
