"""What a person decided: the audit trail of a cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from karyogui.domain.karyogram import Change


@dataclass(frozen=True)
class Edit:
    """One change of a karyogram: who, when, what it did, before and after."""

    who: str
    when: datetime
    change: Change


@dataclass(frozen=True)
class SignOff:
    """A person's word on a finished karyogram; it freezes the karyogram until withdrawn."""

    who: str
    when: datetime
    meaning: str
