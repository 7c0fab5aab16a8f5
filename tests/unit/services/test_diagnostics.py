"""What is copied into a question says much of the computer and nothing of persons."""

import logging
from pathlib import Path

import pytest

from karyogui import __version__
from karyogui.log import close_log, open_log
from karyogui.paths import WEIGHTS
from karyogui.services.diagnostics import diagnostics, last_lines

LOGGER = logging.getLogger("karyogui.test")


def test_it_tells_versions_computer_weights_and_room(tmp_path: Path) -> None:
    weights = WEIGHTS / "compact.safetensors", WEIGHTS / "separation.safetensors"
    text = diagnostics(tmp_path, *weights, tmp_path / "logs", "auto")
    facts = dict(line.split(": ", 1) for line in text.split("\n\n")[0].splitlines())
    assert facts["KaryoGUI"] == __version__
    assert "torch 2." in facts["Libraries"]
    assert "missing" not in facts["Libraries"]
    assert " cores, " in facts["Processor"]
    assert facts["Weights"].startswith("compact ")
    assert facts["Separation"].startswith("separation ")
    assert facts["Data folder"].endswith(" GiB free")
    assert "There is no log" in text


def test_what_is_missing_is_told_and_no_failure(tmp_path: Path) -> None:
    none = tmp_path / "none.safetensors"
    text = diagnostics(tmp_path / "gone", none, none, tmp_path, "cpu")
    assert "Weights: none.safetensors, not readable" in text
    assert "gone, not readable (" in text


def test_the_last_acts_are_told_without_user_and_words_of_exceptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "jane"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "jane"))
    handler = open_log(tmp_path)
    try:
        LOGGER.info("analysis of cell %d: %.2f s", 3, 1.5)
        LOGGER.info("opened %s", tmp_path / "jane" / "cases")
        try:
            raise ValueError("Jane Doe.tif")
        except ValueError as error:
            LOGGER.error("bug", exc_info=error)
    finally:
        close_log(handler)
    told = last_lines(tmp_path / "karyogui.log")
    assert "analysis of cell 3: 1.50 s" in told
    assert str(Path("~") / "cases") in told
    assert "ValueError" in told
    assert "Jane Doe.tif" not in told.replace('raise ValueError("Jane Doe.tif")', "")
    assert len(last_lines(tmp_path / "karyogui.log", 1).splitlines()) == 1
