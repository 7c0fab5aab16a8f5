"""A change entered on chromosomes that are marked: kind, breakpoints, checked while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)

from karyogui.domain.iscn import Severity
from karyogui.domain.iscn.items import KINDS, Item, complete, read_item, template
from karyogui.ui.boxes import REST, rest, row_of, space
from karyogui.ui.dialogs.parts import Role, answer_row, stacked
from karyogui.ui.widgets import set_role, text_label

_MOST = 60
_ROWS = 7
_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Escape)


class ChangeField(QLineEdit):
    """Symbols, chromosomes and bands from the band table, offered below the cursor.

    Tab takes the first or the chosen one, Return one that was chosen by an arrow key; until then
    Return is the dialog's. Esc hides the list, and a second one is the dialog's.
    """

    def __init__(self, types: Sequence[str]) -> None:
        super().__init__()
        self._types = tuple(types)
        self._start = self._end = 0
        self.offers = QListWidget()
        self.offers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.offers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.offers.setAccessibleName("What may come next")
        self.offers.itemClicked.connect(lambda item: self._take(item.text()))
        self.offers.hide()
        self.textEdited.connect(lambda _: self.offer())
        self.setAccessibleName("Change in ISCN")
        self.setPlaceholderText("del(5)(q31)")

    @property
    def offered(self) -> tuple[str, ...]:
        """What is offered at the cursor now."""
        if self.offers.isHidden():
            return ()
        return tuple(self.offers.item(n).text() for n in range(self.offers.count()))

    def offer(self) -> None:
        """Offer what may stand at the cursor; nothing where it stands there already."""
        told = complete(self.text(), self.cursorPosition(), self._types)
        self._start, self._end = told.start, told.end
        typed = self.text()[told.start : told.end]
        options = told.options[:_MOST]
        self.offers.clear()
        if not options or options == (typed,):
            self.offers.hide()
            return
        self.offers.addItems(list(options))
        self._place()
        self.offers.show()
        self.offers.raise_()

    def _place(self) -> None:
        """Below the cursor, over whatever else the dialog has."""
        window = self.window()
        self.offers.setParent(window)
        rows = min(_ROWS, self.offers.count())
        height = rows * self.offers.sizeHintForRow(0) + 2 * self.offers.frameWidth() + 2
        width = self.offers.sizeHintForColumn(0) + 40
        at = self.mapTo(window, QPoint(self.cursorRect().left(), self.height() + 2))
        self.offers.setGeometry(min(at.x(), window.width() - width - 4), at.y(), width, height)

    def _take(self, word: str) -> None:
        text = self.text()
        self.offers.hide()
        self.setText(text[: self._start] + word + text[self._end :])
        self.setCursorPosition(self._start + len(word))
        self.setFocus()

    def event(self, event: QEvent) -> bool:
        """The list's keys, while there is one."""
        if isinstance(event, QKeyEvent) and not self.offers.isHidden():
            row, key = self.offers.currentRow(), event.key()
            is_return = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0
            if event.type() is QEvent.Type.ShortcutOverride and (key in _KEYS or is_return):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                    step = 1 if key == Qt.Key.Key_Down else -1
                    self.offers.setCurrentRow(min(max(row + step, 0), self.offers.count() - 1))
                    return True
                if key == Qt.Key.Key_Tab or is_return:
                    self._take(self.offers.item(max(row, 0)).text())
                    return True
                if key == Qt.Key.Key_Escape:
                    self.offers.hide()
                    return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Offer nothing to who types elsewhere."""
        if not self.offers.underMouse():
            self.offers.hide()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list stays at the cursor."""
        super().resizeEvent(event)
        if not self.offers.isHidden():
            self._place()


PAUSE_MS = 120
REPAIRS = 3
REMOVE = 2
"""Result of the dialog: the change is to be removed."""


class ChangeDialog(QDialog):
    """Asks what is changed; `fits` says in a sentence what does not go with what is marked."""

    def __init__(
        self,
        parent: QWidget | None,
        marked: str,
        types: Sequence[str],
        text: str,
        beside: Sequence[str],
        fits: Callable[[str], str],
        can_remove: bool = False,
    ) -> None:
        super().__init__(parent)
        self._types, self._beside, self._fits = tuple(types), tuple(beside), fits
        self.setWindowTitle("Structural change")
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of change")
        self.kind.addItem("Choose a kind, or type it below", "")
        for symbol, words in KINDS.items():
            self.kind.addItem(f"{symbol}   {words}", symbol)
        self.field = ChangeField(types)
        self.field.offers.setParent(self)
        self.field.setText(text)
        self.state = text_label("", "note", wrap=True)
        self.note = text_label("", "amber", wrap=True)
        self.repairs = [QPushButton() for _ in range(REPAIRS)]
        for repair in self.repairs:
            repair.setAutoDefault(False)
            repair.clicked.connect(lambda _=False, b=repair: self._write(b))
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.check_now)
        self.field.textChanged.connect(lambda _: self._timer.start())
        # Return clicks the default button next, which must know by then what was typed.
        self.field.returnPressed.connect(self.check_now)
        self.kind.activated.connect(self._on_kind)
        self._lay_out(marked, can_remove)
        self.check_now()
        self.field.setFocus()

    def _lay_out(self, marked: str, can_remove: bool) -> None:
        buttons, self.enter = answer_row(self, "Enter change")
        self.remove: QPushButton | None = None
        if can_remove:
            self.enter.setText("Alter change")
            self.remove = buttons.addButton("Remove change", Role.DestructiveRole)
            self.remove.clicked.connect(lambda: self.done(REMOVE))
        row = row_of(*self.repairs, REST, gap=2)
        stacked(
            self,
            text_label(marked, wrap=True),
            space(1),
            text_label("Kind", "caption"),
            self.kind,
            text_label("Change in ISCN, without a sign", "caption"),
            self.field,
            self.state,
            row,
            self.note,
            rest(1),
            buttons,
            gap=2,
        )
        self.resize(460, 400)

    @property
    def item(self) -> Item:
        """What stands in the field, read and checked."""
        return read_item(self.field.text(), self._beside)

    @property
    def text(self) -> str:
        """The change in ISCN's characters."""
        return self.item.text

    def check_now(self) -> None:
        """Check what stands in the field and say what was found."""
        self._timer.stop()
        item = self.item
        is_empty = not self.field.text().strip()
        wrong = [p for p in item.problems if p.severity is not Severity.WARNING]
        told = wrong or list(item.problems)
        words = "Type a change; breakpoints are offered as you type." if is_empty else "Valid."
        if told and not is_empty:
            words = told[0].message
            words += f" ({len(told) - 1} more.)" if len(told) > 1 else ""
        elif item.is_unknown:
            words = "Marked as changed; the cell keeps asking until you say how."
        self.state.setText(words)
        set_role(self.state, "error" if wrong and not is_empty else "note")
        set_role(self.field, "wrong" if wrong and not is_empty else "")
        repairs = [] if is_empty else list(dict.fromkeys(r for p in told for r in p.repairs))
        for number, button in enumerate(self.repairs):
            is_there = number < len(repairs)
            button.setVisible(is_there)
            button.setText(f"Write {repairs[number]}" if is_there else "")
            button.setProperty("repair", repairs[number] if is_there else "")
        note = self._fits(item.text) if item.is_valid else ""
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.enter.setEnabled(item.is_valid)

    def _on_kind(self, _index: int) -> None:
        kind = str(self.kind.currentData())
        if not kind:
            return
        text, cursor = template(kind, self._types)
        self.field.setText(text)
        self.field.setFocus()
        self.field.setCursorPosition(cursor)
        self.check_now()
        self.field.offer()

    def _write(self, button: QPushButton) -> None:
        self.field.setText(str(button.property("repair")))
        self.field.setFocus()
        self.check_now()

    def accept(self) -> None:
        """Enter the change, unless what was typed last is wrong."""
        self.check_now()
        if self.enter.isEnabled():
            super().accept()
