"""How well cells of single chromosomes are classified."""
