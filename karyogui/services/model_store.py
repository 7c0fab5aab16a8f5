"""Model files coming in and going out: checked by checksum, named once, never overwritten.

A model is two files, `<name>.safetensors` and `<name>.json`. It travels as both in a folder, or as
one zip with `SHA256SUMS` beside them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from karyogui.errors import KaryoError
from karyogui.services.models import InstalledModel, installed_models, read_model
from karyogui.storage.files import delete_own
from model.vocabulary.card import read_card
from model.vocabulary.files import refuse_protected, replacing, require_plain, write_text

LARGEST_FILE = 1_000_000_000
"""Bytes; a larger member of a zip is no model of this program (each file is ≤ 90 MB)."""
KEPT_IN_BIN = 5
BIN = "bin"
SUMS = "SHA256SUMS"

Check = Callable[[Path], None]
"""Loads weights where a network can be loaded; `KaryoError` when they are foreign."""

_OWN_FILES = re.compile(r".+\.(safetensors|json)")
_NAME = re.compile(r"[\w][\w .+-]{0,79}")


class NameTaken(KaryoError):  # noqa: N818 - it asks for another name
    """A model of this name is installed already; `free` is a name that is not taken."""

    def __init__(self, name: str, free: str) -> None:
        super().__init__(
            f"A model named “{name}” is installed already.", "Install it under another name."
        )
        self.free = free


class ModelStore:
    """The bundled models, which stay as they are, and the person's own ones."""

    def __init__(self, bundled: Path, own: Path) -> None:
        self._bundled = bundled
        self._own = own

    def models(self) -> tuple[InstalledModel, ...]:
        """All installed models: the bundled ones, then the own ones."""
        return installed_models(self._bundled, self._own)

    def is_own(self, model: InstalledModel) -> bool:
        """Whether the model may be deleted: it is not one of the bundled ones."""
        return model.path.parent == self._own

    def install(self, source: Path, check: Check, name: str | None = None) -> InstalledModel:
        """Take a model over from its weights, its JSON or a zip of both; gives it as installed.

        Raises `KaryoError` when a file is missing, damaged, not what its description says, or
        when the same model is there already, and `NameTaken` for another one of the same name.
        Nothing is installed then.
        """
        with _disk(self._own), _unpacked(source) as weights:
            card = read_card(weights)
            verify(weights, card)
            wanted = (str(card.get("name") or weights.stem) if name is None else name).strip()
            self._refuse_known(wanted, str(card["sha256"]))
            check(weights)
            self._own.mkdir(parents=True, exist_ok=True)
            target = self._own / f"{wanted}.safetensors"
            text = json.dumps({**card, "name": wanted}, indent=1) + "\n"
            write_text(target.with_suffix(".json"), text)
            _copy(weights, target)
        installed = read_model(target)
        if installed is None:
            raise KaryoError(f"The model {wanted} vanished while it was installed.", "Try again.")
        return installed

    def export(self, model: InstalledModel, target: Path) -> tuple[Path, ...]:
        """Write a model into a folder, or into one zip when `target` ends in .zip.

        Gives the files written. Raises `KaryoError` rather than exporting damaged weights or
        replacing a file in a folder (a zip's replacement was agreed to when its name was given).
        """
        verify(model.path, read_card(model.path))
        members = (model.path, model.path.with_suffix(".json"))
        with _disk(target):
            if target.suffix.lower() == ".zip":
                return (_write_zip(target, members),)
            copies = tuple(target / member.name for member in members)
            for copy in copies:
                if copy.exists():
                    raise KaryoError(
                        f"{copy.name} exists already in {target}.", "Choose another folder."
                    )
            for member, copy in zip(members, copies, strict=True):
                _copy(member, copy)
            return copies

    def delete(self, model: InstalledModel) -> Path:
        """Move an own model into the bin; gives where its weights lie there.

        The bin keeps the last few; `KaryoError` for a bundled model.
        """
        if not self.is_own(model):
            raise KaryoError(f"{model.name} came with the program and cannot be deleted.")
        with _disk(self._own):
            place = self._own / BIN
            place.mkdir(exist_ok=True)
            home = Path(tempfile.mkdtemp(prefix=f"{len(list(place.iterdir())):03}-", dir=place))
            for path in (model.path, model.path.with_suffix(".json")):
                shutil.move(path, home / path.name)
            is_ours = not place.is_symlink()
            entries = place.iterdir() if is_ours else iter(())
            older = sorted(entries, key=lambda entry: entry.lstat().st_mtime_ns)
            for entry in older[:-KEPT_IN_BIN]:
                _delete_from_bin(entry)
        return home / model.path.name

    def restore(self, weights: Path) -> InstalledModel:
        """Take a model back out of the bin; `KaryoError` when it is no longer there."""
        target = self._own / weights.name
        if target.exists():
            raise NameTaken(weights.stem, self._free(weights.stem))
        with _disk(self._own):
            shutil.move(weights.with_suffix(".json"), target.with_suffix(".json"))
            shutil.move(weights, target)
            weights.parent.rmdir()
        restored = read_model(target)
        if restored is None:
            raise KaryoError(f"The model {weights.stem} is no longer in the bin.")
        return restored

    def _refuse_known(self, name: str, sha256: str) -> None:
        if not _NAME.fullmatch(name):
            raise KaryoError(
                f"“{name}” cannot be a model's name.",
                "Use letters, figures, spaces, dots and dashes, 80 at most.",
            )
        models = self.models()
        for model in models:
            if model.sha256 == sha256:
                raise KaryoError(f"This model is installed already as “{model.name}”.")
        if name.casefold() in self._names():
            raise NameTaken(name, self._free(name))

    def _names(self) -> set[str]:
        models = self.models()
        return {n.casefold() for model in models for n in (model.name, model.path.stem)}

    def _free(self, name: str) -> str:
        taken = self._names()
        return next(
            f"{name}-{n}" for n in range(2, 10_000) if f"{name}-{n}".casefold() not in taken
        )


def verify(weights: Path, card: dict[str, Any]) -> None:
    """Raise `KaryoError` unless the weights' checksum is the one their description names."""
    told = card.get("sha256")
    if not isinstance(told, str) or not told:
        raise KaryoError(f"The description of {weights.name} names no checksum.")
    if checksum(weights) != told:
        raise KaryoError(
            f"{weights.name} is not the file that its description names: the checksum differs.",
            "It is damaged or was exchanged; get it again from where it came.",
        )


def checksum(path: Path) -> str:
    """The sha256 of a file as hexadecimal digits."""
    require_plain(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    """The weights of a model given as weights, JSON or zip; a zip's are gone afterwards."""
    suffix = source.suffix.lower()
    if source.exists() and not source.is_file():
        raise KaryoError(f"{source.name} is no file.")
    if suffix == ".zip":
        with tempfile.TemporaryDirectory(prefix="karyogui-") as folder:
            yield _unzipped(source, Path(folder))
        return
    if suffix not in (".safetensors", ".json"):
        raise KaryoError(
            f"{source.name} is no model file.", "Choose a .safetensors file or an exported .zip."
        )
    weights = source.with_suffix(".safetensors")
    if not weights.is_file():
        raise KaryoError(f"There are no weights {weights.name} in {weights.parent}.")
    yield weights


def _unzipped(source: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(source) as archive:
            members = [m for m in archive.infolist() if _is_of_model(m.filename)]
            named = {Path(m.filename).suffix.lower(): m for m in members}
            if len(members) != 2 or set(named) != {".safetensors", ".json"}:
                raise KaryoError(
                    f"{source.name} does not hold one model.",
                    "Expected one .safetensors file and its .json.",
                )
            if any(m.file_size > LARGEST_FILE for m in members):
                raise KaryoError(f"A file in {source.name} is too large to be a model.")
            # Only the last part of a name counts, so that nothing is written elsewhere.
            stem = Path(named[".safetensors"].filename.replace("\\", "/")).stem
            for ending, member in named.items():
                with archive.open(member) as packed, (folder / f"{stem}{ending}").open("wb") as out:
                    shutil.copyfileobj(packed, out)
    except KaryoError:
        raise
    # A damaged one makes the unpackers raise zlib.error, struct.error, UnicodeDecodeError …
    except Exception as error:
        raise KaryoError(f"{source.name} cannot be read as a zip: it is damaged.") from error
    return folder / f"{stem}.safetensors"


def _is_of_model(name: str) -> bool:
    hidden = name.rsplit("/", 1)[-1].startswith(".") or name.startswith("__MACOSX/")
    return not hidden and Path(name).suffix.lower() in (".safetensors", ".json")


def _write_zip(target: Path, members: tuple[Path, ...]) -> Path:
    refuse_protected(target)
    with replacing(target) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            archive.write(member, member.name)
        sums = "".join(f"{checksum(member)}  {member.name}\n" for member in members)
        archive.writestr(SUMS, sums)
    return target


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as beside:
        shutil.copyfile(source, beside)


def _delete_from_bin(entry: Path) -> None:
    """Delete a folder of the bin with what this program puts there, and nothing else."""
    if entry.is_symlink() or not entry.is_dir():
        return
    delete_own(entry, _OWN_FILES)
    with suppress(OSError):  # something else is in it
        entry.rmdir()


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    """What the disk refuses becomes one sentence."""
    try:
        yield
    except OSError as error:
        told = error.strerror or str(error)
        raise KaryoError(
            f"The model's files could not be moved ({told}).", f"Look at {place}: room and rights."
        ) from error
