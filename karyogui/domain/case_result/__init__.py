"""The result of a case: cells and their status, protocols, clones, lines and what they exclude."""

from typing import TYPE_CHECKING

from karyogui.domain.on_demand import on_demand

if TYPE_CHECKING:
    from karyogui.domain.case_result.cells import CaseCell as CaseCell
    from karyogui.domain.case_result.cells import CellStatus as CellStatus
    from karyogui.domain.case_result.cells import Ruling as Ruling
    from karyogui.domain.case_result.cells import RulingKind as RulingKind
    from karyogui.domain.case_result.changes import Constitution as Constitution
    from karyogui.domain.case_result.lines import CellLine as CellLine
    from karyogui.domain.case_result.needs import Need as Need
    from karyogui.domain.case_result.needs import ProtocolProgress as ProtocolProgress
    from karyogui.domain.case_result.needs import progress as progress
    from karyogui.domain.case_result.protocol import PRESETS as PRESETS
    from karyogui.domain.case_result.protocol import Protocol as Protocol
    from karyogui.domain.case_result.protocol import Unit as Unit
    from karyogui.domain.case_result.result import CaseResult as CaseResult
    from karyogui.domain.case_result.result import conclude as conclude
else:
    __getattr__ = on_demand(
        __name__,
        {
            "cells": ("CaseCell", "CellStatus", "Ruling", "RulingKind"),
            "changes": ("Constitution",),
            "lines": ("CellLine",),
            "needs": ("Need", "ProtocolProgress", "progress"),
            "protocol": ("PRESETS", "Protocol", "Unit"),
            "result": ("CaseResult", "conclude"),
        },
    )
