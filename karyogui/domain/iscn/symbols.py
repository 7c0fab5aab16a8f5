"""The symbols of structural changes: what each is called, how many bands it takes, near misses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

ANY = 99


@dataclass(frozen=True)
class Symbol:
    """A symbol of ISCN for a structural change.

    `least` and `most`: bands of the symbol on one chromosome; `each_least` and `each_most`: bands
    of each chromosome where several are named. `partners`: least and most chromosomes.
    `in_order`: bands of one chromosome run from pter to qter (where the order gives no direction).
    `lowest_first`: the sex chromosome or the lowest number stands first among the partners.
    `joined`: chromosomes that one such change makes fewer, for each further partner.
    """

    name: str
    words: str
    least: int = 1
    most: int = 1
    each_least: int = 1
    each_most: int = 1
    partners: tuple[int, int] = (1, 1)
    in_order: bool = False
    lowest_first: bool = False
    joined: int = 0
    chains: bool = False
    needs_bands: bool = True


def _broken(name: str, words: str) -> Symbol:
    """A break, gap, exchange or shattering: any number of bands, which must exist."""
    return Symbol(name, words, 0, ANY, 0, ANY, partners=(1, ANY), needs_bands=False)


def _free(name: str, words: str) -> Symbol:
    """A rare symbol, whose brackets are not judged."""
    return Symbol(name, words, 0, ANY, 0, ANY, partners=(0, ANY), needs_bands=False)


SYMBOLS: dict[str, Symbol] = {
    symbol.name: symbol
    for symbol in (
        Symbol("add", "additional material of unknown origin"),
        Symbol("del", "deletion", most=2, in_order=True),
        Symbol("der", "derivative chromosome", 0, ANY, partners=(1, 4), lowest_first=True,
               joined=1, each_most=2, chains=True, needs_bands=False),
        Symbol("dic", "dicentric chromosome", 1, 2, partners=(1, 2), lowest_first=True, joined=1,
               chains=True),
        Symbol("dup", "duplication", 1, 2),
        Symbol("fis", "fission at the centromere"),
        Symbol("fra", "fragile site"),
        Symbol("hsr", "homogeneously staining region", 1, ANY, partners=(1, ANY), each_most=ANY),
        Symbol("i", "isochromosome"),
        Symbol("idic", "isodicentric chromosome", chains=True),
        Symbol("ider", "isoderivative chromosome", chains=True),
        Symbol("ins", "insertion", 3, 3, partners=(1, 2), each_most=2),
        Symbol("inv", "inversion", 2, 2, in_order=True),
        Symbol("neo", "neocentromere", 0, 2, chains=True, needs_bands=False),
        Symbol("qdp", "quadruplication", 2, 2),
        Symbol("r", "ring chromosome", 2, 2, partners=(1, ANY), each_least=1, each_most=2,
               in_order=True, chains=True, needs_bands=False),
        Symbol("rec", "recombinant chromosome", 0, 0, chains=True, needs_bands=False),
        Symbol("rob", "Robertsonian translocation", partners=(2, 2), lowest_first=True, joined=1),
        Symbol("rcp", "reciprocal translocation", partners=(2, ANY), lowest_first=True),
        Symbol("t", "translocation", partners=(2, ANY), each_most=2, lowest_first=True),
        Symbol("tas", "telomeric association", partners=(2, ANY), each_most=2),
        Symbol("trc", "tricentric chromosome", partners=(3, 3), each_most=2, joined=1),
        Symbol("trp", "triplication", 2, 2),
        Symbol("upd", "uniparental disomy", 0, 2, needs_bands=False),
        Symbol("uphd", "uniparental heterodisomy", 0, 2, needs_bands=False),
        Symbol("upid", "uniparental isodisomy", 0, 2, needs_bands=False),
        *(
            _broken(name, words)
            for name, words in (
                ("cha", "chromoanasynthesis"),
                ("chrb", "chromosome break"),
                ("chrg", "chromosome gap"),
                ("chre", "chromosome exchange"),
                ("chtb", "chromatid break"),
                ("chte", "chromatid exchange"),
                ("chtg", "chromatid gap"),
                ("csb", "chromosome break"),
                ("cse", "chromosome exchange"),
                ("csg", "chromosome gap"),
                ("ctb", "chromatid break"),
                ("cte", "chromatid exchange"),
                ("ctg", "chromatid gap"),
                ("cth", "chromothripsis"),
                ("cx", "complex chromatid interchange"),
                ("dr", "diradial"),
                ("qr", "quadriradial"),
                ("sce", "sister chromatid exchange"),
                ("sct", "secondary constriction"),
                ("tr", "triradial"),
            )
        ),
        *(
            _free(name, words)
            for name, words in (
                ("ace", "acentric fragment"),
                ("amp", "amplified signal"),
                ("cpx", "complex rearrangement"),
                ("dit", "dictyotene"),
                ("g", "gap"),
                ("mar", "marker chromosome"),
                ("min", "minute acentric fragment"),
                ("pvz", "pulverisation"),
                ("rea", "rearrangement"),
                ("tel", "telomere"),
                ("ter", "terminal rearrangement"),
                ("var", "variant"),
            )
        ),
    )
}  # fmt: skip

COMMON = "add|del|der|dic|dup|fra|hsr|i|idic|ider|ins|inv|r|rob|t|trp"
"""The symbols that everybody uses, for patterns: where one opens a bracket, a change begins."""
MODIFIERS = frozenset({"psu", "dir", "inv", "tan", "mir", "ter"})
"""Words that may stand before a symbol, with one space between: `psu dic`, `inv dup`."""
ORIGINS: dict[str, str] = {
    "mat": "of maternal origin",
    "pat": "of paternal origin",
    "dn": "de novo",
    "inh": "inherited",
    "dmat": "from a rearrangement of the mother",
    "dpat": "from a rearrangement of the father",
    "dinh": "from an inherited rearrangement",
}
REFERENCES = ("idem", "sl", "sdl")
"""What stands in place of the sex chromosomes and takes over all of an earlier line."""

LONG_WORDS: dict[str, str] = {
    "translocation": "t",
    "deletion": "del",
    "duplication": "dup",
    "derivative": "der",
    "dicentric": "dic",
    "inversion": "inv",
    "insertion": "ins",
    "isochromosome": "i",
    "isodicentric": "idic",
    "isoderivative": "ider",
    "addition": "add",
    "ring": "r",
    "recombinant": "rec",
    "robertsonian": "rob",
    "fragile": "fra",
    "triplication": "trp",
    "quadruplication": "qdp",
    "fission": "fis",
}

USUAL_BREAKPOINTS: dict[str, str] = {
    "t(1;19)": "(q23;p13.3)",
    "t(2;5)": "(p23;q35)",
    "t(2;13)": "(q36;q14)",
    "t(4;11)": "(q21;q23)",
    "t(4;14)": "(p16;q32)",
    "t(6;9)": "(p22;q34)",
    "t(8;14)": "(q24;q32)",
    "t(8;21)": "(q22;q22)",
    "t(8;22)": "(q24;q11.2)",
    "t(9;11)": "(p21;q23)",
    "t(9;22)": "(q34;q11.2)",
    "t(11;14)": "(q13;q32)",
    "t(11;19)": "(q23;p13.3)",
    "t(11;22)": "(q24;q12)",
    "t(12;16)": "(q13;p11.2)",
    "t(12;21)": "(p13;q22)",
    "t(14;16)": "(q32;q23)",
    "t(14;18)": "(q32;q21)",
    "t(15;17)": "(q24;q21)",
    "t(16;16)": "(p13.1;q22)",
    "t(X;18)": "(p11.2;q11.2)",
    "inv(16)": "(p13.1q22)",
    "inv(3)": "(q21q26.2)",
    "i(17)": "(q10)",
}
"""Recurrent rearrangements of the textbooks, offered beside `?` where breakpoints are missing."""
PHILADELPHIA = "t(9;22)"


_LONE_WORDS = {
    "marker": "mar",
    "markers": "mar",
    "incomplete": "inc",
    "minutes": "dmin",
    "identical": "idem",
    "stemline": "sl",
    "sideline": "sdl",
}
_OTHER_WORDS = {"dm": "dmin", "dms": "dmin", "dmins": "dmin", "ident": "idem"}


@lru_cache(maxsize=512)
def nearest_word(word: str, meant: tuple[str, ...]) -> str:
    """The word without brackets (mar, inc, idem …) that a misspelt one means; or nothing."""
    word = word.lower()
    if word in ORIGINS:
        return ""
    if _OTHER_WORDS.get(word) in meant:
        return _OTHER_WORDS[word]
    for long, short in _LONE_WORDS.items():
        if len(word) >= 3 and long.startswith(word) and short in meant:
            return short
    return next((right for right in meant if one_slip_apart(word, right)), "")


@lru_cache(maxsize=512)
def nearest_symbols(word: str) -> tuple[str, ...]:
    """Symbols that a misspelt word may mean, the likeliest first; none for a wholly other word."""
    word = word.lower()
    if len(word) > 20:
        return ()
    if len(word) >= 3:
        meant = [symbol for long, symbol in LONG_WORDS.items() if long.startswith(word)]
        if meant:
            return tuple(meant)
    near = [name for name in SYMBOLS if one_slip_apart(word, name)]
    if len(word) == 2:  # a letter too many: tz(9;22)
        near += [letter for letter in dict.fromkeys(word) if letter in ("t", "i", "r")]
    usual = {name: place for place, name in enumerate(LONG_WORDS.values())}
    return tuple(sorted(near, key=lambda name: (len(name) < 2, usual.get(name, ANY))))[:4]


def one_slip_apart(typed: str, meant: str) -> bool:
    """One letter more, less, other, or two neighbours exchanged (Damerau)."""
    if abs(len(typed) - len(meant)) > 1 or len(meant) < 2:
        return False
    if len(typed) == len(meant):
        places = [i for i, pair in enumerate(zip(typed, meant, strict=True)) if pair[0] != pair[1]]
        if len(places) == 2:
            first, second = places
            return (
                second == first + 1
                and typed[first] == meant[second]
                and typed[second] == meant[first]
            )
        return len(places) == 1 and len(meant) > 2
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
