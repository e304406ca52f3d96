"""Findings about rules that a test writes down."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pyarrow as pa

import gpu_target
from gpu_target.findings.find import find
from gpu_target.findings.finding import Finding, wanted_codes
from gpu_target.language.model import RuleSet
from gpu_target.language.record import RECORD_TYPES
from gpu_target.plan.bind import Binder, roles_of

HEAD = "ruleset: r\nrecord: declaration-item\n"
FIELDS = {name: each.to_arrow() for name, each in RECORD_TYPES["declaration-item"].fields.items()}
AS_OF = datetime.date(2024, 6, 1)


def load(folder: Path, text: str, files: dict[str, str] | None = None) -> RuleSet:
    """The rule set of a text; without a name it is one of declaration items, or it holds files as in ``Code``."""
    if text.startswith("# file: "):
        parts = re.split(r"^# file: (\S+)\n", text, flags=re.M)
        files = dict(zip(parts[1::2], parts[2::2], strict=True))
        text = files.pop("rules.yaml")
    for name, content in (files or {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "r.yaml").write_text(text if text.startswith("ruleset") else HEAD + text, encoding="utf-8")
    return gpu_target.load_rules(folder / "r.yaml")


def findings(
    ruleset: RuleSet, *select: str, types: dict[str, pa.DataType] | None = None, ignore: tuple[str, ...] = ()
) -> list[Finding]:
    binder = Binder(ruleset, FIELDS if types is None else types, roles_of(ruleset, None), None)
    return find(ruleset, binder, wanted=wanted_codes(select, ignore), as_of=AS_OF)


def told(folder: Path, when: str, *select: str, keys: str = "lane: red", types: dict[str, pa.DataType] | None = None,
         files: dict[str, str] | None = None, head: str = "") -> list[str]:  # fmt: skip
    """Code, message and label of what is found about one rule `A`."""
    ruleset = load(folder, f"{head}rules:\n  - id: A\n    when: >-\n      {when}\n    {keys}\n", files)
    return [shown(each) for each in findings(ruleset, *(select or ("RT20",)), types=types)]


def shown(finding: Finding) -> str:
    diagnostic = finding.diagnostic
    return f"{finding.code} {diagnostic.message}: {diagnostic.label}"


def codes(found: list[Finding]) -> list[str]:
    return [each.code for each in found]
