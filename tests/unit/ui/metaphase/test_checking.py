"""The separation check in the window: worked off by one key each, taken back, and signed off."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.domain.review import ANALYSED_AGAIN
from karyogui.domain.separation import ObjectKind
from karyogui.domain.separation_check import CheckEntry, CheckKind, EntryState
from karyogui.domain.sitting import ActionKind
from karyogui.services.progress import Monitor
from karyogui.ui.centre import KARYOGRAM_PAGE, METAPHASE_PAGE
from karyogui.ui.review.check_list import ID_ROLE, ROWS_SHOWN
from karyogui.ui.review.checking import CHECKED, NEVER_CHECKED, CheckController
from tests.unit.ui.metaphase.conftest import CONTROL, SHIFT, Desk
from tests.unit.ui.metaphase.readers import OBJECTS, HeldReader
from tests.unit.ui.windows import make_cell

CHECK = (
    CheckEntry("c07", CheckKind.OUTLINE, 0.3, ("4",), 0.6),
    CheckEntry("d01", CheckKind.REJECTED, 0.6, ("21",), 0.87),
    CheckEntry("c05", CheckKind.PART, 0.5, ("3",), 0.7),
    CheckEntry("c01", CheckKind.SEVERAL, 0.8, ("1", "2")),
)
IN_ORDER = ["c01", "d01", "c05", "c07"]
Key = Qt.Key


@pytest.fixture
def reader() -> HeldReader:
    reader = HeldReader()
    reader.check = CHECK
    return reader


def check_of(desk: Desk) -> CheckController:
    return desk.window.check


def listed(desk: Desk) -> list[str]:
    rows = check_of(desk).list.list
    return [rows.item(n).data(ID_ROLE) for n in range(rows.count())]


def at(desk: Desk, object_id: str | None) -> None:
    """Wait until an entry is the one that is looked at, or none."""
    desk.qtbot.waitUntil(lambda: check_of(desk).current == object_id)
    QApplication.processEvents()


def begin(desk: Desk) -> None:
    desk.key(Key.Key_N)
    at(desk, "c01")


def test_open_entries_stand_in_the_order_of_harm_with_their_reasons(desk: Desk) -> None:
    rows = check_of(desk).list
    assert listed(desk) == IN_ORDER
    assert rows.list.item(0).text() == "Looks like 1 and 2 together (80 %)"
    assert rows.list.item(1).text() == "Taken for debris, most like a 21 (87 %)"
    assert rows.list.item(1).toolTip().startswith("Taken for debris, of chromosome size")
    assert rows.caption.text() == "4 to check (N = next)"
    assert not rows.list.item(1).icon().isNull()
    assert rows.acts.isVisible()
    assert "4 to check" in desk.window.status.review.text()


def test_n_zooms_to_each_entry_and_outlines_it_and_goes_round(desk: Desk) -> None:
    whole = desk.view.zoom
    begin(desk)
    assert desk.view.zoom > whole
    for following in IN_ORDER[1:]:
        desk.key(Key.Key_N)
        at(desk, following)
        assert desk.panel.selection == (following,)
        area = desk.view.mapFromScene(desk.scene.rectangle_of([following])).boundingRect()
        assert desk.view.viewport().rect().contains(area)
    assert desk.panel.hint.text().startswith("4 of 4: The outline is doubtful")
    desk.key(Key.Key_N)
    at(desk, "c01")
    desk.key(Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    at(desk, "c07")
    assert desk.window.centre.page == METAPHASE_PAGE


def test_the_inspector_shows_the_whole_picture_of_an_entry(desk: Desk) -> None:
    begin(desk)
    picture = desk.window.review.inspector.view
    desk.qtbot.waitUntil(lambda: picture.visibleRegion().boundingRect() == picture.rect())


def test_who_has_gone_to_the_types_goes_on_with_them_and_then_to_the_entries(desk: Desk) -> None:
    desk.window.show_karyogram()
    desk.board.select(["c20"])
    desk.board.move_selection("7")
    reviewed = desk.window.open_cell.needs_review
    assert len(reviewed) > 1
    desk.board.select(reviewed[:1])
    for chromosome in reviewed[1:]:
        desk.qtbot.keyClick(desk.board.view, Key.Key_N)
        assert desk.board.selection == (chromosome,)
        assert desk.window.centre.page == KARYOGRAM_PAGE
    desk.qtbot.keyClick(desk.board.view, Key.Key_N)
    at(desk, "c01")
    assert desk.window.centre.page == METAPHASE_PAGE


def test_worked_off_n_leads_to_the_types_on_the_board(desk: Desk) -> None:
    begin(desk)
    for following in (*IN_ORDER[1:], None):
        desk.key(Key.Key_Return)
        at(desk, following)
    desk.key(Key.Key_N)
    assert desk.window.centre.page == KARYOGRAM_PAGE
    assert desk.board.selection == desk.window.open_cell.needs_review[:1]


def test_a_cell_is_worked_off_by_one_key_each(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_S)  # the program's proposals for it
    assert desk.view.tool.proposals  # type: ignore[attr-defined]
    desk.key(Key.Key_Return)
    at(desk, "d01")
    assert desk.panel.selection == ("d01",)
    desk.key(Key.Key_H)
    at(desk, "c05")
    assert desk.scene.objects["d01"].kind is ObjectKind.CHROMOSOME
    desk.key(Key.Key_D)
    at(desk, "c07")
    assert desk.scene.objects["c05"].kind is ObjectKind.DEBRIS
    desk.key(Key.Key_Return)
    at(desk, None)
    desk.settle()
    rows = check_of(desk).list
    assert rows.caption.text() == CHECKED
    assert not rows.list.isVisible()
    assert not rows.acts.isVisible()
    assert rows.more.text() == "4 decided"
    states = {entry.object_id: entry.state for entry in desk.stored.check}
    assert states == dict.fromkeys(IN_ORDER, EntryState.REPAIRED) | {"c07": EntryState.RIGHT}
    desk.assert_in_step()


def test_a_rejected_object_is_debris_indeed_by_enter_or_its_key(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_N)
    at(desk, "d01")
    desk.key(Key.Key_D)
    at(desk, "c05")
    assert desk.stored.edits[-1].change.text == "Separation check: debris is right as it is"
    assert not desk.scene.objects["d01"].by_person


def test_h_on_what_is_a_chromosome_says_that_it_is_one_and_confirms_no_type(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_H)
    at(desk, "d01")
    assert not any(p.confirmed for p in desk.stored.placements)
    assert listed(desk) == IN_ORDER[1:]


def test_undo_opens_the_entry_again_and_redo_closes_it(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_Return)
    at(desk, "d01")
    desk.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    at(desk, "c01")
    assert listed(desk) == IN_ORDER
    assert desk.stored.edits[-1].change.text.endswith("taken back")
    desk.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    at(desk, "d01")
    assert listed(desk) == IN_ORDER[1:]


def test_what_was_decided_is_reached_from_the_one_line_and_taken_back(desk: Desk) -> None:
    begin(desk)
    for following in (*IN_ORDER[1:], None):
        desk.key(Key.Key_Return)
        at(desk, following)
    rows = check_of(desk).list
    assert not rows.decided.isVisible()
    desk.qtbot.mouseClick(rows.more, Qt.MouseButton.LeftButton)
    assert rows.decided.isVisible()
    texts = [rows.decided.item(n).text() for n in range(4)]
    assert all(text.startswith("Right as it is · ") for text in texts)
    number = [rows.decided.item(n).data(ID_ROLE) for n in range(4)].index("d01")
    place = rows.decided.visualItemRect(rows.decided.item(number)).center()
    desk.qtbot.mouseClick(rows.decided.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.panel.selection == ("d01",)
    desk.qtbot.mouseClick(rows.take_back, Qt.MouseButton.LeftButton)
    at(desk, "d01")
    assert listed(desk) == ["d01"]


def test_all_types_confirmed_at_one_stroke_say_nothing_of_the_separation(desk: Desk) -> None:
    before = listed(desk)
    assert before
    desk.window.show_karyogram()
    desk.board.select_all()
    desk.qtbot.keyClick(desk.board.view, Key.Key_Return)
    assert listed(desk) == before
    assert not desk.window.review.findings.sign_off.isEnabled()


def test_a_click_in_the_photograph_or_the_list_chooses_the_entry(desk: Desk) -> None:
    desk.click("d01")
    assert check_of(desk).current == "d01"
    rows = check_of(desk).list.list
    assert rows.currentRow() == 1
    place = rows.visualItemRect(rows.item(2)).center()
    desk.qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    at(desk, "c05")
    assert desk.panel.selection == ("c05",)
    desk.qtbot.keyClick(rows, Key.Key_Return)  # the keys work in the list as well
    at(desk, "c07")
    desk.qtbot.keyClick(rows, Key.Key_D)
    at(desk, "c01")
    assert desk.scene.objects["c07"].kind is ObjectKind.DEBRIS
    assert listed(desk) == ["c01", "d01"]


def test_the_keys_of_the_check_do_nothing_to_another_selection(desk: Desk) -> None:
    begin(desk)
    desk.click("c20")
    assert check_of(desk).current is None
    desk.key(Key.Key_D)
    assert desk.scene.objects["c20"].kind is ObjectKind.CHROMOSOME
    desk.key(Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    assert desk.scene.objects["c20"].kind is ObjectKind.DEBRIS
    assert listed(desk) == IN_ORDER


def test_hidden_debris_is_shown_when_it_is_to_be_looked_at(desk: Desk) -> None:
    desk.key(Key.Key_F7)
    assert not desk.scene.is_shown("d01")
    begin(desk)
    desk.key(Key.Key_N)
    at(desk, "d01")
    assert desk.panel.selection == ("d01",)
    assert desk.window.actions_["metaphase.rejected"].isChecked()


def test_escape_from_the_split_tool_leaves_the_entry_to_be_decided_otherwise(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_S)
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_Return)
    at(desk, "d01")
    assert desk.stored.check[3].state is EntryState.RIGHT


def test_keys_mean_what_is_selected_and_the_place_in_the_list_is_kept(desk: Desk) -> None:
    acts = [desk.window.actions_[i] for i in ("review.confirm", "review.debris")]
    acts.append(desk.window.actions_["repair.chromosome"])
    begin(desk)
    desk.key(Key.Key_N)
    assert all(act.isEnabled() for act in acts)
    desk.key(Key.Key_Escape)
    assert desk.panel.selection == ()
    desk.qtbot.waitUntil(lambda: not any(act.isEnabled() for act in acts))
    desk.key(Key.Key_N)
    at(desk, "c05")


def test_an_entry_that_is_open_again_by_undo_is_in_sight(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_N)
    desk.key(Key.Key_N)
    at(desk, "c05")
    desk.key(Key.Key_D)
    at(desk, "c07")
    desk.settle()
    desk.key(Key.Key_Z, CONTROL)
    at(desk, "c05")
    assert desk.panel.selection == ("c05",)
    area = desk.view.mapFromScene(desk.scene.rectangle_of(["c05"])).boundingRect()
    assert desk.view.viewport().rect().contains(area)


def test_sign_off_waits_for_an_analysis_that_is_under_way(desk: Desk) -> None:
    findings, analyse = desk.window.review.findings, desk.reader.analyse

    def held(request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        desk.reader.go.wait(10)
        return analyse(request, monitor)

    desk.reader.analyse = held  # type: ignore[method-assign]
    desk.reader.go.clear()
    desk.key(Key.Key_F5)
    desk.qtbot.waitUntil(lambda: ANALYSED_AGAIN in findings.reason.text())
    assert findings.renewing.isVisibleTo(findings)
    assert not findings.renew.isVisibleTo(findings)
    desk.settle()
    desk.qtbot.waitUntil(lambda: ANALYSED_AGAIN not in findings.reason.text())
    assert not findings.renewing.isVisibleTo(findings)


def test_what_is_not_settled_is_not_copied_and_that_is_told(desk: Desk) -> None:
    clipboard = QApplication.clipboard()
    clipboard.setText("46,XX of another cell")
    copy = desk.window.actions_["review.copy_iscn"]
    assert not copy.isEnabled()
    assert copy.toolTip().startswith("Count not settled")
    desk.qtbot.keyClick(desk.view, Key.Key_C, CONTROL | SHIFT)
    assert "Count not settled" in desk.panel.hint.text()
    assert clipboard.text() == "46,XX of another cell"


def test_sign_off_names_everything_that_is_missing(desk: Desk) -> None:
    findings = desk.window.review.findings
    lines = findings.reason.text().split("\n")
    assert not findings.sign_off.isEnabled()
    assert lines[0] == "Count not settled: 4 objects to check (N)."
    assert "need" in lines[-1]
    desk.window.board.select_all()
    desk.window.board.confirm_selection()
    assert findings.reason.text() == "Count not settled: 4 objects to check (N)."
    begin(desk)
    for entry in IN_ORDER:
        at(desk, entry)
        desk.key(Key.Key_Return)
    desk.qtbot.waitUntil(findings.sign_off.isEnabled)
    desk.qtbot.mouseClick(findings.sign_off, Qt.MouseButton.LeftButton)
    assert desk.stored.reviewed_at is not None
    assert not check_of(desk).can_decide


def test_the_cost_counts_a_word_as_an_act_and_not_as_a_correction(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_Return)
    at(desk, "d01")
    desk.window.sittings.stop()
    cost = desk.stored.cost
    assert cost.actions[ActionKind.CHECK] == 1
    assert cost.corrections == 0


def test_cut_outs_have_no_list(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = make_cell(tmp_path_factory.mktemp("cut") / "cell", ("1", "2", "X"))
    desk.window.cases.import_paths([folder])
    desk.qtbot.waitUntil(lambda: len(desk.window.cases.summaries) == 2, timeout=15_000)
    newest = desk.window.cases.summaries[0].cells[0]
    desk.window.open_cell.open(newest.id)
    assert not desk.window.open_cell.has_photograph
    assert not check_of(desk).list.isVisible()


def test_a_cell_that_was_never_checked_says_so(desk: Desk) -> None:
    cell = desk.window.open_cell.cell
    assert cell is not None
    desk.window.open_cell.take(replace(cell, check=(), has_check=False))
    assert check_of(desk).list.caption.text() == NEVER_CHECKED
    findings = desk.window.review.findings
    assert "The separation was never checked" in findings.reason.text()
    assert not findings.iscn.text()
    desk.window.open_cell.take(replace(cell, check=(), has_check=True))
    assert check_of(desk).list.caption.text() == CHECKED
    assert not check_of(desk).list.more.isVisible()


def test_a_hundred_entries_stay_usable(desk: Desk) -> None:
    cell = desk.window.open_cell.cell
    assert cell is not None
    chosen = [o.id for o in OBJECTS]
    many = [CheckEntry(f"{i}", CheckKind.PART, 0.5 - n / 1e3) for n, i in enumerate(chosen)]
    gone = [CheckEntry(f"x{n}", CheckKind.OUTLINE, 0.3) for n in range(100 - len(many))]
    desk.window.open_cell.take(replace(cell, check=(*many, *gone)))
    rows = check_of(desk).list.list
    assert rows.count() == 100
    assert rows.height() <= ROWS_SHOWN * max(rows.sizeHintForRow(0), 1) * 2
    for following in chosen[:3]:
        desk.key(Key.Key_N)
        at(desk, following)
    assert rows.currentRow() == 2


def test_the_list_never_makes_the_panel_wider_than_its_dock(desk: Desk) -> None:
    begin(desk)
    desk.key(Key.Key_Return)
    at(desk, "d01")
    findings = desk.window.review.findings
    assert check_of(desk).list.more.isVisible()
    assert findings._content.minimumSizeHint().width() <= findings.minimumWidth()


def test_enter_with_a_tool_that_shows_nothing_is_no_word_on_the_object(desk: Desk) -> None:
    begin(desk)
    for _ in range(2):
        desk.key(Key.Key_N)
    at(desk, "c05")  # a single rod: there is nothing to split
    desk.key(Key.Key_S)
    assert not desk.view.tool.proposals  # type: ignore[attr-defined]
    desk.key(Key.Key_Return)
    assert desk.panel.hint.text().startswith("There is nothing to accept")
    assert listed(desk) == IN_ORDER
    desk.key(Key.Key_Escape)
    desk.key(Key.Key_Return)
    at(desk, "c07")
    assert listed(desk) == ["c01", "d01", "c07"]


def test_arrows_in_the_review_list_choose_what_enter_confirms(desk: Desk) -> None:
    findings = desk.window.review.findings
    desk.board.select(["c20"])
    findings.list.setFocus()
    findings.list.setCurrentRow(0)
    chosen = findings.list.item(0).data(ID_ROLE)
    assert desk.board.selection == (chosen,)
    desk.qtbot.keyClick(findings.list, Key.Key_Return)
    confirmed = {p.chromosome_id for p in desk.stored.placements if p.confirmed}
    assert confirmed == {chosen}


class TestHeldBack:
    """What may hold a chromosome that lacks, asked when nothing else is open."""

    @pytest.fixture
    def reader(self) -> HeldReader:
        reader = HeldReader()
        lacks = CheckEntry("d01", CheckKind.REJECTED, 0.2, ("Y",), 0.4, if_lacking=("Y",))
        reader.check = (CHECK[0], lacks)
        return reader

    def test_it_comes_last_and_says_what_is_missing(self, desk: Desk) -> None:
        counts = desk.window.open_cell.karyogram.counts  # type: ignore[union-attr]
        assert (counts["X"], counts["Y"]) == (1, 0)
        assert listed(desk) == ["c07"]
        desk.key(Key.Key_N)
        at(desk, "c07")
        desk.key(Key.Key_Return)
        at(desk, "d01")
        assert listed(desk) == ["d01"]
        assert "A Y is missing: it may be this" in desk.panel.hint.text()
        findings = desk.window.review.findings
        assert "a Y is missing, 1 object may hold it" in findings.question.text()
        assert findings.iscn.text() == ""
        desk.key(Key.Key_Return)
        at(desk, None)
        assert check_of(desk).list.caption.text() == CHECKED
        assert findings.iscn.text() == "45,X"

    def test_it_goes_when_the_board_has_what_lacked_and_comes_again(self, desk: Desk) -> None:
        desk.key(Key.Key_N)
        at(desk, "c07")
        desk.key(Key.Key_Return)
        at(desk, "d01")
        desk.board.select(["c05"])
        desk.board.move_selection("Y")
        desk.settle()
        assert listed(desk) == []
        desk.window.open_cell.undo()
        desk.settle()
        assert listed(desk) == ["d01"]
