"""Enters, alters and removes labelled changes of cells, each one step of the cell's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from karyogui.domain.amounts import listed
from karyogui.domain.board_comparison import BoardComparison, compare_board
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Change, slot_name
from karyogui.domain.labelled_changes import LabelledChange, labels_of, next_id, texts_of, troubles
from karyogui.domain.review import Edit
from karyogui.domain.sitting import ActionKind
from karyogui.services.workspace import Workspace
from karyogui.ui.board.commands import Show, StoredStep
from karyogui.ui.changes.change_list import ChangeList
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.open_cell import OpenCell

Act = tuple[int, LabelledChange]
"""A change entered in a cell: the id of the cell, and the change."""


class ChangesController(QObject):
    """Between the dialog, the list in the findings, the board's labels and the store."""

    entered = Signal(str)
    """A change was entered: its text."""

    def __init__(
        self, workspace: Workspace, open_cell: OpenCell, rows: ChangeList, window: QWidget
    ) -> None:
        super().__init__(window)
        self._reviews, self._open, self._window = workspace.reviews, open_cell, window
        self.rows = rows
        self.last_text = ""
        """What was entered last: offered where it is looked for in other cells."""
        open_cell.cell_changed.connect(self.show)
        open_cell.karyogram_changed.connect(self.show)
        rows.chosen.connect(self._select)
        rows.alter_requested.connect(self.alter)
        rows.remove_requested.connect(self.remove)
        self._told: tuple[str, ...] = ()
        self._cell_id: int | None = None

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def can_enter(self) -> bool:
        """Whether the open cell has chromosomes and is not signed off."""
        return self._open.is_analysed and not self._open.is_signed

    def show(self) -> None:
        """Show the changes of the open cell, in the findings and on its board."""
        cell = self._open.cell
        changes = cell.changes if cell else ()
        slots = self._open.slots
        asked = troubles(changes, slots)
        told = tuple(trouble.text for trouble in asked)
        fresh = [text for text in told if text not in self._told]
        if fresh and cell is not None and cell.id == self._cell_id:
            self._open.say(fresh[0])  # nothing is lost silently
        self._told, self._cell_id = told, cell.id if cell else None
        where = {i: slot_name(slot) for i, slot in slots.items()}
        self.rows.show_changes(changes, asked, where)
        self._open.board.view.board_scene.show_labels(labels_of(changes), words_of(changes))

    def _select(self, change_id: str) -> None:
        change = self._change(change_id)
        if change is not None:
            there = self._open.slots
            self._open.board.select([i for i in change.chromosome_ids if i in there])

    def _change(self, change_id: str) -> LabelledChange | None:
        cell = self._open.cell
        return next((c for c in cell.changes if c.id == change_id), None) if cell else None

    # -- acting ----------------------------------------------------------------------------------

    def enter(self) -> None:
        """Ask for a change of the selected chromosomes; where they carry one, alter that."""
        cell = self._open.cell
        if cell is None or not self.can_enter:
            return
        chosen = self._open.selection
        carried = [c for c in cell.changes if chosen and set(chosen) <= set(c.chromosome_ids)]
        if len(carried) == 1:
            self.alter(carried[0].id)
            return
        text = self.ask(chosen, self.suggested(chosen))
        if text is not None and text[0]:
            self.enter_text(text[0], chosen)

    def suggested(self, chosen: Sequence[str]) -> str:
        """What was entered last, where it fits what is marked: the same change in another cell."""
        trial = LabelledChange("new", self.last_text, tuple(chosen))
        return self.last_text if chosen and not troubles((trial,), self._open.slots) else ""

    def alter(self, change_id: str) -> None:
        """Ask what a change of the open cell shall be instead, or whether it is to be removed.

        Selected chromosomes carry it from then on, where it has lost its own.
        """
        change, cell = self._change(change_id), self._open.cell
        if change is None or cell is None or not self.can_enter:
            return
        there = self._open.slots
        bearers = tuple(i for i in change.chromosome_ids if i in there)
        if len(bearers) < len(change.chromosome_ids) or not bearers:
            bearers = tuple(dict.fromkeys((*bearers, *self._open.selection)))
        answer = self.ask(bearers, change.text, change.id)
        if answer is None:
            return
        text, is_removed = answer
        if is_removed:
            self._do(cell.id, change, None)
        elif (text, bearers) != (change.text, change.chromosome_ids):
            self._do(cell.id, change, replace(change, text=text, chromosome_ids=bearers))

    def remove(self, change_id: str) -> None:
        """Take a change of the open cell away; that can be undone."""
        change, cell = self._change(change_id), self._open.cell
        if change is not None and cell is not None and self.can_enter:
            self._do(cell.id, change, None)

    def enter_text(
        self, text: str, chromosome_ids: Sequence[str], together: list[Act] | None = None
    ) -> bool:
        """Enter a change on chromosomes of the open cell; False when that is refused.

        It is a step of the cell's history, or one of those that are taken back `together`.
        """
        cell = self._open.cell
        if cell is None:
            return False
        taken = [edit.change.text for edit in cell.edits]
        change = LabelledChange(
            next_id(cell.changes, self._used(taken)), text, tuple(chromosome_ids), self._open.user()
        )
        done = self._do(cell.id, None, change, together)
        if done:
            self.last_text = text
            self.entered.emit(text)
        return done

    def ask(self, chosen: Sequence[str], text: str, own_id: str = "") -> tuple[str, bool] | None:
        """Ask in the dialog: the text and whether it is to be removed; None when given up."""
        from karyogui.ui.changes.dialog import REMOVE, ChangeDialog

        cell = self._open.cell
        if cell is None:
            return None
        slots = self._open.slots
        types = tuple(slots[i] for i in chosen if i in slots)
        others = [c for c in cell.changes if c.id != own_id]

        def fits(typed: str) -> str:
            trial = LabelledChange(own_id or "new", typed, tuple(chosen))
            asked = troubles((*others, trial), slots)
            return next((t.text for t in asked if t.change_id == trial.id), "")

        dialog = ChangeDialog(
            self._window,
            marked_words(types),
            types,
            text,
            [c.text for c in others],
            fits,
            can_remove=bool(own_id),
        )
        result, answer = dialog.exec(), dialog.text
        dialog.deleteLater()
        if result == REMOVE:
            return text, True
        return (answer, False) if result == QDialog.DialogCode.Accepted else None

    @staticmethod
    def _used(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"s{n}" for n in range(1, 1 + sum("Change entered" in t for t in texts)))

    def take_back_together(self, acts: Sequence[Act]) -> None:
        """Make one step of a change that was entered in several cells; the open cell has it."""
        if acts:
            text = f"Enter {acts[0][1].text} in {len(acts)} cells"
            self._open.history.push(StoredStep(text, partial(self._store_all, tuple(acts))))

    def _store_all(self, acts: Sequence[Act], back: bool) -> Show | None:
        """Store it in each cell; what was done is undone where one of them refuses."""
        shows: list[Show] = []
        for number, act in enumerate(acts):
            show = self._store_one(act, back)
            if show is None:
                for done in acts[:number]:
                    self._store_one(done, not back)
                return None
            shows.append(show)

        def show_all() -> None:
            for show in shows:
                show()

        return show_all

    def _store_one(self, act: Act, back: bool) -> Show | None:
        cell_id, change = act
        return self.store(cell_id, *((change, None) if back else (None, change)))

    def _do(
        self,
        cell_id: int,
        before: LabelledChange | None,
        after: LabelledChange | None,
        together: list[Act] | None = None,
    ) -> bool:
        def store(back: bool) -> Show | None:
            return self.store(cell_id, *((after, before) if back else (before, after)))

        if together is None:
            words = "Enter" if before is None else "Remove" if after is None else "Alter"
            change = after or before
            return self._open.history.do(f"{words} {change.text if change else ''}", store)
        show = store(False)
        if show is None:
            return False
        if after is not None:
            together.append((cell_id, after))
        show()
        return True

    def store(
        self, cell_id: int, before: LabelledChange | None, after: LabelledChange | None
    ) -> Show | None:
        """Store an act and return what shows it; None, with the reason shown, when refused."""
        with ErrorsShown(self._window):
            edit = self._reviews.label(cell_id, before, after, self._open.user())
            return lambda: self._show_stored(cell_id, before, after, edit)
        return None

    def _show_stored(
        self,
        cell_id: int,
        before: LabelledChange | None,
        after: LabelledChange | None,
        edit: Edit,
    ) -> None:
        cell = self._open.cell
        if cell is None or cell.id != cell_id:
            return
        self._open.take(_with(cell, before, after, edit))
        if not self._open.history.is_stepping:
            self._open.recorded.emit(ActionKind.LABEL)


def _with(
    cell: Cell, before: LabelledChange | None, after: LabelledChange | None, edit: Edit
) -> Cell:
    """The cell after an act, as the store has it."""
    from karyogui.domain.iscn.items import read_item

    if after is not None:
        after = replace(after, who=edit.who, when=edit.when, text=read_item(after.text).text)
    own_id = (after or before or LabelledChange("", "", ())).id
    told = {c.id: c for c in cell.changes}
    if after is None:
        told.pop(own_id, None)
    else:
        told[own_id] = after
    shown = Edit(edit.who, edit.when, Change(edit.change.text, (), (), kind=ActionKind.LABEL))
    standing = tuple(sorted(told.values(), key=lambda change: change.number))
    return replace(cell, changes=standing, edits=(*cell.edits, shown))


def words_of(changes: Sequence[LabelledChange]) -> dict[str, str]:
    """What a chromosome carries, by its id: for tooltip and screen reader."""
    return {own_id: f"carries {text}" for own_id, text in texts_of(changes).items()}


def marked_words(types: Sequence[str]) -> str:
    """Which chromosomes are marked, in words."""
    if not types:
        return "No chromosome is marked: a change of the cell, such as dmin."
    names = [slot_name(t) for t in types]
    which = listed(names)
    return f"On the marked {'chromosome' if len(names) == 1 else 'chromosomes'} {which}"


_SHOWN = 300


class ComparingController(QObject):
    """Keeps what differs marked while the board is edited, until a person has seen enough."""

    def __init__(self, open_cell: OpenCell, window: QWidget) -> None:
        super().__init__(window)
        self._open = open_cell
        self.karyotype = ""
        """What the board is compared with; empty for nothing."""
        self._cell_id: int | None = None
        open_cell.karyogram_changed.connect(self._show)
        open_cell.cell_changed.connect(self._show)

    def compare(self, typed: str) -> BoardComparison | None:
        """How the board differs from a karyotype; None where nothing can be said."""
        cell, karyogram = self._open.cell, self._open.karyogram
        if cell is None or karyogram is None or not cell.chromosomes:
            return None
        return compare_board(typed, karyogram.counts, cell.changes, self._open.slots)

    def begin(self, typed: str) -> None:
        """Mark on the board what differs from a karyotype."""
        self.karyotype = typed
        self._cell_id = self._open.cell.id if self._open.cell else None
        self._show()

    @property
    def is_comparing(self) -> bool:
        """Whether differences are marked."""
        return bool(self.karyotype)

    def end(self) -> None:
        """Mark nothing any more."""
        self.karyotype = ""
        self._open.board.view.board_scene.show_differences({})
        self._open.board.show_hint("")
        self._open.edited.emit()

    def _show(self) -> None:
        if not self.karyotype:
            return
        cell = self._open.cell
        found = self.compare(self.karyotype) if cell and cell.id == self._cell_id else None
        if found is None:
            self.end()
            return
        self._open.board.view.board_scene.show_differences(found.marks)
        told = found.text if len(found.text) < _SHOWN else f"{found.text[:_SHOWN]} …"
        self._open.board.show_hint(f"{self.karyotype}: {told} Shift+Esc ends the comparison.")
