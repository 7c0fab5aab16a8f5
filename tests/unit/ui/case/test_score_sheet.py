"""The score sheet of a case's page: what is written, and what is told where it cannot be."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.unit.ui.case.conftest import Hands
from tests.unit.ui.windows import answering


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_score_sheet_is_written(
    hands: Hands, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    path = tmp_path / f"sheet.{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    hands.window.actions_[f"case.sheet_{suffix}"].trigger()
    told = hands.window.centre.notices
    hands.qtbot.waitUntil(lambda: told.text == f"sheet.{suffix} was written.", timeout=20_000)
    rows: list[list[Any]]
    if suffix == "csv":
        text = path.read_bytes().decode("utf-8-sig")
        rows = [*csv.reader(io.StringIO(text))]
        down = dict(zip(rows[0], rows[4], strict=True))
        assert (down["21"], down["X"], down["not_reported"]) == ("1", "0", "'+21")
    else:
        from openpyxl import load_workbook

        book = load_workbook(path)
        rows = [[cell.value for cell in row] for row in book["Cells"].iter_rows()]
        down = dict(zip(rows[0], rows[4], strict=True))
        assert (down["21"], down["X"], down["not_reported"]) == (1, 0, "+21")
        result = {row[0].value: row[1].value for row in book["Result"].iter_rows()}
        assert result["karyotype"] == "mos 45,X[3]/46,XX[3]"
    assert down["cell"] == "cell 4"
    assert len(rows) == 8


def test_a_score_sheet_that_cannot_be_written_is_told(
    hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "sheet.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with answering(qtbot, lambda box: box.accept()) as said:
        hands.window.actions_["case.sheet_csv"].trigger()
        qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert "could not be written" in said[0]
