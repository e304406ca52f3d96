"""The codes of what is wrong with maps: DT130 to DT149."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

MAP_CODES: dict[str, Code] = {
    "DT130": Code(
        "map is not UTF-8",
        "A map is one YAML file in UTF-8.",
    ),
    "DT131": Code(
        "unknown key in a map",
        "columns, key, roles, null_values and csv; the message names the nearest.",
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
cvs: {delimiter: ';'}
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
    "DT132": Code(
        "bad value in a map",
        "The JSON Schema of maps says what stands where.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: number}
key: []
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
    "DT133": Code(
        "map names a column that the data lacks",
        "`from` is a column's name in the data, letter by letter.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item price, type: number}
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
    "DT134": Code(
        "name taken twice",
        "A name given by the map is also the name of a column that the map leaves alone.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  Item Price: {from: Number}
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
    "DT135": Code(
        "bad format",
        "`format` is for dates and timestamps, in the codes of Python's strptime.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: date, format: DD/MM/YYYY}
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
  lodged: {from: Lodged, type: date, format: '%d/%m/%Y'}
key: [number]
csv: {delimiter: ';'}
# file: lodged.csv
Number;Item Price;Lodged
A-1;900.00;31/01/2024""",
    ),
    "DT136": Code(
        "key or role names no column",
        "`key` and `roles` use the names of columns after the map.",
        """$ gpu-target run rules.yaml lodged.csv --map map.yaml
# file: rules.yaml
ruleset: mine
rules:
  - {id: A, when: price < 1000, lane: red}
# file: map.yaml
columns:
  number: {from: Number}
  price: {from: Item Price, type: number}
key: [Number]
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
    "DT137": Code(
        "bad CSV setting",
        "`delimiter` is one ASCII character, `encoding` a text encoding.",
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
csv: {delimiter: ';;'}
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
}
