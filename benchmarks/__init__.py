"""Measurements: suites for pytest-benchmark, side-by-side comparisons, memory. METHOD.md says how and what is counted."""
