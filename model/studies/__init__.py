"""What docs/EXPERIMENTS.md tells, measured again: each a program, imported by nothing."""
