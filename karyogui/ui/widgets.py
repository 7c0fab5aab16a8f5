"""Small parts that several panels share: texts in their roles, lines, empty states, notices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from karyogui.ui import theme
from karyogui.ui.boxes import REST, Margins, column_of, filling, placed, rest, row_of, space


def text_label(text: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles: caption, note, muted, title, amber, error."""
    label = QLabel(text)
    # File and case names come from outside: never read as markup.
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


class ElidedLabel(QLabel):
    """One line that gives way to the window's width, with dots where something is missing."""

    def __init__(
        self, role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__("x")
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def shown(self) -> str:
        """What there is room for."""
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), self._mode, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text as far as there is room."""
        painter = QPainter(self)
        align = self.alignment() | Qt.AlignmentFlag.AlignVCenter
        role = self.foregroundRole()
        area, text = self.contentsRect(), self.shown
        self.style().drawItemText(painter, area, align, self.palette(), True, text, role)
        painter.end()


def unbroken(text: str) -> str:
    """The text with every number and its per cent on one line: `> 99 %` never at two."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%").replace("> ", ">\N{NO-BREAK SPACE}")


def local_time(moment: str) -> str:
    """A moment in ISO 8601 in local time, to the minute; other text is returned as it is."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return moment


def set_role(widget: QWidget, role: str) -> None:
    """Change the role of a widget that is on the screen already."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def line() -> QFrame:
    """A thin horizontal line."""
    frame = QFrame()
    frame.setProperty("role", "line")
    return frame


def button(text: str, callback: Callable[[], object], role: str = "") -> QPushButton:
    """A push button, which leaves Return to the fields; `role` is empty, primary or link."""
    result = QPushButton(text)
    result.setAutoDefault(False)
    result.setProperty("role", role)
    result.clicked.connect(lambda: callback())
    if role == "link":
        result.setCursor(Qt.CursorShape.PointingHandCursor)
    return result


def act_button(action: QAction) -> QToolButton:
    """A button with the words of an action, which leaves the keys where they are."""
    result = QToolButton()
    result.setDefaultAction(action)
    result.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    result.setProperty("role", "act")
    result.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return result


class Banner(QFrame):
    """A line across the window that stays: what is the case here, and one thing to do about it."""

    def __init__(self, text: str, action: str, act: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self.setLayout(
            row_of(
                IconLabel("alert", tone="amber_mark"),
                filling(text_label(text, "amber", wrap=True)),
                button(action, act, "link"),
                gap=2,
                margins=(3, 1, 2, 1),
            )
        )


def untinted(picture: QPixmap) -> QIcon:
    """A picture that keeps its grey levels in a selected row."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


class IconLabel(QLabel):
    """An icon that follows the theme; `tone` names a colour of the theme."""

    def __init__(self, name: str, size: int = 16, tone: str = "text") -> None:
        super().__init__()
        self._name = name
        self._size = size
        self._tone = tone
        self.setFixedSize(QSize(size, size))
        self._draw()

    def set_icon(self, name: str, tone: str) -> None:
        """Show another icon."""
        self._name, self._tone = name, tone
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour = getattr(theme.current(), self._tone)
        ratio = self.devicePixelRatioF()
        self.setPixmap(theme.pixmap(self._name, self._size, colour, ratio))


def with_icon(
    icon: IconLabel, words: QWidget | QLayout, margins: Margins | None = None
) -> QHBoxLayout:
    """An icon at the first line of what stands beside it."""
    at_top = placed(icon, Qt.AlignmentFlag.AlignTop)
    return row_of(at_top, filling(words), gap=2, margins=margins)


class EmptyState(QWidget):
    """What stands where there is nothing yet: an icon, what is missing, what to do."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        actions: tuple[tuple[str, Callable[[], object]], ...] = (),
    ) -> None:
        super().__init__()
        self._title = text_label(title, "title")
        self._text = text_label(text, "muted", wrap=True)
        self._text.setFixedWidth(400)
        self.buttons = [
            button(words, callback, "primary" if not number else "")
            for number, (words, callback) in enumerate(actions)
        ]
        self._icon = IconLabel(icon, 48, "muted")
        row = row_of(REST, *self.buttons, REST, gap=2)
        words = (self._icon, self._title, self._text)
        for widget in words:
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # Between stretches: a wrapped text aligned by the layout itself would lose its height.
        centred = [row_of(REST, widget, REST) for widget in words]
        self.setLayout(column_of(rest(2), *centred, space(1), row, rest(3), gap=3))

    def say(self, title: str, text: str) -> None:
        """Change the words."""
        self._title.setText(title)
        self._text.setText(text)

    def show_buttons(self, shown: bool) -> None:
        """Show or hide what can be done here."""
        for each in self.buttons:
            each.setVisible(shown)


class Tone(Enum):
    """How much a notice matters."""

    DONE = "saved"
    LOOK = "alert"
    FAULT = "error"


@dataclass(frozen=True)
class Notice:
    """Something that happened: one line, and at most a few things to do about it."""

    text: str
    tone: Tone = Tone.DONE
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()


_COLOURS = {Tone.DONE: "muted", Tone.LOOK: "amber_mark", Tone.FAULT: "error"}


AWAY_MS = 20_000


class NoticeBar(QFrame):
    """One notice at the foot of the page, all of it, until it is closed or the next one comes.

    What only says that something is done goes away by itself: its place belongs to the page.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._icon = IconLabel("saved")
        self._text = text_label(wrap=True)
        self._text.setMinimumWidth(1)  # long names do not widen the window
        self._buttons: list[QPushButton] = []
        self._close = QToolButton()
        self._close.setToolTip("Close")
        self._close.setIconSize(QSize(16, 16))
        self._close.clicked.connect(self.hide)
        self._away = QTimer(self, singleShot=True, interval=AWAY_MS)
        self._away.timeout.connect(self.hide)
        self._row = row_of(
            self._icon, filling(self._text), self._close, gap=2, margins=(3, 1, 2, 1)
        )
        self.setLayout(self._row)
        self.hide()

    @property
    def text(self) -> str:
        """The line shown; empty when there is none."""
        return "" if self.isHidden() else self._text.text()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice instead of the present one."""
        for old in self._buttons:
            self._row.removeWidget(old)
            old.deleteLater()
        self._icon.set_icon(notice.tone.value, _COLOURS[notice.tone])
        self._text.setText(notice.text)
        self.refresh_icons()
        self._buttons = [self._button(words, act) for words, act in notice.actions]
        for each in self._buttons:
            self._row.insertWidget(self._row.count() - 1, each)
        self.show()
        self._away.stop()
        if notice.tone is Tone.DONE and not notice.actions:
            self._away.start()

    def refresh_icons(self) -> None:
        """Draw the icon of the close button in the present theme."""
        self._close.setIcon(theme.icon("cancel"))

    def _button(self, words: str, act: Callable[[], object]) -> QPushButton:
        def run() -> None:
            self.hide()
            act()

        return button(words, run, "link")


def plain_table(name: str, columns: int) -> QTableWidget:
    """A table to read, without grid, row numbers and editing; `name` is read out."""
    table = QTableWidget(0, columns)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setAccessibleName(name)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    return table


def fill_row(
    table: QTableWidget, row: int, texts: Sequence[str], right: Collection[int] = ()
) -> None:
    """Write a row of a table; columns `right` hold numbers."""
    for column, text in enumerate(texts):
        item = QTableWidgetItem(text)
        side = Qt.AlignmentFlag.AlignRight if column in right else Qt.AlignmentFlag.AlignLeft
        item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setItem(row, column, item)


def row_table(
    name: str, headers: Sequence[str], right: Collection[str], stretched: str
) -> QTableWidget:
    """A table of which one row is chosen; columns `right` hold numbers, one is `stretched`."""
    table = plain_table(name, len(headers))
    table.setHorizontalHeaderLabels(headers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    for column, title in enumerate(headers):
        side = Qt.AlignmentFlag.AlignRight if title in right else Qt.AlignmentFlag.AlignLeft
        heading = table.horizontalHeaderItem(column)
        assert heading is not None
        heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(headers.index(stretched), QHeaderView.ResizeMode.Stretch)
    return table
