"""A training as asked for: one object, one `request.json`, and the same as a command line."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NoReturn, get_args

from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import CLASSIFIER, CLASSIFIERS, DEFAULT_CLASSIFIER, DEVICES, NETWORKS
from model.vocabulary.errors import ModelError
from model.vocabulary.files import write_text
from model.vocabulary.presets import PRESETS, NetworkConfig, ZoomGradient
from model.vocabulary.training import SHARES, Augmentation, Decay, Epochs, TrainingSettings

FILE = "request.json"
AUGMENTATION = "augmentation."
"""What stands before the name of a random change in `TrainingRequest.settings`."""
TOTAL, ALTERNATIONS = "total", "alternations"
STEPS: Mapping[str, str] = {
    "g_net": "epochs of the G-Net (step 2); 0 passes a step over",
    "localisation": "epochs of the localisation's pre-training (step 3)",
    "l_net": "epochs of the L-Net, each time (step 4)",
    "weak_localisation": "epochs of the weakly supervised localisation, each time (step 4)",
    "fused": "epochs of the Varifocal-Net (stage 2)",
}
SETTINGS: Mapping[str, type] = {
    "batch_size": int, "learning_rate": float, "weight_decay": float, "ema": float,
    "decay": str, "seed": int, "zoom_gradient": str,
}  # fmt: skip
"""Names in `TrainingRequest.settings`, beside `augmentation.<name>` for each random change."""
_PLAIN = (
    *("data", "out", "preset", "device", "classifier", "hold_out", "fine_tune", "name"),
    *("resume", "allow_missing_types", "teacher_weight", "share"),
)
"""Fields of a request that are options of the same name."""
_LISTS = ("more_data", "teachers")


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, where, on what.

    `data` is an archive of labelled cells, `more_data` further ones. `hold_out` is the fold of
    cases kept for the test, 0 … 4, or −1 for none; `fine_tune` are weights to start stage 2 from.
    `epochs` (by step, `alternations`, or `total`) and `settings` change the preset's own; what is
    not named stays. `teachers` are weights whose answers are learnt too, with `teacher_weight`
    (0 … 1) of the loss in the last step; `share` (0 … 1) of the training cells is used. An
    archive without some of the 24 types is refused unless `allow_missing_types`.

    `network` is a key of `NETWORKS`. Of a separation, `data` is an archive of metaphases with
    outlines or boxes; `total` epochs, learning rate and seed are all that can be set.
    """

    data: Path
    out: Path
    preset: str = PRESETS[0].preset
    device: str = next(iter(DEVICES))
    classifier: str = DEFAULT_CLASSIFIER
    hold_out: int = 0
    fine_tune: Path | None = None
    name: str | None = None
    epochs: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, float | str] = field(default_factory=dict)
    resume: bool = False
    allow_missing_types: bool = False
    more_data: tuple[Path, ...] = ()
    teachers: tuple[Path, ...] = ()
    teacher_weight: float = 0.5
    share: float = 1.0
    network: str = CLASSIFIER

    @property
    def held_out(self) -> int | None:
        """The fold that is held out; None where all cases are learnt."""
        return None if self.hold_out < 0 else self.hold_out

    @property
    def data_name(self) -> str:
        """The archives' names, for people."""
        return " and ".join(path.name for path in (self.data, *self.more_data))

    def to_json(self) -> dict[str, Any]:
        """Plain values; files are named absolutely, so that it holds from any folder."""
        return {
            name: [_plain(each) for each in value] if name in _LISTS else _plain(value)
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, told: object) -> TrainingRequest:
        """The inverse of `to_json`; ModelError for what cannot be understood."""
        if not isinstance(told, dict):
            raise _not_understood("it is no object")
        values: dict[str, Any] = dict(told)
        try:
            for name in ("data", "out"):
                values[name] = Path(values[name])
            if values.get("fine_tune") is not None:
                values["fine_tune"] = Path(values["fine_tune"])
            for name in _LISTS:
                values[name] = tuple(Path(each) for each in values.get(name, ()))
            request = cls(**values)
        except (KeyError, TypeError) as error:
            raise _not_understood(str(error)) from error
        if request.network not in NETWORKS:
            raise _not_understood(f"network: {request.network!r}")
        usual = vars(cls(request.data, request.out))
        for name, value in vars(request).items():
            kind = (int, float) if isinstance(usual[name], float) else type(usual[name])
            if usual[name] is not None and not isinstance(value, kind):
                raise _not_understood(f"{name}: {value!r}")
        return request

    @classmethod
    def read(cls, file: Path) -> TrainingRequest:
        """The request in a file; ModelError when there is none."""
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"The training request {file} cannot be read ({error}).") from error
        return cls.from_json(told)

    def write(self) -> Path:
        """Write it into the folder of its run, which is made; gives the file. May raise OSError."""
        self.out.mkdir(parents=True, exist_ok=True)
        file = self.out / FILE
        write_text(file, json.dumps(self.to_json(), indent=1) + "\n")
        return file

    @classmethod
    def of_arguments(cls, arguments: Sequence[str]) -> TrainingRequest:
        """What a command line asks for, without its verb; ModelError for what it does not say.

        Records of older trainings hold one; arguments that ask for nothing are passed over.
        """
        parser = _Parser(add_help=False)
        add_options(parser)
        options, _ = parser.parse_known_args(list(arguments))
        if options.data is None or options.out is None:
            raise _not_understood("neither data nor a folder is named")
        return request_of(options)


def add_options(parser: argparse.ArgumentParser) -> None:
    """A request as options of a command line; what is not given stays the preset's."""
    add = parser.add_argument
    add("--data", type=Path, help="archive of labelled cells")
    add(
        "--more-data", type=Path, action="append", default=[], metavar="ARCHIVE",
        help="a further archive of labelled cells; can be given several times",
    )  # fmt: skip
    add("--out", type=Path, help="folder of this run")
    presets = ", ".join(config.preset for config in PRESETS)
    add("--preset", default=PRESETS[0].preset, help=f"{presets} (default: %(default)s)")
    add(
        "--classifier", default=DEFAULT_CLASSIFIER,
        help=f"which network, for comparison: {', '.join(CLASSIFIERS)} (default: %(default)s)",
    )  # fmt: skip
    _add_settings(parser)
    add("--device", default="auto", help=f"{', '.join(DEVICES)} (default: %(default)s)")
    add(
        "--hold-out", type=int, default=0, metavar="FOLD",
        help=f"fold of cases kept for the test, 0 … {FOLDS - 1}; -1 trains on everything",
    )  # fmt: skip
    add(
        "--fine-tune", type=Path, metavar="WEIGHTS",
        help="start from these weights of the same network and run stage 2 alone",
    )  # fmt: skip
    add(
        "--teacher", type=Path, action="append", default=[], metavar="WEIGHTS",
        help="also learn what these weights answer (distillation); several are averaged",
    )  # fmt: skip
    add(
        "--teacher-weight", type=float, default=0.5, metavar="0…1",
        help="the teachers' part of the loss in the last step (default: %(default)s)",
    )  # fmt: skip
    add(
        "--share", type=float, default=1.0, metavar="0…1",
        help="share of the training cells that is used, spread evenly over them",
    )  # fmt: skip
    add(
        "--allow-missing-types", action="store_true",
        help="train although some of the 24 types are not in the archive",
    )  # fmt: skip
    add("--name", help="name of the weights (default: preset and classifier)")
    add("--resume", action="store_true", help="continue from the last checkpoint")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--epochs", type=int, help="total over all steps (default: the preset's)")
    for step, words in STEPS.items():
        add(f"--epochs-{step.replace('_', '-')}", type=int, metavar="N", help=words)
    add("--alternations", type=int, metavar="N", help="how often step 4 is run")
    add("--batch-size", type=int, help="of all processes together")
    add("--learning-rate", type=float)
    add("--weight-decay", type=float)
    add("--ema", type=float, help="averaging of the weights in stage 2; 0: none")
    add("--decay", help=f"of the learning rate: {' or '.join(get_args(Decay))}")
    add("--seed", type=int)
    add(
        "--augmentation", action="append", metavar="NAME=VALUE", default=[],
        help="strength of a random change, repeatable: "
        + ", ".join(each.name for each in fields(Augmentation)),
    )  # fmt: skip
    add("--zoom-gradient", help=" or ".join(get_args(ZoomGradient)))


def request_of(options: argparse.Namespace) -> TrainingRequest:
    """The request that parsed options make."""
    counts = {TOTAL: options.epochs, ALTERNATIONS: options.alternations}
    counts |= {step: getattr(options, f"epochs_{step}") for step in STEPS}
    settings: dict[str, float | str] = {
        name: value for name in SETTINGS if (value := getattr(options, name)) is not None
    }
    for text in options.augmentation:
        name, _, number = text.partition("=")
        try:
            settings[AUGMENTATION + name] = float(number)
        except ValueError:
            settings[AUGMENTATION + name] = number  # `chosen_settings` refuses it in a sentence
    plain = {name: getattr(options, name) for name in _PLAIN}
    return TrainingRequest(
        **plain,
        epochs={name: count for name, count in counts.items() if count is not None},
        settings=settings,
        more_data=tuple(options.more_data),
        teachers=tuple(options.teacher),
    )


def chosen_settings(request: TrainingRequest, preset: TrainingSettings) -> TrainingSettings:
    """The preset's settings with what the request changes; ModelError for what cannot be."""
    for name in request.settings:
        if name not in SETTINGS and not name.startswith(AUGMENTATION):
            raise ModelError(f"There is no setting “{name}”.", f"There are: {_known(SETTINGS)}.")
    if request.hold_out not in range(-1, FOLDS):
        raise _unsuitable("hold_out", request.hold_out, f"a fold, 0 … {FOLDS - 1}, or -1 for none")
    plain = {k: v for k, v in request.settings.items() if k in SETTINGS and k != "zoom_gradient"}
    settings = replace(
        preset,
        epochs=_chosen_epochs(request, preset.epochs),
        augmentation=_chosen_augmentation(request.settings, preset.augmentation),
        **plain,  # type: ignore[arg-type]  # checked below
    )
    for name, least, most, wanted in (
        ("batch_size", 1, math.inf, "1 or more"),
        ("learning_rate", math.nextafter(0, 1), math.inf, "more than 0"),
        ("weight_decay", 0, math.nextafter(math.inf, 0), "0 or more"),
        ("ema", 0, math.nextafter(1, 0), "0 … 1, without 1"),
        ("seed", 0, math.inf, "0 or more"),
    ):
        value = getattr(settings, name)
        kind = int if SETTINGS[name] is int else (int, float)
        if not (isinstance(value, kind) and least <= value <= most):
            raise _unsuitable(name, value, wanted)
    if settings.decay not in get_args(Decay):
        raise _unsuitable("decay", settings.decay, " or ".join(get_args(Decay)))
    return settings


def with_zoom_gradient(config: NetworkConfig, request: TrainingRequest) -> NetworkConfig:
    """The configuration with the gradient that the request asks for; ModelError for another."""
    wanted = request.settings.get("zoom_gradient", config.zoom_gradient)
    for gradient in get_args(ZoomGradient):
        if gradient == wanted:
            return replace(config, zoom_gradient=gradient)
    raise _unsuitable("zoom_gradient", wanted, " or ".join(get_args(ZoomGradient)))


def _chosen_epochs(request: TrainingRequest, epochs: Epochs) -> Epochs:
    names = (TOTAL, *STEPS, ALTERNATIONS)
    given = dict(request.epochs)
    total = given.get(TOTAL)
    if total is not None and given.keys() & STEPS.keys():
        raise ModelError(
            "The number of epochs is given twice, in total and for single steps.",
            "Leave out --epochs or the epochs of the steps.",
        )
    for name, count in given.items():
        if name not in names:
            raise ModelError(f"There is no step “{name}”.", f"There are: {_known(names)}.")
        if not isinstance(count, int) or count < (name == TOTAL):
            words = "1 or more" if name == TOTAL else "0 or more"
            raise _unsuitable("epochs" if name == TOTAL else name, count, words)
    given.pop(TOTAL, None)
    if request.fine_tune:
        epochs = Epochs(0, 0, 0, 0, 0, total or epochs.fused)
    elif total:
        epochs = replace(epochs, alternations=given.pop(ALTERNATIONS, epochs.alternations))
        epochs = epochs.scaled_to(total)
    epochs = replace(epochs, **given)
    if not epochs.total:
        raise ModelError(
            "There is nothing to train: every step has 0 epochs.", "Give one step an epoch."
        )
    return epochs


def _chosen_augmentation(
    settings: Mapping[str, float | str], strength: Augmentation
) -> Augmentation:
    names = [each.name for each in fields(Augmentation)]
    for key, value in settings.items():
        name = key.removeprefix(AUGMENTATION)
        if name == key:
            continue
        if name not in names:
            raise ModelError(f"There is no augmentation “{name}”.", f"There are: {_known(names)}.")
        most = 1.0 if name in SHARES else math.nextafter(math.inf, 0)
        if not (isinstance(value, int | float) and 0 <= value <= most):
            raise _unsuitable(name, value, "a number 0 … 1" if most == 1 else "a number ≥ 0")
        strength = replace(strength, **{name: float(value)})
    return strength


def _known(names: Sequence[str] | Mapping[str, object]) -> str:
    return ", ".join(names)


def _unsuitable(name: str, value: object, wanted: str) -> ModelError:
    return ModelError(
        f"{name.replace('_', ' ').capitalize()} cannot be {value}.", f"Give {wanted}."
    )


def _not_understood(why: str) -> ModelError:
    return ModelError(f"The training request cannot be understood ({why}).")


def _plain(value: object) -> object:
    return str(value.absolute()) if isinstance(value, Path) else value


class _Parser(argparse.ArgumentParser):
    """Arguments that a file holds: what is wrong with them is raised, not printed."""

    def error(self, message: str) -> NoReturn:
        raise _not_understood(message)
