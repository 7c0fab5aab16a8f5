"""`--own-cells DATA_FOLDER` of the trainings: what persons have checked becomes an archive."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from karyogui.cli_parts import ConsoleMonitor, complain, opened
from karyogui.errors import KaryoError
from karyogui.paths import WEIGHTS
from model.vocabulary.archive import OWN_CELLS, OWN_PICTURES
from model.vocabulary.training import OWN_EPOCHS, OWN_LEARNING_RATE, SEPARATION_STEPS

OWN_SHARE = 0.5
"""Share of examples from own photographs where archives with boxes are given beside them."""


def train(arguments: list[str]) -> list[str]:
    """Replace `--own-cells DATA_FOLDER` by `--data ARCHIVE`, written into the run's folder."""
    asked = _asked("train", "--data", arguments)
    if asked is None:
        return arguments
    given, others = asked
    archive = given.out / OWN_CELLS
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise KaryoError(
            "Several processes cannot collect own cells together.",
            f"Start it once without torchrun, then give --data {archive}.",
        )
    if not (given.resume and archive.exists()):
        _collect_cells(given.own_cells, archive)
    return ["--data", str(archive), *others]


def train_separation(arguments: list[str]) -> list[str]:
    """Replace `--own-cells DATA_FOLDER` by `--outlines ARCHIVE`, written into the run's folder.

    Without other words the training goes on from the bundled separation, short and slow, and keeps
    the best fold apart.
    """
    asked = _asked("train-separation", "--outlines", arguments)
    if asked is None:
        return arguments
    given, others = asked
    archive = given.out / OWN_PICTURES
    if given.resume and archive.exists():
        fold = _kept_apart(archive)
    else:
        fold = _collect_pictures(given.own_cells, archive, given.hold_out)
    told = ["--outlines", str(archive), *others]
    if given.hold_out is None:
        told += ["--hold-out", str(fold)]
    usual: dict[str, object] = {
        "--start-from": WEIGHTS / "separation.safetensors",
        "--steps": OWN_EPOCHS * SEPARATION_STEPS,
        "--learning-rate": OWN_LEARNING_RATE,
    }
    if _names(others, "--data"):
        usual["--outlined-share"] = OWN_SHARE
    for option, value in usual.items():
        if not _names(others, option):
            told += [option, str(value)]
    return told


COLLECTED: Mapping[str, Callable[[list[str]], list[str]]] = {
    "train": train,
    "train-separation": train_separation,
}
"""By verb: what makes arguments without `--own-cells` of those with it."""


def _asked(
    verb: str, archive: str, arguments: list[str]
) -> tuple[argparse.Namespace, list[str]] | None:
    """What matters of the arguments, and all without `--own-cells`; None where that is missing."""
    parser = argparse.ArgumentParser(f"main.py {verb}", add_help=False, allow_abbrev=False)
    parser.add_argument("--own-cells", type=Path)
    given, others = parser.parse_known_args(arguments)
    if given.own_cells is None:
        return None
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--hold-out", type=int)
    parser.add_argument("--resume", action="store_true")
    given, _ = parser.parse_known_args(arguments)
    if _names(others, archive):
        raise KaryoError(f"{archive} and --own-cells cannot be given together.")
    return given, others


def _kept_apart(archive: Path) -> int:
    """The fold that was kept apart when the archive was written."""
    from karyogui.services.checked_pictures import summary_of_archive

    return summary_of_archive(archive).best_fold


def _names(arguments: Sequence[str], option: str) -> bool:
    return any(a == option or a.startswith(f"{option}=") for a in arguments)


def _collect_cells(data_folder: Path, archive: Path) -> None:
    from karyogui.services.training_set import write_training_set

    with opened(data_folder) as workspace:
        found = write_training_set(workspace.library, archive, ConsoleMonitor())
    complain(f"{found.chromosomes} reviewed chromosomes of {found.cells} cells, {archive.name}")


def _collect_pictures(data_folder: Path, archive: Path, fold: int | None) -> int:
    """Write the archive; gives the fold to keep apart."""
    from karyogui.services.checked_pictures import write_checked_pictures

    with opened(data_folder) as workspace:
        found = write_checked_pictures(workspace, archive, ConsoleMonitor(), fold)
    chosen = found.best_fold if fold is None else fold
    complain(f"{found.words(chosen)} Fold {chosen} is kept apart, {archive.name}")
    return chosen
