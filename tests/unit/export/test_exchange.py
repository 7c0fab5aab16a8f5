"""The report as FHIR and DICOM: what the standards ask for, and the karyotype as it was written."""

import base64
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_report import CaseReport, ReportResult
from karyogui.domain.cultures import Culture
from karyogui.errors import KaryoError
from karyogui.export.case_exports import CASE_EXPORTERS, CaseExporter
from karyogui.export.dicom_report import DicomKaryogram, DicomPdf
from karyogui.export.fhir_report import CODES, LOINC, FhirReport, faults
from karyogui.export.hl7_report import Hl7Report
from karyogui.services.report_templates import load_templates
from tests.unit.export.case_reports import WHEN, amending, approved, unsigned

EN = load_templates().named("en")
AWKWARD = '45~47,XX,-7,+8,t(9;22)(q34;q11.2)[cp20] & "x" <y> | ^ \\'
PDF = b"%PDF-1.7 of an odd length"


def bundle(report: CaseReport) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(FhirReport().render(report, EN, PDF))
    return told


def resources(told: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in told["entry"]]
    return [each for each in found if each["resourceType"] == kind]


def test_every_format_has_a_name_of_its_own() -> None:
    assert len({each.id for each in CASE_EXPORTERS}) == len(CASE_EXPORTERS) == 5
    assert all(each.suffix.startswith(".") for each in CASE_EXPORTERS)


def test_the_specimen_has_its_cultures() -> None:
    cultures = (Culture("A", "2026-03-02", "2026-03-05"), Culture("B", "2026-03-02"), Culture("C"))
    report = replace(unsigned(), result=replace(unsigned().result, cultures=cultures))
    told = bundle(report)
    (specimen,) = resources(told, "Specimen")
    assert specimen["receivedTime"] == "2026-03-02"
    assert specimen["processing"] == [
        {"description": "Culture A", "timePeriod": {"start": "2026-03-02", "end": "2026-03-05"}},
        {"description": "Culture B", "timePeriod": {"start": "2026-03-02"}},
    ]
    (diagnostic,) = resources(told, "DiagnosticReport")
    assert diagnostic["specimen"] == [{"reference": f"urn:uuid:{specimen['id']}"}]
    bare = unsigned(specimen="", received="", sampled="")
    assert resources(bundle(bare), "Specimen") == []


def test_preliminary_final_amended() -> None:
    final = approved(unsigned())
    amended = approved(amending(final, "Band level", band_level="400"))
    for report, status in (
        (unsigned(), "preliminary"),
        (final, "final"),
        (amending(final, "Band level", band_level="400"), "preliminary"),
        (amended, "amended"),
    ):
        told = bundle(report)
        (diagnostic,) = resources(told, "DiagnosticReport")
        assert diagnostic["status"] == status
        assert {each["status"] for each in resources(told, "Observation")} == {status}
    ids = [resources(bundle(r), "DiagnosticReport")[0]["id"] for r in (final, amended)]
    assert ids[0] != ids[1]  # never overwritten


def test_result_interpretation_band_level_and_variant_are_observations() -> None:
    report = approved(unsigned())
    told = bundle(report)
    (diagnostic,) = resources(told, "DiagnosticReport")
    assert diagnostic["code"]["coding"][0]["code"] == "62355-3"
    codes = {o["code"]["coding"][0]["code"]: o for o in resources(told, "Observation")}
    assert set(codes) == {"62356-1", "62357-9", "62358-7", "69548-6"}
    assert codes["62356-1"]["valueString"] == report.details.iscn
    (component,) = codes["69548-6"]["component"]
    coding = component["valueCodeableConcept"]["coding"][0]
    assert coding["system"] == "https://iscn.karger.com"
    assert coding["code"] == report.details.iscn
    assert coding["version"] == "2024"
    assert base64.b64decode(diagnostic["presentedForm"][0]["data"]) == PDF
    assert [each["display"] for each in diagnostic["resultsInterpreter"]] == [
        "Ann Nowak", "Bert Özil", "Carla Ruiz",
    ]  # fmt: skip


def test_the_karyotype_stands_as_it_was_written() -> None:
    told = bundle(unsigned(iscn=AWKWARD))
    (result,) = [
        o for o in resources(told, "Observation") if o["code"]["coding"][0]["code"] == "62356-1"
    ]
    assert result["valueString"] == AWKWARD


def test_statuses_codes_and_references_are_checked() -> None:
    told = bundle(unsigned())
    assert faults(told) == ()
    (diagnostic,) = resources(told, "DiagnosticReport")
    diagnostic["status"] = "finished"
    diagnostic["code"]["coding"][0]["display"] = "Something else"
    diagnostic["subject"]["reference"] = "urn:uuid:nobody"
    resources(told, "Observation")[0]["code"]["coding"].append({"system": LOINC})
    assert faults(told) == (
        "DiagnosticReport has the status finished, which does not exist.",
        "LOINC 62355-3 of DiagnosticReport is not one that a report has.",
        "DiagnosticReport refers to urn:uuid:nobody, which is not in the file.",
        "A code of Observation lacks its system or its value.",
    )
    assert all(display for display in CODES.values())


def test_a_date_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(KaryoError, match="could not be written as FHIR"):
        bundle(unsigned(date_of_birth="long ago"))


def read(data: bytes) -> FileDataset:
    found = dcmread(BytesIO(data))
    assert isinstance(found, FileDataset)
    return found


@pytest.mark.parametrize("pdf", [PDF, PDF + b"!"])
def test_a_pdf_of_any_length_is_padded_and_comes_back(pdf: bytes) -> None:
    found = read(DicomPdf().render(approved(unsigned()), EN, pdf))
    assert len(found.EncapsulatedDocument) % 2 == 0
    assert found.EncapsulatedDocument[: found.EncapsulatedDocumentLength] == pdf
    assert found.BurnedInAnnotation == "YES"
    assert str(found.PatientName) == "Łukasz Őry"
    assert (found.PatientID, found.PatientBirthDate, found.PatientSex) == (
        "P-123456", "19900228", "M",
    )  # fmt: skip


def test_what_separates_values_is_no_part_of_one() -> None:
    report = unsigned(
        patient_name="Őry, Łukasz^Dr=\\", patient_identifier="A\\B", sex_withheld="yes",
        date_of_birth="1990", laboratory="x" * 100,
    )  # fmt: skip
    found = read(DicomPdf().render(report, EN, PDF))
    assert str(found.PatientName) == "Őry^Łukasz Dr"
    assert found.PatientID == "A/B"
    assert (found.PatientBirthDate, found.PatientSex) == ("", "")
    assert len(found.InstitutionName) == 64


def test_each_line_has_a_frame() -> None:
    found = read(DicomKaryogram().render(approved(unsigned()), EN, PDF))
    frames = found.pixel_array
    assert frames.shape[0] == found.NumberOfFrames == 2
    assert frames.dtype == np.uint8
    assert [frame.min() < 100 and frame.max() == 255 for frame in frames] == [True, True]
    assert found.ImageComments == "mos 47,XY,+21[15]/46,XY[5]"
    assert found.BurnedInAnnotation == "NO"


def test_without_a_karyogram_there_is_no_capture() -> None:
    with pytest.raises(KaryoError, match="No cell line"):
        DicomKaryogram().render(replace(unsigned(), result=ReportResult()), EN, PDF)


def test_versions_are_objects_of_one_study() -> None:
    first = approved(unsigned())
    second = approved(amending(first, "Band level", band_level="400"))
    one, other = (read(DicomPdf().render(r, EN, PDF)) for r in (first, second))
    assert one.StudyInstanceUID == other.StudyInstanceUID
    assert one.SOPInstanceUID != other.SOPInstanceUID
    assert one.SOPInstanceUID == read(DicomPdf().render(first, EN, PDF)).SOPInstanceUID


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("exporter", [DicomPdf(), DicomKaryogram()], ids=lambda e: e.id)
@pytest.mark.parametrize("one_line", [False, True])
def test_dciodvfy_finds_no_error(
    tmp_path: Path, exporter: DicomPdf | DicomKaryogram, one_line: bool
) -> None:
    report = approved(unsigned())
    if one_line:
        result = replace(report.result, lines=report.result.lines[:1])
        report = replace(report, result=result)
    path = tmp_path / "report.dcm"
    path.write_bytes(exporter.render(report, EN, PDF))
    told = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
    errors = [line for line in told.stderr.splitlines() if line.startswith("Error")]
    assert errors == []


def hl7(report: CaseReport) -> dict[str, list[list[str]]]:
    """The fields of the message, by segment; field 1 of MSH is the separator."""
    data = Hl7Report().render(report, EN, PDF).decode()
    assert data.endswith("\r")
    found: dict[str, list[list[str]]] = {}
    for line in data.removesuffix("\r").split("\r"):
        name, *fields = line.split("|")
        found.setdefault(name, []).append(["", *(["|"] if name == "MSH" else []), *fields])
    return found


def test_a_message_has_its_results_their_status_and_the_pdf() -> None:
    final = approved(unsigned())
    amended = approved(amending(final, "Band level", band_level="400"))
    for report, status in ((unsigned(), "P"), (final, "F"), (amended, "C")):
        told = hl7(report)
        (header,), (order,), (patient,) = told["MSH"], told["OBR"], told["PID"]
        assert (header[9], header[12], header[18]) == ("ORU^R01^ORU_R01", "2.5.1", "UNICODE UTF-8")
        assert (patient[3], patient[5], patient[7]) == ("P-123456^^^^PI", "Łukasz Őry", "19900228")
        assert order[4].startswith("62355-3^")
        assert (order[7], order[25]) == ("20260301", status)
        assert [each[11] for each in told["OBX"]] == [status] * 4
        assert told["OBX"][0][2] == "CWE"
        assert told["OBX"][0][5].split("^")[0] == "mos 47,XY,+21[15]/46,XY[5]"
        assert base64.b64decode(told["OBX"][3][5].split("^")[4]) == PDF
        (specimen,) = told["SPM"]
        assert (specimen[17], specimen[18]) == ("20260301", "20260302")


@pytest.mark.parametrize("exporter", [FhirReport(), Hl7Report(), DicomPdf()])
def test_a_preliminary_report_leaves_however_little_is_stated(exporter: CaseExporter) -> None:
    nothing = CaseReport(1, "24-0173", CaseDetails(), ReportResult(), created=WHEN)
    assert exporter.render(nothing, EN, PDF)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        *(("female", "F"), ("Weiblich", "F"), ("féminin", "F"), ("mujer", "F"), ("女", "F")),
        *(("M", "M"), ("männlich", "M"), ("homme", "M"), ("Masculino", "M"), ("男性", "M")),
        *(("", ""), ("unknown", ""), ("46,XY", "")),
    ],
)
def test_the_sex_is_understood_in_the_languages_of_reports(typed: str, told: str) -> None:
    found = dcmread(BytesIO(DicomPdf().render(unsigned(sex_as_given=typed), EN, PDF)))
    assert found.PatientSex == told


def test_what_separates_in_a_message_is_escaped() -> None:
    told = hl7(unsigned(iscn=AWKWARD, interpretation="one | two\nthree"))
    value = told["OBX"][0][5]
    assert value.startswith("45\\R\\47,XX,-7,+8")
    assert "\\T\\" in value
    assert "\\F\\ \\S\\ \\E\\^" in value
    assert told["OBX"][2][5] == "one \\F\\ two\\.br\\three"


def test_a_message_without_its_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hl7apy.parser", None)
    with pytest.raises(KaryoError, match="needs the package hl7apy"):
        Hl7Report().render(unsigned(), EN, PDF)
