"""Changes that were named without their breakpoints, and whether a full form stands before them."""

from __future__ import annotations

import re

from karyogui.domain.iscn.brackets import read_group
from karyogui.domain.iscn.findings import Findings, insert, remove
from karyogui.domain.iscn.reader import Mention, Reader
from karyogui.domain.iscn.symbols import PHILADELPHIA, SYMBOLS, USUAL_BREAKPOINTS

_NAME = re.compile(r"([A-Za-z]+)(?=\()")


def settle_mentions(reader: Reader) -> None:
    """Report changes whose breakpoints were given nowhere before, with what may stand there."""
    for mention in reader.mentions:
        if reader.notes.is_full:
            break
        known = reader.full.get(mention.key)
        if known and known[0] < mention.start:
            continue
        if mention.symbol in ("der", "rec") and len(mention.chromosomes) == 1:
            _report_derivative(reader, mention)
            continue
        texts = [known[1]] if known else []
        usual = USUAL_BREAKPOINTS.get(mention.key)
        texts += [usual] if usual and not known else []
        texts.append(f"({';'.join('?' * len(mention.chromosomes))})")
        mends = [insert(mention.end, text) for text in dict.fromkeys(texts)]
        message = "The breakpoints are missing, and nothing earlier gives them."
        if mention.symbol == "r":
            reader.notes.warn(mention.start, mention.end, message)
        else:
            reader.notes.error(mention.start, mention.end, message, *mends)


def _report_derivative(reader: Reader, mention: Mention) -> None:
    name = mention.chromosomes[0]
    text = reader.text
    comma = text[mention.end : mention.end + 1] == ","
    following = _NAME.match(text, mention.end + 1) if comma else None
    if following and following[1] in SYMBOLS:
        group = read_group(text, following.end(), Findings())
        if name in group.content.split(";"):
            message = "A derivative and its story are one item, without a comma."
            mend = remove(mention.end, mention.end + 1)
            reader.notes.error(mention.start, mention.end + 1, message, mend)
            return
    is_philadelphia = mention.chromosomes[0] == "22"
    story = PHILADELPHIA + USUAL_BREAKPOINTS[PHILADELPHIA]
    mends = [insert(mention.end, story)] if is_philadelphia else []
    mends.append(insert(mention.end, f"t({name};?)(?;?)"))
    message = f"How der({name}) came about is not stated anywhere."
    reader.notes.error(mention.start, mention.end, message, *mends)
