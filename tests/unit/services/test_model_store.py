"""Models come in only whole and true, go out with their checksums, and come back from the bin."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from karyogui.errors import KaryoError
from karyogui.services.model_store import KEPT_IN_BIN, ModelStore, NameTaken


def make_model(folder: Path, name: str, content: bytes = b"weights", **card: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    path.write_bytes(content)
    told = {"name": name, "version": "1", "sha256": hashlib.sha256(content).hexdigest(), **card}
    path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    make_model(tmp_path / "bundled", "compact", b"bundled")
    return ModelStore(tmp_path / "bundled", tmp_path / "own")


def accept(weights: Path) -> None:
    assert weights.with_suffix(".json").is_file()


def refuse(weights: Path) -> None:
    raise KaryoError(f"The weights {weights.name} do not fit the network that they describe.")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_a_model_is_installed_from_either_of_its_files(
    store: ModelStore, tmp_path: Path, suffix: str
) -> None:
    source = make_model(tmp_path / "from", "mine", b"new", data="cells.zip: 3 cells")
    model = store.install(source.with_suffix(suffix), accept)
    assert model.path == tmp_path / "own" / "mine.safetensors"
    assert model.path.read_bytes() == b"new"
    assert (model.name, model.data) == ("mine", "cells.zip: 3 cells")
    assert [m.name for m in store.models()] == ["compact", "mine"]
    assert store.is_own(model)
    assert not store.is_own(store.models()[0])


def test_a_forged_checksum_is_refused(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "mine", sha256="0" * 64)
    with pytest.raises(KaryoError, match="checksum differs"):
        store.install(source, accept)
    assert files(tmp_path / "own") == []


def test_a_description_without_checksum_is_refused(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "mine", sha256=None)
    with pytest.raises(KaryoError, match="names no checksum"):
        store.install(source, accept)


def test_weights_without_their_description_are_refused(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "mine")
    source.with_suffix(".json").unlink()
    with pytest.raises(KaryoError, match=r"mine\.json is missing"):
        store.install(source, accept)


@pytest.mark.parametrize("text", ["{", "[]", '"x"'])
def test_a_broken_description_is_refused(store: ModelStore, tmp_path: Path, text: str) -> None:
    source = make_model(tmp_path / "from", "mine")
    source.with_suffix(".json").write_text(text)
    with pytest.raises(KaryoError, match="description"):
        store.install(source, accept)


def test_a_foreign_architecture_is_refused(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "mine")
    with pytest.raises(KaryoError, match="do not fit"):
        store.install(source, refuse)
    assert files(tmp_path / "own") == []


def test_any_other_file_is_refused(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "picture.png").touch()
    with pytest.raises(KaryoError, match="no model file"):
        store.install(tmp_path / "picture.png", accept)
    with pytest.raises(KaryoError, match="There are no weights"):
        store.install(tmp_path / "gone.safetensors", accept)


def test_the_same_model_is_installed_once(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "copy", b"bundled")
    with pytest.raises(KaryoError, match="already as “compact”"):
        store.install(source, accept)


def test_a_taken_name_asks_for_another(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "Compact", b"other")
    with pytest.raises(NameTaken) as caught:
        store.install(source, accept)
    assert caught.value.free == "Compact-2"
    model = store.install(source, accept, caught.value.free)
    assert (model.name, model.path.name) == ("Compact-2", "Compact-2.safetensors")
    # The checksum is that of the weights, so it still holds under the new name.
    store.export(model, tmp_path / "copy.zip")


@pytest.mark.parametrize("name", ["../evil", "", "a/b", ".hidden", "x" * 200])
def test_a_name_must_be_one_for_a_file(store: ModelStore, tmp_path: Path, name: str) -> None:
    source = make_model(tmp_path / "from", "mine")
    with pytest.raises(KaryoError, match="cannot be a model's name"):
        store.install(source, accept, name)


def test_a_zip_comes_back_as_it_went(store: ModelStore, tmp_path: Path) -> None:
    model = store.install(make_model(tmp_path / "from", "mine", b"new"), accept)
    (written,) = store.export(model, tmp_path / "mine.zip")
    with zipfile.ZipFile(written) as archive:
        assert sorted(archive.namelist()) == ["SHA256SUMS", "mine.json", "mine.safetensors"]
        sums = archive.read("SHA256SUMS").decode().splitlines()
        for line in sums:
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    elsewhere = ModelStore(tmp_path / "bundled", tmp_path / "elsewhere")
    again = elsewhere.install(written, accept)
    assert (again.name, again.sha256) == (model.name, model.sha256)


def test_two_files_are_never_written_over_others(store: ModelStore, tmp_path: Path) -> None:
    (model,) = store.models()
    out = tmp_path / "out"
    out.mkdir()
    assert [path.name for path in store.export(model, out)] == [
        "compact.safetensors",
        "compact.json",
    ]
    with pytest.raises(KaryoError, match="exists already"):
        store.export(model, out)


def test_damaged_weights_are_not_exported(store: ModelStore, tmp_path: Path) -> None:
    (model,) = store.models()
    model.path.write_bytes(b"damaged")
    with pytest.raises(KaryoError, match="checksum differs"):
        store.export(model, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"a.safetensors": b""}, "does not hold one model"),
        ({"a.safetensors": b"", "a.json": b"{}", "b.json": b"{}"}, "does not hold one model"),
        ({"readme.txt": b""}, "does not hold one model"),
    ],
)
def test_a_zip_must_hold_one_model(
    store: ModelStore, tmp_path: Path, members: dict[str, bytes], sentence: str
) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(KaryoError, match=sentence):
        store.install(path, accept)


def test_a_zip_that_is_none_is_refused(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_bytes(b"PK nonsense")
    with pytest.raises(KaryoError, match="cannot be read as a zip"):
        store.install(tmp_path / "model.zip", accept)


def test_a_zip_writes_nowhere_else(store: ModelStore, tmp_path: Path) -> None:
    source = make_model(tmp_path / "from", "mine", b"new")
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../mine.safetensors", source.read_bytes())
        archive.writestr("../../mine.json", source.with_suffix(".json").read_bytes())
    model = store.install(path, accept)
    assert files(tmp_path / "own") == ["mine.json", "mine.safetensors"]
    assert model.name == "mine"


def test_deleting_can_be_undone(store: ModelStore, tmp_path: Path) -> None:
    model = store.install(make_model(tmp_path / "from", "mine", b"new"), accept)
    binned = store.delete(model)
    assert [m.name for m in store.models()] == ["compact"]
    assert store.restore(binned) == model
    assert [m.name for m in store.models()] == ["compact", "mine"]


def test_a_bundled_model_stays(store: ModelStore) -> None:
    (model,) = store.models()
    with pytest.raises(KaryoError, match="came with the program"):
        store.delete(model)
    assert store.models() == (model,)


def test_the_bin_keeps_the_last_few(store: ModelStore, tmp_path: Path) -> None:
    for number in range(KEPT_IN_BIN + 2):
        source = make_model(tmp_path / "from", f"m{number}", f"{number}".encode())
        last = store.delete(store.install(source, accept))
    assert last.is_file()
    kept = [path.name for path in (tmp_path / "own" / "bin").rglob("*.safetensors")]
    assert sorted(kept) == [f"m{number}.safetensors" for number in range(2, KEPT_IN_BIN + 2)]


def test_a_name_given_away_meanwhile_keeps_the_binned_one(
    store: ModelStore, tmp_path: Path
) -> None:
    binned = store.delete(store.install(make_model(tmp_path / "from", "mine", b"new"), accept))
    store.install(make_model(tmp_path / "from", "mine", b"newer"), accept)
    with pytest.raises(NameTaken):
        store.restore(binned)
    assert binned.is_file()


def test_what_the_disk_refuses_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = ModelStore(tmp_path / "bundled", tmp_path / "file" / "own")
    with pytest.raises(KaryoError, match="could not be moved"):
        store.install(make_model(tmp_path / "from", "mine"), accept)
