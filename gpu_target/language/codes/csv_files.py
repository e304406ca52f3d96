"""The codes of what is wrong with the names and cells of files of data: DT107 to DT119."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

CSV_CODES: dict[str, Code] = {
    "DT107": Code(
        "not text in this encoding",
        "CSV is UTF-8 unless a map names another encoding.",
    ),
    "DT108": Code(
        "row of another length",
        "Every row of a CSV file has as many cells as the first line names columns.",
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
A-2;12000.00
A-3""",
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
A-2;12000.00
A-3;""",
    ),
    "DT109": Code(
        "quote never closed",
        "Such a quote would swallow every row behind it.",
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
A-2;12000.00
"A-3;100.00""",
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
A-2;12000.00
"A-3";100.00""",
    ),
    "DT110": Code(
        "two columns of one name",
        "Column names are unique.",
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
Item Price;Item Price
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
    "DT111": Code(
        "column without a name",
        "The first line of a CSV file names every column.",
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
Number;Item Price;
A-1;900.00;x""",
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
Number;Item Price;Remark
A-1;900.00;x""",
    ),
    "DT112": Code(
        "cell of another type",
        "Cells are read by their declared type; the first few that do not fit are shown.",
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
A-2;12.000,00""",
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
    "DT114": Code(
        "unreadable CSV",
        "Arrow's reader refuses the file.",
    ),
    "DT119": Code(
        "another delimiter",
        "The only column's name holds a character that elsewhere separates columns.",
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
Number,Item Price
A-1,900.00
A-2,12000.00""",
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
}
