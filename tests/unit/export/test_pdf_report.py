import re
from dataclasses import fields, replace
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest
from pypdf import PdfReader

from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import TYPES
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import Change, Karyogram, initial_placements
from karyogui.domain.report import CellReport
from karyogui.domain.review import Edit, Exclusion
from karyogui.domain.sitting import ActionKind
from karyogui.export.layout import NO_CHROMOSOMES
from karyogui.export.pdf_report import PdfReport, cell_page_pdf
from tests.unit.export.builders import (
    MODEL,
    NOON,
    altered,
    cell,
    chromosome,
    counts_of,
    disputed_cell,
    edited,
    finding,
    metaphase_cell,
    report_data,
)

FULL = CaseDetails(
    patient_name="Łucja Őry-Żółtowska",
    patient_identifier="PID 4711",
    date_of_birth="1984-02-29",
    sex_as_given="female",
    specimen="peripheral blood",
    sampled="2026-02-01",
    received="2026-02-02",
    reason="Recurrent loss & <unclear> history",
    requester="Dr. Çağla Şimşek",
    laboratory="Cytogenetik Größe\nMain street 1",
    culture="culture A",
    slide="slide 3",
    banding="GTG",
    band_level="450 bphs",
    comment="Second culture pending.",
)


def pdf_bytes(*cells: CellReport, **changes: Any) -> bytes:
    target = BytesIO()
    PdfReport().write(report_data(*cells, **changes), target)
    return target.getvalue()


def pages_of(*cells: CellReport, **changes: Any) -> list[str]:
    reader = PdfReader(BytesIO(pdf_bytes(*cells, **changes)))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def text_of(*cells: CellReport, **changes: Any) -> str:
    return " ".join(pages_of(*cells, **changes))


def test_every_filled_field_is_printed_and_selectable_in_any_alphabet_of_europe() -> None:
    text = text_of(cell(), details=FULL)
    for field in fields(CaseDetails):
        for line in getattr(FULL, field.name).split("\n"):
            assert line in text, field.name


def test_empty_fields_leave_no_heading() -> None:
    text = text_of(cell(), details=CaseDetails(banding=""))
    for heading in (
        *("Identifier", "Date of birth", "Sex as given", "Requested by", "Specimen"),
        *("Sampled", "Received", "Culture", "Slide", "Banding", "Band level"),
        *("Reason for referral", "Comment"),
    ):
        assert heading not in text


def test_a_patient_without_name_and_identifier_is_unidentified_on_every_page() -> None:
    born = CaseDetails(date_of_birth="1984-02-29")
    pages = pages_of(cell(), cell(name="b"), details=born)
    assert "Patient unidentified" in pages[0]
    assert all("unidentified · born 1984-02-29" in page for page in pages[1:])
    assert "unidentified" not in text_of(cell(), details=CaseDetails(patient_identifier="7"))


def test_repairs_are_listed_with_who_made_them() -> None:
    change = Change("Cut a chromosome into 2", (), (), True, ActionKind.CUT, repairs=True)
    text = text_of(altered(cell(), edits=(Edit("B. Kim", NOON, change),)))
    assert "Cut a chromosome into 2 B. Kim 2026-03-04 12:00" in text
    assert "By B. Kim: 1 repair of the photograph (cut 1)" in text


def test_excluded_cells_are_named_and_one_that_is_printed_says_so() -> None:
    why = Exclusion("A. Nowak", NOON, "Bands too poor.")
    out = altered(cell(name="cell B"), exclusion=why)
    told = "Bands too poor (A. Nowak, 2026-03-04 12:00)."
    text = text_of(cell(), excluded=(out.cell,))
    assert f"1 cell excluded from the case cell B: {told}" in text
    assert f"Excluded from the case: {told}" in text_of(out)


def test_every_page_tells_its_number_the_case_and_what_the_software_is() -> None:
    pages = pages_of(*(cell(name=f"cell {n}") for n in range(3)), details=FULL)
    assert len(pages) >= 4
    for number, page in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in page
        assert "26-0042" in page
        assert "Łucja Őry-Żółtowska" in page
        assert "Not a certified medical device; an aid to a qualified person." in page
        assert "KaryoGUI 9.8.7" in page
        assert "2026-03-04 12:00" in page


def test_the_proposal_is_headed_as_a_cell_finding() -> None:
    text = text_of(cell(iscn=IscnProposal("47,XX,+21")))
    assert "ISCN proposal (cell finding) 47,XX,+21" in text
    assert "not the ISCN result of the case" in text


def test_a_question_stands_in_the_place_of_the_proposal() -> None:
    text = text_of(cell(iscn=IscnProposal("", "Y without X: is one missing?")))
    assert "ISCN proposal (cell finding) Y without X: is one missing?" in text
    both = text_of(cell(iscn=IscnProposal("46,XX,+21,-22", "Swapped?")))
    assert "46,XX,+21,-22 Swapped?" in both


def test_findings_counts_and_their_total_are_printed() -> None:
    three = finding("too many", "21", 3, "Three chromosomes 21 in this cell.")
    text = text_of(cell(counts_of(c21=3), tray=2, findings=(three,)))
    assert "Three chromosomes 21 in this cell." in text
    assert "47 chromosomes, 2 objects unplaced" in text
    head = " ".join([*TYPES, "mar", "placed", "unplaced"])
    counts = " ".join(["2"] * 20 + ["3", "2", "2", "0", "0", "47", "2"])
    assert f"{head} {counts}" in text
    assert "unplaced: 2 objects" in text


def test_a_cell_without_findings_says_so() -> None:
    assert "No numerical finding in this cell." in text_of(cell())


def test_corrections_tell_predicted_assigned_present_who_and_when() -> None:
    report = cell()
    karyogram = Karyogram(report.cell.placements)
    after = edited(
        report,
        karyogram.move(["c0"], "mar"),
        karyogram.turn(["c8"], 180),
        karyogram.mirror(["c12"]),
    )
    text = text_of(after)
    assert "object 00.png 1 1 mar – A. Nowak 2026-03-04 12:01" in text
    assert "object 08.png 5 5 5, 1st of 2 turned by 180° A. Nowak 2026-03-04 12:02" in text
    assert "object 12.png 7 7 7, 1st of 2 mirrored A. Nowak 2026-03-04 12:03" in text
    told = "3 chromosomes are placed differently than proposed and 1 is confirmed."
    assert f"By A. Nowak: {told}" in text
    assert "Proposal → result: 46,XX (unchanged)" in text_of(report)
    assert "m: picture mirrored" in text
    assert (
        "No edits by a person: every chromosome is where it was proposed and none is confirmed."
        in (text_of(report))
    )


def test_chromosomes_still_to_be_reviewed_are_listed_with_their_reasons() -> None:
    doubtful = (chromosome(0, "13", reasons=["Could be 14 as well."]), chromosome(1, "14"))
    report = altered(cell({}), chromosomes=doubtful, placements=initial_placements(doubtful))
    text = text_of(report)
    assert "object 00.png 13 13 (97 %)" in text
    assert "Could be 14 as well." in text
    assert "object 01.png" not in text
    assert "No chromosome asks for review." in text_of(cell())


def test_model_device_and_seconds_are_named() -> None:
    text = text_of(cell())
    assert "compact 1.2, weights sha256 0123456789ab" in text
    assert "on cpu in 1.2 s at 2026-03-04 12:00" in text
    assert f"AI-assisted: a neural network, {MODEL}, proposed" in text


def test_a_cell_without_analysis_claims_no_network() -> None:
    bare = tuple(replace(c, predicted=None, assigned=None) for c in cell().cell.chromosomes)
    report = altered(cell(), chromosomes=bare, model=None, seconds=None, analysed_at=None)
    text = text_of(report)
    assert "AI-assisted" not in text
    assert "No neural network took part in this report." in text


def test_review_and_signature() -> None:
    signed = cell(reviewed_by="Dr. Ångström", reviewed_at=NOON)
    text = text_of(signed)
    assert "Reviewed: Dr. Ångström, 2026-03-04 12:00" in text
    assert "Signature" in text
    assert "preliminary" not in text
    assert "preliminary: not yet reviewed" in text_of(cell())
    assert "preliminary: 1 of 2 cells not yet reviewed" in text_of(signed, cell(name="b"))


def test_a_cell_by_itself_says_on_every_page_whose_it_is_and_that_nobody_signed_it() -> None:
    def told(report: CellReport) -> list[str]:
        data = cell_page_pdf(report_data(report, details=FULL))
        return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]

    for report, count in ((cell(counts_of(c21=3)), 1), (metaphase_cell(), 2)):
        pages = told(report)
        assert len(pages) == count
        for page in pages:
            assert FULL.patient_name in page
            assert "Preliminary: not yet reviewed" in page
        reviewed = told(altered(report, reviewed_by="A. Nowak", reviewed_at=NOON))
        assert "A. Nowak" in reviewed[0]
        assert not any("Preliminary" in page for page in reviewed)


def test_a_demonstration_says_so_on_every_page() -> None:
    assert all("Generated demonstration cell" in page for page in pages_of(cell(), is_demo=True))
    assert "demonstration" not in text_of(cell())


def test_the_karyogram_is_one_grey_picture_of_300_dpi_and_the_file_is_small() -> None:
    noisy = np.random.default_rng(3)
    made = []
    for found in cell(counts_of(c21=3)).cell.chromosomes:
        crop = found.segment.crop
        noise = noisy.integers(-30, 30, crop.shape)
        grainy = np.where(found.segment.mask, np.clip(crop + noise, 0, 250), 255).astype(np.uint8)
        made.append(replace(found, segment=replace(found.segment, crop=grainy)))
    report = altered(cell(counts_of(c21=3)), chromosomes=tuple(made))
    data = pdf_bytes(report, details=FULL)
    assert len(data) < 2_000_000
    document = pypdfium2.PdfDocument(data)
    images = [o for page in document for o in page.get_objects() if o.type == 3]
    assert len(images) == 1
    left, bottom, right, top = images[0].get_bounds()
    width, height = images[0].get_px_size()
    assert width / ((right - left) / 72) >= 299.9
    assert height / ((top - bottom) / 72) >= 299.9
    assert right - left > 500  # points: the width of the text
    (picture,) = (i for page in PdfReader(BytesIO(data)).pages for i in page.images)
    assert picture.image is not None
    assert picture.image.mode == "L"
    document.close()


def test_all_letters_are_embedded() -> None:
    reader = PdfReader(BytesIO(pdf_bytes(cell(), details=FULL)))
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font["/FontDescriptor"]


def test_names_of_any_length_wrap_within_the_page() -> None:
    word = "W" * 400
    long = replace(FULL, patient_name=word, laboratory=word, reason=word, comment=word * 20)
    report = cell(name=word, iscn=IscnProposal("47,XX," + "+21," * 60))
    karyogram = Karyogram(report.cell.placements)
    report = edited(report, karyogram.turn(["c3"], 90), who=word)
    data = pdf_bytes(report, details=long, case_name=word, software=word)
    document = pypdfium2.PdfDocument(data)
    for page in document:
        grey = np.asarray(page.render(scale=1).to_pil().convert("L"))
        assert (grey[:, :35] == 255).all()
        assert (grey[:, -35:] == 255).all()
        assert (grey[:15] == 255).all()
        assert (grey[-15:] == 255).all()
    document.close()
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    assert text.count("W") > 400 * 24


def test_letters_without_a_glyph_and_mark_up_do_no_harm() -> None:
    odd = "a\x00b <b>&amp; 中文 \U0001f600 \ud800"
    text = text_of(cell(name=odd), details=replace(FULL, patient_name=odd), case_name=odd)
    assert "<b>&amp;" in text


def test_several_cells_have_an_overview_and_pages_of_their_own() -> None:
    pages = pages_of(cell(name="first"), cell(name="second", iscn=IscnProposal("45,X")))
    assert "2 cells in this report" in pages[0]
    assert "45,X" in pages[0]
    assert "Signature" in pages[0]
    assert "Cell 1 of 2: first" in pages[1]
    assert not any("Cell 1 of 2" in page and "Cell 2 of 2" in page for page in pages)


@pytest.mark.parametrize("counts", [counts_of(c9=6), dict.fromkeys(TYPES, 4) | {"X": 2, "Y": 2}])
def test_six_in_a_slot_and_92_chromosomes_fit_a_page(counts: dict[str, int]) -> None:
    pages = pages_of(cell(counts), details=FULL)
    assert len(pages) <= 3
    assert f"{sum(counts.values())} chromosomes" in " ".join(pages)


def test_a_cell_full_of_unplaced_objects_is_printed() -> None:
    assert "unplaced: 200 objects" in text_of(cell({}, tray=200))


def test_no_chromosomes_and_no_cells_are_sentences() -> None:
    assert NO_CHROMOSOMES in text_of(cell({}))
    assert "No cells in this case." in text_of()


def test_the_assignment_and_evidence_against_it_are_told() -> None:
    report = disputed_cell()
    text = text_of(report)
    assert "Assigned: Best overall (maximum a posteriori): the types of all" in text
    assert "by OpenVINO int8, CPU" in text
    disagrees = "Image evidence disagrees with the assignment. Stands at 7, looks like 8 (97 %)."
    assert disagrees in text
    assert "46,XX,-7,+8" in text
    assert "Nearly as likely: 46,XX,-7,+8 (margin 1.2)." in text
    confirmed = edited(report, Karyogram(report.cell.placements).confirm(["c12"]))
    assert "Image evidence disagrees" not in text_of(confirmed)
    assert "Assigned:" not in text_of(cell())
