"""Cells among files: which pictures belong to which cell of which case.

Shared by the import and the command line. A folder or zip of pictures is a cell; the folder above
it is its case; pictures given one by one are one cell together. So it is for cut-outs; where the
pictures are photographs of metaphases, `sorting` makes a cell of each of them.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.paths import DEMO
from karyogui.services.file_names import shown_name
from karyogui.services.picture_formats import HEAD_BYTES, READABLE, is_picture

MAX_FILE_BYTES = 300_000_000
"""One picture file, unpacked."""
MAX_ARCHIVE_BYTES = 4_000_000_000
"""All pictures of one archive, unpacked: more is a mistake or a zip bomb."""
LONGEST_NAME = 255
"""Letters of a name, as no file system gives longer ones."""
MAX_FILES = 200_000
"""Files of one folder or archive."""
_IGNORED = {"__macosx", "thumbs.db", "desktop.ini"}
_DRIVE = re.compile(r"^[A-Za-z]:")
_HINT_PICTURES = (
    "A cell is a photograph of a metaphase, or a folder or zip with one picture for each "
    "chromosome."
)


@dataclass(frozen=True)
class PictureSource:
    """A picture yet to be read. `read` gives its bytes, or raises `KaryoError`.

    `place` is its file; in a zip that of the zip, with the path within behind it. `slot` is where
    it stood, when it was cut out of a finished karyogram. It can be sent to another process.
    """

    name: str
    read: Callable[[], bytes]
    place: Path = Path()
    slot: str | None = None

    @property
    def may_hold_pages(self) -> bool:
        """Whether a file of that name may hold several pictures."""
        return not self.name.lower().endswith((".jpg", ".jpeg", ".jpe", ".bmp", ".dib", ".jp2"))


@dataclass(frozen=True)
class CellSource:
    """The pictures of one cell, in natural order of their names; `origin` is the path given.

    `slide` names the folder within the case's folder, empty where there is none. `kind` is what
    the pictures are taken for: cut-outs, unless `sorting` says otherwise.
    """

    case_name: str
    name: str
    pictures: tuple[PictureSource, ...]
    origin: Path
    slide: str = ""
    kind: PictureKind = PictureKind.CUT_OUT

    @property
    def is_demo(self) -> bool:
        """Whether it is one of the demonstration cells that ship with the program."""
        return self.origin.resolve().is_relative_to(DEMO)


@dataclass(frozen=True)
class Found:
    """Cells, and one sentence for each thing that was given and holds none."""

    cells: tuple[CellSource, ...]
    problems: tuple[str, ...]


@contextmanager
def find_cells(paths: Sequence[Path]) -> Iterator[Found]:
    """The cells in files, folders and zips; they can be read until the block ends.

    Hidden files and files that are no pictures are passed over inside folders and zips. An
    archive with a name that leads outside is refused whole.
    """
    cells: list[CellSource] = []
    problems: list[str] = []
    loose: list[Path] = []
    with ExitStack() as stack:
        for path in paths:
            try:
                if path.is_dir():
                    cells += _in_folder(path, stack, problems)
                elif path.exists() and not path.is_file():
                    raise _no_file(path)
                elif _is_zip(path):
                    cells += _in_zip(path, stack, problems)
                else:
                    _check_picture(path)
                    loose.append(path)
            except KaryoError as error:
                problems.append(str(error))
        if loose:
            cells.append(_of_loose(loose))
        yield Found(tuple(_shown(cell) for cell in cells), tuple(map(shown_name, problems)))


def _shown(cell: CellSource) -> CellSource:
    """The cell with names that can be stored and shown; what reads its pictures stays."""
    return replace(
        cell,
        case_name=_fitting(cell.case_name),
        name=_fitting(cell.name),
        slide=_fitting(cell.slide),
        pictures=tuple(replace(p, name=_fitting(p.name)) for p in cell.pictures),
    )


def _fitting(name: str) -> str:
    """A name that can be stored and shown: one in a zip may have 65,000 letters."""
    shown = shown_name(name)
    half = LONGEST_NAME // 2
    return shown if len(shown) <= LONGEST_NAME else f"{shown[:half]}…{shown[-half:]}"


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """For sorting: `2.png` before `10.png`, whatever the case of the letters."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06") or path.suffix.lower() == ".zip"
    except OSError as error:
        raise _cannot_open(path, error) from error


def _no_file(path: Path) -> KaryoError:
    """The refusal of what only looks like a file: to read it might never come to an end."""
    return KaryoError(
        f"{shown_name(path.name)} is no file but a pipe, a socket, a device or a link to "
        "nothing: it was left out."
    )


def _cannot_open(path: Path, error: OSError) -> KaryoError:
    name = shown_name(str(path))
    if isinstance(error, FileNotFoundError):
        return KaryoError(f"{name} does not exist.")
    return KaryoError(f"{name} cannot be opened: {error.strerror or error}.")


def _is_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") or part.lower() in _IGNORED for part in parts)


def _check_picture(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise _cannot_open(path, error) from error
    if not is_picture(path.name, head):
        raise KaryoError(
            f"{path.name} is neither a picture nor a zip of pictures.",
            f"{READABLE} pictures can be read.",
        )


def _of_loose(paths: Sequence[Path]) -> CellSource:
    folders = {path.absolute().parent for path in paths}
    name = folders.pop().name if len(folders) == 1 else ""
    if len(paths) == 1:
        name = paths[0].stem
    ordered = sorted(paths, key=lambda path: natural_key(path.name))
    pictures = tuple(PictureSource(path.name, partial(_read_file, path), path) for path in ordered)
    return CellSource(name or "Pictures", name or "Pictures", pictures, paths[0])


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _too_many_bytes(path.name)
        return path.read_bytes()
    except OSError as error:
        raise _cannot_open(path, error) from error


def _too_many_bytes(name: str) -> KaryoError:
    return KaryoError(f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB.", "Leave it out.")


def _in_folder(folder: Path, stack: ExitStack, problems: list[str]) -> list[CellSource]:
    groups: dict[tuple[str, ...], list[PictureSource]] = {}
    inner: list[CellSource] = []
    before = len(problems)
    seen = 0
    for place, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = sorted((f for f in folders if not _is_hidden([f])), key=natural_key)
        problems += [_not_followed(f) for f in folders if (Path(place) / f).is_symlink()]
        seen += len(names)
        if seen > MAX_FILES:
            raise KaryoError(
                f"{folder} holds more than {MAX_FILES:,} files.", "Choose the folder of one case."
            )
        for name in sorted((n for n in names if not _is_hidden([n])), key=natural_key):
            path = Path(place) / name
            if not path.is_file():
                if is_picture(name, b"") or path.suffix.lower() == ".zip":
                    problems.append(str(_no_file(path)))
            elif path.suffix.lower() == ".zip":
                inner += _in_inner_zip(path, stack, problems)
            elif _looks_like_picture(path):
                parts = path.relative_to(folder).parts[:-1]
                source = PictureSource(name, partial(_read_file, path), path)
                groups.setdefault(parts, []).append(source)
    name = folder.absolute().name or str(folder)
    cells = [*_cells_of(name, groups, folder), *inner]
    if not cells and len(problems) == before:
        raise KaryoError(f"There is no picture in the folder {folder}.", _HINT_PICTURES)
    return cells


def _not_followed(name: str) -> str:
    return f"{name} is a link to a folder: it was not followed. Choose the folder itself."


def _refuse_folder(error: OSError) -> None:
    raise _cannot_open(Path(error.filename or ""), error) from error


def _looks_like_picture(path: Path) -> bool:
    if is_picture(path.name, b""):
        return True
    try:
        with path.open("rb") as file:
            return is_picture(path.name, file.read(HEAD_BYTES))
    except OSError:
        return False


def _cells_of(
    root: str, groups: dict[tuple[str, ...], list[PictureSource]], origin: Path
) -> list[CellSource]:
    """Each folder with pictures is a cell, the folder above it the case; the root is both."""
    cells = []
    for parts in sorted(groups, key=lambda parts: [natural_key(part) for part in parts]):
        trail = (root, *parts)
        pictures = sorted(groups[parts], key=lambda picture: natural_key(picture.name))
        case = trail[max(0, len(trail) - 2)]
        slide = parts[-1] if parts else ""
        cells.append(CellSource(case, trail[-1], tuple(pictures), origin, slide))
    return cells


def _in_inner_zip(path: Path, stack: ExitStack, problems: list[str]) -> list[CellSource]:
    """A zip in a folder is one of the folder's cells, or a case of its own."""
    try:
        cells = _in_zip(path, stack, problems)
    except KaryoError as error:
        problems.append(str(error))
        return []
    if len(cells) == 1:
        case = path.absolute().parent.name
        return [replace(cells[0], case_name=case, slide=cells[0].name)]
    return cells


def _refuse_own(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """`KaryoError` for a backup or an exported case: its pictures belong to cells already."""
    if not any(member.filename == "contents.json" for member in members):
        return
    from karyogui.storage.bundle import BACKUP, CASE, is_bundle

    name = shown_name(path.name)
    if is_bundle(path, BACKUP):
        raise KaryoError(f"{name} is a backup of a data folder.", "Restore it to another folder.")
    if is_bundle(path, CASE):
        raise KaryoError(f"{name} is an exported case.", "Import it by itself.")


def _in_zip(path: Path, stack: ExitStack, problems: list[str]) -> list[CellSource]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except OSError as error:
        raise _cannot_open(path, error) from error
    # A damaged directory makes it raise BadZipFile, struct.error, UnicodeDecodeError …
    except Exception as error:
        raise KaryoError(
            f"{path.name} is not a readable zip: it is damaged or incomplete.", "Pack it again."
        ) from error
    members = [member for member in archive.infolist() if _is_file(member)]
    _refuse_own(path, members)
    _check_archive(path, members)
    groups: dict[tuple[str, ...], list[PictureSource]] = {}
    for member in members:
        parts = _parts(member)
        if _is_hidden(parts):
            continue
        if parts[-1].lower().endswith(".zip"):
            problems.append(
                f"{parts[-1]} in {path.name} was left out: a zip inside a zip is not opened."
            )
        elif _member_looks_like_picture(archive, member):
            source = PictureSource(parts[-1], _Member(path, archive, member), path.joinpath(*parts))
            groups.setdefault(parts[:-1], []).append(source)
    if not groups:
        raise KaryoError(f"There is no picture in {path.name}.", _HINT_PICTURES)
    return _cells_of(path.stem, groups, path)


def _is_file(member: zipfile.ZipInfo) -> bool:
    return bool(_parts(member)) and not member.filename.endswith(("/", "\\"))


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(member.filename.replace("\\", "/")).parts


def _check_archive(path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
            raise KaryoError(
                f"{path.name} was not opened: the name {member.filename!r} in it leads outside "
                "of the archive.",
                "Do not trust the archive; pack the pictures again.",
            )
    if len(members) > MAX_FILES or sum(m.file_size for m in members) > MAX_ARCHIVE_BYTES:
        raise KaryoError(
            f"{path.name} was not opened: unpacked it would have more than {MAX_FILES:,} files "
            f"or {MAX_ARCHIVE_BYTES // 1_000_000_000} GB.",
            "Pack one case in one zip.",
        )


def _member_looks_like_picture(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    name = _parts(member)[-1]
    if is_picture(name, b""):
        return True
    try:
        with archive.open(member) as file:
            return is_picture(name, file.read(HEAD_BYTES))
    # Damaged or encrypted, and not named like a picture: there is no saying what it was.
    except Exception:
        return False


@dataclass(frozen=True)
class _Member:
    """Reads one member of an open zip; in another process the zip is opened there."""

    path: Path
    archive: zipfile.ZipFile
    member: zipfile.ZipInfo

    def __call__(self) -> bytes:
        return _read_member(self.archive, self.member)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return partial, (_read_elsewhere, self.path.absolute(), self.member.header_offset)


def _read_elsewhere(path: Path, offset: int) -> bytes:
    archive, members = _reopened(path)
    return _read_member(archive, members[offset])


@lru_cache(maxsize=2)
def _reopened(path: Path) -> tuple[zipfile.ZipFile, dict[int, zipfile.ZipInfo]]:
    try:
        archive = zipfile.ZipFile(path)
    # As in `_in_zip`.
    except Exception as error:
        raise KaryoError(f"{path.name} could be opened before but no longer can.") from error
    return archive, {member.header_offset: member for member in archive.infolist()}


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    name = _parts(member)[-1]
    if member.file_size > MAX_FILE_BYTES:
        raise _too_many_bytes(name)
    if member.flag_bits & 0x1:
        raise KaryoError(f"{name} is protected by a password.", "Pack it without one.")
    try:
        with archive.open(member) as file:
            # One byte more than allowed is enough to unmask a size that was understated.
            data = file.read(MAX_FILE_BYTES + 1)
    # The unpackers raise zlib.error, lzma.LZMAError, EOFError … for a damaged archive.
    except Exception as error:
        raise KaryoError(
            f"{name} in the zip is damaged and cannot be unpacked.", "Pack it again."
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise _too_many_bytes(name)
    return data
