"""The words of a report in one language, and what a laboratory puts into them.

They are data: `assets/report` holds a file for each language, a laboratory's own file lies in the
settings folder. Here is what such a file has to have.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from karyogui.domain.case_review import Role

PLACES: dict[str, frozenset[str]] = {
    "page": frozenset(("page", "pages")),
    "version": frozenset(("number",)),
    "amended": frozenset(("number",)),
    "changes_to": frozenset(("number",)),
    "edition": frozenset(("edition",)),
    "excluded_share": frozenset(("confidence", "cells", "percent")),
    "excluded_share_colonies": frozenset(("confidence", "cells", "percent")),
    "abnormal_share": frozenset(("abnormal", "cells", "confidence", "low", "high")),
    "line": frozenset(("number", "iscn")),
    "metaphase": frozenset(("cell",)),
    "karyogram": frozenset(("cell",)),
    "counted": frozenset(("number",)),
    "analysed": frozenset(("number",)),
    "karyotyped": frozenset(("number",)),
    "colonies": frozenset(("number",)),
    "cells_excluded": frozenset(("number",)),
    "result_line": frozenset(("result", "cells")),
    "result_female_with": frozenset(("changes",)),
    "result_male_with": frozenset(("changes",)),
    "result_pair": frozenset(("first", "second")),
    "result_line_one": frozenset(("result",)),
    "result_mosaic": frozenset(("number", "lines")),
    "result_chimera": frozenset(("number", "lines")),
    "result_donor": frozenset(("result",)),
    "result_gain": frozenset(("chromosome",)),
    "result_loss": frozenset(("chromosome",)),
    "result_trisomy": frozenset(("chromosome",)),
    "result_monosomy": frozenset(("chromosome",)),
    "result_markers": frozenset(("number",)),
    "result_sex": frozenset(("sex",)),
    "result_del": frozenset(("chromosome", "bands")),
    "result_dup": frozenset(("chromosome", "bands")),
    "result_inv": frozenset(("chromosome", "bands")),
    "result_i": frozenset(("chromosome", "bands")),
    "result_r": frozenset(("chromosome", "bands")),
    "result_add": frozenset(("chromosome", "bands")),
    "result_t": frozenset(("chromosomes", "bands")),
    "result_rob": frozenset(("chromosomes", "bands")),
    "result_der": frozenset(("chromosome",)),
    "result_stem": frozenset(("changes",)),
    "set_up": frozenset(("date",)),
    "harvested": frozenset(("date",)),
    "accepted": frozenset(("reason", "when", "who")),
    "missing_more": frozenset(("number",)),
    "need_count": frozenset(("number",)),
    "need_count_colonies": frozenset(("number",)),
    "need_analyse": frozenset(("number",)),
    "need_karyotype": frozenset(("number",)),
    "need_cultures": frozenset(("number",)),
    "need_unnamed_culture": frozenset(("asked", "number")),
    "need_unnamed_colony": frozenset(("number",)),
    "need_colony": frozenset(("asked", "colony", "number")),
    "need_shown": frozenset(("number",)),
    "need_line": frozenset(("line", "number")),
    "need_bands": frozenset(("asked", "bands")),
    "need_open_cell": frozenset(("cell",)),
    "need_change": frozenset(("asked", "change", "number")),
    "need_iscn": frozenset(("iscn",)),
    "need_empty": frozenset(("field",)),
    "need_words": frozenset(("field",)),
    "need_no_karyogram": frozenset(("line",)),
    "need_not_signed_off": frozenset(("cells",)),
    "need_differences": frozenset(("number",)),
}
"""Words with places to be filled, and which."""

PLAIN: tuple[str, ...] = (
    *("title", "preliminary", "laboratory", "accreditation", "report_number", "patient"),
    *("identifier", "date_of_birth", "sex_as_given", "sex_withheld", "requester", "specimen"),
    *("sampled", "received", "reported", "reason", "gestational_age", "method", "culture"),
    *("banding", "g_banding", "band_level", "below_requirement", "cells"),
    *("iscn", "result_words", "limits", "limits_scope", "interpretation"),
    *("recommendation", "comment", "signatures", "analysed_by", "checked_by", "approved_by"),
    *("not_signed", "on", "change_reason", "before", "after", "phoned", "phoned_result"),
    *("phoned_to", "phoned_at", "phoned_read_back", "empty", "unidentified", "generated", "aid"),
    *("case", "sex_not_shown", "result_normal_female", "result_normal_male", "result_normal"),
    *("result_marker", "result_triploidy", "result_tetraploidy", "result_composite"),
    *("meaning_analysed", "meaning_analysed_microscope", "meaning_checked"),
    *("meaning_checked_microscope", "meaning_approved", "decimal", "colon"),
    *("result_dn", "result_mat", "result_pat", "result_and", "result_next"),
    *("protocol", "not_met", "still_missing", "need_no_iscn", "need_identifiers", "need_no_cell"),
    *("need_wrong_iscn", "need_altered", "mirrored"),
)
"""Words without places."""

SYNDROMES: tuple[str, ...] = ("+21", "+18", "+13", "45,X", "47,XXY", "47,XXX", "47,XYY")
"""Findings that have a name of their own in every language."""

NORMAL, ABNORMAL, MOSAIC = "normal", "abnormal", "mosaic"
"""Kinds of result that a phrase can be for; or else a change as ISCN writes it, as +21."""


@dataclass(frozen=True)
class ReportTemplate:
    """Everything of a report that is no finding: words, names of findings, letterhead, phrases.

    `phrases` are sentences for the interpretation by their short names, `phrases_for` the kinds of
    result that they are for, where they are not for any; `logo` is the data of a
    picture; `separator` stands between the parts of a sentence about changes.
    """

    language: str
    name: str
    words: Mapping[str, str]
    syndromes: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)
    phrases_for: Mapping[str, str] = field(default_factory=dict)
    letterhead: tuple[str, ...] = ()
    accreditation: str = ""
    logo: bytes | None = None

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def told(self, key: str, text: str) -> str:
        """A word, and behind a colon as the language has it what it is."""
        return f"{self[key]}{self['colon']}{text}"

    def meanings(self, role: Role) -> tuple[str, ...]:
        """What a signature in a role can mean; the person chooses one."""
        told = (self.words.get(key) for key in (f"meaning_{role}", f"meaning_{role}_microscope"))
        return tuple(words for words in told if words)

    def filled(self, key: str, **values: object) -> str:
        """The words with their places filled."""
        return self.words[key].format(**{name: str(value) for name, value in values.items()})


def faults(words: Mapping[str, object], syndromes: Mapping[str, object]) -> tuple[str, ...]:
    """What is wrong with the words of a template, a sentence each; none when nothing is."""
    found = []
    for key in (*PLAIN, *PLACES):
        told = words.get(key)
        if not isinstance(told, str) or not told.strip():
            found.append(f"“{key}” is missing or empty.")
            continue
        try:
            parts = [part for part in string.Formatter().parse(told) if part[1] is not None]
        except ValueError:
            found.append(f"“{key}” has a brace without its other one.")
            continue
        places = {name or "" for _, name, _, _ in parts}
        if formed := [name for _, name, form, turned in parts if form or turned]:
            found.append(f"“{key}” has more than a name in its place {{{formed[0]}}}.")
        wanted = PLACES.get(key, frozenset())
        if unknown := sorted(places - wanted):
            found.append(f"“{key}” has a place {{{unknown[0]}}} that nothing fills.")
        if lacking := sorted(wanted - places):
            found.append(f"“{key}” lacks the place {{{lacking[0]}}}.")
    found += [f"The finding “{name}” has no name." for name in SYNDROMES if not syndromes.get(name)]
    return tuple(found)
