"""Small worlds that several tests look at, made once; and profiles that differ from a shipped one by a few lines."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from synthetic import generate

HEAD = "profile: changed\ntitle: A changed profile\nextends: tiny\n"
MANY = 20_000  # declarations; some 52,000 items
SEED = 1


@functools.cache
def world(profile: str = "tiny", declarations: int = 2_000, seed: int = SEED) -> dict[str, pa.Table]:
    return generate(profile, declarations, seed, threads=1)


def plain(table: pa.Table) -> pa.Table:
    """The table with text in place of codes of a dictionary."""
    columns = {
        field.name: column.cast(pa.string()) if pa.types.is_dictionary(field.type) else column
        for field, column in zip(table.schema, table.columns, strict=True)
    }
    return pa.table(columns)


@functools.cache
def frame(table: str, profile: str = "morocco-2024", declarations: int = MANY, seed: int = SEED) -> pd.DataFrame:
    """One table of a world as pandas, codes as text. It is shared: do not change it."""
    found: pd.DataFrame = plain(world(profile, declarations, seed)[table]).to_pandas()
    return found


def imports(profile: str = "morocco-2024", declarations: int = MANY) -> pd.DataFrame:
    """The items of import declarations."""
    items = frame("items", profile, declarations)
    return items[items["flow"] == "IM"]


def milli(amounts: pd.Series, unit: int = 1_000) -> NDArray[np.int64]:
    """Amounts as whole thousandths (or hundredths), in which sums are exact."""
    found: NDArray[np.int64] = np.rint(amounts.to_numpy() * unit).astype(np.int64)
    return found


def write_profile(folder: Path, text: str, name: str = "changed.yaml") -> Path:
    """A profile that extends ``tiny``, with these lines behind its head of three."""
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path
