"""The record types built in."""

from __future__ import annotations

import pickle

import pytest

from gpu_target.language.record import RECORD_TYPES, RecordType
from gpu_target.language.types import DATE, INTEGER, NUMBER, TEXT, TEXT_LIST, TIMESTAMP

BOTH = list(RECORD_TYPES.values())


def test_the_two_record_types_are_those_of_the_design() -> None:
    assert list(RECORD_TYPES) == ["declaration-item", "traveller"]
    assert all(name == record.name for name, record in RECORD_TYPES.items())


def test_a_declaration_item_is_known_by_declaration_and_item() -> None:
    record = RECORD_TYPES["declaration-item"]
    assert record.key == ("declaration_id", "item_number")
    assert record.roles == {"date": "registration_ts", "flow": "flow", "office": "customs_office_code"}
    assert record.fields["commodity_code"] == TEXT  # codes keep their leading zeros
    assert record.fields["declaration_id"] == INTEGER
    assert record.fields["customs_value"] == NUMBER
    assert record.fields["container_ids"] == TEXT_LIST
    assert record.fields["registration_ts"] == TIMESTAMP


def test_a_traveller_is_known_by_the_crossing() -> None:
    record = RECORD_TYPES["traveller"]
    assert record.key == ("crossing_id",)
    assert record.roles == {"date": "crossing_ts", "flow": "direction", "office": "border_point_code"}
    assert record.fields["ta_deadline"] == DATE
    assert "plate_norm" in record.fields  # the vehicle stands in the crossing's own record


@pytest.mark.parametrize("record", BOTH, ids=lambda r: r.name)
def test_fields_are_unique_and_each_is_explained(record: RecordType) -> None:
    names = [field.name for field in record.described]
    assert len(names) == len(set(names))
    assert all(field.meaning.endswith(".") and "\n" not in field.meaning for field in record.described)
    numbers = [field for field in record.described if field.type == NUMBER]
    assert all(field.unit for field in numbers)  # a quantity without a unit is no quantity


@pytest.mark.parametrize("record", BOTH, ids=lambda r: r.name)
def test_the_columns_with_a_role_are_fields_of_the_right_type(record: RecordType) -> None:
    assert record.fields[record.date].kind in ("date", "timestamp")
    assert set(record.key) | set(record.roles.values()) <= set(record.fields)


@pytest.mark.parametrize("record", BOTH, ids=lambda r: r.name)
def test_a_record_type_can_be_pickled(record: RecordType) -> None:
    assert record.fields  # also after the fields were looked at
    assert pickle.loads(pickle.dumps(record)) == record
