"""From its import to its analysis a photograph is decoded once, and no crop is read back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from karyogui.domain.cell import Cell
from karyogui.services import pictures
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage.image_store import ImageStore
from tests.unit.services.photographs import MetaphaseAnalyser, make_case_folder
from tests.unit.services.test_quality import FakeAssessor


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    made = {"decoded": 0, "looked at": 0}

    def counted(owner: Any, name: str, what: str) -> None:
        real = getattr(owner, name)

        def wrapper(*args: Any) -> Any:
            made[what] += 1
            return real(*args)

        monkeypatch.setattr(owner, name, wrapper)

    counted(pictures, "_decode", "decoded")
    counted(pictures, "look_at", "looked at")
    return made


def imported(workspace: Workspace, folder: Path) -> Cell:
    path = make_case_folder(folder, "1.png")
    outcome = workspace.importer.import_paths([path], SilentMonitor())
    (cell_id,) = outcome.cell_ids
    return workspace.library.cell(cell_id)


def test_a_photograph_is_decoded_and_looked_at_once(
    tmp_path: Path, counts: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_KEPT", pictures._Kept())
    workspace = open_workspace(tmp_path / "data")
    cell = imported(workspace, tmp_path / "24-0173")
    workspace.analysis.judge(cell.id, FakeAssessor(), SilentMonitor())  # type: ignore[arg-type]
    shown: NDArray[np.uint8] = workspace.analysis.photograph(cell.id)
    workspace.analysis.analyse(cell.id, MetaphaseAnalyser(), SilentMonitor())  # type: ignore[arg-type]
    workspace.close()
    assert counts == {"decoded": 1, "looked at": 1}
    with pytest.raises(ValueError, match="read-only"):
        shown[0, 0] = 1


def test_crops_just_written_are_not_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = open_workspace(tmp_path / "data")
    cell = imported(workspace, tmp_path / "24-0173")
    read: list[str] = []
    real = ImageStore.read

    def counted(store: ImageStore, key: str) -> bytes:
        read.append(key)
        return real(store, key)

    monkeypatch.setattr(ImageStore, "read", counted)
    analysed = workspace.analysis.analyse(cell.id, MetaphaseAnalyser(), SilentMonitor())  # type: ignore[arg-type]
    assert set(read) == {cell.pictures[0].key}
    read.clear()
    again = workspace.library.cell(cell.id)  # from the disk, and the same
    assert len(read) >= len(again.chromosomes) > 0
    for one, other in zip(analysed.chromosomes, again.chromosomes, strict=True):
        assert np.array_equal(one.segment.crop, other.segment.crop)
        assert np.array_equal(one.segment.mask, other.segment.mask)
    workspace.close()
