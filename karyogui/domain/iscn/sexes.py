"""The sex field against its changes: what was lost can no longer stand in the field."""

from __future__ import annotations

from karyogui.domain.iscn.counting import ploidy_of, replaced_sex
from karyogui.domain.iscn.findings import Findings, Fix, insert, remove, replace
from karyogui.domain.iscn.syntax import Change, Kind, Line


def judge_sex(line: Line, notes: Findings) -> None:
    """Report a sex field that cannot be, or that does not fit its gains and losses."""
    sex = line.sex
    if not sex or line.reference or line.count is None or "U" in sex:
        return
    ploidy = line.ploidy or ploidy_of(line.count[0])
    if ploidy < 2 or line.is_unread:
        return
    losses = [
        change
        for change in line.changes
        if change.kind is Kind.NUMBER and change.sign == "-" and change.chromosome in ("X", "Y")
    ]
    abnormal = sum(replaced_sex(change) for change in line.changes)
    if "X" not in sex and not line.sex_constitutional:
        _judge_without_x(line, losses, notes)
        return
    if not losses or line.sex_constitutional or ploidy != 2 or line.composite:
        return
    if len(sex) + abnormal + sum(change.low for change in losses) > ploidy:
        _report_loss(line, sex, losses, notes)


def judge_two_sexes(lines: list[Line], notes: Findings) -> None:
    """Doubt lines of which one has an X more and a Y less: two persons, so chi or //."""
    first: Line | None = None
    for line in lines:
        if not line.sex or line.sex_constitutional or "U" in line.sex:
            continue
        first = first or line
        assert first.sex
        more_x = line.sex.count("X") - first.sex.count("X")
        more_y = line.sex.count("Y") - first.sex.count("Y")
        if more_x * more_y < 0 and len(line.sex) == len(first.sex):
            message = "Lines of both sexes: of a chimaera (chi), or of recipient and donor (//)?"
            notes.warn(*line.sex_span, message)
            return


def _judge_without_x(line: Line, losses: list[Change], notes: Findings) -> None:
    """A Y without any X is a question, not a karyotype."""
    told = [name for change in line.changes for op in change.operations for name in op.chromosomes]
    has_x = any(change.chromosome == "X" for change in losses)
    has_x |= any(name.lstrip("?") == "X" for name in told)
    has_x |= any(
        change.kind is Kind.VARIANT and change.chromosome == "X" for change in line.changes
    )
    unsure = "?" in told
    if has_x or unsure or not line.sex:
        return
    start, end = line.sex_span
    message = "A cell without any X is not viable: is the Y an X, or was an X lost (-X)?"
    first = line.changes[0].start if line.changes else line.sex_span[1]
    lost = "-X," if line.changes else ",-X"
    mends: list[Fix] = [
        replace(start, end, "X" + line.sex[1:]),
        insert(first, lost),
    ]
    notes.error(start, end, message, *mends)


def _report_loss(line: Line, sex: str, losses: list[Change], notes: Findings) -> None:
    """The field shows what is left; what the repair leaves is a field without what was lost."""
    letter = losses[-1].chromosome
    start, end = line.sex_span
    mends: list[Fix] = []
    if letter in sex and len(sex) > 1:
        mends.append(replace(start, end, sex.replace(letter, "", 1)))
    last = losses[-1]
    mends.append(remove(last.start - 1, last.end))
    mends.append(replace(start, end, "".join(sorted(sex + letter)) + "c"))
    message = (
        "The field shows the sex chromosomes that are left; with the lost ones they are too many."
    )
    notes.error(start, last.end, message, *mends)
