"""The record of a year's memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import memory


def test_the_record_names_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "record.json"
    small = ["--declarations", "1000", "--rules", "50"]
    assert memory.main([*small, "--folder", str(tmp_path), "--json", str(file)]) == 0
    assert "peak" in capsys.readouterr().out
    text = file.read_text()
    assert str(tmp_path) not in text
    assert json.loads(text)["command"] == " ".join(["python -m benchmarks.memory", *small])
