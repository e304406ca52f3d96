"""Measurements: suites for pytest-benchmark, engines side by side, memory. METHOD.md says how and what is counted."""
