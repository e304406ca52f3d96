"""The tests of gpu-target; a package, so that they can share strategies and the oracle."""
