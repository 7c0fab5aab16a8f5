"""Formats of picture files: those that are read, and those that are known and reported by name.

A picture that cannot be read must never be passed over as if it were some other file: a folder
with three cut-outs of an unknown format would give a cell without three of its chromosomes.
"""

from __future__ import annotations

from dataclasses import dataclass

from karyogui.domain.amounts import listed

HEAD_BYTES: int = 132
"""Of a file, enough to recognise its format."""


@dataclass(frozen=True)
class PictureFormat:
    """A format by its name endings and by bytes at a place of the file (place, bytes).

    `pillow` names the decoder; without one the format is known but not read.
    """

    name: str
    suffixes: tuple[str, ...]
    marks: tuple[tuple[int, bytes], ...]
    pillow: str = ""

    @property
    def called(self) -> str:
        """Its name with its article: `a PNG`, `an AVIF`."""
        spelled = self.name in ("MRC", "SGI", "SVG")
        return f"{'an' if spelled or self.name[0] in 'AEIOUaeiou' else 'a'} {self.name}"

    def begins(self, head: bytes) -> bool:
        """Whether a file that begins so is of this format."""
        return any(head[at : at + len(mark)] == mark for at, mark in self.marks)


_TIFF_MARKS = tuple((0, mark) for mark in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))

READ: tuple[PictureFormat, ...] = (
    PictureFormat("PNG", (".png", ".apng"), ((0, b"\x89PNG"),), "PNG"),
    PictureFormat(
        "TIFF", (".tif", ".tiff", ".btf", ".tf2", ".tf8", ".lsm", ".stk"), _TIFF_MARKS, "TIFF"
    ),
    PictureFormat("BMP", (".bmp", ".dib"), ((0, b"BM"),), "BMP"),
    PictureFormat("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), ((0, b"\xff\xd8\xff"),), "JPEG"),
    PictureFormat(
        "JPEG 2000",
        (".jp2", ".j2k", ".jpf", ".jpx", ".j2c"),
        ((4, b"jP  \r\n\x87\n"), (0, b"\xff\x4f\xff\x51")),
        "JPEG2000",
    ),
    PictureFormat("WebP", (".webp",), ((8, b"WEBP"),), "WEBP"),
    PictureFormat("GIF", (".gif",), ((0, b"GIF8"),), "GIF"),
    PictureFormat("AVIF", (".avif",), ((4, b"ftypavif"),), "AVIF"),
)
NAMED: tuple[PictureFormat, ...] = (
    PictureFormat(
        "HEIC", (".heic", ".heif", ".hif", ".heics"),
        ((4, b"ftyphei"), (4, b"ftyphev"), (4, b"ftypmif1"), (4, b"ftypmsf1")),
    ),
    PictureFormat("Zeiss CZI", (".czi",), ((0, b"ZISRAWFILE"),)),
    PictureFormat("Zeiss ZVI", (".zvi",), ()),
    PictureFormat("Nikon ND2", (".nd2",), ((0, b"\xda\xce\xbe\x0a"),)),
    PictureFormat("Leica LIF", (".lif", ".lof", ".xlef"), ((0, b"\x70\0\0\0"),)),
    PictureFormat("Olympus", (".oib", ".oif", ".vsi", ".oir"), ()),
    PictureFormat("Imaris", (".ims",), ()),
    PictureFormat("MetaSystems or slide scanner", (".svs", ".mrxs", ".ndpi", ".scn", ".mxi"), ()),
    PictureFormat("DICOM", (".dcm", ".dicom"), ((128, b"DICM"),)),
    PictureFormat("FITS", (".fits", ".fit"), ((0, b"SIMPLE  ="),)),
    PictureFormat("JPEG XL", (".jxl",), ((0, b"\xff\x0a"), (4, b"JXL \r\n\x87\n"))),
    PictureFormat("JPEG XR", (".jxr", ".wdp", ".hdp"), ((0, b"II\xbc"),)),
    PictureFormat("Photoshop", (".psd", ".psb"), ((0, b"8BPS"),)),
    PictureFormat("camera raw", (".dng", ".nef", ".cr2", ".cr3", ".arw", ".orf", ".raw"), ()),
    PictureFormat("PCX", (".pcx",), ()),
    PictureFormat("Targa", (".tga",), ()),
    PictureFormat(
        "netpbm", (".pgm", ".ppm", ".pbm", ".pnm", ".pam", ".pfm"),
        ((0, b"P4\n"), (0, b"P5\n"), (0, b"P6\n"), (0, b"P7\n")),
    ),
    PictureFormat("JPEG-LS", (".jls",), ((0, b"\xff\xd8\xff\xf7"), (6, b"SPIFF"))),
    PictureFormat("OpenEXR", (".exr",), ((0, b"v/1\x01"),)),
    PictureFormat("Radiance", (".hdr",), ((0, b"#?RADIANCE"),)),
    PictureFormat("SGI", (".sgi",), ((0, b"\x01\xda\0\x01"), (0, b"\x01\xda\x01\x01"))),
    PictureFormat("icon", (".ico", ".icns"), ((0, b"\0\0\x01\0"), (0, b"icns"))),
    PictureFormat("QOI", (".qoi",), ((0, b"qoif"),)),
    PictureFormat("DirectDraw", (".dds",), ((0, b"DDS "),)),
    PictureFormat("GIMP", (".xcf",), ((0, b"gimp xcf"),)),
    PictureFormat("MRC", (".mrc",), ((208, b"MAP "),)),
    PictureFormat("SVG", (".svg",), ()),
    PictureFormat("Windows metafile", (".emf", ".wmf"), ()),
)  # fmt: skip

DECODERS: tuple[str, ...] = tuple(kind.pillow for kind in READ)
READABLE: str = listed([kind.name for kind in READ])


def format_of(name: str, head: bytes) -> PictureFormat | None:
    """The format of a file, by its first `HEAD_BYTES` bytes, else by its name's ending."""
    known = (*NAMED, *READ)  # JPEG-LS begins as JPEG does, and goes on otherwise
    by_content = next((kind for kind in known if kind.begins(head)), None)
    ending = name.lower()
    return by_content or next((kind for kind in known if ending.endswith(kind.suffixes)), None)


def is_picture(name: str, head: bytes) -> bool:
    """Whether a file is meant to be a picture, by its name's ending or its first bytes."""
    return format_of(name, head) is not None
