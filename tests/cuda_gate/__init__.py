"""The CUDA source compiled for real cards without one, and what the compiler made of it held to recorded limits.

The source is compiled unchanged by the pinned NVRTC for each architecture of ``ARCHITECTURES``; registers, spills,
shared memory, length of the hot loop and the kinds of instructions are read from the result. ``limits.json`` holds what
they may be. After a change of the kernels that is meant:

    python -m tests.cuda_gate.limits            shows the figures beside the limits
    python -m tests.cuda_gate.limits --write    records the figures as the new limits

The change of ``limits.json`` belongs into the commit that causes it, a new version of a compiler into one of its own.
The gate protects the source: a user's own NVRTC may make something else of it, and time it does not see at all.
"""
