"""The hot loop is found in the source by the braces around it."""

from __future__ import annotations

import pytest

from tests.cuda_gate.compiling import SOURCE
from tests.cuda_gate.source import HOT, body, hot_lines, hot_loop

TEXT = """__device__ int other() {
    for (;;) { }
}
__device__ __forceinline__ int match_row(int n) {
    int sum = 0;
    for (int i = 0; i < f(n); ++i) {
        if (i) { sum += i; }
        for (int k = 0; k < n; ++k) {
            sum += k;
        }
    }
    return sum;
}
__global__ void kernel(int *out) { *out = match_row(7); }
"""


def test_the_innermost_loop_of_the_function_is_the_hot_one() -> None:
    start, end = hot_loop(TEXT)
    assert TEXT[start:end].strip() == "sum += k;"
    assert hot_lines(TEXT) == range(8, 11)
    assert [TEXT.splitlines()[line - 1].strip() for line in hot_lines(TEXT)][1] == "sum += k;"


def test_the_body_of_a_function_ends_with_its_own_brace() -> None:
    start, end = body(TEXT, "other")
    assert TEXT[start:end].strip() == "for (;;) { }"


def test_a_source_without_the_function_has_no_hot_loop() -> None:
    assert list(hot_lines("__global__ void kernel(int *out) { for (;;) { } }")) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"__device__ int {HOT}(int n) {{ return n; }}", "has no loop"),
        (f"__device__ int {HOT}(int n) {{ for (;;) {{ ", "is not closed"),
        ("int unrelated;", "no function"),
    ],
)
def test_a_source_that_is_not_as_expected_is_an_error(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        hot_loop(text)


def test_the_source_that_ships_has_its_hot_loop() -> None:
    source = SOURCE.read_text(encoding="utf-8")
    start, end = hot_loop(source)
    assert "alive" in source[start:end]
