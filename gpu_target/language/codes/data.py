"""The codes of what is wrong with files of data: DT101 to DT129, but for those of `csv_files`."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

DATA_CODES: dict[str, Code] = {
    "DT101": Code(
        "no such data",
        "DATA is a file, a folder of part files, or a generated folder.",
        """$ gpu-target run rules.yaml lodgd.csv --map map.yaml
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
    "DT102": Code(
        "unknown kind of file",
        "Parquet, Arrow IPC and CSV are read; the name's ending says which it is.",
        """$ gpu-target run rules.yaml lodged.txt --map map.yaml
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
# file: lodged.txt
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
    "DT103": Code(
        "no single kind of data in a folder",
        "A folder holds part files of one kind, not inside subfolders.",
        """$ gpu-target run rules.yaml year --map map.yaml
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
# file: year/notes.txt
nothing yet""",
        """$ gpu-target run rules.yaml year --map map.yaml
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
# file: year/part-1.csv
Number;Item Price
A-1;900.00
A-2;12000.00""",
    ),
    "DT104": Code(
        "empty file",
        "Even data without rows has column names.",
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
# file: lodged.csv""",
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
Number;Item Price""",
    ),
    "DT105": Code(
        "damaged file",
        "Cut off, overwritten in part, or not of the kind that its name says.",
        """$ gpu-target run rules.yaml lodged.parquet --map map.yaml
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
# file: lodged.parquet
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
    "DT106": Code(
        "part files differ",
        "Every part file has the same columns with the same types.",
        """$ gpu-target run rules.yaml year --map map.yaml
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
# file: year/part-1.csv
Number;Item Price
A-1;900.00
A-2;12000.00
# file: year/part-2.csv
Number;Item Price;Weight
A-3;100.00;7""",
        """$ gpu-target run rules.yaml year --map map.yaml
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
# file: year/part-1.csv
Number;Item Price
A-1;900.00
A-2;12000.00
# file: year/part-2.csv
Number;Item Price
A-3;100.00""",
    ),
    "DT113": Code(
        "type that cannot become another",
        "A map changes types where no value can be lost on the way.",
    ),
    "DT115": Code(
        "bad manifest",
        "manifest.json of a generated folder names its tables and the main one.",
        """$ gpu-target run rules.yaml year
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: year/manifest.json
{"main": "items"}
# file: year/items.csv
declaration_id,customs_value
1,900""",
        """$ gpu-target run rules.yaml year
# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: year/manifest.json
{"main": "items", "tables": {"items": {}}}
# file: year/items.csv
declaration_id,customs_value
1,900""",
    ),
    "DT116": Code(
        "no such table",
        "The tables of a generated folder are those that its manifest names.",
    ),
    "DT117": Code(
        "no such column",
        "The column is not in the data, after the map.",
    ),
    "DT118": Code(
        "file cannot be opened",
        "The operating system refuses it.",
    ),
    "DT120": Code(
        "files that cannot be split",
        "Only files that say how many rows they hold are split for workers.",
    ),
}
