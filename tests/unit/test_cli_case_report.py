"""`case-report`: what is written, what is refused, and with which exit status."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.cli import main
from karyogui.domain.case_review import Role
from karyogui.export.case_report_pdf import case_report_pdf
from karyogui.services.report_templates import load_templates
from karyogui.services.workspace import Workspace, open_workspace
from tests.stored import Stored
from tests.unit.export.archival import faults
from tests.unit.export.case_reports import DETAILS
from tests.unit.services.whole_cells import stored_case


def unsigned(workspace: Workspace, folder: Path) -> None:
    """A case that lacks only its signatures."""
    case_id = stored_case(workspace, folder, (46,))
    for cell in workspace.library.case(case_id).cells:
        workspace.reviews.sign_off(cell.id, "Ann Nowak")
    iscn = workspace.case_reports.report(case_id).result.iscn
    workspace.library.set_details(case_id, replace(DETAILS, iscn=iscn), "Ann Nowak")


@pytest.fixture
def folder(stored: Stored, tmp_path: Path) -> Path:
    return stored.copy(unsigned, tmp_path / "data")


def approve(folder: Path) -> None:
    workspace = open_workspace(folder)
    reports, template = workspace.case_reports, load_templates().named("en")
    (case,) = workspace.library.summaries()
    reports.accept(case.id, "Ann Nowak", "Only one cell divided")
    reports.sign(case.id, Role.ANALYSED, "Ann Nowak", "analysed")
    reports.sign(case.id, Role.CHECKED, "Bert Özil", "checked")
    reports.approve(case.id, "Bert Özil", "approved", lambda r: case_report_pdf(r, template))
    workspace.close()


def run(folder: Path, out: Path, *options: str) -> int:
    words = ["case-report", "--data-folder", str(folder), "--case", "case 7", "--out", str(out)]
    return main([*words, *options])


def test_a_final_report_is_refused_with_what_is_missing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.pdf"
    assert run(folder, out, "--final") == 2
    told = capsys.readouterr().err
    assert "not analysed yet" in told
    assert "19 more cells to count." in told
    assert not out.exists()
    assert run(folder, out, "--template", "de") == 0
    assert faults(out.read_bytes()) == ()
    approve(folder)
    assert run(folder, out, "--final") == 0
    final = out.read_bytes()
    assert run(folder, out, "--version", "1") == 0
    assert out.read_bytes() == final
    fhir = tmp_path / "report.json"
    assert run(folder, fhir, "--format", "fhir") == 0
    statuses = {e["resource"].get("status") for e in json.loads(fhir.read_bytes())["entry"]}
    assert statuses == {"final", None}
    assert run(folder, tmp_path / "k.dcm", "--format", "dicom-karyogram") == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "docx"), "There is no format docx."),
        (("--template", "xx"), "no report template xx"),
        (("--version", "2"), "There is no version 2"),
        (("--version", "1", "--format", "fhir"), "as pdf only"),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    told: str,
) -> None:
    assert run(folder, tmp_path / "out", *options) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_score_sheet_is_written_without_the_window(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def write(name: str) -> int:
        out = str(tmp_path / name)
        return main(["score-sheet", "--data-folder", str(folder), "--case", "case 7", "--out", out])

    assert write("sheet.csv") == 0
    rows = [*csv.DictReader((tmp_path / "sheet.csv").read_text("utf-8-sig").splitlines())]
    assert [(row["cell"], row["status"], row["counted"]) for row in rows] == [
        ("cell 1", "karyotyped", "46")
    ]
    assert write("sheet.XLSX") == 0
    assert (tmp_path / "sheet.XLSX").read_bytes().startswith(b"PK")
    capsys.readouterr()
    assert write("sheet.ods") == 2
    assert "ends in .csv or .xlsx" in capsys.readouterr().err
    assert not (tmp_path / "sheet.ods").exists()
