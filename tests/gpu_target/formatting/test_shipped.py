"""The rule files of the documentation are in canonical form; tests/rules holds it of the packs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_target.formatting.rule_set import format_rules
from tests.architecture.tree import ROOT

EXAMPLES = sorted((ROOT / "docs" / "examples").rglob("rules.yaml"))


def test_there_are_some() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("rules", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_file_is_in_canonical_form(rules: Path) -> None:
    _, files = format_rules(rules)
    assert [str(each.path.relative_to(ROOT)) for each in files if each.changes] == []
