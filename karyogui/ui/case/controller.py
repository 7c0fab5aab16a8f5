"""The work at a case: keeps its page in step with the store, and records what persons note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from karyogui.domain.case_result import CaseCell, CellStatus, Protocol, RulingKind
from karyogui.domain.notes import CellField, NoteChange, value_of
from karyogui.services import case_work
from karyogui.services.case_work import CaseView
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.case.panel import CasePanel
from karyogui.ui.case.result_tree import Entry
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.dialogs.parts import SavePlace, accepted
from karyogui.ui.job_bar import JobBar
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.widgets import Notice, Tone

if TYPE_CHECKING:
    from karyogui.ui.case.dialogs import Choice


class CaseWorkController(QObject):
    """The case of the open cell. Its acts have a history of their own while its page is shown."""

    notice_raised = Signal(object)
    notes_changed = Signal()
    """Something was noted: views of the case's cells show them again."""

    def __init__(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        open_cell: OpenCell,
        jobs: JobBar,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._settings, self._window = workspace, settings, window
        self._jobs = jobs
        self._work, self._open = workspace.case_work, open_cell
        self._place = SavePlace()
        self.panel = CasePanel()
        self.is_shown = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._refresh_if_new)
        self._seen: tuple[int, int] | None = None
        self.panel.head.protocol_requested.connect(self.choose_protocol)
        self.panel.head.cultures_requested.connect(self.edit_cultures)
        self.panel.head.karyotype_requested.connect(self.edit_karyotype)
        self.panel.head.copy_requested.connect(self.copy_karyotype)

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def view(self) -> CaseView | None:
        """The case as it is shown; None without one."""
        return self.panel.view if self._open.cell is not None else None

    @property
    def chosen(self) -> tuple[CaseCell, ...]:
        """The selected cells."""
        view = self.view
        cells = {cell.id: cell for cell in view.cells} if view else {}
        return tuple(cells[i] for i in self.panel.table.chosen if i in cells)

    @property
    def presets(self) -> tuple[Protocol, ...]:
        """The laboratory's protocols."""
        return case_work.presets_of(self._settings.values.protocols)[0]

    def show_page(self, shown: bool) -> None:
        """The page is in front, or not any more: its history goes on, or that of the cell."""
        if shown == self.is_shown:
            return
        self.is_shown = shown
        cell = self._open.cell
        if shown:
            self.refresh()
        if cell is not None:
            key = -cell.case_id if shown else cell.id
            self._open.history.turn_to(key, begin=False)

    def refresh_soon(self) -> None:
        """Show what has become of the case, once, at the end of the event."""
        if self.is_shown:
            self._soon.start()

    def refresh(self, change: NoteChange | None = None) -> None:
        """Show the case as it is now; `change` is an act that has just been stored."""
        self._soon.stop()
        cell, view = self._open.cell, self.view
        if cell is None or not self.is_shown:
            return
        newest = self._work.newest
        # Nothing but the act has been stored since the case was read.
        follows = change is not None and self._seen == (cell.case_id, newest - 1)
        with ErrorsShown(self._window):
            if follows and change is not None and view is not None:
                view = self._work.view_after(view, change, self.presets)
            else:
                view = self._work.view(cell.case_id, self.presets)
            self._seen = cell.case_id, newest
            self.panel.show_view(view)
            self._open.history.turn_to(-cell.case_id, begin=False)

    def _refresh_if_new(self) -> None:
        """Show the case again where anything was stored since: many cells take their time."""
        cell = self._open.cell
        if cell is not None and self._seen != (cell.case_id, self._work.newest):
            self.refresh()

    # -- acts on cells ---------------------------------------------------------------------------

    @property
    def has_cells(self) -> bool:
        """Whether there are cells to note something of, and none is excluded."""
        if self.is_shown:
            return any(not cell.excluded for cell in self.chosen)
        return self._open.cell is not None and not self._open.cell.is_excluded

    def set_status(self, status: CellStatus) -> None:
        """Give the selected cells, or the open one, a status; to do takes it away."""
        typed = "" if status is CellStatus.OPEN else str(status)
        if self.is_shown:
            self._note([(CellField.STATUS, typed)])
        elif (cell := self._open.cell) is not None:
            self._do(lambda: case_work.set_status(cell, typed))

    def note(self) -> None:
        """Ask for culture, slide, coordinates and bands of the selected cells."""
        from karyogui.ui.case.dialogs import NOTED, NoteDialog

        view, cells = self.view, self.chosen
        if view is None or not cells:
            return
        notes = {cell.id: cell.note for cell in view.case.cells}
        slides = {cell.id: cell.slide for cell in cells}

        def told(field: CellField) -> list[str]:
            if field is CellField.SLIDE:
                return sorted(set(slides.values()))
            return sorted({str(value_of(notes[cell.id], field) or "") for cell in cells})

        what = cells[0].name if len(cells) == 1 else f"{len(cells)} cells"
        dialog = NoteDialog(self._window, what, {field: told(field) for field, *_ in NOTED})
        if accepted(dialog):
            self._note(list(dialog.typed.items()))

    def _note(self, typed: Sequence[tuple[CellField, str]]) -> None:
        view, ids = self.view, [cell.id for cell in self.chosen if not cell.excluded]
        if view is None or not ids or not typed:
            return
        case = view.case

        def make() -> NoteChange:
            changes = [case_work.set_field(case, ids, field, text) for field, text in typed]
            return case_work.together(changes[0].text if len(changes) == 1 else "Notes", changes)

        self._do(make)

    # -- acts on the case ------------------------------------------------------------------------

    def choose_protocol(self) -> None:
        """Ask for the protocol of the case and the constitution of its person."""
        from karyogui.ui.case.protocol_dialogs import ProtocolDialog

        view = self.view
        if view is None:
            return
        dialog = ProtocolDialog(self._window, view, self.presets)
        if not accepted(dialog):
            return
        protocol = dialog.form.protocol
        sex, changes = dialog.sex.text(), dialog.changes.text().split(",")

        def make() -> NoteChange:
            made = [case_work.set_constitution(view.case, sex, changes)]
            made.append(case_work.set_protocol(view.case, protocol))
            return case_work.together(made[-1].text, made)

        self._do(make)

    def edit_cultures(self) -> None:
        """Ask when the cultures of the case were set up and harvested."""
        from karyogui.ui.case.dialogs import CultureDialog

        view = self.view
        if view is None:
            return
        case = view.case
        dialog = CultureDialog(
            self._window, view.cultures, lambda times: case_work.set_cultures(case, times)
        )
        if accepted(dialog):
            times = dialog.times
            self._do(lambda: case_work.set_cultures(case, times))

    def edit_presets(self) -> None:
        """Edit the laboratory's protocols."""
        from karyogui.domain.case_result.protocol import to_json
        from karyogui.ui.case.protocol_dialogs import PresetsDialog

        presets, problems = case_work.presets_of(self._settings.values.protocols)
        dialog = PresetsDialog(self._window, presets, problems)
        if accepted(dialog):
            stored = tuple(to_json(preset) for preset in dialog.presets)
            with ErrorsShown(self._window):
                self._settings.change(replace(self._settings.values, protocols=stored))
            self.refresh()

    def edit_karyotype(self) -> None:
        """Check, and where need be type, the karyotype of the case."""
        from karyogui.ui.case.dialogs import KaryotypeDialog

        view = self.view
        if view is None:
            return
        dialog = KaryotypeDialog(self._window, view)
        if accepted(dialog):
            text, reason = dialog.text, dialog.reason.text()
            self._do(lambda: case_work.set_iscn(view, text, reason))

    def copy_karyotype(self) -> None:
        """Copy the karyotype of the case."""
        if self.view is not None:
            QGuiApplication.clipboard().setText(self.view.iscn)

    # -- rulings ---------------------------------------------------------------------------------

    @property
    def choices(self) -> tuple[Choice, ...]:
        """In what ways what is chosen can be overruled."""
        from karyogui.ui.case.dialogs import Choice

        entry, cells, view = self.panel.result.entry, self.chosen, self.view
        if view is None:
            return ()
        if entry is not None and entry.change:
            return (_of_change(entry),)
        found = []
        if entry is not None and entry.line is not None and view.protocol.neoplastic:
            other = RulingKind.SEPARATE if entry.composite else RulingKind.COMPOSITE
            words = "each line by itself" if entry.composite else "related lines as one composite"
            found.append(Choice(f"Write {words}", other))
        if entry is None or not entry.cells:
            found += _of_cells(view, cells)
        sexes = {c.change for line in view.result.lines for c in line.changes
                 if c.change.startswith("sex ")}  # fmt: skip
        if sexes:
            found.append(Choice("The lines are those of two persons (chi)", RulingKind.CHIMERA))
        others = sexes & {"sex XX", "sex XY"}
        if others:
            letters = " or ".join(sorted(sex.removeprefix("sex ") for sex in others))
            words = f"The cells with {letters} are the donor's (recipient//donor)"
            found.append(Choice(words, RulingKind.DONOR))
        return tuple(found)

    def overrule(self) -> None:
        """Ask what is to hold instead of the rule, and why."""
        from karyogui.ui.case.dialogs import RulingDialog

        view, choices = self.view, self.choices
        if view is None or not choices:
            return
        entry = self.panel.result.entry
        decided = [
            d.reason for d in view.result.decisions if entry and d.copy.change == entry.change
        ]
        dialog = RulingDialog(self._window, " ".join(decided) or "By the rules, cells with equal "
                              "changes are one line.", choices)  # fmt: skip
        if not accepted(dialog):
            return
        chosen, reason, who = dialog.chosen, dialog.reason.text(), self._open.user()
        subjects = [str(i) for i in chosen.cells] or [chosen.subject]
        self._do(
            lambda: case_work.rule(view.case, chosen.kind, subjects, reason, who, chosen.changes)
        )

    @property
    def can_withdraw(self) -> bool:
        """Whether what is chosen is a ruling."""
        entry = self.panel.result.entry
        return self.view is not None and entry is not None and entry.ruling is not None

    def withdraw(self) -> None:
        """Let the rule hold again."""
        view, entry = self.view, self.panel.result.entry
        if view is not None and entry is not None and entry.ruling is not None:
            ruling = entry.ruling
            self._do(lambda: case_work.withdraw(view.case, ruling))

    # -- score sheet -----------------------------------------------------------------------------

    def export_sheet(self, suffix: str) -> None:
        """Ask where, and write the score sheet as `csv` or `xlsx`."""
        view = self.view
        if view is None:
            return
        from karyogui.export.score_sheet import WRITERS

        writer = WRITERS[suffix]
        name = f"{view.case.name} score sheet.{suffix}"
        path = self._place.ask(self._window, "Score sheet", name, writer.label)
        if path is None:
            return
        self._jobs.run(
            "Writing the score sheet",
            lambda _: self._work.export(view, writer, path),
            lambda _: self.notice_raised.emit(Notice(f"{path.name} was written.", Tone.DONE)),
        )

    # -- inside ----------------------------------------------------------------------------------

    def _do(self, make: Callable[[], NoteChange]) -> None:
        self._open.note(make, self._show, self.refresh_soon)

    def _show(self, change: NoteChange) -> None:
        cell = self._open.cell
        if cell is not None and cell.id in {noted.cell_id for noted in change.after}:
            self._open.take(self._workspace.library.cell(cell.id, cell))
        self.refresh(change)
        self.notes_changed.emit()


def _of_change(entry: Entry) -> Choice:
    from karyogui.ui.case.dialogs import Choice

    if entry.is_reported:
        return Choice(f"{entry.change} is not reported", RulingKind.DISREGARD, entry.change)
    return Choice(f"{entry.change} is reported", RulingKind.REPORT, entry.change)


def _of_cells(view: CaseView, cells: Sequence[CaseCell]) -> list[Choice]:
    """The lines that the selected cells are not in."""
    from karyogui.ui.case.dialogs import Choice

    if not cells or any(cell.excluded for cell in cells):
        return []
    found = []
    what = f"{cells[0].name} belongs" if len(cells) == 1 else f"{len(cells)} cells belong"
    for number, line in enumerate(view.result.lines, 1):
        if not all(cell.id in line.cells for cell in cells) and not line.composite:
            changes = ", ".join(line.texts) or "no change"
            words = f"{what} to line {number}: {changes}"
            ids = tuple(cell.id for cell in cells)
            found.append(Choice(words, RulingKind.PLACE, "", line.texts, ids))
    donors = {i for line in view.result.lines if line.donor for i in line.cells}
    if ids := tuple(cell.id for cell in cells if cell.id not in donors):
        what = f"{view.cell(ids[0]).name} is" if len(ids) == 1 else f"{len(ids)} cells are"
        found.append(Choice(f"{what} a donor's (recipient//donor)", RulingKind.DONOR, cells=ids))
    return found
