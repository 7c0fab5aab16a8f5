from pathlib import Path

from reportlab.pdfbase.ttfonts import TTFont

from karyogui.export import fonts
from karyogui.export.fonts import choose_typeface, printable, typeface

VERA = {ord(c) for c in "ABCabcos?-. lLr"}


def test_letters_without_a_glyph_lose_their_accent_and_the_rest_becomes_a_question_mark() -> None:
    known = frozenset(VERA)
    assert printable("aőłcč", known) == "aolcc"
    assert printable("a中b", known) == "a?b"


def test_control_characters_never_reach_the_paper() -> None:
    assert printable("a\x00b\tc\u200bd\u2028e") == "a b cd e"
    assert printable("two\nlines") == "two\nlines"


def test_without_any_font_folder_the_bundled_family_serves(tmp_path: Path) -> None:
    family = choose_typeface((tmp_path,))
    assert family.regular.is_file()
    assert family.bold.is_file()
    assert "Vera" in family.regular.name


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        (tmp_path / name).write_bytes(b"no font")
    assert "Vera" in choose_typeface((tmp_path,)).regular.name


def test_a_family_in_a_folder_below_is_found_whatever_the_case_of_its_name(tmp_path: Path) -> None:
    family = typeface()
    if "Vera" in family.regular.name:
        return  # nothing better on this computer
    below = tmp_path / "truetype"
    below.mkdir()
    for source, name in ((family.regular, "ARIAL.TTF"), (family.bold, "ArialBd.ttf")):
        (below / name).write_bytes(Path(source).read_bytes())
    assert choose_typeface((tmp_path,)).regular.name == "ARIAL.TTF"


def test_known_letters_have_glyphs_in_both_faces() -> None:
    family = typeface()
    for path in (family.regular, family.bold):
        assert family.code_points <= TTFont("probe", str(path)).face.charToGlyph.keys()


def test_font_folders_are_looked_up_without_failing() -> None:
    assert all(folder.is_dir() for folder in fonts._font_folders())


def test_what_belongs_on_one_line_stays_there() -> None:
    """As “10 (< 1 %)” in a narrow column: a no-break space is not made an ordinary one."""
    assert printable("10\xa0(<\xa01\xa0%)") == "10\xa0(<\xa01\xa0%)"
    assert printable("1\xa0%", known=frozenset(map(ord, "1 %"))) == "1 %"
