"""The table of codes: every family in one. Codes are never reused.

RT0xx syntax of rules and their files, RT1xx names and types, RT2xx logic, RT3xx cost, RT4xx style, DT data and maps,
EN environment, US usage. Each entry: a short title, what a reader should know, and for most an example.
"""

from __future__ import annotations

from gpu_target.language.code import Code
from gpu_target.language.csv_codes import CSV_CODES
from gpu_target.language.data_codes import DATA_CODES
from gpu_target.language.file_codes import FILE_CODES
from gpu_target.language.finding_codes import FINDING_CODES
from gpu_target.language.key_codes import KEY_CODES
from gpu_target.language.list_codes import LIST_CODES
from gpu_target.language.map_codes import MAP_CODES
from gpu_target.language.plan_codes import PLAN_CODES
from gpu_target.language.syntax_codes import SYNTAX_CODES
from gpu_target.language.table_codes import TABLE_CODES
from gpu_target.language.type_codes import TYPE_CODES
from gpu_target.language.usage_codes import USAGE_CODES

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **SYNTAX_CODES, **FILE_CODES, **KEY_CODES, **TYPE_CODES, **FINDING_CODES,
    **DATA_CODES, **CSV_CODES, **MAP_CODES, **PLAN_CODES, **LIST_CODES, **TABLE_CODES, **USAGE_CODES,
}  # fmt: skip
