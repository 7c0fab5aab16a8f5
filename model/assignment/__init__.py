"""Assignment of a cell's chromosomes to types."""
