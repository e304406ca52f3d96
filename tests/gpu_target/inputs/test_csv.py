"""CSV files: nothing guessed, no row lost, and a place for everything that is wrong."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.inputs import csv_file, open_data
from gpu_target.inputs.maps import Map, parse_map
from gpu_target.language.diagnostics import DataError, Diagnostic, Source

KOREA = Path(__file__).parents[4] / "shared" / "data" / "korea" / "declarations_train.csv"
TEXTS = st.text(st.sampled_from([*'ab,;"\n\r\t é€', "\0"]), max_size=5)


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def a_map(text: str) -> Map:
    return parse_map(Source("map.yaml", text))


def read(path: Path, map_text: str | None = None, record: str | None = None) -> pa.Table:
    return open_data(path, map=a_map(map_text) if map_text else None, record=record).reader().read_all()


def refusal(path: Path, map_text: str | None = None, record: str | None = None) -> Diagnostic:
    with pytest.raises(DataError) as caught:
        read(path, map_text, record)
    assert len(caught.value.diagnostics) == 1, str(caught.value)
    return caught.value.diagnostics[0]


def test_columns_are_text_and_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    table = read(write(tmp_path, "hs,origin,price\n0703,NO,1e3\n,,\n"))
    assert table.schema.types == [pa.large_string()] * 3
    assert table.to_pylist() == [
        {"hs": "0703", "origin": "NO", "price": "1e3"},
        {"hs": None, "origin": None, "price": None},
    ]


def test_the_record_type_gives_columns_their_types(tmp_path: Path) -> None:
    path = write(tmp_path, "commodity_code,net_mass_kg,registration_ts,container_flag,extra\n0703,1.5,2024-01-31,1,7\n")
    table = read(path, record="declaration-item")
    assert table.schema.types == [
        pa.large_string(), pa.float64(), pa.timestamp("us"), pa.bool_(), pa.large_string(),
    ]  # fmt: skip
    assert table.to_pylist()[0]["registration_ts"] == datetime.datetime(2024, 1, 31)


def test_the_map_renames_and_types_columns_before_the_record_type_does(tmp_path: Path) -> None:
    path = write(tmp_path, "HS;Prix\n0703;12.50\n")
    columns = "{commodity_code: {from: HS}, customs_value: {from: Prix, type: 'decimal(9, 2)'}}"
    table = read(path, f"columns: {columns}\ncsv: {{delimiter: ';'}}", record="declaration-item")
    assert table.schema == pa.schema({"commodity_code": pa.large_string(), "customs_value": pa.decimal128(9, 2)})


def test_only_the_empty_cell_is_missing_unless_a_map_says_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n"",NA\nnull, \n-,x\n')
    assert read(path).to_pydict() == {"a": [None, "null", "-"], "b": ["NA", " ", "x"]}
    assert read(path, "null_values: [NA, '-']").to_pydict() == {"a": ["", "null", None], "b": [None, " ", "x"]}


def test_one_column_of_the_data_may_be_read_twice(tmp_path: Path) -> None:
    path = write(tmp_path, "when\n2024-01-31\n")
    assert read(path, "columns: {day: {from: when, type: date}, text: {from: when}}").to_pylist() == [
        {"day": datetime.date(2024, 1, 31), "text": "2024-01-31"}
    ]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_no_row_is_lost_at_the_end_of_the_file(tmp_path: Path, ending: str) -> None:
    assert read(write(tmp_path, "a,b\n1,2\n3,4" + ending)).num_rows == 2


def test_a_file_without_rows_has_columns_and_no_rows(tmp_path: Path) -> None:
    for content in ("a,b", "a,b\n"):
        table = read(write(tmp_path, content))
        assert (table.column_names, table.num_rows) == (["a", "b"], 0)


def test_in_a_file_of_one_column_an_empty_line_is_a_row(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a\n1\n\n2\n")).to_pydict() == {"a": ["1", None, "2"]}


def test_no_columns_asked_for_still_counts_the_rows(tmp_path: Path) -> None:
    data = open_data(write(tmp_path, "a,b\n1,2\n3,4\n"))
    assert sum(batch.num_rows for batch in data.reader([])) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "cp1252"])
def test_encodings_give_the_same_text(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "naïve,b\né,2\n".encode(encoding))
    named = None if encoding.startswith("utf-8") else f"csv: {{encoding: {encoding}}}"
    assert read(path, named).to_pydict() == {"naïve": ["é"], "b": ["2"]}


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"a,b\n1,2\n"), "data.csv.gz")
    assert read(path).to_pydict() == {"a": ["1"], "b": ["2"]}
    cut = write(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 5000)[:40], "cut.csv.gz")
    assert refusal(cut).code == "DT105"


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=6), delimiter=st.sampled_from(",;\t"))
def test_what_another_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([("a", "b"), *rows])
    path = write(tmp_path_factory.mktemp("csv"), text.getvalue())
    table = read(path, f'csv: {{delimiter: "{delimiter}"}}'.replace("\t", "\\t"))
    assert table.to_pylist() == [{"a": left or None, "b": right or None} for left, right in rows]


def test_cells_of_another_type_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    rows = "".join(f"{'x' if n % 2 else n},k\n" for n in range(20))
    path = write(tmp_path, 'n,"a\nb"\n' + rows)
    found = refusal(path, "columns: {amount: {from: n, type: integer}}")
    assert found.code == "DT112"
    assert found.message == "10 cells of column `n` (amount) cannot be read as integer"
    assert found.place == f"{path}:4"
    assert found.notes[:3] == (
        "expected integer such as 42, within 64 bits",
        "row 2, line 4: `x`",
        "row 4, line 6: `x`",
    )
    assert found.notes[-1] == "and 5 more"


def test_every_column_with_bad_cells_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1.0,2024-31-01\n")
    with pytest.raises(DataError) as caught:
        read(path, "columns: {a: {type: integer}, b: {type: date}}")
    assert [each.code for each in caught.value.diagnostics] == ["DT112", "DT112"]
    assert "declare the type number" in caught.value.diagnostics[0].remedy
    assert "format" in caught.value.diagnostics[1].remedy


@pytest.mark.parametrize(
    ("content", "code", "line", "said"),
    [
        ("a,b\n1,2\n\n3\n", "DT108", 4, "row 2 has 1 cell, and the first line names 2 columns"),
        ("a,b\n1,2,3\n", "DT108", 2, "row 1 has 3 cells"),
        ('a,b\n1,"2\n3,4\n5,6\n', "DT109", 2, "never closed"),
        ('a,b\n1,"2', "DT109", 2, "never closed"),
        ("a,b,a\n", "DT110", 1, "two columns are called `a`: numbers 1 and 3"),
        ("a,,b\n", "DT111", 1, "column 2 of 3 has no name"),
        ("a;b\n1;2\n", "DT119", 1, "the first line names one column, `a;b`"),
        (b"a,b\n1,\xe9\n", "DT107", 2, "byte 6 (0xE9) is no text in utf-8"),
        (b"a,\xe9\n", "DT107", 1, "byte 2 (0xE9)"),
        ("", "DT104", None, "the file is empty"),
        ("\n\n", "DT104", None, "the file is empty"),
        ("a,b\n" + "x" * (20 << 20) + ",1\n", "DT114", 1, "longer than 8 MB"),
    ],
)
def test_what_is_wrong_has_a_code_and_a_line(
    tmp_path: Path, content: str | bytes, code: str, line: int | None, said: str
) -> None:
    path = write(tmp_path, content)
    found = refusal(path)
    assert found.code == code
    assert said in found.message
    assert found.place == (str(path) if line is None else f"{path}:{line}")
    assert found.remedy


def test_a_wrong_byte_far_into_the_file_is_found(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,2\n" * 700_000 + b"\xff,1\n"
    found = refusal(write(tmp_path, content))
    assert found.message == f"byte {4 + 4 * 700_000:,} (0xFF) is no text in utf-8"
    assert found.place.endswith(":700002")


def test_utf_16_without_its_mark_is_refused(tmp_path: Path) -> None:
    found = refusal(write(tmp_path, "a,b\n"), "csv: {encoding: utf-16}")
    assert (found.code, "utf-16" in found.message) == ("DT107", True)


def test_a_large_file_streams_in_batches_and_numbers_its_rows(tmp_path: Path) -> None:
    rows = 300_000
    path = write(tmp_path, "n,t\n" + "".join(f"{n},x\n" for n in range(rows - 1)) + "bad,x\n")
    data = open_data(path, map=a_map("columns: {n: {type: integer}}"))
    reader, seen = data.reader(["n"]), 0
    while seen < 100_000:
        batch = reader.read_next_batch()
        assert batch.column(0)[0].as_py() == seen
        seen += batch.num_rows
    with pytest.raises(DataError) as caught:
        reader.read_all()
    assert caught.value.diagnostics[0].notes[1] == f"row {rows:,}, line {rows + 1:,}: `bad`"
    assert data.failure is caught.value
    assert data.seconds > 0


@pytest.mark.skipif(not KOREA.exists(), reason="the Korean declarations are not beside this checkout")
def test_foreign_declarations_are_read_through_a_map() -> None:
    map_ = a_map(
        "columns: {commodity_code: {from: HS6 Code, type: text}, lodged_on: {from: Date, type: date},"
        " customs_value: {from: Item Price, type: number}}\nkey: [Declaration ID]\nroles: {date: lodged_on}"
    )
    data = open_data(KOREA, map=map_)
    assert (data.key, data.roles, data.rows) == (("Declaration ID",), {"date": "lodged_on"}, None)
    table = data.reader(["commodity_code", "lodged_on", "customs_value", "Seller ID"]).read_all()
    assert table.num_rows == 37_385
    assert table["commodity_code"].to_pylist().count("071080") > 0
    assert table["customs_value"].null_count == 0
    assert 3_000 < table["Seller ID"].null_count < 5_000


def test_a_file_that_is_left_in_the_middle_is_read_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 10_000)
    monkeypatch.setattr(csv_file, "BATCH_ROWS", 100)
    path = write(tmp_path, "a,b\n" + "1,2\n" * 500_000)
    reader = open_data(path).reader()
    assert reader.read_next_batch().num_rows == 100
    [(stream, wrapper)] = csv_file._last
    assert not stream.closed
    del reader
    assert stream.closed
    asked = threading.Event()
    monkeypatch.setattr(stream, "read", lambda size: asked.set() or b"")
    assert not asked.wait(0.2)  # Arrow's thread has ended
    assert wrapper.closed
    assert read(write(tmp_path, "a,b\n1,2\n", "next.csv")).num_rows == 1
    assert csv_file._last[0][0] is not stream


def test_a_process_that_ends_while_arrow_reads_ahead_ends_well(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "1,2\n" * 500_000)
    program = (
        "import sys, gpu_target.inputs.csv_file as f; f.BLOCK_BYTES, f.BATCH_ROWS = 10_000, 100\n"
        "from gpu_target.inputs import open_data\n"
        "r = open_data(sys.argv[1]).reader(); r.read_next_batch(); print('done')"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
