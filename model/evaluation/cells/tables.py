"""The paper's tables IV to VII and IX, and those of cells, assignments and review."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import numpy as np

from model.data.cells import is_normal
from model.evaluation.cells.collect import IntArray
from model.evaluation.cells.folds import mean_sd
from model.evaluation.cells.metrics import (
    ALGORITHM_1,
    CellOutcome,
    accuracy,
    f1_score,
    findings,
    per_class,
    share_of,
)
from model.evaluation.cells.stages import STAGES, WHOLE
from model.evaluation.cells.study import Study
from model.evaluation.document import NOTHING, Heading, Table, line
from model.inference.views import VIEWS
from model.vocabulary.labels import TYPES, X, Y

Which = Callable[[CellOutcome], bool]


def percent(values: Sequence[float | None]) -> str:
    """Fractions in per cent, as mean ± standard deviation when there are several."""
    found = mean_sd(values)
    mean, sd = found["mean"], found["sd"]
    if mean is None:
        return NOTHING
    return f"{100 * mean:.2f}" if sd is None else f"{100 * mean:.2f} ± {100 * sd:.2f}"


def share(value: float | None) -> str:
    """A fraction in per cent."""
    return percent([value])


def shorthand(counts: Sequence[int]) -> str:
    """Counts (24,) in short: how many in all, sex chromosomes, what differs from two each."""
    sex = "X" * counts[X] + "Y" * counts[Y] or "no sex chromosome"
    changes = [
        f"{'+' if counts[k] > 2 else '−'}{TYPES[k]}" + (f" ×{n}" if n > 1 else "")
        for k in range(X)
        if (n := abs(counts[k] - 2))
    ]
    return ",".join([str(sum(counts)), sex, *changes])


_MEASURES = (
    Heading("F1 (%)", 2),
    Heading("Acc. (%)", 2),
    Heading("Acc. per Case (%)", 2),
    Heading("Acc. per Case-D (%)"),
    Heading("Acc. per Case, assigned (%)"),
)
_TASKS = tuple(Heading(task) for task in "TPTPTPTT")
_SPREAD = (
    "T: type, P: polarity. F1 and Acc. ± standard deviation over the networks where there are "
    "several; per case ± standard deviation over the cells. Case-D: Algorithm 1; assigned: the "
    "assignment that counts. A case is one cell here, as in the paper."
)


def table_iv(studies: Sequence[Study]) -> Table:
    """Performance stage by stage, training and testing times."""
    rows = []
    for number, stage in enumerate(_stages(studies)):
        name = stage or studies[0].label
        rows.append((
            "2" if stage is None and number else "1", name, *_measures(studies, stage),
            _epochs(studies, name), _time_per_image(studies, stage),
        ))  # fmt: skip
    return Table(
        "Table IV. Performance stage by stage",
        f"{_SPREAD} PET: time per epoch, by the training's own record. TPI: time per image of the "
        f"network alone in {min(studies[0].views, len(VIEWS))} views, up to the end of the stage; "
        "single stages are seen in these alone.",
        (
            (Heading("Stage", rows=2), Heading("Method", rows=2), *_MEASURES,
             Heading("# Epoch × PET (s)", rows=2), Heading("Testing TPI (ms)", rows=2)),
            _TASKS,
        ),
        tuple(rows),
        labels=2,
    )  # fmt: skip


def table_ix(studies: Sequence[Study]) -> tuple[Table, Table]:
    """Performance on numerically abnormal cells alone, and on the normal ones."""
    return (
        _table_of("Table IX. Abnormal cells", "not those", studies, lambda o: o.is_abnormal),
        _table_of("Normal cells", "those", studies, lambda o: not o.is_abnormal),
    )


def _table_of(title: str, whose: str, studies: Sequence[Study], which: Which) -> Table:
    count = sum(which(o) for study in studies for o in study.outcomes)
    rows = tuple(
        (stage or studies[0].label, *_measures(studies, stage, which)) for stage in _stages(studies)
    )
    caption = f"{count} cells whose counts in the manifest are {whose} of 46,XX or 46,XY."
    return Table(
        title, f"{caption} {_SPREAD}",
        ((Heading("Method", rows=2), *_MEASURES), _TASKS), rows,
    )  # fmt: skip


def _stages(studies: Sequence[Study]) -> tuple[str | None, ...]:
    """Stages that were looked at alone, then None for the whole network."""
    looked = all(study.outcomes_of(STAGES[0]) for study in studies)
    return (*STAGES, None) if looked else (None,)


def _outcomes(study: Study, stage: str | None, which: Which) -> list[CellOutcome]:
    return [o for o in (study.outcomes_of(stage) if stage else study.outcomes) if which(o)]


def _measures(
    studies: Sequence[Study], stage: str | None, which: Which = lambda o: True
) -> tuple[str, ...]:
    each = [_outcomes(study, stage, which) for study in studies]
    cells = list(chain.from_iterable(each))

    def over_networks(figure: Callable[[IntArray, IntArray], float | None], task: str) -> str:
        return percent([figure(*_answers(outcomes, task)) for outcomes in each])

    def over_cells(answers: Callable[[CellOutcome], tuple[IntArray, IntArray]]) -> str:
        return percent([accuracy(*answers(o)) for o in cells])

    return (
        over_networks(f1_score, "T"),
        over_networks(f1_score, "P"),
        over_networks(accuracy, "T"),
        over_networks(accuracy, "P"),
        over_cells(lambda o: (o.types, o.argmax)),
        over_cells(lambda o: (o.polarities, o.polarity_answers)),
        over_cells(lambda o: (o.types, o.answers(ALGORITHM_1))),
        over_cells(lambda o: (o.types, o.answers())),
    )


def _answers(outcomes: Iterable[CellOutcome], task: str) -> tuple[IntArray, IntArray]:
    pairs = [(o.types, o.argmax) if task == "T" else (o.polarities, o.polarity_answers)
             for o in outcomes]  # fmt: skip
    empty = np.empty(0, dtype=np.int64)
    return (np.concatenate([empty, *(p[0] for p in pairs)]),
            np.concatenate([empty, *(p[1] for p in pairs)]))  # fmt: skip


def _epochs(studies: Sequence[Study], step: str) -> str:
    """Epochs × seconds of one epoch of a training step, by the cards."""
    seconds = []
    for study in studies:
        history = study.card.get("history")
        told = history if isinstance(history, list) else []
        seconds += [
            [e["seconds"] for e in told
             if isinstance(e, dict) and e.get("step") == step
             and isinstance(e.get("seconds"), int | float)]
        ]  # fmt: skip
    known = [one for one in seconds if one]
    if not known:
        return NOTHING
    epochs = np.mean([len(one) for one in known])
    found = mean_sd(list(chain.from_iterable(known)))
    spread = "" if found["sd"] is None else f" ± {found['sd']:.1f}"
    return f"{epochs:g} × {found['mean']:.1f}{spread}"


def _time_per_image(studies: Sequence[Study], stage: str | None) -> str:
    per_image = []
    for study in studies:
        looked = [c for c in study.cells if c.stages]
        images = sum(int(c.observed.seen.sum()) for c in looked)
        if images:
            seconds = sum(c.stages.seconds[stage or WHOLE] for c in looked if c.stages)
            per_image.append(1000 * seconds / images)
    found = mean_sd(per_image)
    if found["mean"] is None:
        return NOTHING
    return f"{found['mean']:.1f}" + ("" if found["sd"] is None else f" ± {found['sd']:.1f}")


def table_v(studies: Sequence[Study]) -> Table:
    """F1, precision and recall of each type."""
    return Table(
        "Table V. Performance for each type",
        "By the most probable type of each chromosome, before any assignment.",
        line("Class", "F1 (%)", "Precision (%)", "Recall (%)", "Chromosomes"),
        _class_rows(studies, "T", TYPES),
    )


def table_vi(studies: Sequence[Study]) -> Table:
    """F1, precision and recall of each polarity."""
    return Table(
        "Table VI. Performance for each polarity",
        "Half of the chromosomes of each cell were shown upside down.",
        line("Class", "F1 (%)", "Precision (%)", "Recall (%)", "Chromosomes"),
        _class_rows(studies, "P", ("q arm upward", "q arm downward")),
    )


def _class_rows(
    studies: Sequence[Study], task: str, labels: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    each = [per_class(*_answers(study.outcomes, task), len(labels)) for study in studies]
    return tuple(
        (
            label,
            *(percent([one[kind][figure] for one in each])
              for figure in ("f1", "precision", "recall")),
            f"{sum(one[kind]['support'] or 0 for one in each):,.0f}",
        )
        for kind, label in enumerate(labels)
    )  # fmt: skip


def table_vii(studies: Sequence[Study]) -> Table:
    """Accuracy of the polarity within each type, in three columns."""
    texts = [percent([polarity_within(study.outcomes, k) for study in studies])
             for k in range(len(TYPES))]  # fmt: skip
    third = len(TYPES) // 3
    rows = tuple(
        tuple(
            chain.from_iterable((TYPES[k], texts[k]) for k in (row, row + third, row + 2 * third))
        )
        for row in range(third)
    )
    return Table(
        "Table VII. Polarity within each type",
        "Share of chromosomes of the type whose polarity was answered correctly.",
        line(*("Class", "Acc. (%)") * 3),
        rows,
    )


def polarity_within(outcomes: Sequence[CellOutcome], kind: int) -> float | None:
    """Share of right polarities among chromosomes whose true type is `kind`."""
    right = [(o.polarities == o.polarity_answers)[o.types == kind] for o in outcomes]
    joined = np.concatenate([np.empty(0, dtype=np.bool_), *right])
    return float(joined.mean()) if len(joined) else None


def assignments_table(studies: Sequence[Study], labels: dict[str, str]) -> Table:
    """Both assignments side by side: accuracy, whole cells, numerical findings."""
    outcomes = [o for study in studies for o in study.outcomes]
    rows = []
    for method, label in labels.items():
        found = findings(outcomes, method)
        rows.append((
            label,
            percent([accuracy(o.types, o.answers(method)) for o in outcomes]),
            share(share_of([o.is_exactly_right(method) for o in outcomes])),
            share(found["sensitivity"]), share(found["exact_abnormal"]),
            share(found["specificity"]),
        ))  # fmt: skip
    abnormal = sum(o.is_abnormal for o in outcomes)
    return Table(
        "Assignments",
        f"Against the manifest: {abnormal} numerically abnormal cells, "
        f"{len(outcomes) - abnormal} normal ones. Found: the counts are not those of 46,XX or "
        "46,XY; exact: they are the manifest's.",
        line("Assignment", "Acc. per Case (%)", "Cells exactly right (%)",
              "Abnormal cells found (%)", "Abnormal cells exact (%)",
              "Normal cells left alone (%)"),
        tuple(rows),
    )  # fmt: skip


def findings_table(studies: Sequence[Study], labels: dict[str, str]) -> tuple[Table, Table]:
    """Every abnormal cell with expected and found counts; every normal cell that was flagged."""
    outcomes = [o for study in studies for o in study.outcomes]
    abnormal = [o for o in outcomes if o.is_abnormal]
    flagged = [
        o for o in outcomes if not o.is_abnormal and any(o.is_flagged(m) for m in labels)
    ]  # fmt: skip
    head = line("Case", "Cell", "Manifest", *labels.values(), "Chromosomes wrong")
    return (
        Table(
            "Numerically abnormal cells",
            "Counts by the manifest and after each assignment. ✓ the manifest's counts, "
            "≠ abnormal but others, ✗ taken for normal.",
            head, tuple(_finding(o, labels) for o in abnormal), labels=3 + len(labels),
        ),
        Table(
            "Normal cells taken for abnormal", "By at least one of the assignments.",
            head, tuple(_finding(o, labels) for o in flagged), labels=3 + len(labels),
        ),
    )  # fmt: skip


def _finding(o: CellOutcome, labels: dict[str, str]) -> tuple[str, ...]:
    wrong = int((o.types != o.answers()).sum())
    found = []
    for method in labels:
        counts = o.found_counts(method)
        mark = "✓" if counts == o.true_counts else "✗" if is_normal(counts) else "≠"
        found.append(f"{mark} {shorthand(counts)}")
    return o.case, o.cell, shorthand(o.true_counts), *found, str(wrong)
