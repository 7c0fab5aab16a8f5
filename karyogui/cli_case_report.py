"""`case-report` and `score-sheet`: what a case says together, without the window."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from karyogui.cli_parts import add_case_options, complain, folder_of, opened, tell
from karyogui.errors import KaryoError
from karyogui.paths import config_folder, report_templates_folder

if TYPE_CHECKING:
    from karyogui.domain.case_report import CaseReport
    from karyogui.domain.report_template import ReportTemplate
    from karyogui.services.case_reports import HouseRules
    from karyogui.services.workspace import Workspace


def add_case_report(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The verb with its options."""
    parser = verbs.add_parser("case-report", help="write the report of a whole case")
    add_case_options(parser)
    parser.add_argument(
        "--template", default="en", metavar="NAME",
        help="en (default), de, fr, es, zh, or the name of a template of your own",
    )  # fmt: skip
    parser.add_argument(
        "--format", default="pdf", metavar="FORMAT",
        help="pdf (default), fhir, hl7, dicom-pdf or dicom-karyogram",
    )  # fmt: skip
    parser.add_argument(
        "--final", action="store_true", help="a final report only; otherwise say what is missing"
    )
    parser.add_argument(
        "--version", type=int, metavar="N", help="an approved version as it left (pdf)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    parser.set_defaults(run=_run)


def add_score_sheet(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The verb with its options."""
    parser = verbs.add_parser("score-sheet", help="write the score sheet of a case")
    add_case_options(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="file to write: .csv or .xlsx"
    )
    parser.set_defaults(run=_run_sheet)


def _run_sheet(options: argparse.Namespace) -> int:
    from karyogui.export.score_sheet import WRITERS
    from karyogui.services.file_names import shown_name

    writer = WRITERS.get(options.out.suffix.lower().removeprefix("."))
    if writer is None:
        known = " or ".join(f".{suffix}" for suffix in WRITERS)
        raise KaryoError(f"A score sheet is a file that ends in {known}.")
    with opened(folder_of(options)) as workspace:
        case = workspace.library.case_named(options.case)
        view = workspace.case_work.view(case.id, _rules().presets)
        workspace.case_work.export(view, writer, options.out)
    tell(shown_name(str(options.out)))
    return 0


def _rules() -> HouseRules:
    """The laboratory's own protocols and signers, as the window has them."""
    from karyogui.services.case_reports import house_rules
    from karyogui.settings import load

    return house_rules(load(config_folder() / "settings.toml"))


def _run(options: argparse.Namespace) -> int:
    from karyogui.export.case_exports import CASE_EXPORTERS
    from karyogui.services.file_names import shown_name
    from karyogui.services.report_templates import load_templates

    exporters = {each.id.removeprefix("case-"): each for each in CASE_EXPORTERS}
    exporter = exporters.get(options.format)
    if exporter is None:
        raise KaryoError(f"There is no format {options.format}.", f"Known: {', '.join(exporters)}.")
    if options.version is not None and options.format != "pdf":
        raise KaryoError("Earlier versions are available as pdf only.")
    templates = load_templates(report_templates_folder())
    for problem in templates.problems:
        complain(problem)
    template = templates.named(options.template)
    with opened(folder_of(options)) as workspace:
        case = workspace.library.case_named(options.case)
        if options.version is not None:
            data = workspace.case_reports.version(case.id, options.version)
        else:
            report = workspace.case_reports.report(case.id, _rules())
            data = exporter.render(report, template, _pdf(workspace, report, template, options))
        workspace.case_reports.write(options.out, data)
    tell(shown_name(str(options.out)))
    return 0


def _pdf(
    workspace: Workspace,
    report: CaseReport,
    template: ReportTemplate,
    options: argparse.Namespace,
) -> bytes:
    """An approved report as it was issued; else made now, where that is not refused."""
    from karyogui.export.case_report_pdf import case_report_pdf, letters_missing

    if report.is_final:
        return workspace.case_reports.version(report.case_id, report.review.version)
    if options.final:
        raise KaryoError("The report is not final.", " ".join(report.needs_for_final))
    letters = letters_missing(report, template)
    if letters:
        told = " ".join(letters[:20])
        complain(f"The report cannot print these letters correctly: {told}.")
    return case_report_pdf(report, template)
