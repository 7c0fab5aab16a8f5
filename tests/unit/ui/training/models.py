"""Model files and comparisons made up for the dialogs."""

import hashlib
import json
from pathlib import Path
from typing import Any

from karyogui.services.model_comparison import Comparison, Figure, Plan
from karyogui.services.models import InstalledModel, read_model


def put_model(folder: Path, name: str, /, **card: Any) -> InstalledModel:
    """A model file whose checksum is right, with its name for content."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    path.write_bytes(name.encode())
    digest = hashlib.sha256(name.encode()).hexdigest()
    told = {"name": name, "version": "1", "preset": "compact", "sha256": digest, **card}
    path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    model = read_model(path)
    assert model is not None
    return model


def comparison(
    first: InstalledModel,
    second: InstalledModel,
    assigned: tuple[float, float] = (0.99, 0.98),
    fair: bool = True,
) -> Comparison:
    """A comparison whose deciding figures are `assigned` and equal polarities."""
    figures = (
        Figure("assigned", "Type, after assignment", *assigned),
        Figure("polarity", "Polarity", 0.99, 0.99),
        Figure("seconds", "Seconds per cell", 1.0, 0.5, is_share=False, higher_is_better=False),
        Figure("sensitivity", "Abnormal cells found", None, None),
    )
    planned = Plan((("case-1", "cell-1"),), fair, "1 cell of 1 case.")
    return Comparison(first, second, "cells.zip", planned, figures, cells=1, gained=0, lost=1)
