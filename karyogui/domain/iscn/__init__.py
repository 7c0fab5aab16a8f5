"""ISCN: the proposal for a cell, the checker of what a person types, and the writer of lines."""

from karyogui.domain.iscn.checker import Edition as Edition
from karyogui.domain.iscn.checker import Verdict as Verdict
from karyogui.domain.iscn.checker import check as check
from karyogui.domain.iscn.checker import reading as reading
from karyogui.domain.iscn.expected import ExpectedCounts as ExpectedCounts
from karyogui.domain.iscn.expected import expected_counts as expected_counts
from karyogui.domain.iscn.findings import Problem as Problem
from karyogui.domain.iscn.findings import Severity as Severity
from karyogui.domain.iscn.proposal import IscnProposal as IscnProposal
from karyogui.domain.iscn.proposal import formula as formula
from karyogui.domain.iscn.proposal import propose as propose
from karyogui.domain.iscn.words import compare as compare
from karyogui.domain.iscn.words import describe as describe
from karyogui.domain.iscn.writer import CaseKaryotype as CaseKaryotype
from karyogui.domain.iscn.writer import KaryotypeLine as KaryotypeLine
from karyogui.domain.iscn.writer import line_of_counts as line_of_counts
from karyogui.domain.iscn.writer import read_lines as read_lines
from karyogui.domain.iscn.writer import write as write
