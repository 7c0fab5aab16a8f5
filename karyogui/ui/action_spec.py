"""What an action is. Each feature lists its own in its module `actions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

NEEDS_OPEN = "Needs an open cell"
NEEDS_ANALYSED = "Needs an analysed cell"
NEEDS_CASE = "Needs an open or selected case"


class Scope(Enum):
    """Where the keys of an action work; elsewhere they may mean something else, or be typed.

    `PICTURES` are the board and the metaphase view; `REVIEW` is there, too, and in the lists of
    what to look at. `CHROMOSOMES` are the board and the strip.
    """

    WINDOW = "window"
    BOARD = "board"
    METAPHASE = "metaphase"
    PICTURES = "pictures"
    REVIEW = "review"
    BROWSER = "browser"
    STRIP = "strip"
    CASE = "case"
    CHROMOSOMES = "chromosomes"


@dataclass(frozen=True)
class ActionSpec:
    """One action: `callback` does it, its keys work within `scope`.

    It is grey while `enabled_when` says no; `otherwise` is shown then instead of `tip`, and told
    when its keys are pressed.
    """

    id: str
    text: str
    icon: str
    callback: Callable[[], object]
    shortcuts: tuple[str, ...] = ()
    enabled_when: Callable[[], bool] | None = None
    scope: Scope = Scope.WINDOW
    checkable: bool = False
    tip: str = ""
    otherwise: str | Callable[[], str] = ""

    @property
    def menu(self) -> str:
        """The menu it stands in: the first part of the id."""
        return self.id.partition(".")[0].capitalize()

    @property
    def needs(self) -> str:
        """What it needs to be possible; empty where that is not told."""
        return self.otherwise if isinstance(self.otherwise, str) else self.otherwise()

    @property
    def why_not(self) -> str:
        """What it needs: a whole sentence as it is, a few words after its name."""
        needs = self.needs
        if not needs or needs.endswith("."):
            return needs
        return f"{self.text.removesuffix('…')}: {needs[:1].lower()}{needs[1:]}"

    @property
    def is_possible(self) -> bool:
        """Whether it makes sense at present."""
        return self.enabled_when is None or self.enabled_when()
