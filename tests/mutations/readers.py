"""The readers of the program, each with inputs that are sound, and what it makes of one.

A reader returns a sentence where it was silent about a difference, else nothing. `KaryoError` is a
refusal, as it should be; every other exception is a fault.
"""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from karyogui.errors import KaryoError
from karyogui.paths import WEIGHTS
from karyogui.services.discovery import find_cells
from karyogui.services.model_store import _unpacked
from karyogui.services.models import read_model
from karyogui.services.pictures import open_picture, page_count, page_of
from karyogui.services.progress import SilentMonitor
from karyogui.services.sorting import sort_pictures
from karyogui.services.training_runs import past_runs
from karyogui.services.waiting import WaitingCells
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.storage.backup import BACKUP_SUFFIX, daily_backup, restore
from karyogui.storage.checking import check_folder
from karyogui.storage.image_store import KEY
from karyogui.storage.picture_pool import POOL
from model.vocabulary.card import read_card, read_checked
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder
from tests.unit.services.photographs import metaphase
from tests.unit.services.test_training_runs import write_run

DATABASE = "karyogui.db"


@dataclass(frozen=True)
class Reader:
    """`make` writes sound inputs into a folder; `read` reads one of them, altered, there."""

    make: Callable[[Path], None]
    read: Callable[[Path, Path], str]


def _pictures(folder: Path) -> None:
    grey = metaphase(1, 12, (180, 260))
    deep = grey.astype(np.uint16) * 200
    colour = np.stack([grey, grey, 255 - grey], axis=-1)
    for ending, options in (
        ("png", {}), ("jpg", {}), ("bmp", {}), ("gif", {}), ("webp", {}), ("jp2", {}), ("avif", {}),
        ("tif", {"compression": "tiff_lzw"}),
    ):  # fmt: skip
        Image.fromarray(grey).save(folder / f"grey.{ending}", **options)
    Image.fromarray(colour).save(folder / "colour.png")
    Image.fromarray(deep).save(folder / "deep.png")
    for name, values, options in (
        ("deep.tif", deep, {}),
        ("packed.tif", deep, {"compression": "zlib", "predictor": True}),
        ("planar.tif", np.stack([deep] * 3), {"planarconfig": "separate", "photometric": "rgb"}),
        ("float.tif", grey.astype(np.float32), {}),
        ("pages.tif", np.stack([grey] * 3), {"photometric": "minisblack"}),
        ("big.tif", grey, {"bigtiff": True}),
    ):
        tifffile.imwrite(folder / name, values, **options)


def _read_picture(path: Path, _: Path) -> str:
    data = path.read_bytes()
    pages = page_count(data).readable
    for number in range(min(pages, 4)):
        page = data if pages == 1 else page_of(data, number, path.name)
        assert open_picture(page, path.name).impression is not None
    return ""


def _zips(folder: Path) -> None:
    with zipfile.ZipFile(folder / "case.zip", "w", zipfile.ZIP_DEFLATED) as opened:
        for number in range(3):
            buffer = io.BytesIO()
            Image.fromarray(metaphase(number, 8, (120, 150))).save(buffer, "PNG")
            opened.writestr(f"slide/cell {number}.png", buffer.getvalue())


def _read_zip(path: Path, _: Path) -> str:
    with find_cells([path]) as found:
        chosen = sort_pictures(found.cells, SilentMonitor())
        for cell in chosen.cells:
            for picture in cell.pictures:
                try:
                    open_picture(picture.read(), picture.name)
                except KaryoError:
                    continue
    return ""


def _weights(folder: Path) -> None:
    """Both files in one, so that either is altered."""
    head = (WEIGHTS / "compact.json").read_bytes()
    body = bytes(range(256)) * 64
    card = json.loads(head)
    card["sha256"] = hashlib.sha256(body).hexdigest()
    text = json.dumps(card).encode()
    (folder / "model.both").write_bytes(len(text).to_bytes(8, "little") + text + body)
    with zipfile.ZipFile(folder / "model.zip", "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("model.safetensors", body)
        opened.writestr("model.json", text)


def _read_weights(path: Path, place: Path) -> str:
    if path.suffix == ".zip":
        with _unpacked(path) as unpacked:
            read_checked(unpacked, read_card(unpacked))
        return ""
    data = path.read_bytes()
    length = min(int.from_bytes(data[:8], "little"), len(data))
    weights = place / "model.safetensors"
    weights.with_suffix(".json").write_bytes(data[8 : 8 + length])
    weights.write_bytes(data[8 + length :])
    read_model(weights)
    read_checked(weights, read_card(weights))
    return ""


def _small_files(folder: Path) -> None:
    store = SettingsStore(folder / "settings.toml")
    store.change(store.values)
    write_run(folder / "run", state="running", ended="2026-01-02T04:00:00.000+00:00")
    (folder / "run" / "run.json").rename(folder / "run.json")
    (folder / "run").rmdir()
    (folder / "waiting.json").write_text(json.dumps({"cells": [1, 2], "anew": [3]}))


def _read_small(path: Path, place: Path) -> str:
    if path.suffix == ".toml":
        assert SettingsStore(path).values is not None
    elif path.name == "run.json":
        (place / "run").mkdir()
        shutil.copy(path, place / "run" / "run.json")
        past_runs(place)
    else:
        shutil.copy(path, place / "waiting.json")
        WaitingCells(place).left()
    return ""


def _folders(folder: Path) -> Path:
    data = folder / "data folder"
    with closing(open_workspace(data)) as workspace:
        for number in range(2):
            source = make_cell_folder(folder / f"24-{number}", 3)
            outcome = workspace.importer.import_paths([source], SilentMonitor())
            shutil.rmtree(source)
            for cell_id in outcome.cell_ids:
                workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
        workspace.library.rename(1, "renamed")
        workspace._database.tidy()
    for beside in data.glob("karyogui.db-*"):
        beside.unlink()
    return data


def _databases(folder: Path) -> None:
    data = _folders(folder)
    shutil.copy(data / DATABASE, folder / DATABASE)


def told(workspace: Workspace) -> list[str]:
    """All that is shown of a library."""
    library, lines = workspace.library, []
    for summary in library.summaries():
        lines.append(f"{summary.name} {summary.state} {summary.findings}")
        try:
            for cell in library.case(summary.id).cells:
                whole = library.cell(cell.id)
                lines.append(f"{whole.name} {whole.placements} {whole.edits}")
        except KaryoError as error:
            lines.append(f"refused: {error.sentence}")
    return lines


def _read_database(path: Path, place: Path) -> str:
    data = place / "data"
    shutil.copytree(path.parent.parent / "seeds" / "data folder", data)
    with closing(open_workspace(data)) as workspace:
        sound = told(workspace)
    for beside in data.glob("karyogui.db-*"):
        beside.unlink()
    shutil.copy(path, data / DATABASE)
    checked = check_folder(data)
    with closing(open_workspace(data)) as workspace:
        read = told(workspace)
    if read != sound and checked.is_sound and not any("refused" in line for line in read):
        return "the database tells something else and the check finds nothing"
    return ""


def _backups(folder: Path) -> None:
    data = _folders(folder)
    with closing(open_workspace(data)) as workspace:
        workspace.record.back_up(folder / "all.backup")
        workspace.record.export_case(1, folder / "one.case")


def _read_backup(path: Path, place: Path) -> str:
    if path.suffix == ".backup":
        restore(path, place / "restored")
        return _differs(path, place / "restored")
    with closing(open_workspace(place / "data")) as workspace:
        workspace.record.import_case(path)
        assert told(workspace)
    return ""


def _differs(path: Path, folder: Path) -> str:
    data = path.parent.parent / "seeds" / "data folder"
    with closing(open_workspace(folder)) as workspace:
        restored = told(workspace)
    copy = folder.parent / f"sound {folder.name}"
    shutil.copytree(data, copy)
    with closing(open_workspace(copy)) as workspace:
        sound = told(workspace)
    return "" if restored == sound else "an altered backup was restored as something else"


def _daily_backups(folder: Path) -> None:
    data = _folders(folder)
    place = folder / "place"
    done = daily_backup(data, place, 3)
    assert done is not None
    shutil.copy(done.path, folder / "daily.backup")
    for picture in (place / POOL).rglob("*.*"):
        shutil.copy(picture, folder / picture.name)
    shutil.rmtree(place)


def _read_daily(path: Path, place: Path) -> str:
    """Restore it with its pictures beside it; then back up once more into that place."""
    sound = path.parent.parent / "seeds"
    backups = place / "place"
    for picture in sound.iterdir():
        if KEY.fullmatch(picture.name):
            lies = backups / POOL / picture.name[:2]
            lies.mkdir(parents=True)
            shutil.copy(path if picture.name == path.name else picture, lies / picture.name)
    altered = path if path.suffix == ".backup" else sound / "daily.backup"
    old = backups / f"data folder 2026-01-02{BACKUP_SUFFIX}"
    shutil.copy(altered, old)
    try:
        restore(old, place / "restored")
        silent = _differs(path, place / "restored")
    except KaryoError:
        silent = ""
    done = daily_backup(sound / "data folder", backups, 3)
    assert done is not None
    restore(done.path, place / "again")
    return silent or _differs(path, place / "again")


READERS: dict[str, Reader] = {
    "pictures": Reader(_pictures, _read_picture),
    "zips": Reader(_zips, _read_zip),
    "weights": Reader(_weights, _read_weights),
    "small files": Reader(_small_files, _read_small),
    "databases": Reader(_databases, _read_database),
    "backups": Reader(_backups, _read_backup),
    "daily backups": Reader(_daily_backups, _read_daily),
}


def seeds(folder: Path) -> Iterator[Path]:
    """The sound inputs of a reader."""
    yield from sorted(path for path in folder.iterdir() if path.is_file())
