"""The study of the assignments as plain values and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from model.evaluation.cells.by_case import mean_over_cases
from model.evaluation.document import markdown_table, percent
from model.studies.assignment_outcomes import (
    ALGORITHM_1,
    ALGORITHM_1_RAW,
    ARGMAX,
    MAP,
    Outcome,
    Result,
    map_name,
)
from model.studies.virtual import (
    ABNORMAL,
    BALANCED_KINDS,
    DEBRIS_KINDS,
    GAIN,
    LOSS,
    NORMAL,
    PARTIAL,
    REAL_KINDS,
    SEX_KINDS,
    TRIPLOID,
)
from model.vocabulary.labels import TYPES, X

KINDS: tuple[str, ...] = (
    *REAL_KINDS, GAIN, LOSS, *SEX_KINDS, *BALANCED_KINDS, TRIPLOID, PARTIAL, *DEBRIS_KINDS,
)  # fmt: skip
_COMPARED: tuple[str, ...] = (ARGMAX, ALGORITHM_1, MAP)
_Measure = Callable[[Outcome], float]
_PAIRED: tuple[tuple[str, tuple[str, ...], _Measure], ...] = (
    ("type accuracy per cell", REAL_KINDS, lambda o: o.accuracy),
    ("cells exactly right", REAL_KINDS, lambda o: o.all_right),
    ("normal cells flagged", (NORMAL,), lambda o: o.flagged),
    ("virtual gains, counts exact", (GAIN,), lambda o: o.exact),
    ("virtual losses, counts exact", (LOSS,), lambda o: o.exact),
    ("virtual gains, gained type right", (GAIN,), lambda o: o.change_right),
    ("virtual losses, lost type right", (LOSS,), lambda o: o.change_right),
    ("balanced, flagged by counts or evidence", BALANCED_KINDS, lambda o: o.flagged or o.alarm),
)


def summary(outcomes: Sequence[Outcome]) -> dict[str, float | int | None]:
    """Means over cells as fractions, None of nothing; `lost` is a number of chromosomes."""
    strays = [o.strays for o in outcomes if o.strays is not None]

    def share(of: _Measure) -> float | None:
        return float(np.mean([of(o) for o in outcomes])) if outcomes else None

    return {
        "cells": len(outcomes),
        "accuracy": share(lambda o: o.accuracy),
        "all_right": share(lambda o: o.all_right),
        "counts_exact": share(lambda o: o.exact),
        "change_right": share(lambda o: o.change_right),
        "flagged": share(lambda o: o.flagged),
        "evidence_flag": share(lambda o: o.alarm),
        "flagged_or_evidence": share(lambda o: o.flagged or o.alarm),
        "strays_unknown": float(np.mean(strays)) if strays else None,
        "lost_to_unknown": sum(o.lost for o in outcomes),
    }


def figures(result: Result) -> dict[str, object]:
    """Everything as plain values without NaN."""
    return {
        "gains_tried": list(result.gains),
        "unknown_cost": result.unknown,
        "operating_points": [
            {
                "fitted_on_half": half,
                "normal_cells": at.cells,
                "gain": at.gain,
                "evidence": {f"{gain:g}": value for gain, value in at.evidence.items()},
            }
            for half, at in enumerate(result.operating)
        ],
        "gain_chosen_on_all": result.chosen_on_all,
        "methods": {
            method: {
                "real": summary(result.of(method, *REAL_KINDS)),
                "balanced": summary(result.of(method, *BALANCED_KINDS)),
                "by_kind": {kind: summary(result.of(method, kind)) for kind in KINDS},
                "by_type": {
                    kind: {
                        label: summary([o for o in result.of(method, kind) if o.change == label])
                        for label in TYPES[:X]
                    }
                    for kind in (GAIN, LOSS)
                },
            }
            for method in result.outcomes
        },
        "by_unknown_cost": {
            f"{cost:g}": {kind: summary([o for o in outcomes if o.kind == kind])
                          for kind in (*REAL_KINDS, GAIN, *DEBRIS_KINDS)}
            for cost, outcomes in result.unknowns.items()
        },
        "map_minus_dispatch": {
            name: dict(zip(("difference", "low", "high"), found, strict=True))
            for name, found in paired(result)
        },
    }  # fmt: skip


def paired(result: Result) -> list[tuple[str, tuple[float, float, float]]]:
    """MAP minus Algorithm 1 on the same cells with the 95 % interval over cases, fractions."""
    rows = []
    for name, kinds, of in _PAIRED:
        ours, theirs = result.of(MAP, *kinds), result.of(ALGORITHM_1, *kinds)
        gaps = np.array([float(of(a)) - float(of(b)) for a, b in zip(ours, theirs, strict=True)])
        found = mean_over_cases(gaps, [o.case for o in ours])
        if found:
            rows.append((name, found))
    return rows


def markdown(result: Result) -> str:
    """All tables; shares in per cent."""
    first, second = result.operating
    return "\n".join([
        "# Assignment study\n",
        "Calibration, prior and evidence threshold are fitted on one half of the cases and "
        "reported on the other. `map` is the MAP with the largest t of the grid at which at most "
        "2 % of the fitting half's normal cells are flagged by their counts (l = 2 t): "
        f"t = {first.gain:g} from half 0 ({first.cells} normal cells), {second.gain:g} from half 1 "
        f"({second.cells}); by the same rule on all normal cells {result.chosen_on_all:g}. "
        "The evidence threshold is set for 5 % of the normal cells. Shares in per cent.\n",
        "## Real cells\n", _real(result),
        "## MAP minus Algorithm 1\n", _paired(result),
        "## Prior (gain t, loss 2 t)\n", _grid(result),
        "## Virtual cells by kind\n", _by_kind(result),
        "## Balanced changes\n", _balanced(result),
        "## Objects that are no chromosome\n", _debris(result),
        f"## Cost of an unknown, at t = {result.chosen_on_all:g}\n", _unknowns(result),
        "## Virtual gains and losses by type\n", _by_type(result),
    ])  # fmt: skip


def _real(result: Result) -> str:
    methods = (ARGMAX, ALGORITHM_1_RAW, ALGORITHM_1, *map(map_name, result.gains), MAP)
    rows = []
    for method in methods:
        real = summary(result.of(method, *REAL_KINDS))
        normal = summary(result.of(method, NORMAL))
        abnormal = summary(result.of(method, ABNORMAL))
        rows.append((
            method, percent(real["accuracy"], 2), percent(real["all_right"]),
            percent(normal["flagged"]), percent(normal["evidence_flag"]),
            percent(abnormal["flagged"]), percent(abnormal["change_right"]),
            percent(abnormal["counts_exact"]), real["lost_to_unknown"],
        ))  # fmt: skip
    cells = len(result.of(MAP, NORMAL)), len(result.of(MAP, ABNORMAL))
    head = (
        "method", "type accuracy per cell", "cells exactly right",
        f"normal flagged (of {cells[0]})", "normal, evidence flag",
        f"abnormal flagged (of {cells[1]})", "abnormal type right", "abnormal counts exact",
        "chromosomes sent to unknown",
    )  # fmt: skip
    return markdown_table(head, rows)


def _paired(result: Result) -> str:
    rows = [
        (name, f"{100 * mean:+.2f}", f"{100 * low:+.2f} to {100 * high:+.2f}")
        for name, (mean, low, high) in paired(result)
    ]
    return markdown_table(("figure", "difference, points", "95 % interval over cases"), rows)


def _grid(result: Result) -> str:
    rows = []
    for gain in result.gains:
        of = map_name(gain)
        gains, losses = summary(result.of(of, GAIN)), summary(result.of(of, LOSS))
        balanced = summary(result.of(of, *BALANCED_KINDS))
        rows.append((
            f"{gain:g}", percent(summary(result.of(of, *REAL_KINDS))["accuracy"], 2),
            percent(summary(result.of(of, NORMAL))["flagged"]),
            percent(gains["counts_exact"]), percent(losses["counts_exact"]),
            percent(gains["change_right"]), percent(losses["change_right"]),
            percent(balanced["flagged"]), percent(balanced["evidence_flag"]),
            percent(balanced["flagged_or_evidence"]), percent(balanced["counts_exact"]),
        ))  # fmt: skip
    head = (
        "t", "type accuracy per cell", "normal flagged", "gain exact", "loss exact",
        "gained type right", "lost type right", "balanced flagged by counts", "by evidence",
        "by either", "balanced exact",
    )  # fmt: skip
    return markdown_table(head, rows)


def _by_kind(result: Result) -> str:
    rows = []
    for kind in (kind for kind in KINDS if kind not in DEBRIS_KINDS):
        found = [summary(result.of(method, kind)) for method in _COMPARED]
        if found[0]["cells"]:
            rows.append((
                kind, found[0]["cells"],
                *(percent(one[key]) for key in ("counts_exact", "change_right", "flagged")
                  for one in found),
                *(percent(one["accuracy"], 2) for one in found),
                percent(found[-1]["evidence_flag"]),
            ))  # fmt: skip
    head = [
        f"{what}: {method}"
        for what in ("counts exact", "changed types right", "flagged", "type accuracy")
        for method in _COMPARED
    ]
    return markdown_table(("cells", "n", *head, "evidence flag: map"), rows)


def _balanced(result: Result) -> str:
    rows = []
    for kind in BALANCED_KINDS:
        found = summary(result.of(MAP, kind))
        keys = ("flagged", "evidence_flag", "flagged_or_evidence", "counts_exact")
        rows.append((kind, found["cells"], *(percent(found[key]) for key in keys)))
    head = ("change", "n", "flagged by counts", "by evidence", "by either", "exact")
    return markdown_table(head, rows)


def _debris(result: Result) -> str:
    rows = []
    for kind in DEBRIS_KINDS:
        for gain in result.gains:
            found = summary(result.of(map_name(gain), kind))
            rows.append((
                kind, f"{gain:g}", found["cells"], percent(found["strays_unknown"]),
                percent(found["counts_exact"]), found["lost_to_unknown"],
            ))  # fmt: skip
    head = ("object", "t", "n", "told as unknown", "counts exact", "chromosomes to unknown")
    return markdown_table(head, rows)


def _unknowns(result: Result) -> str:
    rows = []
    for cost, outcomes in result.unknowns.items():
        found = {kind: summary([o for o in outcomes if o.kind == kind]) for kind in KINDS}
        rows.append((
            f"{cost:g}", percent(found[NORMAL]["accuracy"], 2), percent(found[NORMAL]["flagged"]),
            percent(found[ABNORMAL]["counts_exact"]), percent(found[GAIN]["counts_exact"]),
            percent(found[GAIN]["change_right"]),
            *(percent(found[kind]["strays_unknown"]) for kind in DEBRIS_KINDS),
        ))  # fmt: skip
    head = (
        "cost, nats", "normal, type accuracy", "normal flagged", "abnormal exact", "gain exact",
        "gained type right", *(f"{kind}: told as unknown" for kind in DEBRIS_KINDS),
    )  # fmt: skip
    return markdown_table(head, rows)


def _by_type(result: Result) -> str:
    rows = []
    for label in TYPES[:X]:
        shown: list[object] = [label]
        for kind in (GAIN, LOSS):
            for method in _COMPARED[1:]:
                found = summary([o for o in result.of(method, kind) if o.change == label])
                shown += [percent(found["counts_exact"]), percent(found["change_right"])]
            shown.append(sum(o.change == label for o in result.of(MAP, kind)))
        rows.append(shown)
    head = ["type"]
    for kind in (GAIN, LOSS):
        for method in _COMPARED[1:]:
            head += [f"{kind}, {method}: exact", "type right"]
        head.append("n")
    return markdown_table(head, rows)
