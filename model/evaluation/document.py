"""Tables as Markdown and HTML, and a whole document of them that needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

NOTHING: str = "–"

STYLE = """
:root { --ink: #1c2530; --faint: #5d6975; --line: #c9d0d8; --band: #f3f5f8; }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: var(--ink);
  background: white; margin: 0 auto; padding: 2rem 1.5rem; max-width: 66rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; border-bottom: 2px solid var(--line);
  break-after: avoid; }
h3 { font-size: 1rem; margin: 1.6rem 0 .2rem; break-after: avoid; }
p { margin: .3rem 0; }
pre { color: var(--faint); font-size: .85em; white-space: pre-wrap; }
.caption, .source { color: var(--faint); font-size: .85em; }
.caption { max-width: 50rem; break-after: avoid; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: .6rem; margin: 1rem 0; }
.tile { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .8rem; }
.tile b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: .6rem 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table.data { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums;
  font-size: .86rem; }
.data th, .data td { padding: .2rem .6rem; text-align: right; white-space: nowrap; }
.data th { white-space: normal; vertical-align: bottom; text-align: center; }
.data .word { text-align: left; }
.data thead { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink); }
.data tbody { border-bottom: 1.5px solid var(--ink); }
.data tbody tr:nth-child(even) { background: var(--band); }
.data tr { break-inside: avoid; }
.dense .sd { display: block; color: var(--faint); }
.plate { margin: 0; break-inside: avoid; }
.plate > svg { display: block; max-width: 100%; height: auto; }
.plate img { display: block; width: 100%; max-width: 52rem; margin: .5rem 0; }
.cards { display: flex; flex-wrap: wrap; gap: .6rem; margin: .6rem 0; }
.card { margin: 0; border: 1px solid var(--line); border-radius: 6px; padding: .4rem;
  break-inside: avoid; }
.card svg { background: white; margin-right: .3rem; vertical-align: top; }
.card figcaption { font-size: .78rem; line-height: 1.3; margin-top: .2rem; }
.plain figcaption { text-align: center; }
table.bars { display: inline-table; border-collapse: collapse; font-size: .74rem;
  font-variant-numeric: tabular-nums; vertical-align: top; }
.bars th { text-align: right; padding-right: .3rem; font-weight: normal; white-space: nowrap; }
.bars td:last-child { text-align: right; padding-left: .3rem; }
.bars td:nth-child(2) { width: 48px; }
.bar { display: block; height: .6rem; background: #2a6fbb; }
.truth { outline: 1.5px solid #d1201c; }
.right { color: #1d7a3c; } .wrong { color: #b3261e; }
@page { size: A4; margin: 13mm; }
@media print {
  body { font-size: 10pt; padding: 0; max-width: none; }
  table.data { font-size: 7.4pt; } .data th, .data td { padding: .1rem .3rem; }
  .wide { overflow: visible; }
}
"""

DENSE: int = 7
"""Columns above which a standard deviation stands below its mean, or A4 is too narrow."""


@dataclass(frozen=True)
class Heading:
    """One cell of a table's head."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Table:
    """A table to print: `head` by rows of headings, `rows` of as many texts as columns.

    `labels` is how many columns from the left hold words, the rest holds numbers.
    """

    title: str
    caption: str
    head: tuple[tuple[Heading, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1


def line(*texts: str) -> tuple[tuple[Heading, ...], ...]:
    """The head of a table in one line."""
    return (tuple(Heading(text) for text in texts),)


def percent(share: float | None, digits: int = 1) -> str:
    """A fraction in per cent; a dash for None."""
    return NOTHING if share is None else f"{100 * share:.{digits}f}"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with its first column to the left and the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" + "--:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def markdown_document(title: str, tables: Iterable[Table]) -> str:
    """Tables below each other; each has a head of one line."""
    parts = [f"# {title}\n"]
    for table in tables:
        parts.append(f"## {table.title}\n")
        if table.caption:
            parts.append(f"{table.caption}\n")
        parts.append(markdown_table([heading.text for heading in table.head[0]], table.rows))
    return "\n".join(parts)


def html_document(title: str, body: str) -> str:
    """A whole document, for screen and paper."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{body}</body>\n</html>\n"
    )


def section(title: str, *parts: str) -> str:
    """Parts of a document under a heading."""
    return f"<section>\n<h2>{title}</h2>\n" + "\n".join(parts) + "\n</section>\n"


def captioned(text: str) -> str:
    """What explains a table or a picture."""
    return f'<p class="caption">{escape(text)}</p>'


def plate(title: str, caption: str, svg: str) -> str:
    """A drawing under its title.

    As a picture and not inline: the names that two drawings give to their glyphs may clash.
    """
    return (
        f'<figure class="plate"><h3>{title}</h3>{captioned(caption)}'
        f"{inline(svg.encode(), 'svg+xml', title)}</figure>"
    )


def inline(data: bytes, kind: str, words: str = "") -> str:
    """A picture within the document; `words` describe it for those who cannot see it."""
    packed = base64.b64encode(data).decode()
    return f'<img alt="{escape(words)}" src="data:image/{kind};base64,{packed}">'


def html_table(table: Table) -> str:
    """A table under its title."""
    if not table.rows:
        return f"<h3>{escape(table.title)}</h3>{captioned('None.')}"
    head = "".join(f"<tr>{''.join(map(_heading, line))}</tr>" for line in table.head)
    body = "".join(_row(row, table.labels) for row in table.rows)
    dense = " dense" if len(table.rows[0]) > DENSE else ""
    return (
        f"<h3>{escape(table.title)}</h3>{captioned(table.caption)}"
        f'<div class="wide"><table class="data{dense}"><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _heading(heading: Heading) -> str:
    span = f' colspan="{heading.columns}"' if heading.columns > 1 else ""
    span += f' rowspan="{heading.rows}"' if heading.rows > 1 else ""
    return f"<th{span}>{escape(heading.text)}</th>"


def _row(texts: Iterable[str], labels: int) -> str:
    cells = []
    for column, text in enumerate(texts):
        mean, plus_minus, sd = escape(text).partition(" ± ")
        spread = f' <span class="sd">± {sd}</span>' if plus_minus else ""
        word = ' class="word"' if column < labels else ""
        cells.append(f"<td{word}>{mean}{spread}</td>")
    return f"<tr>{''.join(cells)}</tr>"
