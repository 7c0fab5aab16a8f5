"""The report of a case as DICOM: the PDF encapsulated, and the karyograms as a secondary capture.

Karyotypes as DICOM are found in no clinic; these two objects are what an archive takes. The study
and its series have identifiers made of the report's own, so that writing twice gives the same.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from karyogui.domain.case_report import CaseReport
from karyogui.domain.report_template import ReportTemplate
from karyogui.errors import KaryoError
from karyogui.export.base import needing

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7.2"
"""Multi-frame grayscale byte: one frame for each cell line."""
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_ROOT = "2.25."
"""Unique identifiers made of a UUID need no root of our own."""
_LONG, _SHORT, _TEXT = 64, 16, 1024
_FEMALE = "f female w weiblich frau féminin femme femenino femenina mujer 女 女性"
_MALE = "m male männlich mann masculin homme masculino hombre varón 男 男性"
_SEXES = dict.fromkeys(_FEMALE.split(), "F") | dict.fromkeys(_MALE.split(), "M")
"""What a person types in the languages of reports; anything else is left open."""
_CAPTION = 90


class DicomPdf:
    """The report within an encapsulated PDF object."""

    id = "case-dicom-pdf"
    label = "DICOM: report (encapsulated PDF)"
    suffix = ".dcm"

    def render(self, report: CaseReport, template: ReportTemplate, pdf: bytes) -> bytes:
        """The file; a document of odd length gets a byte more, and its own length is stored."""
        found = _dataset(report, ENCAPSULATED_PDF, "DOC", 1, "encapsulated PDF")
        found.ConversionType = "WSD"
        found.BurnedInAnnotation = "YES"  # the patient's name stands on every page
        found.RecognizableVisualFeatures = "NO"
        found.AcquisitionDateTime = found.ContentDate + found.ContentTime
        found.DocumentTitle = _text(template["title"], _TEXT)
        found.ConceptNameCodeSequence = []
        found.MIMETypeOfEncapsulatedDocument = "application/pdf"
        found.EncapsulatedDocumentLength = len(pdf)
        found.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
        return _written(found)


class DicomKaryogram:
    """One karyogram for each cell line, as the frames of one secondary capture."""

    id = "case-dicom-karyogram"
    label = "DICOM: karyograms (secondary capture)"
    suffix = ".dcm"

    def render(self, report: CaseReport, template: ReportTemplate, pdf: bytes) -> bytes:
        """The file; `KaryoError` where no line has a karyogram."""
        frames = _frames(report.without_sex(), template)
        found = _dataset(report, SECONDARY_CAPTURE, "OT", 2, "karyograms")
        found.ConversionType = "WSD"
        found.BurnedInAnnotation = "NO"  # the karyotype stands in the picture, no name does
        found.RecognizableVisualFeatures = "NO"
        found.ImageComments = _text(report.details.iscn, 10240)
        found.ImageType = ["DERIVED", "SECONDARY"]
        found.PatientOrientation = found.Laterality = ""
        _set_pixels(found, frames)
        return _written(found)


def _dataset(report: CaseReport, sop_class: str, modality: str, series: int, what: str) -> Dataset:
    """Patient, study, series and equipment: what both objects share."""
    with needing("pydicom", "DICOM"):
        from pydicom.dataset import Dataset
    details, made = report.details, (report.created or datetime.now(UTC)).astimezone(UTC)
    found = Dataset()
    found.SpecificCharacterSet = "ISO_IR 192"
    found.SOPClassUID = sop_class
    found.SOPInstanceUID = _uid(report, f"{what} version {report.review.version}")
    found.PatientName = _person(details.patient_name)
    found.PatientID = _text(details.patient_identifier, _LONG)
    found.PatientBirthDate = _date(details.date_of_birth)
    sex = "" if details.sex_withheld else details.sex_as_given
    found.PatientSex = _SEXES.get(sex.strip().casefold(), "")
    found.StudyInstanceUID = _uid(report, "study")
    found.StudyDate = _date(details.reported) or f"{made:%Y%m%d}"
    found.StudyTime = f"{made:%H%M%S}"
    found.StudyID = _text(details.report_number, _SHORT)
    found.StudyDescription = "Chromosome analysis by banding"
    found.AccessionNumber = _text(details.report_number, _SHORT)
    found.ReferringPhysicianName = _person(details.requester)
    found.SeriesInstanceUID = _uid(report, f"series {series}")
    found.SeriesNumber = series
    found.SeriesDescription = _text(what, _LONG)
    found.Modality = modality
    found.InstanceNumber = report.review.version
    found.ContentDate, found.ContentTime = f"{made:%Y%m%d}", f"{made:%H%M%S}"
    found.Manufacturer = "KaryoGUI"
    found.ManufacturerModelName = "KaryoGUI"
    found.SoftwareVersions = _text(report.software, _LONG)
    found.InstitutionName = _text(details.laboratory, _LONG)
    return found


def _frames(report: CaseReport, template: ReportTemplate) -> NDArray[np.uint8]:
    """(n, h, w) uint8: the karyogram of each line below its karyotype, all of one size."""
    from karyogui.export.drawing import karyogram_image
    from karyogui.export.fonts import pillow_font, printable

    pictures = []
    for number, line in enumerate(report.result.lines, start=1):
        if line.shown is None:
            continue
        picture = karyogram_image(line.shown)
        frame = Image.new("L", (picture.width, picture.height + _CAPTION), 255)
        frame.paste(picture, (0, _CAPTION))
        iscn = line.iscn if "[" in line.iscn else f"{line.iscn}[{line.cells}]"
        told = printable(template.filled("line", number=number, iscn=iscn))
        font = pillow_font(44, bold=True)
        ImageDraw.Draw(frame).text((40, _CAPTION // 2), told, 0, font, anchor="lm")
        pictures.append(frame)
    if not pictures:
        raise KaryoError("No cell line of this case has a karyogram.")
    height = max(picture.height for picture in pictures)
    frames = [np.full((height, picture.width), 255, np.uint8) for picture in pictures]
    for frame_pixels, picture in zip(frames, pictures, strict=True):
        frame_pixels[: picture.height] = np.asarray(picture)
    return np.stack(frames)


def _set_pixels(found: Dataset, frames: NDArray[np.uint8]) -> None:
    number, height, width = frames.shape
    found.SamplesPerPixel = 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.Rows, found.Columns = height, width
    found.NumberOfFrames = number
    found.BitsAllocated = found.BitsStored = 8
    found.HighBit, found.PixelRepresentation = 7, 0
    found.PresentationLUTShape = "IDENTITY"
    found.RescaleIntercept, found.RescaleSlope, found.RescaleType = 0, 1, "US"
    if number > 1:
        found.FrameIncrementPointer = 0x00182001  # the page number vector
        found.PageNumberVector = list(range(1, number + 1))
    data = frames.tobytes()
    found.PixelData = data + b"\0" * (len(data) % 2)


def _written(found: Dataset) -> bytes:
    from pydicom.dataset import FileDataset, FileMetaDataset

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = found.SOPClassUID
    meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    meta.TransferSyntaxUID = EXPLICIT_LITTLE_ENDIAN  # type: ignore[assignment]
    target = BytesIO()
    file = FileDataset(target, found, file_meta=meta, preamble=b"\0" * 128)
    file.save_as(target, enforce_file_format=True)
    return target.getvalue()


def _uid(report: CaseReport, what: str) -> str:
    """The same for the same object, another for every version and laboratory."""
    details = report.details
    number = details.report_number.strip() or report.case_name
    name = f"{details.laboratory.strip()}|{number}|{report.case_id}|{what}"
    digest = hashlib.sha256(name.encode()).digest()
    return f"{_ROOT}{int.from_bytes(digest[:16])}"


def _text(text: str, longest: int) -> str:
    """A value without what separates values, on one line, and no longer than it may be."""
    plain = " ".join(text.replace("\\", "/").split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def _person(name: str) -> str:
    """`Family, Given` in its components; any other name as it is, without the separators."""
    plain = " ".join(re.sub(r"[\\^=]", " ", name).split())
    family, comma, given = plain.partition(",")
    return f"{family.strip()}^{given.strip()}"[:_LONG] if comma else plain[:_LONG]


def _date(text: str) -> str:
    """A whole date as DICOM writes it; empty where only a year or month is known."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text.strip())
    return "".join(match.groups()) if match else ""
