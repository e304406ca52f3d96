"""The lanes of two rule sets over the same declarations, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from gpu_target.language.diagnostics import DataError, Diagnostic
from gpu_target.language.model import LANES

if TYPE_CHECKING:
    import pandas as pd


def lane_moves(before: pa.Table, after: pa.Table) -> pd.DataFrame:
    """Declarations by their lane before (rows) and after (columns), int64, every lane named.

    Both are tables of lanes with the declaration in the first column. Raises DataError with DT160 where they are not
    about the same declarations.
    """
    import pandas as pd

    both = _joined(before, after)
    counted = pd.crosstab(both["before"], both["after"])
    return counted.reindex(index=list(LANES), columns=list(LANES), fill_value=0).astype("int64")


def lanes_by_group(before: pa.Table, after: pa.Table, groups: pa.Table) -> pd.DataFrame:
    """Declarations of every group by lane, before and after: a column for each of the two and each lane, int64.

    ``groups`` has the declaration in its first column and its group, such as the office, in its second. The groups with
    the most declarations come first. A declaration without a group counts under the empty text.
    """
    import pandas as pd

    named = groups.rename_columns(["declaration", "group"]).to_pandas().drop_duplicates("declaration")
    both = _joined(before, after).merge(named, how="left", left_on=before.column_names[0], right_on="declaration")
    group = both["group"].astype("object").where(both["group"].notna(), "")
    parts: dict[str, pd.DataFrame] = {}
    for when in ("before", "after"):
        counted = pd.crosstab(group, both[when]).reindex(columns=list(LANES), fill_value=0)
        parts[when] = counted.astype("int64")
    order = parts["before"].sum(axis=1).sort_values(ascending=False, kind="stable").index
    return pd.concat(parts, axis=1).reindex(order)


def _joined(before: pa.Table, after: pa.Table) -> pd.DataFrame:
    """One row per declaration with its lane ``before`` and ``after``."""
    key = before.column_names[0]
    left = before.select([key, "lane"]).rename_columns([key, "before"]).to_pandas()
    right = after.select([after.column_names[0], "lane"]).rename_columns([key, "after"]).to_pandas()
    both: pd.DataFrame = left.merge(right, on=key, validate="one_to_one")
    if not len(left) == len(right) == len(both):
        message = (
            f"the two results are about different declarations: {len(left):,} and {len(right):,}, {len(both):,} in both"
        )
        raise DataError(Diagnostic("DT160", message, remedy="evaluate both rule sets on the same data"))
    return both
