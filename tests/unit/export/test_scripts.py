"""Names of other scripts: in their order, joined, stacked, in faces that have their letters."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from pypdf import PdfReader
from reportlab.platypus import Paragraph, SimpleDocTemplate

from karyogui.domain.case import CaseDetails
from karyogui.export import fonts
from karyogui.export.fonts import face_of, printable, runs, unprintable
from karyogui.export.karyogram_pictures import KaryogramPng
from karyogui.export.letters import letters_missing_in
from karyogui.export.pdf_report import PdfReport
from karyogui.export.pdf_style import paragraph
from karyogui.export.scripts import visual
from tests.unit.export.builders import cell, report_data

ARABIC = "\u0645\u062d\u0645\u062f \u0639\u0628\u062f \u0627\u0644\u0644\u0647"
HEBREW = "\u05e9\u05e8\u05d4 \u05db\u05d4\u05df"
HINDI = "\u092a\u094d\u0930\u093f\u092f\u093e \u0936\u0930\u094d\u092e\u093e"
THAI = "\u0e2a\u0e21\u0e0a\u0e32\u0e22 \u0e1c\u0e39\u0e49\u0e1b\u0e48\u0e27\u0e22"
PERSIAN = "\u06af\u0644\u200c\u0645\u062d\u0645\u062f\u06cc"
CHINESE, KOREAN = "\u738b\u5c0f\u660e", "\uae40\ubbfc\uc218"


@pytest.fixture
def no_face_of_east_asia(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fonts, "east_asian_faces", tuple)
    face_of.cache_clear()
    yield
    face_of.cache_clear()


def pdf(name: str) -> bytes:
    target = BytesIO()
    data = report_data(cell(name=name), details=CaseDetails(patient_name=name, reason=name * 3))
    PdfReport().write(data, target)
    return target.getvalue()


@pytest.mark.parametrize("name", [ARABIC, HEBREW, HINDI, THAI, PERSIAN])
def test_letters_come_with_the_program_whatever_the_computer_has(
    name: str, no_face_of_east_asia: None
) -> None:
    assert letters_missing_in([name]) == ""
    assert "?" not in printable(name)


@pytest.mark.parametrize("name", [CHINESE, KOREAN])
def test_east_asian_letters_without_a_face_are_told_and_not_taken_apart(
    name: str, no_face_of_east_asia: None
) -> None:
    assert unprintable([name]) == tuple(name)
    assert printable(name) == "???"


def test_what_is_written_from_the_right_stands_so_on_paper() -> None:
    assert visual(HEBREW) == HEBREW[::-1]
    assert visual(f"{HEBREW} 12") == f"12 {HEBREW[::-1]}"
    assert visual("Jane 12") == "Jane 12"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("{} (Cohen)", "(Cohen) {}"),
        ("{} (Cohen) [2]", "[2] (Cohen) {}"),
        ("{} (1980-01-02)", "(1980-01-02) {}"),
        ("Ann ({})", "Ann ({})"),
        ("{} 46,XY,t(9;22)(q34;q11.2)[20].", ".46,XY,t(9;22)(q34;q11.2)[20] {}"),
        ("{} (46,XY[20])", "(46,XY[20]) {}"),
    ],
)
def test_brackets_and_karyotypes_among_hebrew_are_read_as_they_were_written(
    said: str, shown: str
) -> None:
    assert visual(said.format(HEBREW)) == shown.format(HEBREW[::-1])


def test_arabic_letters_are_joined_and_have_glyphs() -> None:
    shown = visual(ARABIC)
    assert shown != ARABIC[::-1]
    assert all("\ufb50" <= letter <= "\ufefc" for letter in shown if letter != " ")
    assert all(ord(letter) in fonts.code_points() for letter in shown)
    # Where a joiner says so, they are not joined; it leaves no ink itself.
    joined, apart = visual(PERSIAN.replace("\u200c", "")), visual(printable(PERSIAN))
    assert joined != apart
    assert len(joined) == len(apart)


def test_a_long_text_from_the_right_begins_in_its_first_line() -> None:
    words = [f"{HEBREW.split()[0]}{n}" for n in range(60)]
    long = paragraph(" ".join(words))
    assert isinstance(long, Paragraph)
    _, height = long.wrap(200, 10_000)
    assert height > 5 * long.style.leading
    first = " ".join(word.text for word in long.blPara.lines[0].words)  # type: ignore[attr-defined]
    assert visual(words[0]) in first
    assert visual(words[-1]) not in first
    top, rest = long.split(200, height / 2)
    both = top.wrap(200, 10_000)[1] + rest.wrap(200, 10_000)[1]
    assert height <= both <= height + long.style.leading


def test_a_shaped_name_keeps_one_face_and_latin_letters_theirs() -> None:
    pieces = runs(printable(f"Dr. {HINDI} 12"))
    assert [face.name if face else "" for face, _ in pieces] == ["", "KaryoDevanagari", ""]
    shaped = paragraph(HINDI)
    assert (shaped.style.fontName, shaped.style.shaping) == ("KaryoDevanagari", 1)
    # The letters that are written together take less room than each alone.
    alone = Paragraph(f'<font name="KaryoDevanagari">{HINDI}</font>', paragraph("").style)
    assert ink_width(shaped) < ink_width(alone)


def ink_width(text: Paragraph) -> int:
    """Pixels from the first ink to the last."""
    target = BytesIO()
    SimpleDocTemplate(target).build([text])
    document = pypdfium2.PdfDocument(target.getvalue())
    grey = np.asarray(document[0].render(scale=4).to_pil().convert("L"))
    document.close()
    columns = np.flatnonzero((grey < 128).any(axis=0))
    return int(columns[-1] - columns[0])


@pytest.mark.parametrize("name", [ARABIC, HEBREW, HINDI, THAI])
def test_the_report_is_printed_with_embedded_letters(name: str) -> None:
    data = pdf(name)
    for page in PdfReader(BytesIO(data)).pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font["/FontDescriptor"]
    document = pypdfium2.PdfDocument(data)
    grey = np.asarray(document[0].render(scale=1).to_pil().convert("L"))
    document.close()
    assert (grey[:, :35] == 255).all()
    assert (grey[:, -35:] == 255).all()


@pytest.mark.parametrize("name", [ARABIC, HEBREW, HINDI, THAI])
def test_the_karyogram_bears_the_name(name: str) -> None:
    target, plain = BytesIO(), BytesIO()
    KaryogramPng().write(report_data(cell(), case_name=name), target)
    KaryogramPng().write(report_data(cell(), case_name="?" * len(name)), plain)
    assert target.getvalue() != plain.getvalue()
