"""The processor, by kernels that Numba compiles: rows are classified and matched a block at a time, in the cache."""
