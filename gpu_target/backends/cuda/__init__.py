"""The ``cuda`` backend: the same plan on an NVIDIA card."""
