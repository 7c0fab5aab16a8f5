"""`main.py train`: from an archive of labelled cells to weights with their JSON."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import hashlib
import io
import os
import sys
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from model.data.cells import Archive, LabelledCell, read_archive
from model.data.dataset import Batch, samples_of
from model.data.splits import split, thinned
from model.memory import resident_memory
from model.network.comparison import VarifocalSimple, classifier, configured
from model.network.varifocal import Classifier, VarifocalNet
from model.training.checkpoint import (
    Position,
    fingerprint,
    load_checkpoint,
    make_folder,
    write_weights,
)
from model.training.data_check import check_archive, suspicions
from model.training.distributed import Team, share_normalisation, team_of
from model.training.events import Reporter, StopRequest, add_window_options
from model.training.history import RunRecord, end_early
from model.training.imagenet import begin_from_imagenet
from model.training.loop import Logits, Phase, Run, Stopped, train_phase
from model.training.steps import (
    classification,
    in_order,
    stage_2_fused,
    step_1_initialise,
    step_2_g_net,
    step_4_l_net,
)
from model.training.teachers import check_unseen, teachers_of
from model.vocabulary.archive import FOLDS, fold_of
from model.vocabulary.choices import DEFAULT_CLASSIFIER
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig, preset
from model.vocabulary.training import TrainingSettings, settings_for
from model.vocabulary.training_request import (
    TrainingRequest,
    add_options,
    chosen_settings,
    request_of,
    with_zoom_gradient,
)
from model.weights import LoadedModel, load_model


def phases(run: Run) -> tuple[Phase, ...]:
    """What the run's network has to learn, in order."""
    if isinstance(run.net, VarifocalNet):
        return in_order(run, run.net)
    if isinstance(run.net, VarifocalSimple):
        return _without_localisation(run, run.net)
    return (_single_phase(run),)


def train_all(run: Run) -> None:
    """All phases of the network, one after the other."""
    for index, phase in enumerate(phases(run)):
        train_phase(run, index, phase)


def _without_localisation(run: Run, net: VarifocalSimple) -> tuple[Phase, ...]:
    """The pictures that the localisation would have seen go to the classifiers."""
    epochs = run.settings.epochs
    l_net = (step_4_l_net(run, net),) * epochs.alternations
    left = epochs.total - epochs.g_net - epochs.l_net * epochs.alternations
    return step_2_g_net(run, net), *l_net, stage_2_fused(run, net, left)


def _single_phase(run: Run) -> Phase:
    """All of a single-scale network at once, by eq. (3)."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        sizes = batch.sizes.to(images.device)
        output = net(images, sizes)
        logits = output.type, output.polarity
        return run.taught(classification(logits, batch), logits, images, sizes), logits

    name = classifier(run.config.classifier).label
    return Phase(name, run.settings.epochs.total, (net,), loss, averaged=True)


VALIDATION_SHARE = 3
"""Every third held-out chromosome is looked at after each epoch; the test uses all."""


@dataclass(frozen=True)
class _Surroundings:
    """Where a training runs and whom it talks to."""

    team: Team
    device: torch.device
    reporter: Reporter
    stop: StopRequest
    record: RunRecord | None  # None in every process but the first


def main(argv: list[str]) -> int:
    """Run a training; exit status 0 when finished or stopped, 2 on a known error.

    Started by `torchrun` it is one of several processes; the first one alone speaks and writes.
    """
    parser = _parser()
    options = parser.parse_args(argv)
    leads = os.environ.get("RANK", "0") == "0"
    reporter = Reporter(None if leads else io.StringIO())
    record = None
    try:
        request = _asked(parser, options)
        record = RunRecord(request) if leads else None
        with team_of(request.device) as (team, device):
            stop = StopRequest(sys.stdin if options.listen and leads else None)
            _train(request, _Surroundings(team, device, reporter, stop, record))
    except (Stopped, ModelError) as error:
        return end_early(error, reporter, record)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py train", description=__doc__)
    add_options(parser)
    add_window_options(parser)
    return parser


def _asked(parser: argparse.ArgumentParser, options: argparse.Namespace) -> TrainingRequest:
    if options.request is not None:
        asked = TrainingRequest.read(options.request)
        return dataclasses.replace(asked, resume=asked.resume or options.resume)
    if options.data is None or options.out is None:
        parser.error("give --data and --out, or --request")
    return request_of(options)


def _train(request: TrainingRequest, here: _Surroundings) -> None:
    config = with_zoom_gradient(configured(preset(request.preset), request.classifier), request)
    settings = chosen_settings(request, settings_for(config))
    held_out = request.held_out
    make_folder(request.out)
    archive = _read(request, held_out, here.reporter)
    cells, apart = split(archive.cells, held_out)
    cells = thinned(cells, request.share)
    samples = samples_of(cells, config)
    held = samples_of(apart, config)
    for sentence in suspicions((*cells, *apart), (*samples, *held), config):
        here.reporter.say("warning", sentence=sentence)
    here.team.check_batches(min(settings.batch_size, len(samples)))
    origin = load_model(request.fine_tune, here.device) if request.fine_tune else None
    teachers = teachers_of(request.teachers, request.teacher_weight, config, held_out, here.device)
    net = step_1_initialise(config, settings.seed, here.device)
    if origin is not None:
        _start_from(net, origin, held_out)
    else:
        begin_from_imagenet(net, lambda text: here.reporter.say("warning", sentence=text))
    data = [
        held_out, [c.name for c in archive.cells],
        *([len(cells)] if len(cells) + len(apart) < len(archive.cells) else []),
        *([origin.card["sha256"]] if origin else []),
        *([teachers.to_json()] if teachers else []),
    ]  # fmt: skip
    run = Run(
        net, config, settings, samples, held[::VALIDATION_SHARE], here.device, request.out,
        _mark(config, settings, data), here.reporter, here.stop, Position(), here.team, teachers,
    )  # fmt: skip
    if request.resume:
        _resume(run, data)
    if not here.team.is_alone:
        share_normalisation(net, here.device)
    run.plan = tuple((phase.name, phase.epochs) for phase in phases(run))
    _begin(run, request, here.record)
    train_all(run)
    if here.team.leads:
        _finish(run, request, here.record, _card(run, archive, cells, request))
    here.team.wait()


def _read(request: TrainingRequest, held_out: int | None, reporter: Reporter) -> Archive:
    """The archives as one, checked; what was left out of them is reported."""
    parts = []
    for path in (request.data, *request.more_data):
        reporter.say("reading", data=path.name)
        parts.append(read_archive(path))
    archive = Archive(
        tuple(cell for part in parts for cell in part.cells),
        tuple(problem for part in parts for problem in part.problems),
    )
    for problem in archive.problems:
        reporter.say("left_out", sentence=problem)
    check_archive(archive, request.data_name, held_out, request.allow_missing_types)
    return archive


def _mark(config: NetworkConfig, settings: TrainingSettings, data: list[Any]) -> str:
    """The checkpoint's fingerprint; a field that came later counts where it is not as usual."""
    usual = {f.name: f.default for f in dataclasses.fields(config)}
    described = {k: v for k, v in config.to_json().items() if v != usual[k]}
    return fingerprint(described, settings.to_json(), *data)


def _finish(
    run: Run, request: TrainingRequest, record: RunRecord | None, card: dict[str, Any]
) -> None:
    weights = request.out / f"{_name(request, run.config)}.safetensors"
    tensors = run.net.state_dict()
    write_weights(
        weights,
        {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()},
        card,
    )
    if record:
        record.end("finished", weights=weights)
    run.reporter.say("finished", weights=str(weights), metrics=card["metrics"])


def _start_from(net: Classifier, origin: LoadedModel, held_out: int | None) -> None:
    """Take over the weights; ModelError where the held-out cases would no longer be unseen."""
    if origin.config != net.config:
        raise ModelError(
            "The weights to start from describe a different network.",
            "Start from weights of the same preset, or leave --fine-tune out.",
        )
    check_unseen(origin.card, held_out, "The weights to start from have")
    net.load_state_dict(origin.net.state_dict())


def _name(request: TrainingRequest, config: NetworkConfig) -> str:
    usual = config.classifier == DEFAULT_CLASSIFIER
    preset_ = config.preset if usual else f"{config.preset}-{config.classifier}"
    return str(request.name or preset_)


def _resume(run: Run, data: list[Any]) -> None:
    """Take over the checkpoint, if there is one; ModelError when it belongs to another training.

    Only the learning rate may differ: lowering it is what helps after a loss that diverged.
    """
    if not run.checkpoint_file.exists():
        return
    saved = load_checkpoint(run.checkpoint_file)
    rate = saved.learning_rate or run.settings.learning_rate
    settings = dataclasses.replace(run.settings, learning_rate=rate)
    if saved.fingerprint not in (run.fingerprint, _mark(run.config, settings, data)):
        raise ModelError(
            "The checkpoint belongs to a training with other settings or other data.",
            "Give another --out folder, or leave --resume out to start again.",
        )
    run.position = saved.position
    state = {k.removeprefix("net."): v for k, v in saved.tensors.items() if k.startswith("net.")}
    run.net.load_state_dict(state)
    run.team.wait()
    if rate != run.settings.learning_rate:
        run.reporter.say(
            "warning",
            sentence=f"The learning rate is {run.settings.learning_rate:g} from here on; "
            f"it was {rate:g}.",
        )


def _begin(run: Run, request: TrainingRequest, record: RunRecord | None) -> None:
    epochs: dict[str, int] = {}
    for name, count in run.plan:
        epochs[name] = epochs.get(name, 0) + count
    facts: dict[str, Any] = {
        "preset": run.config.preset,
        "classifier": run.config.classifier,
        "device": str(run.device),
        "processes": run.team.size,
        "parameters": count_parameters(run.net),
        "chromosomes": len(run.samples),
        "validation": len(run.validation),
    }
    if record:
        run.remember = record.remember
        record.begin(
            resumed=request.resume, name=_name(request, run.config), data=request.data_name,
            epochs_done=len(run.position.history), epochs_total=sum(epochs.values()), **facts,
        )  # fmt: skip
    run.reporter.say(
        "started", **facts, memory=resident_memory(), settings=run.settings.to_json(),
        steps=list(epochs), epochs=epochs, resumed_history=run.position.history,
    )  # fmt: skip


def count_parameters(net: torch.nn.Module) -> int:
    """Number of learnt values."""
    return sum(p.numel() for p in net.parameters())


def _card(
    run: Run,
    archive: Archive,
    cells: tuple[LabelledCell, ...],
    request: TrainingRequest,
) -> dict[str, Any]:
    last = run.position.history[-1] if run.position.history else {}
    held_out = request.held_out
    now = datetime.datetime.now(datetime.UTC)
    data = hashlib.sha256("\n".join(c.name for c in archive.cells).encode()).hexdigest()[:12]
    return {
        "name": _name(request, run.config),
        "version": now.strftime("%Y.%m.%d"),
        "preset": run.config.preset,
        "created": now.isoformat(timespec="seconds"),
        "data": f"{request.data_name}: {len(cells)} cells, {len(run.samples)} chromosomes",
        "data_fingerprint": data,
        "held_out_fold": held_out,
        "split": (
            "all cases" if held_out is None
            else f"by case, fold {held_out} of {FOLDS} held out "
            f"({sum(fold_of(c.case) == held_out for c in archive.cells)} cells)"
        ),
        "metrics": {k: v for k, v in last.items() if k.startswith("val_") and v is not None},
        "parameters": count_parameters(run.net),
        "classes": list(TYPES),
        "config": run.config.to_json(),
        "settings": run.settings.to_json(),
        **({"teachers": run.teachers.to_json()} if run.teachers else {}),
        "history": run.position.history,
    }  # fmt: skip
