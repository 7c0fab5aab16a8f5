"""What an action is: one line of the table in `actions`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Need(Enum):
    """What must be there for an action to make sense."""

    NOTHING = "nothing"
    CASE_SELECTION = "case selection"
    BIN_SELECTION = "bin selection"
    CASE = "case"
    CELL = "cell"
    CHROMOSOMES = "chromosomes"
    SELECTION = "selection"
    TO_REVIEW = "to review"
    UNDO = "undo"
    REDO = "redo"
    SIGNED = "signed"
    UNANALYSED = "unanalysed"
    ANALYSED_CELLS = "analysed cells"
    EARLIER_MODEL = "earlier model"
    METAPHASE = "metaphase"
    REPAIR = "repair"
    REPAIR_SELECTION = "repair selection"


class Scope(Enum):
    """Where the keys of an action work; elsewhere they may mean something else, or be typed.

    `PICTURES` are the board and the metaphase view.
    """

    WINDOW = "window"
    BOARD = "board"
    METAPHASE = "metaphase"
    PICTURES = "pictures"
    BROWSER = "browser"


@dataclass(frozen=True)
class ActionSpec:
    """One action. `arguments` are given to the callback; its keys work within `scope`.

    `otherwise` is told instead of `tip` while what it needs is not there.
    """

    id: str
    text: str
    icon: str
    callback: str
    shortcuts: tuple[str, ...] = ()
    need: Need = Need.NOTHING
    arguments: tuple[object, ...] = ()
    scope: Scope = Scope.WINDOW
    checkable: bool = False
    separator: bool = False
    tip: str = ""
    otherwise: str = ""

    @property
    def menu(self) -> str:
        """The menu it stands in: the first part of the id."""
        return self.id.partition(".")[0].capitalize()
