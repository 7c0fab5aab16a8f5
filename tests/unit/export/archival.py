"""What of the structure of PDF/A-2b a file lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from karyogui.export.pdfa import FORBIDDEN

_FONT_FILES = (Name.FontFile, Name.FontFile2, Name.FontFile3)


def faults(data: bytes) -> tuple[str, ...]:
    """What of the structure is missing, a sentence each; none when all is there."""
    found = []
    with pikepdf.open(BytesIO(data)) as pdf:
        root, objects = pdf.Root, _dictionaries(pdf)
        with pdf.open_metadata() as meta:
            if (meta.get("pdfaid:part"), meta.get("pdfaid:conformance")) != ("2", "B"):
                found.append("The metadata does not name PDF/A-2b.")
            if not meta.get("dc:title"):
                found.append("The metadata has no title.")
        intents = [i for i in root.get(Name.OutputIntents, []) if i.S == Name.GTS_PDFA1]
        if not intents or Name.DestOutputProfile not in intents[0]:
            found.append("There is no output intent with a profile.")
        if not str(root.get(Name.Lang, "")):
            found.append("No language is set.")
        if pdf.is_encrypted:
            found.append("The file is encrypted.")
        found += [f"There is {key} in the file." for key in FORBIDDEN if _is_anywhere(objects, key)]
        found += [f"The font {name} is not embedded." for name in _not_embedded(objects)]
        if Name.ID not in pdf.trailer:
            found.append("The file has no identifier.")
    return tuple(found)


def _is_anywhere(found: Sequence[Object], key: Name) -> bool:
    return any(key in each for each in found)


def _not_embedded(found: Sequence[Object]) -> Iterator[str]:
    for each in found:
        if each.get(Name.Type) != Name.Font or Name.Subtype not in each:
            continue
        if each.Subtype in (Name.Type0, Name.Type3):
            continue
        descriptor = each.get(Name.FontDescriptor)
        if descriptor is None or not any(key in descriptor for key in _FONT_FILES):
            yield str(each.get(Name.BaseFont, "without a name"))


def _dictionaries(pdf: Pdf) -> list[Object]:
    """Every dictionary of the file, those within others too."""
    found, waiting = list[Object](), [each for each in pdf.objects if each is not None]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Array):
            parts = list(each)
        elif isinstance(each, (Dictionary, Stream)):
            found.append(each)
            parts = [part for _, part in each.items()]
        else:
            continue
        waiting += [p for p in parts if isinstance(p, Object) and not p.is_indirect]
    return found
