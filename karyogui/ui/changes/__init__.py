"""Changes of chromosomes that a person labels: entered, shown, compared with a karyotype."""
