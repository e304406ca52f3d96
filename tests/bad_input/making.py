"""Files that cannot stand on a page: damaged, not text, or too large to read."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

RULE = "ruleset: r\nrecord: declaration-item\nrules:\n  - id: A\n    lane: red\n    when: {when}\n"


def parquet() -> bytes:
    """Three sound items."""
    table = pa.table({"declaration_id": [1, 1, 2], "item_number": [1, 2, 1], "customs_value": [10.0, None, 30.0]})
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def cut_parquet() -> bytes:
    """A copy that broke off."""
    return parquet()[:-40]


def overwritten_parquet() -> bytes:
    """The ends are sound; the pages between them are not."""
    whole = parquet()
    return whole[:4] + b"\xff" * 60 + whole[64:]


def parquet_in_name_only() -> bytes:
    return b"declaration_id,customs_value\nD1,10\n"


def latin_1_rules() -> bytes:
    return "ruleset: r\nrules:\n  - id: A\n    title: Véhicules\n    when: x > 1\n    lane: red\n".encode("latin-1")


def utf_16_rules() -> bytes:
    return "ruleset: r\nrules: []\n".encode("utf-16")


def latin_1_list() -> bytes:
    return "importer\nSociété Générale\n".encode("latin-1")


def latin_1_data() -> bytes:
    return "importer,price\nCafé du Port,10\n".encode("latin-1")


def latin_1_map() -> bytes:
    return "columns:\n  größe: {from: Size}\n".encode("latin-1")


def deep_parentheses() -> bytes:
    """10,000 inside one another."""
    return RULE.format(when="(" * 10_000 + "customs_value > 1" + ")" * 10_000).encode()


def long_predicate() -> bytes:
    """2 MiB of conditions."""
    term = "customs_value > 1 OR "
    return RULE.format(when=term * (2 * 1024 * 1024 // len(term)) + "customs_value > 2").encode()


def deep_yaml() -> bytes:
    return b"ruleset: r\nrules: " + b"[" * 10_000 + b"]" * 10_000 + b"\n"


def deep_map() -> bytes:
    return b"columns: " + b"[" * 10_000 + b"]" * 10_000 + b"\n"


def two_thousand_mistakes() -> bytes:
    rules = "".join(f"  - {{id: R{n}, when: customs_value > 1, lane: purple}}\n" for n in range(2_000))
    return f"ruleset: r\nrecord: declaration-item\nrules:\n{rules}".encode()


def many_rules() -> bytes:
    """340 rules that read one column which the data lacks, and one that it has."""
    rules = "".join(
        f"  - {{id: R{n}, when: gross_mass_kg > {n} AND customs_value > 1, lane: red}}\n" for n in range(340)
    )
    return f"ruleset: r\nrecord: declaration-item\nrules:\n{rules}".encode()


def nothing() -> bytes:
    return b""


def zip_archive() -> bytes:
    return b"PK\x03\x04" + bytes(range(256))


def text_parquet() -> bytes:
    """Values kept as text."""
    table = pa.table({"declaration_id": [1], "item_number": [1], "customs_value": ["10"]})
    written = io.BytesIO()
    pq.write_table(table, written)
    return written.getvalue()
