"""A karyotype in a sentence, in five languages; none at all where words are lacking."""

import pytest

from karyogui.domain.report_template import ReportTemplate
from karyogui.domain.result_words import result_in_words
from karyogui.services.report_templates import LANGUAGES, load_templates


def words(language: str) -> ReportTemplate:
    return load_templates().named(language)


@pytest.mark.parametrize(
    ("iscn", "told"),
    [
        ("46,XX", "Normal female karyotype."),
        ("46,U", "Normal karyotype."),
        ("47,XY,+21[20]", "Male karyotype with trisomy 21 (Down syndrome) in 20 cells."),
        ("45,XX,-22", "Female karyotype with monosomy 22."),
        ("45,X", "Monosomy X (Turner syndrome)."),
        (
            "48,XXY,+21",
            "Sex chromosomes XXY (Klinefelter syndrome), trisomy 21 (Down syndrome).",
        ),
        ("45,X,-Y[20]", "Sex chromosomes X, loss of Y in 20 cells."),
        ("69,XXY", "Triploidy, sex chromosomes XXY."),
        (
            "mos 45,X[5]/46,XX[15]",
            "2 cell lines: monosomy X (Turner syndrome) in 5 cells; "
            "normal female karyotype in 15 cells.",
        ),
        ("//46,XY[20]", "Donor: normal male karyotype in 20 cells."),
        (
            "46,XX[5]//46,XX[15]",
            "Chimera of 2 cell lines: normal female karyotype in 5 cells; "
            "donor: normal female karyotype in 15 cells.",
        ),
        (
            "46,XX,t(9;22)(q34;q11.2)",
            "Female karyotype with translocation between chromosomes 9 and 22 (q34; q11.2).",
        ),
        (
            "46,XX,inv(9)(p12q13)mat",
            "Female karyotype with inversion of chromosome 9 (p12q13) of maternal origin.",
        ),
        (
            "47,XX,+8[10]/48,idem,+21[1]",
            "2 cell lines: female karyotype with trisomy 8 in 10 cells; "
            "in addition to the first line gain of 21 in one cell.",
        ),
        (
            "48,XX,+mar1,+mar2",
            "Female karyotype with 2 marker chromosomes of unknown origin.",
        ),
        ("47,XX,+mar dn", "Female karyotype with a marker chromosome of unknown origin de novo."),
        (
            "68<3n>,XX,-X,+1,-7[20]",
            "Triploidy, sex chromosomes XX, loss of X, gain of 1, loss of 7 in 20 cells.",
        ),
        (
            "58<2n>,XX,+4,+5,+6,+8,+10,+12,+14,+17,+18,+20,+21,+22[5]",
            "Female karyotype with trisomy 4, trisomy 5, trisomy 6, trisomy 8, trisomy 10,"
            " trisomy 12, trisomy 14, trisomy 17, trisomy 18, trisomy 20, trisomy 21, trisomy 22"
            " in 5 cells.",
        ),
    ],
)
def test_what_is_common_has_words(iscn: str, told: str) -> None:
    assert result_in_words(iscn, words("en")) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tumour_is_no_syndrome(language: str) -> None:
    told = result_in_words("47,XY,+21[5]/46,XY[15]", words(language), acquired=True)
    assert "21" in told
    assert words(language).syndromes["+21"] not in told
    assert words(language).syndromes["+21"] in result_in_words("47,XY,+21[5]", words(language))
    plain = result_in_words("47,XX,+X[4]/46,XX[16]", words(language))
    assert plain
    assert words(language).syndromes["47,XXX"] not in plain


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "iscn",
    [
        "",
        "47,XX",  # what is listed makes 46
        "46,XX,+21",
        "nonsense",
        "46,XX,?del(5)(q13q33)",
        "47,XX,+?8",
        "46,XX,cpx(1;2;3)",
        "25<1n>,X,+8,+21[4]",
        "25,X,+8,+21[4]",
        "115,XXXXX",
        "46,XX,inv dup(8)(p23p12)",
        "46,XX,dic r(14)(p11.2q32.3)",
        "45~48,XX,+8[cp10]",
        "46,XX,del(5)(q13q33),inc",
        "46,XX,t(1;2;3)(p32;q21;q26)",
        "46,XX.ish del(22)(q11.2q11.2)(TUPLE1-)",
    ],
)
def test_what_has_no_words_has_no_half_sentence(iscn: str, language: str) -> None:
    assert result_in_words(iscn, words(language)) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_cells_and_chromosomes_stand_in_every_language(language: str) -> None:
    told = result_in_words("mos 47,XY,+18[7]/46,XY[13]", words(language))
    assert all(number in told for number in ("18", "7", "13"))
    assert words(language).syndromes["+18"] in told
