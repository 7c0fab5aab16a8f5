"""What can be done with the record as a whole."""

from __future__ import annotations

from karyogui.ui.action_spec import NEEDS_CASE, ActionSpec
from karyogui.ui.record.controller import RecordController


def record_actions(record: RecordController) -> tuple[ActionSpec, ...]:
    """Check, back up, restore, export a case, erase one, its trail."""

    def has_case() -> bool:
        return record.has_case

    return (
        ActionSpec(
            "file.check",
            "Check data folder",
            "check-folder",
            record.check,
            tip="Check that database, pictures, trail and sign-offs are as they were stored",
        ),
        ActionSpec(
            "file.backup",
            "Back up…",
            "backup",
            record.back_up,
            tip="Write everything to one verified file; you can keep working",
        ),
        ActionSpec("file.restore", "Restore from backup…", "backup-restore", record.restore),
        ActionSpec(
            "file.export_case",
            "Export case…",
            "export",
            record.export_case,
            enabled_when=has_case,
            tip="The whole case in one file for another KaryoGUI, or without names",
            otherwise=NEEDS_CASE,
        ),
        ActionSpec(
            "edit.erase",
            "Erase case for good…",
            "erase-case",
            record.erase,
            enabled_when=has_case,
            tip="Delete a case permanently, with a reason",
            otherwise=NEEDS_CASE,
        ),
        ActionSpec(
            "review.trail",
            "Trail of the case…",
            "trail",
            record.show_trail,
            enabled_when=has_case,
            tip="Every stored change: who, when, before and after",
            otherwise=NEEDS_CASE,
        ),
    )
