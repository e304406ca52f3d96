"""A small rule set and its data, and a way to call the command line inside the test's own process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gpu_target.cli.main import main

RULES = """ruleset: mine
key: [declaration, line]
rules:
  - id: CHEAP-CARS
    when: commodity_code LIKE '8703%' AND price < 1000
    lane: red
    weight: 5
    tests:
      - {commodity_code: '870323', price: 900, expect: match}
      - {commodity_code: '870323', expect: no match}
  - id: NO-PRICE
    when: price IS NULL
    lane: yellow
  - id: NEVER
    when: price < 0
    lane: blue
  - id: LATER
    when: price > 10000
    lane: red
    status: draft
"""
MAP = """columns:
  declaration: {from: Number, type: text}
  line: {from: Line, type: integer}
  commodity_code: {from: HS6 Code, type: text}
  price: {from: Item Price, type: number}
csv: {delimiter: ';'}
"""
LODGED = """Number;Line;HS6 Code;Item Price
A-1;1;870323;900.00
A-2;1;870323;
A-1;2;210690;12000.00
A-3;1;070310;5.00
"""


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it has to be."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error_codes(self) -> list[str]:
        return [each["code"] for each in self.document["errors"]]


Call = Callable[..., Outcome]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as left:
            main([str(each) for each in arguments])
        said = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Outcome(left.value.code, said.out, said.err)

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with rules.yaml, map.yaml and lodged.csv."""
    for name, text in (("rules.yaml", RULES), ("map.yaml", MAP), ("lodged.csv", LODGED)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path
