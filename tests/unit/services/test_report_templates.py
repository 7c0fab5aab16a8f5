"""Templates: five languages that are whole, and a laboratory's own, used or told what is wrong."""

from pathlib import Path

import pytest

from karyogui.domain.case_review import Role
from karyogui.domain.report_template import PLACES, PLAIN, faults
from karyogui.errors import KaryoError
from karyogui.services.report_templates import LANGUAGES, load_templates, made


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_and_place(language: str) -> None:
    template = load_templates().named(language)
    assert faults(template.words, template.syndromes) == ()
    assert set(template.words) == {*PLAIN, *PLACES}
    assert template.phrases
    assert [len(template.meanings(role)) for role in Role] == [2, 2, 1]


def test_languages_do_not_share_their_sentences() -> None:
    titles = {load_templates().named(language)["title"] for language in LANGUAGES}
    assert len(titles) == len(LANGUAGES)


def test_a_laboratorys_own_template_comes_first_and_holds_only_what_differs(
    tmp_path: Path,
) -> None:
    (tmp_path / "ours.toml").write_text(
        'language = "de"\nname = "Hausbefund"\n'
        'letterhead = ["Musterstraße 1", "12345 Musterstadt"]\naccreditation = "ISO 15189"\n'
        '[words]\ntitle = "Chromosomenbefund"\n[phrases]\n"Normal" = "Unauffällig."\n',
        encoding="utf-8",
    )
    templates = load_templates(tmp_path)
    own = templates.usable[0]
    assert (own.name, own["title"], own["iscn"]) == (
        "Hausbefund",
        "Chromosomenbefund",
        "Ergebnis",
    )
    assert own.letterhead == ("Musterstraße 1", "12345 Musterstadt")
    assert own.phrases == {"Normal": "Unauffällig."}
    assert templates.problems == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('language = "de"\nlogo = ' + "[" * 50_000, "nested too deeply"),
        ('[words]\ntitle = ""\n', "“title” is missing or empty."),
        ('[words]\npage = "{page}"\n', "“page” lacks the place {pages}."),
        ('[words]\npage = "{page} {pages} {sum}"\n', "a place {sum} that nothing fills"),
        ('[words]\npage = "{page} {pages"\n', "a brace without its other one"),
        ('[words]\npage = "{page:9999999999} {pages}"\n', "more than a name in its place {page}"),
        ('[words]\nedition = "{edition!z}"\n', "more than a name in its place {edition}"),
        ('[words]\nheading = "Befund"\n', "“heading”, which no report knows"),
        ("words = 3\n", "“words” is no table of texts"),
        ("[words]\ntitle = 3\n", "“words” is no table of texts"),
        ('language = "xx"\n', "in a language xx"),
        ("language = \n", "cannot be read"),
        ('logo = "logo.svg"\n', "no PNG or JPEG"),
        ('logo = "logo.png"\n', "The logo logo.png of ours.toml cannot be read."),
        ("letterhead = 7\n", "“letterhead” is no text"),
    ],
)
def test_a_template_that_cannot_be_used_says_why_and_the_others_can(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    templates = load_templates(tmp_path)
    assert len(templates.usable) == len(LANGUAGES)
    (problem,) = templates.problems
    assert told in problem
    assert "ours.toml" in problem


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_bytes(b"\xff\xfe\x00x")
    assert load_templates(tmp_path).problems == ("The template ours.toml is no text in UTF-8.",)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KaryoError, match="no report template Klingon"):
        load_templates().named("Klingon")


def test_a_chosen_template_that_is_gone_is_told_and_another_stands_in(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('language = "de"\nname = "Labor Muster"\n', encoding="utf-8")
    loaded = load_templates(tmp_path)
    template, templates = loaded.chosen("Labor Muster")
    assert (template.name, templates.problems) == ("Labor Muster", ())
    assert loaded.chosen("") == (template, templates)
    template, templates = loaded.chosen("Labor Anders")
    assert template.name == "Labor Muster"
    assert templates.problems == (
        "The template Labor Anders cannot be used any more: this is Labor Muster.",
    )


def test_of_two_templates_with_one_name_the_second_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = f'language = "de"\nname = "Labor Muster"\naccreditation = "{name}"\n'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    loaded = load_templates(tmp_path)
    assert [t.accreditation for t in loaded.usable if t.name == "Labor Muster"] == ["a"]
    assert loaded.problems == (
        "The template b.toml has the name Labor Muster, as another one has.",
    )


def test_the_folder_of_templates_is_made_when_it_is_looked_for(tmp_path: Path) -> None:
    assert made(tmp_path / "settings" / "report").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(KaryoError, match="cannot be made"):
        made(tmp_path / "file" / "report")


def test_a_laboratory_says_what_its_phrases_are_for(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'name = "Own"\n[phrases]\n"Fine" = "All is well."\n"Any" = "See above."\n'
        '[phrases_for]\n"Fine" = "normal"\n',
        encoding="utf-8",
    )
    assert load_templates(tmp_path).named("Own").phrases_for == {"Fine": "normal"}
    (tmp_path / "own.toml").write_text('name = "Own"\n[phrases]\n"Fine" = "Well."\n', "utf-8")
    assert load_templates(tmp_path).named("Own").phrases_for == {}
    for wrong, told in (('"Other" = "normal"', "no phrase “Other”"), ('"Fine" = "bad"', "“bad”")):
        (tmp_path / "own.toml").write_text(
            f'[phrases]\n"Fine" = "Well."\n[phrases_for]\n{wrong}\n', encoding="utf-8"
        )
        assert told in load_templates(tmp_path).problems[0]
