"""check, backup, restore, erase, import and export-case from the command line."""

import errno
import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from karyogui.cli import main
from karyogui.services.workspace import open_workspace
from karyogui.storage import bundle
from tests.unit.records import write_photographs

Capture = pytest.CaptureFixture[str]
Change = Callable[[dict, dict], None]


@pytest.fixture
def folder(filled_folder: Path) -> Path:
    return filled_folder


def told(capsys: Capture, *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return status, output.out, output.err


def into(folder: Path) -> tuple[object, ...]:
    return "--kind", "metaphase", "--data-folder", folder


def state(folder: Path) -> list[object]:
    """All rows of a data folder, and its pictures."""
    with sqlite3.connect(folder / "karyogui.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows: list[object] = [
            (name, sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr))
            for (name,) in sorted(tables.fetchall())
        ]
    connection.close()
    return rows + sorted((p.name, p.read_bytes()) for p in folder.glob("pictures/??/*"))


def test_a_sound_folder_is_told_to_be_sound(folder: Path, capsys: Capture) -> None:
    assert told(capsys, "check", "--data-folder", folder)[:2] == (0, f"{folder} is sound.\n")
    status, out, _ = told(capsys, "check", "--data-folder", folder, "--json")
    assert status == 0
    assert json.loads(out) == {
        "sound": True, "folder": str(folder), "findings": [], "notes": [],
    }  # fmt: skip


def test_every_kind_of_damage_is_found_at_once(folder: Path, capsys: Capture) -> None:
    picture = next(folder.glob("pictures/??/*"))
    picture.write_bytes(picture.read_bytes()[:-1])
    with sqlite3.connect(folder / "karyogui.db") as connection:
        connection.execute("UPDATE placement SET slot = '21' WHERE cell_id = 1 AND slot = '4'")
        connection.execute("DROP TRIGGER edit_refuses_update")
    connection.close()
    status, out, _ = told(capsys, "check", "--data-folder", folder, "--json")
    findings = json.loads(out)["findings"]
    assert status == 1
    assert {finding["kind"] for finding in findings} == {
        "pictures", "trail", "signatures", "schema",
    }  # fmt: skip
    assert any(picture.name in finding["sentence"] for finding in findings)
    (signature,) = [f for f in findings if f["kind"] == "signatures"]
    assert signature["sentence"].endswith("by Bob does not hold: altered since, outside the "
                                          "program: placements.")  # fmt: skip


@pytest.mark.parametrize("damage", ["empty", "noise", "missing", "folder", "torn"])
def test_a_damaged_database_is_a_finding(folder: Path, capsys: Capture, damage: str) -> None:
    database = folder / "karyogui.db"
    data = database.read_bytes()
    database.unlink()
    if damage == "folder":
        database.mkdir()
    elif damage != "missing":
        kept = {"empty": b"", "noise": b"x" * 5000, "torn": data[: len(data) // 2]}
        database.write_bytes(kept[damage])
    status, out, err = told(capsys, "check", "--data-folder", folder)
    assert status == 1
    assert "database" in out
    assert "Traceback" not in out + err


def test_check_of_no_folder_is_refused(tmp_path: Path, capsys: Capture) -> None:
    status, _, err = told(capsys, "check", "--data-folder", tmp_path / "none")
    assert (status, err) == (2, f"There is no data folder {tmp_path / 'none'}.\n")


def test_a_backup_restored_elsewhere_is_what_it_was_made_of(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    target, other = tmp_path / "b.karyobackup", tmp_path / "deep" / "other"
    workspace = open_workspace(folder)  # as a window has it
    try:
        workspace.library.rename(2, "renamed a moment ago")
        status, out, _ = told(capsys, "backup", "--data-folder", folder, "--to", target)
        assert (status, out.split(": ")[1].split(",")[0]) == (0, "2 cases")
        before = state(folder)
    finally:
        workspace.close()
    assert told(capsys, "restore", target, "--data-folder", other)[0] == 0
    assert state(other) == before
    assert told(capsys, "check", "--data-folder", other)[0] == 0
    assert not list(other.parent.glob(".*restoring*"))


def test_a_backup_replaces_no_file_unasked(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "there"
    target.write_bytes(b"kept")
    status, _, err = told(capsys, "backup", "--data-folder", folder, "--to", target)
    assert (status, target.read_bytes()) == (2, b"kept")
    assert err == f"{target} exists already. Choose another name for the backup.\n"
    assert told(capsys, "backup", "--data-folder", folder, "--to", target, "--replace")[0] == 0
    assert zipfile.is_zipfile(target)


def test_what_a_backup_goes_over_is_kept(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / "b"
    told(capsys, "backup", "--data-folder", folder, "--to", target)
    workspace = open_workspace(folder)
    workspace.library.rename(1, "later")
    workspace.close()
    later = state(folder)
    (folder / "karyogui.db-wal").write_bytes(b"a foreign log")
    status, out, _ = told(capsys, "restore", target, "--data-folder", folder)
    assert status == 0
    kept = Path(out.split("kept as ")[1].rstrip(".\n"))
    assert (kept / "karyogui.db-wal").read_bytes() == b"a foreign log"
    (kept / "karyogui.db-wal").unlink()
    assert state(kept) == later
    assert not (folder / "karyogui.db-wal").exists()
    assert told(capsys, "check", "--data-folder", folder)[0] == 0


def test_a_restore_leaves_an_open_or_foreign_folder_alone(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    target, foreign = tmp_path / "b", tmp_path / "home"
    told(capsys, "backup", "--data-folder", folder, "--to", target)
    foreign.mkdir()
    (foreign / "letter.txt").write_text("dear")
    status, _, err = told(capsys, "restore", target, "--data-folder", foreign)
    assert (status, (foreign / "letter.txt").read_text()) == (2, "dear")
    assert "holds something else" in err
    workspace = open_workspace(folder)
    try:
        status, _, err = told(capsys, "restore", target, "--data-folder", folder)
        assert status == 2
        assert "open in another KaryoGUI window" in err
        assert workspace.library.summaries()
    finally:
        workspace.close()


def _rewritten(source: Path, target: Path, change: Change) -> Path:
    """A bundle with other members, its list as `change` leaves it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        members = {info.filename: old.read(info) for info in old.infolist()}
        facts = json.loads(members.pop(bundle.LIST))
        change(members, facts)
        for name, data in members.items():
            new.writestr(name, data)
        new.writestr(bundle.LIST, json.dumps(facts))
    return target


def _listed(facts: dict, name: str, data: bytes) -> None:
    facts["files"][name] = [hashlib.sha256(data).hexdigest(), len(data)]


def _newer(members: dict, facts: dict) -> None:
    facts["revision"] = "9999"


def _newer_format(members: dict, facts: dict) -> None:
    facts["format"] = 99


def _other_picture(members: dict, facts: dict) -> None:
    name = next(name for name in members if name.startswith("pictures/"))
    members[name] = b"another"


def _forged(members: dict, facts: dict) -> None:
    """The database altered, and the list made to agree with it."""
    name = next(name for name in members if name.startswith("pictures/"))
    members[name] = b"another"
    _listed(facts, name, b"another")


def _climbing(members: dict, facts: dict) -> None:
    members["../../evil"] = b"evil"
    _listed(facts, "../../evil", b"evil")


def _absolute(members: dict, facts: dict) -> None:
    members["pictures/../../evil.png"] = b"evil"
    _listed(facts, "pictures/../../evil.png", b"evil")


def _no_database(members: dict, facts: dict) -> None:
    del members["karyogui.db"], facts["files"]["karyogui.db"]


def _odd_list(members: dict, facts: dict) -> None:
    facts["files"] = dict.fromkeys(facts["files"], 7)


@pytest.mark.parametrize(
    "change",
    [_newer, _newer_format, _other_picture, _forged, _climbing, _absolute, _no_database, _odd_list],
)
def test_a_backup_that_cannot_be_trusted_is_refused(
    folder: Path, tmp_path: Path, capsys: Capture, change: Change
) -> None:
    told(capsys, "backup", "--data-folder", folder, "--to", tmp_path / "b")
    bad = _rewritten(tmp_path / "b", tmp_path / "bad", change)
    place = tmp_path / "place" / "new"
    status, out, err = told(capsys, "restore", bad, "--data-folder", place)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "bad" in err
    assert not place.exists()
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_backup_is_refused(
    folder: Path, tmp_path: Path, capsys: Capture, share: float
) -> None:
    told(capsys, "backup", "--data-folder", folder, "--to", tmp_path / "b")
    data = (tmp_path / "b").read_bytes()
    (tmp_path / "short").write_bytes(data[: int(len(data) * share)])
    status, _, err = told(capsys, "restore", tmp_path / "short", "--data-folder", tmp_path / "new")
    assert status == 2
    assert err.startswith("short is not a whole file of KaryoGUI")
    assert not (tmp_path / "new").exists()


def test_an_altered_folder_is_backed_up_and_not_restored_unasked(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    with sqlite3.connect(folder / "karyogui.db") as connection:
        connection.execute("UPDATE \"case\" SET name = 'forged' WHERE id = 1")
    connection.close()
    target, new = tmp_path / "b", tmp_path / "new"
    assert told(capsys, "backup", "--data-folder", folder, "--to", target)[0] == 0
    status, _, err = told(capsys, "restore", target, "--data-folder", new)
    assert (status, new.exists()) == (2, False)
    assert "b is not sound: The case 1 of case 1 was altered outside the program." in err
    assert told(capsys, "restore", target, "--data-folder", new, "--accept-findings")[0] == 0


def test_a_full_disk_leaves_no_half_backup(
    folder: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("karyogui.storage.backup.write_bundle", full)
    place = tmp_path / "disk"
    place.mkdir()
    status, _, err = told(capsys, "backup", "--data-folder", folder, "--to", place / "b")
    assert (status, list(place.iterdir())) == (2, [])
    assert err.startswith(f"The disk is full: {place / 'b'} could not be written.")


def test_an_erased_case_is_gone_and_its_tombstone_stays(folder: Path, capsys: Capture) -> None:
    status, _, err = told(capsys, "erase", "--case", "Miller", "--data-folder", folder)
    assert (status, err) == (2, "A case is erased with a reason. Say why with --reason.\n")
    pictures = len(list(folder.glob("pictures/??/*")))
    status, out, _ = told(
        capsys, "erase", "--case", "Miller", "--reason", "consent withdrawn",
        "--data-folder", folder,
    )  # fmt: skip
    assert (status, out.split(":")[0]) == (0, "Case Miller erased")
    assert len(list(folder.glob("pictures/??/*"))) < pictures
    assert told(capsys, "check", "--data-folder", folder)[:2] == (0, f"{folder} is sound.\n")
    everything = b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())
    assert b"Eve Example" not in everything
    assert b"Miller" not in everything
    workspace = open_workspace(folder)
    try:
        assert [s.name for s in workspace.library.summaries()] == ["Smith"]
        last = workspace.record.trail(1)[-1]
        assert (last.act, last.reason) == ("case erased", "consent withdrawn")
        assert {entry.before + entry.after for entry in workspace.record.trail(1)} == {""}
    finally:
        workspace.close()


def test_an_erasure_that_was_not_one_is_found(folder: Path, capsys: Capture) -> None:
    with sqlite3.connect(folder / "karyogui.db") as connection:
        connection.execute("DROP TRIGGER trail_refuses_update")
        connection.execute("UPDATE trail SET content = NULL WHERE case_id = 2")
    connection.close()
    status, out, _ = told(capsys, "check", "--data-folder", folder)
    assert status == 1
    assert "The content of entry" in out


def test_import_brings_pictures_in_and_analyses_nothing(tmp_path: Path, capsys: Capture) -> None:
    folder, pictures = tmp_path / "new", write_photographs(tmp_path / "Jones", 2)
    status, out, _ = told(capsys, "import", pictures, *into(folder))
    assert (status, out) == (0, "Jones: 2 cells imported.\n")
    status, _, err = told(capsys, "import", pictures, *into(folder))
    assert status == 2
    assert "already" in err
    more = write_photographs(tmp_path / "more", 1, first=5)
    arguments = ("import", more, *into(folder), "--case")
    assert told(capsys, *arguments, "Jones")[:2] == (0, "Jones: 1 cell imported.\n")
    assert told(capsys, *arguments, "Other", "--again")[:2] == (0, "Other: 1 cell imported.\n")
    workspace = open_workspace(folder)
    try:
        found = {s.name: [c.state for c in s.cells] for s in workspace.library.summaries()}
        assert found == {"Jones": ["new"] * 3, "Other": ["new"]}
    finally:
        workspace.close()


def test_a_backup_is_not_imported_as_pictures(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    target, new = tmp_path / "b.zip", tmp_path / "new"
    told(capsys, "backup", "--data-folder", folder, "--to", target)
    status, _, err = told(capsys, "import", target, "--data-folder", new)
    assert status == 2
    assert "b.zip is a backup of a data folder" in err


def test_a_damaged_picture_heals_when_it_is_imported_again(tmp_path: Path, capsys: Capture) -> None:
    folder, pictures = tmp_path / "new", write_photographs(tmp_path / "Jones", 1)
    told(capsys, "import", pictures, *into(folder))
    (stored,) = folder.glob("pictures/??/*")
    stored.write_bytes(bytes(stored.stat().st_size))
    assert told(capsys, "check", "--data-folder", folder)[0] == 1
    told(capsys, "import", pictures, *into(folder))
    assert told(capsys, "check", "--data-folder", folder)[0] == 0


def test_a_case_goes_elsewhere_with_trail_and_sign_off(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    target, other = tmp_path / "m.karyocase", tmp_path / "other"
    told(capsys, "import", write_photographs(tmp_path / "Miller", 1, 8), *into(other))
    arguments = ("export-case", "Miller", "--to", target, "--data-folder", folder)
    assert told(capsys, *arguments)[0] == 0
    assert told(capsys, *arguments)[0] == 2  # there already
    status, out, _ = told(capsys, "import", target, "--data-folder", other)
    assert (status, out) == (0, "Miller (2) (exported as Miller): 2 cells imported.\n")
    assert told(capsys, "check", "--data-folder", other)[0] == 0
    workspace = open_workspace(other)
    try:
        case = workspace.library.case(2)
        assert case.details.patient_name == "Eve Example"
        assert case.cells[0].reviewed_by == "Bob"
        cell = workspace.library.cell(case.cells[0].id)
        assert all(chromosome.segment.crop.size for chromosome in cell.chromosomes)
        entries = workspace.record.trail(2)
        acts = [entry.act for entry in entries if entry.elsewhere]
        assert acts[0] == "case created"
        assert {"signed off", "details changed", "Cut a chromosome into 2"} <= set(acts)
        assert entries[-1].act == "case imported"
    finally:
        workspace.close()
    with sqlite3.connect(other / "karyogui.db") as connection:
        connection.execute("UPDATE placement SET slot = '21' WHERE cell_id = 2 AND slot = '4'")
    connection.close()
    out = told(capsys, "check", "--data-folder", other)[1]
    assert "signatures: The sign-off of cell 1 by Bob does not hold" in out


def test_a_case_file_that_was_altered_or_is_newer_is_refused(
    folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    target = tmp_path / "m.karyocase"
    told(capsys, "export-case", "Miller", "--to", target, "--data-folder", folder)

    def altered(members: dict, facts: dict) -> None:
        place = tmp_path / "case.db"
        place.write_bytes(members["case.db"])
        with sqlite3.connect(place) as connection:
            connection.execute("UPDATE placement SET slot = '21' WHERE slot = '4'")
        connection.close()
        members["case.db"] = place.read_bytes()
        _listed(facts, "case.db", members["case.db"])

    before = state(folder)
    for change, words in ((altered, "was altered after it was exported"), (_newer, "newer")):
        bad = _rewritten(target, tmp_path / "bad.karyocase", change)
        status, _, err = told(capsys, "import", bad, "--data-folder", folder)
        assert status == 2
        assert words in err
    assert state(folder) == before


def test_the_anonymous_form_tells_nobody(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    target, other = tmp_path / "a.karyocase", tmp_path / "other"
    arguments = ("export-case", "Miller", "--to", target, "--data-folder", folder, "--anonymous")
    assert told(capsys, *arguments)[0] == 0
    with zipfile.ZipFile(target) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for word in (b"Miller", b"Eve", b"Bob", b"Ann", b"seen twice", b"cell 1.png", b"2026-"):
        assert word not in everything.replace(b'"made": "2026-', b"")
    status, _, _ = told(capsys, "import", target, "--data-folder", other)
    assert status == 0
    assert told(capsys, "check", "--data-folder", other)[0] == 0
    workspace = open_workspace(other)
    try:
        case = workspace.library.case(1)
        assert case.name.startswith("Case ")
        assert not any(cell.reviewed_by for cell in case.cells)
        cell = workspace.library.cell(case.cells[0].id)
        assert {edit.who for edit in cell.edits} <= {"Person 1", "KaryoGUI"}
        assert cell.chromosomes
    finally:
        workspace.close()


@pytest.mark.parametrize(
    ("verb", "room"),
    [("backup", 1_000), ("backup", 20_000), ("backup", 150_000), ("export-case", 150_000)],
)
def test_a_disk_that_takes_no_more_is_told_and_nothing_is_left(
    folder: Path, tmp_path: Path, capsys: Capture, verb: str, room: int
) -> None:
    """As on a full disk: no file may grow beyond some bytes."""
    resource = pytest.importorskip("resource")
    place = tmp_path / "disk"
    place.mkdir()
    open_workspace(folder).close()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    what = ("Miller",) if verb == "export-case" else ()
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        status, _, err = told(capsys, verb, *what, "--data-folder", folder, "--to", place / "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 2
    assert err.count("\n") == 1
    assert "full" in err
    assert list(place.iterdir()) == []
