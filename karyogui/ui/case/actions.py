"""What can be done with a case and the selected ones of its cells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from karyogui.domain.case_result import CellStatus
from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.case.controller import CaseWorkController
from karyogui.ui.metaphase.counting import CountController

STATUS_KEYS = {
    CellStatus.COUNTED: "T",
    CellStatus.ANALYSED: "V",
    CellStatus.KARYOTYPED: "K",
    CellStatus.SCORED: "F",
    CellStatus.OPEN: "U",
}
ACTS = (*(f"case.{status.name.lower()}" for status in STATUS_KEYS), "case.note", "case.overrule")
"""What stands above the table of cells."""


def case_work_actions(work: CaseWorkController) -> tuple[ActionSpec, ...]:
    """The page of the case; the keys of a status work in the table of its cells."""

    def is_shown() -> bool:
        return work.is_shown and work.view is not None

    def is_chosen() -> bool:
        return is_shown() and any(not cell.excluded for cell in work.chosen)

    def set_to(status: CellStatus, key: str) -> ActionSpec:
        name = status.name.lower()
        return ActionSpec(
            f"case.{name}",
            f"{str(status).capitalize()}",
            f"status-{name}",
            lambda: work.set_status(status),
            (key,),
            lambda: work.has_cells,
            scope=Scope.CASE,
            tip=_TIPS[status],
            otherwise="Needs a cell that counts",
        )

    def act(
        name: str,
        text: str,
        icon: str,
        callback: Callable[[], object],
        enabled_when: Callable[[], bool],
        tip: str = "",
        otherwise: str = "",
        keys: tuple[str, ...] = (),
    ) -> ActionSpec:
        return ActionSpec(f"case.{name}", text, icon, callback, keys, enabled_when,
                          Scope.CASE if keys else Scope.WINDOW, tip=tip,
                          otherwise=otherwise)  # fmt: skip

    return (
        act("protocol", "Protocol of the case…", "protocol", work.choose_protocol, is_shown,
            "How many cells and cultures are required, and what counts as a clone", _PAGE),
        act("cultures", "Cultures of the case…", "cultures", work.edit_cultures, is_shown,
            "When each culture was set up and harvested", _PAGE),
        act("karyotype", "Karyotype of the case…", "karyotype", work.edit_karyotype, is_shown,
            "Check it, or write another one with a reason", _PAGE),
        *(set_to(status, key) for status, key in STATUS_KEYS.items()),
        act("note", "Edit notes…", "note-cells", work.note, is_chosen,
            "Culture, slide, colony, stage coordinates and bands of the selected cells",
            "Needs selected cells on the page of the case", ("G",)),
        act("overrule", "Overrule…", "ruling", work.overrule,
            lambda: is_shown() and bool(work.choices),
            "Overrule the rules for the selected change, line or cells, with a reason",
            "Choose a change or a line below, or cells above"),
        act("withdraw", "Withdraw ruling", "ruling-withdraw", work.withdraw,
            lambda: is_shown() and work.can_withdraw, otherwise="Choose a ruling below"),
        *(act(f"sheet_{form}", f"Score sheet as {form.upper()}…", f"sheet-{form}",
              partial(work.export_sheet, form), is_shown, otherwise=_PAGE)
          for form in ("csv", "xlsx")),
        ActionSpec("edit.presets", "Protocols…", "presets", work.edit_presets,
                   tip="The laboratory's protocols: numbers of cells, clones, bands"),
    )  # fmt: skip


def count_actions(counting: CountController) -> tuple[ActionSpec, ...]:
    """Counting in the photograph."""
    return (
        ActionSpec(
            "metaphase.count",
            "Count chromosomes",
            "count",
            counting.toggle,
            ("T",),
            lambda: counting.can_count,
            scope=Scope.METAPHASE,
            checkable=True,
            tip="Click on each chromosome: numbered marks are kept, nothing is separated",
            otherwise="Needs a photograph",
        ),
    )


_PAGE = "Needs the page of a case: Ctrl+4"
_TIPS = {
    CellStatus.COUNTED: "The number of chromosomes is established",
    CellStatus.ANALYSED: "Every chromosome was evaluated",
    CellStatus.KARYOTYPED: "A person arranged its karyogram",
    CellStatus.SCORED: "Examined for one feature only",
    CellStatus.OPEN: "Not yet counted or analysed",
}
