"""The page of the strip: which types, in which order, how shown, and the strip itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QToolButton

from karyogui.domain.chromosome import TYPES, Chromosome
from karyogui.domain.karyogram import MARKER, TRAY, slot_name
from karyogui.domain.strip import StripChromosome, StripOrder, arranged, summary_of
from karyogui.ui.board.keyboard import BoardKeyboard
from karyogui.ui.board.navigation import Walk, walk
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.strip import texts
from karyogui.ui.strip.view import StripView
from karyogui.ui.theme import GRID
from karyogui.ui.view_panel import Hint, ViewPanel
from karyogui.ui.widgets import ElidedLabel, line, text_label

PLACES = (*TYPES, MARKER, TRAY)
ALONE = "alone"


class StripPanel(ViewPanel):
    """Shows a strip; wishes are sent as signals and carried out by the controller."""

    view: StripView
    wanted_changed = Signal()
    """Other types are wished for, or another order that needs more to be measured."""
    move_requested = Signal(str)
    turn_requested = Signal(float)
    open_requested = Signal(str)
    selection_changed = Signal(object)
    context_menu_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.beside, self.order = QComboBox(), QComboBox(), QComboBox()
        self.straight = QToolButton()
        self.note = ElidedLabel("muted")
        self.selected_note = ElidedLabel("note")
        self.view = StripView(self._key)
        self._keyboard = BoardKeyboard(self, self)
        self.hint = Hint(self.view.viewport())
        self._strip: tuple[StripChromosome, ...] = ()
        self._build()
        self.setFocusProxy(self.view)
        self.show_nothing(texts.NO_CASE)

    def _build(self) -> None:
        for slot in PLACES:
            self.kind.addItem(slot_name(slot).removeprefix("the ").capitalize(), slot)
        self.kind.setAccessibleName("Type")
        self.beside.addItem(ALONE, "")
        for slot in PLACES:
            self.beside.addItem(f"with {slot_name(slot).removeprefix('the ')}", slot)
        self.beside.setAccessibleName("Type beside it")
        for order in StripOrder:
            self.order.addItem(order.value, order)
        self.order.setAccessibleName("Order")
        self.straight.setAccessibleName("Straightened")
        row = row_of(text_label("Chromosome"), gap=2, margins=(3, 2, 3, 2))
        for box in (self.kind, self.beside, self.order):
            box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(box)
            # The strip keeps the keys: digits move what is selected.
            box.activated.connect(lambda _: self.view.setFocus())
        row.addWidget(self.straight)
        row.addSpacing(2 * GRID)
        row.addWidget(self.note, 1)
        foot = row_of(self.selected_note, margins=(3, 1, 3, 1))
        self.setLayout(column_of(row, line(), filling(self.view), line(), foot, gap=0, margins=0))
        self.kind.currentIndexChanged.connect(lambda _: self.wanted_changed.emit())
        self.beside.currentIndexChanged.connect(lambda _: self.wanted_changed.emit())
        self.order.currentIndexChanged.connect(lambda _: self.wanted_changed.emit())
        self.view.selection_changed.connect(self._on_selection)
        self.view.opened.connect(self.open_requested)
        self.view.context_menu_requested.connect(self.context_menu_requested)
        self.selected_note.setText("")

    # -- what is wished for ----------------------------------------------------------------------

    @property
    def slots_(self) -> tuple[str, ...]:
        """The slots that are wished for: one or two."""
        first, second = str(self.kind.currentData()), str(self.beside.currentData())
        return (first, second) if second and second != first else (first,)

    @property
    def wanted_order(self) -> StripOrder:
        """How the strip is wished to be sorted."""
        return StripOrder(self.order.currentData())

    def want(self, slot: str, beside: str = "") -> None:
        """Wish for another type, and one beside it."""
        before = self.slots_
        for box, data in ((self.kind, slot), (self.beside, beside)):
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(data)))
            box.blockSignals(False)
        if self.slots_ != before:
            self.wanted_changed.emit()

    def step_type(self, by: int) -> None:
        """The next (1) or previous (-1) type."""
        self.kind.setCurrentIndex(min(max(self.kind.currentIndex() + by, 0), len(PLACES) - 1))

    # -- what is shown ---------------------------------------------------------------------------

    def show_strip(
        self, strip: Sequence[StripChromosome], made: Mapping[str, Chromosome] | None = None
    ) -> None:
        """Show the chromosomes of the slots that are wished for; `made` are straightened ones."""
        self._strip = tuple(strip)
        self.view.notice = texts.NOTHING
        order = self.wanted_order
        self.view.show_strip(arranged(strip, order), self.slots_, order, made)
        self.note.setText(summary_of(strip, self.slots_))
        self.note.setToolTip(self.note.text())
        self._say_selection()

    def show_nothing(self, notice: str) -> None:
        """Show no strip, and say why."""
        self._strip = ()
        self.view.notice = notice
        self.view.show_strip((), self.slots_, self.wanted_order)
        self.note.setText("")

    @property
    def strip(self) -> tuple[StripChromosome, ...]:
        """What is shown, in no order."""
        return self._strip

    @property
    def selection(self) -> tuple[StripChromosome, ...]:
        """What is selected, as one reads it."""
        return tuple(self.view.item(key) for key in self.view.selected)

    # -- what the keys ask for -------------------------------------------------------------------

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected."""
        return bool(self.view.selected)

    def walk(self, step: Walk, extend: bool) -> None:
        """Go one step over the strip."""
        to = walk(self.view.page, self.view.current, step)
        if to is None:
            return
        if extend:
            self.view.select_to(to)
        else:
            self.view.select((to,))
        self.view.reveal(to)

    def select_all(self) -> None:
        """Select everything that is shown."""
        self.view.select(self.view.keys, self.view.current)

    def move_selection(self, slot: str) -> None:
        """Wish the selection to stand at another slot, each in its cell."""
        self.move_requested.emit(slot)

    def turn_selection(self, degrees: float) -> None:
        """Wish the selection turned, each in its cell."""
        if self.has_selection:
            self.turn_requested.emit(degrees)

    def confirm_and_go_on(self) -> None:
        """Open the cell of the one under the cursor."""
        if self.view.current is not None:
            self.open_requested.emit(self.view.current)

    def next_to_review(self) -> None:
        """Select the next one that looks unlike the others."""
        self._go_to_marked(1)

    def previous_to_review(self) -> None:
        """Select the one before."""
        self._go_to_marked(-1)

    def _go_to_marked(self, step: int) -> None:
        order = self.view.keys
        marked = [n for n, key in enumerate(order) if self.view.item(key).is_marked]
        if not marked:
            self.show_message(texts.NO_MARKED)
            return
        at = order.index(self.view.current) if self.view.current in order else -step
        further = [n for n in marked if (n - at) * step > 0]
        to = order[(further or marked)[0 if step > 0 else -1]]
        self.view.select((to,))
        self.view.reveal(to)

    def walk_objects(self, step: int) -> bool:
        """Select the chromosome after (1) or before (-1); False when there is no further one."""
        order = self.view.keys
        at = order.index(self.view.current) if self.view.current in order else -1
        to = at + step if at >= 0 else (0 if step > 0 else len(order) - 1)
        if not 0 <= to < len(order):
            return False
        self.view.select((order[to],))
        self.view.reveal(order[to])
        return True

    def escape(self) -> None:
        """Give up the selection."""
        self.view.select(())

    # -- inside ----------------------------------------------------------------------------------

    def _key(self, event: QKeyEvent, asked: bool) -> bool:
        return self._keyboard.handles(event) if asked else self._keyboard.press(event)

    def _on_selection(self, keys: tuple[str, ...]) -> None:
        self._keyboard.forget()
        self._say_selection()
        self.selection_changed.emit(keys)

    def _say_selection(self) -> None:
        words = texts.described(list(self.selection))
        self.selected_note.setText(words)
        self.view.setAccessibleDescription(words)
