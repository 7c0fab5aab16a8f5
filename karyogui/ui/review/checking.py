"""The separation check of the open cell: goes from entry to entry, and records what is said."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.review import Edit
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.domain.separation_check import CheckEntry, EntryState, reason, short_reason, with_word
from karyogui.domain.sitting import ActionKind
from karyogui.services.workspace import Workspace
from karyogui.ui.board.commands import Show
from karyogui.ui.centre import KARYOGRAM_PAGE, METAPHASE_PAGE, Centre
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.metaphase import texts
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.repair_tools import RepairTools
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.review.check_list import CheckList, CheckRow
from karyogui.ui.review.inspector import InspectorPanel
from karyogui.ui.review.rows import row_picture

WHITE = 255
CHECKED = "Separation checked"
LOOKED_AT = "The repaired objects are being analysed"
NEVER_CHECKED = "Separation not checked by the program: analyse the cell again (F5)"
THE_TYPES_NEXT = "Separation checked.  N: the chromosomes whose type is to be reviewed"
TOOL_FIRST = (
    "There is nothing to accept. Esc puts the tool away, then Enter says that the object is right"
)
ALL_DONE = "Separation checked.  Nothing is left to review"
_DECIDED = {EntryState.RIGHT: "Right as it is", EntryState.REPAIRED: "Repaired"}


class CheckController(QObject):
    """Keeps the list of the separation check in step, and does what its keys say."""

    changed = Signal()
    """Another entry is looked at, or none."""

    def __init__(
        self,
        workspace: Workspace,
        open_cell: OpenCell,
        rows: CheckList,
        inspector: InspectorPanel,
        panel: MetaphasePanel,
        tools: RepairTools,
        centre: Centre,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._open, self._window = workspace, open_cell, window
        self._inspector = inspector
        self.list, self._panel, self._tools, self._centre = rows, panel, tools, centre
        self.current: str | None = None
        """The object of the entry that is being looked at."""
        self._worked_off = ""
        self._route: tuple[str, ...] = ()
        self._cell_id: int | None = None
        self._pictures: dict[tuple[str, bytes], QIcon] = {}
        """By id and mask: an object that is read again from the store looks the same."""
        self._lacks_pictures = False
        # Who repairs selects what was made, once all is shown: it is gone on after that.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._go_on)
        open_cell.board.comes_first = self.go
        open_cell.cell_changed.connect(self._on_cell)
        open_cell.karyogram_changed.connect(self._on_cell)
        panel.selection_changed.connect(self._on_picture)
        rows.chosen.connect(self.show)
        rows.take_back_requested.connect(lambda object_id: self._say(object_id, False))

    # -- what there is ---------------------------------------------------------------------------

    @property
    def entries(self) -> tuple[CheckEntry, ...]:
        """The open entries, the most harmful first."""
        return self._open.open_check

    @property
    def can_decide(self) -> bool:
        """Whether an entry is being looked at, and may be settled."""
        return self._is_at_entry and not self._open.is_signed

    @property
    def _is_at_entry(self) -> bool:
        """Whether keys mean the entry that is being looked at, and not the board's selection."""
        if self.current not in {e.object_id for e in self.entries}:
            return False
        is_there = self._centre.page == METAPHASE_PAGE or self.list.list.hasFocus()
        # A tool that proposes something for it shows that in place of the selection.
        of_tool = self._panel.view.has_tool and not self._panel.selection
        return is_there and (of_tool or self._panel.selection == (self.current,))

    # -- going from entry to entry ---------------------------------------------------------------

    def go(self, step: int) -> bool:
        """Show the next (1) or previous (-1) entry; False when the chromosomes' turn has come.

        Entries come first: it goes round them until they are worked off. Only who has gone to the
        chromosomes of the board goes on with these, and after the last one comes to the entries.
        """
        ids = [e.object_id for e in self.entries]
        reviewed = self._open.needs_review
        if not ids:
            self._show_board()
            return False
        if self.current not in ids:
            # Among the chromosomes: after the last of them comes the first entry again.
            at = next((i for i in self._open.selection if i in reviewed), None)
            ends = {1: reviewed[-1:], -1: reviewed[:1]}[step]
            if at is not None and at not in ends:
                return False
            self.show(ids[0] if step > 0 else ids[-1])
            return True
        self.show(ids[(ids.index(self.current) + step) % len(ids)])
        return True

    def show(self, object_id: str) -> None:
        """Show an object of the check in the photograph, with what is around it."""
        panel = self._panel
        entries = {e.object_id: e for e in self.entries}
        self._route = tuple(entries)
        # It is told before anything is selected: then nothing else takes it for a selection.
        self.current = object_id if object_id in entries else None
        if self._centre.page != METAPHASE_PAGE:
            self._centre.show_page(METAPHASE_PAGE)
        panel.set_tool(None)
        found = panel.scene.objects.get(object_id)
        if found is None:
            panel.show_message("This object no longer exists.")
            return
        if found.kind is not ObjectKind.CHROMOSOME and not panel.rejected_are_shown:
            panel.show_rejected(True)
        panel.select((object_id,))
        panel.view.show_close((object_id,))
        self.list.mark(self.current)
        self._say_current(entries)
        if not (self.list.list.hasFocus() or self.list.decided.hasFocus()):
            panel.view.setFocus()
        self.changed.emit()

    def _say_current(self, entries: dict[str, CheckEntry]) -> None:
        if self.current not in entries:
            return
        at, kind = tuple(entries).index(self.current) + 1, self._kind(self.current)
        why = reason(entries[self.current], kind)
        self._panel.hint.say(f"{at} of {len(entries)}: {why}")

    def _leave(self) -> None:
        self.current = None
        self.list.mark(None)
        self._panel.hint.say("")
        self.changed.emit()

    def _show_board(self) -> None:
        """The types are looked at on the board."""
        if self._centre.page == METAPHASE_PAGE and self._open.needs_review:
            self._centre.show_page(KARYOGRAM_PAGE)

    # -- what the keys say -----------------------------------------------------------------------

    def confirm(self) -> None:
        """It is right as it is: the entry that is looked at, else the selection on the board."""
        if not self._is_at_entry or self.current is None:
            self._open.board.confirm_and_go_on()
        elif self._panel.view.has_tool:
            # Its Enter takes what it shows; where it shows nothing, that is no word on the object.
            self._panel.show_message(TOOL_FIRST)
        else:
            self._say(self.current, True)

    def mark(self, kind: str) -> None:
        """Say what the selected objects are; of an entry that is that already: it is right."""
        if self._is_at_entry and self.current is not None:
            if self._kind(self.current) is ObjectKind(kind):
                self._say(self.current, True)
                return
            self._panel.scene.set_selected_ids((self.current,))
        self._tools.mark(kind)

    def _say(self, object_id: str, right: bool) -> None:
        cell = self._open.cell
        if cell is None:
            return
        store = partial(self._store, cell.id, object_id)
        words = "Right as it is" if right else "Not right as it is"
        if self._open.history.do(words, lambda back: store(right is not back)):
            self._open.recorded.emit(ActionKind.CHECK)

    def _store(self, cell_id: int, object_id: str, right: bool) -> Show | None:
        with ErrorsShown(self._window):
            edit = self._workspace.reviews.check(cell_id, object_id, self._open.user(), right)
            return partial(self._take, object_id, right, edit)
        return None

    def _take(self, object_id: str, right: bool, edit: Edit) -> None:
        cell = self._open.cell
        if cell is None:
            return
        check = with_word(cell.check, object_id, right)
        self._open.take(replace(cell, check=check, edits=(*cell.edits, edit)))
        if not right:
            self.show(object_id)

    # -- keeping in step -------------------------------------------------------------------------

    def _on_cell(self) -> None:
        cell = self._open.cell
        if cell is None or cell.id != self._cell_id:
            self._cell_id = cell.id if cell else None
            self.current, self._route, self._pictures = None, (), {}
        self._show_rows()
        self._inspect()
        if self.current is not None and self.current not in {e.object_id for e in self.entries}:
            self._worked_off, self.current = self.current, None
            self._soon.start()

    def _go_on(self) -> None:
        """What was looked at is settled: on to the one that followed it."""
        worked_off, ids = self._worked_off, [e.object_id for e in self.entries]
        if worked_off in ids:
            return
        route = self._route
        after = route[route.index(worked_off) + 1 :] if worked_off in route else ()
        to = next((i for i in after if i in ids), ids[0] if ids else None)
        self._leave()
        if to is None:
            cell, left = self._open.cell, bool(self._open.needs_review)
            told = THE_TYPES_NEXT if left else ALL_DONE
            self._panel.show_message(f"{LOOKED_AT}." if cell and cell.awaits_answer else told)
        elif self._centre.page == METAPHASE_PAGE:
            self.show(to)

    def _on_picture(self, ids: list[str]) -> None:
        """An entry's object that is selected in the photograph is the one that is looked at."""
        entries = {e.object_id: e for e in self.entries}
        if len(ids) == 1 and ids[0] in entries:
            self.current, self._route = ids[0], tuple(entries)
            self._say_current(entries)
        elif ids and self.current not in ids:
            self.current = None
        self.list.mark(self.current)
        self._inspect()
        self.changed.emit()

    def _inspect(self) -> None:
        """Show a selected object that is no chromosome in the inspector, with what it may be."""
        cell, ids = self._open.cell, self._panel.selection
        found = self._panel.scene.objects.get(ids[0]) if len(ids) == 1 else None
        if cell is None or found is None or found.kind is ObjectKind.CHROMOSOME:
            return
        (x, y), (h, w) = found.origin, found.mask.shape
        pixels = self._panel.scene.pixels[y : y + h, x : x + w]
        listed = [e for e in (*self.entries, *cell.check) if e.object_id == found.id]
        entry = next((e for e in listed if e.state is not EntryState.REPAIRED), None)
        types = [(kind, entry.type_probability) for kind in entry.types] if entry else []
        is_asked = entry is not None and (entry in self.entries or not entry.if_lacking)
        why = reason(entry, found.kind) if entry and is_asked else ""
        name = texts.name_of(found.kind)
        self._inspector.show_rejected(name, pixels, found.mask, types, why)

    def _kind(self, object_id: str) -> ObjectKind:
        cell = self._open.cell
        found = next((o for o in cell.objects if o.id == object_id), None) if cell else None
        return found.kind if found is not None else ObjectKind.CHROMOSOME

    # -- rows ------------------------------------------------------------------------------------

    def show_pictures(self) -> None:
        """Show the pictures of the rows as soon as there is a photograph to take them from."""
        cell, shown = self._open.cell, self._panel.cell
        if self._lacks_pictures and cell and shown and cell.id == shown.id:
            self._show_rows()

    def _show_rows(self) -> None:
        self._lacks_pictures = False
        cell, karyogram = self._open.cell, self._open.karyogram
        if cell is None or karyogram is None or not (cell.has_photograph and cell.is_analysed):
            self.list.hide()
            return
        entries = self.entries
        objects = {o.id: o for o in cell.objects}
        rows = [CheckRow(e.object_id, *self._words(e), self._picture(objects, e)) for e in entries]
        decided = [
            self._decided(e, objects, cell) for e in cell.check if e.state is not EntryState.OPEN
        ]
        self.list.show_rows(
            _caption(cell, len(entries)), rows, decided, not (entries or cell.awaits_answer)
        )
        self.list.mark(self.current)

    def _decided(
        self, entry: CheckEntry, objects: dict[str, SeparatedObject], cell: Cell
    ) -> CheckRow:
        said = _DECIDED[entry.state]
        # What it was taken for is not known of an object that has gone.
        words, tip = self._words(entry)
        can = entry.state is EntryState.RIGHT and cell.reviewed_at is None
        picture = self._picture(objects, entry)
        return CheckRow(entry.object_id, f"{said} · {words}", tip, picture, can)

    def _words(self, entry: CheckEntry) -> tuple[str, str]:
        kind = self._kind(entry.object_id)
        return short_reason(entry, kind), reason(entry, kind)

    def _picture(self, objects: dict[str, SeparatedObject], entry: CheckEntry) -> QIcon | None:
        found, cell, shown = objects.get(entry.object_id), self._open.cell, self._panel.cell
        if found is None:
            return None
        key = found.id, found.mask.tobytes()
        if key not in self._pictures:
            (x, y), (h, w) = found.origin, found.mask.shape
            part = self._panel.scene.pixels[y : y + h, x : x + w]
            if part.shape != (h, w) or not (cell and shown and cell.id == shown.id):
                self._lacks_pictures = True
                return None
            self._pictures[key] = row_picture(np.where(found.mask, part, WHITE).astype(np.uint8))
        return self._pictures[key]


def _caption(cell: Cell, left: int) -> str:
    if left:
        return f"{left} to check (N = next)"
    if cell.awaits_answer:
        return LOOKED_AT
    return CHECKED if cell.has_check else NEVER_CHECKED
