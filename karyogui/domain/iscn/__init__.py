"""ISCN: the proposal for a cell, the checker of what a person types, and the writer of lines."""

from karyogui.domain.iscn.checker import Edition as Edition
from karyogui.domain.iscn.checker import Verdict as Verdict
from karyogui.domain.iscn.checker import check as check
from karyogui.domain.iscn.findings import Problem as Problem
from karyogui.domain.iscn.findings import Severity as Severity
from karyogui.domain.iscn.proposal import IscnProposal as IscnProposal
from karyogui.domain.iscn.proposal import formula as formula
from karyogui.domain.iscn.proposal import propose as propose
