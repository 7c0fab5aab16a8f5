"""The structure of PDF/A-2b on a finished PDF: output intent, metadata, no scripts.

It is the structure that is made and tested here; nobody has validated the files, and nothing says
so.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import ImageCms

from karyogui.export.pdf_pages import Furniture

FORBIDDEN = (Name.JavaScript, Name.JS, Name.AA, Name.EmbeddedFiles, Name.XFA, Name.OpenAction)
"""Keys that no archived file has."""


def as_archival(data: bytes, facts: Furniture, made: datetime) -> bytes:
    """The same pages with the structure that PDF/A-2b asks for; `facts` are for its metadata."""
    target = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        root = pdf.Root
        root.Lang = pikepdf.String(facts.language)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        for key in FORBIDDEN:
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
