"""The page of a case: status by keys, matrix, lines with their cells, rulings, protocol, export."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from karyogui.domain.case_result import PRESETS, CellStatus, RulingKind
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.notes import CellField
from karyogui.services.case_work import set_constitution, set_protocol
from karyogui.services.workspace import Workspace
from karyogui.ui.case.dialogs import CultureDialog, KaryotypeDialog, NoteDialog, RulingDialog
from karyogui.ui.case.protocol_dialogs import PresetsDialog, ProtocolDialog
from karyogui.ui.case.rows import Column
from karyogui.ui.centre import KARYOGRAM_PAGE
from tests.unit.ui.case.conftest import CONTROL, SHIFT, Hands
from tests.unit.ui.windows import answering, press


def test_cells_get_their_status_by_keys_and_make_lines(hands: Hands) -> None:
    assert hands.string == "No karyotype yet"
    assert "as the program reads them: mos 45,X[3]/46,XX[3]" in hands.panel.head.note.text()
    hands.all_but_the_last(Qt.Key.Key_V)
    assert hands.string == "mos 45,X[3]/46,XX[3]"
    assert hands.text("1", Column.STATUS) == "analysed"
    assert hands.text("4", Column.CHANGES) == "(+21)"
    assert "+21 in 1 cell" in hands.panel.head.remarks.text()
    hands.choose("5")
    hands.key(Qt.Key.Key_F)
    assert hands.string == "mos 45,X[3]/46,XX[2]"
    hands.key(Qt.Key.Key_U)
    assert hands.text("5", Column.STATUS) == "to do"


def test_acts_are_undone_and_done_again_on_the_page(hands: Hands) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    hands.choose("1")
    hands.key(Qt.Key.Key_K)
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert hands.text("1", Column.STATUS) == "analysed"
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert hands.text("1", Column.STATUS) == "to do"
    hands.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert hands.text("6", Column.STATUS) == "analysed"
    # Each page has a history of its own: the cell's was not touched.
    hands.window.show_karyogram()
    assert not hands.window.open_cell.history.canUndo()
    hands.key(Qt.Key.Key_4, CONTROL)
    assert hands.window.open_cell.history.canUndo()


def test_the_page_is_as_stored_after_each_act_though_only_what_was_noted_is_read_again(
    hands: Hands, workspace: Workspace, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, whole = hands.work._work, []
    view = type(work).view
    monkeypatch.setattr(type(work), "view", lambda *told: (whole.append(told), view(*told))[1])

    def act(name: str, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        hands.choose(name)
        hands.key(key, modifiers)
        assert hands.panel.view == view(work, case_id)

    hands.all_but_the_last(Qt.Key.Key_V)
    assert whole  # of most cells: all are read
    whole.clear()
    for name, key in zip("123", (Qt.Key.Key_K, Qt.Key.Key_F, Qt.Key.Key_U), strict=True):
        act(name, key)
    act("1", Qt.Key.Key_Z, CONTROL)
    act("1", Qt.Key.Key_Z, CONTROL | SHIFT)
    before = hands.panel.view
    hands.work._do(lambda: set_protocol(before.case, PRESETS[2]))
    assert hands.panel.view == view(work, case_id)
    assert hands.panel.view.protocol == PRESETS[2]
    assert whole == []
    # What was stored by another way is seen with the next act.
    workspace.library.exclude([hands.ids["6"]], "smeared", "B")
    act("2", Qt.Key.Key_T)
    assert hands.text("6", Column.STATUS) == "excluded"
    assert len(whole) == 1


def test_only_what_an_act_changes_is_drawn_again(hands: Hands) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    told: list[tuple[int, int]] = []
    cells = hands.panel.table.cells
    cells.modelReset.connect(lambda: told.append((-1, -1)))
    cells.dataChanged.connect(
        lambda first, last: told.append((first.row(), last.row())) if last.column() else None
    )
    hands.choose("2")
    hands.key(Qt.Key.Key_K)
    assert told == [(1, 1)]
    assert hands.panel.table.chosen == (hands.ids["2"],)
    # A row that moves: the table is filled again.
    hands.panel.table.sortByColumn(Column.STATUS, Qt.SortOrder.AscendingOrder)
    told.clear()
    hands.choose("3")
    hands.key(Qt.Key.Key_F)
    assert told == [(-1, -1)]
    assert hands.panel.table.chosen == (hands.ids["3"],)


def test_what_the_store_refuses_is_told_and_not_in_the_history(
    hands: Hands, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    from karyogui.errors import KaryoError

    def refuse(*_: object) -> None:
        raise KaryoError("The disk is full.")

    monkeypatch.setattr(hands.work._work, "record", refuse)
    hands.choose("1")
    with answering(qtbot, lambda box: box.accept()) as said:
        hands.key(Qt.Key.Key_V)
    assert said[0].startswith("The disk is full")
    assert hands.text("1", Column.STATUS) == "to do"
    assert not hands.window.open_cell.history.canUndo()


def test_a_click_in_the_matrix_opens_the_cell_with_those_chromosomes(hands: Hands) -> None:
    hands.panel.show_matrix(True)
    column = Column.FIRST_TYPE + 20
    assert hands.text("4", column) == "+1"
    assert hands.text("1", Column.FIRST_TYPE + 22) == "−1"
    assert hands.text("5", column) == "·"
    assert hands.text("7", column) == ""
    table = hands.panel.table
    index = table.cells.index_of(hands.ids["4"]).siblingAtColumn(column)
    table.scrollTo(index)
    at = table.visualRect(index).center()
    hands.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert hands.window.centre.page == KARYOGRAM_PAGE
    assert hands.window.open_cell.cell is not None
    assert hands.window.open_cell.cell.name == "cell 4"
    karyogram = hands.window.board.karyogram
    assert karyogram is not None
    assert set(hands.window.board.selection) == set(karyogram.in_slot("21"))
    assert len(hands.window.board.selection) == 3


def test_the_cells_behind_a_line_and_behind_a_change_are_one_click_away(hands: Hands) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    hands.choose_row("45,X[3]")
    assert set(hands.panel.table.chosen) == {hands.ids[n] for n in "123"}
    hands.choose_row("+21")
    assert hands.panel.table.chosen == (hands.ids["4"],)
    hands.qtbot.keyClick(hands.panel.result, Qt.Key.Key_Return)
    assert hands.window.open_cell.cell is not None
    assert hands.window.open_cell.cell.name == "cell 4"


def test_reasons_and_who_is_in_no_line_are_listed(hands: Hands) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    rows = hands.result_rows
    assert rows[0] == ("1   45,X[3]", "3", "50 % (11.8–88.2)",
                       "-X in 3 cells: a loss is clonal from 3 on.")  # fmt: skip
    assert ("cell 7", "1", "", "Not yet counted or analysed.") in rows


def test_a_change_is_overruled_with_a_reason_and_the_ruling_withdrawn(
    hands: Hands, qtbot: QtBot
) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    hands.choose_row("+21")

    def overrule(dialog: RulingDialog) -> None:
        assert not dialog.overrule.isEnabled()
        qtbot.keyClicks(dialog.reason, "Seen by FISH")
        press(qtbot, dialog, "Overrule")

    with answering(qtbot, overrule):
        hands.window.actions_["case.overrule"].trigger()
    assert hands.string == "mos 45,X[3]/47,XX,+21[1]/46,XX[2]"
    assert any("Seen by FISH" in row[3] for row in hands.result_rows)
    hands.choose_row("+21")
    hands.window.actions_["case.withdraw"].trigger()
    assert hands.string == "mos 45,X[3]/46,XX[3]"
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert "+21[1]" in hands.string


def test_a_cell_is_placed_in_another_line(hands: Hands, qtbot: QtBot) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    hands.panel.result.clearSelection()
    hands.choose("5")

    def place(dialog: RulingDialog) -> None:
        assert dialog.chosen.kind is RulingKind.PLACE
        dialog.reason.setText("An X lies outside the picture")
        press(qtbot, dialog, "Overrule")

    with answering(qtbot, place):
        hands.window.actions_["case.overrule"].trigger()
    assert hands.string == "mos 45,X[4]/46,XX[2]"


def test_notes_of_several_cells_at_once(hands: Hands, qtbot: QtBot) -> None:
    hands.choose("1", "2")

    def fill(dialog: NoteDialog) -> None:
        fields = [*dialog.fields.values()]
        qtbot.keyClicks(fields[0], "A")
        qtbot.keyClicks(fields[4], "550")
        press(qtbot, dialog, "OK")

    with answering(qtbot, fill):
        hands.key(Qt.Key.Key_G)
    assert hands.text("2", Column.BANDS) == "550"
    assert [culture.name for culture in hands.panel.table.cells.cultures] == ["A", ""]
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert [culture.name for culture in hands.panel.table.cells.cultures] == [""]


def test_a_band_level_that_is_none_is_refused_in_words(hands: Hands, qtbot: QtBot) -> None:
    hands.choose("1")

    def fill(dialog: NoteDialog) -> None:
        qtbot.keyClicks([*dialog.fields.values()][4], "-5")
        press(qtbot, dialog, "OK")

    said: list[str] = []

    def answer(dialog: Any) -> None:
        if isinstance(dialog, NoteDialog):
            fill(dialog)
            QTimer.singleShot(200, lambda: answer(QApplication.activeModalWidget()))
        else:
            said.append(dialog.text())
            dialog.accept()

    with answering(qtbot, answer):
        hands.key(Qt.Key.Key_G)
    qtbot.waitUntil(lambda: bool(said))
    assert "no band level" in said[0]
    assert hands.text("1", Column.BANDS) == ""


def test_the_protocol_of_a_case_is_chosen_and_told(hands: Hands, qtbot: QtBot) -> None:
    assert "not chosen yet" in hands.panel.head.protocol.text()

    def choose(dialog: ProtocolDialog) -> None:
        dialog.choice.setCurrentText("Marrow or blood, neoplastic")
        qtbot.keyClicks(dialog.sex, "XX")
        press(qtbot, dialog, "Use for this case")

    with answering(qtbot, choose):
        hands.window.actions_["case.protocol"].trigger()
    assert hands.panel.head.protocol.text() == "Marrow or blood, neoplastic"
    hands.all_but_the_last(Qt.Key.Key_V)
    assert hands.string == "45,X,-X[3]/46,XX[3]"
    assert "14 more cells to analyse." in hands.panel.head.needs.text()


def test_presets_are_edited_and_a_senseless_one_cannot_be_kept(hands: Hands, qtbot: QtBot) -> None:
    def edit(dialog: PresetsDialog) -> None:
        dialog.form.numbers["analysed"].setValue(30)
        ok = dialog._buttons.buttons()[0]
        assert "More cells are analysed than counted" in dialog.form.problem.text()
        assert not ok.isEnabled()
        dialog.form.numbers["analysed"].setValue(7)
        assert ok.isEnabled()
        press(qtbot, dialog, "OK")

    with answering(qtbot, edit):
        hands.window.actions_["edit.presets"].trigger()
    assert hands.work.presets[0].analysed == 7
    assert "of 7 analysed" in hands.panel.head.progress.text()


def test_a_damaged_preset_in_the_settings_is_told_and_not_used(hands: Hands, qtbot: QtBot) -> None:
    from dataclasses import replace

    from karyogui.domain.case_result import PRESETS
    from karyogui.domain.case_result.protocol import to_json

    settings = hands.work._settings
    bad = to_json(replace(PRESETS[0], counted=-20))
    settings.change(replace(settings.values, protocols=(bad, to_json(PRESETS[2]))))
    assert [preset.name for preset in hands.work.presets] == [PRESETS[2].name]

    def look(dialog: PresetsDialog) -> None:
        assert any("-20 cells to count" in label.text() for label in dialog.findChildren(QLabel))
        dialog.reject()

    with answering(qtbot, look):
        hands.window.actions_["edit.presets"].trigger()


def test_the_karyotype_is_typed_with_a_reason(hands: Hands, qtbot: QtBot) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)

    def type_it(dialog: KaryotypeDialog) -> None:
        dialog.field.setText("45,X[3]/46,XX[3]")
        assert not dialog.keep.isEnabled()
        qtbot.keyClicks(dialog.reason, "House style")
        press(qtbot, dialog, "Keep")

    with answering(qtbot, type_it):
        hands.window.actions_["case.karyotype"].trigger()
    assert hands.string == "45,X[3]/46,XX[3]"
    assert "Typed by a person: House style." in hands.panel.head.note.text()
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert hands.string == "mos 45,X[3]/46,XX[3]"


def test_selected_cells_are_excluded_from_here(hands: Hands, qtbot: QtBot) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    hands.choose("1", "2")

    def say(dialog: Any) -> None:
        dialog.reason.setEditText("Bands too poor")
        press(qtbot, dialog, "Exclude")

    with answering(qtbot, say):
        hands.window.actions_["cell.exclude"].trigger()
    qtbot.waitUntil(lambda: hands.text("1", Column.STATUS) == "excluded")
    assert hands.string == "46,XX[4]"
    assert ("cell 1, cell 2", "2", "", "Excluded: Bands too poor.") in hands.result_rows


def test_cells_of_the_other_sex_are_offered_as_a_donors(
    hands: Hands, workspace: Workspace, qtbot: QtBot
) -> None:
    for name in "56":
        placements = workspace.library.cell(hands.ids[name]).placements
        one = next(p.chromosome_id for p in placements if p.slot == "X")
        workspace.reviews.record(hands.ids[name], Karyogram(placements).move([one], "Y"), "Ann")
    case = workspace.library.case(workspace.library.cell(hands.ids["1"]).case_id)
    workspace.case_work.record(set_constitution(case, "XX"), "Ann")
    hands.all_but_the_last(Qt.Key.Key_V)
    hands.panel.table.choose([])
    assert "The cells with XY are the donor's (recipient//donor)" in [
        choice.words for choice in hands.work.choices
    ]

    def decide(dialog: RulingDialog) -> None:
        at = dialog.choice.findText("donor", Qt.MatchFlag.MatchContains)
        dialog.choice.setCurrentIndex(at)
        qtbot.keyClicks(dialog.reason, "Transplanted in 2025")
        qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)

    with answering(qtbot, decide):
        hands.window.actions_["case.overrule"].trigger()
    assert hands.string == "45,X[3]/46,XX[1]//46,XY[2]"
    assert any("the donor's" in row[0] for row in hands.result_rows)


def test_cells_of_the_same_sex_are_marked_as_a_donors(hands: Hands, qtbot: QtBot) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    before = hands.string
    hands.choose("1", "2")
    assert "2 cells are a donor's (recipient//donor)" in [c.words for c in hands.work.choices]

    def decide(dialog: RulingDialog) -> None:
        at = dialog.choice.findText("a donor's", Qt.MatchFlag.MatchContains)
        dialog.choice.setCurrentIndex(at)
        qtbot.keyClicks(dialog.reason, "Transplanted in 2025")
        qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)

    with answering(qtbot, decide):
        hands.window.actions_["case.overrule"].trigger()
    assert hands.string.split("//")[1].endswith("[2]")
    rows = [row[0] for row in hands.result_rows]
    assert any(row.endswith("(donor)") for row in rows)
    assert any("1 is a donor's" in row for row in rows)
    hands.choose("1", "2")
    assert not any("a donor's" in choice.words for choice in hands.work.choices)
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert hands.string == before


def test_an_act_reads_the_case_once(
    hands: Hands, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.choose("1")
    work, read = hands.work._work, list[str]()
    ways = {name: getattr(work, name) for name in ("view", "view_after")}

    def count(name: str) -> None:
        def counted(*told: Any) -> Any:
            read.append(name)
            return ways[name](*told)

        monkeypatch.setattr(work, name, counted)

    for name in ways:
        count(name)
    with qtbot.waitSignal(hands.window.cases.summaries_changed):
        hands.key(Qt.Key.Key_V)
    qtbot.wait(50)
    assert hands.text("1", Column.STATUS) == "analysed"
    assert read == ["view_after"]


def test_cultures_get_their_dates_by_keys(hands: Hands, qtbot: QtBot) -> None:
    assert hands.panel.head.cultures.text() == "No culture"
    hands.choose("1", "2")

    def name_it(dialog: NoteDialog) -> None:
        qtbot.keyClicks(dialog.fields[CellField.CULTURE], "A")
        qtbot.keyClick(dialog, Qt.Key.Key_Return)

    with answering(qtbot, name_it):
        hands.key(Qt.Key.Key_G)
    assert hands.panel.head.cultures.text() == "1 culture, 0 with dates"
    told: list[str] = []

    def type_dates(dialog: CultureDialog) -> None:
        (_, set_up, harvested), *_ = dialog.rows
        qtbot.keyClicks(set_up, "2026-03-02")
        qtbot.keyClick(set_up, Qt.Key.Key_Tab)
        assert dialog.focusWidget() is harvested
        qtbot.keyClicks(harvested, "2026-03-01")
        qtbot.keyClick(harvested, Qt.Key.Key_Return)
        told.append(dialog.problem.text())
        harvested.clear()
        qtbot.keyClicks(harvested, "2026-03-05")
        qtbot.keyClick(harvested, Qt.Key.Key_Return)

    with answering(qtbot, type_dates):
        hands.window.actions_["case.cultures"].trigger()
    assert "is before the setting up of culture A" in told[0]
    assert hands.panel.head.cultures.text() == "1 culture"
    assert "set up 2026-03-02, harvested 2026-03-05" in hands.panel.head.cultures.toolTip()
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert hands.panel.head.cultures.text() == "1 culture, 0 with dates"


def test_cells_are_sorted_and_stay_chosen(hands: Hands) -> None:
    hands.choose("4")
    hands.panel.table.sortByColumn(Column.COUNT, Qt.SortOrder.DescendingOrder)
    first = hands.panel.table.cells.cultures[0].cells[0]
    assert first.cell.name == "cell 4"
    hands.work.refresh()
    assert hands.panel.table.chosen == (hands.ids["4"],)
    assert hands.work.chosen[0].status is CellStatus.OPEN


def test_enter_opens_the_cell_under_the_cursor(hands: Hands) -> None:
    hands.choose("5")
    hands.key(Qt.Key.Key_Return)
    assert hands.window.open_cell.cell is not None
    assert hands.window.open_cell.cell.name == "cell 5"


def test_the_open_cell_gets_its_status_from_the_menu_on_its_own_page(hands: Hands) -> None:
    window = hands.window
    window.open_cell_page(hands.ids["5"])
    window.show_karyogram()
    window.actions_["case.karyotyped"].trigger()
    cell = window.open_cell.cell
    assert cell is not None
    assert cell.note.status is CellStatus.KARYOTYPED
    assert window.centre._cell.text() == "24-0173  ·  cell 5  ·  karyotyped"
    # It is a step of the cell's own history.
    hands.key(Qt.Key.Key_Z, CONTROL)
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.note.status is None
    hands.key(Qt.Key.Key_4, CONTROL)
    assert hands.text("5", Column.STATUS) == "to do"
