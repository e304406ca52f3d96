"""What is doubtful in list files: the first line, blanks around values, values that stand twice."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gpu_target.findings.list_files import looks_like_a_value, shape
from tests.gpu_target.findings.checking import findings, load, shown

RULES = "lists: {w: w.csv}\nrules:\n  - {id: A, when: importer_id IN @w, lane: red}\n"


def told(folder: Path, text: str, rules: str = RULES) -> list[tuple[str, int]]:
    found = findings(load(folder, rules, {"w.csv": text}), "RT4", ignore=("RT401", "RT402", "RT403"))
    return [(shown(each).split(":")[0], (each.diagnostic.location() or ("", 0, 0))[1]) for each in found]


def test_a_first_line_like_the_others_is_told(tmp_path: Path) -> None:
    told_of = ("RT409 the first line of the list `@w` looks like one of its values", 1)
    assert told(tmp_path, "IMP-1\nIMP-2\nIMP-33\n") == [told_of]
    assert told(tmp_path, "importer_id\nIMP-2\nIMP-33\n") == []
    named = RULES.replace("w.csv}", "{file: w.csv, column: IMP-1}}")
    assert told(tmp_path, "IMP-1\nIMP-2\nIMP-33\n", named) == []  # whoever names the column knows that it is one


def test_blanks_and_repeats_are_told_at_their_lines(tmp_path: Path) -> None:
    text = "id,year\nIMP-1,1\n\n IMP-3,2\nIMP-2,3\nIMP-1,4\nIMP-4\t,5\nIMP-1,6\n"
    assert told(tmp_path, text) == [
        ("RT410 the value ` IMP-3` of the list `@w` has a blank around it", 4),
        ("RT405 `IMP-1` stands twice in the list `@w`", 6),
    ]
    found = findings(load(tmp_path, RULES, {"w.csv": text}), "RT405", "RT410")
    assert [each.diagnostic.notes for each in found] == [("and so is 1 more value of it",)] * 2


def test_values_of_parquet_are_told_by_their_row(tmp_path: Path) -> None:
    pq.write_table(pa.table({"ID": ["IM", "XA ", "XA "]}), tmp_path / "w.parquet")
    found = findings(load(tmp_path, RULES.replace("w.csv", "w.parquet")), "RT4", ignore=("RT401", "RT402", "RT403"))
    assert [each.diagnostic.message for each in found] == [
        "`XA ` stands twice in the list `@w`, in row 3 of w.parquet",
        "the value `XA ` of the list `@w` has a blank around it, in row 2 of w.parquet",
    ]


def test_numbers_of_parquet_have_no_blanks(tmp_path: Path) -> None:
    pq.write_table(pa.table({"rate": [1, 2, 1]}), tmp_path / "w.parquet")
    rules = RULES.replace("w.csv", "w.parquet").replace("importer_id", "duty_rate")
    assert [each.code for each in findings(load(tmp_path, rules), "RT405", "RT410", "RT409")] == ["RT405"]


@pytest.mark.parametrize(
    ("name", "values", "is_one"),
    [
        ("XA", ["XB", "XC"], True), ("ISO3", ["XB", "XC"], False), ("code", ["abcd", "efgh"], False),
        ("hs6", ["870323", "870324"], False), ("name", ["name", "other"], True), ("B-12345-A", ["C-1-B", "x"], False),
        ("B-12345-A", ["C-1-B", "D-2-E"], True), ("Importer", ["Exporter"], False), ("Ém1", ["Éb22"], True),
    ],
)  # fmt: skip
def test_what_looks_like_a_value(name: str, values: list[str], is_one: bool) -> None:
    assert looks_like_a_value(name, pa.array(values, pa.large_string())) is is_one


def test_the_shape_of_a_text() -> None:
    assert shape("IMP-00012 b") == "AAA-9 a"
