"""What a report of a case lacks to be final, and how its versions differ."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_report import REQUIRED, ReportResult, differences
from karyogui.domain.case_result import PRESETS
from karyogui.domain.case_review import Role
from karyogui.domain.written_for import KEPT
from tests.unit.export.case_reports import amending, approved, signed, unsigned


def test_a_complete_report_lacks_nothing_but_its_signatures() -> None:
    report = unsigned()
    assert report.missing == ()
    assert report.needs_for_final == (
        "The report is not analysed yet.",
        "The report is not checked yet.",
        "The report is not approved yet.",
    )
    assert approved(report).needs_for_final == ()
    assert approved(report).is_final


@pytest.mark.parametrize(
    "name", [name for name in REQUIRED if name not in ("patient_name", "patient_identifier",
                                                       "date_of_birth")]
)  # fmt: skip
def test_an_empty_block_is_named(name: str) -> None:
    report = unsigned(**{name: "  "})
    assert f"Empty: {REQUIRED[name]}." in report.missing
    assert f"Empty: {REQUIRED[name]}." in report.needs_for_final
    assert signed(report, Role.ANALYSED, Role.CHECKED).needs(Role.APPROVED)


def test_two_identifiers_of_three_are_enough() -> None:
    assert unsigned(patient_name="").missing == ()
    (told,) = unsigned(patient_name="", date_of_birth=" ").missing
    assert told == "A patient needs two identifiers; still empty: patient's name, date of birth."


def test_a_contradiction_is_told_before_whose_it_is_and_what_is_empty() -> None:
    report = unsigned(
        patient_name="", patient_identifier="", reason="", interpretation_for="46,XY[20]"
    )
    open_differences = replace(report, open_differences=2)
    keys = [one.key for one in open_differences.open_points]
    assert keys == ["words", "identifiers", "differences", "empty"]
    assert report.needs_for_final[0].startswith("The interpretation was written for 46,XY[20];")


@pytest.mark.parametrize(
    "specimen",
    [
        *("Amniotic fluid", "chorionic villi", "Fetal blood", "CORD BLOOD"),
        *("Fruchtwasser", "Chorionzotten", "Nabelschnurblut", "Fötales Gewebe"),
        *("Liquide amniotique", "Villosités choriales", "Sang de cordon"),
        *("Líquido amniótico", "Vellosidades coriales", "Sangre de cordón"),
        *("羊水", "绒毛", "脐带血"),
    ],
)
def test_a_prenatal_specimen_needs_its_gestational_age(specimen: str) -> None:
    assert unsigned(specimen=specimen).missing == (
        "Empty: gestational age (the specimen is prenatal).",
    )
    assert unsigned(specimen=specimen, gestational_age="16+3").missing == ()


def test_a_case_by_a_prenatal_protocol_needs_its_gestational_age_whatever_its_specimen() -> None:
    report = unsigned(specimen="AF")
    villi = next(one for one in PRESETS if one.prenatal)
    report = replace(report, result=replace(report.result, protocol=villi))
    assert report.missing == ("Empty: gestational age (the specimen is prenatal).",)


@pytest.mark.parametrize("specimen", ["Peripheral blood", "Choriocarcinoma", "骨髓", "Sang"])
def test_other_specimens_need_none(specimen: str) -> None:
    assert unsigned(specimen=specimen).missing == ()


def test_a_phoned_result_tells_all_four() -> None:
    told = "A phoned result needs all four: what, to whom, when, read back."
    assert unsigned(phoned_result="trisomy 21").missing == (told,)
    whole = unsigned(
        phoned_result="trisomy 21",
        phoned_to="Dr. Becker",
        phoned_at="2026-03-09 10:15",
        phoned_read_back="yes",
    )
    assert whole.missing == ()


def test_wrong_iscn_and_an_unknown_edition_stand_in_the_way() -> None:
    (told,) = unsigned(iscn="47,XX[20]").missing
    assert told.startswith("The result is not right in ISCN: ")
    assert unsigned(iscn_edition="2013").missing == (
        "There is no edition 2013 of ISCN: 2016, 2020 or 2024.",
    )


def test_a_withheld_sex_is_told_nowhere() -> None:
    told = "The sex is withheld, but the result reveals it: write U in place of X and Y."
    assert told in unsigned(sex_withheld="yes").missing
    assert told in unsigned(sex_withheld="yes", iscn="45,U,-Y[20]").missing
    hidden = unsigned(sex_withheld="yes", iscn="mos 47,U,+21[15]/46,U[5]")
    assert hidden.missing == ()
    assert [line.iscn for line in hidden.without_sex().result.lines] == ["47,U,+21", "46,U"]
    assert not any("XY" in text for text in hidden.content.values())
    for line in hidden.without_sex().result.lines:
        assert line.shown is not None
        assert not [p for p in line.shown.cell.placements if p.slot in ("X", "Y")]
        assert len(line.shown.cell.chromosomes) == 44
        assert line.shown.photograph is None


def test_cells_that_are_not_signed_off_and_open_differences_are_named() -> None:
    report = replace(unsigned(), open_cells=("cell 3",), open_differences=2)
    assert report.missing == (
        "2 differences of the second reading to be resolved.",
        "Not signed off: cell 3.",
    )


def test_a_case_without_cells_says_so() -> None:
    told = replace(unsigned(), result=ReportResult()).missing
    assert told[:2] == ("No cell was counted.", "No cell line has a karyogram.")


def test_a_chromosome_moved_after_the_approval_is_noticed() -> None:
    report = approved(unsigned())
    line = report.result.lines[1]
    assert line.shown is not None
    first, *others = line.shown.cell.placements
    moved = replace(line.shown.cell, placements=(replace(first, slot="5"), *others))
    lines = (report.result.lines[0], replace(line, shown=replace(line.shown, cell=moved)))
    report = replace(report, result=replace(report.result, lines=lines))
    assert not report.is_final
    assert report.review.is_released
    assert report.needs_for_final == (
        "The case has changed since version 1 was approved: begin an amendment.",
    )


def test_an_amendment_of_an_amendment_tells_what_changed_each_time() -> None:
    first = approved(unsigned())
    second = amending(first, "Wrong band level", band_level="400")
    assert second.differences == (("band_level", "500", "400"),)
    second = approved(second)
    assert second.differences == (("band_level", "500", "400"),)
    third = approved(amending(second, "Phoned", band_level="450", comment="Phoned."))
    assert third.differences == (("band_level", "400", "450"), ("comment", "", "Phoned."))
    assert [v.number for v in third.review.versions] == [1, 2, 3]
    assert [v.reason for v in third.review.versions] == ["", "Wrong band level", "Phoned"]
    assert [v.content["band_level"] for v in third.review.versions] == ["500", "400", "450"]


def test_what_is_shown_is_called_karyotyped() -> None:
    report = unsigned()
    report = replace(report, result=replace(report.result, karyotyped=1))
    assert report.missing == ("The report shows 2 karyograms, but 1 cell is called karyotyped.",)


def test_another_karyogram_is_told_without_how_it_is_noticed() -> None:
    first = approved(unsigned())
    amended = amending(first, "A chromosome was moved")
    line = amended.result.lines[1]
    assert line.shown is not None
    one, *others = line.shown.cell.placements
    moved = replace(line.shown.cell, placements=(replace(one, slot="5"), *others))
    lines = (amended.result.lines[0], replace(line, shown=replace(line.shown, cell=moved)))
    amended = replace(amended, result=replace(amended.result, lines=lines))
    assert amended.differences == (("karyogram 2", "", "≠"),)


SAID = [field.name for field in fields(CaseDetails) if field.name not in KEPT.values()]


@given(st.sampled_from(SAID), st.text("abc", min_size=1))
def test_whatever_is_changed_in_the_details_is_another_content(name: str, text: str) -> None:
    report = unsigned()
    before = getattr(report.details, name)
    other = replace(report, details=replace(report.details, **{name: f"{before}{text}"}))
    assert other.fingerprint != report.fingerprint
    assert name in [field for field, _, _ in differences(report.content, other.content)]
