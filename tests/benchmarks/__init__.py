"""The benchmarks themselves: what they run is what they say, and wrong results are never timed."""
