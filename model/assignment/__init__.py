"""From probabilities of single chromosomes to the chromosomes of a cell."""
