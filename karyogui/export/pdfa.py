"""The structure of PDF/A-2b on a finished PDF: output intent, metadata, no scripts.

It is the structure that is made and tested here; nobody has validated the files, and nothing says
so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from PIL import ImageCms

from karyogui.export.pdf_pages import Furniture

_FONT_FILES = (Name.FontFile, Name.FontFile2, Name.FontFile3)
_FORBIDDEN = (Name.JavaScript, Name.JS, Name.AA, Name.EmbeddedFiles, Name.XFA, Name.OpenAction)


def as_archival(data: bytes, facts: Furniture, made: datetime) -> bytes:
    """The same pages with the structure that PDF/A-2b asks for; `facts` are for its metadata."""
    target = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        root = pdf.Root
        root.Lang = pikepdf.String(facts.language)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        for key in _FORBIDDEN:
            if key in root:
                del root[key]
        profile = Stream(pdf, _profile())
        profile.N = 3
        profile.Alternate = Name.DeviceRGB
        root.OutputIntents = Array(
            [
                Dictionary(
                    Type=Name.OutputIntent,
                    S=Name.GTS_PDFA1,
                    OutputConditionIdentifier=pikepdf.String("sRGB IEC61966-2.1"),
                    Info=pikepdf.String("sRGB IEC61966-2.1"),
                    DestOutputProfile=pdf.make_indirect(profile),
                )
            ]
        )
        for page in pdf.pages:
            if Name.Trans in page:
                del page[Name.Trans]
        _describe(pdf, facts, made)
        pdf.save(
            target,
            min_version="1.7",
            deterministic_id=True,
            fix_metadata_version=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


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
        found += [
            f"There is {key} in the file." for key in _FORBIDDEN if _is_anywhere(objects, key)
        ]
        found += [f"The font {name} is not embedded." for name in _not_embedded(objects)]
        if Name.ID not in pdf.trailer:
            found.append("The file has no identifier.")
    return tuple(found)


def _describe(pdf: Pdf, facts: Furniture, made: datetime) -> None:
    """XMP and the information dictionary with the same words."""
    made = made.astimezone().replace(microsecond=0)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as meta:
        meta["dc:title"] = facts.title
        meta["dc:creator"] = [facts.author] if facts.author else []
        meta["dc:description"] = facts.subject
        meta["dc:language"] = {facts.language}
        meta["xmp:CreatorTool"] = facts.creator
        meta["xmp:CreateDate"] = made.isoformat()
        meta["xmp:ModifyDate"] = made.isoformat()
        meta["pdf:Producer"] = "ReportLab, pikepdf"
        meta["pdfaid:part"] = "2"
        meta["pdfaid:conformance"] = "B"
    for key in list(pdf.docinfo.keys()):
        if key in ("/Trapped", "/Keywords"):
            del pdf.docinfo[key]


@cache
def _profile() -> bytes:
    """An sRGB profile, made by the colour library of Pillow."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


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
