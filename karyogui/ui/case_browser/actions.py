"""What can be done with cases."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.case_browser.controller import CaseController
from karyogui.ui.case_browser.exclusion import ExclusionController
from karyogui.ui.case_browser.reanalysis import ReanalysisController
from karyogui.ui.case_browser.selection import whole_cases


def case_actions(cases: CaseController, reanalysis: ReanalysisController) -> tuple[ActionSpec, ...]:
    """Import, and the rows of the case browser."""

    def rows_are_meant(in_bin: bool) -> bool:
        panel = cases.panel
        return reanalysis.on_cases() and panel.shows_bin is in_bin and bool(panel.selected_ids())

    def is_chosen() -> bool:
        return rows_are_meant(in_bin=False)

    def cases_are_chosen() -> bool:
        return reanalysis.on_cases() and bool(whole_cases(cases.panel))

    def is_in_bin() -> bool:
        return rows_are_meant(in_bin=True)

    files, folder, demo = cases.choose_files, cases.choose_folder, cases.import_demo
    rename, delete, restore = cases.rename_selected, cases.delete_selected, cases.restore_selected
    rows = Scope.BROWSER
    return (
        ActionSpec("file.import", "Import pictures…", "import", files, ("Ctrl+O",)),
        ActionSpec(
            "file.import_folder", "Import folder…", "import-folder", folder, ("Ctrl+Shift+O",)
        ),
        ActionSpec(
            "file.import_into",
            "Add pictures to case…",
            "import-into",
            cases.choose_files_for_case,
            enabled_when=is_chosen,
            tip="Import more cells into the selected case",
        ),
        ActionSpec("file.demo", "Open demonstration cases", "chromosome", demo),
        ActionSpec(
            "edit.rename",
            "Rename case",
            "rename",
            rename,
            ("F2",),
            cases_are_chosen,
            scope=rows,
            otherwise="Needs a selected case",
        ),
        ActionSpec(
            "edit.delete",
            "Move case to the bin",
            "delete",
            delete,
            ("Del",),
            cases_are_chosen,
            scope=rows,
            otherwise="Needs selected cases; of selected cells, Del excludes them",
        ),
        ActionSpec("edit.restore", "Restore case from the bin", "restore", restore, (), is_in_bin),
    )


def exclusion_actions(exclusion: ExclusionController) -> tuple[ActionSpec, ...]:
    """Whether cells count in their case."""
    return (
        ActionSpec(
            "cell.exclude",
            "Exclude from case…",
            "exclude",
            exclusion.exclude,
            enabled_when=lambda: bool(exclusion.counted),
            tip="Exclude this cell, or the selected ones, from the case; nothing is lost",
            otherwise="Needs a cell that counts",
        ),
        ActionSpec(
            "cell.take_back",
            "Take back into case",
            "take-back",
            exclusion.take_back,
            enabled_when=lambda: bool(exclusion.excluded),
            otherwise="Needs an excluded cell",
        ),
    )


def many_cells_actions(
    cases: CaseController, reanalysis: ReanalysisController
) -> tuple[ActionSpec, ...]:
    """Analysing more than the open cell."""
    needed = "Needs an analysed cell that is not signed off, nor being analysed or repaired"
    return (
        ActionSpec(
            "cell.reanalyse",
            "Analyse again",
            "analyse-again",
            reanalysis.analyse,
            ("Ctrl+Shift+F5",),
            lambda: bool(reanalysis.cell_ids),
            tip="Separate and classify this cell, or the selected ones, as if for the first time",
            otherwise=needed,
        ),
        ActionSpec(
            "cell.analyse_all",
            "Analyse all new cells",
            "analyse-all",
            cases.analyse_new,
            ("Shift+F5",),
            lambda: cases.counts.new_cells > 0,
            otherwise="Every cell has been analysed",
        ),
    )
