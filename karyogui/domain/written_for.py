"""What the words of a result were written for, and whether they still are for the result stated.

Nothing is guessed from the words: with each text is kept the karyotype that stood beside it when a
person last wrote or confirmed it, or the kind of result that a phrase in it is for where that is
not the one stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from karyogui.domain.case import CaseDetails
from karyogui.domain.case_review import ActKind, CaseAct
from karyogui.domain.iscn import reading
from karyogui.domain.iscn.order import is_normal
from karyogui.domain.iscn.syntax import Line
from karyogui.domain.report_template import ABNORMAL, MOSAIC, NORMAL, ReportTemplate

WORDS = {
    "result_words": "result in words",
    "interpretation": "interpretation",
    "recommendation": "recommendation",
}
"""The texts about a result, and their names."""
KEPT = {name: f"{name}_for" for name in WORDS}
"""The fields of the details that tell what each text was written for."""
NO_RESULT = "no result"
_PHRASE = "phrase: "
_KINDS = {NORMAL: "a normal result", ABNORMAL: "an abnormal result", MOSAIC: "a mosaic"}
_CELLS = re.compile(r"\[[^\[\]]*\]$")


def written_for(text: str, iscn: str, templates: Iterable[ReportTemplate] = ()) -> str:
    """What is kept with a text that a person wrote beside a karyotype; phrases in it are known."""
    if not text.strip():
        return ""
    if not iscn.strip():
        return NO_RESULT
    for template in templates:
        for name, phrase in template.phrases.items():
            kind = template.phrases_for.get(name, "")
            if kind and phrase in text and not _fits(kind, iscn):
                return f"{_PHRASE}{kind}"
    return iscn.strip()


def doubt(name: str, kept: str, iscn: str) -> str:
    """Why a text may not be for the result stated, a sentence; empty where nothing says so."""
    iscn = iscn.strip()
    if not kept or not iscn or _is_same(name, kept, iscn):
        return ""
    what = f"The {WORDS[name]}"
    if kept == NO_RESULT:
        return f"{what} was written before there was a result; it is {iscn}."
    if kept.startswith(_PHRASE):
        kind = kept.removeprefix(_PHRASE)
        if _fits(kind, iscn):
            return ""
        return f"{what} has a phrase for {_KINDS.get(kind, kind)}; the result is {iscn}."
    return f"{what} was written for {kept}; the result is {iscn}."


def doubts(details: CaseDetails) -> dict[str, str]:
    """The texts that may not be for the result stated, by their fields, each with its sentence."""
    found = {
        name: doubt(name, getattr(details, kept), details.iscn)
        for name, kept in KEPT.items()
        if getattr(details, name).strip()
    }
    return {name: told for name, told in found.items() if told}


def with_origins(details: CaseDetails, acts: Iterable[CaseAct]) -> CaseDetails:
    """The details of before this was kept: what karyotype was typed when each text was changed."""
    lacking = [n for n in KEPT if getattr(details, n).strip() and not getattr(details, KEPT[n])]
    if not lacking:
        return details
    iscn, found = "", dict[str, str]()
    for act in acts:
        if act.kind is not ActKind.DETAILS:
            continue
        changed = {told.partition(": ")[0]: told for told in act.told}
        if "iscn" in changed:
            iscn = changed["iscn"].rpartition(" → “")[2].removesuffix("”")
        found |= {KEPT[name]: iscn for name in lacking if name in changed}
    return replace(details, **found)


def _is_same(name: str, kept: str, iscn: str) -> bool:
    """Whether two karyotypes are the same to a text; only the words of it tell one line's cells."""
    if name == "result_words" or "/" in iscn:
        return kept == iscn
    return _CELLS.sub("", kept) == _CELLS.sub("", iscn)


def _fits(kind: str, iscn: str) -> bool:
    told = reading(iscn)
    lines = told.lines
    if not lines or any(line.is_unread for line in lines):
        return True  # what is wrong with it is told elsewhere
    if kind == MOSAIC:
        return len(lines) > 1
    if kind in (NORMAL, ABNORMAL):
        return (len(lines) == 1 and _is_normal(lines[0])) is (kind == NORMAL)
    changes = (told.text[c.start : c.end] for line in lines for c in line.changes)
    return any(change.removesuffix("c") == kind for change in changes)


def _is_normal(line: Line) -> bool:
    is_undisclosed = line.sex is not None and "U" in line.sex
    return is_normal(line) or (
        is_undisclosed and line.count == (46, 46) and not (line.changes or line.reference)
    )
