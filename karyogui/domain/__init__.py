"""The vocabulary: frozen dataclasses, enums and one aggregate. Plain Python and numpy only."""
