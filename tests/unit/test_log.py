import logging
from pathlib import Path

from karyogui.log import close_log, open_log


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
