"""The PDF of a case's report: every block, two identifiers a page, the structure of PDF/A."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from karyogui.domain.case_report import CaseReport
from karyogui.domain.case_result import PRESETS, Need
from karyogui.domain.case_result.needs import need
from karyogui.domain.case_review import ActKind, CaseAct, Role
from karyogui.domain.cultures import Culture
from karyogui.errors import KaryoError
from karyogui.export.case_report_pdf import case_report_pdf, letters_missing, missing_points
from karyogui.export.facts import when_text
from karyogui.export.fonts import east_asian_faces
from karyogui.export.pdf_pages import Furniture
from karyogui.export.pdfa import as_archival
from karyogui.services.report_templates import LANGUAGES, load_templates
from tests.unit.export.archival import faults
from tests.unit.export.case_reports import (
    DETAILS,
    SIGNERS,
    WHEN,
    amending,
    approved,
    signed,
    unsigned,
)

TEMPLATES = load_templates()
EN = TEMPLATES.named("en")


def pages_of(report: CaseReport, language: str = "en") -> list[str]:
    data = case_report_pdf(report, TEMPLATES.named(language))
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(data)).pages]


def test_every_page_tells_whose_it_is_and_where_it_belongs() -> None:
    pages = pages_of(approved(unsigned()))
    assert len(pages) == 3
    for number, text in enumerate(pages, start=1):
        assert "Łukasz Őry" in text
        assert "P-123456" in text
        assert f"Version 1 · page {number} of 3" in text
        assert "Not a certified medical device" in text
        assert "PRELIMINARY" not in text


def test_a_preliminary_report_says_so_on_every_page() -> None:
    for report in (unsigned(), signed(unsigned(), Role.ANALYSED, Role.CHECKED)):
        assert all("PRELIMINARY REPORT" in text for text in pages_of(report))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_window_proposes_is_printed_in_the_language_of_the_report(language: str) -> None:
    (first, *_) = pages_of(unsigned(band_level="below requirement"), language)
    words = TEMPLATES.named(language)
    assert words["g_banding"] in first
    assert words["below_requirement"] in first
    (other, *_) = pages_of(unsigned(banding="QFQ"), language)
    assert "QFQ" in other


def test_a_long_interpretation_begins_below_the_result() -> None:
    told = [f"Sentence {number} of the interpretation." for number in range(300)]
    pages = pages_of(unsigned(interpretation=" ".join(told)))
    assert told[0] in pages[0]
    assert told[40] in pages[0]
    assert all(any(sentence in page for page in pages) for sentence in (told[150], told[299]))


def test_a_long_karyotype_is_broken_between_its_items() -> None:
    items = [f"del({number})(q21)" for number in range(1, 16)]
    iscn = f"46,XX,{','.join(items)}[12]/46,XX[8]"
    data = case_report_pdf(unsigned(iscn=iscn), EN)
    lines = PdfReader(BytesIO(data)).pages[0].extract_text().splitlines()
    assert all(any(item in line for line in lines) for item in items)
    assert iscn in "".join(line.strip() for line in lines)


NEEDS = (
    need("19 more cells to count.", "count", number="19 (A)"),
    need("1 more karyogram of the line with +21.", "line", number=1, line="+21"),
    need("cell 3 is in no line: …", "open_cell", cell="cell 3"),
)


def accepting(report: CaseReport, needs: Sequence[Need]) -> CaseReport:
    """The report with these needs, which a person has accepted."""
    told = tuple(one.text for one in needs)
    act = CaseAct(ActKind.ACCEPT, "Dora Lee", WHEN, reason="No cell divided", told=told)
    result = replace(report.result, unmet=NEEDS, protocol=PRESETS[0])
    return replace(report, result=result, review=replace(report.review, acts=(act,)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_preliminary_report_names_what_it_lacks(language: str) -> None:
    words = TEMPLATES.named(language)
    first = pages_of(
        accepting(replace(unsigned(requester=""), open_cells=("cell 9",)), ()), language
    )[0]
    told = "".join(first.split())
    for each in (
        words["still_missing"],
        words.filled("need_count", number="19 (A)"),
        words.filled("need_line", number=1, line="+21"),
        words.filled("need_open_cell", cell="cell 3"),
        words.filled("need_empty", field=words["requester"]),
        words.filled("need_not_signed_off", cells="cell 9"),
        words["approved_by"],
    ):
        assert "".join(each.split()) in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_later_page_of_a_preliminary_report_tells_in_short_what_it_lacks(
    language: str,
) -> None:
    words = TEMPLATES.named(language)
    lacking = accepting(replace(unsigned(requester=""), open_cells=("cell 9",)), ())
    for report, short in (
        (signed(unsigned(), Role.ANALYSED, Role.CHECKED), words.told("approved_by", "")),
        (lacking, words.filled("need_count", number="19 (A)")),
    ):
        _, *later = pages_of(report, language)
        missing = missing_points(report, words)
        for page in later:
            told = "".join(page.split())
            named = [each for each in missing if "".join(each.split()) in told]
            assert "".join(words["preliminary"].split()) in told
            assert "".join(words.told("still_missing", short).split()) in told
            more = len(missing) - len(named)
            note = words.filled("missing_more", number=more)
            assert ("".join(note.split()) in told) is (more > 0)
        assert len(later) == 2, "what is told over a page leaves its pictures where they were"
    assert words["still_missing"] not in pages_of(approved(unsigned()), language)[1]


def test_empty_fields_are_named_together_and_each_once() -> None:
    report = unsigned(requester="", specimen="", iscn="", iscn_edition="")
    (empty,) = [each for each in missing_points(report, EN) if "not stated" in each]
    fields = empty.removeprefix("not stated: ").split(", ")
    assert {EN["requester"], EN["specimen"], EN["iscn"]} <= set(fields)
    assert len(set(fields)) == len(fields)


def test_the_page_of_a_donors_line_says_so() -> None:
    report = unsigned()
    first, last = report.result.lines
    lines = (first, replace(last, is_donor=True))
    pages = pages_of(replace(report, result=replace(report.result, lines=lines)))
    assert "Line 2: donor: 46,XY[5]" in pages[2]
    assert "donor" not in pages[1]


def test_what_is_too_long_for_a_line_is_counted() -> None:
    long = need("…", "open_cell", cell="cell with a very long name " * 9)
    report = replace(unsigned(), result=replace(unsigned().result, unmet=(long,)))
    assert f"{EN['still_missing']}: 4 more, listed with the result" in pages_of(report)[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_accepted_is_printed_with_name_time_and_reason(language: str) -> None:
    words = TEMPLATES.named(language)
    report = approved(accepting(unsigned(), NEEDS))
    assert report.is_final
    told = "".join(pages_of(report, language)[0].split())
    when = when_text(WHEN)
    accepted = words.filled("accepted", who="Dora Lee", when=when, reason="No cell divided")
    for each in (words["not_met"], words.filled("need_count", number="19 (A)"), accepted):
        assert "".join(each.split()) in told
    assert "".join(words["still_missing"].split()) not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_cultures_are_printed_with_their_dates(language: str) -> None:
    words = TEMPLATES.named(language)
    cultures = (Culture("A", "2026-03-02", "2026-03-05"), Culture("B"))
    report = replace(unsigned(), result=replace(unsigned().result, cultures=cultures))
    told = "".join(pages_of(report, language)[0].split())
    dates = (("set_up", "2026-03-02"), ("harvested", "2026-03-05"))
    for each in (f"A{words['colon']}", *(words.filled(key, date=day) for key, day in dates)):
        assert "".join(each.split()) in told
    assert "B:" not in told
    assert report.fingerprint != unsigned().fingerprint


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mirrored_chromosome_is_told_in_the_language_of_the_report(language: str) -> None:
    report = unsigned()
    line = report.result.lines[1]
    assert line.shown is not None
    first, *others = line.shown.cell.placements
    cell = replace(line.shown.cell, placements=(replace(first, mirrored=True), *others))
    lines = (replace(line, shown=replace(line.shown, cell=cell)),)
    report = replace(report, result=replace(report.result, lines=lines))
    told = "".join("".join(pages_of(report, language)).split())
    for each in LANGUAGES:
        note = "".join(TEMPLATES.named(each)["mirrored"].split())
        assert (note in told) is (each == language)


def test_a_complete_report_prints_no_departure() -> None:
    first = pages_of(approved(unsigned()))[0]
    assert EN["not_met"] not in first
    assert EN["still_missing"] not in first


def test_an_approved_report_whose_sex_is_withheld_is_not_called_preliminary() -> None:
    report = approved(unsigned(sex_withheld="yes", iscn="mos 47,U,+21[15]/46,U[5]"))
    assert not any("PRELIMINARY" in text for text in pages_of(report))


def test_every_block_stands_on_the_first_page() -> None:
    first = pages_of(approved(unsigned()))[0]
    for told in (
        *(DETAILS.laboratory, DETAILS.requester, DETAILS.specimen, DETAILS.sampled),
        *(DETAILS.received, DETAILS.reason, DETAILS.method, DETAILS.iscn, "ISCN 2024"),
        *(DETAILS.result_words, DETAILS.interpretation, "20 counted, 5 analysed, 2 karyotyped"),
        *("15 of 20 cells are abnormal", "50.9 to 91.3", "submicroscopic", "Version 1"),
        *SIGNERS.values(),
    ):
        assert told in first


def test_one_karyogram_with_its_metaphase_for_each_line() -> None:
    data = case_report_pdf(approved(unsigned()), EN)
    reader = PdfReader(BytesIO(data))
    assert [len(page.images) for page in reader.pages] == [0, 2, 1]
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert "Line 1: 47,XY,+21[15]" in texts[1]
    assert "Line 2: 46,XY[5]" in texts[2]


def test_technical_details_are_not_on_it() -> None:
    text = " ".join(pages_of(approved(unsigned()))).casefold()
    for word in ("sha256", "network", "probab", "compact", "c12", "correction"):
        assert word not in text


def test_an_amended_report_tells_what_changed_and_keeps_the_old_result_legible() -> None:
    first = approved(unsigned())
    report = approved(amending(first, "A second culture", iscn="47,XY,+21[20]"))
    pages = pages_of(report)
    assert all("AMENDED REPORT, version 2" in text for text in pages)
    assert "Changes to version 1" in pages[0]
    assert "A second culture" in pages[0]
    assert first.details.iscn in pages[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_structure_of_an_archival_pdf(language: str) -> None:
    if language == "zh" and not east_asian_faces():
        pytest.skip("no font with Chinese letters on this computer")
    data = case_report_pdf(approved(unsigned()), TEMPLATES.named(language))
    assert faults(data) == ()
    with pikepdf.open(BytesIO(data)) as pdf:
        assert str(pdf.Root.Lang)[:2] == language
        with pdf.open_metadata() as meta:
            assert meta["pdfaid:part"] == "2"
            assert meta["dc:title"].startswith(TEMPLATES.named(language)["title"])
    assert TEMPLATES.named(language)["interpretation"] in " ".join(
        pages_of(approved(unsigned()), language)
    )


def test_what_is_no_archival_pdf_is_told() -> None:
    plain = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")
        )
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        pdf.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        pdf.save(plain)
    told = " ".join(faults(plain.getvalue()))
    for part in ("PDF/A-2b", "output intent", "language", "OpenAction", "/JS", "Helvetica"):
        assert part in told
    furniture = Furniture("", "", "t", "a", "c", "s", "en")
    made = datetime(2026, 1, 1, tzinfo=UTC)
    mended = " ".join(faults(as_archival(plain.getvalue(), furniture, made)))
    assert "OpenAction" not in mended
    assert "Helvetica" in mended


def test_a_letter_without_a_glyph_is_named() -> None:
    report = approved(unsigned(patient_name="Zo\U0001f98bë"))
    assert letters_missing(report, EN) == ("\U0001f98b",)
    assert letters_missing(approved(unsigned()), EN) == ()


def test_a_logo_stands_on_white_and_one_that_is_no_picture_is_refused() -> None:
    picture = BytesIO()
    Image.new("RGBA", (300, 100), (200, 0, 0, 0)).save(picture, "PNG")
    report = unsigned()
    data = case_report_pdf(report, replace(EN, logo=picture.getvalue()))
    assert faults(data) == ()
    (logo,) = PdfReader(BytesIO(data)).pages[0].images
    assert logo.image is not None
    assert logo.image.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    with pytest.raises(KaryoError, match="logo of the template English is no picture"):
        case_report_pdf(report, replace(EN, logo=b"not a picture"))


def test_a_long_karyotype_is_printed_whole() -> None:
    many = ",".join(f"+{n}" for n in range(1, 23))
    iscn = f"68,XX,{many}[20]"
    text = "".join(pages_of(unsigned(iscn=iscn))[0].split())
    assert iscn in text


def test_a_withheld_sex_stands_nowhere_in_the_file() -> None:
    report = unsigned(sex_withheld="yes", iscn="47,U,+21[20]", result_words="Trisomy 21.")
    pages = pages_of(report)
    assert "withheld on request" in pages[0]
    for text in pages:
        assert "XY" not in text
        assert "male" not in text
    assert "Line 1: 47,U,+21[15]" in pages[1]
    assert "The sex chromosomes are not shown." in pages[1]
    data = case_report_pdf(report, EN)
    assert [len(page.images) for page in PdfReader(BytesIO(data)).pages] == [0, 1, 1]


@pytest.mark.parametrize(("colonies", "told"), [(None, "cells: 15"), (12, "colonies: 15")])
def test_limits_name_what_they_rest_on(colonies: int | None, told: str) -> None:
    report = unsigned()
    result = replace(report.result, interval=None, excluded_percent=19, unit=15, colonies=colonies)
    first = pages_of(replace(report, result=result))[0]
    assert f"Mosaicism of 19 % or more is excluded at a confidence of 95 % (number of {told})" in (
        first.replace("\N{NO-BREAK SPACE}", " ")
    )
