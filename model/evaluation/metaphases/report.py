"""The evaluation's figures as tables, in Markdown and for a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model.evaluation.document import NOTHING, Table, line
from model.evaluation.metaphases.boxes import TIGHT
from model.vocabulary.labels import TYPES

Figures = Mapping[str, Any]


def title_of(metrics: Figures) -> str:
    """What was measured, in a line."""
    return f"Metaphases by the {metrics['separator']} separator"


def tables_of(metrics: Figures) -> list[Table]:
    """All tables of what was measured: metaphases with boxes, outlines, or both."""
    found = []
    boxes, outlines = metrics.get("metaphases"), metrics.get("outlines")
    if boxes:
        found += [_chromosomes(boxes), _per_cell(boxes), *_corrections(boxes)]
        found += [_findings(boxes)] if "findings" in boxes else []
        found += [_silence(boxes["silence"])] if "silence" in boxes else []
        found += [_types(boxes)] if "types_ap50" in boxes["precision"] else []
    if outlines:
        found.append(_outlines(outlines))
    found.append(_seconds(metrics))
    errors = [e for part in (boxes, outlines) if part for e in part["errors"]]
    if errors:
        rows = tuple((e["name"], e["error"]) for e in errors)
        note = "Everything in these counts as missed."
        found.append(Table("Pictures that failed", note, line("picture", "why"), rows, 2))
    return found


def percent(figure: Figures | None, digits: int = 1) -> str:
    """A share with its interval, in per cent."""
    return _around(figure, 100.0, digits)


def number(figure: Figures | None, digits: int = 2) -> str:
    """A value with its interval."""
    return _around(figure, 1.0, digits)


def _around(figure: Figures | None, factor: float, digits: int) -> str:
    if figure is None:
        return NOTHING
    value, low, high = (f"{factor * figure[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} ({low} … {high})"


def _chromosomes(boxes: Figures) -> Table:
    precision = boxes["precision"]
    rows = [
        ("AP50 “a chromosome”", percent(precision["chromosome_ap50"])),
        ("AP50:95 “a chromosome”", percent(precision["chromosome_ap50_95"])),
        ("separated", percent(boxes["separated"])),
        ("mean IoU of separated boxes", percent(boxes["mean_box_iou"])),
    ]
    if "identified" in boxes:
        rows[2:2] = [
            ("mAP50 of 24 types", percent(precision["types_map50"])),
            ("mAP50:95 of 24 types", percent(precision["types_map50_95"])),
        ]
        rows += [
            ("separated and identified", percent(boxes["identified"])),
            ("the same, each by its own most probable type",
             percent(boxes["identified_without_assignment"])),
            ("identified, of the separated", percent(boxes["identified_of_separated"])),
        ]  # fmt: skip
    note = (
        f"{boxes['chromosomes']} true chromosomes and {boxes['objects']} objects in "
        f"{boxes['cells']} pictures of {boxes['cases']} cases; per cent, with the 95 % interval "
        "over cases."
    )
    if boxes.get("boxes") == TIGHT:
        note += (
            " This archive draws its boxes tightly around the chromosomes: they are compared with "
            "those of the outlines, not with boxes that have the usual margin."
        )
    return Table("Chromosomes", note, line("", "% (95 %)"), tuple(rows))


def _per_cell(boxes: Figures) -> Table:
    names = {
        "merges": "merges", "cuts": "cuts that they need", "splits": "splits",
        "joins": "joins that they need", "misses": "misses",
        "misses_rejected": "of these: among the rejected objects",
        "false_objects": "false objects", "wrong_classes": "wrong classes",
        "unseparated": "chromosomes not separated",
        "unmatched_objects": "objects without a chromosome of their own, merges and splits too",
    }  # fmt: skip
    figures = boxes["per_cell"]
    rows = [(text, number(figures[key])) for key, text in names.items() if key in figures]
    rows += [
        ("chromosomes not separated, median", number(boxes["unseparated_median"], 1)),
        ("cells whose count is right, %", percent(boxes["count_right"])),
    ]
    return Table("Per cell", "", line("", "mean (95 %)"), tuple(rows))


def _corrections(boxes: Figures) -> list[Table]:
    kinds = {"repairs": "of the separation"}
    if "corrections" in boxes:
        kinds["corrections"] = "with wrong classes"
    rows = (
        ("median", *(number(boxes[key]["median"], 1) for key in kinds)),
        ("mean", *(number(boxes[key]["mean"]) for key in kinds)),
        ("quartiles", *(" … ".join(f"{q:g}" for q in boxes[k]["quartiles"]) for k in kinds)),
        ("most", *(str(boxes[key]["most"]) for key in kinds)),
        ("cells without any, %", *(percent(boxes[key]["none"]) for key in kinds)),
    )
    each = zip(*(boxes[key]["distribution"] for key in kinds), strict=True)
    steps = tuple((_step(row[0]), *(str(part["cells"]) for part in row)) for row in each)
    note = "One for each cut, join, miss, false object and wrong class; rules in metrics.json."
    return [
        Table("Estimated corrections per cell", note, line("", *kinds.values()), rows),
        Table("Cells by corrections", "", line("corrections", *kinds.values()), steps),
    ]


def _step(part: Figures) -> str:
    low, high = part["from"], part["to"]
    if high is None:
        return f"{low} and more"
    return str(low) if low == high else f"{low} … {high}"


def _findings(boxes: Figures) -> Table:
    found = boxes["findings"]
    rows = (
        (f"sensitivity ({found['abnormal_cells']} abnormal cells)", percent(found["sensitivity"])),
        (f"specificity ({found['normal_cells']} normal cells)", percent(found["specificity"])),
        ("abnormal cells with all counts right", percent(found["exact_abnormal"])),
        ("all counts right", percent(found["exact_counts"])),
    )
    note = (
        "Before any repair, of cells whose boxes are a truth about counts; "
        f"{found['uncountable_cells']} are not."
    )
    return Table("Numerical findings", note, line("", "% (95 %)"), rows)


def _silence(told: Figures) -> Table:
    kinds = ((f"of these: {kind}", number(f)) for kind, f in told["silent_by_kind"].items())
    needless = told["needless_entries"]
    rows = (
        ("faults per cell", number(told["faults"])),
        ("silent faults per cell", number(told["silent_faults"])),
        *kinds,
        ("listed share of all faults, %", percent(told["listed"])),
        ("silent cells at first, %", percent(told["silent_cells_at_first"])),
        ("faults never named per cell", number(told["never_named_faults"])),
        ("silent cells, %", percent(told["silent_cells"])),
        ("silent cells among those whose boxes are a truth about counts, %",
         percent(told["silent_countable_cells"])),
        ("entries of the separation check per cell", number(told["check_entries"])),
        ("entries asked later, for what is missing", number(told["later_entries"])),
        ("needless ones, mean", number(needless["mean"])),
        ("needless ones, median", number(needless["median"], 1)),
        ("entries of the review list per cell", number(told["review_entries"])),
    )  # fmt: skip
    note = (
        "Faults to which no entry of the separation check or of the review list points; "
        "rules in metrics.json."
    )
    return Table("Silence", note, line("", "(95 %)"), rows)


def _types(boxes: Figures) -> Table:
    values = boxes["precision"]["types_ap50"]
    cells = [(kind, values[kind]) for kind in TYPES]
    texts = [(k, NOTHING if v is None else f"{100 * v:.1f}") for k, v in cells]
    rows = tuple((*texts[i], *texts[i + 8], *texts[i + 16]) for i in range(8))
    return Table("AP50 of each type, %", "", line(*("type", "AP50") * 3), rows)


def _outlines(outlines: Figures) -> Table:
    rows = (
        ("mean matched IoU, %", percent(outlines["mean_matched_iou"])),
        ("mean IoU of all outlines, %", percent(outlines["mean_iou_of_all"])),
        ("separated (IoU ≥ 0.5), %", percent(outlines["separated"])),
        ("pictures whose count is right, %", percent(outlines["count_right"])),
        ("objects without an outline, per picture", number(outlines["objects_without_pair"])),
    )
    note = (
        f"{outlines['outlines']} outlines in {outlines['pictures']} pictures of "
        f"{outlines['cases']} fields."
    )
    return Table("Outlines", note, line("", "(95 %)"), rows)


def _seconds(metrics: Figures) -> Table:
    rows = []
    for part, text in (("metaphases", "metaphases"), ("outlines", "outlines")):
        for key, spent in metrics.get(part, {}).get("seconds", {}).items():
            rows.append(
                (f"{text}: {key}", *(f"{spent[k]:.2f}" for k in ("mean", "median", "most")))
            )
    memory = metrics.get("metaphases", metrics.get("outlines", {})).get("peak_memory_mib")
    note = f"{metrics['processes']} processes at once, {metrics['cores']} cores. "
    note += "" if memory is None else f"Most memory of a process: {memory} MiB."
    return Table("Seconds per picture", note, line("", "mean", "median", "most"), tuple(rows))
