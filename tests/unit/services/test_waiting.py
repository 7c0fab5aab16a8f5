from pathlib import Path

import pytest

from karyogui.services.waiting import WAITING_FILE, Waiting, WaitingCells


def test_what_waited_is_told_to_the_next_program(tmp_path: Path) -> None:
    waiting = Waiting((3, 1, 2), (1,))
    WaitingCells(tmp_path).keep(waiting)
    assert WaitingCells(tmp_path).left() == waiting


def test_nothing_waiting_leaves_no_file(tmp_path: Path) -> None:
    cells = WaitingCells(tmp_path)
    cells.keep(Waiting((1,)))
    cells.keep(Waiting())
    assert list(tmp_path.iterdir()) == []
    assert cells.left() == Waiting()


@pytest.mark.parametrize("text", ["", "[1]", "{}", "{", '{"cells": 1, "anew": []}', "\x00"])
def test_a_damaged_file_is_no_offer(tmp_path: Path, text: str) -> None:
    (tmp_path / WAITING_FILE).write_text(text, encoding="utf-8")
    assert WaitingCells(tmp_path).left() == Waiting()


def test_a_place_that_cannot_be_written_costs_nothing_but_the_offer(tmp_path: Path) -> None:
    cells = WaitingCells(tmp_path / "not there")
    cells.keep(Waiting((1,)))
    assert cells.left() == Waiting()
