"""The list of cases: its kept rows are what the stored cases say, whatever changes them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from karyogui.domain.case import CaseState, CaseSummary
from karyogui.domain.case_list import CaseOrder, CaseQuery, name_key, search_text, sort_key
from karyogui.services.discovery import natural_key
from karyogui.storage import case_listing
from karyogui.storage.case_listing import DAMAGED, CaseListing
from karyogui.storage.case_summaries import summaries_of, thumbnails_of
from karyogui.storage.cases import CaseStore, NewCell
from karyogui.storage.database import Database
from karyogui.storage.listing_schema import OF_CASES, OF_CELLS
from karyogui.storage.tables import Base, CaseRow
from tests.unit.services.metaphases import Bench, open_bench

OWN = {"case_list", "case_summary", "case_stale"}
UNTOLD = {"trail", "second_reading", "origin"}
"""Tables of which the list tells nothing."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "karyogui.db")) as opened:
        yield opened


def add(database: Database, *names: str) -> tuple[int, ...]:
    store = CaseStore(database)
    cells = [NewCell(name, name, f"cell of {name}", (), b"png") for name in names]
    return store.add(cells, None)[0]


def names(listing: CaseListing, query: CaseQuery) -> list[str]:
    listing.freshen(1000)
    page = listing.page(query, 0, 1000)
    assert page.matching == len(page.summaries)
    return [summary.name for summary in page.summaries]


def told_by_the_tables(database: Database) -> list[CaseSummary]:
    with database.read() as session:
        rows = session.scalars(select(CaseRow).where(CaseRow.deleted_at.is_(None))).all()
        pictures = thumbnails_of(session, [row.id for row in rows])
        made = summaries_of(session, rows)
    return [replace(summary, thumbnail=pictures.get(summary.id)) for summary in made]


def test_every_step_of_the_work_is_in_the_list(tmp_path: Path) -> None:
    bench: Bench = open_bench(tmp_path)
    listing = CaseListing(bench.database)
    library = bench.cases
    case_id = bench.cell.case_id

    def moved() -> None:
        cell = bench.cell
        key = next(p.chromosome_id for p in cell.placements)
        bench.reviews.confirm(cell.id, [key], "ann")

    steps: list[Callable[[], object]] = [
        bench.analyse,
        lambda: library.rename(case_id, "another"),
        lambda: library.exclude([bench.cell_id], "blurred", "ann"),
        lambda: library.take_back([bench.cell_id], "ann"),
    ]
    seen = [listing.all(in_bin=False)]
    for step in steps:
        step()
        assert listing.stale > 0
        rows = listing.all(in_bin=False)
        assert list(rows) == told_by_the_tables(bench.database)
        assert rows != seen[-1]
        assert listing.stale == 0
        seen.append(rows)
    library.set_deleted([case_id], deleted=True)
    assert listing.all(in_bin=False) == ()
    assert [row.id for row in listing.all(in_bin=True)] == [case_id]
    bench.database.close()


def test_every_table_of_cells_makes_its_case_stale() -> None:
    """A new table with something of a cell is in `OF_CELLS`, or the list tells nothing of it."""
    tables = Base.metadata.sorted_tables
    of_cells = {t.name for t in tables if "cell_id" in t.columns}
    assert of_cells - UNTOLD == set(OF_CELLS)
    of_cases = {t.name for t in tables if "case_id" in t.columns}
    assert of_cases - UNTOLD - OWN == {"cell", *OF_CASES}


def test_a_change_while_rows_are_worked_out_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case_id,) = add(database, "before")
    listing, keep = CaseListing(database), case_listing._keep

    def late(session: object, made: object) -> None:
        monkeypatch.setattr(case_listing, "_keep", keep)
        session.execute(case_listing.text("UPDATE \"case\" SET name = 'after'"))  # type: ignore
        keep(session, made)  # type: ignore

    monkeypatch.setattr(case_listing, "_keep", late)
    listing.freshen(1)
    assert listing.stale == 1
    listing.freshen(1)
    assert [row.name for row in listing.summaries([case_id])] == ["after"]
    assert listing.unread == {case_id}
    listing.tell([case_id])
    assert listing.unread == frozenset()


def test_pages_follow_one_another_in_every_order(database: Database) -> None:
    listing = CaseListing(database)
    add(database, *(f"24-{n}" for n in range(25)))
    listing.freshen(1000)
    everything = listing.all(in_bin=False)
    for order in CaseOrder:
        for descending in (False, True):
            query = CaseQuery(order=order, descending=descending)
            pages = [listing.page(query, start, 7) for start in range(0, 28, 7)]
            found = [row for page in pages for row in page.summaries]
            expected = sorted(everything, key=lambda r: sort_key(r, order), reverse=descending)
            assert found == expected
            assert {(page.matching, page.total) for page in pages} == {(25, 25)}


def test_states_and_counters(database: Database) -> None:
    listing = CaseListing(database)
    add(database, "a", "b")
    listing.freshen()
    assert listing.counts().cases == 2
    assert listing.counts().new_cells == 2
    assert len(listing.new_cells()) == 2
    assert names(listing, CaseQuery(state=CaseState.NEW)) == ["b", "a"]
    assert names(listing, CaseQuery(state=CaseState.REVIEWED)) == []


ODD = ['a"b', "100 %_x", "NEAR(a b)", "a AND b", "-x*", "Straße", "ÄÖ", "<img src=x>", "漢字 名前"]


def test_odd_names_are_found_by_any_part_of_them(database: Database) -> None:
    listing = CaseListing(database)
    add(database, *ODD)
    for name in ODD:
        for part in (name, name.upper(), name[:2], name[-2:], name[:1]):
            assert name in names(listing, CaseQuery(words=CaseQuery.words_of(part)))
    assert names(listing, CaseQuery(words=("near(a", "b)"))) == ["NEAR(a b)"]
    assert names(listing, CaseQuery(words=("xyz",))) == []


@pytest.fixture(scope="module")
def odd_listing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseListing]:
    with closing(Database(tmp_path_factory.mktemp("odd") / "karyogui.db")) as database:
        add(database, *ODD)
        listing = CaseListing(database)
        listing.freshen()
        yield listing


@settings(max_examples=300)
@given(
    st.text(alphabet=st.characters(), max_size=12)
    | st.text('ab "*()-:^{}+ANDORNEAR\0', max_size=12)
)
def test_nothing_that_is_typed_raises_and_all_that_holds_it_is_found(
    odd_listing: CaseListing, typed: str
) -> None:
    words = CaseQuery.words_of(typed)
    found = {row.id for row in odd_listing.page(CaseQuery(words=words), 0, 100).summaries}
    plain = [w.replace("\0", " ").encode("utf-8", "replace").decode() for w in words]
    expected = {
        row.id
        for row in odd_listing.all(in_bin=False)
        if all(word in search_text(row).casefold() for word in plain)
    }
    assert found == expected


@given(st.lists(st.text("aB1029-ä ", max_size=8), max_size=12))
def test_names_are_ordered_by_their_numbers_as_everywhere(some: list[str]) -> None:
    assert sorted(some, key=name_key) == sorted(some, key=natural_key)


def test_rows_of_another_version_are_worked_out_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, "a", "b")
    listing = CaseListing(database)
    listing.freshen()
    assert CaseListing(database).stale == 0
    monkeypatch.setattr(case_listing, "WAY", "another")
    assert CaseListing(database).stale == 2


def test_a_damaged_case_takes_no_other_with_it(database: Database, tmp_path: Path) -> None:
    ids = add(database, "good", "damaged", "good too")
    with closing(sqlite3.connect(tmp_path / "karyogui.db")) as raw, raw:
        raw.execute("UPDATE \"case\" SET created = 'never' WHERE name = 'damaged'")
    listing = CaseListing(database)
    rows = {row.name: row for row in listing.all(in_bin=False)}
    assert set(rows) == {"good", "damaged", "good too"}
    assert rows["damaged"].findings == (DAMAGED,)
    assert rows["damaged"].id == ids[1]
    assert rows["good"].findings == ()
    with closing(sqlite3.connect(tmp_path / "karyogui.db")) as raw, raw:
        raw.execute("UPDATE case_summary SET document = '[[' WHERE case_id = ?", (ids[0],))
        other = "UPDATE case_summary SET document = replace(document, 'good', 'evil')"
        raw.execute(f"{other} WHERE case_id = ?", (ids[2],))
    assert [row.name for row in listing.summaries((ids[0], ids[2]))] == ["good", "good too"]


def test_a_case_that_is_gone_leaves_nothing_in_the_list(database: Database, tmp_path: Path) -> None:
    (case_id, other) = add(database, "gone", "here")
    listing = CaseListing(database)
    listing.freshen()
    with closing(sqlite3.connect(tmp_path / "karyogui.db")) as raw, raw:
        raw.execute("DELETE FROM cell WHERE case_id = ?", (case_id,))
        raw.execute('DELETE FROM "case" WHERE id = ?', (case_id,))
        raw.execute("INSERT INTO case_stale VALUES (?, 1)", (case_id,))
    assert names(listing, CaseQuery()) == ["here"]
    assert names(listing, CaseQuery(words=("gone",))) == []
    assert listing.stale == 0
    assert listing.summaries([case_id, other])[0].id == other


def test_times_and_thumbnails_come_back(database: Database) -> None:
    (case_id,) = add(database, "a")
    listing = CaseListing(database)
    listing.freshen()
    (row,) = listing.summaries([case_id])
    assert row.thumbnail == b"png"
    assert abs((datetime.now(UTC) - row.created).total_seconds()) < 60
