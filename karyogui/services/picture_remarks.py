"""What is told of a picture that is odd and can be used."""

from enum import StrEnum


class Remark(StrEnum):
    """What is odd about a picture that can be used nevertheless; the value follows `it is`."""

    COLOUR = "in colour: only the brightness is used"
    TRANSPARENT = "partly transparent: shown on white"
    CLEAR = "transparent throughout: shown as if it were not"
    ENDS_IN_BLACK = "black to the end of its file, which may have been copied only in part"
    TWO_LEVELS = "black and white without grey: no band can be seen, so types are guesses"
    TURNED = "turned upright as the camera noted it (EXIF)"
    OTHER_FORMAT = "of another format than the name says: read by its content"
    FLUORESCENCE = "fluorescence: the colour channel with the chromosomes is used"
    FURTHER = "with a further channel that is not used"
    OVERLAY = "marked with text or a scale at the end of its range, which is left out of account"
    NO_DATA = "without data in places (NaN or transparent): shown as background"
    UNEVEN = "dark around the lit field, or unevenly lit: evened out for the analysis"
    COVERED = "covered in part by a rectangle of one grey level: what lies under it is not counted"
    BRIGHT = "bright on dark: turned round for the analysis, the file stays as it is"
