"""The command line's contract: what it writes, what it says, how it ends."""

import json
import os
import subprocess
import sys
import types
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pypdf
import pytest
from PIL import Image, ImageOps

import karyogui.export
from karyogui import cli
from karyogui.errors import KaryoError
from karyogui.paths import cache_folder
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import open_workspace
from karyogui.workers import model_analyser
from model.vocabulary.errors import ModelError
from tests.unit.services.fakes import FakeAnalyser, encoded, full_disk, make_cell_folder
from tests.unit.services.photographs import (
    MetaphaseAnalyser,
    karyogram,
    make_case_folder,
    metaphase,
)

REPOSITORY = Path(__file__).resolve().parents[2]


class Analyser(MetaphaseAnalyser):
    """Stands for `ModelAnalyser`."""

    made: list[tuple[Path, str]] = []  # noqa: RUF012 - reset by the fixture
    separators: list[str] = []  # noqa: RUF012 - reset by the fixture

    def __init__(
        self, weights: Path, device: str, separator: str = "auto", separation: Path | None = None
    ) -> None:
        super().__init__()
        self.separators.append(separator)
        self.made.append((weights, device))

    def load(self) -> None:
        if self.made[-1][0].name == "wrong":
            raise KaryoError("These are no weights.", "Choose others.")


@pytest.fixture(autouse=True)
def _fake_network(monkeypatch: pytest.MonkeyPatch) -> None:
    Analyser.made, Analyser.separators = [], []
    monkeypatch.setattr(model_analyser, "ModelAnalyser", Analyser)


def analyse(*inputs: Path, out: Path, more: Sequence[str] = ()) -> int:
    return cli.main(["analyse", *map(str, inputs), "--out", str(out), *more])


def told(path: Path) -> dict[str, object]:
    return json.loads(path.read_text(encoding="utf-8"))


class TestAnalyse:
    def test_a_cell_becomes_three_files(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = make_cell_folder(tmp_path / "24-0173.12")
        out = tmp_path / "out"
        assert analyse(folder, out=out) == 0
        assert sorted(path.name for path in out.iterdir()) == [
            "24-0173.12.json",
            "24-0173.12.pdf",
            "24-0173.12.png",
        ]
        assert told(out / "24-0173.12.json")["cell"] == "24-0173.12"
        assert len(pypdf.PdfReader(out / "24-0173.12.pdf").pages) >= 1
        with Image.open(out / "24-0173.12.png") as picture:
            picture.load()
        captured = capsys.readouterr()
        assert "24-0173.12.json" in captured.out
        assert captured.err == ""

    def test_a_zip_of_several_cells_gives_a_file_for_each(self, tmp_path: Path) -> None:
        folder = tmp_path / "cases"
        for case in ("A", "B"):
            make_cell_folder(folder / case / "cell 1", 2)
        make_cell_folder(folder / "A" / "cell 2", 2)
        archive = tmp_path / "cases.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            for path in folder.rglob("*.png"):
                opened.write(path, path.relative_to(folder))
        out = tmp_path / "out"
        assert analyse(archive, out=out) == 0
        found = {path.name: told(path) for path in out.glob("*.json")}
        assert set(found) == {"A_cell 1.json", "B_cell 1.json", "cell 2.json"}
        assert [found[name]["case"] for name in sorted(found)] == ["A", "B", "A"]

    def test_one_bad_input_does_not_stop_the_good_ones(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        good = make_cell_folder(tmp_path / "good")
        blank = tmp_path / "blank"
        blank.mkdir()
        Image.new("L", (30, 30), 255).save(blank / "1.png")
        later = make_cell_folder(tmp_path / "later")
        for picture in later.iterdir():
            ImageOps.flip(Image.open(picture)).save(picture)
        out = tmp_path / "out"
        assert analyse(tmp_path / "gone", good, blank, later, out=out) == 2
        assert {path.stem for path in out.glob("*.json")} == {"good", "later"}
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 2
        assert "gone does not exist" in lines[0]
        assert "no chromosome to be seen in 1.png" in lines[1]

    def test_a_bad_picture_among_good_ones_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = make_cell_folder(tmp_path / "cell", 3)
        (folder / "2.png").write_bytes(b"")
        assert analyse(folder, out=tmp_path / "out") == 2
        assert "cell: 2.png is empty" in capsys.readouterr().err
        sources = [c["source"] for c in told(tmp_path / "out" / "cell.json")["chromosomes"]]
        assert sources == ["1.png", "3.png"]

    def test_a_photograph_becomes_three_files(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "plate 7.png").write_bytes(encoded(metaphase(1, 20, (300, 360))))
        out = tmp_path / "out"
        assert analyse(tmp_path / "plate 7.png", out=out) == 0
        names = {path.name for path in out.iterdir()}
        assert names == {"plate 7.json", "plate 7.pdf", "plate 7.png"}
        document = told(out / "plate 7.json")
        assert document["kind"] == "metaphase"
        assert len(document["chromosomes"]) == 19
        for chromosome in document["chromosomes"]:
            assert len(chromosome["box"]) == 4
            assert len(chromosome["contour"]) >= 3
        text = "".join(page.extract_text() for page in pypdf.PdfReader(out / "plate 7.pdf").pages)
        assert "Metaphase of cell 1 of 1" in text
        assert capsys.readouterr().err == ""

    def test_width_and_scale_by_hand_are_in_the_json(self, tmp_path: Path) -> None:
        (tmp_path / "plate.png").write_bytes(encoded(metaphase(1, 20, (300, 360))))
        out, more = tmp_path / "out", ["--width", "0.8", "--scale", "1.25"]
        assert analyse(tmp_path / "plate.png", out=out, more=more) == 0
        recipe = told(out / "plate.json")["recipe"]
        assert (recipe["width"], recipe["scale"], recipe["gamma"]) == (0.8, 1.25, 1.0)
        assert analyse(tmp_path / "plate.png", out=out) == 0
        assert told(out / "plate.json")["recipe"] is None

    @pytest.mark.parametrize("factor", ["0.1", "9", "-1"])
    def test_a_factor_that_cannot_be_is_one_sentence(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], factor: str
    ) -> None:
        (tmp_path / "plate.png").write_bytes(encoded(metaphase(1, 20, (300, 360))))
        assert analyse(tmp_path / "plate.png", out=tmp_path, more=["--width", factor]) == 2
        told = capsys.readouterr().err
        assert "--width and --scale take a factor from 0.25 to 4." in told
        assert len(told.strip().splitlines()) == 1

    def test_odd_photographs_are_told_and_used(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = make_case_folder(tmp_path / "case", "1.bmp", "2.png")
        (folder / "empty.png").write_bytes(
            encoded(np.random.default_rng(0).integers(200, 230, (300, 360), np.uint8))
        )
        (folder / "filed.png").write_bytes(encoded(karyogram()))
        out = tmp_path / "out"
        assert analyse(folder, out=out) == 2
        assert {path.stem for path in out.glob("*.json")} == {"1", "2"}
        said = capsys.readouterr().err
        assert "1: 1.bmp is of another format than the name says" in said
        assert "empty: No chromosome can be seen in the picture. Choose another one." in said
        assert "filed.png looks like a finished karyogram" in said

    def test_a_person_says_what_the_pictures_are_and_what_separates(self, tmp_path: Path) -> None:
        (tmp_path / "filed.png").write_bytes(encoded(karyogram()))
        out = tmp_path / "out"
        more = ["--kind", "metaphase", "--separator", "classical"]
        assert analyse(tmp_path / "filed.png", out=out, more=more) == 0
        assert told(out / "filed.json")["kind"] == "metaphase"
        assert analyse(tmp_path / "filed.png", out=out, more=["--kind", "cut-outs"]) == 0
        assert told(out / "filed.json")["kind"] == "cut-outs"
        assert Analyser.separators == ["classical", "auto"]

    def test_weights_and_device_are_passed_on(self, tmp_path: Path) -> None:
        folder = make_cell_folder(tmp_path / "cell", 1)
        analyse(folder, out=tmp_path, more=["--weights", "w", "--device", "cuda"])
        analyse(folder, out=tmp_path)
        assert Analyser.made == [(Path("w"), "cuda"), (cli.DEFAULT_WEIGHTS, "auto")]

    def test_wrong_weights_are_told_once(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cells = [make_cell_folder(tmp_path / name, 1) for name in ("a", "b")]
        assert analyse(*cells, out=tmp_path / "out", more=["--weights", "wrong"]) == 2
        assert capsys.readouterr().err == "These are no weights. Choose others.\n"
        assert not (tmp_path / "out").exists()

    def test_one_file_that_cannot_be_written_does_not_keep_the_others(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cells = [make_cell_folder(tmp_path / name, 2) for name in ("a", "b")]
        out = tmp_path / "out"
        (out / "a.pdf").mkdir(parents=True)
        assert analyse(*cells, out=out) == 2
        assert "a.pdf could not be written" in capsys.readouterr().err
        names = {path.name for path in out.iterdir() if path.is_file()}
        assert names == {"a.json", "a.png", "b.json", "b.pdf", "b.png"}

    def test_a_full_disk_is_told_and_leaves_no_half_file(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        folder = make_cell_folder(tmp_path / "cell", 1)
        monkeypatch.setattr(os, "fsync", full_disk)
        assert analyse(folder, out=tmp_path / "out") == 2
        assert "The disk is full" in capsys.readouterr().err
        assert list((tmp_path / "out").iterdir()) == []

    def test_a_terminal_shows_progress(
        self,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        folder = make_cell_folder(tmp_path / "cell", 2)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        assert analyse(folder, out=tmp_path / "out") == 0
        assert "1.png 0/2" in capsys.readouterr().err

    def test_no_data_folder_is_touched(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
        analyse(make_cell_folder(tmp_path / "cell", 1), out=tmp_path / "out")
        assert not (tmp_path / "home").exists()

    def test_missing_arguments_end_with_status_2(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["analyse", "cell"])
        assert ended.value.code == 2
        assert "--out" in capsys.readouterr().err


class TestReport:
    @pytest.fixture
    def data_folder(self, tmp_path: Path) -> Path:
        workspace = open_workspace(tmp_path / "data")
        folder = make_cell_folder(tmp_path / "24-0173", 3)
        outcome = workspace.importer.import_paths([folder], SilentMonitor())
        workspace.analysis.analyse(outcome.cell_ids[0], FakeAnalyser(), SilentMonitor())
        workspace.close()
        return tmp_path / "data"

    def report(self, folder: Path, out: Path, kind: str = "pdf", case: str = "24-0173") -> int:
        arguments = ["--data-folder", str(folder), "--case", case, "--format", kind]
        return cli.main(["report", *arguments, "--out", str(out)])

    @pytest.mark.parametrize(
        ("kind", "start"),
        [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("json", b"{"), ("tiff", b"II"), ("csv", b"")],
    )
    def test_every_format_is_written(
        self, data_folder: Path, tmp_path: Path, kind: str, start: bytes
    ) -> None:
        out = tmp_path / "reports" / f"report.{kind}"
        assert self.report(data_folder, out, kind) == 0
        assert out.read_bytes().removeprefix(b"\xef\xbb\xbf").startswith(start)
        assert list(out.parent.iterdir()) == [out]

    def test_chosen_cells_are_written(
        self, data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "out.json"
        given = ["--data-folder", str(data_folder), "--case", "24-0173", "--format", "json"]
        assert cli.main(["report", *given, "--cell", "24-0173", "--out", str(out)]) == 0
        assert len(told(out)["cells"]) == 1
        assert cli.main(["report", *given, "--cell", "nobody", "--out", str(out)]) == 2
        told_so = "no cell named nobody in case 24-0173. There are: 24-0173."
        assert told_so in capsys.readouterr().err

    def test_every_exporter_can_be_named(self) -> None:
        for exporter in karyogui.export.EXPORTERS:
            assert cli._exporter(cli._format(exporter)) is exporter

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"case": "nobody"}, "no case named nobody"),
            ({"kind": "docx"}, "There is no format docx. There are: pdf, png, tiff, json, csv."),
            ({"folder": Path("gone")}, "There is no data folder gone"),
        ],
    )
    def test_a_wrong_wish_is_told(
        self,
        data_folder: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        changed: dict[str, object],
        words: str,
    ) -> None:
        wish = {"folder": data_folder, "out": tmp_path / "x", **changed}
        assert self.report(**wish) == 2
        assert words in capsys.readouterr().err
        assert not Path("gone").exists()

    def test_an_open_window_has_the_folder(
        self, data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        workspace = open_workspace(data_folder)
        try:
            assert self.report(data_folder, tmp_path / "x") == 2
        finally:
            workspace.close()
        assert "another KaryoGUI window" in capsys.readouterr().err


class TestOtherVerbs:
    def test_the_model_reads_its_own_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for verb, (module, _) in cli.MODEL_VERBS.items():
            seen: list[list[str]] = []

            def run(arguments: list[str], seen: list[list[str]] = seen) -> int:
                seen.append(arguments)
                return 7

            monkeypatch.setitem(sys.modules, module, types.SimpleNamespace(main=run))
            assert cli.main([verb, "--data", "a.zip", "--help"]) == 7
            kept = ["--cache", str(cache_folder())] if verb in cli.MEASURING else []
            assert seen == [[*kept, "--data", "a.zip", "--help"]]

    def test_without_a_verb_the_window_opens(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        seen = []

        def run(data_folder: Path | None, demo: bool) -> int:
            seen.append((data_folder, demo))
            return 0

        monkeypatch.setitem(sys.modules, "karyogui.app", types.SimpleNamespace(run=run))
        assert cli.main([]) == 0
        assert cli.main(["--demo", "--data-folder", str(tmp_path)]) == 0
        assert seen == [(None, False), (tmp_path, True)]

    def test_version_and_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        for option in ("--version", "--help"):
            with pytest.raises(SystemExit) as ended:
                cli.main([option])
            assert ended.value.code == 0
        told = capsys.readouterr().out
        assert told.startswith("KaryoGUI")
        for verb in ("analyse", "report", *cli.MODEL_VERBS):
            assert verb in told


def ending(raised: BaseException) -> Callable[[Path | None, bool], int]:
    def run(data_folder: Path | None, demo: bool) -> int:
        raise raised

    return run


class TestEndings:
    def run_window(self, monkeypatch: pytest.MonkeyPatch, raised: BaseException) -> int:
        app = types.SimpleNamespace(run=ending(raised))
        monkeypatch.setitem(sys.modules, "karyogui.app", app)
        return cli.main([])

    @pytest.mark.parametrize(
        "error", [KaryoError("It rains.", "Wait."), ModelError("It rains.", "Wait.")]
    )
    def test_refusals_are_a_sentence_and_status_2(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        error: Exception,
    ) -> None:
        assert self.run_window(monkeypatch, error) == 2
        assert capsys.readouterr().err == "It rains. Wait.\n"

    def test_an_interrupt_is_status_130(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run_window(monkeypatch, KeyboardInterrupt()) == 130
        assert "Traceback" not in capsys.readouterr().err

    def test_a_bug_is_logged_and_told_in_one_sentence(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
    ) -> None:
        monkeypatch.setattr(cli, "log_folder", lambda: tmp_path)
        assert self.run_window(monkeypatch, ZeroDivisionError("by me")) == 1
        told = capsys.readouterr().err
        assert "Traceback" not in told
        assert str(tmp_path) in told
        logged = (tmp_path / "karyogui.log").read_text()
        assert "Traceback" in logged
        assert "ZeroDivisionError" in logged
        assert "by me" not in logged.replace('ZeroDivisionError("by me")', "")  # it may be a name


def test_a_process_of_its_own_ends_with_the_status(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "main.py", "analyse", str(tmp_path), "--out", str(tmp_path / "out")],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "There is no picture in the folder" in done.stderr
