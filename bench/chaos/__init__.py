"""The product under faults: `python -m bench.chaos` (see __main__)."""
