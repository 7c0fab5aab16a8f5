"""What the first window does not need is imported when it is needed, not before it is shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LATER = (
    # Pictures, numbers, files: what imports, repairs, exports and trains.
    *("cv2", "PIL", "scipy", "tifffile", "imagecodecs", "torch", "openvino", "safetensors"),
    *("reportlab", "pikepdf", "pypdfium2", "openpyxl", "fhir", "pydicom", "uharfbuzz", "bidi"),
    *("alembic", "psutil", "pyqtgraph", "matplotlib", "PySide6.QtPrintSupport"),
    # Our own: the engine that reads karyotypes, and the services and dialogs of single acts.
    *("karyogui.domain.iscn.checker", "karyogui.domain.iscn.items", "karyogui.domain.case_report"),
    *("karyogui.services.importing", "karyogui.services.pictures", "karyogui.services.record"),
    *("karyogui.services.reporting", "karyogui.services.case_reports", "karyogui.services.strips"),
    *("karyogui.services.proposals", "karyogui.services.repair_geometry"),
    *("karyogui.services.model_comparison", "model.vocabulary.training_request"),
    *("karyogui.ui.report.case_report_dialog", "karyogui.ui.record.trail_dialog"),
    *("karyogui.ui.review.iscn_dialog", "karyogui.ui.review.second_reading_dialog"),
    *("karyogui.ui.case.dialogs", "karyogui.ui.changes.dialog", "karyogui.ui.dialogs.shortcuts"),
    *("karyogui.ui.training.compare_dialog", "karyogui.ui.training.models_dialog"),
)
PROGRAM = """
import sys
from pathlib import Path
from karyogui.cli import load_window
run = load_window()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

def leave():
    assert any(w.isVisible() for w in QApplication.topLevelWidgets())
    print(*sorted(sys.modules))
    sys.exit()

QTimer.singleShot(0, lambda: QTimer.singleShot(0, leave))
run(Path(sys.argv[1]), False)
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a process has imported whose empty window is shown and waits for its user."""
    folder = tmp_path_factory.mktemp("start")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "data")],
        cwd=Path(__file__).parents[3],
        env={"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(done.stdout.split())


def test_the_first_window_waits_for_nothing_that_it_does_not_need(imported: set[str]) -> None:
    assert {"karyogui.ui.main_window", "karyogui.storage.cells"} <= imported
    assert [name for name in LATER if name in imported] == []
    model = {name for name in imported if name.startswith("model.")}
    assert all(name.startswith("model.vocabulary") for name in model)


def test_what_is_needed_later_still_exists() -> None:
    """A name that was changed would make the test above true of nothing."""
    root = Path(__file__).parents[3]
    own = [name for name in LATER if name.startswith(("karyogui.", "model."))]
    assert [n for n in own if not (root / (n.replace(".", "/") + ".py")).is_file()] == []
