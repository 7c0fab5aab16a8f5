"""`analyse --jobs --resume`: one line for each input, whatever happens to files and processes."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from karyogui import cli
from karyogui.cli_batch import Console, progress_words, summary
from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.services.progress import Monitor
from karyogui.workers import model_analyser, pool
from karyogui.workers.batch import BatchProgress, BatchTally
from tests.unit.services.fakes import encoded, make_cell_folder
from tests.unit.services.photographs import (
    MetaphaseAnalyser,
    karyogram,
    make_case_folder,
    metaphase,
)

REPOSITORY = Path(__file__).resolve().parents[2]
LOADED = (
    __name__,
    "karyogui.export.pdf_case",
    "karyogui.export.pdf_pages",
    "karyogui.export.drawing",
)
"""What the processes of a batch import sooner or later."""


class Analyser(MetaphaseAnalyser):
    """Stands for `ModelAnalyser`, here and in the processes."""

    def __init__(
        self, weights: Path, device: str, separator: str = "auto", separation: Path | None = None
    ) -> None:
        super().__init__()
        self.weights = weights

    def load(self) -> None:
        if self.weights.name == "wrong":
            raise cli.KaryoError("These are no weights.", "Choose others.")

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        if "kills" in request.cell_name:
            os.kill(os.getpid(), signal.SIGKILL)
        if "slow" in request.cell_name:
            time.sleep(0.3)
        return super().analyse(request, monitor)


@pytest.fixture(autouse=True)
def _fake_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_analyser, "ModelAnalyser", Analyser)


@pytest.fixture(autouse=True)
def _forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes come from one that has imported everything: alone each takes a second.

    Those of a program that is stopped in the middle begin as they do for a person.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.set_forkserver_preload([*LOADED])
        forkserver.ensure_running()
        monkeypatch.setattr(pool, "START", "forkserver")


def analyse(*inputs: Path, out: Path, more: tuple[str, ...] = ()) -> int:
    return cli.main(["analyse", *map(str, inputs), "--out", str(out), "--jobs", "2", *more])


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def record(out: Path) -> list[dict[str, Any]]:
    return lines((out / "results.jsonl").read_text(encoding="ascii"))


def timeless(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {k: v for k, v in document.items() if k not in ("analysed_at", "seconds")}


def test_every_input_has_one_line_and_the_files_of_one_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "24-0173", "a.png", "b.png", "slide 2/c.png")
    (folder / "d.png").write_bytes((folder / "a.png").read_bytes()[:900])
    Image.fromarray(karyogram()).save(folder / "e.png")
    make_cell_folder(folder / "cut-outs" / "cell 1", 3)
    out, alone = tmp_path / "out", tmp_path / "alone"
    assert analyse(folder, out=out) == 2
    captured = capsys.readouterr()
    found = {Path(line["input"]).name: line for line in lines(captured.out)}
    assert lines(captured.out) == record(out)
    assert {name: line["status"] for name, line in found.items()} == {
        "a.png": "analysed",
        "b.png": "analysed",
        "c.png": "analysed",
        "d.png": "refused",
        "e.png": "left out",
        "cell 1": "analysed",
    }
    assert "d.png is damaged" in found["d.png"]["sentence"]
    assert "finished karyogram" in found["e.png"]["sentence"]
    assert found["d.png"]["sentence"] in captured.err
    assert found["c.png"]["slide"] == "slide 2"
    assert found["c.png"]["case"] == "24-0173"
    assert cli.main(["analyse", str(folder), "--out", str(alone)]) == 2
    written = {path.name for path in alone.glob("*.json")}
    assert written == {line["files"][0] for line in found.values() if "files" in line}
    for name in written:
        document = timeless(alone / name)
        assert timeless(out / name) == document
        line = next(line for line in found.values() if name in line.get("files", ()))
        assert line["iscn_proposal"] == document["iscn_proposal"]
        assert line["chromosomes"] == len(document["chromosomes"])
        assert (out / name).with_suffix(".pdf").exists()
        assert (out / name).with_suffix(".png").exists()
    assert "4 analysed, 1 refused, 1 left out" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_a_killed_process_ends_nothing_and_its_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png", "it kills.png", "z.png")
    out = tmp_path / "out"
    assert analyse(folder, out=out) == 2
    captured = capsys.readouterr()
    by_name = {Path(line["input"]).name: line for line in lines(captured.out)}
    assert by_name["it kills.png"]["status"] == "failed"
    assert "it kills" in by_name["it kills.png"]["sentence"]
    assert "SIGKILL" in by_name["it kills.png"]["sentence"]
    assert "tried once more" in captured.err
    assert {by_name["a.png"]["status"], by_name["z.png"]["status"]} == {"analysed"}
    # What was lost with its process is done again, all else is not.
    assert analyse(folder, out=out, more=("--resume",)) == 2
    again = lines(capsys.readouterr().out)
    assert [Path(line["input"]).name for line in again] == ["it kills.png"]
    assert Counter(line["input"] for line in record(out)).most_common(1)[0][1] == 1


def test_resume_does_only_what_is_new_or_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png", "b.png", "c.png")
    (folder / "bad.png").write_bytes(b"\x89PNG")
    out = tmp_path / "out"
    assert analyse(folder, out=out) == 2
    capsys.readouterr()
    assert analyse(folder, out=out, more=("--resume",)) == 2  # the bad one is still no good
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "4 of 4 were already finished" in captured.err
    (folder / "b.png").write_bytes(encoded(metaphase(9, 20, (300, 360))))
    make_case_folder(folder, "more/a.png")
    (folder / "more" / "a.png").write_bytes(encoded(metaphase(8, 20, (300, 360))))
    (out / "c.json").unlink()
    before = (out / "a.json").read_bytes()
    assert analyse(folder, out=out, more=("--resume",)) == 2
    again = lines(capsys.readouterr().out)
    assert sorted(Path(line["input"]).name for line in again) == ["a.png", "b.png", "c.png"]
    assert (out / "a.json").read_bytes() == before
    assert {path.name for path in out.glob("*.json")} == {
        "a.json", "b.json", "c.json", "case_more_a.json",
    }  # fmt: skip
    assert len(record(out)) == 5
    # With other weights nothing is finished.
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"others")
    analyse(folder, out=out, more=("--resume", "--weights", str(other)))
    assert len(lines(capsys.readouterr().out)) == 5


def test_a_line_cut_off_by_a_kill_is_taken_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png", "b.png")
    out = tmp_path / "out"
    assert analyse(folder, out=out) == 0
    whole = (out / "results.jsonl").read_bytes()
    first, second = whole.splitlines(keepends=True)
    (out / "results.jsonl").write_bytes(first + second[: len(second) // 2])
    (out / ".0123456789abcdef0123456789abcdef.part").write_bytes(b"half")
    os.utime(out / ".0123456789abcdef0123456789abcdef.part", (0, 0))
    capsys.readouterr()
    assert analyse(folder, out=out, more=("--resume",)) == 0
    again = lines(capsys.readouterr().out)
    assert [line["input"] for line in again] == [json.loads(second)["input"]]
    assert len(record(out)) == 2
    assert not list(out.glob(".*.part"))


def test_a_new_batch_keeps_the_results_of_the_one_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png")
    out = tmp_path / "out"
    assert analyse(folder, out=out) == 0
    before = (out / "results.jsonl").read_bytes()
    assert analyse(folder, out=out) == 0
    assert (out / "results-before-1.jsonl").read_bytes() == before
    assert "results-before-1.jsonl" in capsys.readouterr().err
    assert len(record(out)) == 1


def test_zips_and_odd_names_go_to_the_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "case", "ü (1).png", "b\u0416.png")
    archive = tmp_path / "case.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in folder.iterdir():
            opened.write(path, f"inner/{path.name}")
    odd = folder / os.fsdecode(b"caf\xe9.png")
    try:
        odd.write_bytes(encoded(metaphase(5, 20, (300, 360))))
    except OSError:  # a file system of UTF-8 alone
        odd = folder / "café.png"
        odd.write_bytes(encoded(metaphase(5, 20, (300, 360))))
    assert analyse(folder, archive, out=tmp_path / "out") == 0
    found = [line["input"] for line in lines(capsys.readouterr().out)]
    assert len(found) == 5
    assert str(archive / "inner" / "ü (1).png") in found
    assert str(folder / "café.png") in found


def test_the_same_picture_twice_is_remarked_on_after_a_resume_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png")
    out = tmp_path / "out"
    assert analyse(folder, out=out) == 0
    (folder / "b.png").write_bytes((folder / "a.png").read_bytes())
    capsys.readouterr()
    assert analyse(folder, out=out, more=("--resume",)) == 0
    (line,) = lines(capsys.readouterr().out)
    assert line["remarks"] == ["b: it holds the same picture as a.png of a."]


def test_without_out_the_results_have_a_folder_that_is_never_an_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png")
    monkeypatch.chdir(folder)
    for _ in range(2):
        assert cli.main(["analyse", ".", "--jobs", "1", "--resume"]) == 0
    assert len(lines(capsys.readouterr().out)) == 1
    assert len(record(folder / "case-results")) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--jobs", "0"), "--jobs takes a number from 1"),
        (("--jobs", "2", "--weights", "wrong"), "These are no weights."),
    ],
)
def test_a_wrong_wish_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png", "b.png")
    given = ["analyse", str(folder), "--out", str(tmp_path / "out"), *more]
    assert cli.main(given) == 2
    captured = capsys.readouterr()
    assert captured.err.count(said) == 1
    assert captured.out == ""


PROGRAM = """
import sys
from karyogui import cli
from karyogui.workers import model_analyser
from tests.unit.test_cli_batch import Analyser
if __name__ == "__main__":
    model_analyser.ModelAnalyser = Analyser
    sys.exit(cli.main(sys.argv[1:]))
"""


def _listen() -> None:
    """Ctrl+C counts, also where the tests themselves run in the background of a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_in_the_middle_it_goes_on_without_repeating(
    tmp_path: Path, how: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"slow {n:02d}.png" for n in range(10)]
    folder = make_case_folder(tmp_path / "case", *names)
    out = tmp_path / "out"
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, program, "analyse", folder, "--out", out, "--jobs", "2", "--resume"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    first = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=_listen,
    )  # fmt: skip
    assert first.stdout is not None
    heard = [first.stdout.readline() for _ in range(2)]
    first.send_signal(how)
    rest, told_before = first.communicate(timeout=60)
    heard += rest.splitlines()
    assert first.returncode == (-how if how is signal.SIGKILL else cli.INTERRUPTED)
    assert "Traceback" not in told_before
    done = [json.loads(line)["input"] for line in heard]
    assert 2 <= len(done) < len(names)
    # The processes of a killed one end with it, and let go of the folder.
    assert analyse(folder, out=out, more=("--resume",)) == 0
    again = [line["input"] for line in lines(capsys.readouterr().out)]
    assert not set(done) & set(again)
    assert sorted(Path(name).name for name in {*done, *again}) == names
    assert len(record(out)) == len(names)
    assert len(list(out.glob("*.json"))) == len(names)


class TestConsole:
    def test_without_a_terminal_there_are_plain_lines(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        console = Console()
        for done in range(5):
            console.progress(BatchProgress("Analysing", done, 4, 1, 60.0 * (4 - done)))
        text = capsys.readouterr().err
        assert text == (
            "Analysing 0 of 4, 1 of no use, about 4 min left\nAnalysing 4 of 4, 1 of no use\n"
        )

    def test_a_terminal_has_a_bar_with_the_time_left(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "100")
        console = Console()
        console.progress(BatchProgress("Analysing", 1, 2, 0, 30.0))
        console.sentence("A sentence.")
        text = capsys.readouterr().err
        assert f"[{'#' * 12}{'.' * 12}] Analysing 1 of 2, about 30 s left" in text
        assert text.endswith("\r\x1b[KA sentence.\n")

    def test_the_words_of_time_and_pace(self) -> None:
        def left(seconds: float) -> str:
            return progress_words(BatchProgress("Analysing", 1, 1000, 0, seconds))

        assert left(0.2).endswith("about 1 s left")
        assert left(3000).endswith("about 50 min left")
        assert left(10_000).endswith("about 2.8 h left")
        tally = BatchTally(analysed=30, refused=1, before=5, seconds=60.0)
        text = summary(tally, 4, Path("out"))
        assert text.startswith("30 analysed, 1 refused, 5 finished before; 30.0 a minute with 4")
        assert summary(BatchTally(), 1, Path("out")).startswith("Nothing to do.")
