"""No combination of statuses and protocol lets a final report leave in silence."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from karyogui.domain.case_report import CaseReport, ReportResult
from karyogui.domain.case_result import (
    PRESETS,
    CaseCell,
    CaseResult,
    CellStatus,
    Protocol,
    conclude,
    progress,
)
from karyogui.domain.case_result.needs import unmet
from karyogui.domain.case_review import ActKind, CaseAct, Role
from tests.unit.domain.case_result.builders import BLOOD, board, cells, preset, together
from tests.unit.export.case_reports import WHEN, approved, signed, unsigned

KARYOTYPED = CellStatus.KARYOTYPED
SMALL = Protocol("Small", counted=3, analysed=2, karyotyped=1, extend=(5,), bands=400)
boards = st.sampled_from(
    [board("XX"), board("XY"), board("XX", "+21"), board("X"), board("XX", "-7"), None,
     board("XX") | {"tray": 1}]
)  # fmt: skip
case_cells = st.builds(
    CaseCell,
    id=st.just(0),
    name=st.just(""),
    status=st.sampled_from(CellStatus),
    counts=boards,
    structural=st.sampled_from([(), ("t(9;22)(q34;q11.2)",), ("nonsense",)]),
    number=st.sampled_from([None, None, 45, 46, 47]),
    culture=st.sampled_from(["", "A", "B"]),
    colony=st.sampled_from(["", "1", "2"]),
    excluded=st.sampled_from(["", "", "", "smeared"]),
    bands=st.sampled_from([None, 350, 550]),
    unsettled=st.sampled_from(["", "", "", "Count not settled: 1 object to check"]),
)
some_cells = st.lists(case_cells, max_size=8).map(lambda found: together(found))
protocols = st.sampled_from(
    [*PRESETS, SMALL, replace(SMALL, neoplastic=True), replace(SMALL, counted=1, analysed=1,
                                                              karyotyped=0, cultures=1, bands=0)]
)  # fmt: skip


def concluded(found: list[CaseCell], protocol: Protocol) -> tuple[CaseResult, CaseReport]:
    """The report of these cells, complete in everything that is not about them."""
    result = conclude(found, protocol)
    done = progress(found, protocol, result.lines)
    told = ReportResult(
        unsigned().result.lines,
        result.text,
        counted=done.counted,
        analysed=done.analysed,
        karyotyped=max(done.karyotyped, 2),
        unit=20,
        excluded_percent=14,
        protocol=protocol,
        unmet=unmet(done, result, found, "500"),
    )
    details = replace(unsigned().details, iscn=result.text or "46,XX")
    return result, replace(unsigned(), details=details, result=told)


def is_met(found: list[CaseCell], result: CaseResult, protocol: Protocol) -> bool:
    """Whether a final report may leave, told once more and otherwise than the program does."""
    used = [c for c in found if not c.excluded and c.status.is_counted]
    done = [c for c in used if c.status.is_analysed]
    shown = [c for c in used if c.status is KARYOTYPED]
    in_lines = {i for line in result.lines for i in line.cells}
    silent = [
        cell
        for cell in used
        if cell.id not in in_lines
        and not (protocol.neoplastic and not cell.status.is_analysed)
        and "several lines" not in next(o.reason for o in result.left_out if o.cell_id == cell.id)
    ]
    units = {c.unit(protocol.unit) for c in used}
    return (
        len(units) >= protocol.counted
        and len(done) >= protocol.analysed
        and len(shown) >= protocol.karyotyped
        and len({c.culture for c in used} - {""})
        >= min(protocol.cultures, 2) * (protocol.cultures > 1)
        and not silent
        and bool(result.text)
    )


@settings(max_examples=150)
@given(some_cells, protocols)
def test_what_is_not_met_keeps_a_report_from_leaving(
    found: list[CaseCell], protocol: Protocol
) -> None:
    result, report = concluded(found, protocol)
    everybody = signed(report)
    if not is_met(found, result, protocol):
        assert report.not_accepted
    if report.not_accepted:
        # Neither with every signature nor by the button, the verb or the approval.
        assert not everybody.is_final
        for one in report.not_accepted:
            assert one.text in everybody.needs_for_final
            assert one.text in signed(report, Role.ANALYSED, Role.CHECKED).needs(Role.APPROVED)


@settings(max_examples=100)
@given(some_cells, protocols, st.data())
def test_only_what_a_person_accepted_is_passed_over(
    found: list[CaseCell], protocol: Protocol, data: st.DataObject
) -> None:
    _, report = concluded(found, protocol)
    texts = sorted({one.text for one in report.unmet})
    assume(texts)
    taken = data.draw(st.sets(st.sampled_from(texts)))
    act = CaseAct(ActKind.ACCEPT, "Ann Nowak", WHEN, reason="few cells", told=tuple(taken))
    held = replace(report, review=replace(report.review, acts=(act,)))
    assert {one.text for one in held.not_accepted} == set(texts) - taken
    # A signature given before does not stand for what was accepted afterwards.
    assert (held.fingerprint == report.fingerprint) is not bool(taken)
    again = replace(
        held, review=replace(held.review, acts=(act, replace(act, kind=ActKind.INSIST)))
    )
    assert again.not_accepted == report.not_accepted


def ready() -> list[CaseCell]:
    return together(
        cells(10, status=KARYOTYPED, bands=500),
        cells(10, status=CellStatus.COUNTED, culture="B"),
    )


def test_a_case_that_meets_its_protocol_leaves() -> None:
    _, report = concluded(ready(), BLOOD)
    assert report.missing == ()
    assert approved(report).is_final


def test_an_unsettled_count_of_one_counted_cell_is_named() -> None:
    found = ready()
    found[15] = replace(found[15], unsettled="Count not settled: 1 object to check")
    assert concluded(found, BLOOD)[1].missing == (
        "cell 16 is in no line: Count not settled: 1 object to check.",
    )


def test_a_counted_number_that_no_line_has_is_named() -> None:
    found = ready()
    found[15] = replace(found[15], counts=None, number=47)
    assert concluded(found, BLOOD)[1].missing == (
        "cell 16 is in no line: 47 chromosomes counted, and no line has so many.",
    )


def test_a_change_in_one_cell_asks_for_the_extension_of_the_protocol() -> None:
    found = ready()
    found[3] = replace(found[3], counts=board("XX", "+21"))
    told = "+21 in 1 cell is no result yet: the protocol extends to 30 cells."
    assert concluded(found, BLOOD)[1].missing == (told,)
    more = together(found, cells(30, first=21))
    assert concluded(more, BLOOD)[1].missing == ()


def test_a_stated_band_level_below_the_protocol_is_named() -> None:
    found = [replace(cell, bands=None) for cell in ready()]
    result = conclude(found, BLOOD)
    done = progress(found, BLOOD, result.lines)
    for stated in ("350", "300-400", "below requirement"):
        (one,) = unmet(done, result, found, stated)
        assert one.text == f"The band level is {stated}; the protocol asks for 400."
    assert unmet(done, result, found, "550") == ()
    assert unmet(done, result, found, "400-550") == ()


def test_another_karyotype_than_that_of_the_cells_is_named() -> None:
    _, report = concluded(ready(), BLOOD)
    other = replace(report, details=replace(report.details, iscn="47,XX,+21"))
    assert other.missing == ("The result stated is another one than the cells make: 46,XX[20].",)


def test_what_is_accepted_does_not_hold_for_an_amendment() -> None:
    found = ready()[:19]
    _, report = concluded(found, BLOOD)
    (one,) = report.unmet
    act = CaseAct(ActKind.ACCEPT, "Ann Nowak", WHEN, reason="few cells", told=(one.text,))
    done = approved(replace(report, review=replace(report.review, acts=(act,))))
    assert done.is_final
    begun = CaseAct(ActKind.AMEND, "Ann Nowak", WHEN, 2, reason="more")
    again = replace(done, review=replace(done.review, acts=(*done.review.acts, begun)))
    assert one.text in again.needs_for_final


def test_an_approved_report_is_not_final_once_its_protocol_or_cells_are_others() -> None:
    _, report = concluded(ready(), BLOOD)
    done = approved(report)
    assert done.is_final
    cell = done.result.lines[1].shown
    assert cell is not None
    assert cell.cell.model is not None
    one, two, *others = cell.cell.placements
    turned = replace(cell.cell, placements=(replace(one, turn=180.0), two, *others))
    other_network = replace(cell.cell, model=replace(cell.cell.model, sha256="0" * 12))
    shown = [
        replace(done.result.lines[1], shown=replace(cell, cell=each))
        for each in (turned, other_network)
    ]
    for changed in (
        replace(done.result, protocol=preset("Blood", counted=30)),
        replace(done.result, excluded_cells=1),
        replace(done.result, decided=("Report +21: seen by two persons (Ann Nowak).",)),
        *(replace(done.result, lines=(done.result.lines[0], line)) for line in shown),
    ):
        other = replace(done, result=changed)
        assert not other.is_final
        assert other.needs_for_final
    edition = replace(done, details=replace(done.details, iscn_edition="2020"))
    assert not edition.is_final


def test_a_version_approved_before_protocols_were_told_is_still_final() -> None:
    done = approved(unsigned())
    old = done._first_content()
    assert "protocol" not in old
    version = replace(done.review.versions[-1], content=old)
    stored = replace(done, review=replace(done.review, versions=(version,)))
    assert stored.is_final
    assert stored.differences == ()


def test_a_report_whose_sex_is_withheld_is_final_and_tells_no_sex() -> None:
    report = unsigned(sex_withheld="yes", iscn="mos 47,U,+21[15]/46,U[5]")
    assert approved(report).is_final
    assert approved(report).without_sex().is_final
    _, short = concluded(ready()[:19] + cells(1, "X", first=20, status=KARYOTYPED), BLOOD)
    hidden = replace(short, details=replace(short.details, sex_withheld="yes"))
    assert not any("X" in one.text for one in hidden.unmet)
