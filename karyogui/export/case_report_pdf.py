"""The report of a case as PDF: from a template, every block, one karyogram for each cell line.

Nothing of networks, checksums and corrections stands on it: that is what the internal sheet
(`pdf_case`) is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, PageBreak, Spacer
from reportlab.platypus import Image as ImageFlowable

from karyogui.domain.case_report import KARYOGRAM, CaseReport, ReportLine
from karyogui.domain.case_result import Need
from karyogui.domain.case_review import Role
from karyogui.domain.cultures import Culture
from karyogui.domain.report_template import ReportTemplate
from karyogui.errors import KaryoError
from karyogui.export.facts import when_text
from karyogui.export.fonts import printable, unprintable
from karyogui.export.pdf_karyogram import KaryogramFlowable
from karyogui.export.pdf_metaphase import PictureFlowable
from karyogui.export.pdf_pages import Furniture, build_pages
from karyogui.export.pdf_style import (
    ACCENT,
    INK,
    PAGE_HEIGHT,
    TEXT_WIDTH,
    field_columns,
    grid,
    karyotype,
    labelled,
    large_karyotype,
    long_section,
    panel,
    paragraph,
    styles,
)
from karyogui.export.pdfa import as_archival

_LOCALES = {"en": "en-GB", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "zh": "zh-CN"}
_LEFT = (
    *("patient_name", "patient_identifier", "date_of_birth", "sex_as_given", "requester"),
    *("report_number", "reported"),
)
_RIGHT = (
    *("specimen", "gestational_age", "sampled", "received", "culture", "slide", "banding"),
    "band_level",
)
_LABELS = {
    "patient_name": "patient",
    "patient_identifier": "identifier",
    "sex_withheld": "sex_as_given",
    "iscn_edition": "iscn",
}
_TRANSLATED = {
    ("band_level", "below requirement"): "below_requirement",
    ("banding", "g-banding"): "g_banding",
}
"""What the window proposes in English, and a report says in its own language."""
_OPTIONAL = ("sex_as_given", "gestational_age", "slide")
_PHONED = ("phoned_result", "phoned_to", "phoned_at", "phoned_read_back")
_ROLES = {
    Role.ANALYSED: "analysed_by",
    Role.CHECKED: "checked_by",
    Role.APPROVED: "approved_by",
}
_METAPHASE_HEIGHT = 105 * mm
_KARYOGRAM_HEIGHT = PAGE_HEIGHT - 75 * mm - _METAPHASE_HEIGHT
_LOGO = (45 * mm, 18 * mm)


def case_report_pdf(report: CaseReport, template: ReportTemplate) -> bytes:
    """The whole report, final where it is approved, else marked as preliminary on every page.

    Raises `KaryoError` for a logo that is no picture. Letters without a glyph become question
    marks: `letters_missing` names them beforehand.
    """
    report = report.without_sex()
    buffer = BytesIO()
    furniture = _furniture(report, template)
    build_pages(furniture, _Story(report, template).whole(), buffer)
    return as_archival(buffer.getvalue(), furniture, report.created or datetime.now(UTC))


def letters_missing(report: CaseReport, template: ReportTemplate) -> tuple[str, ...]:
    """Letters of the report that no font here has, each once; none when all can be printed."""
    signed = [s for role in Role if (s := report.signature(role))]
    texts = (
        *template.words.values(),
        *template.letterhead,
        template.accreditation,
        *report.content.values(),
        *(text for act in signed for text in (act.who, act.meaning)),
        report.review.amendment_reason,
        *(text for act in report.accepted for text in (act.who, act.reason)),
    )
    return unprintable(texts)


def _furniture(report: CaseReport, template: ReportTemplate) -> Furniture:
    details = report.details
    name = details.patient_name.strip()
    birth = details.date_of_birth.strip()
    who = [name or ("" if details.patient_identifier.strip() else template["unidentified"])]
    who += [details.patient_identifier.strip()]
    who += [f"{template['date_of_birth']} {birth}" if birth else ""]
    who += [f"{template['case']} {report.case_name}"]
    number = details.report_number.strip()
    who += [f"{template['report_number']} {number}" if number else ""]
    head = " · ".join(part for part in who if part).replace("\n", " ")
    banner = [template["preliminary"]] if not report.is_final else []
    if report.review.version > 1:
        banner.append(template.filled("amended", number=report.review.version))
    missing = missing_points(report, template)
    made = when_text(report.created) if report.created else ""
    foot = [template["generated"]] if report.is_demo else []
    foot += [template["aid"], " · ".join(part for part in (report.software, made) if part)]
    return Furniture(
        head=head,
        first_head=head,
        banner="\n".join(banner),
        later_note=_in_short(missing, template),
        foot="\n".join(foot),
        # A case's name is often a person's, and a file's properties are seen by many.
        title=printable(f"{template['title']} {details.report_number}".strip()),
        author=printable(details.laboratory),
        creator=printable(report.software),
        subject=printable(template["title"]),
        language=_LOCALES.get(template.language, template.language),
        label=lambda page, pages: " · ".join(
            (
                template.filled("version", number=report.review.version),
                template.filled("page", page=page, pages=pages),
            )
        ),
    )


def missing_points(report: CaseReport, template: ReportTemplate) -> tuple[str, ...]:
    """What keeps a preliminary report from being final, in the words of the template."""
    if report.is_final:
        return ()
    told = [_need(one, template) for one in _empty_as_one(report.open_points, template)]
    told += [
        template.told(key, template["not_signed"])
        for role, key in _ROLES.items()
        if report.signature(role) is None
    ]
    return tuple(dict.fromkeys(told))


def _empty_as_one(needs: Sequence[Need], template: ReportTemplate) -> list[Need]:
    """The needs with all empty fields named in the first one that is of them."""
    empty = [_field_of(one, template) for one in needs if one.key == "empty"]
    told: list[Need] = []
    for one in needs:
        if one.key != "empty":
            told.append(one)
        elif empty:
            told.append(replace(one, values=(("field", ", ".join(dict.fromkeys(empty))),)))
            empty = []
    return told


def _field_of(one: Need, template: ReportTemplate) -> str:
    """The empty field that a need is about, as the report calls it."""
    name = dict(one.values)["field"]
    return template.words.get(_LABELS.get(name, name), name)


def _need(one: Need, template: ReportTemplate) -> str:
    values = dict(one.values)
    if "field" in values:
        values["field"] = _field_of(one, template)
    return template.filled(f"need_{one.key}", **values)


def _in_short(missing: Sequence[str], template: ReportTemplate) -> str:
    """As much of what is missing as one line holds, and how much more there is."""
    line = styles()["banner-note"].leading
    short = ""
    for number in range(len(missing) + 1):
        told = [*missing[:number]]
        if number < len(missing):
            told.append(template.filled("missing_more", number=len(missing) - number))
        text = template.told("still_missing", "; ".join(told))
        height = paragraph(text, "banner-note").wrap(TEXT_WIDTH, PAGE_HEIGHT)[1]
        if not number or height <= line:
            short = text
    return short if missing else ""


class _Story:
    """The blocks of one report in their order."""

    def __init__(self, report: CaseReport, template: ReportTemplate) -> None:
        self._report, self._words = report, template
        self._details = report.details

    def whole(self) -> list[Flowable]:
        return [
            *self._letterhead(),
            *self._fields(),
            *self._result(),
            *self._missing(),
            *self._blocks(),
            *self._phoned(),
            *self._changes(),
            *self._signatures(),
            *self._lines(),
        ]

    def _letterhead(self) -> list[Flowable]:
        words = self._words
        left: list[Flowable] = []
        if words.logo is not None:
            left.append(_logo(words.logo, words.name))
        left.append(paragraph(self._details.laboratory.strip() or words["empty"], "laboratory"))
        if words.letterhead:
            left.append(paragraph("\n".join(words.letterhead), "quiet"))
        if words.accreditation:
            left.append(paragraph(words.told("accreditation", words.accreditation), "quiet"))
        right = [
            paragraph(words["title"], "title"),
            paragraph(words.filled("version", number=self._report.review.version), "quiet-right"),
        ]
        head = grid(
            [[left, right]],
            [TEXT_WIDTH * 0.55, TEXT_WIDTH * 0.45],
            [("LEFTPADDING", (0, 0), (0, 0), 0), ("RIGHTPADDING", (1, 0), (1, 0), 0)],
        )
        rule = HRFlowable(width="100%", thickness=1, color=ACCENT, spaceBefore=1, spaceAfter=4)
        return [head, rule]

    def _fields(self) -> list[Flowable]:
        """Patient and request on the left, specimen on the right; an empty one says so."""
        columns = [self._column(_LEFT), self._column(_RIGHT)]
        story: list[Flowable] = [field_columns(columns, 34 * mm, 6), Spacer(0, 1.5 * mm)]
        for name in ("reason", "method"):
            text = str(getattr(self._details, name)).strip() or self._words["empty"]
            story.append(self._labelled(name, text))
        if dated := [self._culture(one) for one in self._report.result.dated_cultures]:
            story.append(self._labelled("culture", "; ".join(dated)))
        return [*story, Spacer(0, 3 * mm)]

    def _labelled(self, name: str, text: str) -> Flowable:
        return labelled(self._words[name], text, self._words["colon"].rstrip())

    def _column(self, names: Sequence[str]) -> list[tuple[str, str]]:
        told = []
        for name in names:
            text = str(getattr(self._details, name)).strip()
            if name == "sex_as_given" and self._details.sex_withheld:
                text = self._words["sex_withheld"]
            if (name, text.casefold()) in _TRANSLATED:
                text = self._words[_TRANSLATED[name, text.casefold()]]
            if text or name not in _OPTIONAL:
                told.append((self._words[_LABELS.get(name, name)], text or self._words["empty"]))
        return told

    def _culture(self, culture: Culture) -> str:
        words = self._words
        told = [words.filled("set_up", date=culture.set_up)] * bool(culture.set_up)
        told += [words.filled("harvested", date=culture.harvested)] * bool(culture.harvested)
        return f"{culture.name}{words['colon']}{', '.join(told)}"

    def _result(self) -> list[Flowable]:
        """The karyotype large, with the edition it is written in, and in words."""
        words, details = self._words, self._details
        edition = details.iscn_edition.strip()
        heading = words["iscn"]
        if edition:
            heading += f" ({words.filled('edition', edition=edition)})"
        iscn = details.iscn.strip() or words["empty"]
        rows: list[Flowable] = [
            paragraph(heading, "quiet"),
            large_karyotype(iscn),
            paragraph(details.result_words.strip() or words["empty"], "bold"),
            paragraph(self._cells()),
        ]
        return [panel(rows)]

    def _cells(self) -> str:
        words, result = self._words, self._report.result
        told = [
            words.filled(name, number=getattr(result, name))
            for name in ("counted", "analysed", "karyotyped", "colonies")
            if getattr(result, name) is not None
        ]
        if result.excluded_cells:
            told.append(words.filled("cells_excluded", number=result.excluded_cells))
        return words.told("cells", ", ".join(told))

    def _blocks(self) -> list[Flowable]:
        words, details = self._words, self._details
        story: list[Flowable] = []
        for name in ("interpretation", "recommendation"):
            text = str(getattr(details, name)).strip()
            if text or name == "interpretation":
                story += long_section(words[name], text or words["empty"])
        story += [paragraph(words["limits"], "section"), paragraph(self._limits())]
        story += self._departures()
        if details.comment.strip():
            story += long_section(words["comment"], details.comment.strip())
        return story

    def _missing(self) -> list[Flowable]:
        """What keeps a preliminary report from being final."""
        told = missing_points(self._report, self._words)
        title = paragraph(self._words["still_missing"], "section")
        return [title, paragraph("; ".join(told))] if told else []

    def _departures(self) -> list[Flowable]:
        """What is unmet and was accepted, by whom, when and why."""
        report, words = self._report, self._words
        accepted = {text for act in report.accepted for text in act.told}
        told = [_need(one, words) for one in report.unmet if one.text in accepted]
        if not told:
            return []
        protocol = report.result.protocol
        title = words["not_met"] + ("" if protocol is None else f" ({protocol.name})")
        acts = [
            words.filled("accepted", who=act.who, when=when_text(act.when), reason=act.reason)
            for act in report.accepted
        ]
        rows = [paragraph("; ".join(told)), *(paragraph(text) for text in acts)]
        return [paragraph(title, "section"), *rows]

    def _limits(self) -> str:
        words, result = self._words, self._report.result
        told = [words["limits_scope"]]
        if result.interval is not None:
            low, high = result.interval
            told.insert(
                0,
                words.filled(
                    "abnormal_share",
                    abnormal=result.abnormal,
                    cells=result.unit,
                    confidence=result.confidence,
                    low=self._number(low),
                    high=self._number(high),
                ),
            )
        elif result.excluded_percent is not None:
            told.insert(
                0,
                words.filled(
                    "excluded_share" if result.colonies is None else "excluded_share_colonies",
                    cells=result.unit,
                    percent=result.excluded_percent,
                    confidence=result.confidence,
                ),
            )
        text = ("" if words.language == "zh" else " ").join(told)
        return text.replace(" %", "\N{NO-BREAK SPACE}%")

    def _number(self, value: float) -> str:
        return f"{value:.1f}".replace(".", self._words["decimal"])

    def _phoned(self) -> list[Flowable]:
        told = [
            self._words.told(name, text)
            for name in _PHONED
            if (text := str(getattr(self._details, name)).strip())
        ]
        return [paragraph(self._words["phoned"], "section"), paragraph("; ".join(told))] * bool(
            told
        )

    def _changes(self) -> list[Flowable]:
        """What an amended report says otherwise; the result before stays legible."""
        report, words = self._report, self._words
        found = report.differences
        if report.review.version < 2:
            return []
        number = report.review.version - 1
        story: list[Flowable] = [paragraph(words.filled("changes_to", number=number), "section")]
        if report.review.amendment_reason:
            story.append(self._labelled("change_reason", report.review.amendment_reason))
        if found:
            head = ("", words["before"], words["after"])
            rows: list[list[Flowable]] = [[paragraph(text, "bold") for text in head]]
            rows += [
                [
                    paragraph(self._field(name), "label"),
                    paragraph(before or "–"),
                    paragraph(after or "–"),
                ]
                for name, before, after in found
            ]
            wide = (TEXT_WIDTH - 36 * mm) / 2
            story.append(grid(rows, [36 * mm, wide, wide], heading=True))
        return story

    def _field(self, name: str) -> str:
        """A field of the content as the report calls it."""
        if name.startswith(f"{KARYOGRAM} "):
            return self._words.filled("karyogram", cell=name.removeprefix(f"{KARYOGRAM} "))
        if name.startswith("line "):
            return self._words.filled("line", number=name[5:], iscn="").strip(
                " :\N{FULLWIDTH COLON}"
            )
        told = self._words.words.get(_LABELS.get(name, name), "")
        return told if told and "{" not in told else name.replace("_", " ")

    def _signatures(self) -> list[Flowable]:
        words = self._words
        cells: list[list[Flowable]] = []
        for role, key in _ROLES.items():
            signed = self._report.signature(role)
            name = signed.who if signed else words["not_signed"]
            told = f"{when_text(signed.when)}\n{signed.meaning}" if signed else ""
            cells.append(
                [paragraph(words[key], "quiet"), paragraph(name, "bold"), paragraph(told, "quiet")]
            )
        table = grid(
            [cells],
            [TEXT_WIDTH / 3] * 3,
            [("LINEABOVE", (0, 0), (-1, 0), 0.6, INK), ("TOPPADDING", (0, 0), (-1, -1), 4)],
        )
        return [KeepTogether([paragraph(words["signatures"], "section"), table])]

    def _lines(self) -> list[Flowable]:
        story: list[Flowable] = []
        for number, line in enumerate(self._report.result.lines, start=1):
            story += [PageBreak(), *self._line(number, line)]
        return story

    def _line(self, number: int, line: ReportLine) -> list[Flowable]:
        """A page of one cell line: its karyogram, and the metaphase that it was cut out of."""
        words = self._words
        iscn = f"{line.iscn}[{line.cells}]" if "[" not in line.iscn else line.iscn
        iscn = words.filled("result_donor", result=iscn) if line.is_donor else iscn
        heading = karyotype(words.filled("line", number=number, iscn=iscn), "cell")
        shown = line.shown
        if shown is None:
            return [heading, paragraph(words["empty"])]
        name = shown.cell.name
        caption = words.filled("karyogram", cell=name)
        if self._details.sex_withheld:
            caption += f" {words['sex_not_shown']}"
        if any(placement.mirrored for placement in shown.cell.placements):
            caption += f" {words['mirrored']}."
        # Brackets over the findings are in English and belong to the work, not to the result.
        plain = replace(shown, findings=())
        story: list[Flowable] = [
            heading,
            Spacer(0, 2 * mm),
            KaryogramFlowable(plain, paragraph(caption, "quiet"), _KARYOGRAM_HEIGHT, ""),
        ]
        if shown.photograph is not None:
            picture = PictureFlowable(shown.photograph.raw, TEXT_WIDTH, _METAPHASE_HEIGHT)
            told = paragraph(words.filled("metaphase", cell=name), "quiet")
            picture.hAlign = "LEFT"
            story += [Spacer(0, 4 * mm), KeepTogether([picture, told])]
        return story


def _logo(data: bytes, name: str) -> Flowable:
    """The laboratory's picture on white: a see-through one would be no PDF/A of every reader."""
    try:
        with Image.open(BytesIO(data)) as opened:
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise KaryoError(f"The logo of the template {name} is no picture.") from error
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    scale = min(_LOGO[0] / white.width, _LOGO[1] / white.height)
    target = BytesIO()
    white.save(target, "PNG")
    target.seek(0)
    flowable = ImageFlowable(target, white.width * scale, white.height * scale)
    flowable.hAlign = "LEFT"
    return flowable
