"""ISCN: the proposal for a cell, the checker of what a person types, and the writer of lines."""

from typing import TYPE_CHECKING

from karyogui.domain.on_demand import on_demand

if TYPE_CHECKING:
    from karyogui.domain.iscn.checker import Edition as Edition
    from karyogui.domain.iscn.checker import Verdict as Verdict
    from karyogui.domain.iscn.checker import check as check
    from karyogui.domain.iscn.checker import reading as reading
    from karyogui.domain.iscn.expected import ExpectedCounts as ExpectedCounts
    from karyogui.domain.iscn.expected import effect_on_counts as effect_on_counts
    from karyogui.domain.iscn.expected import expected_counts as expected_counts
    from karyogui.domain.iscn.expected import read_single as read_single
    from karyogui.domain.iscn.expected import replaced_letters as replaced_letters
    from karyogui.domain.iscn.findings import Problem as Problem
    from karyogui.domain.iscn.findings import Severity as Severity
    from karyogui.domain.iscn.items import UNKNOWN as UNKNOWN
    from karyogui.domain.iscn.items import Item as Item
    from karyogui.domain.iscn.items import read_item as read_item
    from karyogui.domain.iscn.items import written as written
    from karyogui.domain.iscn.order import Rank as Rank
    from karyogui.domain.iscn.order import rank as rank
    from karyogui.domain.iscn.proposal import IscnProposal as IscnProposal
    from karyogui.domain.iscn.proposal import formula as formula
    from karyogui.domain.iscn.proposal import propose as propose
    from karyogui.domain.iscn.syntax import Kind as Kind
    from karyogui.domain.iscn.words import compare as compare
    from karyogui.domain.iscn.words import describe as describe
    from karyogui.domain.iscn.writer import CaseKaryotype as CaseKaryotype
    from karyogui.domain.iscn.writer import KaryotypeLine as KaryotypeLine
    from karyogui.domain.iscn.writer import read_lines as read_lines
    from karyogui.domain.iscn.writer import write as write
else:
    __getattr__ = on_demand(
        __name__,
        {
            "checker": ("Edition", "Verdict", "check", "reading"),
            "expected": (
                "ExpectedCounts", "effect_on_counts", "expected_counts", "read_single",
                "replaced_letters",
            ),
            "items": ("UNKNOWN", "Item", "read_item", "written"),
            "order": ("Rank", "rank"),
            "syntax": ("Kind",),
            "findings": ("Problem", "Severity"),
            "proposal": ("IscnProposal", "formula", "propose"),
            "words": ("compare", "describe"),
            "writer": ("CaseKaryotype", "KaryotypeLine", "read_lines", "write"),
        },
    )  # fmt: skip
