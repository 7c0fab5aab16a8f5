"""`iscn check`: karyotypes of the command line and of a file."""

import json
from pathlib import Path

import pytest

from karyogui import cli


def test_iscn_check_tells_in_words_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["iscn", "check", "46,XX,+21"]) == cli.INVALID
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["46,XX,+21", "^^"]
    assert "    write 47,XX,+21" in said
    assert cli.main(["iscn", "check", "47,XX,+21"]) == cli.DONE


def test_iscn_check_of_a_file_writes_one_object_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "strings.txt"
    file.write_bytes("\ufeff47,XX,+21\r\n 46,XX\n\n47，XY，+21".encode() + b"\n46,\xff\n")
    assert cli.main(["iscn", "check", "--file", str(file), "--json"]) == cli.INVALID
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["string"] for one in told] == [
        "47,XX,+21",
        " 46,XX",
        "",
        "47，XY，+21",
        "46,\ufffd",
    ]
    assert [one["valid"] for one in told] == [True, False, False, False, False]
    assert told[1]["problems"] == [
        {
            "start": 0,
            "end": 1,
            "severity": "format",
            "message": "There is no space here in ISCN.",
            "repairs": ["46,XX"],
        }
    ]


def test_iscn_check_wants_strings_or_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["iscn", "check"]) == cli.REFUSED
    assert cli.main(["iscn", "check", "46,XX", "--file", str(tmp_path / "x")]) == cli.REFUSED
    assert cli.main(["iscn", "check", "--file", str(tmp_path / "x")]) == cli.REFUSED
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == f"{tmp_path / 'x'} cannot be read: No such file or directory."
