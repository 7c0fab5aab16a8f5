"""Reads the strip of the open case, keeps it in step, and acts in the cells of what is selected.

Whatever is done is done on that cell's own board, so it is recorded there and undone there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QProgressDialog, QWidget

from karyogui.domain.chromosome import TYPES, Chromosome
from karyogui.domain.karyogram import MARKER, TRAY, slot_name
from karyogui.domain.review import per_cent
from karyogui.domain.strip import StripChromosome, StripOrder
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.ui.action_spec import Scope
from karyogui.ui.actions import ActionSet
from karyogui.ui.centre import KARYOGRAM_PAGE, STRIP_PAGE, Centre
from karyogui.ui.changes.controller import Act, ChangesController
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.strip import texts
from karyogui.ui.strip.panel import StripPanel
from karyogui.workers.latest import LatestTask
from karyogui.workers.task import Task

PROPOSED = 3
PROGRESS_AFTER_MS = 1500
"""How long acting in many cells may seem to take before its progress is shown."""
Read = tuple[tuple[StripChromosome, ...], dict[str, Chromosome]]
"""A strip as it was read, and straightened pictures by key where they are wished for."""


class StripController(QObject):
    """Between the strip, the store and the board of the open cell."""

    def __init__(
        self,
        workspace: Workspace,
        open_cell: OpenCell,
        changes: ChangesController,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._changes = changes
        self._workspace, self._open, self._window = workspace, open_cell, window
        self.panel = StripPanel()
        self._centre: Centre | None = None
        self._is_seen = False
        self._reading = LatestTask(self)
        self._straightening: Task | None = None
        self._is_acting = False
        self._seen: tuple[int, int] | None = None
        """The case that was read, and what was the newest in the store then."""
        self.panel.wanted_changed.connect(self.read)
        self.panel.move_requested.connect(self.move)
        self.panel.turn_requested.connect(self.turn)
        self.panel.open_requested.connect(self.open)
        self.panel.context_menu_requested.connect(self._show_menu)
        open_cell.cell_changed.connect(self._on_cell)
        open_cell.karyogram_changed.connect(self.read)

    # -- in the window ---------------------------------------------------------------------------

    def stand_in(self, centre: Centre) -> None:
        """Be one of the pages of the window's middle; the strip is read only while it is seen."""
        self._centre = centre
        centre.page_changed.connect(self._on_page)

    def take_actions(self, actions: ActionSet) -> None:
        """Let keys and button of the page do what the menus do."""
        actions.bind(Scope.STRIP, self.panel.view)
        self._straight = actions["view.straight"]
        self.panel.straight.setDefaultAction(self._straight)

    @property
    def is_open(self) -> bool:
        """Whether there is a case to show."""
        return self._open.is_open

    def show(self) -> None:
        """Show the page for the case of the open cell."""
        if self._open.is_open and self._centre is not None:
            self._centre.show_page(STRIP_PAGE)

    def toggle_straightened(self) -> None:
        """Show pictures straightened, which takes a moment in the background, or as they are."""
        view = self.panel.view
        is_wished = not (view.is_straightened or self._straightening is not None)
        self._straight.setChecked(is_wished)
        if self._straightening is not None:
            self._straightening.cancel()
        if not is_wished or not view.lacks_straight():
            view.show_straightened(is_wished)
            return
        strip, strips = view.lacks_straight(), self._workspace.strips
        self._straightening = task = Task(lambda monitor: strips.straightened(strip, monitor), self)
        self.panel.show_hint(texts.STRAIGHTENING)
        task.succeeded.connect(lambda made: view.show_straightened(True, made))
        task.failed.connect(lambda error: show_error(self._window, error))
        task.ended.connect(partial(self._on_straightened, task))
        task.start()

    def _on_straightened(self, task: Task) -> None:
        task.deleteLater()
        if task is self._straightening:
            self._straightening = None
            self.panel.show_hint("")
            self._straight.setChecked(self.panel.view.is_straightened)

    def _on_page(self) -> None:
        seen = self._centre is not None and self._centre.page == STRIP_PAGE
        if seen and not self._is_seen:
            self._is_seen = True
            self._take_selection()
            self.read()
        self._is_seen = seen

    # -- reading ---------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the strip again in the background; what was asked for last is shown."""
        cell = self._open.cell
        if not self._is_seen or self._is_acting:
            return
        if cell is None:
            self._reading.forget()
            self.panel.show_nothing(texts.NO_CASE)
            return
        self._seen = cell.case_id, self._workspace.case_work.newest
        self.panel.view.open_cell_id = cell.id
        if not self.panel.strip:
            self.panel.show_nothing(texts.LOADING)
        case_id, slots = cell.case_id, self.panel.slots_
        lengths = self.panel.wanted_order is StripOrder.LENGTH
        strips = self._workspace.strips
        is_straight = self.panel.view.is_straightened

        def work(monitor: Monitor) -> Read:
            strip = strips.load(case_id, slots, lengths, monitor)
            return strip, strips.straightened(strip, monitor) if is_straight else {}

        self._reading.run(work, self._on_read, lambda error: show_error(self._window, error))

    def read_if_new(self) -> None:
        """Read the strip again where anything was stored since, as by an analysis of a cell."""
        cell = self._open.cell
        if cell is not None and self._seen != (cell.case_id, self._workspace.case_work.newest):
            self.read()

    def _on_read(self, read: Read) -> None:
        if not self._reading.has_next:
            self.panel.show_strip(*read)

    def stop(self) -> None:
        """Read nothing any more: the data folder is about to be closed."""
        self._is_seen = False
        self._reading.shut_down()
        if self._straightening is not None:
            self._straightening.cancel()
            self._straightening.wait()

    def _on_cell(self) -> None:
        cell = self._open.cell
        self.panel.view.open_cell_id = cell.id if cell else None
        self.panel.view.viewport().update()
        self.read()

    def _take_selection(self) -> None:
        """Begin with the type that is selected on the board."""
        karyogram, chosen = self._open.karyogram, self._open.selection
        if karyogram is not None and chosen:
            slots = tuple(dict.fromkeys(karyogram.placement(i).slot for i in chosen))
            self.panel.want(slots[0], slots[1] if len(slots) == 2 else "")

    # -- acting ----------------------------------------------------------------------------------

    def move(self, slot: str) -> None:
        """Bring what is selected to another slot, each in its cell."""
        if not self.panel.selection:
            self.panel.show_message(texts.SELECT_FIRST)
            return
        count, there = len(self.panel.selection), list[str]()

        def move() -> None:
            chosen = self._open.selection
            self._open.board.move_selection(slot)
            there.extend(i for i in chosen if self._open.slots[i] == slot)

        self._in_cells(move)
        moved = "Moved" if count == len(there) == 1 else f"{len(there)} of {count} moved"
        self.panel.show_message(f"{moved} to {slot_name(slot)}. Ctrl+Z takes it back in its cell.")

    def turn(self, degrees: float) -> None:
        """Turn what is selected, each in its cell."""
        self._in_cells(lambda: self._open.board.turn_selection(degrees))

    def enter_change(self) -> None:
        """Label a change on what is selected here, each in its cell, or else on the board."""
        if self._centre is None or self._centre.page != STRIP_PAGE:
            self._changes.enter()
            return
        groups = self.by_cell()
        if not groups:
            self.panel.show_message(texts.SELECT_FIRST)
            return
        if len(groups) == 1:
            self._in_cells(self._changes.enter)
            return
        # Asked once, about the cell that comes last: what fits there is looked at in the others.
        if not self.select_in_cell(groups[-1]):
            return
        answer = self._changes.ask(self._open.selection, self._changes.last_text)
        if answer is None or not answer[0]:
            return
        done: list[bool] = []
        acts: list[Act] = []
        self._in_cells(
            lambda: done.append(self._changes.enter_text(answer[0], self._open.selection, acts))
        )
        self._changes.take_back_together(acts)
        told = f"{answer[0]} entered in {sum(done)} of {len(groups)} cells."
        self.panel.show_message(f"{told} Ctrl+Z takes it back in all of them.")

    def open(self, key: str) -> None:
        """Open the cell of a chromosome, with it selected."""
        item = self.panel.view.item(key)
        self._open.open(item.cell_id)
        if self._centre is not None:
            self._centre.show_page(KARYOGRAM_PAGE)
        if self._open.cell is not None and self._open.cell.id == item.cell_id:
            self._open.board.select((item.chromosome.id,))

    def select_in_cell(self, items: Sequence[StripChromosome]) -> bool:
        """Open the cell of chromosomes of one cell, and select them on its board."""
        self._open.open(items[0].cell_id)
        cell, karyogram = self._open.cell, self._open.karyogram
        if cell is None or karyogram is None or cell.id != items[0].cell_id:
            return False
        there = {p.chromosome_id for p in karyogram.placements}
        self._open.board.select([s.chromosome.id for s in items if s.chromosome.id in there])
        return bool(self._open.selection)

    def by_cell(self) -> list[list[StripChromosome]]:
        """What is selected, cell by cell; the cell that is open comes last, and stays open."""
        cells: dict[int, list[StripChromosome]] = {}
        for item in self.panel.selection:
            cells.setdefault(item.cell_id, []).append(item)
        own = self._open.cell.id if self._open.cell else None
        return sorted(cells.values(), key=lambda items: items[0].cell_id == own)

    def _in_cells(self, act: Callable[[], None]) -> None:
        """Act in one cell after the other; a person who waits for many sees how far it is."""
        groups = self.by_cell()
        shown = QProgressDialog("", "Stop", 0, len(groups), self._window)
        shown.setWindowModality(Qt.WindowModality.WindowModal)
        shown.setMinimumDuration(PROGRESS_AFTER_MS)
        self._is_acting = True
        try:
            for number, items in enumerate(groups):
                shown.setLabelText(f"Cell {number + 1} of {len(groups)}")
                shown.setValue(number)
                if shown.wasCanceled():
                    break
                if self.select_in_cell(items):
                    act()
        except KaryoError as error:
            show_error(self._window, error)
        finally:
            shown.reset()
            shown.deleteLater()
            self._is_acting = False
        self.read()

    # -- the menu --------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """What can be done with what is selected."""
        menu = QMenu(self.panel)
        chosen = self.panel.selection
        change = menu.addAction("Structural change…\tA")
        change.triggered.connect(lambda _=False: self.enter_change())
        if len(chosen) == 1:
            item = chosen[0]
            menu.addAction("Open its cell\tEnter").triggered.connect(
                lambda _=False: self.open(item.key)
            )
            menu.addSeparator()
            predicted = item.chromosome.predicted
            for kind, probability in predicted.best(PROPOSED) if predicted else ():
                if kind != item.slot:
                    self._add_move(menu, f"Move to {kind} ({per_cent(probability)})", kind)
        slots = menu.addMenu("Move to")
        for slot in (*TYPES, MARKER, TRAY):
            self._add_move(slots, slot_name(slot).capitalize(), slot)
        return menu

    def _add_move(self, menu: QMenu, text: str, slot: str) -> None:
        menu.addAction(text).triggered.connect(lambda _=False: self.move(slot))

    def _show_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.exec(at)
        menu.deleteLater()
