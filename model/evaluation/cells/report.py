"""The evaluation's report: one HTML file that needs nothing else, for screen and paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from model.evaluation.cells import embedding, figures, gallery
from model.evaluation.cells.curves import BINS, TARGETS, reliability, roc_curves
from model.evaluation.cells.gallery import Example
from model.evaluation.cells.metrics import confusion
from model.evaluation.cells.pooled import MARGIN, SOFTMAX, Pooled, calibration, review
from model.evaluation.cells.study import Study, embedded_of
from model.evaluation.cells.tables import (
    assignments_table,
    findings_table,
    percent,
    share,
    table_iv,
    table_ix,
    table_v,
    table_vi,
    table_vii,
)
from model.evaluation.document import (
    NOTHING,
    Table,
    captioned,
    html_document,
    html_table,
    line,
    plate,
    section,
)


@dataclass(frozen=True, eq=False)
class Reported:
    """What a report is about: networks on an archive, assigned by one of the assignments.

    `labels` are the assignments' names for people by their names; `held_out` says that every
    network saw only cases that it did not learn.
    """

    studies: Sequence[Study]
    data: str
    method: str
    labels: dict[str, str]
    held_out: bool
    left_out: Sequence[str]
    made: str


def report_html(reported: Reported) -> str:
    """The whole document."""
    pooled = Pooled.of(reported.studies)
    title = "Evaluation of " + ", ".join(sorted({str(s.card.get("name", "unnamed"))
                                                 for s in reported.studies}))  # fmt: skip
    body = "".join(part(reported, pooled) for part in SECTIONS)
    return html_document(title, body)


def _summary(reported: Reported, pooled: Pooled) -> str:
    studies = reported.studies
    outcomes = [o for study in studies for o in study.outcomes]
    cases = len({o.case for o in outcomes})
    seconds = sum(o.seconds for o in outcomes)
    n = len(pooled.types)
    shares = {
        "type, most probable": (pooled.types == pooled.argmax),
        "type, assigned": (pooled.types == pooled.assigned),
        "polarity": (pooled.polarities == pooled.polarity.argmax(axis=1)),
        "cells exactly right": np.array([o.is_exactly_right() for o in outcomes]),
    }
    tiles = {f"{label} (%)": share(float(hits.mean()) if len(hits) else None)
             for label, hits in shares.items()}  # fmt: skip
    tiles["per image, whole analysis"] = f"{1000 * seconds / n:.0f} ms" if n else NOTHING
    tiles["per cell"] = f"{seconds / len(outcomes):.2f} s" if outcomes else NOTHING
    facts = {
        "Data": f"{reported.data}: {len(outcomes)} cells of {cases} cases, {n:,} chromosomes",
        "Cases": "held out: by their cards, no network learned from them" if reported.held_out
        else "all of the archive, also those that a network may have learned from",
        "Networks" if len(studies) > 1 else "Network": "; ".join(s.name for s in studies),
        "Checksum": ", ".join(str(s.card["sha256"])[:12] for s in studies),
        "Runtime": f"{studies[0].runtime}; uncertain chromosomes in {studies[0].views} views",
        "Assignment that counts": reported.labels[reported.method],
        "Made": reported.made,
    }  # fmt: skip
    told = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    shown = "".join(f'<div class="tile"><b>{v}</b>{escape(k)}</div>' for k, v in tiles.items())
    return f'<dl>{told}</dl><div class="tiles">{shown}</div>\n'


def _performance(reported: Reported, pooled: Pooled) -> str:
    del pooled
    studies = reported.studies
    tables = [table_iv(studies), table_v(studies), table_vi(studies), table_vii(studies),
              *table_ix(studies)]  # fmt: skip
    return section("Performance", *(html_table(table) for table in tables))


def _confusions(reported: Reported, pooled: Pooled) -> str:
    del reported
    matrix = confusion(pooled.types, pooled.argmax)
    types = roc_curves(pooled.types, pooled.calibrated)
    polarities = roc_curves(pooled.polarities, pooled.polarity)
    return section(
        "Confusions",
        plate(
            "Fig. 8. Confusion matrix",
            "Per cent of the chromosomes of each true type by their most probable type.",
            figures.confusion_figure(matrix),
        ),
        plate(
            "Fig. 7. Receiver operating characteristic",
            "One class against all others; the false-positive axis is logarithmic. The four "
            "types with the smallest areas are drawn too.",
            figures.roc_figure(types, polarities),
        ),
    )


def _features(reported: Reported, pooled: Pooled) -> str:
    del pooled
    title = "Fig. 9. Features embedded by t-SNE"
    kept = embedded_of(reported.studies[0])
    found = {name: embedding.place(f) for name, f in kept.features.items()} if kept else {}
    places = {name: at for name, at in found.items() if at is not None}
    if kept is None or not places:
        return section("Features", f"<h3>{title}</h3>", captioned(
            "Not drawn: the network has no global and local features, or there are fewer than "
            f"{embedding.FEWEST} chromosomes."
        ))  # fmt: skip
    return section("Features", plate(
        title,
        f"{len(kept.types):,} chromosomes of {reported.studies[0].name}, as the fused classifiers "
        "get them; each cloud bears the label of its type.",
        figures.embedding_figure(places, kept.types, kept.polarities),
    ))  # fmt: skip


def _cells(reported: Reported, pooled: Pooled) -> str:
    del pooled
    abnormal, flagged = findings_table(reported.studies, reported.labels)
    return section(
        "Whole cells",
        html_table(assignments_table(reported.studies, reported.labels)),
        html_table(abnormal),
        html_table(flagged),
    )


def _confidence(reported: Reported, pooled: Pooled) -> str:
    seen = pooled.seen
    curves = [reliability(pooled.types[seen], p[seen]) for p in (pooled.raw, pooled.calibrated)]
    return section(
        "Confidence",
        html_table(_calibration_table(reported, pooled)),
        plate("Reliability", "Dots: mean stated probability of the bin against the share right.",
                figures.reliability_figure(*curves)),
        html_table(_review_table(pooled)),
        plate("Risk and coverage", "Both orders of review; what is looked at counts as right.",
                figures.risk_figure(pooled.review)),
    )  # fmt: skip


def _calibration_table(reported: Reported, pooled: Pooled) -> Table:
    fitted = "; ".join(
        f"T = {s.calibration.temperature:g}, ε = {s.calibration.floor:g}"
        + ("" if s.card.get("calibration") else " (no fit in the card: defaults)")
        for s in reported.studies
    )
    names = {"raw": "as the network says", "calibrated": "calibrated as the card says",
             "cross_fitted": "calibrated to other cases (cross-fitted)"}  # fmt: skip
    rows = tuple(
        (names[name], share(row["ece"]), NOTHING if row["nll"] is None else f"{row['nll']:.4f}")
        for name, row in calibration(pooled).items()
    )
    head = line("Probabilities", "ECE (%)", "Negative log-likelihood (nats)")
    caption = (
        f"{fitted}. The fit of the card may know these cells; the cross-fitted one never saw the "
        f"case. {BINS} bins of equal width."
    )
    return Table("Calibration", caption, head, rows)


def _review_table(pooled: Pooled) -> Table:
    names = {"softmax": SOFTMAX, "margin": MARGIN}
    answers = {"softmax": pooled.argmax, "margin": pooled.assigned}
    rows = []
    for name, row in review(pooled).items():
        right = answers[name] == pooled.types
        steps = [row[f"{100 * target:g}"] for target in TARGETS]
        auc = row["failure_auc"]
        rows.append((
            names[name], share(float(right.mean()) if len(right) else None),
            *(_number(step["looked_at_of_46"], ".1f") for step in steps),
            percent([steps[-1]["certified_accuracy"]]), _number(auc, ".4f"),
        ))  # fmt: skip
    texts = ("Order", "Right before (%)", *(f"for {100 * t:g} %" for t in TARGETS),
             "Certified at 99.9 % (%)", "Failure AUROC")  # fmt: skip
    return Table(
        "Review",
        "How many chromosomes of 46 must be looked at, the least sure first, until the rest is "
        "right to this share. Certified: lower end of the one-sided 95 % interval "
        "(Clopper-Pearson) of the rest's accuracy, chromosomes taken as independent.",
        line(*texts),
        tuple(rows),
    )


def _number(value: float | None, form: str) -> str:
    return NOTHING if value is None else format(value, form)


def _examples(reported: Reported, pooled: Pooled) -> str:
    del pooled
    studies = reported.studies
    types, polarities = gallery.wrong_types(studies), gallery.wrong_polarities(studies)
    return section(
        "Chromosomes",
        _cards("Fig. 10. Rightly classified", gallery.right_types(studies), gallery.right_card,
               "The first of each type. Left the chromosome set upright with the zoom box, right "
               "what the L-Net sees of it."),
        _cards("Fig. 11. Wrong types", types, gallery.wrong_card,
               "The five largest probabilities in per cent; the true type has a red frame."),
        _cards("Fig. 11. Wrong polarities", polarities,
               lambda e: gallery.wrong_card(e, polarity=True),
               "Of the picture as shown. Some pictures of the archive may be upside down."),
    )  # fmt: skip


def _cards(
    title: str, examples: Sequence[Example], card: Callable[[Example], str], caption: str
) -> str:
    if not examples:
        return f"<h3>{title}</h3>{captioned('None.')}"
    shown = examples[: gallery.MOST]
    some = "" if len(shown) == len(examples) else (
        f" {len(shown)} of {len(examples)} are shown, the surest errors first."
    )  # fmt: skip
    cards = "".join(card(example) for example in shown)
    return f'<h3>{title}</h3>{captioned(caption + some)}<div class="cards">{cards}</div>'


def _left_out(reported: Reported, pooled: Pooled) -> str:
    del pooled
    if not reported.left_out:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in reported.left_out)
    return section("Left out of the archive", f"<ul>{items}</ul>")


SECTIONS: tuple[Callable[[Reported, Pooled], str], ...] = (
    _summary, _performance, _confusions, _features, _cells, _confidence, _examples, _left_out,
)  # fmt: skip
"""The parts of a report in their order."""
