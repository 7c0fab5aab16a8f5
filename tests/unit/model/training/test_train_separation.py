"""A training of the separation runs, is broken off, goes on, and gives weights that can be used."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import model.training.imagenet as imagenet
import model.training.separation_run as running
import model.training.train_separation as program
from model.data.separation_samples import Sample
from model.segmentation.network import LITE0, PLAIN, SeparationConfig, SeparationNet
from model.segmentation.weights import load_separation
from model.vocabulary.archive import fold_of, own_picture
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.training_request import TrainingRequest


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two generated metaphases with boxes."""
    path = tmp_path / "metaphases.zip"
    with zipfile.ZipFile(path, "w") as out:
        for name in ("1001", "2001"):
            picture = np.full((260, 260), 230, np.uint8)
            boxes = []
            for i in range(6):
                x = 25 + 38 * i
                cv2.line(picture, (x, 50), (x + 6, 150 - 10 * i), 110, 11)
                boxes.append((x - 10, 40, x + 16, 164 - 10 * i))
            out.writestr(f"images/{name}.png", cv2.imencode(".png", picture)[1].tobytes())
            objects = "".join(
                f"<object><name>A1</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax>"
                f"<ymax>{d}</ymax></bndbox></object>"
                for a, b, c, d in boxes
            )
            out.writestr(f"annotations/{name}.xml", f"<annotation>{objects}</annotation>")
    return path


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        program, "_config", lambda encoder: SeparationConfig((4, 4, 8, 8, 8), encoder=encoder)
    )
    monkeypatch.setattr(program, "BATCH", 1)


def own_name(fold: int) -> str:
    """The name of an own picture whose case is in a fold."""
    cases = (f"case-{n:012x}" for n in range(99))
    return own_picture(next(case for case in cases if fold_of(case) == fold), 1)


@pytest.fixture
def outlined(tmp_path: Path) -> Path:
    """Two own checked pictures, of folds 0 and 1."""
    path = tmp_path / "own-checked-pictures.zip"
    with zipfile.ZipFile(path, "w") as out:
        for fold in (0, 1):
            picture = np.full((260, 260), 230, np.uint8)
            shapes = []
            for i in range(6):
                drawn = np.zeros_like(picture)
                cv2.line(drawn, (30 + 38 * i, 50), (36 + 38 * i, 150 - 10 * i), 255, 11)
                picture[drawn > 0] = 110
                packed = base64.b64encode(cv2.imencode(".png", drawn)[1].tobytes()).decode()
                shapes.append({"label": "chromosome", "points": [[0, 0], [259, 259]],
                               "shape_type": "mask", "mask": packed})  # fmt: skip
            name = own_name(fold)
            out.writestr(f"{name}.png", cv2.imencode(".png", picture)[1].tobytes())
            labels = {"shapes": shapes, "imagePath": f"{name}.png"}
            out.writestr(f"{name}.json", json.dumps(labels))
    return path


def run(archive: Path | None, out: Path, steps: int, *more: str) -> dict[str, torch.Tensor]:
    arguments = ["--data", str(archive)] if archive else []
    arguments += ["--out", str(out), "--steps", str(steps)]
    arguments += ["--no-listen", "--encoder", PLAIN, *more]
    assert program.main([*arguments, "--device", "cpu"]) == 0
    return load_separation(out / "separation.safetensors").net.state_dict()


@pytest.mark.usefixtures("tiny")
def test_a_training_that_was_broken_off_ends_as_if_it_had_not_been(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(archive, tmp_path / "whole", 4)
    real = running.SeparationRun.train
    trained: list[int] = []
    # As if four minutes had passed after each step.
    monkeypatch.setattr(running, "SAVE_EVERY", 0.0)

    def killed(self: running.SeparationRun, batch: list[Sample]) -> dict[str, float]:
        if self.step == 2:
            raise KeyboardInterrupt
        trained.append(self.step)
        return real(self, batch)

    monkeypatch.setattr(running.SeparationRun, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        run(archive, tmp_path / "broken", 4)
    monkeypatch.setattr(running.SeparationRun, "train", real)
    parts = run(archive, tmp_path / "broken", 4)
    assert trained == [0, 1]
    for name, value in whole.items():
        assert torch.allclose(value.float(), parts[name].float(), atol=2e-3), name


@pytest.mark.usefixtures("tiny")
def test_the_card_tells_what_was_trained_on(archive: Path, tmp_path: Path) -> None:
    run(archive, tmp_path / "run", 1)
    card = json.loads((tmp_path / "run" / "separation.json").read_text())
    assert card["data"] == ["metaphases.zip"]
    assert card["pictures"] == 2
    assert card["steps"] == 1
    assert SeparationConfig.from_json(card["config"]).widths == (4, 4, 8, 8, 8)


@pytest.mark.usefixtures("tiny")
def test_forged_and_foreign_weights_are_refused(archive: Path, tmp_path: Path) -> None:
    run(archive, tmp_path / "run", 1)
    weights = tmp_path / "run" / "separation.safetensors"
    card = weights.with_suffix(".json")
    good = json.loads(card.read_text())
    for change, sentence in (
        ({"sha256": "0" * 64}, "checksum differs"),
        ({"kind": "classifier"}, "not those of a separation"),
        (
            {"config": {"widths": [4, 4, 4, 4, 4], "chromosome_width": 11, "reach": 16}},
            "do not fit",
        ),
        ({"config": {}}, "does not describe"),
    ):
        card.write_text(json.dumps(good | change))
        with pytest.raises(ModelError, match=sentence):
            load_separation(weights)


@pytest.mark.usefixtures("tiny")
def test_a_checkpoint_of_another_training_is_refused(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = run(archive, tmp_path / "run", 1)
    arguments = ["--data", str(archive), "--out", str(tmp_path / "run"), "--steps", "2"]
    assert program.main([*arguments, "--seed", "5", "--no-listen", "--device", "cpu"]) == 2
    assert "other settings" in capsys.readouterr().err
    kept = load_separation(tmp_path / "run" / "separation.safetensors").net.state_dict()
    assert all(torch.equal(kept[name], value) for name, value in weights.items())


def test_the_network_answers_at_half_the_resolution_with_sides_that_are_no_less_than_nothing() -> (
    None
):
    net = SeparationNet(SeparationConfig((4, 4, 8, 8, 8))).eval()
    out = net(torch.rand(2, 1, 64, 96))
    assert out.shape == (2, 8, 32, 48)
    answer = net.answer(out)
    assert answer.sides.shape == (2, 4, 32, 48)
    assert (answer.sides >= 0).all()


SMALL_LITE = SeparationConfig((4, 4, 8, 8, 8), encoder=LITE0, types=len(TYPES))


def test_with_types_the_network_answers_one_more_channel_for_each() -> None:
    net = SeparationNet(SMALL_LITE).eval()
    out = net(torch.rand(2, 1, 64, 96))
    assert out.shape == (2, 32, 32, 48)
    types = net.answer(out).types
    assert types is not None
    assert types.shape == (2, 24, 32, 48)
    assert SeparationNet(SeparationConfig((4, 4, 8, 8, 8))).config.types == 0


def test_cards_from_before_there_were_encoders_are_those_of_plain_ones() -> None:
    old = {"widths": [4, 4, 8, 8, 8], "chromosome_width": 11, "reach": 16}
    assert SeparationConfig.from_json(old) == SeparationConfig((4, 4, 8, 8, 8))
    assert SeparationConfig.from_json(SMALL_LITE.to_json()) == SMALL_LITE
    with pytest.raises(ModelError, match="does not know the encoder"):
        SeparationConfig.from_json(old | {"encoder": "other"})


@pytest.mark.parametrize("content", [None, b"broken"])
def test_without_the_published_weights_a_training_starts_from_nothing_and_says_so(
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
) -> None:
    folder = tmp_path / "nowhere"
    if content is not None:
        path = folder / imagenet.FILE
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    spec = type("Spec", (), {"submodule_search_locations": [str(folder)]})
    monkeypatch.setattr(imagenet, "find_spec", lambda name: spec)
    monkeypatch.setattr(program, "_config", lambda encoder: SMALL_LITE)
    monkeypatch.setattr(program, "BATCH", 1)
    run(archive, tmp_path / "run", 1, "--encoder", LITE0)
    events = (tmp_path / "run" / "events.jsonl").read_text()
    assert "Training from nothing: The weights learned on ImageNet are" in events


@pytest.mark.usefixtures("tiny")
def test_several_archives_are_learned_from_together(archive: Path, tmp_path: Path) -> None:
    second = tmp_path / "more.zip"
    second.write_bytes(archive.read_bytes())
    run(archive, tmp_path / "run", 1, "--data", str(second))
    card = json.loads((tmp_path / "run" / "separation.json").read_text())
    assert card["data"] == ["metaphases.zip", "more.zip"]
    assert card["pictures"] == 4


def test_who_starts_from_weights_goes_on_with_their_network(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "BATCH", 1)
    with monkeypatch.context() as small:
        small.setattr(program, "_config", lambda encoder: SMALL_LITE)
        run(archive, tmp_path / "first", 1, "--encoder", LITE0)
    weights = tmp_path / "first" / "separation.safetensors"
    run(archive, tmp_path / "second", 1, "--start-from", str(weights))
    card = json.loads((tmp_path / "second" / "separation.json").read_text())
    assert SeparationConfig.from_json(card["config"]) == SMALL_LITE
    assert card["held_out_fold"] is None


def events_of(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]


@pytest.mark.usefixtures("tiny")
def test_own_pictures_alone_are_learned_from_and_measured_on(
    archive: Path, outlined: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on from weights, tells of each epoch, and its card says what was seen of what."""
    monkeypatch.setattr(program, "SEPARATION_STEPS", 2)
    run(archive, tmp_path / "base", 1, "--hold-out", "4")
    start = tmp_path / "base" / "separation.safetensors"
    out = tmp_path / "own"
    own = ["--outlines", str(outlined), "--start-from", str(start), "--hold-out", "1"]
    arguments = ["--out", str(out), "--steps", "3", "--name", "ours", "--no-listen", *own]
    assert program.main([*arguments, "--device", "cpu"]) == 0
    card = json.loads((out / "ours.json").read_text())
    assert card["held_out_folds"] == {"metaphases.zip": 4, "own-checked-pictures.zip": 1}
    assert (card["held_out_fold"], card["pictures"], card["kind"]) == (1, 1, "separation")
    assert (
        card["started_from"]["sha256"]
        == json.loads(start.with_suffix(".json").read_text())["sha256"]
    )
    assert "fitted to the bundled separation" in card["note"]
    told = events_of(out)
    epochs = [event for event in told if event["event"] == "epoch"]
    assert [event["epoch"] for event in epochs] == [1, 2]
    assert all(isinstance(event["val_loss"], float) for event in epochs)
    assert card["history"] == [{k: v for k, v in e.items() if k != "event"} for e in epochs]
    assert told[-1]["event"] == "finished"
    record = json.loads((out / "run.json").read_text())
    assert (record["state"], record["weights"]) == ("finished", "ours.safetensors")
    again = TrainingRequest.from_json(record["request"])
    assert (again.network, again.hold_out, again.data) == ("separation", 1, outlined)


@pytest.mark.usefixtures("tiny")
def test_a_request_asks_for_the_same_as_the_options(
    archive: Path, outlined: Path, tmp_path: Path
) -> None:
    run(archive, tmp_path / "base", 1)
    request = TrainingRequest(
        outlined, tmp_path / "own", device="cpu", hold_out=0, name="ours", network="separation",
        fine_tune=tmp_path / "base" / "separation.safetensors", epochs={"total": 1},
        settings={"learning_rate": 1e-4, "seed": 7},
    )  # fmt: skip
    options = program._asked(
        program._parser(), program._parser().parse_args(["--request", str(request.write())])
    )
    assert (options.outlines, options.data, options.steps) == (outlined, [], 50)
    assert (options.learning_rate, options.seed, options.hold_out) == (1e-4, 7, 0)
    assert program._request(options) == request


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("missing", "There is no file or folder"),
        ("seen", "have seen cases of fold 0"),
        ("classifier", "not those of a separation"),
        ("other", "No picture is left to train on"),
        ("full", "could not be written"),
    ],
)
def test_bad_input_is_one_sentence_and_the_record_keeps_it(
    archive: Path, outlined: Path, tmp_path: Path, what: str, sentence: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out, base = tmp_path / "own", tmp_path / "base"
    run(archive, base, 1)
    card = base / "separation.json"
    told = json.loads(card.read_text())
    given = outlined
    if what == "missing":
        given = tmp_path / "gone.zip"
    if what == "seen":
        card.write_text(json.dumps({**told, "held_out_folds": {"own-checked-pictures": 3}}))
    if what == "classifier":
        card.write_text(json.dumps({**told, "kind": "classifier"}))
    if what == "other":
        given = tmp_path / "one-fold.zip"
        with zipfile.ZipFile(outlined) as source, zipfile.ZipFile(given, "w") as target:
            for name in source.namelist():
                if name.startswith(own_name(0)):
                    target.writestr(name, source.read(name))
    if what == "full":
        monkeypatch.setattr("model.training.checkpoint.save_file", _no_room)
    arguments = ["--outlines", str(given), "--out", str(out), "--steps", "1", "--hold-out", "0"]
    arguments += ["--start-from", str(base / "separation.safetensors"), "--no-listen"]
    assert program.main([*arguments, "--device", "cpu"]) == 2
    assert sentence in capsys.readouterr().err
    assert sentence in str(events_of(out)[-1])
    assert json.loads((out / "run.json").read_text())["state"] == "failed"


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("tiny")
def test_a_training_that_is_stopped_goes_on_where_it_was(
    outlined: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "own"
    asked = ["--outlines", str(outlined), "--out", str(out), "--steps", "3", "--device", "cpu"]
    monkeypatch.setattr("sys.stdin", io.StringIO("stop\n"))
    real = running.SeparationRun.train

    def slow(self: running.SeparationRun, batch: list[Sample]) -> dict[str, float]:
        told = real(self, batch)
        time.sleep(0.2)  # until the order has been heard
        return told

    monkeypatch.setattr(running.SeparationRun, "train", slow)
    assert program.main([*asked, "--listen"]) == 0
    assert events_of(out)[-1]["event"] == "stopped"
    assert json.loads((out / "run.json").read_text())["state"] == "stopped"
    assert (out / "checkpoint.safetensors").is_file()
    assert program.main([*asked, "--no-listen"]) == 0
    started = [event for event in events_of(out) if event["event"] == "started"]
    assert [event["at"] for event in started] == [0, 1]
    assert json.loads((out / "run.json").read_text())["state"] == "finished"
