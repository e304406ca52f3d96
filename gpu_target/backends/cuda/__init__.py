"""The ``cuda`` backend: kernels in CUDA C++, the tables they read, and the runner that feeds them."""
