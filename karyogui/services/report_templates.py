"""Templates of the report: those that come with the program, and a laboratory's own.

A laboratory's file names the language it builds on and holds only what is otherwise: letterhead,
logo, accreditation, phrases, single words. A file that cannot be used is named, never left out in
silence, and the others can be used all the same.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from karyogui.domain.report_template import (
    ABNORMAL,
    MOSAIC,
    NORMAL,
    PLACES,
    PLAIN,
    SYNDROMES,
    ReportTemplate,
    faults,
)
from karyogui.errors import KaryoError
from karyogui.paths import REPORT_WORDS
from model.vocabulary.files import read_plain

LANGUAGES = ("en", "de", "fr", "es", "zh")
LOGOS = (".png", ".jpg", ".jpeg")
_LARGEST_LOGO = 5_000_000
_CHANGE = re.compile(r"[+-](?:[1-9]|1[0-9]|2[0-2]|X|Y|mar)")
_TABLES = ("words", "syndromes", "phrases", "phrases_for")
_OWN = ("language", "name", "letterhead", "accreditation", "logo")


@dataclass(frozen=True)
class Templates:
    """The templates that can be used, the laboratory's own first, and what is wrong with others."""

    usable: tuple[ReportTemplate, ...]
    problems: tuple[str, ...]

    def named(self, name: str) -> ReportTemplate:
        """The template of that name, or of that language; `KaryoError` when there is none."""
        for template in self.usable:
            if name in (template.name, template.language):
                return template
        raise KaryoError(f"There is no report template {name}.", " ".join(self.problems))

    def chosen(self, name: str) -> tuple[ReportTemplate, Templates]:
        """The template chosen earlier, if any; where it is gone the first one, and that is told."""
        try:
            return self.named(name) if name else self.usable[0], self
        except KaryoError:
            first = self.usable[0]
        told = f"The template {name} cannot be used any more: this is {first.name}."
        return first, replace(self, problems=(told, *self.problems))


def load_templates(folder: Path | None = None) -> Templates:
    """All templates: the laboratory's in `folder`, then one for each language."""
    bundled = {name: _read_bundled(name) for name in LANGUAGES}
    own, problems = list[ReportTemplate](), list[str]()
    files = sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else []
    for path in files:
        try:
            read = _read_own(path, bundled)
            if read.name in {template.name for template in own}:
                raise KaryoError(
                    f"The template {path.name} has the name {read.name}, as another one has."
                )
            own.append(read)
        except KaryoError as error:
            problems.append(str(error))
    return Templates((*own, *bundled.values()), tuple(problems))


def made(folder: Path) -> Path:
    """The folder for a laboratory's own templates, which is made when it is looked for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"The folder {folder} cannot be made: {error.strerror}."
        raise KaryoError(told) from error
    return folder


def _read_bundled(language: str) -> ReportTemplate:
    stored = _parsed(REPORT_WORDS / f"{language}.toml")
    return ReportTemplate(
        language=language,
        name=str(stored["name"]),
        words=stored["words"],
        syndromes=stored["syndromes"],
        phrases=stored["phrases"],
        phrases_for=stored["phrases_for"],
    )


def _read_own(path: Path, bundled: Mapping[str, ReportTemplate]) -> ReportTemplate:
    stored = _parsed(path)
    name = path.name
    unknown = [key for key in stored if key not in (*_TABLES, *_OWN)]
    if unknown:
        raise KaryoError(f"The template {name} has “{unknown[0]}”, which no report knows.")
    for table in _TABLES:
        told = stored.get(table, {})
        if not isinstance(told, dict) or not all(isinstance(v, str) for v in told.values()):
            raise KaryoError(f"In the template {name} “{table}” is no table of texts.")
    known = {"words": (*PLAIN, *PLACES), "syndromes": SYNDROMES}
    for table, keys in known.items():
        if strange := [key for key in stored.get(table, {}) if key not in keys]:
            raise KaryoError(f"The template {name} has “{strange[0]}”, which no report knows.")
    language = stored.get("language", "en")
    if language not in bundled:
        told = ", ".join(LANGUAGES)
        raise KaryoError(f"The template {name} is in a language {language}; there are {told}.")
    base = bundled[language]
    words = {**base.words, **stored.get("words", {})}
    syndromes = {**base.syndromes, **stored.get("syndromes", {})}
    if wrong := faults(words, syndromes):
        raise KaryoError(f"The template {name} cannot be used: {' '.join(wrong)}")
    phrases, kinds = _phrases(stored, base, name)
    return ReportTemplate(
        language=language,
        name=_text(stored, "name", name) or path.stem,
        words=words,
        syndromes=syndromes,
        phrases=phrases,
        phrases_for=kinds,
        letterhead=_letterhead(stored, name),
        accreditation=_text(stored, "accreditation", name),
        logo=_logo(stored, path),
    )


def _phrases(
    stored: Mapping[str, Any], base: ReportTemplate, name: str
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The phrases, and what kind of result each is for where the file says so."""
    phrases = stored.get("phrases") or base.phrases
    kinds = stored.get("phrases_for") or ({} if stored.get("phrases") else base.phrases_for)
    for phrase, kind in kinds.items():
        if phrase not in phrases:
            raise KaryoError(f"The template {name} has no phrase “{phrase}” to say a kind of.")
        if kind not in (NORMAL, ABNORMAL, MOSAIC) and not _CHANGE.fullmatch(kind):
            raise KaryoError(
                f"The template {name} has the phrase “{phrase}” for “{kind}”: normal, abnormal, "
                "mosaic or a gain or loss as +21 is known."
            )
    return phrases, kinds


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_plain(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise KaryoError(f"The template {path.name} is no text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise KaryoError(f"The template {path.name} cannot be read: {error}.") from error
    except RecursionError as error:
        raise KaryoError(f"The template {path.name} is nested too deeply.") from error
    except OSError as error:
        raise KaryoError(f"The template {path.name} cannot be read: {error.strerror}.") from error


def _text(stored: Mapping[str, Any], key: str, name: str) -> str:
    told = stored.get(key, "")
    if not isinstance(told, str):
        raise KaryoError(f"In the template {name} “{key}” is no text.")
    return told.strip()


def _letterhead(stored: Mapping[str, Any], name: str) -> tuple[str, ...]:
    told = stored.get("letterhead", [])
    lines = told.splitlines() if isinstance(told, str) else told
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise KaryoError(f"In the template {name} “letterhead” is no text and no list of lines.")
    return tuple(line.strip() for line in lines if line.strip())


def _logo(stored: Mapping[str, Any], path: Path) -> bytes | None:
    name = _text(stored, "logo", path.name)
    if not name:
        return None
    file = path.parent / name
    if file.suffix.lower() not in LOGOS:
        raise KaryoError(f"The logo {name} of {path.name} is no PNG or JPEG picture.")
    try:
        if file.stat().st_size > _LARGEST_LOGO:
            raise KaryoError(f"The logo {name} of {path.name} is larger than 5 MB.")
        return read_plain(file)
    except OSError as error:
        raise KaryoError(f"The logo {name} of {path.name} cannot be read.") from error
