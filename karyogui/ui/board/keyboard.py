"""The keyboard path: every key of the board in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from karyogui.domain.chromosome import TYPES
from karyogui.domain.karyogram import MARKER, TRAY
from karyogui.ui.board.navigation import Walk
from karyogui.ui.board.texts import NOTHING_SELECTED

DIGIT_PAUSE_MS = 700
FINE_TURN = 1.0
COARSE_TURN = 5.0

_STEPS: dict[int, Walk] = {
    Qt.Key.Key_Left: Walk.LEFT,
    Qt.Key.Key_Right: Walk.RIGHT,
    Qt.Key.Key_Up: Walk.UP,
    Qt.Key.Key_Down: Walk.DOWN,
    Qt.Key.Key_Home: Walk.LINE_START,
    Qt.Key.Key_End: Walk.LINE_END,
}
_WHOLE_BOARD = {Walk.LINE_START: Walk.FIRST, Walk.LINE_END: Walk.LAST}
_LETTER_SLOTS = {"X": "X", "Y": "Y", "M": MARKER}
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_OTHERS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class KeyboardTarget(Protocol):
    """What keys do: the board's panel."""

    @property
    def has_selection(self) -> bool: ...
    def walk(self, step: Walk, extend: bool) -> None: ...
    def select_all(self) -> None: ...
    def move_selection(self, slot: str) -> None: ...
    def turn_selection(self, degrees: float) -> None: ...
    def confirm_and_go_on(self) -> None: ...
    def next_to_review(self) -> None: ...
    def previous_to_review(self) -> None: ...
    def zoom_in(self) -> None: ...
    def zoom_out(self) -> None: ...
    def zoom_fit(self) -> None: ...
    def escape(self) -> None: ...
    def show_hint(self, text: str) -> None: ...
    def show_message(self, text: str) -> None: ...


class BoardKeyboard(QObject):
    """Turns key presses into what the panel can do; collects the digits of 10 … 22."""

    def __init__(self, target: KeyboardTarget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._target = target
        self._digit = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DIGIT_PAUSE_MS)
        self._pause.timeout.connect(self._take_digit)

    def forget(self) -> None:
        """Drop a waiting digit."""
        self._pause.stop()
        if self._digit:
            self._digit = ""
            self._target.show_hint("")

    def handles(self, event: QKeyEvent) -> bool:
        """Whether a key is the board's own, and not the window's, while the board has focus."""
        return self._action(event) is not None

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means; False for a key that is not the board's."""
        action = self._action(event)
        if action is None:
            return False
        action()
        return True

    def _action(self, event: QKeyEvent) -> Callable[[], None] | None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers & _CONTROL and not modifiers & _OTHERS:
            return self._control_action(event)
        key = event.key()  # a plain number: most letters of the world have no name in Qt
        if not modifiers & _OTHERS:
            if step := _STEPS.get(key):
                return self._then(lambda: self._target.walk(step, bool(modifiers & _SHIFT)))
            if action := self._named_action(key):
                return action
        return self._text_action(event.text())

    def _control_action(self, event: QKeyEvent) -> Callable[[], None] | None:
        step = _WHOLE_BOARD.get(_STEPS.get(event.key(), Walk.UP))
        if step is not None:
            extend = bool(event.modifiers() & _SHIFT)
            return self._then(lambda: self._target.walk(step, extend))
        if event.key() == Qt.Key.Key_A and not event.modifiers() & _SHIFT:
            return self._then(self._target.select_all)
        return None

    def _named_action(self, key: int) -> Callable[[], None] | None:
        match key:
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                return self._backspace
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return self._enter
            case Qt.Key.Key_Escape:
                return self._escape
        return None

    def _text_action(self, text: str) -> Callable[[], None] | None:
        """By what is typed rather than by key: brackets lie elsewhere on each layout."""
        target = self._target
        if text and text in "0123456789":
            return lambda: self._type_digit(text)
        if slot := _LETTER_SLOTS.get(text.upper()):
            return self._then(lambda: self._move(slot))
        actions: dict[str, Callable[[], None]] = {
            "r": lambda: self._turn(180.0),
            "R": lambda: self._turn(180.0),
            "[": lambda: self._turn(-FINE_TURN),
            "]": lambda: self._turn(FINE_TURN),
            "{": lambda: self._turn(-COARSE_TURN),
            "}": lambda: self._turn(COARSE_TURN),
            "n": target.next_to_review,
            "N": target.previous_to_review,
            "+": target.zoom_in,
            "=": target.zoom_in,
            "-": target.zoom_out,
        }
        return self._then(actions[text]) if text in actions else None

    def _then(self, action: Callable[[], None]) -> Callable[[], None]:
        """Any other key first settles a digit that waits."""

        def run() -> None:
            self._take_digit()
            action()

        return run

    def _type_digit(self, digit: str) -> None:
        if not self._digit and digit == "0":
            self._target.zoom_fit()
        elif not self._target.has_selection:
            self._move("")
        elif self._digit:
            slot = self._digit + digit
            self.forget()
            if slot in TYPES:
                self._target.move_selection(slot)
            else:
                self._target.show_message(f"There is no chromosome {slot}.")
        elif digit in "12":
            self._digit = digit
            self._pause.start()
            self._target.show_hint(f"Move to {digit}…")
        else:
            self._target.move_selection(digit)

    def _move(self, slot: str) -> None:
        if self._target.has_selection:
            self._target.move_selection(slot)
        else:
            self._target.show_message(NOTHING_SELECTED)

    def _turn(self, degrees: float) -> None:
        if self._target.has_selection:
            self._target.turn_selection(degrees)
        else:
            self._target.show_message(NOTHING_SELECTED)

    def _take_digit(self) -> None:
        slot = self._digit
        self.forget()
        if slot:
            self._target.move_selection(slot)

    def _backspace(self) -> None:
        if self._digit:
            self.forget()
        else:
            self._move(TRAY)

    def _enter(self) -> None:
        if self._digit:
            self._take_digit()
        else:
            self._target.confirm_and_go_on()

    def _escape(self) -> None:
        if self._digit:
            self.forget()
        else:
            self._target.escape()
