"""The chromosomes of one type across all cells of a case."""
