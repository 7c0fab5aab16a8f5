"""What a person chose, in a readable file: one table of settings, one frozen object of values.

To add a setting: one field in `Settings`, one line in `SETTINGS`. The dialog, the file and the
checks follow from the table. Window geometry is not a choice and is kept elsewhere
(`ui.window_state`).
"""

from __future__ import annotations

import getpass
import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from enum import Enum
from pathlib import Path

from karyogui.errors import KaryoError
from model.vocabulary.choices import ASSIGNMENTS, DEFAULT_ASSIGNMENT, DEVICES
from model.vocabulary.files import read_plain_text, write_text


class Kind(Enum):
    """How a setting is edited."""

    TEXT = "text"
    FOLDER = "folder"
    CHOICE = "choice"
    SWITCH = "switch"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Settings:
    """The values. Paths are text, empty for the default."""

    who: str = ""
    theme: str = "system"
    device: str = "auto"
    analyse_after_import: bool = True
    data_folder: str = ""
    weights: str = ""
    separation: str = ""
    weights_before: tuple[str, ...] = ()
    assignment: str = DEFAULT_ASSIGNMENT
    judge_quality: bool = True
    third_approves: bool = False
    report_template: str = ""
    random_share: str = "0"
    second_reading: str = "proposal"
    backup_folder: str = ""
    backups_kept: str = "7"
    protocols: tuple[str, ...] = ()

    @property
    def user(self) -> str:
        """The name that stands in the audit trail; the login name unless another is set."""
        return self.who.strip() or login_name()

    @property
    def separation_weights(self) -> Path | None:
        """The chosen weights of the separation; None for those that came with the program.

        None as well for chosen ones that are no longer there.
        """
        chosen = Path(self.separation)
        return chosen if self.separation and chosen.is_file() else None


@dataclass(frozen=True)
class Setting:
    """One line of the settings dialog: the field's name and how it is shown."""

    key: str
    group: str
    label: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()
    note: str = ""


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "who",
        "Person",
        "Your name",
        Kind.TEXT,
        note="Stands beside every edit and sign-off. Empty: the login name.",
    ),
    Setting(
        "theme",
        "Appearance",
        "Theme",
        Kind.CHOICE,
        (("system", "As the system"), ("light", "Light"), ("dark", "Dark")),
    ),
    Setting(
        "device",
        "Analysis",
        "Device",
        Kind.CHOICE,
        tuple(DEVICES.items()),
        note="Automatic takes the graphics card when there is one.",
    ),
    Setting(
        "assignment",
        "Analysis",
        "Assignment",
        Kind.CHOICE,
        tuple(ASSIGNMENTS.items()),
        note="How the types of a cell are weighed against each other, from the next analysis on. "
        "For the open cell: Cell, Assign again.",
    ),
    Setting("analyse_after_import", "Analysis", "Analyse cells after import", Kind.SWITCH),
    Setting(
        "judge_quality",
        "Analysis",
        "Judge the quality of new metaphases",
        Kind.SWITCH,
        note="In the background, before they are analysed: objects, crossings, sharpness, bands.",
    ),
    Setting(
        "third_approves",
        "Report of a case",
        "A third person approves",
        Kind.SWITCH,
        note="Who approves is neither who analysed nor who checked.",
    ),
    Setting(
        "random_share",
        "Review",
        "Confident chromosomes to check too",
        Kind.CHOICE,
        (("0", "None"), ("5", "5 %"), ("10", "10 %"), ("20", "20 %")),
        note="A random share for quality control, the same ones every time; from the next cell "
        "that is opened.",
    ),
    Setting(
        "second_reading",
        "Review",
        "A second reading begins with",
        Kind.CHOICE,
        (("proposal", "The program's proposal"), ("tray", "All chromosomes in the tray")),
        note="Never with anything that the first reader decided.",
    ),
    Setting("report_template", "Report of a case", "Template", Kind.HIDDEN),
    Setting(
        "backup_folder",
        "Files",
        "Daily backup into",
        Kind.FOLDER,
        note="A folder, better on another disk; a backup is made there once a day while the "
        "window is open, the pictures beside it once for all: keep both together. Empty: none.",
    ),
    Setting(
        "backups_kept",
        "Files",
        "Daily backups kept",
        Kind.CHOICE,
        (("3", "The last 3"), ("7", "The last 7"), ("30", "The last 30"), ("365", "The last 365")),
    ),
    Setting("data_folder", "Files", "Data folder", Kind.HIDDEN),
    Setting("weights", "Analysis", "Model", Kind.HIDDEN),
    Setting("separation", "Analysis", "Separation", Kind.HIDDEN),
    Setting("weights_before", "Analysis", "Models used before", Kind.HIDDEN),
    Setting("protocols", "Cases", "Protocols", Kind.HIDDEN),
)


def login_name() -> str:
    """The login name, or "unknown" where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def load(path: Path) -> Settings:
    """Settings from a TOML file; what is missing or of the wrong kind keeps its default.

    A file that cannot be read at all gives the defaults: the window must open.
    """
    try:
        stored = tomllib.loads(read_plain_text(path))
    except (OSError, ValueError, RecursionError):
        return Settings()
    settings = Settings()
    choices = {s.key: [value for value, _ in s.choices] for s in SETTINGS if s.choices}
    for field in fields(Settings):
        value = stored.get(field.name)
        if isinstance(value, list):
            value = tuple(str(each) for each in value)
        if type(value) is not type(getattr(settings, field.name)):
            continue
        if field.name in choices and value not in choices[field.name]:
            continue
        settings = replace(settings, **{field.name: value})  # type: ignore[arg-type]
    return settings


def save(path: Path, settings: Settings) -> None:
    """Write settings as TOML, beside and renamed; KaryoError when the place is not writable."""
    # A JSON string, boolean or list of strings is also a TOML one.
    values = asdict(settings).items()
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, "\n".join(lines) + "\n")
    except OSError as error:
        raise KaryoError(
            f"The settings could not be saved to {path}.", f"The system says: {error.strerror}."
        ) from error


class SettingsStore:
    """The present settings, their file, and those who want to know of a change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values = load(path)
        self._listeners: list[Callable[[Settings], None]] = []

    def listen(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Call `listener(settings)` after every change; returns a function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def change(self, values: Settings) -> None:
        """Take over new values, inform the listeners, then save; KaryoError when saving fails."""
        if values == self.values:
            return
        self.values = values
        for listener in tuple(self._listeners):
            listener(values)
        save(self.path, values)
