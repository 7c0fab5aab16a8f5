"""Pictures are stored once, unaltered, whole, and taken back when their batch fails."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from karyogui.errors import KaryoError
from karyogui.storage import image_store
from karyogui.storage.image_store import ImageStore


def stored_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "pictures")


def test_bytes_come_back_by_their_hash(store: ImageStore) -> None:
    data = b"\x89PNG and the rest"
    with store.batch() as batch:
        key = batch.put(data)
    assert key == hashlib.sha256(data).hexdigest() + ".png"
    assert store.read(key) == data


def test_the_same_bytes_are_stored_once(store: ImageStore, tmp_path: Path) -> None:
    with store.batch() as batch:
        assert batch.put(b"BM same") == batch.put(b"BM same")
    assert len(stored_files(tmp_path)) == 1


def test_crops_and_masks_come_back_exactly(store: ImageStore) -> None:
    generator = np.random.default_rng(3)
    crop = generator.integers(0, 256, (31, 17), dtype=np.uint8)
    mask = generator.random((31, 17)) > 0.5
    with store.batch() as batch:
        key = batch.put_segment(crop, mask)
    again, its_mask = store.read_segment(key)
    assert np.array_equal(again, crop)
    assert np.array_equal(its_mask, mask)
    assert its_mask.dtype == np.bool_


@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 19), st.integers(1, 19))))
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40
)
def test_masks_come_back_exactly_whatever_their_size(
    store: ImageStore, mask: NDArray[np.bool_]
) -> None:
    for stored in (mask, np.pad(mask, 2)[1:, ::2], mask.T):
        with store.batch() as batch:
            key = batch.put_mask(stored)
        again = store.read_mask(key)
        assert again.dtype == np.bool_
        assert np.array_equal(again, stored)


def fail_with(store: ImageStore, *contents: bytes) -> None:
    with store.batch() as batch:
        for data in contents:
            batch.put(data)
        raise ZeroDivisionError


def test_a_failed_batch_takes_back_only_what_is_new(store: ImageStore, tmp_path: Path) -> None:
    with store.batch() as batch:
        old = batch.put(b"BM old")
    with pytest.raises(ZeroDivisionError):
        fail_with(store, b"BM old", b"BM new")
    assert stored_files(tmp_path) == [old]


def test_a_file_that_another_batch_counts_on_stays(store: ImageStore) -> None:
    def fail_after_another_stored_the_same() -> None:
        with store.batch() as failing:
            failing.put(b"BM shared")
            with store.batch() as other:
                keys.append(other.put(b"BM shared"))
            raise ZeroDivisionError

    keys: list[str] = []
    with pytest.raises(ZeroDivisionError):
        fail_after_another_stored_the_same()
    assert store.read(keys[0]) == b"BM shared"


def test_a_half_written_file_of_old_is_replaced(store: ImageStore, tmp_path: Path) -> None:
    with store.batch() as batch:
        key = batch.put(b"BM whole")
    (tmp_path / "pictures" / key[:2] / key).write_bytes(b"BM")
    with store.batch() as batch:
        batch.put(b"BM whole")
    assert store.read(key) == b"BM whole"


def test_missing_and_damaged_files_are_told(store: ImageStore, tmp_path: Path) -> None:
    with store.batch() as batch:
        key = batch.put(b"BM data")
    path = tmp_path / "pictures" / key[:2] / key
    path.write_bytes(b"BM dada")
    with pytest.raises(KaryoError, match="is damaged"):
        store.read(key)
    path.unlink()
    with pytest.raises(KaryoError, match="is missing"):
        store.read(key)


@pytest.mark.parametrize(
    ("number", "words"), [(28, "The disk is full"), (30, "read-only"), (5, "could not be written")]
)
@pytest.mark.parametrize("where", ["write", "fsync", "rename"])
def test_a_refusing_disk_leaves_nothing(
    store: ImageStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    words: str,
    where: str,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    if where == "write":
        monkeypatch.setattr(image_store, "_write_all", refuse)
    elif where == "fsync":
        monkeypatch.setattr(os, "fsync", refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(KaryoError, match=words), store.batch() as batch:
        batch.put(b"BM data")
    monkeypatch.undo()
    assert stored_files(tmp_path) == []


def test_a_read_only_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(KaryoError, match="read-only"):
        ImageStore(tmp_path / "pictures")
