"""Walking the board with the keyboard: pure functions, no Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Protocol

from karyogui.layout.geometry import Box


class Readable(Protocol):
    """What is read line by line, each thing in its spot."""

    @property
    def order(self) -> tuple[str, ...]: ...
    @property
    def lines(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def spots(self) -> Mapping[str, Box]: ...


class Walk(Enum):
    """One step of the cursor over the board."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    LINE_START = "line start"
    LINE_END = "line end"
    FIRST = "first"
    LAST = "last"


def walk(layout: Readable, current: str | None, step: Walk) -> str | None:
    """The chromosome one `step` from `current`; None only on an empty board.

    Left and right go on in the next line at a line's end; up and down keep to the column; the
    board's edges hold. Without a current chromosome every step begins at the first.
    """
    order = layout.order
    if not order:
        return None
    if current not in layout.spots or current is None:
        return order[-1] if step is Walk.LAST else order[0]
    at = order.index(current)
    number = next(n for n, line in enumerate(layout.lines) if current in line)
    line = layout.lines[number]
    match step:
        case Walk.LEFT:
            return order[max(0, at - 1)]
        case Walk.RIGHT:
            return order[min(len(order) - 1, at + 1)]
        case Walk.UP | Walk.DOWN:
            other = number + (1 if step is Walk.DOWN else -1)
            if not 0 <= other < len(layout.lines):
                return current
            x = layout.spots[current].centre_x
            return min(layout.lines[other], key=lambda i: abs(layout.spots[i].centre_x - x))
        case Walk.LINE_START:
            return line[0]
        case Walk.LINE_END:
            return line[-1]
        case Walk.FIRST:
            return order[0]
        case Walk.LAST:
            return order[-1]


def stretch(order: Sequence[str], anchor: str, to: str) -> tuple[str, ...]:
    """Everything from `anchor` to `to` as one reads the board, both included."""
    first, last = sorted((order.index(anchor), order.index(to)))
    return tuple(order[first : last + 1])


def neighbour(order: Sequence[str], selected: Collection[str], step: int) -> str | None:
    """Who comes after (`step` 1) or before (-1) those selected; None past either end."""
    at = [n for n, i in enumerate(order) if i in selected]
    to = (at[-1] if at else -1) + 1 if step > 0 else (at[0] if at else len(order)) - 1
    return order[to] if 0 <= to < len(order) else None


def next_to_review(
    order: Sequence[str], earlier: Sequence[str], current: str | None, step: int
) -> str | None:
    """Who to look at after `current` (`step` 1) or before it (-1), going round at the ends.

    `order` asks for review now, `earlier` did when the last one was chosen: a chromosome that has
    been confirmed since is no longer in `order`, and the one after it is meant. None when nothing
    asks for review.
    """
    if not order:
        return None
    route = earlier if current not in order and current in earlier else order
    if current is None or current not in route:
        return order[0] if step > 0 else order[-1]
    at = list(route).index(current)
    for distance in range(1, len(route) + 1):
        candidate = route[(at + step * distance) % len(route)]
        if candidate in order:
            return candidate
    return order[0]
