"""The benchmarks, as far as they are more than a clock around a call."""
