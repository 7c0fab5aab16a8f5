"""The files of one analysed cell, as `analyse` writes them: JSON, PDF and picture."""

from __future__ import annotations

from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.export import EXPORTERS
from karyogui.export.case_json import CellJson
from karyogui.services.batch import BatchCell
from karyogui.services.reporting import ReportWriter, export

SUFFIXES = (".json", ".pdf", ".png")


def write_cell(
    analysed: BatchCell, folder: Path, name: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write `<name>.json`, `.pdf` and `.png`; problems and remarks are named in the JSON.

    Returns the names of the files that were written, and a sentence for each that could not be: it
    does not keep the others.
    """
    writers: dict[str, ReportWriter] = {e.suffix: e for e in EXPORTERS if e.suffix in SUFFIXES}
    writers[".json"] = CellJson(analysed.problems, analysed.remarks)
    written: list[str] = []
    failures: list[str] = []
    for suffix in SUFFIXES:
        try:
            export(analysed.data, writers[suffix], folder / f"{name}{suffix}")
        except KaryoError as error:
            failures.append(str(error))
        else:
            written.append(f"{name}{suffix}")
    return tuple(written), tuple(failures)
