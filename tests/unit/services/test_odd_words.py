"""Texts of any length, and such as no file can hold, in every place that keeps what is typed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from karyogui.cli import main
from karyogui.domain.case_review import Role
from karyogui.domain.cell import PictureKind
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.errors import KaryoError
from karyogui.services.case_work import set_iscn
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage import trail
from karyogui.storage.checking import check_folder
from tests.unit.records import move, write_photographs

LONG = "long words " * 10_000
HALF = "na\udcffme"
"""What Python makes of a byte that is no UTF-8, in an argument or the name of a file."""


def _import(workspace: Workspace, folder: Path, name: str) -> object:
    return workspace.importer.import_paths(
        [write_photographs(folder / "new", 1, first=40)],
        SilentMonitor(),
        kind=PictureKind.METAPHASE,
        case_name=name,
    )


def _import_case(workspace: Workspace, folder: Path, name: str) -> object:
    workspace.record.export_case(2, folder / "case")
    return workspace.record.import_case(folder / "case", name)


def _label(workspace: Workspace, _: Path, text: str) -> object:
    item = workspace.library.cell(2).chromosomes[0].id
    return workspace.reviews.label(2, None, LabelledChange("", text, (item,)), "A")


def _type(workspace: Workspace, _: Path, text: str) -> object:
    return set_iscn(workspace.case_work.view(1), text, "as seen")


def _reason_of_type(workspace: Workspace, _: Path, text: str) -> object:
    return set_iscn(workspace.case_work.view(1), "46,XX", text)


ACTS: tuple[Callable[[Workspace, Path, str], object], ...] = (
    _import,
    _import_case,
    _label,
    _type,
    _reason_of_type,
    lambda workspace, _, text: workspace.library.rename(2, text),
    lambda workspace, _, text: workspace.library.exclude([2], text, "Ann"),
    lambda workspace, _, text: workspace.record.erase(2, text),
    lambda workspace, _, text: workspace.reviews.sign_off(2, text),
    lambda workspace, _, text: workspace.case_reports.withdraw(1, Role.CHECKED, "Ann Lee", text),
    lambda workspace, _, text: workspace.case_reports.amend(1, "Ann Lee", text),
    lambda workspace, _, text: workspace.case_reports.accept(1, "Ann Lee", text),
)


@pytest.mark.parametrize("number", range(len(ACTS)))
def test_what_is_too_long_is_refused_and_nothing_is_stored(
    filled_folder: Path, tmp_path: Path, number: int
) -> None:
    workspace = open_workspace(filled_folder)
    try:
        before = workspace.record.trail(2)
        with pytest.raises(KaryoError, match=r"letters, at most [\d,]+ can be kept"):
            ACTS[number](workspace, tmp_path, LONG)
        assert workspace.record.trail(2) == before
    finally:
        workspace.close()


@pytest.mark.parametrize("number", range(len(ACTS)))
def test_half_a_letter_is_replaced_or_refused(
    filled_folder: Path, tmp_path: Path, number: int
) -> None:
    workspace = open_workspace(filled_folder)
    try:
        try:
            ACTS[number](workspace, tmp_path, HALF)
        except KaryoError as error:
            assert str(error)  # noqa: PT017
    finally:
        workspace.close()
    assert check_folder(filled_folder).is_sound


def test_half_a_letter_as_the_name_of_the_person_at_the_computer(filled_folder: Path) -> None:
    workspace = open_workspace(filled_folder, who=lambda: HALF)
    try:
        workspace.library.rename(2, "another")
        move(workspace, 2, 0, "7")
    finally:
        workspace.close()
    assert check_folder(filled_folder).is_sound


@pytest.mark.parametrize(
    "verb",
    [
        ["erase", "--reason", "x", "--case"],
        ["export-case", "--to", "out.karyocase"],
        ["report", "--out", "out.pdf", "--case"],
        ["score-sheet", "--out", "out.csv", "--case"],
        ["case-report", "--out", "out.pdf", "--case"],
    ],
)
def test_a_name_that_no_file_can_hold_is_a_name_that_is_not_there(
    filled_folder: Path, verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, HALF, "--data-folder", str(filled_folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_sign_off_holds_when_the_clock_was_set_back_behind_it(
    filled_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New details are on record after it, whatever the clock says."""

    class Back:
        fromisoformat = datetime.fromisoformat

        @staticmethod
        def now(zone: object = None) -> datetime:
            return datetime.now(zone) - timedelta(days=2)  # type: ignore[arg-type]

    workspace = open_workspace(filled_folder)
    try:
        case = workspace.library.case(1)
        monkeypatch.setattr(trail, "datetime", Back)
        changed = case.details.__class__(**{**vars(case.details), "comment": "seen again"})
        workspace.library.set_details(1, changed, "Ann")
        assert workspace.record.altered(1) == ()
        assert workspace.library.cell(1).broken == ""
    finally:
        workspace.close()
    assert check_folder(filled_folder).is_sound
