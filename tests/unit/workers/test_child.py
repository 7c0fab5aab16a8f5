"""Another process: its lines come at once, cancelling ends it, its refusal is one sentence."""

import sys
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled
from karyogui.workers.child import run_child


def script(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "child.py"
    path.write_text(text, encoding="utf-8")
    return sys.executable, str(path)


def test_its_lines_come_in_order_and_empty_ones_between(tmp_path: Path) -> None:
    program = script(
        tmp_path,
        "import sys, time\nprint('one', sys.argv[1], flush=True)\ntime.sleep(0.4)\n"
        "sys.stderr.write('zwölf\\n')\n",
    )
    heard: list[str] = []
    run_child(["x"], heard.append, program, poll_seconds=0.02)
    assert [line for line in heard if line] == ["one x", "zwölf"]
    assert "" in heard


def test_a_refusal_is_its_last_line(tmp_path: Path) -> None:
    program = script(tmp_path, "import sys\nprint('work')\nprint('No cell.')\nsys.exit(2)")
    with pytest.raises(KaryoError, match=r"^No cell\.$"):
        run_child([], lambda _: None, program)


def test_a_crash_is_told_with_its_last_words(tmp_path: Path) -> None:
    program = script(tmp_path, "import sys\nprint('Boom')\nsys.exit(7)")
    with pytest.raises(KaryoError, match=r"exit status 7.*Boom"):
        run_child([], lambda _: None, program)


def test_a_program_that_does_not_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(KaryoError, match="could not be started"):
        run_child([], lambda _: None, (str(tmp_path / "missing"),))


def test_cancelling_ends_it(tmp_path: Path) -> None:
    mark = tmp_path / "ended"
    program = script(
        tmp_path,
        "import pathlib, signal, sys, time\n"
        f"def end(*_): pathlib.Path({str(mark)!r}).touch(); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready', flush=True)\n"
        "while True: time.sleep(0.05)",
    )

    def heard(line: str) -> None:
        if line == "ready":
            raise Cancelled

    with pytest.raises(Cancelled):
        run_child([], heard, program)
    assert mark.exists()
