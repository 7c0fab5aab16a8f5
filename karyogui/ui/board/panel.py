"""The karyogram workspace: the board, its history of edits, and what the menus ask of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.findings import find
from karyogui.domain.karyogram import TRAY, Change, Karyogram
from karyogui.domain.review import (
    ReviewItem,
    is_moved,
    looks_like,
    moved_sentence,
    review_queue,
)
from karyogui.domain.sitting import ActionKind
from karyogui.ui.board import texts
from karyogui.ui.board.commands import EditHistory, EditKaryogram, Journal, Journals, TurnFinely
from karyogui.ui.board.keyboard import BoardKeyboard
from karyogui.ui.board.navigation import Walk, neighbour, next_to_review, stretch, walk
from karyogui.ui.board.scene import BoardScene
from karyogui.ui.board.view import BoardView
from karyogui.ui.boxes import column_of
from karyogui.ui.theme import LIGHT, Theme
from karyogui.ui.view_panel import Hint, ViewPanel


class Spoken:
    """Words about the chromosomes of a board, as it stands."""

    def __init__(
        self,
        scene: BoardScene,
        chromosomes: Sequence[Chromosome],
        needs_review: Mapping[str, ReviewItem],
    ) -> None:
        self._scene, self._chromosomes, self._asking = scene, chromosomes, needs_review

    def tooltip(self, chromosome_id: str) -> str:
        """About the chromosome under the pointer."""
        chromosome, karyogram = self._scene.chromosome(chromosome_id), self._scene.karyogram
        shrunk = self._scene.item(chromosome_id).picture.shrunk
        placement, reasons = karyogram.placement(chromosome_id), self._reasons(chromosome_id)
        return texts.tooltip(chromosome, placement, karyogram, reasons, shrunk)

    def selection(self, ids: Sequence[str]) -> str:
        """About what is selected."""
        karyogram = self._scene.karyogram
        if len(ids) == 1:
            chromosome, placement = self._scene.chromosome(ids[0]), karyogram.placement(ids[0])
            shrunk = self._scene.item(ids[0]).picture.shrunk
            reasons = self._reasons(ids[0])
            return texts.describe(chromosome, placement, karyogram, reasons, shrunk)
        if ids:
            return f"{len(ids)} chromosomes selected."
        return f"{len(karyogram)} chromosomes, nothing selected."

    def _reasons(self, chromosome_id: str) -> tuple[str, ...]:
        """What it carries, and why it needs review, or else why it has a badge."""
        told = self._scene.carried.get(chromosome_id, "")
        carried = (f"{told}.",) if told else ()
        if chromosome_id in self._asking:
            return (*carried, *self._asking[chromosome_id].reasons)
        if not self._scene.item(chromosome_id).looks_like:
            return carried
        return (
            *carried,
            moved_sentence(self._scene.chromosome(chromosome_id), self._chromosomes),
        )


_FINE = 45.0
_LEAST_DOUBT = 0.3


class BoardPanel(ViewPanel):
    """Shows one cell's karyogram and lets it be corrected.

    `reviews_record` is called with every change that happens, undone and redone ones included; a
    `KaryoError` from it takes the change back and is reported by `edit_failed`.
    """

    view: BoardView
    selection_changed = Signal(object)
    """The selected ids, a tuple in the board's order."""
    karyogram_changed = Signal()
    edit_failed = Signal(str)
    inspection_requested = Signal(str)
    """A chromosome was double-clicked: its id."""
    context_menu_requested = Signal(object)
    """The right button was pressed: a `QPoint` on the screen."""

    def __init__(
        self,
        reviews_record: Callable[[Change], None],
        *,
        colours: Theme = LIGHT,
    ) -> None:
        super().__init__()
        self._journal: Journal | None = None
        self._chromosomes: tuple[Chromosome, ...] = ()
        self._is_readable = True
        self._assignment: AssignmentSummary | None = None
        self.needs_review: dict[str, ReviewItem] = {}  # by id, the most urgent first
        self.drawn: Callable[[], Collection[str]] = tuple  # what is asked at random
        self._is_taking = False
        self._anchor: str | None = None
        self._route: tuple[str, ...] = ()
        self._stop_listening: Callable[[], None] = lambda: None
        # What is to be looked at before the chromosomes; it tells whether it shows something.
        self.comes_first: Callable[[int], bool] = lambda _step: False
        self.undo_stack = EditHistory(self)
        self._journals = Journals(
            self.undo_stack, reviews_record, lambda error: self.edit_failed.emit(str(error))
        )
        self._scene = BoardScene(self)
        self.view = BoardView(self._scene, self._edit, self._tooltip, self)
        self.view.setAccessibleName("Karyogram board")
        self._keyboard = BoardKeyboard(self, self)
        self._notice = QLabel(self.view.viewport())
        # At the right: the tray fills from the left, and a hint must not lie on what it is about.
        self.hint = Hint(self.view.viewport())
        self.setLayout(column_of(self.view, margins=0))
        self.setFocusProxy(self.view)
        self._notice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._notice.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.view.installEventFilter(self)
        self.view.viewport().installEventFilter(self)
        self.view.hint_changed.connect(self.show_hint)
        self.view.inspection_requested.connect(self.inspection_requested)
        self.view.context_menu_requested.connect(self.context_menu_requested)
        self._scene.selection_changed.connect(self._on_selection)
        self.set_colours(colours)
        self._show_notice(texts.EMPTY_BOARD)

    # -- the cell --------------------------------------------------------------------------------

    @property
    def karyogram(self) -> Karyogram | None:
        """The karyogram that is shown and edited; None without a cell."""
        return self._journal.karyogram if self._journal else None

    @property
    def selection(self) -> tuple[str, ...]:
        """The selected ids in the board's order."""
        return self._scene.selected

    def show_cell(self, cell: Cell) -> None:
        """Show a cell from its stored placements.

        Its history of edits goes on where it was left, and begins again after another analysis.
        """
        self.clear()
        karyogram = (
            Karyogram(cell.placements)
            if cell.placements
            else Karyogram.from_analysis(cell.chromosomes)
        )
        self._journal = self._journals.open(cell, karyogram)
        self._show(karyogram, cell)
        self._show_notice("" if cell.chromosomes else texts.NOT_ANALYSED)

    def _show(self, karyogram: Karyogram, cell: Cell) -> None:
        self._is_readable = cell.is_readable
        self._chromosomes, self._assignment = cell.chromosomes, cell.assignment
        self._scene.show_karyogram(karyogram, cell.chromosomes)
        self._stop_listening = karyogram.listen(self._on_change)
        self._judge(karyogram)
        self.view.fit()
        self.karyogram_changed.emit()

    def assign_again(self, cell: Cell, change: Change) -> None:
        """Take over another assignment of the cell that is shown; it moves chromosomes undoably."""
        if self.karyogram is None:
            return
        self._chromosomes, self._assignment = cell.chromosomes, cell.assignment
        self._scene.take_chromosomes(cell.chromosomes)
        if not self._edit(change):
            self._judge(self.karyogram)
            self.karyogram_changed.emit()

    def take_repaired(self, cell: Cell) -> None:
        """Show the same cell after a repair of its separation; history and karyogram stay."""
        karyogram = self.karyogram
        if karyogram is None:
            return
        selected = self.selection
        self._stop_listening()
        self.view.cancel_gesture()
        self._is_taking = True
        try:
            self._scene.clear_board()
            karyogram.apply(karyogram.repaired(cell.placements, "Repair", ActionKind.MARK))
            self._show(karyogram, cell)
            self._scene.select([c.id for c in cell.chromosomes if c.id in selected])
        finally:
            self._is_taking = False
        if self.selection != selected:
            self._on_selection(self.selection)

    def clear(self) -> None:
        """Show no cell."""
        self._stop_listening()
        self._stop_listening = lambda: None
        self.view.cancel_gesture()
        self._keyboard.forget()
        self.undo_stack.turn_to(None)
        self._journal, self._chromosomes, self._assignment = None, (), None
        self.needs_review = {}
        self._anchor, self._route = None, ()
        self._scene.clear_board()
        self._show_notice(texts.EMPTY_BOARD)

    def set_colours(self, colours: Theme) -> None:
        """Follow the theme."""
        self._scene.set_colours(colours)
        self._notice.setStyleSheet(f"color: {colours.muted}; background: transparent;")
        super().set_colours(colours)

    # -- edits -----------------------------------------------------------------------------------

    @property
    def has_selection(self) -> bool:
        """Whether anything is selected."""
        return bool(self.selection)

    def move_selection(self, slot: str) -> None:
        """Bring the selection to a slot; what already stands there is thereby confirmed."""
        karyogram = self.karyogram
        if karyogram is None:
            return
        away = [i for i in self.selection if karyogram.placement(i).slot != slot]
        if away:
            self._edit(karyogram.move(away, slot))
        elif slot != TRAY:
            self.confirm_selection()

    def turn_selection(self, degrees: float) -> None:
        """Turn the selection clockwise; small turns in a row are one undo step."""
        if self.karyogram is not None:
            self._edit(self.karyogram.turn(self.selection, degrees), degrees)

    def mirror_selection(self) -> None:
        """Reflect the selection left to right, which the board marks."""
        if self.karyogram is not None:
            self._edit(self.karyogram.mirror(self.selection))

    def confirm_selection(self) -> None:
        """Agree with where the selection stands; in the tray: that it belongs to no slot."""
        if self.karyogram is not None:
            self._edit(self.karyogram.confirm(self.selection))

    def confirm_and_go_on(self) -> None:
        """Agree with where the selection stands, and select the next that needs review."""
        self._route = tuple(self.needs_review)
        self.confirm_selection()
        if set(self.selection) & set(self._route) and self.needs_review:
            self._go_to_review(1)

    def _edit(self, change: Change, degrees: float | None = None) -> bool:
        """Make a change happen and remember it; False when nothing changed."""
        if self._journal is None or change.is_empty:
            return False
        show = self._journal.record(change)
        if show is None:
            return False
        if degrees is not None and abs(degrees) < _FINE:
            self.undo_stack.push(TurnFinely(self._journal, change, degrees))
        else:
            self.undo_stack.push(EditKaryogram(self._journal, change))
        show()
        return True

    # -- selection and review --------------------------------------------------------------------

    def select(self, ids: Sequence[str]) -> None:
        """Select exactly these and bring the last of them into view."""
        self._scene.select(ids)
        if ids:
            self.view.reveal(ids[-1])

    def select_all(self) -> None:
        """Select every chromosome, those in the tray too."""
        self._scene.select(self._scene.board.order, self._scene.current)

    def walk(self, step: Walk, extend: bool) -> None:
        """Go one step over the board; with `extend` select everything from where one began."""
        board = self._scene.board
        to = walk(board, self._scene.current if self.has_selection else None, step)
        if to is None:
            return
        if extend and self._anchor in board.spots and self._anchor is not None:
            anchor = self._anchor
            self._scene.select(stretch(board.order, anchor, to), to)
            self._anchor = anchor
        else:
            self._scene.select((to,))
        self.view.reveal(to)

    def walk_objects(self, step: int) -> bool:
        """Select the chromosome after (1) or before (-1); False when there is no further one."""
        to = neighbour(self._scene.board.order, self.selection, step)
        if to is not None:
            self.select((to,))
        return to is not None

    def next_to_review(self) -> None:
        """Show what to look at next: of chromosomes the least certain first."""
        if not self.comes_first(1):
            self._go_to_review(1)

    def previous_to_review(self) -> None:
        """Show the one before."""
        if not self.comes_first(-1):
            self._go_to_review(-1)

    def _go_to_review(self, step: int) -> None:
        if self.karyogram is None:
            return
        order = tuple(self.needs_review)
        current = self.selection[0] if len(self.selection) == 1 else None
        to = next_to_review(order, self._route, current, step)
        self._route = order if current in order or current not in self._route else self._route
        if to is None:
            self.show_message(texts.NOTHING_TO_REVIEW)
        else:
            self.select((to,))

    def escape(self) -> None:
        """Give up what is under way, or else the selection."""
        if not self.view.cancel_gesture():
            self._scene.select(())

    # -- zoom ------------------------------------------------------------------------------------

    # -- words -----------------------------------------------------------------------------------

    def _show_notice(self, text: str) -> None:
        self._notice.setText(text)
        self._notice.setVisible(bool(text))
        self.view.setAccessibleDescription(text.replace("\n", " "))

    def _place_notice(self) -> None:
        self._notice.setGeometry(self.view.viewport().rect())

    def _spoken(self) -> Spoken:
        return Spoken(self._scene, self._chromosomes, self.needs_review)

    def _tooltip(self, chromosome_id: str) -> str:
        return self._spoken().tooltip(chromosome_id)

    def _describe(self) -> None:
        """Say the selection to assistive technology."""
        if self.karyogram is not None and self._chromosomes:
            self.view.setAccessibleDescription(self._spoken().selection(self.selection))

    # -- reacting --------------------------------------------------------------------------------

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        if self._is_taking:
            return
        if len(ids) == 1:
            self._anchor = ids[0]
        self._keyboard.forget()
        self._describe()
        self.selection_changed.emit(ids)

    def _on_change(self, change: Change) -> None:
        self.view.cancel_gesture()
        if self.karyogram is not None:
            self._judge(self.karyogram)
        self.view.show_whole_page()
        self._describe()
        self.karyogram_changed.emit()

    def _judge(self, karyogram: Karyogram) -> None:
        """Show the karyogram with its findings and with who needs review."""
        queue = review_queue(self._chromosomes, karyogram, self._assignment, self.drawn())
        self.needs_review = {item.chromosome_id: item for item in queue}
        doubts = _doubts(queue, karyogram)
        self._scene.show_change(
            find(karyogram.counts, self._is_readable), doubts, _moved(self._chromosomes, karyogram)
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the board its keys before the window's shortcuts, and keep labels in place."""
        if watched is self.view and isinstance(event, QKeyEvent):
            # In the middle of a gesture only Esc counts; modifiers are for the tool.
            if self.view.is_busy and event.key() != Qt.Key.Key_Escape:
                return False
            if event.type() is QEvent.Type.ShortcutOverride and self._keyboard.handles(event):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and self._keyboard.press(event):
                return True
        if isinstance(event, QResizeEvent) and watched is not self.view:
            self._place_notice()
        return super().eventFilter(watched, event)


def _doubts(queue: Sequence[ReviewItem], karyogram: Karyogram) -> dict[str, float]:
    """How doubtful those are that need review and stand in a slot, by id."""
    return {
        item.chromosome_id: max(_LEAST_DOUBT, item.doubt)
        for item in queue
        if karyogram.placement(item.chromosome_id).slot != TRAY
    }


def _moved(chromosomes: Sequence[Chromosome], karyogram: Karyogram) -> dict[str, str]:
    """What those look like, by id, that stand undecided where it is against their pictures."""
    return {c.id: looks_like(c) for c in chromosomes if is_moved(c, karyogram.placement(c.id))}
