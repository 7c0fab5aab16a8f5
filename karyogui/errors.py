"""The two kinds of error: `KaryoError` (the world is at fault) and everything else (a bug)."""

from __future__ import annotations

from model.vocabulary.errors import KaryoError as KaryoError
