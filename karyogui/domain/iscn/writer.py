"""From the lines of a case to an ISCN string, and back: the order and the counts are the writer's.

What a person entered (structural changes) is written as entered; the number of chromosomes, the
ploidy level, the order of the changes and the place of the normal line follow by themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from karyogui.domain.iscn.checker import reading
from karyogui.domain.iscn.counting import Range, References, changes_count, own_count, ploidy_of
from karyogui.domain.iscn.expected import read_single, replaced_letters
from karyogui.domain.iscn.order import rank
from karyogui.domain.iscn.symbols import REFERENCES
from karyogui.domain.iscn.syntax import Change, Kind, Line

_MULTIPLIED = re.compile(r"(?:\)|mar[0-9]+|\+r)\Z")


@dataclass(frozen=True)
class KaryotypeLine:
    """One cell line as a case has it.

    `sex` is the sex field: all letters of a constitutional complement, what is left of an acquired
    one (`X` beside the numerical change `-Y`); empty where `reference` (idem, sl, sdl1) stands in
    its place, `multiple` times. `numerical` are whole chromosomes (`+8`, `-7`, `+21c`),
    `structural` any other change as it was entered, `markers` how many alike. `counts` is the range
    of a composite; else the number follows from the rest. The ploidy is written where the number
    alone would be read as of another one, and where the line `states_ploidy`.
    """

    sex: str = "XX"
    numerical: tuple[str, ...] = ()
    structural: tuple[str, ...] = ()
    markers: int = 0
    cells: int | None = None
    ploidy: int = 2
    states_ploidy: bool = False
    sex_constitutional: bool = False
    reference: str = ""
    multiple: int = 1
    incomplete: bool = False
    counts: tuple[int, int] | None = None

    @property
    def is_normal(self) -> bool:
        """Whether it is the normal diploid line, which stands last."""
        has_changes = self.numerical or self.structural or self.markers or self.incomplete
        is_plain = not (has_changes or self.reference or self.sex_constitutional)
        return is_plain and self.ploidy == 2 and self.sex in ("XX", "XY")


@dataclass(frozen=True)
class CaseKaryotype:
    """All lines of a case; `kind` is empty, `mos` or `chi`; `donor` are the lines behind `//`."""

    lines: tuple[KaryotypeLine, ...]
    kind: str = ""
    donor: tuple[KaryotypeLine, ...] = ()


def write(karyotype: CaseKaryotype) -> str:
    """The ISCN string of a case.

    Raises ValueError, with a sentence, for a change that cannot be read, a number of cells below
    one, or a reference without a line before it.
    """
    own = _written_side(karyotype.lines, karyotype.kind)
    donor = f"//{_written_side(karyotype.donor, karyotype.kind)}" if karyotype.donor else ""
    return f"{karyotype.kind} {own}{donor}" if karyotype.kind else f"{own}{donor}"


def _written_side(lines: tuple[KaryotypeLine, ...], kind: str) -> str:
    if kind != "chi":
        lines = (*(a for a in lines if not a.is_normal), *(a for a in lines if a.is_normal))
    references = References()
    counts: list[Range] = []
    texts = []
    for line in lines:
        text, read, count = _written(line, references, counts)
        references.add(read)
        counts.append(count)
        texts.append(text)
    return "/".join(texts)


def _written(
    line: KaryotypeLine, references: References, counts: list[Range]
) -> tuple[str, Line, Range]:
    """A line's text, what the text says, and its number of chromosomes."""
    items = sorted(map(_read_item, _items(line)), key=lambda item: rank(item[0]))
    read = Line(0, sex=line.sex, sex_constitutional=line.sex_constitutional)
    read.reference, read.multiple = line.reference, line.multiple
    read.changes = [change for change, _ in items]
    count = line.counts or _count(line, read, references, counts)
    number = f"{count[0]}" if count[0] == count[1] else f"{count[0]}~{count[1]}"
    level = ""
    is_needed = line.states_ploidy or ploidy_of(count[0]) != line.ploidy
    if is_needed and not line.reference:
        level = f"<{line.ploidy}n>"
    fields = [number + level, _field(line), *(text for _, text in items)]
    return ",".join(fields) + _cells(line), read, count


def _count(line: KaryotypeLine, read: Line, references: References, counts: list[Range]) -> Range:
    if not line.reference:
        return own_count(read, line.sex, line.ploidy)
    meant = references.of(read)
    if not meant:
        raise ValueError(f"{line.reference} stands for an earlier line, but there is none.")
    base = counts[meant[0]]
    low, high = changes_count(read, is_derived=True)
    return base[0] * line.multiple + low, base[1] * line.multiple + high


def _items(line: KaryotypeLine) -> list[str]:
    items = [*line.numerical, *_together(line.structural)]
    if line.markers < 0:
        raise ValueError("There cannot be fewer than no markers.")
    if line.markers:
        items.append("+mar" if line.markers == 1 else f"+{line.markers}mar")
    if line.incomplete:
        items.append("inc")
    return items


def _together(structural: tuple[str, ...]) -> list[str]:
    """Changes that are there several times: `del(6)(q21)×2`, `+mar1×2`, `+2r`."""
    told: list[str] = []
    for text, count in Counter(structural).items():
        if count == 1 or not _MULTIPLIED.search(text):  # a c, an origin or cells stand behind
            told += [text] * count
        else:
            told.append(f"+{count}r" if text == "+r" else f"{text}×{count}")
    return told


def _read_item(text: str) -> tuple[Change, str]:
    return read_single(text), text


def _field(line: KaryotypeLine) -> str:
    if line.reference:
        if not line.reference.startswith(REFERENCES):
            raise ValueError(f"{line.reference} stands for no earlier line.")
        return line.reference + (f"×{line.multiple}" if line.multiple > 1 else "")
    if not line.sex and any(map(replaced_letters, line.structural)):
        raise ValueError("every sex chromosome is changed; write this karyotype by hand.")
    if not line.sex:
        raise ValueError("there are no sex chromosomes; is an X among group C?")
    if "".join(sorted(line.sex)) != line.sex or not set(line.sex) <= set("UXY"):
        raise ValueError(f"{line.sex} cannot stand for the sex chromosomes.")
    return line.sex + ("c" if line.sex_constitutional else "")


def _cells(line: KaryotypeLine) -> str:
    if line.cells is None:
        return ""
    if line.cells < 1:
        raise ValueError("A line has at least one cell.")
    return f"[cp{line.cells}]" if line.counts else f"[{line.cells}]"


def read_lines(text: str) -> CaseKaryotype:
    """The lines of a string that the checker finds valid (what it does not check is left out)."""
    karyotype = reading(text)
    text = karyotype.text
    sides: list[list[KaryotypeLine]] = [[], []]
    for line in karyotype.lines:
        sides[min(line.side, 1)].append(_line_of(line, text))
    return CaseKaryotype(tuple(sides[0]), karyotype.prefix, tuple(sides[1]))


def _line_of(line: Line, text: str) -> KaryotypeLine:
    numerical: list[str] = []
    structural: list[str] = []
    markers = 0
    for change in line.changes:
        typed = text[change.start : change.end]
        if change.kind is Kind.NUMBER:
            numerical.append(typed)
        elif change.kind is Kind.MARKER and typed in ("+mar", f"+{change.low}mar"):
            markers += change.low
        elif change.kind is not Kind.INCOMPLETE:
            structural.append(typed)
    count = line.count or (0, 0)
    return KaryotypeLine(
        sex=line.sex or "",
        numerical=tuple(numerical),
        structural=tuple(structural),
        markers=markers,
        cells=line.cells,
        ploidy=line.ploidy or (2 if line.reference else ploidy_of(count[0])),
        states_ploidy=line.ploidy is not None and not line.reference,
        sex_constitutional=line.sex_constitutional,
        reference=line.reference,
        multiple=line.multiple,
        incomplete=line.incomplete,
        counts=count if line.composite else None,
    )
