"""A training as asked for, and what its process tells, line by line."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

EPOCHS: tuple[str, ...] = (
    "total", "g_net", "localisation", "l_net", "weak_localisation", "alternations", "fused",
)  # fmt: skip
"""Names in `TrainingRequest.epochs`: all together, then each step's (II-C) and stage 2's."""

SETTINGS: tuple[str, ...] = (
    "batch_size", "learning_rate", "weight_decay", "ema", "decay", "seed", "zoom_gradient",
)  # fmt: skip
"""Names in `TrainingRequest.settings`, beside `augmentation.<name>` for each random change."""

AUGMENTATION = "augmentation."


@dataclass(frozen=True)
class TrainingRequest:
    """What to train. `device` is auto, cpu or cuda.

    `data` is an archive of labelled cells; for the laboratory's own reviewed cells write one
    first (`services.training_set`). `hold_out` is the fold of cases kept for the test, 0 … 4, or
    −1 for none; `fine_tune` are weights to start stage 2 from. `epochs` and `settings` change the
    preset's own, by the names in `EPOCHS` and `SETTINGS`; what is not named stays. An archive that
    lacks some of the 24 types is refused unless `allow_missing_types`. `extra` are further
    arguments, as they are.
    """

    data: Path
    out: Path
    preset: str = "compact"
    device: str = "auto"
    classifier: str = "varifocal"
    hold_out: int = 0
    fine_tune: Path | None = None
    name: str | None = None
    epochs: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, float | str] = field(default_factory=dict)
    resume: bool = False
    allow_missing_types: bool = False
    extra: tuple[str, ...] = ()

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> TrainingRequest:
        """The inverse of `command`, without its verb; ValueError for what cannot be understood."""
        parser = _parser()
        given, extra = parser.parse_known_args(list(arguments))
        told = vars(given)
        epochs = {
            step: count for step in EPOCHS if (count := told.pop(f"epochs.{step}")) is not None
        }
        settings = {name: value for name in SETTINGS if (value := told.pop(name)) is not None}
        for text in told.pop("augmentation"):
            name, _, strength = text.partition("=")
            settings[f"{AUGMENTATION}{name}"] = float(strength)
        if told["data"] is None or told["out"] is None:
            raise ValueError("neither data nor a folder is named")
        return cls(**told, epochs=epochs, settings=settings, extra=tuple(extra))

    def command(self) -> list[str]:
        """The arguments of `main.py` that start this training; ValueError for an unknown name."""
        arguments = ["train", "--data", str(self.data), "--out", str(self.out)]
        arguments += ["--preset", self.preset, "--device", self.device]
        arguments += ["--hold-out", str(self.hold_out)]
        if self.classifier != "varifocal":
            arguments += ["--classifier", self.classifier]
        if self.fine_tune is not None:
            arguments += ["--fine-tune", str(self.fine_tune)]
        if self.name is not None:
            arguments += ["--name", self.name]
        for step, count in self.epochs.items():
            arguments += _epochs(step, count)
        for name, value in self.settings.items():
            arguments += _setting(name, value)
        arguments += self.extra
        if self.allow_missing_types:
            arguments.append("--allow-missing-types")
        if self.resume:
            arguments.append("--resume")
        return arguments


class _Parser(argparse.ArgumentParser):
    """Arguments that a file holds: what is wrong with them is told, not printed."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    for name in ("data", "out", "fine-tune"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--preset", default="compact")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--classifier", default="varifocal")
    parser.add_argument("--hold-out", type=int, default=0)
    parser.add_argument("--name")
    for step in EPOCHS:
        parser.add_argument(_epochs_option(step), dest=f"epochs.{step}", type=int)
    for name in SETTINGS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=_SETTING_TYPES.get(name, float))
    parser.add_argument("--augmentation", action="append", default=[])
    parser.add_argument("--allow-missing-types", action="store_true")
    parser.add_argument("--resume", action="store_true")
    return parser


_SETTING_TYPES: Mapping[str, Callable[[str], object]] = {
    "batch_size": int, "seed": int, "decay": str, "zoom_gradient": str,
}  # fmt: skip


def _epochs(step: str, count: int) -> list[str]:
    if step not in EPOCHS:
        raise ValueError(f"unknown step {step!r}")
    return [_epochs_option(step), str(count)]


def _epochs_option(step: str) -> str:
    plain = {"total": "--epochs", "alternations": "--alternations"}
    return plain.get(step, f"--epochs-{step.replace('_', '-')}")


def _setting(name: str, value: float | str) -> list[str]:
    text = value if isinstance(value, str) else repr(value)
    if name.startswith(AUGMENTATION):
        return ["--augmentation", f"{name.removeprefix(AUGMENTATION)}={text}"]
    if name not in SETTINGS:
        raise ValueError(f"unknown setting {name!r}")
    return [f"--{name.replace('_', '-')}", text]


@dataclass(frozen=True)
class TrainingEvent:
    """One line of a training and its kind.

    reading, left_out, warning, started, batch, epoch, paused, resumed; and one of finished,
    stopped, failed at the end.
    """

    kind: str
    fields: Mapping[str, object]

    @classmethod
    def parse(cls, line: str) -> TrainingEvent | None:
        """The event of a line; None for anything else that a process may print."""
        try:
            told = json.loads(line)
        except ValueError:
            return None
        if not isinstance(told, dict) or not isinstance(told.get("event"), str):
            return None
        return cls(told["event"], {key: value for key, value in told.items() if key != "event"})
