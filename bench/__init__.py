"""Measurements against peers, each one command. Figures are kept in docs/benchmarks.md."""
