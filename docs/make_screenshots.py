"""Make every picture of the README anew, into docs/images, from generated cells alone.

    xvfb-run -a python -m docs.make_screenshots            # all of them, in some minutes
    xvfb-run -a python -m docs.make_screenshots karyogram metaphase cases

On a desktop the windows are shown for a moment and `xvfb-run -a` can be left out.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QSize, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from karyogui import paths
from karyogui.app import make_analyser, make_application
from karyogui.domain.case import CaseDetails
from karyogui.domain.notes import CellField, CultureTimes
from karyogui.services.case_reports import HouseRules
from karyogui.services.case_work import set_cultures, set_field
from karyogui.services.progress import SilentMonitor
from karyogui.services.report_templates import load_templates
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.ui import theme
from karyogui.ui.centre import CASE_PAGE
from karyogui.ui.main_window import MainWindow
from karyogui.ui.report.case_report_dialog import CaseReportDialog
from karyogui.ui.training.models_dialog import ModelsDialog
from karyogui.ui.window_state import WindowState
from model.data.synthetic import karyotype_counts, render_cell
from model.vocabulary.assets import ROOT

IMAGES = Path(__file__).resolve().parent / "images"
WINDOW, MODELS = QSize(1440, 900), QSize(1120, 640)
TRISOMY = "47-XX-plus21"
SETTLE_MS = 1500
"""What is read in the background must be there before a picture is taken."""


def main() -> None:
    """Make the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="PICTURE", help=", ".join(PICTURES))
    names = parser.parse_args().names or PICTURES
    if unknown := set(names) - set(PICTURES):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as scratch:
        if "evaluated" in names:
            evaluate(Path(scratch))
        if set(names) - {"evaluated"}:
            photograph(Path(scratch), [name for name in names if name != "evaluated"])


def photograph(scratch: Path, names: list[str]) -> None:
    """Open the window over the analysed demonstration and take the pictures."""
    if "models" in names:
        train(scratch)
    application = make_application()
    theme.apply(application, theme.LIGHT)
    settings = SettingsStore(scratch / "settings.toml")
    own = scratch / "data" / "models" / "generated.safetensors"
    settings.change(replace(settings.values, theme="light", who="A. Reviewer"))
    with closing(open_workspace(scratch / "data")) as workspace:
        analyse_demo(workspace)
        if own.exists():
            settings.change(replace(settings.values, weights=str(own)))
        state = WindowState(scratch / "window.ini")
        window = MainWindow(workspace, settings, state, lambda w, d: make_analyser(w, d, "map"))
        window.resize(WINDOW)
        window.show()
        window.docks.arrange()
        settle()
        for name in names:
            VIEWS[name](window)
            print(IMAGES / f"{name}.png")
        window.close()


def analyse_demo(workspace: Workspace) -> None:
    network = make_analyser(paths.WEIGHTS / "compact.safetensors", "cpu", "map")
    for source in paths.demo_sources():
        for cell in workspace.importer.import_paths([source], SilentMonitor()).cell_ids:
            workspace.analysis.analyse(cell, network, SilentMonitor())


def settle() -> None:
    """Let the window work until everything is there."""
    loop = QEventLoop()
    QTimer.singleShot(SETTLE_MS, loop.quit)
    loop.exec()


def open_cell(window: MainWindow, name: str) -> None:
    cells = [cell for case in window.cases.summaries for cell in case.cells]
    window.open_cell.open(next(cell.id for cell in cells if cell.name == name))


def take(widget: QWidget, name: str) -> None:
    settle()
    widget.grab().save(str(IMAGES / f"{name}.png"))


# -- the pictures --------------------------------------------------------------------------------


def karyogram(window: MainWindow) -> None:
    """The cell with a third chromosome 21."""
    open_cell(window, f"demo-{TRISOMY}")
    window.show_karyogram()
    take(window, "karyogram")


def metaphase(window: MainWindow) -> None:
    """Its photograph, one chromosome selected."""
    open_cell(window, f"metaphase-{TRISOMY}")
    window.show_metaphase()
    settle()
    window.board.select(window.board.karyogram.in_slot("10")[:1] if window.board.karyogram else ())
    take(window, "metaphase")


def cases(window: MainWindow) -> None:
    """The case browser, with the room of the right side."""
    window.cases.panel.table.expandAll()
    window.cases.panel.folder.setText("Data folder: ~/karyogui")
    window.show_cases()
    window.docks.toggle_right()
    take(window, "cases")
    window.docks.toggle_right()


def models(window: MainWindow) -> None:
    """The models after a training on generated cells."""
    window.models.choose()
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ModelsDialog))
    dialog.resize(MODELS)
    take(dialog, "models")
    dialog.close()


def report(window: MainWindow) -> None:
    """The report of its case, stated and not yet signed."""
    open_cell(window, f"demo-{TRISOMY}")
    workspace, cell = window._workspace, window.open_cell.cell
    if cell is None:
        return
    for chromosome in cell.chromosomes:  # as a person would have looked at each
        window.board.select([chromosome.id])
        window.board.confirm_selection()
    window.review.sign_off()
    details = CaseDetails(
        patient_name="Erika Example", patient_identifier="P-4711", date_of_birth="2026-02-20",
        sex_as_given="female", specimen="Peripheral blood", sampled="2026-03-01",
        received="2026-03-02", reported="2026-03-10", reason="Muscular hypotonia",
        requester="Dr. A. Becker", laboratory="Institute of Human Genetics", culture="2",
        band_level="400", report_number="R-2026-0173", method="Lymphocyte culture, 72 h",
        result_words="Female karyotype with trisomy 21 (Down syndrome) in one cell.",
        interpretation="The result agrees with Down syndrome; more cells are to be examined.",
    )  # fmt: skip
    workspace.library.set_details(cell.case_id, details, "A. Reviewer")
    templates = load_templates()
    dialog = CaseReportDialog(
        None, workspace, cell.case_id, templates, templates.named("en"), lambda: "A. Reviewer",
        HouseRules(),
    )  # fmt: skip
    dialog.show()
    settle()
    take(dialog, "report")
    dialog.close()


def case(window: MainWindow) -> None:
    """The page of the mosaic: its cells with their status, its lines with their shares."""
    open_cell(window, "cell-01")
    workspace, cell = window._workspace, window.open_cell.cell
    if cell is None:
        return
    work = workspace.case_work
    ids = [each.id for each in workspace.library.case(cell.case_id).cells]
    notes = [
        (ids, CellField.STATUS, "analysed"), (ids[:2] + ids[6:7], CellField.STATUS, "karyotyped"),
        (ids[:10], CellField.CULTURE, "A"), (ids[10:], CellField.CULTURE, "B"),
    ]  # fmt: skip
    for chosen, field, text in notes:
        stored = workspace.library.case(cell.case_id)
        work.record(set_field(stored, chosen, field, text), "A. Reviewer")
    dates = CultureTimes("2026-03-02", "2026-03-05")
    stored = workspace.library.case(cell.case_id)
    work.record(set_cultures(stored, {"A": dates, "B": dates}), "A. Reviewer")
    window.centre.show_page(CASE_PAGE)
    window.docks.toggle_right()
    settle()
    window.case_work.panel.result.expandAll()
    take(window, "case")
    window.docks.toggle_right()


VIEWS: dict[str, Callable[[MainWindow], None]] = {
    "karyogram": karyogram, "metaphase": metaphase, "cases": cases, "case": case,
    "report": report, "models": models,
}  # fmt: skip
PICTURES = (*VIEWS, "evaluated")


# -- what needs the model ------------------------------------------------------------------------


def train(scratch: Path) -> None:
    """A short training on three generated cells, installed as a person would have."""
    archive, out = scratch / "generated.zip", scratch / "run"
    with zipfile.ZipFile(archive, "w") as target:
        for number, karyotype in enumerate(("46,XX", "46,XY", "46,XX")):
            counts: dict[str, int] = {}
            for chromosome in render_cell(
                karyotype_counts(karyotype), np.random.default_rng(number)
            ):
                packed, kind = io.BytesIO(), chromosome.kind
                counts[kind] = counts.get(kind, 0) + 1
                Image.fromarray(chromosome.image).save(packed, "PNG")
                name = f"case-{number}/cell-1/{kind}-{counts[kind]}.png"
                target.writestr(name, packed.getvalue())
    run(
        "train",
        "--data",
        archive,
        "--out",
        out,
        "--hold-out",
        "1",
        "--epochs",
        "10",
        "--name",
        "generated",
    )
    folder = paths.models_folder(scratch / "data")
    folder.mkdir(parents=True)
    for ending in (".safetensors", ".json"):
        shutil.copyfile(next(out.glob(f"generated*{ending}")), folder / f"generated{ending}")


def evaluate(scratch: Path) -> None:
    """What the separation finds in six generated metaphases, and every fault by its name."""
    subprocess.run(
        [sys.executable, "-m", "model.data.generated_archive", "--out", scratch / "metaphases"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    out = scratch / "evaluated"
    run("evaluate-metaphases", "--data", scratch / "metaphases", "--all", "--out", out)
    shutil.copyfile(out / "pictures.webp", IMAGES / "metaphases-evaluated.webp")
    print(IMAGES / "metaphases-evaluated.webp")


def run(*arguments: str | os.PathLike[str]) -> None:
    subprocess.run([*paths.PROGRAM, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
