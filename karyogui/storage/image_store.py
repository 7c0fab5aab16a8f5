"""Pictures in a folder beside the database, named by the sha256 of what they hold.

The same bytes are stored once; a stored file is never altered. Original pictures keep their bytes;
derived crops are PNGs of two channels, grey and mask.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from karyogui.errors import KaryoError
from karyogui.storage.files import delete_own, disk_error, sync_folder, write_atomically
from model.vocabulary.files import read_plain

PICTURES_FOLDER = "pictures"
"""Where the pictures of a data folder are."""
KEY = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,5}")
"""What a stored picture is named."""
UNFINISHED = re.compile(r"\.[\w-]+\.(?:part|tmp)")
"""What a file of ours is named until it is whole."""
FRESH = 400
"""Crops and masks just written that are kept until they are asked for: a cell's, and more."""
SUFFIXES = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"BM": ".bmp",
    b"II": ".tif",
    b"MM": ".tif",
    b"RIFF": ".webp",
    b"GIF8": ".gif",
    b"\0\0\0\x0cjP": ".jp2",
}


class ImageStore:
    """Files by key. A key is the sha256 of the content with the suffix of its format."""

    def __init__(self, folder: Path, read_only: bool = False) -> None:
        """Make the folder and clear what a killed process left unfinished.

        One that is `read_only` is looked at as it is.
        """
        self._folder = folder
        self._incoming = folder / "incoming"
        self._lock = Lock()
        self._provisional: dict[str, PictureBatch] = {}
        self._fresh: OrderedDict[str, tuple[NDArray[Any], ...]] = OrderedDict()
        if read_only:
            return
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._incoming.mkdir(mode=0o700, exist_ok=True)
            if not folder.is_symlink():
                delete_own(self._incoming, UNFINISHED)
        except OSError as error:
            raise disk_error(error, folder) from error

    @contextmanager
    def batch(self) -> Iterator[PictureBatch]:
        """Pictures that belong together: if the block fails, those new in it are removed again."""
        batch = PictureBatch(self)
        try:
            yield batch
        except BaseException:
            self._settle(batch, keep=False)
            raise
        self._settle(batch, keep=True)

    def sync(self, batch: PictureBatch) -> None:
        """Let the names of what a batch stored reach the disk, before a row names them."""
        try:
            for folder in batch.folders:
                sync_folder(folder)
        except OSError as error:
            raise disk_error(error, self._folder) from error
        batch.folders.clear()

    def read(self, key: str) -> bytes:
        """The stored bytes; `KaryoError` when they are missing or no longer what was stored."""
        path = self._path(key)
        try:
            data = read_plain(path)
        except OSError as error:
            raise KaryoError(
                f"The picture {path} is missing from the data folder or cannot be read.",
                "Restore the data folder from a backup.",
            ) from error
        if not key.startswith(hashlib.sha256(data).hexdigest()):
            raise KaryoError(
                f"The picture {path} in the data folder is damaged.",
                "Restore the data folder from a backup.",
            )
        return data

    def read_segment(self, key: str) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """A derived crop (h, w) uint8 and its mask (h, w) bool.

        What has just been written is handed out once without the disk.
        """
        from PIL import Image

        if fresh := self._taken(key):
            return fresh[0], fresh[1]
        with Image.open(io.BytesIO(self.read(key)), formats=["PNG"]) as image:
            channels = np.asarray(image)
        return np.ascontiguousarray(channels[..., 0]), channels[..., 1] > 0

    def read_mask(self, key: str) -> NDArray[np.bool_]:
        """A mask (h, w) bool; as `read_segment`."""
        from PIL import Image

        if fresh := self._taken(key):
            return fresh[0]
        with Image.open(io.BytesIO(self.read(key)), formats=["PNG"]) as image:
            return np.array(image, dtype=np.bool_)

    def delete(self, keys: Iterable[str]) -> int:
        """Delete stored pictures that nothing names any more; returns how many were there."""
        deleted = 0
        with self._lock:
            for key in keys:
                path = self._path(key)
                if KEY.fullmatch(key) and key not in self._provisional:
                    self._fresh.pop(key, None)
                    deleted += delete_own(path.parent, re.compile(re.escape(key)))
        return deleted

    def keep_only(self, keys: Container[str]) -> int:
        """Delete all stored pictures but these; returns how many. Nothing else may be storing."""
        deleted = 0
        if self._folder.is_symlink():
            return 0
        with self._lock:
            for place in self._folder.glob("??"):
                if place.is_dir():
                    deleted += delete_own(place, KEY, keys)
        return deleted

    def mask_key(self, mask: NDArray[np.bool_]) -> str:
        """The key that a mask (h, w) bool has when it is stored."""
        return _key(mask_bytes(mask))

    def _remember(self, key: str, *arrays: NDArray[Any]) -> None:
        """Keep what has just been written for the one who will ask for it next."""
        with self._lock:
            self._fresh[key] = tuple(array.copy() for array in arrays)
            while len(self._fresh) > FRESH:
                self._fresh.popitem(last=False)

    def _taken(self, key: str) -> tuple[NDArray[Any], ...]:
        with self._lock:
            return self._fresh.pop(key, ())

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _store(self, data: bytes, batch: PictureBatch) -> str:
        key = _key(data)
        path = self._path(key)
        with self._lock:
            if _holds(path, data):
                # Somebody else counts on a file that its maker might still take back.
                if self._provisional.get(key) not in (None, batch):
                    del self._provisional[key]
                return key
            is_healed, is_first = path.exists(), not path.parent.exists()
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise disk_error(error, path) from error
            write_atomically(path, lambda target: _write_all(target, data), self._incoming)
            if is_first:
                try:
                    sync_folder(self._folder)
                except OSError as error:
                    path.unlink(missing_ok=True)
                    raise disk_error(error, self._folder) from error
            batch.folders.add(path.parent)
            if not is_healed:
                self._provisional[key] = batch
        return key

    def _settle(self, batch: PictureBatch, keep: bool) -> None:
        with self._lock:
            own = [key for key, maker in self._provisional.items() if maker is batch]
            for key in own:
                del self._provisional[key]
                if not keep:
                    self._fresh.pop(key, None)
                    self._path(key).unlink(missing_ok=True)


class PictureBatch:
    """Puts pictures into the store; made by `ImageStore.batch`."""

    def __init__(self, store: ImageStore) -> None:
        self._store = store
        self.folders: set[Path] = set()

    def sync(self) -> None:
        """Let what was put so far reach the disk under its names; before it is named in a row."""
        self._store.sync(self)

    def put(self, data: bytes) -> str:
        """Store bytes as they are and return their key; `KaryoError` if the disk refuses."""
        return self._store._store(data, self)

    def put_segment(self, crop: NDArray[np.uint8], mask: NDArray[np.bool_]) -> str:
        """Store a derived crop (h, w) uint8 with its mask (h, w) bool as one PNG."""
        from PIL import Image

        channels = np.dstack([crop, np.where(mask, 255, 0).astype(np.uint8)])
        buffer = io.BytesIO()
        Image.fromarray(channels).save(buffer, "PNG")
        key = self.put(buffer.getvalue())
        self._store._remember(key, crop, mask > 0)
        return key

    def put_mask(self, mask: NDArray[np.bool_]) -> str:
        """Store a mask (h, w) bool as a PNG of one bit."""
        key = self.put(mask_bytes(mask))
        self._store._remember(key, mask)
        return key


def _key(data: bytes) -> str:
    suffix = next((end for magic, end in SUFFIXES.items() if data.startswith(magic)), ".bin")
    return hashlib.sha256(data).hexdigest() + suffix


def mask_bytes(mask: NDArray[np.bool_]) -> bytes:
    """A mask (h, w) bool as a PNG of one bit; the same mask gives the same bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(mask).save(buffer, "PNG")
    return buffer.getvalue()


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file is there with these bytes: one that is damaged is written again."""
    try:
        return read_plain(path) == data
    except OSError:
        return False


def _write_all(target: BinaryIO, data: bytes) -> None:
    if os.name == "posix":
        os.fchmod(target.fileno(), 0o600)
    target.write(data)
