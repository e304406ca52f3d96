"""The lists of codes behind columns depend on the profile alone, so rules that name them fit every seed."""

from __future__ import annotations

import pyarrow as pa
import pytest

from synthetic.generate import TABLES
from tests.synthetic.worlds import world


@pytest.mark.parametrize("table", TABLES)
def test_the_codes_of_a_column_are_the_same_for_every_seed(table: str) -> None:
    one, other = world(seed=1)[table], world(seed=2)[table]
    coded = [field.name for field in one.schema if pa.types.is_dictionary(field.type)]
    assert coded
    for column in coded:
        assert one[column].chunk(0).dictionary.equals(other[column].chunk(0).dictionary), column


def test_parties_are_known_by_the_same_identifiers_in_every_world() -> None:
    assert world(seed=1)["parties"]["party_id"].equals(world(seed=2)["parties"]["party_id"])
    assert not world(seed=1)["parties"]["party_name"].equals(world(seed=2)["parties"]["party_name"])
