"""Everything that is known of a model: its card as a list to read, its training as curves."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from karyogui.domain.amounts import sentence
from karyogui.services.models import MEANINGS, InstalledModel
from karyogui.ui.widgets import local_time

Section = tuple[str, tuple[tuple[str, str, str], ...]]
"""A heading and its lines: label, value, explanation (may be empty)."""

_APART = ("metrics", "settings", "config", "history", "calibration", "classes")
_HEADINGS = (
    ("metrics", "Figures"),
    ("calibration", "Calibration"),
    ("settings", "Training"),
    ("config", "Network"),
)
_LABELS = {
    "sha256": "Checksum (sha256)",
    "data": "Training data",
    "data_fingerprint": "Data fingerprint",
    "held_out_folds": "Held out of each",
    "started_from": "Went on from",
    "note": "Remark",
    "type.acc": "Type, network alone",
    "type.f1": "Type, F1",
    "type.acc_per_case": "Type per cell, network alone",
    "type.acc_per_case_d": "Type per cell, Algorithm 1",
    "type.acc_per_case_assigned": "Type per cell, after assignment",
    "polarity.acc": "Polarity",
    "polarity.f1": "Polarity, F1",
    "polarity.acc_per_case": "Polarity per cell",
    "val_type_acc": "Type, during training",
    "val_polarity_acc": "Polarity, during training",
    "val_loss": "Loss, held out",
    "seconds_per_cell": "Seconds per cell",
}
_SHARES = ("acc", "f1", "right", "sensitivity", "specificity", "exact", "abnormal", "assigned", "d")


def card_sections(model: InstalledModel) -> tuple[Section, ...]:
    """The card of a model in the order to read it; empty parts are left out."""
    about = [("File", model.path.name, str(model.path)), ("Size", size_text(model.size), "")]
    card = model.card
    about += [
        (_label(key), local_time(str(value)) if key == "created" else _text(value), "")
        for key, value in card.items()
        if key not in _APART and value not in (None, "")
    ]
    sections: list[Section] = [("About", tuple(about))]
    for key, heading in _HEADINGS:
        part = card.get(key)
        if isinstance(part, dict) and part:
            lines = tuple(
                (
                    _label(name),
                    _figure(name, value) if key == "metrics" else _text(value),
                    MEANINGS.get(name, ""),
                )
                for name, value in _flat(part)
            )
            sections.append((heading, lines))
    return tuple(sections)


def size_text(size: int) -> str:
    """Bytes as megabytes."""
    return f"{size / 1e6:.1f} MB"


def _flat(values: Mapping[object, object], prefix: str = "") -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        lines += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, value)]
    return lines


def _label(name: str) -> str:
    words = name.replace("_", " ").replace(".", ": ")
    return _LABELS.get(name, sentence(words))


def _figure(name: str, value: object) -> str:
    is_number = isinstance(value, float) and 0.0 <= value <= 1.0
    is_share = _last(name) in _SHARES
    return f"{100 * value:.2f} %" if is_number and is_share else _text(value)  # type: ignore[operator]


def _last(name: str) -> str:
    """The last word of a dotted, underscored name."""
    return name.replace(".", "_").rsplit("_", 1)[-1]


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 100_000 else str(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        between = " × " if all(isinstance(each, int) for each in value) else ", "
        return between.join(_text(each) for each in value)
    return str(value)


class ModelCard(QTreeWidget):
    """The card's lines under headings that can be folded."""

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(12)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName("Model card")
        header = self.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)

    def show_model(self, model: InstalledModel | None) -> None:
        """Show another model's card; nothing for None."""
        self.clear()
        for heading, lines in card_sections(model) if model is not None else ():
            top = QTreeWidgetItem(self, [heading])
            font = top.font(0)
            font.setBold(True)
            top.setFont(0, font)
            for label, value, meaning in lines:
                item = QTreeWidgetItem(top, [label, value])
                item.setToolTip(0, meaning)
                item.setToolTip(1, value)
            top.setExpanded(heading in ("About", "Figures"))
