"""The example of every code shows what it says, and the mended one no longer does."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpu_target.language.codes.findings import ASKED_FOR, FINDING_CODES
from gpu_target.language.diagnostics import render
from tests.gpu_target.findings.checking import codes, findings, load

# RT201 RT202 RT203 RT204 RT205 RT206 RT207 RT208 RT209 RT210 RT301 RT401 RT402 RT403 RT404 RT405 RT406 RT407
# RT408 RT409 RT410


@pytest.mark.parametrize("code", FINDING_CODES)
def test_the_wrong_example_has_the_finding_and_the_right_one_has_not(code: str, tmp_path: Path) -> None:
    entry = FINDING_CODES[code]
    found = findings(load(tmp_path, entry.wrong), code)
    assert set(codes(found)) == {code}
    assert all(render(each.diagnostic).startswith(f"warning[{code}]: ") for each in found)
    assert findings(load(tmp_path, entry.right), code) == []


@pytest.mark.parametrize("code", sorted(set(FINDING_CODES) - ASKED_FOR))
def test_the_right_example_has_no_other_finding_either(code: str, tmp_path: Path) -> None:
    assert codes(findings(load(tmp_path, FINDING_CODES[code].right))) == []


@pytest.mark.parametrize("code", FINDING_CODES)
def test_a_finding_names_its_place_and_what_to_do(code: str, tmp_path: Path) -> None:
    for each in findings(load(tmp_path, FINDING_CODES[code].wrong), code):
        assert each.diagnostic.location() is not None
        assert each.diagnostic.remedy
        assert not each.diagnostic.is_error


def test_some_findings_are_given_only_where_they_are_asked_for(tmp_path: Path) -> None:
    ruleset = load(tmp_path, FINDING_CODES["RT401"].wrong)
    assert codes(findings(ruleset)) == []
    assert codes(findings(ruleset, "RT4")) == ["RT401", "RT402", "RT403"]
    assert codes(findings(ruleset, "RT4", ignore=("RT402",))) == ["RT401", "RT403"]
