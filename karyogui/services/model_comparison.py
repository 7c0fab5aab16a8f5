"""Two models on the same cells: which cells are fair to both, and what the figures say.

A figure on cases that a model was trained on flatters it. Which cases it held out stands in its
card, which data it was trained on too.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from statistics import fmean

import numpy as np

from karyogui.domain.amounts import amount
from karyogui.errors import KaryoError
from karyogui.services.models import TYPE_ASSIGNED, InstalledModel
from model.vocabulary.archive import (
    CELL_PICTURE,
    MANIFEST,
    ArchiveFiles,
    case_of_metaphase,
    case_of_outlines,
    ending,
    family_of,
    fold_of,
    no_cells,
    stem,
)
from model.vocabulary.card import seen_data
from model.vocabulary.files import read_plain_text

EXACT = "cells_exactly_right"
CHANCE = 0.1
"""How likely a difference of repairs may be by chance to count: five cells must differ at least."""
MOST_ENUMERATED, SAMPLED = 14, 20_000
"""Changes up to which all signs are tried, and how many are drawn otherwise."""


class Verdict(Enum):
    """What a comparison says about the second model."""

    BETTER = "better"
    SAME = "no difference"
    WORSE = "worse"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True)
class Figure:
    """One line: a figure of both models; None where it could not be measured."""

    key: str
    label: str
    first: float | None
    second: float | None
    is_share: bool = True
    higher_is_better: bool = True

    @property
    def difference(self) -> float | None:
        """Second minus first."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


@dataclass(frozen=True)
class Plan:
    """The cells to compare on, `(case, cell)`, and whether no model has seen any of them.

    `remark` says in words what the cells are, or why the figures flatter.
    """

    cells: tuple[tuple[str, str], ...]
    fair: bool
    remark: str

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases of the cells, each once."""
        return tuple(sorted({case for case, _ in self.cells}))


@dataclass(frozen=True)
class Comparison:
    """Two models side by side; `gained` and `lost` count cells exactly right in one only.

    Of separations that is: without any repair. `changes` are then how many repairs more each cell
    needs with the second one.
    """

    first: InstalledModel
    second: InstalledModel
    data: str
    plan: Plan
    figures: tuple[Figure, ...]
    cells: int
    gained: int
    lost: int
    changes: tuple[float, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """WORSE when type after assignment or polarity is lower; INCOMPARABLE on seen cases.

        Of separations BETTER or WORSE where the repairs of the cells differ by more than chance.
        """
        if self.second.separates:
            return self._verdict_of_repairs()
        deciding = [f.difference for f in self.figures if f.key in ("assigned", "polarity")]
        if not self.plan.fair or not self.cells or any(d is None for d in deciding):
            return Verdict.INCOMPARABLE
        lower = any(difference is not None and difference < 0 for difference in deciding)
        return Verdict.WORSE if lower else Verdict.BETTER

    def _verdict_of_repairs(self) -> Verdict:
        if not self.plan.fair or not self.changes:
            return Verdict.INCOMPARABLE
        if by_chance(self.changes) > CHANCE:
            return Verdict.SAME
        return Verdict.BETTER if sum(self.changes) < 0 else Verdict.WORSE


def by_chance(changes: Sequence[float]) -> float:
    """How often so large a sum of changes comes about where their signs are chance (0 … 1).

    Of all signs where they are few, else of a fixed sample of them (sign-flip test, two-sided).
    """
    sizes = np.abs([change for change in changes if change])
    if len(sizes) > MOST_ENUMERATED:
        signs = np.random.default_rng(1).choice((-1.0, 1.0), (SAMPLED, len(sizes)))
    else:
        bits = np.arange(2 ** len(sizes))[:, None] >> np.arange(len(sizes)) & 1
        signs = 2.0 * bits - 1.0
    sums = np.abs(signs @ sizes)
    return float((sums >= abs(sum(changes)) - 1e-9).mean())


def cells_of(data: Path) -> tuple[tuple[str, str], ...]:
    """The `(case, cell)` pairs of a zip or folder of labelled cells, in the order of names.

    Raises `KaryoError` when it cannot be read or holds none.
    """
    found = (CELL_PICTURE.search(name) for name in ArchiveFiles(data).names)
    cells = sorted({(match["case"], match["cell"]) for match in found if match})
    if not cells:
        raise no_cells(data)
    return tuple(cells)


def pictures_of(data: Path) -> tuple[tuple[str, str], ...]:
    """The `(case, name)` pairs of a zip or folder of metaphases with boxes or outlines.

    Raises `KaryoError` when it cannot be read or holds none.
    """
    names = ArchiveFiles(data).names
    boxes = sorted({stem(name) for name in names if ending(name) == "xml"})
    if boxes:
        return tuple((case_of_metaphase(name), name) for name in boxes)
    outlined = sorted({stem(name) for name in names if ending(name) == "json"})
    if not outlined:
        raise KaryoError(
            f"{data.name} holds no metaphases with boxes or outlines.",
            "A separation is measured on photographs whose chromosomes are marked.",
        )
    return tuple((case_of_outlines(name), name) for name in outlined)


def plan(
    first: InstalledModel, second: InstalledModel, data: Path, most_cells: int | None = None
) -> Plan:
    """The cells of `data` that neither model has seen, by their cards; all cells without any.

    `most_cells` takes so many of them, spread over the cases.
    """
    cells = pictures_of(data) if second.separates else cells_of(data)
    seen = {model.name: _seen(model, cells, data) for model in (first, second)}
    unseen = tuple(cell for cell in cells if not any(cell in each for each in seen.values()))
    fair = bool(unseen)
    chosen = _spread(unseen or cells, most_cells)
    if fair:
        cases = len({case for case, _ in chosen})
        remark = (
            f"{amount(len(chosen), 'cell')} of {amount(cases, 'case')} "
            "that neither model was trained on, by their cards."
        )
    else:
        trained = " and ".join(name for name, each in seen.items() if each)
        remark = (
            f"No case of {data.name} is unseen by both models: {trained} "
            "was trained on cases of it. The figures flatter and cannot be compared."
        )
    return Plan(chosen, fair, remark)


def write_subset(data: Path, cells: Iterable[tuple[str, str]], target: Path) -> None:
    """Write a zip with the pictures of some cells, and the manifest if there is one."""
    wanted = set(cells)
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
            files = ArchiveFiles(data)
            for name in files.names:
                match = CELL_PICTURE.search(name)
                is_manifest = name.rsplit("/", 1)[-1].lower() == MANIFEST
                if is_manifest or (match and (match["case"], match["cell"]) in wanted):
                    out.writestr(name, files.read(name))
    except OSError as error:
        raise KaryoError(f"The cells to compare on could not be copied ({error}).") from error


def read_metrics(path: Path) -> Mapping[str, object]:
    """The `metrics.json` of an evaluation; `KaryoError` when there is none to read."""
    try:
        metrics = json.loads(read_plain_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise KaryoError(f"The evaluation left no figures ({error}).") from error
    if not isinstance(metrics, dict) or not isinstance(metrics.get("cells"), list):
        raise KaryoError("The evaluation's figures cannot be understood.")
    return metrics


def compare(
    first: InstalledModel,
    second: InstalledModel,
    data: str,
    planned: Plan,
    measured: tuple[Mapping[str, object], Mapping[str, object]],
) -> Comparison:
    """Both models' figures as means over the planned cells that both evaluations contain."""
    if second.separates:
        return _compare_separations(first, second, data, planned, measured)
    one, other = (_by_cell(metrics) for metrics in measured)
    common = [cell for cell in planned.cells if cell in one and cell in other]

    def figure(
        key: str, label: str, keys: Sequence[str], share: bool = True, higher: bool = True
    ) -> Figure:
        # Both from the same key: one of the evaluations may come from an older program.
        for name in keys:
            sides = [_mean(_value(cells[cell], name) for cell in common) for cells in (one, other)]
            if None not in sides:
                return Figure(key, label, sides[0], sides[1], share, higher)
        return Figure(key, label, None, None, share, higher)

    exact = [(_value(one[c], EXACT) == 1.0, _value(other[c], EXACT) == 1.0) for c in common]
    return Comparison(
        first,
        second,
        data,
        planned,
        figures=(
            figure("assigned", "Type, after assignment", TYPE_ASSIGNED),
            figure("type", "Type, network alone", ("type.acc_per_case", "type.acc")),
            figure("polarity", "Polarity", ("polarity.acc_per_case", "polarity.acc")),
            figure("exact", "Cells exactly right", (EXACT,)),
            figure("sensitivity", "Abnormal cells found", ("findings.sensitivity",)),
            figure("specificity", "Normal cells left alone", ("findings.specificity",)),
            figure("seconds", "Seconds per cell", ("seconds_per_cell",), share=False, higher=False),
        ),
        cells=len(common),
        gained=sum(after and not before for before, after in exact),
        lost=sum(before and not after for before, after in exact),
    )


def _compare_separations(
    first: InstalledModel,
    second: InstalledModel,
    data: str,
    planned: Plan,
    measured: tuple[Mapping[str, object], Mapping[str, object]],
) -> Comparison:
    """The repairs that both separations leave in the planned cells."""
    one, other = (_by_cell(metrics) for metrics in measured)
    common = [cell for cell in planned.cells if cell in one and cell in other]

    def figure(key: str, label: str) -> Figure:
        sides = [_mean(_value(cells[cell], key) for cell in common) for cells in (one, other)]
        return Figure(key, label, sides[0], sides[1], is_share=False, higher_is_better=False)

    repairs = [(_value(one[c], "repairs") or 0.0, _value(other[c], "repairs") or 0.0)
               for c in common]  # fmt: skip
    free = [[not needed for needed in side] for side in zip(*repairs, strict=True)] or [[], []]
    shares = [fmean(side) if side else None for side in free]
    return Comparison(
        first,
        second,
        data,
        planned,
        figures=(
            figure("repairs", "Repairs"),
            figure("merged", "Cuts: several in one object"),
            figure("split", "Joins: one in several objects"),
            figure("missed", "Missed chromosomes"),
            figure("false", "False objects"),
            Figure("free", "Cells without any repair", shares[0], shares[1]),
            figure("seconds", "Seconds"),
        ),
        cells=len(common),
        gained=sum(after == 0 < before for before, after in repairs),
        lost=sum(before == 0 < after for before, after in repairs),
        changes=tuple(after - before for before, after in repairs),
    )


def _seen(
    model: InstalledModel, cells: Sequence[tuple[str, str]], data: Path
) -> frozenset[tuple[str, str]]:
    """The cells that a model may have been trained on."""
    if model.separates:
        return _separation_seen(model, cells, data)
    if not _is_fine_tuned(model) and not _is_trained_on(model, data):
        return frozenset()
    held_out = model.held_out_fold
    return frozenset(cell for cell in cells if held_out is None or fold_of(cell[0]) != held_out)


def _separation_seen(
    model: InstalledModel, cells: Sequence[tuple[str, str]], data: Path
) -> frozenset[tuple[str, str]]:
    """The same of a separation, whose card names the fold held out of each archive."""
    known = seen_data(model.card)
    folds = [f for name, f in known.items() if family_of(name) == family_of(data.name)]
    if known and not folds:
        return frozenset()
    return frozenset(cell for cell in cells if set(folds) != {fold_of(cell[0])})


def _is_trained_on(model: InstalledModel, data: Path) -> bool:
    """Whether the card names this data, an earlier or later state of it, or nothing at all."""
    named = model.data.rsplit(":", 1)[0]
    told = [family_of(part) for part in re.split(r"[,;+]", named) if part.strip()]
    return not told or family_of(data.name) in told


def _is_fine_tuned(model: InstalledModel) -> bool:
    """Whether it began with other weights, whose data its card does not name."""
    settings = model.card.get("settings")
    epochs = settings.get("epochs") if isinstance(settings, dict) else None
    if not isinstance(epochs, dict):
        return False
    return not any(epochs.get(step) for step in ("g_net", "l_net", "localisation"))


def _spread(cells: tuple[tuple[str, str], ...], most: int | None) -> tuple[tuple[str, str], ...]:
    if most is None or len(cells) <= most:
        return cells
    return tuple(cells[number * len(cells) // most] for number in range(most))


def _by_cell(metrics: Mapping[str, object]) -> dict[tuple[str, str], Mapping[str, object]]:
    cells = metrics["cells"]
    assert isinstance(cells, list)
    told = (cell for cell in cells if isinstance(cell, dict))
    return {(str(cell.get("case")), str(cell.get("cell"))): cell for cell in told}


def _value(cell: Mapping[str, object], dotted: str) -> float | None:
    value: object = cell
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
