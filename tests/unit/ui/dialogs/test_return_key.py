"""Return in every dialog: in a field it answers the dialog or does nothing, on a button it is that
button's, and no other button is ever pressed by it."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

import karyogui.ui
from karyogui.domain.case import Case, CaseDetails
from karyogui.domain.case_result import RulingKind
from karyogui.domain.case_result.protocol import PRESETS
from karyogui.domain.cell import Cell
from karyogui.domain.cultures import Culture
from karyogui.domain.notes import CellField
from karyogui.export import EXPORTERS
from karyogui.services.case_reports import HouseRules
from karyogui.services.case_work import CaseView
from karyogui.services.record import TrailEntry
from karyogui.services.report_templates import load_templates
from karyogui.services.workspace import Workspace
from karyogui.settings import Settings
from karyogui.ui import theme
from karyogui.ui.case.dialogs import (
    Choice,
    CultureDialog,
    KaryotypeDialog,
    NoteDialog,
    RulingDialog,
)
from karyogui.ui.case.protocol_dialogs import PresetsDialog, ProtocolDialog
from karyogui.ui.case_browser.exclusion import ReasonDialog
from karyogui.ui.case_browser.repeats import RepeatsDialog
from karyogui.ui.changes.dialog import ChangeDialog
from karyogui.ui.dialogs.about import AboutDialog, DiagnosticsDialog
from karyogui.ui.dialogs.command_palette import CommandPalette
from karyogui.ui.dialogs.parts import ProblemsDialog
from karyogui.ui.dialogs.settings_dialog import SettingsDialog
from karyogui.ui.dialogs.shortcuts import ShortcutsDialog
from karyogui.ui.main_window import MainWindow
from karyogui.ui.record.dialogs import EraseDialog, ExportCaseDialog
from karyogui.ui.record.trail_dialog import TrailDialog
from karyogui.ui.report.case_report_dialog import CaseReportDialog
from karyogui.ui.report.details_dialog import DetailsDialog
from karyogui.ui.report.export_dialog import ExportDialog
from karyogui.ui.report.sign_dialog import SignDialog
from karyogui.ui.review.iscn_dialog import IscnDialog
from karyogui.ui.review.second_reading_dialog import SecondReadingDialog
from karyogui.ui.training.compare_dialog import CompareDialog
from karyogui.ui.training.compare_run import CompareRun
from karyogui.ui.training.install_dialog import InstallDialog
from karyogui.ui.training.models_dialog import ModelsDialog
from karyogui.ui.training.train_dialog import TrainDialog
from karyogui.workers.training_process import TrainingProcess
from tests.unit.ui.training.models import put_model
from tests.unit.ui.windows import NORMAL, TRISOMY, store_case

Role = QDialogButtonBox.ButtonRole
ANSWERS = (Role.AcceptRole, Role.YesRole, Role.ApplyRole)
HAS_OWN_KEYS = (CommandPalette,)
"""Its list is gone through with Return, which is tested with it."""
CASE, ENTRY = "24-0173", datetime(2026, 3, 1, tzinfo=UTC)


class Place:
    """What a dialog is opened over; made when it is asked for."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self.folder = request, folder

    @property
    def window(self) -> MainWindow:
        return self._request.getfixturevalue("window")  # type: ignore[no-any-return]

    @property
    def workspace(self) -> Workspace:
        return self._request.getfixturevalue("workspace")  # type: ignore[no-any-return]

    @property
    def case(self) -> Case[Cell]:
        library = self.workspace.library
        return library.case(library.summaries()[0].id)

    @property
    def view(self) -> CaseView:
        return self.workspace.case_work.view(self.case.id)


Make = Callable[[Place], QDialog]


def fill(workspace: Workspace, folder: Path) -> None:
    store_case(workspace, folder / CASE, {"cell 1": NORMAL, "cell 2": TRISOMY})


def _report(place: Place) -> QDialog:
    templates = load_templates()
    return CaseReportDialog(
        None, place.workspace, place.case.id, templates, templates.named("en"), lambda: "Ann",
        HouseRules(),
    )  # fmt: skip


def _reading(place: Place) -> QDialog:
    return SecondReadingDialog(None, place.workspace, place.case.cells, None, theme.current())


def _begun(place: Place) -> QDialog:
    dialog = _reading(place)
    assert isinstance(dialog, SecondReadingDialog)
    dialog.name.setText("Ben Ito")
    dialog.begin.click()
    return dialog


def _compare_run() -> CompareRun:
    return CompareRun(lambda *_: pytest.fail("compared"), lambda *_: pytest.fail("compared"))


def _train(place: Place) -> QDialog:
    process = TrainingProcess(None, ("false",))
    dialog = TrainDialog(None, place.folder / "training", process)
    dialog._test_process = process  # type: ignore[attr-defined]
    return dialog


def _models(place: Place) -> QDialog:
    dialog = ModelsDialog(None)
    dialog.set_models([put_model(place.folder, "old"), put_model(place.folder, "new")], ())
    return dialog


def _trail(_place: Place) -> QDialog:
    entry = TrailEntry(1, ENTRY, "Ann", "moved", "cell 1", before="1", after="2")
    return TrailDialog(None, CASE, [entry])


DIALOGS: Mapping[str, Make] = {
    "AboutDialog": lambda at: AboutDialog(None),
    "CaseReportDialog": _report,
    "ChangeDialog": lambda at: ChangeDialog(None, "A 9", ("9",), "del(9)(q22q23)", (),
                                              lambda _: "", can_remove=True),
    "CommandPalette": lambda at: CommandPalette(at.window, at.window.actions_),
    "CompareDialog": lambda at: CompareDialog(None, _compare_run(), "cpu"),
    "CultureDialog": lambda at: CultureDialog(None, [Culture("A")], lambda _: None),
    "DetailsDialog": lambda at: DetailsDialog(None, CASE, CaseDetails()),
    "DiagnosticsDialog": lambda at: DiagnosticsDialog(None, "Python: 3"),
    "EraseDialog": lambda at: EraseDialog(None, CASE, 2),
    "ExportCaseDialog": lambda at: ExportCaseDialog(None, CASE),
    "ExportDialog": lambda at: ExportDialog(None, CASE, at.case.cells, [1],
                                              EXPORTERS[0]),
    "InstallDialog": lambda at: InstallDialog(None, put_model(at.folder, "new"), _compare_run()),
    "IscnDialog": lambda at: IscnDialog(None, "46,XX,dle(5)", {}, lambda _: None),
    "KaryotypeDialog": lambda at: KaryotypeDialog(None, at.view),
    "ModelsDialog": _models,
    "NoteDialog": lambda at: NoteDialog(None, "cell 1", {CellField.CULTURE: ["A"]}),
    "PresetsDialog": lambda at: PresetsDialog(None, PRESETS),
    "ProblemsDialog": lambda at: ProblemsDialog(None, "Import", "Left out.", ["a", "b"]),
    "ProtocolDialog": lambda at: ProtocolDialog(None, at.view,
                                                  PRESETS),
    "ReasonDialog": lambda at: ReasonDialog(None, "Exclude cell 1?"),
    "RepeatsDialog": lambda at: RepeatsDialog(None, ()),
    "RulingDialog": lambda at: RulingDialog(None, "By the rules.",
                                              [Choice(RulingKind.REPORT, "It is a clone")]),
    "SecondReadingDialog": _reading,
    "SecondReadingDialog, begun": _begun,
    "SettingsDialog": lambda at: SettingsDialog(None, Settings()),
    "ShortcutsDialog": lambda at: ShortcutsDialog(at.window, at.window.actions_),
    "SignDialog": lambda at: SignDialog(None, "Sign", "Ann Nowak", lambda *_: None, ("yes",)),
    "TrailDialog": _trail,
    "TrainDialog": _train,
}  # fmt: skip


def all_dialogs() -> set[str]:
    """The name of every dialog of the program."""
    for module in pkgutil.walk_packages(karyogui.ui.__path__, "karyogui.ui."):
        importlib.import_module(module.name)
    found, new = set[str](), [QDialog]
    while new:
        kinds = new.pop().__subclasses__()
        new += kinds
        found |= {kind.__name__ for kind in kinds if kind.__module__.startswith("karyogui.")}
    return found


def test_no_dialog_is_left_out() -> None:
    assert {name.partition(",")[0] for name in DIALOGS} == all_dialogs()


def shown(dialog: QDialog, kind: type) -> list[QWidget]:
    """What of a kind can have the keys, on all pages that tabs lead to."""
    return [w for w in dialog.findChildren(kind) if w.isVisible() and w.isEnabled()]


def is_answer(button: QPushButton) -> bool:
    box = button.parentWidget()
    if isinstance(box, QDialogButtonBox):
        return box.buttonRole(button) in ANSWERS
    return button.property("role") == "primary" and button.isDefault()


@pytest.mark.parametrize("name", DIALOGS)
def test_return_presses_nothing_but_the_answer_or_the_button_that_has_the_keys(
    qtbot: QtBot, look: None, request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    dialog = DIALOGS[name](Place(request, tmp_path))
    qtbot.addWidget(dialog)
    if isinstance(dialog, HAS_OWN_KEYS):
        return
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    pressed: list[QPushButton] = []
    for button in dialog.findChildren(QPushButton):
        if button.receivers("2clicked()") or button.receivers("2clicked(bool)"):
            button.clicked.disconnect()  # only whether it is pressed
        button.clicked.connect(lambda _=False, b=button: pressed.append(b))
    tabs = dialog.findChildren(QTabWidget)
    for page in range(max([1, *(each.count() for each in tabs)])):
        for each in tabs:
            each.setCurrentIndex(page)
        fields = [
            w
            for kind in (QLineEdit, QComboBox, QAbstractSpinBox, QCheckBox)
            for w in shown(dialog, kind)
        ]
        for field in fields:
            pressed.clear()
            field.setFocus()
            qtbot.keyClick(field, Qt.Key.Key_Return)
            told = f"{field.accessibleName()} {[b.text() for b in pressed]}"
            assert len(pressed) <= 1, told
            assert all(is_answer(button) for button in pressed), told
        for button in shown(dialog, QPushButton):
            assert isinstance(button, QPushButton)
            if button.focusPolicy() is Qt.FocusPolicy.NoFocus or button.menu() is not None:
                continue
            pressed.clear()
            button.setFocus()
            qtbot.keyClick(button, Qt.Key.Key_Return)
            assert pressed == [button], f"{button.text()}: {[b.text() for b in pressed]}"
    QApplication.processEvents()
    dialog.hide()
