"""KaryoGUI: karyotyping of G-banded chromosomes."""

__version__ = "0.1.0"
