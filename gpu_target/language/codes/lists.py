"""The codes of what is wrong with types, and with the files that rule files name: DT201 to DT211."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

LIST_CODES: dict[str, Code] = {
    "DT201": Code(
        "unknown type",
        "text, integer, number, decimal(p, s), boolean, date, timestamp, list(text).",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: float}
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
    "DT202": Code(
        "decimal digits out of range",
        "decimal(p, s) has p from 1 to 76 digits, s of them after the point.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: 'decimal(80, 2)'}
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
  price: {from: Item Price, type: 'decimal(12, 2)'}
key: [number]
csv: {delimiter: ';'}
# file: lodged.csv
Number;Item Price
A-1;900.00
A-2;12000.00""",
    ),
    "DT203": Code(
        "file cannot be read",
        "Paths are relative to the rule file that names them; nothing is fetched.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: lists/watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,Sampleland""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,Sampleland""",
    ),
    "DT204": Code(
        "CSV is not UTF-8",
        "The message names the first byte that is not, with its line and column.",
    ),
    "DT205": Code(
        "not CSV",
        "A quoted cell ends with a quote; a quote inside it is doubled.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
"XA,Examplia""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
"XA",Examplia""",
    ),
    "DT206": Code(
        "row of another length",
        "Every row of a list or table has as many cells as its header.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,Sample, Republic of""",
        '''# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,"Sample, Republic of"''',
    ),
    "DT207": Code(
        "empty value",
        "Values of lists and keys of tables are never empty.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
,Sampleland""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,Sampleland""",
    ),
    "DT208": Code(
        "no such column in the file",
        "The message names the nearest column that is there.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: {file: watched.csv, column: cod}
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: {file: watched.csv, column: code}
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia""",
    ),
    "DT209": Code(
        "bad header",
        "The first line names the columns, each once, separated by commas.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: commodity_code IN @watched, lane: red}
# file: watched.csv
870323
870324""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: commodity_code IN @watched, lane: red}
# file: watched.csv
code
870323
870324""",
    ),
    "DT210": Code(
        "not Parquet",
        "The file is damaged, or is not what its name says.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.parquet
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.parquet
code
XA""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,Sampleland""",
    ),
    "DT211": Code(
        "unknown kind of file",
        "Lists and tables are CSV or Parquet, decision tables CSV, by their ending.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.txt
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.txt
code
XA""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: watched.csv
code,name
XA,Examplia
XB,Sampleland""",
    ),
}
