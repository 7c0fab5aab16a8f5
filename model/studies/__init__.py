"""What docs/EXPERIMENTS.md reports, measured again: each a program, imported by nothing."""
