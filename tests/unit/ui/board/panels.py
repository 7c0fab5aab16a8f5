"""What tests of the board's panel press and read."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from karyogui.ui.board.panel import BoardPanel

Key = Qt.Key


def slot(panel: BoardPanel, chromosome_id: str) -> str:
    assert panel.karyogram is not None
    return panel.karyogram.placement(chromosome_id).slot


def turn(panel: BoardPanel, chromosome_id: str) -> float:
    assert panel.karyogram is not None
    return panel.karyogram.placement(chromosome_id).turn


def press(panel: BoardPanel, key: Key | str, modifiers: Qt.KeyboardModifier | None = None) -> None:
    """Press a key, or type a character, with the keyboard in the board."""
    modifiers = modifiers or Qt.KeyboardModifier.NoModifier
    if isinstance(key, str):
        QTest.keyClicks(panel.view, key, modifiers)
    else:
        QTest.keyClick(panel.view, key, modifiers)


def hint(panel: BoardPanel) -> str:
    shown = [label.text() for label in panel.view.viewport().findChildren(QLabel)]
    return next((text for text in shown[1:] if text), "")


def notice(panel: BoardPanel) -> str:
    return panel.view.viewport().findChildren(QLabel)[0].text()
