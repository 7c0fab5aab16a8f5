"""A data folder with something in every table, made once."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be copied, never altered."""
    from tests.unit.records import filled

    folder = tmp_path_factory.mktemp("original") / "data"
    filled(folder, folder.parent / "pictures")
    return folder


@pytest.fixture
def filled_folder(original: Path, tmp_path: Path) -> Path:
    """A copy to do anything with."""
    return Path(shutil.copytree(original, tmp_path / "data"))
