"""Libraries that only measurements need: `pip install "karyogui[evaluation]"` brings them."""

from __future__ import annotations

from importlib.util import find_spec

from model.vocabulary.errors import ModelError


def require(*modules: str) -> None:
    """Refuse with a sentence, before any work, when one of the extra's modules is not there."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ModelError(
            f"This needs {' and '.join(missing)}, not installed here.",
            'Install by: pip install "karyogui[evaluation]"',
        )
