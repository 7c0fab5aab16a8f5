"""A case as JSON: every chromosome with what the network said and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import BinaryIO

import numpy as np

from karyogui.domain.analysis import ModelIdentity
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import TYPES, Chromosome, Polarity
from karyogui.domain.findings import CellFinding
from karyogui.domain.karyogram import TRAY, Placement
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.report import CellReport, ReportData
from karyogui.domain.review import NEVER_CHECKED, NOT_RENEWED, Edit, review_queue, sign_off_needs
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.domain.separation_check import reason
from karyogui.export.facts import (
    UNPLACED,
    Standing,
    alternative_iscn,
    change_troubles,
    evidence,
    review_reasons,
    source_name,
    standings,
)

Outline = tuple[tuple[int, int], ...]


def contour(found: SeparatedObject) -> Outline:
    """The object's outer outline as (x, y) of its border pixels in the raw picture, clockwise.

    Corners only: straight and diagonal runs are given by their ends. Of a mask in several pieces
    it is the outline of the largest; empty for an empty mask.
    """
    import cv2

    padded = np.pad(found.mask.astype(np.uint8), 1)
    pieces, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not pieces:
        return ()
    largest = max(pieces, key=lambda piece: (cv2.contourArea(piece), len(piece)))
    shift = np.array(found.origin) - 1
    points = np.asarray(largest).reshape(-1, 2) + shift
    # With y downwards OpenCV goes counter-clockwise as seen on the screen.
    return tuple((int(x), int(y)) for x, y in points[::-1])


SCHEMA = "karyogui-case/1"


class CaseJson:
    """UTF-8, indented; `cells` holds one `cell_document` each."""

    id = "case-json"
    label = "Case data (JSON)"
    suffix = ".json"
    prints = False

    def write(self, data: ReportData, target: BinaryIO) -> None:
        _write(case_document(data), target)


class CellJson:
    """What `analyse` writes as `<name>.json`: the first cell, and sentences on its pictures.

    `problems` are of pictures that were left out, `remarks` of those that were used.
    """

    def __init__(self, problems: Sequence[str], remarks: Sequence[str]) -> None:
        self._problems, self._remarks = tuple(problems), tuple(remarks)

    def write(self, data: ReportData, target: BinaryIO) -> None:
        document = {
            **cell_document(data.cells[0]),
            "case": data.case_name,
            "problems": list(self._problems),
            "remarks": list(self._remarks),
            "software": data.software,
        }
        _write(document, target)


def case_document(data: ReportData) -> dict[str, object]:
    """The whole case, JSON-ready. Times are ISO 8601; unknown values are null.

    `excluded` names the cells of the case that do not count in it, with the reason.
    """
    return {
        "schema": SCHEMA,
        "software": data.software,
        "created": data.created.isoformat(),
        "demonstration": data.is_demo,
        "case": data.case_name,
        "details": asdict(data.details),
        "cultures": [asdict(culture) for culture in data.cultures],
        "cells": [cell_document(cell) for cell in data.cells],
        "excluded": [
            {"cell": cell.name, "slide": cell.slide, **(_excluded(cell) or {})}
            for cell in data.excluded
        ],
    }


def cell_document(report: CellReport) -> dict[str, object]:
    """One cell, JSON-ready.

    `type` is where a chromosome stands (a type, `mar` or `unplaced`); `polarity` is 1 for q arm
    down, 0 for q arm up in the picture as imported; `type_probabilities` are in the order 1 … 22,
    X, Y; `review` says why a chromosome still asks for a person's eye. `margin` (nats) and
    `assignment` are null where they are not known. `iscn_proposal` is an empty string where only a
    question may be asked. `structural_changes` are those that a person has labelled, on chromosomes
    by id. Chromosomes stand in the order of the cell, which is that of the imported pictures.

    Of a metaphase each chromosome also has `box` [x, y, width, height] with a margin and
    `contour` [[x, y], …], both in pixels of the raw picture; `objects` are those that were
    rejected (nucleus, debris, edge, deleted), placed alike; `separation_check` are the entries that
    nobody has worked off, the most harmful first: while there is one, `iscn_proposal` is empty and
    `iscn_question` says so; `sign_off_needs` are sentences, one for everything that stands in the
    way of a sign-off; `quality` and `recipe` say what the picture is worth and how it was enhanced
    before cutting; `separation`, where it is known, names what separated it. Of cut-outs `objects`
    is empty and both are null.
    """
    cell = report.cell
    reasons = review_reasons(report)
    by_id = {standing.chromosome.id: standing for standing in standings(report)}
    sources = {chromosome.id: source_name(cell, chromosome) for chromosome in cell.chromosomes}
    objects = {found.id: found for found in cell.objects}
    return {
        "cell": cell.name,
        "slide": cell.slide,
        "culture": cell.note.culture,
        "kind": "metaphase" if cell.has_photograph else "cut-outs",
        "chromosomes": [
            {
                "id": chromosome.id,
                **_chromosome(by_id[chromosome.id], reasons.get(chromosome.id, ())),
                **_place(objects.get(chromosome.id)),
            }
            for chromosome in cell.chromosomes
        ],
        "objects": [
            _object(found) for found in cell.objects if found.kind is not ObjectKind.CHROMOSOME
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "structural_changes": [_labelled(change) for change in cell.changes],
        "iscn_proposal": report.iscn.text,
        "iscn_question": report.iscn.question,
        "separation_check": _check(report, objects),
        "sign_off_needs": _needs(report),
        "assignment": _assignment(report, sources),
        "quality": None if cell.quality is None else asdict(cell.quality),
        "recipe": None if cell.recipe is None else asdict(cell.recipe),
        "correction_cost": _cost(cell),
        "seconds": cell.seconds,
        "model": _model(cell.model),
        **({"separation": cell.separation} if cell.separation else {}),
        "analysed_at": _time(cell.analysed_at),
        "excluded": _excluded(cell),
        "reviewed_by": cell.reviewed_by,
        "reviewed_at": _time(cell.reviewed_at),
        **({"sign_off_broken": cell.broken} if cell.broken else {}),
        "edits": [_edit(edit, sources) for edit in cell.edits],
    }


def _needs(report: CellReport) -> list[str]:
    """What stands in the way of a sign-off, in sentences; nothing once a cell is signed off."""
    cell, karyogram = report.cell, report.karyogram
    if cell.reviewed_at is not None:
        return []
    queue = review_queue(cell.chromosomes, karyogram, cell.assignment)
    ids = [item.chromosome_id for item in queue]
    check = cell.open_check
    never = NEVER_CHECKED if cell.waits else ""
    renewal = NOT_RENEWED if cell.awaits_answer else never
    return list(sign_off_needs(karyogram, ids, check, renewal, change_troubles(report)))


def _labelled(change: LabelledChange) -> dict[str, object]:
    """A change that a person has labelled, on chromosomes by their ids."""
    return {
        "text": change.text,
        "chromosomes": list(change.chromosome_ids),
        "who": change.who,
        "when": _time(change.when),
    }


def _check(report: CellReport, objects: Mapping[str, SeparatedObject]) -> list[dict[str, object]]:
    """Entries of the separation check that nobody has settled."""
    return [
        {
            "object": entry.object_id,
            "kind": str(entry.kind),
            "probability": entry.probability,
            "reason": reason(entry, objects[entry.object_id].kind),
            "box": list(objects[entry.object_id].box),
        }
        for entry in report.cell.open_check
    ]


def imported_polarity(chromosome: Chromosome) -> Polarity | None:
    """Predicted polarity of the picture as it was imported; None before analysis.

    The prediction is about the upright crop; where setting it upright turned the source picture by
    more than a quarter, the long arm pointed the other way before.
    """
    if chromosome.predicted is None:
        return None
    upright = chromosome.predicted.polarity
    overturned = 90.0 < chromosome.segment.angle % 360.0 < 270.0
    return Polarity(1 - upright) if overturned else upright


def _chromosome(standing: Standing, reasons: Sequence[str]) -> dict[str, object]:
    chromosome, placement = standing.chromosome, standing.placement
    predicted, assigned = chromosome.predicted, chromosome.assigned
    polarity = imported_polarity(chromosome)
    document: dict[str, object] = {
        "source": chromosome.segment.source,
        "type": standing.type,
        "position": standing.position,
        "polarity": None if polarity is None else int(polarity),
        "confidence": None if assigned is None else float(assigned.confidence),
        "type_probabilities": predicted and [float(p) for p in predicted.type_probabilities],
        "argmax_type": predicted and predicted.argmax_type,
        "assigned_type": assigned and assigned.type,
        "margin": assigned and assigned.margin,
        "moved": assigned is not None and assigned.moved,
        "review": list(reasons),
        "angle": float(chromosome.segment.angle),
        "turn": float(placement.turn),
        "mirrored": placement.mirrored,
        "confirmed": placement.confirmed,
    }
    if chromosome.segment.box is not None:
        document["box"] = [int(value) for value in chromosome.segment.box]
    return document


def _place(found: SeparatedObject | None) -> dict[str, object]:
    """Where an object lies in the raw picture; nothing for a ready cut-out."""
    if found is None:
        return {}
    return {
        "box": [int(value) for value in found.box],
        "contour": [list(point) for point in contour(found)],
        "separation_score": float(found.score),
        "rotation": float(found.turn),
        "by_person": found.by_person,
    }


def _object(found: SeparatedObject) -> dict[str, object]:
    return {"id": found.id, "kind": found.kind.value, **_place(found)}


def _cost(cell: Cell) -> dict[str, object]:
    """What persons did and how long; zeros where nobody has worked at the cell."""
    cost = cell.cost
    return {
        "corrections": cost.corrections,
        "seconds": round(cost.seconds_active, 1),
        "sittings": len(cell.sittings),
        "actions": {kind.value: count for kind, count in cost.actions.items()},
    }


def _assignment(report: CellReport, sources: dict[str, str]) -> dict[str, object] | None:
    """The method, whose pictures disagree, and the best solution with other counts."""
    cell, assignment = report.cell, report.cell.assignment
    if assignment is None:
        return None
    alternative: dict[str, object] | None = None
    if assignment.alternative is not None:
        alternative = {
            "counts": dict(zip(TYPES, assignment.alternative, strict=True)),
            "iscn": alternative_iscn(cell),
            "margin": assignment.alternative_margin,
        }
    flag = evidence(report)
    scale = assignment.scale
    return {
        "method": assignment.method,
        "label": assignment.label,
        "disagreeing": [sources.get(i, i) for i in assignment.disagreeing],
        "unresolved": [sources.get(i, i) for i in (flag.chromosome_ids if flag else ())],
        "alternative": alternative,
        "scale": None if scale is None else scale.size,
        "stretch": None if scale is None else scale.stretch,
    }


def _finding(finding: CellFinding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "slots": list(finding.slots),
        "count": finding.count,
        "text": finding.text,
    }


def _model(model: ModelIdentity | None) -> dict[str, str] | None:
    return None if model is None else asdict(model)


def _edit(edit: Edit, sources: dict[str, str]) -> dict[str, object]:
    return {
        "who": edit.who,
        "when": _time(edit.when),
        "text": edit.change.text,
        "before": [_placement(placement, sources) for placement in edit.change.before],
        "after": [_placement(placement, sources) for placement in edit.change.after],
    }


def _placement(placement: Placement, sources: dict[str, str]) -> dict[str, object]:
    return {
        "source": sources.get(placement.chromosome_id, placement.chromosome_id),
        "type": UNPLACED if placement.slot == TRAY else placement.slot,
        "position": placement.index + 1,
        "turn": float(placement.turn),
        "mirrored": placement.mirrored,
        "confirmed": placement.confirmed,
    }


def _excluded(cell: Cell) -> dict[str, object] | None:
    said = cell.exclusion
    if said is None:
        return None
    return {"reason": said.reason, "who": said.who, "when": _time(said.when)}


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _write(document: dict[str, object], target: BinaryIO) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    # A file name that is no Unicode comes as lone surrogates: JSON can escape them.
    target.write(text.encode(errors="backslashreplace") + b"\n")
