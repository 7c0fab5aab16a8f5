"""What every exporter promises, whatever its format."""

import errno
import subprocess
import sys
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import pytest

from karyogui.domain.recipe import Recipe
from karyogui.export import EXPORTERS, Exporter
from tests.unit.export.builders import cell, counts_of, metaphase_cell, report_data

CASES = {
    "one cell": report_data(cell(counts_of(c21=3), tray=1)),
    "two cells": report_data(cell(), cell(name="cell B"), is_demo=True),
    "a metaphase": report_data(metaphase_cell(Recipe(flatten=True))),
    "no chromosomes": report_data(cell({})),
    "no cells": report_data(),
    "a name that is no Unicode": report_data(cell(name="a\udcff\x00"), case_name="\udcff中"),
}


class OneWay(RawIOBase):
    """A pipe: can be written, not sought."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(bytes(data))


class FullDisk(RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(params=EXPORTERS, ids=lambda exporter: exporter.id)
def exporter(request: pytest.FixtureRequest) -> Exporter:
    exporter: Exporter = request.param
    return exporter


def test_ids_labels_and_suffixes_serve_menus_and_files() -> None:
    assert len({exporter.id for exporter in EXPORTERS}) == len(EXPORTERS)
    assert len({exporter.label for exporter in EXPORTERS}) == len(EXPORTERS)
    for exporter in EXPORTERS:
        assert exporter.id == exporter.id.lower()
        assert " " not in exporter.id
        assert exporter.label
        assert exporter.suffix.startswith(".")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_case_can_be_written(exporter: Exporter, case: str) -> None:
    target = BytesIO()
    exporter.write(CASES[case], target)
    assert target.getvalue()
    assert not target.closed


def test_the_target_need_not_be_seekable_and_stays_open(exporter: Exporter) -> None:
    target = OneWay()
    exporter.write(CASES["one cell"], target)
    assert target.data
    assert not target.closed


def test_it_writes_from_where_the_stream_stands(exporter: Exporter) -> None:
    target = BytesIO(b"head")
    target.seek(4)
    exporter.write(CASES["no chromosomes"], target)
    assert target.getvalue().startswith(b"head")
    assert len(target.getvalue()) > 4


def test_a_full_disk_is_an_os_error(exporter: Exporter) -> None:
    with pytest.raises(OSError, match="No space left"):
        exporter.write(CASES["one cell"], FullDisk())


def test_no_exporter_brings_in_qt_torch_or_a_database() -> None:
    code = (
        "import sys; from karyogui.export import EXPORTERS\n"
        "others = {n for n in sys.modules if n.startswith('model.')}\n"
        "shared = {n for n in others if n.startswith('model.vocabulary')}\n"
        "heavy = {'PySide6', 'torch', 'sqlalchemy'} & sys.modules.keys()\n"
        "print(sorted(heavy | others - shared))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
