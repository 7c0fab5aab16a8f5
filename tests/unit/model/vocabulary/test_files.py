"""A file is there whole and durable, or as it was before."""

import os
import stat
from pathlib import Path

import pytest

from model.vocabulary.errors import ModelError
from model.vocabulary.files import replacing, write_text, write_texts


def test_what_was_written_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "before")
    write_text(file, "after: ü")
    assert file.read_text(encoding="utf-8") == "after: ü"
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_leaves_everything_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "before")

    def fail_halfway() -> None:
        with replacing(file) as beside:
            beside.write_text("half", encoding="utf-8")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail_halfway()
    assert file.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_it_has_reached_the_disk_before_it_takes_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    write_text(file, "before")
    seen: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(file.read_text(encoding="utf-8")))
    write_text(file, "after")
    assert seen == ["before"]


@pytest.mark.skipif(os.name != "posix", reason="devices as on POSIX")
def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    pipe, folder, link = tmp_path / "pipe", tmp_path / "folder", tmp_path / "link"
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to(pipe)
    for target in (pipe, folder, link):
        with pytest.raises(OSError, match=r"device|folder"), replacing(target) as beside:
            beside.write_text("text", encoding="utf-8")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(os.name != "posix", reason="permissions as on POSIX")
def test_its_permissions_are_those_of_any_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.touch()
    write_text(tmp_path / "a.txt", "text")
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_the_file_that_a_disk_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"^a\.md could not be written"):
        write_texts(tmp_path / "out", {"a.md": "text"})


def test_texts_and_packed_pictures_are_written(tmp_path: Path) -> None:
    write_texts(tmp_path / "new" / "out", {"a.md": "ä", "b.webp": b"RIFF"})
    assert (tmp_path / "new" / "out" / "a.md").read_bytes() == "ä".encode()
    assert (tmp_path / "new" / "out" / "b.webp").read_bytes() == b"RIFF"
