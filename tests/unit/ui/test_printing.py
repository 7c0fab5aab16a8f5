"""Printing what is in front: to a file, through the printer that a person chose."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPageSize
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from karyogui.errors import KaryoError
from karyogui.export.pdf_pictures import page_count
from karyogui.export.pdf_report import cell_page_pdf, report_pdf
from karyogui.services.progress import Cancelled, Progress, SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.printing import pages_of
from tests.unit.ui.printer import Person, alike, pixels_of
from tests.unit.ui.windows import (
    NORMAL,
    TRISOMY,
    answering,
    make_cell,
    press,
    store_case,
)

Control = Qt.KeyboardModifier.ControlModifier


def fill(workspace: Workspace, folder: Path) -> None:
    store_case(workspace, folder / "24-0173", {"cell 1": TRISOMY, "cell 2": NORMAL})
    make_cell(folder / "24-0174")
    workspace.importer.import_paths([folder / "24-0174"], SilentMonitor())


def told(window: MainWindow) -> str:
    return window.centre.notices.text if window.centre.notices.isVisible() else ""


def open_cell(qtbot: QtBot, window: MainWindow, case: str, name: str) -> None:
    summary = next(each for each in window.cases.summaries if each.name == case)
    window.open_cell_page(next(cell.id for cell in summary.cells if cell.name == name))
    qtbot.waitUntil(lambda: window.open_cell.is_open)


def press_print(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_P, Control)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def test_the_karyogram_in_front_is_printed(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, person: Person
) -> None:
    open_cell(qtbot, window, "24-0173", "cell 2")
    press_print(qtbot, window)
    assert person.titles == ["Print the karyogram of this cell"]
    assert told(window) == f"Printed to {person.file}"
    case_id, cell_id = window.open_cell.cell.case_id, window.open_cell.cell.id
    printed = person.file.read_bytes()
    assert alike(printed, cell_page_pdf(workspace.reports.report_data(case_id, [cell_id])))
    other = next(c.id for c in workspace.library.case(case_id).cells if c.id != cell_id)
    assert not alike(printed, cell_page_pdf(workspace.reports.report_data(case_id, [other])))


def test_in_the_list_the_report_of_what_is_selected_is_printed(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, person: Person
) -> None:
    (case_id,) = (each.id for each in window.cases.summaries if each.name == "24-0173")
    window.cases.panel.select([case_id])
    press_print(qtbot, window)
    assert person.titles == ["Print the report of 2 cells"]
    whole = report_pdf(workspace.reports.report_data(case_id))
    assert alike(person.file.read_bytes(), whole)
    person.pages = (2, 2)
    press_print(qtbot, window)
    assert page_count(whole) > page_count(person.file.read_bytes()) == 1
    assert alike(person.file.read_bytes(), whole, first=2)


def test_a_cell_that_is_not_analysed_has_nothing_to_print(
    qtbot: QtBot, window: MainWindow, person: Person
) -> None:
    (case_id,) = (each.id for each in window.cases.summaries if each.name == "24-0174")
    window.cases.panel.select([case_id])
    with answering(qtbot, lambda box: box.reject()) as seen:
        press_print(qtbot, window)
    assert seen == ["There is no karyogram to print."]
    window._open_case(case_id)
    qtbot.waitUntil(lambda: window.open_cell.is_open)
    assert not window.actions_["file.print"].isEnabled()
    assert window.actions_["file.print"].toolTip() == "Print: needs an analysed cell"
    press_print(qtbot, window)
    assert person.titles == []


def test_giving_up_prints_nothing(qtbot: QtBot, window: MainWindow, person: Person) -> None:
    person.gives_up = True
    open_cell(qtbot, window, "24-0173", "cell 1")
    press_print(qtbot, window)
    assert len(person.titles) == 1
    assert not person.file.exists()
    assert told(window) == ""


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)  # Qt's own words for it
def test_a_printer_that_takes_nothing_is_told(
    qtbot: QtBot, window: MainWindow, person: Person, tmp_path: Path
) -> None:
    person.file = tmp_path / "no such folder" / "printed.pdf"
    open_cell(qtbot, window, "24-0173", "cell 1")
    with answering(qtbot, lambda box: box.reject()) as seen:
        press_print(qtbot, window)
    assert seen == [f"The file {person.file} does not take the pages."]
    assert told(window) == ""


def test_without_a_printer_a_pdf_is_advised_where_the_system_prints_no_file(
    qtbot: QtBot, window: MainWindow, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", list)
    open_cell(qtbot, window, "24-0173", "cell 1")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", "win32")
        with answering(qtbot, lambda box: box.reject()) as seen:
            press_print(qtbot, window)
    assert seen == ["There is no printer on this computer."]
    assert person.titles == []
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press_print(qtbot, window)  # here the dialog itself offers a file
    assert person.file.exists()


def test_letters_that_cannot_be_printed_are_told_first(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, person: Person
) -> None:
    open_cell(qtbot, window, "24-0173", "cell 1")
    workspace.library.rename(window.open_cell.cell.case_id, "\u16a0 case")
    with answering(qtbot, partial(press, qtbot, text="Cancel")) as seen:
        press_print(qtbot, window)
    assert seen == ["The report cannot print this letter rightly: \u16a0."]
    assert person.titles == []


# -- pages on paper --------------------------------------------------------------------------------


def to_file(file: Path, size: QPageSize.PageSizeId = QPageSize.PageSizeId.A4) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    printer.setPageSize(QPageSize(size))
    return printer


def drawn(*sizes: tuple[float, float]) -> bytes:
    """Pages (width, height in points), each black within a tenth of its sides."""
    buffer = BytesIO()
    canvas = Canvas(buffer)
    for width, height in sizes:
        canvas.setPageSize((width, height))
        canvas.rect(0.1 * width, 0.1 * height, 0.8 * width, 0.8 * height, fill=1)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


A4 = (595.3, 841.9)


@pytest.mark.parametrize(
    ("size", "wide"),
    [(A4, False), (A4[::-1], True), ((300.0, 200.0), True), ((200.0, 300.0), False)],
)
@pytest.mark.parametrize("paper", [QPageSize.PageSizeId.A4, QPageSize.PageSizeId.Letter])
def test_a_page_fills_the_paper_the_right_way_up(
    look: None, tmp_path: Path, size: tuple[float, float], wide: bool,
    paper: QPageSize.PageSizeId,
) -> None:  # fmt: skip
    file = tmp_path / "printed.pdf"
    pages_of(lambda: drawn(size))(to_file(file, paper), SilentMonitor())
    (shown,) = pixels_of(file.read_bytes(), 400)
    height, width, _ = shown.shape
    assert (width > height) is wide
    rows, columns = (
        np.flatnonzero(line) for line in ((shown < 99).any((1, 2)), (shown < 99).any((0, 2)))
    )
    black = (columns[-1] - columns[0] + 1) / 0.8, (rows[-1] - rows[0] + 1) / 0.8
    assert black[0] / black[1] == pytest.approx(size[0] / size[1], rel=0.02)
    assert max(black[0] / width, black[1] / height) == pytest.approx(1.0, abs=0.02)
    for first, last, whole in ((rows[0], rows[-1], height), (columns[0], columns[-1], width)):
        assert first == pytest.approx(whole - 1 - last, abs=2)  # in the middle


def test_pages_of_both_orientations_and_copies(look: None, tmp_path: Path) -> None:
    file = tmp_path / "printed.pdf"
    printer = to_file(file)
    printer.setCopyCount(2)
    pages_of(lambda: drawn(A4, A4[::-1]))(printer, SilentMonitor())
    wide = [shown.shape[1] > shown.shape[0] for shown in pixels_of(file.read_bytes())]
    assert wide == [False, True] * 2
    printer = to_file(file)
    printer.setPageOrder(QPrinter.PageOrder.LastPageFirst)
    pages_of(lambda: drawn(A4, A4[::-1]))(printer, SilentMonitor())
    wide = [shown.shape[1] > shown.shape[0] for shown in pixels_of(file.read_bytes())]
    assert wide == [True, False]


def test_parts_of_a_page_stand_where_they_stood_and_an_empty_page_stays(
    look: None, tmp_path: Path
) -> None:
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for y in range(40, 800, 25):  # far apart, close together, and up to the edge of the paper
        canvas.rect(y / 2, y, 60, 3 if y % 2 else 24.6, fill=1)
    canvas.rect(0, 0, 50, 20, fill=1)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    file = tmp_path / "printed.pdf"
    pages_of(buffer.getvalue)(to_file(file), SilentMonitor())
    assert alike(file.read_bytes(), buffer.getvalue())
    assert page_count(file.read_bytes()) == 2


def test_what_is_no_pdf_and_pages_that_are_not_there_are_refused(
    look: None, tmp_path: Path
) -> None:
    file = tmp_path / "printed.pdf"
    with pytest.raises(KaryoError, match="this is no PDF"):
        pages_of(lambda: b"no pages")(to_file(file), SilentMonitor())
    printer = to_file(file)
    printer.setPrintRange(QPrinter.PrintRange.PageRange)
    printer.setFromTo(3, 4)
    with pytest.raises(KaryoError, match="no page 3 to print: the last one is 2"):
        pages_of(lambda: drawn(A4, A4))(printer, SilentMonitor())
    assert not file.exists()


def test_cancelling_stops_between_pages(look: None, tmp_path: Path) -> None:
    said: list[str] = []

    class Stopping(SilentMonitor):
        def report(self, progress: Progress) -> None:
            said.append(progress.message)
            if progress.done == 2:
                raise Cancelled

    with pytest.raises(Cancelled):
        pages_of(lambda: drawn(*[A4] * 5))(to_file(tmp_path / "printed.pdf"), Stopping())
    assert said == ["page 1 of 5", "page 2 of 5", "page 3 of 5"]


def test_threads_take_turns_at_pages() -> None:
    pdfs = [drawn(*[(100.0 + n, 200.0)] * 3) for n in range(8)]
    with ThreadPoolExecutor(8) as threads:
        shown = list(threads.map(lambda pdf: pixels_of(pdf, 60), pdfs))
    for pages, pdf in zip(shown, pdfs, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(pages, pixels_of(pdf, 60), strict=True))
