from pathlib import Path

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from karyogui.export.fonts import FILES, code_points, pillow_font, printable
from karyogui.paths import ASSETS

VERA = {ord(c) for c in "ABCabcos?-. lLr"}


def test_letters_without_a_glyph_lose_their_accent_and_the_rest_becomes_a_question_mark() -> None:
    known = frozenset(VERA)
    assert printable("aőłcč", known) == "aolcc"
    assert printable("a中b", known) == "a?b"


def test_control_characters_never_reach_the_paper() -> None:
    assert printable("a\x00b\tc\u200bd\u2028e") == "a b cd e"
    assert printable("two\nlines") == "two\nlines"


def test_names_of_europe_have_their_letters() -> None:
    for name in ("Łukasz Őry", "Çağla Ýş", "Ærøskøbing ß", "Ελένη", "Žofie"):
        assert printable(name) == name


@pytest.mark.parametrize("file", FILES.values(), ids=lambda file: str(file.stem))
def test_known_letters_have_glyphs_in_both_faces(file: Path) -> None:
    assert code_points() <= TTFont("probe", file).face.charToGlyph.keys()


def test_the_fonts_come_with_the_program_and_their_licence() -> None:
    assert all(file.parent == ASSETS / "fonts" for file in FILES.values())
    assert "Bitstream Vera" in (ASSETS / "fonts" / "LICENSE").read_text(encoding="utf-8")
    assert pillow_font(12, bold=True).getname() == ("DejaVu Sans", "Bold")


def test_what_belongs_on_one_line_stays_there() -> None:
    """As “10 (< 1 %)” in a narrow column: a no-break space is not made an ordinary one."""
    assert printable("10\xa0(<\xa01\xa0%)") == "10\xa0(<\xa01\xa0%)"
    assert printable("1\xa0%", known=frozenset(map(ord, "1 %"))) == "1 %"
