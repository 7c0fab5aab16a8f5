"""Stored probabilities become types again, by the methods of the model package and no network."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.chromosome import (
    AUTOSOMES,
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
)
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.review import evidence_flag, review_queue, runner_up
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.settings import Settings
from karyogui.workers.model_assigner import ModelAssigner
from model.assignment.methods import METHODS
from model.scale import REFERENCE_LOG_SIZE
from model.vocabulary.choices import ASSIGNMENTS
from model.vocabulary.results import Scale

MODEL = ModelIdentity("compact", "1.2", "0123456789ab")
NORMAL = (*AUTOSOMES, *AUTOSOMES, "X", "X")
CALIBRATED = AssignmentSummary("dispatch", scale=Scale(1.25))
AREAS = np.exp(2 * REFERENCE_LOG_SIZE) / 1.25**2
"""Pixels of each type at that scale."""


def chromosome(
    name: str,
    looks: str,
    probability: float = 0.99,
    second: str = "",
    assigned: Assignment | None = None,
    share: float = 1.0,
) -> Chromosome:
    """Looks like `looks`, and else nearly wholly like `second`, of whose area it has a share."""
    rest = 1 - probability
    probabilities = np.full(24, rest * (0.01 if second else 1.0) / 23)
    if second:
        probabilities[TYPES.index(second)] += rest * 0.99
    probabilities[TYPES.index(looks)] += probability
    kind = second or looks
    crop = np.full((round(share * AREAS[TYPES.index(kind)] / 8), 8), 90, np.uint8)
    return Chromosome(
        name,
        Segment(f"{name}.png", crop, crop < 255),
        Prediction(tuple(map(float, probabilities / probabilities.sum())), (0.9, 0.1)),
        assigned or Assignment(looks, Polarity.Q_UP, probability),
    )


def cell(*others: Chromosome, without: tuple[int, ...] = ()) -> tuple[Chromosome, ...]:
    named = [chromosome(f"{kind}{n}", kind) for n, kind in enumerate(NORMAL) if n not in without]
    return (*named, *others)


def test_the_methods_are_those_of_the_model() -> None:
    assert list(ASSIGNMENTS) == list(METHODS)
    assert Settings().assignment == next(iter(METHODS))


@pytest.mark.parametrize("method", ASSIGNMENTS)
def test_certain_inputs_come_back_unchanged(method: str) -> None:
    chromosomes = cell()
    result = ModelAssigner(Path("gone"), method).assign(chromosomes, MODEL, CALIBRATED)
    assert [a.type for a in result.assigned] == list(NORMAL)
    assert not any(a.moved for a in result.assigned)
    assert all(a.margin is not None and a.margin > 3.0 for a in result.assigned)
    assert [a.polarity for a in result.assigned] == [Polarity.Q_UP] * 46
    assert all(a.reasons == () for a in result.assigned)
    assert result.predicted == tuple(c.predicted for c in chromosomes)
    assert (result.summary.method, result.summary.scale) == (method, Scale(1.25))
    assert result.summary.disagreeing == ()


def test_the_whole_cell_decides_about_a_doubtful_one() -> None:
    doubtful = chromosome("odd", "4", 0.62, second="5")
    chromosomes = cell(doubtful, without=(4,))  # one 5 is missing, both 4 are there
    result = ModelAssigner(Path("gone"), "map").assign(chromosomes, MODEL, CALIBRATED)
    last = result.assigned[-1]
    assert (last.type, last.moved) == ("5", True)
    assert last.confidence == pytest.approx(0.38, abs=0.01)


def test_a_balanced_change_that_is_explained_away_stays_visible() -> None:
    against = chromosome("odd", "8", 0.995, second="7")
    chromosomes = cell(against, without=(6,))
    result = ModelAssigner(Path("gone"), "map").assign(chromosomes, MODEL, CALIBRATED)
    assert (result.assigned[-1].type, result.assigned[-1].moved) == ("7", True)
    assert result.summary.disagreeing == ("odd",)
    assigned = [replace(c, assigned=a) for c, a in zip(chromosomes, result.assigned, strict=True)]
    karyogram = Karyogram.from_analysis(assigned)
    flag = evidence_flag(assigned, karyogram, result.summary)
    assert flag is not None
    assert (flag.assigned, flag.by_pictures) == ("46,XX", "46,XX,-7,+8")
    told = runner_up(assigned, karyogram.counts, result.summary)
    assert told.startswith("Nearly as likely: 46,XX,-7,+8 (margin ")


def test_where_nothing_was_seen_nothing_is_assigned() -> None:
    blank = chromosome("blank", "1", 1 / 24)
    kept = Assignment(None, Polarity.Q_DOWN, 0.0, ("Nothing is seen.",), 0.0)
    prediction = Prediction((1 / 24,) * 24, (0.5, 0.5))
    blank = Chromosome("blank", blank.segment, prediction, kept)
    for method in ASSIGNMENTS:
        result = ModelAssigner(Path("gone"), method).assign(cell(blank), MODEL, CALIBRATED)
        assert result.assigned[-1] == kept
        assert result.predicted[-1] == prediction
    alone = ModelAssigner(Path("gone"), "map").assign((blank,), MODEL, None)
    assert alone.assigned == (kept,)


def test_an_object_of_no_type_is_unknown_and_says_so() -> None:
    debris = Chromosome(
        "debris",
        chromosome("x", "1").segment,
        Prediction((0.0417,) * 23 + (0.0409,), (0.5, 0.5)),
        Assignment("1", Polarity.Q_DOWN, 0.0417),
    )
    result = ModelAssigner(Path("gone"), "map").assign(cell(debris), MODEL, CALIBRATED)
    assert result.assigned[-1].type is None
    told = replace(debris, predicted=result.predicted[-1], assigned=result.assigned[-1])
    karyogram = Karyogram.from_analysis([told])
    (item,) = review_queue([told], karyogram, result.summary)
    assert item.reasons[0] == "Looks most like 1 (4 %), but fits no place of this cell."
    assert result.assigned[-1].confidence == 0.0


def test_what_is_too_small_for_a_type_says_so_where_nothing_covers_it() -> None:
    """It looks most like the X that is missing, at half its area."""
    marker = chromosome("m", "7", 0.4, second="X", share=0.5)
    chromosomes = cell(marker, without=(45,))
    said = ModelAssigner(Path("gone"), "map").assign(chromosomes, MODEL, CALIBRATED)
    assert said.assigned[-1].type is None
    told = replace(marker, predicted=said.predicted[-1], assigned=said.assigned[-1])
    (item,) = review_queue([told], Karyogram.from_analysis([told]), said.summary)
    assert item.reasons == (
        "Too small for chromosome X (50 % of its area): a marker, a deletion, or a part of a "
        "chromosome.",
    )
    places = {c.id: (60 * n, 0) for n, c in enumerate(chromosomes)}
    assert objects_at(chromosomes, places, marker.id) is None
    places[marker.id] = (60 * 44 + 2, 3)  # crosses the X
    assert objects_at(chromosomes, places, marker.id) == "X"


def objects_at(
    chromosomes: Sequence[Chromosome], places: Mapping[str, tuple[int, int]], name: str
) -> str | None:
    """The type of the chromosome `name` where all lie in a photograph at these `places`."""
    objects = [
        SeparatedObject(
            c.id, ObjectKind.CHROMOSOME, c.segment.mask, places[c.id],
            (*places[c.id], *c.segment.mask.shape[::-1]), 0.9,
        )
        for c in chromosomes
    ]  # fmt: skip
    said = ModelAssigner(Path("gone"), "map").assign(chromosomes, MODEL, CALIBRATED, objects)
    types = {c.id: a.type for c, a in zip(chromosomes, said.assigned, strict=True)}
    return types[name]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.6, "Only 60 % of the area of a chromosome 5: a deletion, or a part is missing."),
        (1.6, "160 % of the area of a chromosome 5: added material, or something lies on it."),
    ],
)
def test_clear_bands_keep_their_type_and_ask_for_an_eye(share: float, words: str) -> None:
    short = chromosome("short", "5", 0.99, share=share)
    chromosomes = cell(short, without=(4,))
    said = ModelAssigner(Path("gone"), "map").assign(chromosomes, MODEL, CALIBRATED)
    assert said.assigned[-1].type == "5"
    told = replace(short, predicted=said.predicted[-1], assigned=said.assigned[-1])
    reasons = [
        reason
        for item in review_queue([told], Karyogram.from_analysis([told]), said.summary)
        for reason in item.reasons
    ]
    assert reasons[0] == words


class TestCalibration:
    """Probabilities of an older version are raw; newer ones are stored as calibrated."""

    @pytest.fixture
    def weights(self, tmp_path: Path) -> Path:
        card = {"sha256": "0123456789abcdef", "calibration": {"temperature": 2.0, "floor": 1e-3}}
        (tmp_path / "w.json").write_text(json.dumps(card))
        return tmp_path / "w.safetensors"

    def best(self, weights: Path, model: ModelIdentity, before: AssignmentSummary | None) -> float:
        result = ModelAssigner(weights, "map").assign(cell(), model, before)
        return max(result.predicted[0].type_probabilities)

    def test_raw_ones_are_calibrated_by_the_card(self, weights: Path) -> None:
        assert self.best(weights, MODEL, None) < 0.9

    def test_calibrated_ones_are_left_as_they_are(self, weights: Path) -> None:
        assert self.best(weights, MODEL, CALIBRATED) == pytest.approx(0.99, abs=1e-4)

    def test_the_card_of_another_network_says_nothing(self, weights: Path) -> None:
        other = ModelIdentity("other", "1", "ffff")
        assert self.best(weights, other, None) == pytest.approx(0.99, abs=0.002)

    def test_a_broken_card_gives_the_defaults(self, weights: Path) -> None:
        weights.with_suffix(".json").write_text("[")
        assert self.best(weights, MODEL, None) == pytest.approx(0.99, abs=0.002)


def test_an_unknown_method_is_told() -> None:
    with pytest.raises(KaryoError, match="oracle"):
        ModelAssigner(Path("gone"), "oracle").assign(cell(), MODEL, CALIBRATED)


def test_no_torch_is_loaded() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from karyogui.domain.analysis import ModelIdentity\n"
        "from karyogui.workers.model_assigner import ModelAssigner\n"
        "assert 'scipy' not in sys.modules\n"
        "ModelAssigner(Path('w'), 'map').assign((), ModelIdentity('m', '1', 'ab'), None)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
