import logging
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.log import close_log, open_log, timed


def test_the_log_is_a_file_until_it_is_closed(tmp_path: Path) -> None:
    handler = open_log(tmp_path / "logs")
    logging.getLogger("karyogui.test").info("hello")
    close_log(handler)
    logging.getLogger("karyogui.test").info("too late")
    text = (tmp_path / "logs" / "karyogui.log").read_text(encoding="utf-8")
    assert "karyogui.test: hello" in text
    assert "too late" not in text


def test_a_folder_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    handler = open_log(tmp_path / "file" / "logs")
    logging.getLogger("karyogui.test").info("hello")
    close_log(handler)


def test_an_act_is_told_with_its_seconds(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), timed(logging.getLogger("karyogui"), "cell 3") as told:
        told.append("46 chromosomes")
    (line,) = caplog.messages
    assert line.startswith("cell 3, 46 chromosomes: 0.")
    assert line.endswith(" s")


def test_a_bug_is_told_with_its_stack_and_without_its_words(tmp_path: Path) -> None:
    handler = open_log(tmp_path)
    log = logging.getLogger("karyogui.test")
    try:
        try:
            try:
                raise OSError("Jane Doe.tif")
            except OSError as error:
                raise ValueError("Jane Doe is no number") from error
        except ValueError:
            log.exception("a bug")
    finally:
        close_log(handler)
    text = (tmp_path / "karyogui.log").read_text(encoding="utf-8")
    assert "test_log.py" in text
    assert text.index("OSError") < text.index("ValueError")
    logged = [line for line in text.splitlines() if "raise " not in line]
    assert not any("Jane" in line for line in logged)


def test_a_refusal_is_told_by_its_place_and_not_by_words_that_may_hold_a_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse() -> None:
        raise KaryoError("Jane Doe.tif cannot be read.")

    with caplog.at_level(logging.INFO), pytest.raises(KaryoError, match="Jane"):  # noqa: SIM117
        with timed(logging.getLogger("karyogui"), "import"):
            refuse()
    (line,) = caplog.messages
    assert line.startswith("import, refused at test_log.py:")
    assert "Jane" not in caplog.text
