"""What was altered outside the program is not printed as signed; what was not, is not called so."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from karyogui.cli import main
from karyogui.domain.case_review import ActKind, CaseAct, ReportVersion, Role
from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.export.case_report_pdf import missing_points
from karyogui.paths import REPORT_WORDS
from karyogui.services.progress import SilentMonitor
from karyogui.services.report_templates import load_templates
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage import trail
from tests.unit.records import NOW, analysed, write_photographs
from tests.unit.services.metaphases import FakeReader

ISSUED = b"%PDF-1.7 as it was issued"


def altered_by(folder: Path, *statements: str) -> None:
    """Alter a database by SQL, in spite of its triggers."""
    with closing(sqlite3.connect(folder / "karyogui.db", isolation_level=None)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)


@pytest.fixture
def approved(filled_folder: Path) -> Path:
    """The report of case 1 is signed by three and approved, as it is now."""
    with closing(open_workspace(filled_folder)) as workspace:
        reports = workspace.case_reports
        report = reports.report(1)
        for role, who in zip(Role, ("Ann Lee", "Bert Ozil", "Dora Lee"), strict=True):
            act = CaseAct(ActKind.SIGN, who, NOW, 1, role, "read", fingerprint=report.fingerprint)
            version = (ReportVersion(1, who, NOW, "", report.content), ISSUED)
            is_last = role is Role.APPROVED
            reports._reviews.add(1, lambda _, act=act: act, version if is_last else None)
        made = reports.report(1)
        assert made.is_final
        assert all(made.signature(role) for role in Role)
        assert reports.version(1, 1) == ISSUED
    return filled_folder


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE report_version SET pdf = x'255044462d'",
        "UPDATE case_act SET who = 'Mallory Evil' WHERE role = 'approved'",
        "DELETE FROM case_act WHERE role = 'analysed'",
        "UPDATE report_version SET content = replace(content, 'Eve', 'Ada')",
        "UPDATE \"case\" SET name = 'Another' WHERE id = 1",
        "INSERT INTO case_act (case_id, kind, who, at, version, role, meaning, reason, "
        "fingerprint, told) SELECT case_id, kind, 'Mallory Evil', at, version, role, meaning, "
        "reason, fingerprint, told FROM case_act WHERE role = 'approved'",
    ],
)
def test_no_signature_is_printed_under_what_was_altered(
    approved: Path, statement: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered_by(approved, statement)
    with closing(open_workspace(approved)) as workspace:
        report = workspace.case_reports.report(1)
        assert "outside the program" in report.altered
        assert not report.is_final
        assert [report.signature(role) for role in Role] == [None] * 3
        assert report.needs_for_final == (report.altered,)
        for template in load_templates(REPORT_WORDS).usable:
            assert template["need_altered"] in missing_points(report, template)
        with pytest.raises(KaryoError, match="Version 1 is not shown"):
            workspace.case_reports.version(1, 1)
        name = report.case_name
    out = tmp_path / "out.pdf"
    command = ["case-report", "--case", name, "--out", str(out), "--data-folder", str(approved)]
    for more in (["--version", "1"], ["--final"]):
        assert main([*command, *more]) == 2
        assert "outside the program" in capsys.readouterr().err
        assert not out.exists()


def test_an_altered_report_takes_no_signature(filled_folder: Path) -> None:
    altered_by(filled_folder, "UPDATE \"case\" SET created = '2020-01-01 00:00:00' WHERE id = 1")
    with (
        closing(open_workspace(filled_folder)) as workspace,
        pytest.raises(KaryoError, match="outside the program"),
    ):
        workspace.case_reports.sign(1, Role.ANALYSED, "Ann Lee", "read")


def _one_then_another(workspace: Workspace, folder: Path) -> Sequence[int]:
    analysed(workspace, folder / "first", 1)
    more = write_photographs(folder / "second", 1, first=5)
    came = workspace.importer.import_paths([more], SilentMonitor(), 1, PictureKind.METAPHASE)
    return came.cell_ids


def _several_one_by_one(workspace: Workspace, folder: Path) -> Sequence[int]:
    _one_then_another(workspace, folder)
    third = write_photographs(folder / "third", 1, first=9)
    came = workspace.importer.import_paths([third], SilentMonitor(), 1, PictureKind.METAPHASE)
    return (2, *came.cell_ids)


@pytest.mark.parametrize("make", [_one_then_another, _several_one_by_one])
def test_a_case_that_grew_from_one_photograph_is_not_called_altered(
    tmp_path: Path, make: Callable[[Workspace, Path], Sequence[int]]
) -> None:
    """Its own row came with its first cell, of which a check of another one looks at nothing."""
    folder = tmp_path / "data"
    with closing(open_workspace(folder)) as workspace:
        for cell_id in make(workspace, tmp_path):
            workspace.analysis.analyse(cell_id, FakeReader(), SilentMonitor())
            workspace.reviews.sign_off(cell_id, "Bob")
            assert workspace.library.cell(cell_id).broken == ""
        assert workspace.case_reports.report(1).altered == ""
    altered_by(folder, "UPDATE \"case\" SET name = 'Forged' WHERE id = 1")
    with closing(open_workspace(folder)) as workspace:
        assert "The case 1 of case 1 was altered" in workspace.library.cell(2).broken
        assert "The case 1 of case 1 was altered" in workspace.case_reports.report(1).altered


def test_entries_of_earlier_versions_are_looked_at_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They told of a case's own row in an entry of its only cell."""

    def only_cell(change: trail._Change) -> int | None:
        return next(iter(change.cells)) if len(change.cells) == 1 else None

    monkeypatch.setattr(trail._Change, "cell_id", property(only_cell))
    with closing(open_workspace(tmp_path / "data")) as workspace:
        (cell_id,) = _one_then_another(workspace, tmp_path)
        workspace.analysis.analyse(cell_id, FakeReader(), SilentMonitor())
        workspace.reviews.sign_off(cell_id, "Bob")
        assert workspace.library.cell(cell_id).broken == ""
        assert workspace.case_reports.report(1).altered == ""
