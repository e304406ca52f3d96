"""The CUDA kernels, unchanged, on the processor: built by a C++ compiler, run by the backend's own runner."""
