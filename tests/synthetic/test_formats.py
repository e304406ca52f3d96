"""Files of each format read back as what was generated."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from synthetic import write_dataset
from synthetic.generate import TABLES
from tests.synthetic.worlds import SEED, plain, world

N = 500


@pytest.fixture(scope="module", params=["parquet", "csv", "arrow"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    write_dataset("tiny", N, SEED, folder, request.param, threads=1)
    return folder


def as_read(file: Path, expected: pa.Table) -> pa.Table:
    """A file as a table, with text in place of codes.

    Parquet keeps milliseconds where seconds were generated; in CSV, only the bare empty cell is missing.
    """
    if file.suffix == ".parquet":
        found = plain(pq.read_table(file))
        times = {field.name for field in expected.schema if pa.types.is_timestamp(field.type)}
        columns = {
            name: found[name].cast(pa.timestamp("s")) if name in times else found[name] for name in found.schema.names
        }
        return pa.table(columns)
    if file.suffix == ".arrow":
        return plain(pa.ipc.open_file(file).read_all())
    types = {f.name: pa.string() if pa.types.is_list(f.type) else f.type for f in expected.schema}
    options = pyarrow.csv.ConvertOptions(
        column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    return pyarrow.csv.read_csv(file, convert_options=options)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_reads_back_as_it_was_generated(written: Path, name: str) -> None:
    (file,) = written.glob(f"{name}.*")
    expected = plain(world("tiny", N)[name])
    found = as_read(file, expected)
    assert found.column_names == expected.column_names
    for field in expected.schema:
        column = found[field.name].combine_chunks()
        values = expected[field.name].combine_chunks()
        if file.suffix == ".csv" and pa.types.is_list(field.type):
            values = pa.array([None if each is None else ";".join(each) for each in values.to_pylist()], pa.string())
        assert column.equals(values), field.name


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize("name", TABLES)
def test_files_with_a_schema_keep_label_types_and_dictionaries(tmp_path: Path, kind: str, name: str) -> None:
    write_dataset("tiny", 30, SEED, tmp_path, kind, threads=1)
    file = tmp_path / f"{name}.{kind}"
    schema = pq.read_table(file).schema if kind == "parquet" else pa.ipc.open_file(file).schema
    expected = world("tiny", 30)[name].schema
    kept = {key: value for key, value in schema.metadata.items() if key in expected.metadata}
    assert kept == expected.metadata
    coded = {f.name for f in expected if pa.types.is_dictionary(f.type)}
    assert {f.name for f in schema if pa.types.is_dictionary(f.type)} == coded


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
def test_a_world_of_nothing_is_files_with_columns_and_no_rows(tmp_path: Path, kind: str) -> None:
    write_dataset("tiny", 0, SEED, tmp_path, kind, threads=1)
    for name in TABLES:
        expected = plain(world("tiny", 30)[name])
        found = as_read(tmp_path / f"{name}.{kind}", expected)
        assert found.column_names == expected.column_names
        assert found.num_rows == (expected.num_rows if name == "parties" else 0)


def test_a_parquet_file_encodes_codes_by_dictionary_and_money_by_bytes(tmp_path: Path) -> None:
    write_dataset("tiny", 30, SEED, tmp_path, threads=1)
    group = pq.ParquetFile(tmp_path / "items.parquet").metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert "RLE_DICTIONARY" in columns["commodity_code"].encodings
    assert "BYTE_STREAM_SPLIT" in columns["customs_value"].encodings
    assert "DELTA_BINARY_PACKED" in columns["declaration_id"].encodings
    assert {column.compression for column in columns.values()} == {"ZSTD"}
