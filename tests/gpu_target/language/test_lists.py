"""Lists of values: in the rule file, in CSV, in Parquet."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gpu_target.language.model import ValueList
from tests.gpu_target.language.loading import fault, load, problems, rule_set, write


def read(folder: Path, spec: str, **files: str | bytes) -> ValueList:
    return load(folder, rule_set(lists=f"{{x: {spec}}}"), **files).lists["x"]


def test_a_list_in_the_rule_file_keeps_its_text_and_places(tmp_path: Path) -> None:
    found = read(tmp_path, "[NO, 0309, 'a b', NO]")
    assert found.values.to_pylist() == ["NO", "0309", "a b", "NO"]
    assert found.values.type == pa.large_string()
    assert found.spans is not None
    assert found.spans[1].location() == (str(tmp_path / "r.yaml"), 2, 17)
    assert found.span is not None
    assert found.span.location()[1:] == (2, 9)


def test_an_empty_list_is_one(tmp_path: Path) -> None:
    found = read(tmp_path, "[]")
    assert (len(found.values), found.values.type) == (0, pa.large_string())


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ("code\n001\n002\n", ["001", "002"]),
        ("code,name\r\n001,x\r\n,y\r\n".replace("\r\n,y", "\r\n7,y"), ["001", "7"]),
        ("\ufeffcode\n001", ["001"]),
        ("code\n", []),
        ("code", []),
        ('code\n"a,b"\n"say ""x"""\n"two\nlines"\n', ["a,b", 'say "x"', "two\nlines"]),
        ("code\n\nA\n\n\nB\n\n", ["A", "B"]),
        ("code\nNA\nnull\n1e3\n 7 \n", ["NA", "null", "1e3", " 7 "]),
        ("code\né\n☃\n", ["é", "☃"]),
        ('code,b\n5" pipe,x\n', ['5" pipe']),
    ],
)
def test_the_first_column_of_a_csv_file_is_the_list(content: str, values: list[str], tmp_path: Path) -> None:
    found = read(tmp_path, "l.csv", **{"l.csv": content})
    assert found.values.to_pylist() == values
    assert found.values.type == pa.large_string()
    assert found.path == tmp_path / "l.csv"


def test_another_column_can_be_named(tmp_path: Path) -> None:
    found = read(tmp_path, "{file: sub/L.CSV, column: b}", **{"sub/L.CSV": "a,b\n1,x\n2,y\n"})
    assert found.values.to_pylist() == ["x", "y"]


@pytest.mark.parametrize(
    "column",
    [pa.array(["a", "b"]), pa.array([1, 2]), pa.array(["a", "b"]).dictionary_encode(), pa.array([], pa.large_string())],
)
def test_a_parquet_column_keeps_its_type(column: pa.Array, tmp_path: Path) -> None:
    pq.write_table(pa.table({"z": pa.array([0] * len(column)), "x": column}), tmp_path / "l.parquet")
    found = read(tmp_path, "{file: l.parquet, column: x}")
    assert isinstance(found.values, pa.Array)
    assert found.values.to_pylist() == column.to_pylist()
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    assert found.values.type == kind


def test_a_million_values_are_read_in_about_a_second(tmp_path: Path) -> None:
    ids = [f"{n:09d}" for n in range(1_000_000)]
    write(tmp_path, {"l.csv": "id\n" + "\n".join(ids) + "\n"})
    start = time.perf_counter()
    found = read(tmp_path, "l.csv")
    assert time.perf_counter() - start < 5  # a fifth of a second where nothing else runs
    assert len(found.values) == 1_000_000
    assert found.values[-1].as_py() == "000999999"


YAML = {
    "RT034 item": ("[a, «~»]", "RT034", "`lists: x` is empty"),
    "RT033 item": ("[a, «[b]»]", "RT033", "`lists: x` must be one value"),
    "RT031": ("{file: l.csv, «colum»: a, column: code}", "RT031", "in the list `x`", "did you mean `column`?"),
    "RT032": ("{«file»: l.csv}", "RT032", "`column` is missing in the list `x`"),
    "DT203 missing": ("«lost.csv»", "DT203", "the file lost.csv does not exist", "looked for"),
    "DT203 near": ("«ll.csv»", "DT203", "did you mean l.csv?"),
    "DT203 folder": ("«.»", "DT203", "is a folder"),
    "DT203 url": ("«https://example.org/l.csv»", "DT203", "not fetched from the network", "download it"),
    "DT203 NUL": ('«"a\\0.csv"»', "DT203", "the file"),
    "DT203 device": ("«/dev/zero»", "DT203", "is not an ordinary file"),
    "DT211": ("«l.txt»", "DT211", "ends in .csv or .parquet", "save it as .csv"),
    "DT208": ("{file: l.csv, column: «cod»}", "DT208", "has no column `cod`", "did you mean `code`?"),
}


@pytest.mark.parametrize("name", YAML)
def test_a_fault_in_what_the_rule_file_says_of_a_list(name: str, tmp_path: Path) -> None:
    text, code, *said = YAML[name]
    write(tmp_path, {"l.csv": "code\nA\n", "l.txt": "A\n"})
    fault(tmp_path, rule_set(lists=f"{{x: {text}}}"), code, *said)


CSV = {
    "DT205 quote open": ('code,b\nA,1\n«"»B,2\nC,3\n', "DT205", "a quoted cell does not end", "never closed"),
    "DT205 behind quote": ('code\n«"a"b»\n', "DT205", "behind a closing quote", "double a quote"),
    "DT205 NUL": ("code\na«\0»\n", "DT205", "NUL"),
    "DT206 long": ("code,b\nA,1\n\n«B,2,3»\n", "DT206", "row 3 has 3 cells, the header has 2", "expected 2 cells"),
    "DT206 short": ("code,b\n«A»\nB,1\n", "DT206", "row 2 has 1 cells"),
    "DT206 quoted": ('code,b\n"A\nA",1\n«"B"»\n', "DT206", "row 3 has 1 cells"),
    "DT207 blank": ("code\nA\n«  »\nB\n", "DT207", "row 3 is empty", "delete the row"),
    "DT207 quoted": ('code\n"A\n"\n«""»\n', "DT207", "row 3 is empty"),
    "DT207 first of two": ("code,b\nA,1\n«»,2\n", "DT207", "row 3 is empty"),
    "DT209 empty": ("«»", "DT209", "is empty", "names of the columns"),
    "DT209 semicolons": ("«code;name»\nA;x\n", "DT209", "separated by semicolons", "commas"),
    "DT209 no name": ("code,«»\nA,x\n", "DT209", "column 2 has no name"),
    "DT209 twice": ("code,«code»\nA,x\n", "DT209", "two columns are named `code`"),
    "DT209 no header": ("«0309»\n0310\n", "DT209", "`0309` looks like a value", "line above"),
}


@pytest.mark.parametrize("name", CSV)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_fault_in_a_csv_file_is_told_at_its_cell(name: str, ends: str, tmp_path: Path) -> None:
    text, code, *said = CSV[name]
    text = text.replace("\n", ends)
    if "«" not in text.splitlines()[0]:
        assert text.count("\n") > 0
    write(tmp_path, {"r.yaml": rule_set(lists="{x: l.csv}")})
    start, end = text.index("«"), text.index("»") - 1
    plain = text.replace("«", "").replace("»", "")
    write(tmp_path, {"l.csv": plain})
    (found,) = problems(tmp_path / "r.yaml")
    assert found.code == code
    assert found.span is not None
    assert found.span.source.name == str(tmp_path / "l.csv")
    assert (found.span.start, plain[found.span.start : found.span.end]) == (start, plain[start:end])
    shown = found.message + found.label + found.remedy
    assert not [part for part in said if part not in shown], shown


def test_a_csv_file_that_is_not_utf8_is_told_with_byte_and_line(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set(lists="{x: l.csv}"), "l.csv": b"code\nA\ncaf\xe9\n"})
    (found,) = problems(tmp_path / "r.yaml")
    assert (found.code, found.location()) == ("DT204", (str(tmp_path / "l.csv"), 3, 4))
    assert "byte 0xE9 at line 3, column 4" in found.message


def test_many_faults_of_one_csv_file_are_not_all_listed(tmp_path: Path) -> None:
    write(tmp_path, {"r.yaml": rule_set(lists="{x: l.csv}"), "l.csv": "code,b\n" + ",1\n" * 50_000})
    found = problems(tmp_path / "r.yaml")
    assert [each.code for each in found] == ["DT207"] * 20 + ["RT050"]
    assert "more than 20 problems" in found[-1].message


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"l.parquet": b"PAR1 and no more"})
    fault(tmp_path, rule_set(lists="{x: «l.parquet»}"), "DT210", "cannot be read as Parquet")


def test_null_in_a_parquet_list_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": ["a", None, "b", None]}), tmp_path / "l.parquet")
    fault(tmp_path, rule_set(lists="{x: «l.parquet»}"), "DT207", "row 2 of", "2 values are NULL")


def test_a_parquet_file_lacks_a_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"code": ["a"]}), tmp_path / "l.parquet")
    fault(tmp_path, rule_set(lists="{x: {file: l.parquet, column: «kode»}}"), "DT208", "did you mean `code`?")


def test_a_parquet_name_stands_twice(tmp_path: Path) -> None:
    pq.write_table(pa.table([["a"], ["b"]], names=["x", "x"]), tmp_path / "l.parquet")
    fault(tmp_path, rule_set(lists="{x: «l.parquet»}"), "DT209", "two columns of", "`x`")
