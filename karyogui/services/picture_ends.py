"""Files that end in nothing: copied only in part, the rest of their length filled with zeros.

Formats that check themselves fail at it (PNG, JPEG, GIF, most compressions of TIFF). Raw samples
and what is decoded leniently come out whole, with a black or grey lower part.
"""

from __future__ import annotations

import struct

from karyogui.services.tiff import is_tiff, stored_parts

LEAST = 0.02
"""Share of a picture's bytes from which an end of zeros is more than a dark corner."""
LEAST_PACKED = 256
"""Bytes of zero that no compressed picture has in a row."""
_PNG, _END_OF_PNG = b"\x89PNG", b"IEND\xaeB`\x82"
_BMP_START, _BMP_PACKED = 10, 30
_UNPACKED_BMP = (0, 3, 6)


def breaks_off(data: bytes) -> bool:
    """Whether a compressed picture lacks its end, or ends in zeros, and its decoder says nothing.

    Zeros behind its end, as some programs fill files up with, do not count.
    """
    if is_tiff(data):
        parts = stored_parts(data)
        end = len(data) - _zeros_at_end(data)
        return parts.is_packed and any(
            at + count > len(data) or at + count - end >= min(count, LEAST_PACKED) > 0
            for at, count in parts.places
        )
    if data.startswith(_PNG):
        return _END_OF_PNG not in data
    length = _length(data)
    return length > 0 and _zeros_at_end(data[:length]) >= max(LEAST_PACKED, LEAST * length)


def ends_in_black(data: bytes) -> bool:
    """Whether raw samples end in zeros to the end of the file, but do not begin with them.

    So a black frame, which is on all sides, does not count.
    """
    if is_tiff(data):
        parts = stored_parts(data)
        if parts.is_packed or not parts.places:
            return False
        first, row = min(parts.places)[0], parts.row
        last = max(at + count for at, count in parts.places)
        total = sum(count for _, count in parts.places)
    elif data.startswith(b"BM") and len(data) > _BMP_PACKED + 4:
        (first,), last = struct.unpack_from("<I", data, _BMP_START), len(data)
        (packing,) = struct.unpack_from("<I", data, _BMP_PACKED)
        (width,), (bits,) = struct.unpack_from("<I", data, 18), struct.unpack_from("<H", data, 28)
        if packing not in _UNPACKED_BMP:
            return False
        total, row = last - first, width * bits // 8
    else:
        return False
    zeros = last - (len(data) - _zeros_at_end(data))
    return total > 0 and zeros >= LEAST * total and any(data[first : first + max(1, row)])


def _zeros_at_end(data: bytes) -> int:
    return len(data) - len(data.rstrip(b"\0"))


def _length(data: bytes) -> int:
    """Bytes of a WebP or AVIF as it says itself; 0 of other formats."""
    if data[8:12] == b"WEBP":
        return min(len(data), int.from_bytes(data[4:8], "little") + 8)
    if data[4:8] != b"ftyp":
        return 0
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:
            break
        at += size
    return min(at, len(data))
