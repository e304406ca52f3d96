"""The figures mean what their names say, on small kernels whose figures are known."""

from __future__ import annotations

import pytest

from tests.cuda_gate.compiling import ARCHITECTURES
from tests.cuda_gate.figures import FLOATING, figures

pytestmark = pytest.mark.compilers

SMALL = """
extern "C" __global__ void shares(unsigned *out) {
    __shared__ unsigned held[104];
    held[threadIdx.x] = out[threadIdx.x];
    __syncthreads();
    out[threadIdx.x] = held[threadIdx.x ^ 1];
}
extern "C" __global__ void spills(const unsigned *in, unsigned *out) {
    unsigned held[500];
    for (int i = 0; i < 500; ++i) held[i] = in[i * threadIdx.x];
    out[threadIdx.x] = held[in[threadIdx.x]];
}
extern "C" __global__ void floats(float *out) { out[threadIdx.x] = out[threadIdx.x] * 1.5f + 1.0f; }
"""


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_shared_memory_is_that_of_the_kernel_alone(architecture: str) -> None:
    """cuobjdump adds what every block takes, 1,024 bytes, and not for every architecture."""
    shared = {each.kernel: each.shared for each in figures(SMALL, architecture)}
    assert shared == {"shares": 416, "spills": 0, "floats": 0}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_array_that_finds_no_registers_shows_as_stack_and_spills(architecture: str) -> None:
    found = {each.kernel: each for each in figures(SMALL, architecture)}
    assert found["spills"].stack >= 2000
    assert found["spills"].spills > 0
    assert [(each.stack, each.spills) for name, each in found.items() if name != "spills"] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_floating_point_is_found_and_not_fused(architecture: str) -> None:
    found = {each.kernel: each.floating for each in figures(SMALL, architecture)}
    assert found == {"floats": {"FMUL": 1, "FADD": 1}, "shares": {}, "spills": {}}


FORBIDDEN = "FADD FFMA FSEL FSETP FMNMX DADD DFMA DSETP HADD2 HFMA2 MUFU I2F F2I F2F I2FP UI2F UFADD"
ALLOWED = "IADD3 IMAD LOP3 FLO UFLO POPC SHF IMNMX VIADD DEPBAR I2I I2IP ISETP LDG BREV PRMT FENCE"


def test_what_computes_with_floating_point_is_forbidden_and_integers_are_allowed() -> None:
    assert [kind for kind in FORBIDDEN.split() if not FLOATING.match(kind)] == []
    assert [kind for kind in ALLOWED.split() if FLOATING.match(kind)] == []
