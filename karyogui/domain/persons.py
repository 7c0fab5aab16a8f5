"""Whether two names are those of one person: a second reader is somebody else."""

from __future__ import annotations

import re
import unicodedata

from karyogui.domain.details import fitting

_DOTLESS_I = "\N{LATIN SMALL LETTER DOTLESS I}"
_SPELT = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", _DOTLESS_I: "i"}
)
_TITLES = frozenset(
    (
        *("dr", "med", "prof", "professor", "phd", "md", "msc", "bsc", "dipl", "priv", "doz", "pd"),
        *("mr", "mrs", "ms", "herr", "frau"),
    )
)
_UNNAMED = frozenset(
    (
        *("unknown", "unknown person", "user", "root", "admin", "administrator", "guest", "nobody"),
        *("anonymous", "anonym", "n.n.", "nn", "n. n.", "test", "test user", "tester", "demo"),
    )
)
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0441\u0435\u0456\u0458\u043e\u0440\u0443\u0455\u0445\u03bf\u03b1\u03bd",
    "aceijopysxoav",
)
"""Small letters of Cyrillic and Greek that look like Latin ones on a report."""

_SIGN = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_BETWEEN_SIGNS = re.compile(rf"(?<={_SIGN})\s+(?={_SIGN})")
"""Spaces in a Chinese, Japanese or Korean name, which some write and others do not."""

UNKNOWN_PERSON = "unknown person"
"""Who did what nobody named did."""


def named(who: str) -> str:
    """The name as it is recorded: without spaces around it, or a word for nobody."""
    return fitting(who.strip(), "name of the person") or UNKNOWN_PERSON


def names_a_person(name: str) -> bool:
    """Whether a name can stand under a report: letters, and no account that many share."""
    told = " ".join(name.split()).casefold()
    words = re.findall(r"[^\W_]+", told)
    is_title = bool(words) and all(word in _TITLES for word in words)
    return sum(c.isalpha() for c in told) >= 2 and told not in _UNNAMED and not is_title


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are the same but for case, spaces, accents, titles and order."""
    return _core(one) == _core(other)


def may_be_same_person(one: str, other: str) -> bool:
    """Whether two names could be one person's.

    A letter apart, initials for first names, or all of one's words among the other's: a second
    first name, a married name, a sign in brackets.
    """
    first, second = _core(one), _core(other)
    if first == second:
        return True
    fewer, more = sorted((set(first), set(second)), key=len)
    if fewer <= more and any(len(word) > 1 for word in fewer):
        return True
    shares_a_word = any(len(word) > 1 and word in second for word in first)
    fits = all(_fits(w, second) for w in first) and all(_fits(w, first) for w in second)
    if len(first) == len(second) and shares_a_word and fits:
        return True
    return _is_a_letter_apart("".join(_plain(one).split()), "".join(_plain(other).split()))


def _plain(name: str) -> str:
    """Small letters without accents; an umlaut, written with an e too, is its bare vowel."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_SPELT)
    folded = _BETWEEN_SIGNS.sub("", folded)
    folded = folded.translate(_LOOK_ALIKES)
    bare = "".join(
        c for c in unicodedata.normalize("NFD", folded) if unicodedata.category(c) != "Mn"
    )
    return re.sub(r"([aou])e(?=[^aeiou]|$)", r"\1", bare)


def _core(name: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", _plain(name))
    return tuple(sorted(word for word in words if word not in _TITLES)) or tuple(sorted(words))


def _fits(word: str, words: tuple[str, ...]) -> bool:
    """Whether a word, or what it is the initial of, is among the words."""
    return any(
        word == other or (min(len(word), len(other)) == 1 and word[0] == other[0])
        for other in words
    )


def _is_a_letter_apart(one: str, other: str) -> bool:
    """Whether one letter was left out, put in or exchanged, in names long enough to tell."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 5 or len(longer) - len(shorter) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), None)
    if at is None:
        return True
    rest = at + 1 if len(shorter) == len(longer) else at
    return shorter[rest:] == longer[at + 1 :]
