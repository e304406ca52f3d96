"""The table of codes: every family in one. Codes are never reused.

RT0xx syntax of rules and their files, RT1xx names and types, RT2xx logic, RT3xx cost, RT4xx style, DT data and maps,
EN environment, US usage. Each entry: a short title, what a reader should know, and for most an example.
"""

from __future__ import annotations

from gpu_target.language.codes.code import Code
from gpu_target.language.codes.csv_files import CSV_CODES
from gpu_target.language.codes.data import DATA_CODES
from gpu_target.language.codes.files import FILE_CODES
from gpu_target.language.codes.findings import FINDING_CODES
from gpu_target.language.codes.keys import KEY_CODES
from gpu_target.language.codes.lists import LIST_CODES
from gpu_target.language.codes.maps import MAP_CODES
from gpu_target.language.codes.plans import PLAN_CODES
from gpu_target.language.codes.syntax import SYNTAX_CODES
from gpu_target.language.codes.tables import TABLE_CODES
from gpu_target.language.codes.types import TYPE_CODES
from gpu_target.language.codes.usage import USAGE_CODES

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **SYNTAX_CODES, **FILE_CODES, **KEY_CODES, **TYPE_CODES, **FINDING_CODES,
    **DATA_CODES, **CSV_CODES, **MAP_CODES, **PLAN_CODES, **LIST_CODES, **TABLE_CODES, **USAGE_CODES,
}  # fmt: skip
