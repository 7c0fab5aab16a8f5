"""Training on the cells of a data folder, from the command line."""

import types
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from karyogui import cli
from karyogui.domain.cell import PictureKind
from karyogui.domain.karyogram import Karyogram
from karyogui.services import checked_pictures
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import open_workspace
from model.vocabulary.archive import FOLDS
from tests.unit.services.fakes import FakeAnalyser, encoded, make_cell_folder
from tests.unit.services.metaphases import FakeReader, photograph


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Arguments that reached the training."""
    calls: list[list[str]] = []
    fake = types.SimpleNamespace(main=lambda arguments: calls.append(arguments) or 0)
    monkeypatch.setattr(cli, "import_module", lambda name: fake)
    return calls


class TestTrainOnOwnCells:
    @pytest.fixture
    def reviewed(self, tmp_path: Path) -> Path:
        """A data folder with one cell of which one chromosome is confirmed."""
        folder = tmp_path / "data"
        with closing(open_workspace(folder)) as workspace:
            cells = make_cell_folder(tmp_path / "case" / "cell")
            (cell_id,) = workspace.importer.import_paths([cells], SilentMonitor()).cell_ids
            cell = workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
            change = Karyogram(cell.placements).confirm(["c01"])
            workspace.reviews.record(cell_id, change, "A person")
        return folder

    def test_they_are_collected_into_the_folder_of_the_run(
        self, tmp_path: Path, reviewed: Path, trained: list[list[str]],
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        out = tmp_path / "run"
        arguments = ["--own-cells", str(reviewed), "--out", str(out), "--seed", "3"]
        assert cli.main(["train", *arguments]) == 0
        archive = out / "own-reviewed-cells.zip"
        assert trained == [["--data", str(archive), "--out", str(out), "--seed", "3"]]
        with zipfile.ZipFile(archive) as collected:
            assert len(collected.namelist()) == 2
        assert "1 reviewed chromosomes of 1 cells" in capsys.readouterr().err
        before = archive.stat().st_mtime_ns
        assert cli.main(["train", *arguments, "--resume"]) == 0
        assert archive.stat().st_mtime_ns == before
        assert cli.main(["train", *arguments]) == 2
        assert "exists already" in capsys.readouterr().err
        assert len(trained) == 2

    @pytest.mark.parametrize(
        ("more", "processes", "sentence"),
        [(["--data", "a"], "1", "cannot be given together"), ([], "2", "Several processes")],
    )
    def test_what_cannot_be_is_refused(
        self, tmp_path: Path, reviewed: Path, trained: list[list[str]], more: list[str],
        processes: str, sentence: str, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setenv("WORLD_SIZE", processes)
        arguments = ["--own-cells", str(reviewed), "--out", str(tmp_path / "run"), *more]
        assert cli.main(["train", *arguments]) == 2
        assert sentence in capsys.readouterr().err
        assert trained == []

    def test_a_folder_that_is_none_is_told(
        self, tmp_path: Path, trained: list[list[str]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["--own-cells", str(tmp_path / "gone"), "--out", str(tmp_path / "run")]
        assert cli.main(["train", *arguments]) == 2
        assert "There is no data folder" in capsys.readouterr().err
        assert trained == []


class TestTrainSeparationOnOwnCells:
    @pytest.fixture
    def checked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A data folder with one photograph that was signed off; one is enough here."""
        monkeypatch.setattr(checked_pictures, "LEAST_LEARNED", 1)
        monkeypatch.setattr(checked_pictures, "LEAST_HELD_OUT", 0)
        folder, pictures = tmp_path / "data", tmp_path / "case"
        pictures.mkdir()
        (pictures / "cell.png").write_bytes(encoded(photograph()))
        with closing(open_workspace(folder)) as workspace:
            (cell_id,) = workspace.importer.import_paths(
                [pictures], SilentMonitor(), kind=PictureKind.METAPHASE
            ).cell_ids
            workspace.analysis.analyse(cell_id, FakeReader(), SilentMonitor())
            workspace.reviews.sign_off(cell_id, "A person")
        return folder

    def test_the_training_goes_on_from_the_bundled_one_and_keeps_a_fold_apart(
        self, tmp_path: Path, checked: Path, trained: list[list[str]],
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        out = tmp_path / "run"
        arguments = ["train-separation", "--own-cells", str(checked), "--out", str(out)]
        assert cli.main(arguments) == 0
        archive = out / "own-checked-pictures.zip"
        (first,) = trained
        told = dict(zip(first[::2], first[1::2], strict=True))
        assert told["--outlines"] == str(archive)
        assert told["--start-from"].endswith("separation.safetensors")
        assert (told["--steps"], told["--learning-rate"]) == ("400", "0.0002")
        assert f"Fold {told['--hold-out']} is kept apart" in capsys.readouterr().err
        assert "--outlined-share" not in told
        assert cli.main([*arguments, "--resume"]) == 0
        assert trained[1][trained[1].index("--hold-out") + 1] == told["--hold-out"]

    def test_what_is_said_is_not_said_again(
        self, tmp_path: Path, checked: Path, trained: list[list[str]]
    ) -> None:
        own = ["--own-cells", str(checked), "--out", str(tmp_path / "run")]
        with closing(open_workspace(checked)) as workspace:
            (fold,) = checked_pictures.summarise_checked(workspace).by_fold
        apart = str((fold + 1) % FOLDS)
        more = ["--data", "boxes.zip", "--start-from", "mine", "--steps=9", "--hold-out", apart]
        assert cli.main(["train-separation", *own, *more]) == 0
        (told,) = trained
        assert told.count("--start-from") == 1
        assert told.count("--hold-out") == 1
        assert "--steps" not in told
        assert told[told.index("--outlined-share") + 1] == "0.5"

    def test_too_few_and_two_kinds_of_outlines_are_refused(
        self, tmp_path: Path, checked: Path, trained: list[list[str]],
        capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        own = ["train-separation", "--own-cells", str(checked), "--out", str(tmp_path / "run")]
        assert cli.main([*own, "--outlines", "a"]) == 2
        assert "cannot be given together" in capsys.readouterr().err
        monkeypatch.setattr(checked_pictures, "LEAST_LEARNED", 5)
        assert cli.main(own) == 2
        assert "1 checked picture of 1 case" in capsys.readouterr().err
        assert trained == []
