"""The report and its tables, from a tiny network on generated cells."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import Tensor

from model.data.cells import LabelledCell
from model.evaluation.cells import embedding, figures, gallery
from model.evaluation.cells.collect import observe
from model.evaluation.cells.curves import roc_curves
from model.evaluation.cells.embedding import choose
from model.evaluation.cells.pooled import Pooled, details
from model.evaluation.cells.report import Reported, report_html
from model.evaluation.cells.stages import FEATURES, StagedNet
from model.evaluation.cells.study import Question, Study, embedded_of, study
from model.evaluation.cells.tables import findings_table, percent, shorthand, table_iv, table_vii
from model.inference.predictor import Predictor
from model.inference.runtimes import open_runtime
from model.network.comparison import build_network, configured
from model.network.varifocal import VarifocalNet, VarifocalOutput
from model.vocabulary.labels import TYPES, X, Y
from model.weights import LoadedModel
from tests.unit.model.builders import TINY, blob, write_net

NORMAL_XY = (*(k for k in range(22) for _ in range(2)), X, Y)
LABELS = {"map": "Best of the cell", "dispatch": "Algorithm 1"}
SECTIONS = (
    "Performance", "Table IV.", "Table V.", "Table VI.", "Table VII.", "Table IX.", "Fig. 8.",
    "Fig. 7.", "Fig. 9.", "Assignments", "Numerically abnormal cells",
    "Normal cells taken for abnormal", "Calibration", "Reliability", "Review", "Risk and coverage",
    "Fig. 10.", "Fig. 11. Wrong types", "Fig. 11. Wrong polarities",
)  # fmt: skip


def cell(types: tuple[int, ...], name: str = "m", case: str = "p") -> LabelledCell:
    return LabelledCell(case, name, tuple(blob(k) for k in types), types, None)


def studied(weights: Path, *cells: LabelledCell, views: int = 1) -> Study:
    kept = choose([len(c.types) for c in cells])
    return study(weights, cells, Question("cpu", views, stages=True), kept)


def page(*studies: Study, left_out: tuple[str, ...] = ()) -> str:
    return report_html(Reported(studies, "cells.zip", "map", LABELS, True, left_out, "today"))


class Balance(HTMLParser):
    """Every element is closed in order and nothing is fetched from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [v or "" for k, v in attrs if k in ("src", "href")]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [v or "" for k, v in attrs if k in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take their time; these tests are about the words."""
    for name in ("confusion", "roc", "reliability", "risk", "embedding"):
        monkeypatch.setattr(figures, f"{name}_figure", lambda *given: "<svg/>")


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Frozen, so that the tests can share it: each look at two cells takes seconds."""
    torch.manual_seed(0)
    weights = write_net(VarifocalNet(TINY), tmp_path_factory.mktemp("one") / "tiny.safetensors")
    return studied(weights, cell(NORMAL_XY), cell((*NORMAL_XY, 20), "t", "q"))


def test_the_report_has_every_section_and_needs_nothing_else(one: Study) -> None:
    text = page(one, left_out=("a <b> c",))
    for title in SECTIONS:
        assert title in text
    assert "a &lt;b&gt; c" in text
    balance = Balance()
    balance.feed(text)
    assert balance.open == []
    assert balance.fetched
    assert all(source.startswith("data:image/") for source in balance.fetched)
    assert "nan" not in re.sub(r"base64,[^\"]*", "", text).lower().split()


@pytest.mark.usefixtures("undrawn")
def test_names_of_cells_are_escaped(tiny_weights: Path) -> None:
    text = page(studied(tiny_weights, cell((*NORMAL_XY, 20), "<script>", "a&b")))
    assert "<script>" not in text
    assert "a&amp;b / &lt;script&gt;" in text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("types", [(3,), NORMAL_XY, (*NORMAL_XY, 20)])
def test_one_cell_of_any_kind_makes_a_report(tiny_weights: Path, types: tuple[int, ...]) -> None:
    text = page(studied(tiny_weights, cell(types)))
    for title in SECTIONS:
        assert title in text


def test_a_cell_of_nothing_makes_a_report_with_figures(tiny_weights: Path) -> None:
    assert page(studied(tiny_weights, cell(()))).count("data:image/svg+xml") == 4


@pytest.mark.usefixtures("undrawn")
def test_a_cell_without_errors_makes_a_report(one: Study) -> None:
    perfect = replace(one, cells=tuple(
        replace(c, outcome=replace(
            c.outcome, argmax=c.outcome.types, polarity_answers=c.outcome.polarities,
            assigned=dict.fromkeys(c.outcome.assigned, c.outcome.types)))
        for c in one.cells
    ))  # fmt: skip
    text = page(perfect)
    for kind in ("types", "polarities"):
        assert re.search(rf"Wrong {kind}</h3><p class=\"caption\">None\.", text)
    assert "✓ 47,XY,+21" in text


def test_a_white_picture_makes_a_report(tiny_weights: Path) -> None:
    white = np.full((20, 20), 255, np.uint8)
    pictures = (white, blob(4), *(blob(k) for k in range(12)))
    mixed = LabelledCell("p", "m", pictures, (7, 4, *range(12)), None)
    text = page(studied(tiny_weights, mixed), studied(tiny_weights, replace(
        mixed, pictures=(white,), types=(7,))))  # fmt: skip
    assert "Fig. 8." in text


def test_stages_are_told_apart(one: Study) -> None:
    table = table_iv([one])
    assert [row[:2] for row in table.rows] == [
        ("1", "G-Net"), ("1", "L-Net"), ("2", "Varifocal-Net"),
    ]  # fmt: skip
    columns = sum(h.columns for h in table.head[0])
    assert {len(row) for row in table.rows} == {columns}
    seconds = [float(row[-1]) for row in table.rows]
    assert seconds == sorted(seconds)
    assert one.outcomes_of("G-Net")[0].argmax.shape == (46,)


class OnlyGlobal(VarifocalNet):
    """Answers with the G-Net's own classifiers."""

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        output = super().forward(image, size)
        return VarifocalOutput(*self.g_classes(self.g_net(image)), output.boxes)


class OnlyLocal(VarifocalNet):
    """Answers with the L-Net's own classifiers."""

    def forward(self, image: Tensor, size: Tensor) -> VarifocalOutput:
        output = super().forward(image, size)
        return VarifocalOutput(*self.local_logits(image, output.boxes), output.boxes)


@pytest.mark.parametrize(("stage", "alone"), [("G-Net", OnlyGlobal), ("L-Net", OnlyLocal)])
def test_a_stage_says_what_it_would_say_as_the_whole_network(
    tiny_weights: Path, stage: str, alone: type[VarifocalNet]
) -> None:
    """The same pictures, views and turned polarities as the predictor's."""
    config = replace(TINY, scale_per_cell=False)  # with it, the types would decide on the scale
    net = alone(config).eval()
    model = LoadedModel(net, {"sha256": ""})
    shown = cell((0, 7, 7, 20, X))
    observed = observe(Predictor(model, open_runtime(model, "cpu", "torch"), views=4), shown)
    staged = StagedNet(net, torch.device("cpu"), 4).look(observed, np.arange(2))
    assert staged.type[stage] == pytest.approx(observed.raw_probabilities, abs=1e-5)
    assert staged.polarity[stage] == pytest.approx(observed.polarity, abs=1e-5)
    assert staged.kept.tolist() == [0, 1]


def test_kept_features_stand_with_their_truths(one: Study) -> None:
    kept = embedded_of(one)
    assert kept is not None
    assert kept.types.tolist() == [*NORMAL_XY, *NORMAL_XY, 20]
    sizes = {name: values.shape for name, values in kept.features.items()}
    assert sizes["concatenated"][1] == sizes["global"][1] + sizes["local"][1]
    assert list(sizes) == list(FEATURES)


@pytest.mark.usefixtures("undrawn")
def test_a_network_without_stages_is_reported_under_its_own_name(tmp_path: Path) -> None:
    net = build_network(configured(TINY, "g-net"))
    weights = write_net(net, tmp_path / "g.safetensors")
    measured = studied(weights, cell(NORMAL_XY))
    assert [row[1] for row in table_iv([measured]).rows] == ["G-Net"]
    assert "Not drawn: the network has no global and local features" in page(measured)


def test_training_time_comes_from_the_card(one: Study) -> None:
    history = [{"step": "G-Net", "epoch": k, "seconds": s} for k, s in ((1, 10.0), (2, 14.0))]
    told = replace(one, card={**one.card, "history": [*history, "odd", {"step": "G-Net"}]})
    assert [row[-2] for row in table_iv([told]).rows] == ["2 × 12.0 ± 2.8", "–", "–"]


def test_figures_in_per_cent() -> None:
    assert percent([0.98765]) == "98.77"
    assert percent([0.98, 1.0]) == "99.00 ± 1.41"
    assert percent([None, 0.5]) == "50.00"
    assert percent([]) == "–"


@pytest.mark.parametrize(
    ("types", "short"),
    [
        (NORMAL_XY, "46,XY"),
        ((*NORMAL_XY, 20), "47,XY,+21"),
        (NORMAL_XY[:-1], "45,X"),
        ((*NORMAL_XY, X, 0, 0), "49,XXY,+1 ×2"),
        (NORMAL_XY[2:44], "42,no sex chromosome,−1 ×2"),
    ],
)
def test_counts_in_short(types: tuple[int, ...], short: str) -> None:
    assert shorthand([types.count(k) for k in range(24)]) == short


def test_findings_list_abnormal_cells_and_false_alarms(one: Study) -> None:
    """The normal cell loses a 1 by the assignment; the trisomy is found by Algorithm 1 alone."""

    def answered(index: int, **answers: np.ndarray) -> Study:
        cells = list(one.cells)
        outcome = replace(cells[index].outcome, assigned=answers)
        cells[index] = replace(cells[index], outcome=outcome)
        return replace(one, cells=tuple(cells))

    wrong = np.array(NORMAL_XY)
    wrong[0] = 1
    one = answered(0, map=wrong, dispatch=np.array(NORMAL_XY))
    hidden = one.cells[1].outcome.types.copy()
    hidden[-1] = -1
    assert hidden.tolist()[:-1] == list(NORMAL_XY)
    one = answered(1, map=hidden, dispatch=one.cells[1].outcome.types)
    abnormal, flagged = findings_table([one], LABELS)
    assert abnormal.rows == (("q", "t", "47,XY,+21", "✗ 46,XY", "✓ 47,XY,+21", "1"),)
    assert flagged.rows == (("p", "m", "46,XY", "≠ 46,XY,−1,+2", "✓ 46,XY", "1"),)


def test_polarity_within_each_type(one: Study) -> None:
    """All types named once, three pairs of columns; a type that does not occur is a dash."""
    rows = table_vii([one]).rows
    assert sorted(t for row in rows for t in row[::2]) == sorted(TYPES)
    without = replace(one, cells=())
    assert {text for row in table_vii([without]).rows for text in row[1::2]} == {"–"}


def test_details_hold_no_nan_and_every_type(one: Study) -> None:
    for studies in ([one], [replace(one, cells=())]):
        told = json.loads(json.dumps(details(studies, Pooled.of(studies)), allow_nan=False))
        assert list(told["per_type"]) == list(TYPES)
        assert told["review"].keys() == {"softmax", "margin"}
    assert details([one], Pooled.of([one]))["calibration"].keys() == {
        "raw", "calibrated", "cross_fitted",
    }  # fmt: skip


def test_figures_are_drawn_of_nothing_and_of_little() -> None:
    none = roc_curves(np.empty(0, int), np.empty((0, 24)))
    ElementTree.fromstring(figures.roc_figure(none, none))
    ElementTree.fromstring(figures.confusion_figure(np.zeros((24, 25), np.int64)))
    ElementTree.fromstring(figures.risk_figure({}))


def test_the_zoom_box_may_reach_beyond_the_crop(one: Study) -> None:
    found = one.cells[0].observed.result.objects[0]
    height, width = found.cut_out.crop.shape
    text = gallery.pictures(replace(found, zoom_box=(-0.5, 0.25, 1.5, 0.75)), "one")
    drawings = re.findall(r'viewBox="([^"]*)"', text)
    whole, local = ([float(n) for n in view.split()] for view in drawings)
    assert whole[2] >= 2 * width
    assert local[2:] == pytest.approx([2 * width, height / 2], abs=0.01)
    for drawing in re.findall(r"<svg.*?</svg>", text):
        ElementTree.fromstring(drawing)


def test_chosen_chromosomes_are_no_more_than_asked_and_the_same_again() -> None:
    sizes = [46, 0, 45, 47]
    chosen = choose(sizes, 50)
    assert sum(map(len, chosen)) == 50
    assert all((c < size).all() for c, size in zip(chosen, sizes, strict=True))
    assert [c.tolist() for c in choose(sizes, 50)] == [c.tolist() for c in chosen]
    assert [len(c) for c in choose(sizes)] == sizes


def test_two_clouds_stay_apart_in_the_plane() -> None:
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (20, 5)), rng.normal(30, 1, (20, 5))])
    at = embedding.place(features)
    assert at is not None
    gap = np.linalg.norm(at[:20].mean(axis=0) - at[20:].mean(axis=0))
    assert gap > at[:20].std() + at[20:].std()
    assert embedding.place(features[:5]) is None
