"""The page of the report on a card, from a recorded report. Its figures are invented: they show the form alone."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gpu_page import page

FILE = Path(__file__).with_name("gpu_report.json")


@pytest.fixture
def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return copy.deepcopy(found)


def step(report: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in report["steps"] if each["name"].startswith(name))
    return found


def test_the_page_names_what_the_figures_belong_to(report: dict[str, Any]) -> None:
    text = page(report)
    for words in ("# Invented card", "commit 0123456789", "kernels abcdefabcdef", "compute capability 9.0",
                  "CUDA driver 13.0", "CuPy 14.2.0", "NVRTC 13.5", "2026-11-28T10:00:00+00:00"):  # fmt: skip
        assert words in text
    assert "not installed" not in text


def test_every_step_has_its_line_with_the_clock_before_and_after(report: dict[str, Any]) -> None:
    lines = page(report).splitlines()
    for each in report["steps"]:
        assert any(line.startswith(f"| {each['name']} | {each['status']} |") for line in lines)
    assert "| equality | passed | 100.0 | 1000 MHz to 1010 MHz |  |" in lines
    assert "| racecheck | stopped | 120.0 | not known | not done after 120 s |" in lines


def test_times_are_shown_with_their_spread_and_rates(report: dict[str, Any]) -> None:
    lines = page(report).splitlines()
    assert "| on the device | cold | 2.000 | 1.900 / 1.950 / 2.100 | 20 | 4.10e+12 |" in lines
    assert "| end to end, host's clock | warm |  | 80.000 | 5 | 1.02e+11 |" in lines
    assert any("0.104 to 0.130 ms. Measured: 7.7 to 9.7 times as long." in line for line in lines)


def test_what_was_asked_for_is_reached_or_missed(report: dict[str, Any]) -> None:
    assert "- Asked for on the device: 2e+13 rule-rows/s; missed with 5.12e+12." in page(report)
    assert "Asked for with transfers: 1e+12 rule-rows/s; reached with 1.02e+12." in page(report)
    step(report, "evaluate")["rates"]["on the device, warm"] = 2e13
    assert "Asked for on the device: 2e+13 rule-rows/s; reached with 2.00e+13." in page(report)


def test_the_clocks_shown_are_those_under_load_where_they_were_noted(report: dict[str, Any]) -> None:
    step(report, "evaluate")["busy"] = {"clocks.sm": "1980 MHz"}
    assert page(report).splitlines().count("clocks.sm 1980 MHz") == 1


def test_an_engine_that_ran_a_part_of_the_rules_is_scaled_up(report: dict[str, Any]) -> None:
    lines = page(report).splitlines()
    assert "| gpu-target, end to end | 4,096 | 0.0800 | 0.0800 | 1.0 | yes |" in lines
    assert "| CuPy, one operation at a time | 2,048 | 0.4000 | 0.8000 | 10.0 | NO |" in lines


def test_tables_of_kernels_tests_and_copies_are_there(report: dict[str, Any]) -> None:
    lines = page(report).splitlines()
    assert "| count_staged | 59 | 0 | 1,024 |" in lines
    assert "300 of 300 tests passed." in lines
    assert "| device copy | 2500.0 | 0.859 | 20 |" in lines


def test_what_a_stopped_step_said_is_shown_and_of_a_passed_one_not(report: dict[str, Any]) -> None:
    text = page(report)
    assert "the last words" in text
    assert "ERROR SUMMARY: 0 errors" not in text


def test_a_bar_in_a_message_does_not_break_the_table(report: dict[str, Any]) -> None:
    step(report, "racecheck")["why"] = "a | b\nc"
    assert "| not known | a \\| b c |" in page(report)
