"""The codes of data that does not fit its rules, and of results that do not fit together: DT150 to DT199."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

PLAN_CODES: dict[str, Code] = {
    "DT150": Code(
        "column of the wrong type for the record",
        "The record type declares it; a map can convert it.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: map.yaml
columns: {customs_value: {from: Value, type: text}}
# file: lodged.csv
Value
900""",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: map.yaml
columns: {customs_value: {from: Value, type: number}}
# file: lodged.csv
Value
900""",
    ),
    "DT151": Code(
        "missing column",
        "The rules read a column that the data lacks.",
        """$ gpu-target run rules.yaml lodged.csv
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: lodged.csv
declaration_id,value
1,900""",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: map.yaml
columns: {customs_value: {from: value}}
# file: lodged.csv
declaration_id,value
1,900""",
    ),
    "DT152": Code(
        "column of another type than compiled for",
        "A plan fits one schema; compile for this one.",
    ),
    "DT153": Code(
        "row without a declaration",
        "The first key column is never empty where lanes are wanted.",
        """$ gpu-target run rules.yaml lodged.csv
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: lodged.csv
declaration_id,customs_value
1,900
,1200""",
        """$ gpu-target run rules.yaml lodged.csv
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: lodged.csv
declaration_id,customs_value
1,900
2,1200""",
    ),
    "DT154": Code(
        "unusable key type",
        "A declaration is named by text, a whole number or a date.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: number}
key: [price]
csv: {delimiter: ';'}
# file: lodged.csv
Number;Item Price
A-1;900.00
A-2;12000.00""",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: number}
key: [number]
csv: {delimiter: ';'}
# file: lodged.csv
Number;Item Price
A-1;900.00
A-2;12000.00""",
    ),
    "DT160": Code(
        "results about different data",
        "Two rule sets are compared over the same declarations.",
    ),
    "DT170": Code(
        "row in two partial results",
        "A row counts once; every part says which is its first row.",
    ),
    "DT171": Code(
        "rows missing from partial results",
        "A result is of all rows: some are in no partial result.",
    ),
    "DT172": Code(
        "no partial results",
        "Records of the documented schema, as they were written.",
    ),
}
