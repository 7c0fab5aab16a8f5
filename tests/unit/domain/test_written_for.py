"""Words of a result and the result that they were written for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_review import ActKind, CaseAct, Role
from karyogui.domain.report_template import ABNORMAL, NORMAL
from karyogui.domain.written_for import KEPT, NO_RESULT, WORDS, doubts, with_origins, written_for
from karyogui.export.case_report_pdf import missing_points
from karyogui.services.report_templates import LANGUAGES, load_templates
from tests.unit.export.case_reports import signed, unsigned

TEMPLATES = load_templates().usable
NORMALS = ("46,XX", "46,XY[20]", "46,U[20]")
ABNORMALS = ("47,XX,+21[20]", "45,X", "46,XY,t(9;22)(q34;q11.2)[20]", "mos 47,XX,+21[3]/46,XX[17]",
             "46,XX,inv(9)(p12q13)")  # fmt: skip
RESULTS = (*NORMALS, *ABNORMALS)


def details(iscn: str, **told: str) -> CaseDetails:
    return CaseDetails(iscn=iscn, iscn_edition="2024", **told)


def of_kind(*kinds: str) -> list[str]:
    return [t.phrases[name] for t in TEMPLATES for name, kind in t.phrases_for.items()
            if kind in kinds]  # fmt: skip


def test_every_language_says_of_its_phrases_what_they_are_for() -> None:
    assert len(of_kind(NORMAL)) == len(LANGUAGES)
    for template in TEMPLATES:
        assert set(template.phrases_for) < set(template.phrases)
        assert sorted(template.phrases_for.values()) == sorted(TEMPLATES[0].phrases_for.values())


@pytest.mark.parametrize("phrase", of_kind(NORMAL))
@pytest.mark.parametrize("iscn", RESULTS)
def test_normal_words_stand_under_no_abnormal_karyotype_in_silence(iscn: str, phrase: str) -> None:
    kept = written_for(f"Before. {phrase} Behind.", iscn, TEMPLATES)
    told = doubts(details(iscn, interpretation=phrase, interpretation_for=kept))
    assert bool(told) is (iscn in ABNORMALS)


@pytest.mark.parametrize("phrase", of_kind(ABNORMAL, "+21", "mosaic"))
@pytest.mark.parametrize("iscn", NORMALS)
def test_nor_abnormal_words_under_a_normal_one(iscn: str, phrase: str) -> None:
    kept = written_for(phrase, iscn, TEMPLATES)
    assert doubts(details(iscn, interpretation=phrase, interpretation_for=kept))


@pytest.mark.parametrize("phrase", of_kind("+21"))
def test_words_of_one_trisomy_are_not_for_another(phrase: str) -> None:
    assert written_for(phrase, "47,XX,+21c", TEMPLATES) == "47,XX,+21c"
    assert written_for(phrase, "47,XX,+13", TEMPLATES) == "phrase: +21"


@settings(max_examples=40)
@given(
    name=st.sampled_from(list(WORDS)),
    text=st.sampled_from(["My own words.", *of_kind(NORMAL, ABNORMAL, "mosaic", "+21")]),
    first=st.sampled_from(("", *RESULTS)),
    then=st.sampled_from(RESULTS),
)
def test_nothing_is_signed_with_words_of_another_result_unless_a_person_confirmed_them(
    name: str, text: str, first: str, then: str
) -> None:
    kept = written_for(text, first, TEMPLATES)
    base = unsigned(**{name: text, KEPT[name]: kept, "iscn": then})
    report = replace(base, result=replace(base.result, iscn=then))
    words = [one for one in report.open_points if one.key == "words"]
    if text == "My own words." and first.partition("[")[0] != then.partition("[")[0]:
        assert words
    if not words:
        return
    assert all(words[0].text in report.needs(role) for role in (Role.ANALYSED, Role.CHECKED))
    assert words[0].text in signed(report, *list(Role)[:2]).needs(Role.APPROVED)
    for template in TEMPLATES:
        # Told on the pages, which reveal no sex by it.
        page = " ".join(missing_points(report, template))
        assert template.filled("need_words", field=template[name]) in page
    confirmed = replace(report, details=replace(report.details, **{KEPT[name]: then}))
    assert not [one for one in confirmed.open_points if one.key == "words"]
    # The report itself says the same, so that what was signed stays signed.
    assert confirmed.content == report.content


def test_a_cell_more_of_one_line_is_another_result_to_the_words_alone() -> None:
    told = doubts(
        details(
            "46,XX[20]",
            result_words="Female karyotype in 19 cells.",
            result_words_for="46,XX[19]",
            interpretation="Nothing found.",
            interpretation_for="46,XX[19]",
        )
    )
    assert list(told) == ["result_words"]
    mosaic = details("mos 47,XX,+21[19]/46,XX[1]", interpretation="Few cells.",
                     interpretation_for="mos 47,XX,+21[1]/46,XX[19]")  # fmt: skip
    assert doubts(mosaic)


def test_words_written_before_there_was_a_result_are_looked_at_once_there_is() -> None:
    assert written_for("Nothing found.", "") == NO_RESULT
    assert doubts(details("", interpretation="a", interpretation_for=NO_RESULT)) == {}
    assert doubts(details("46,XX", interpretation="a", interpretation_for=NO_RESULT))
    assert written_for("  ", "46,XX") == ""


def test_of_older_reports_the_acts_say_which_karyotype_stood_there() -> None:
    def act(*told: str) -> CaseAct:
        return CaseAct(ActKind.DETAILS, "Ann Nowak", datetime(2026, 3, 1, tzinfo=UTC), told=told)

    acts = [
        act("iscn: “” → “46,XX”"),
        act("interpretation: “” → “Nothing found.”"),
        act("iscn: “46,XX” → “47,XX,+21”", "result_words: “” → “Trisomy 21.”"),
    ]
    old = details("47,XX,+21", interpretation="Nothing found.", result_words="Trisomy 21.")
    told = doubts(with_origins(old, acts))
    assert told == {
        "interpretation": "The interpretation was written for 46,XX; the result is 47,XX,+21."
    }
    assert doubts(with_origins(old, ())) == {}
