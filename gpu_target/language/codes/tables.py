"""The codes of what is wrong with lookup tables and decision tables: DT212 to DT259."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

TABLE_CODES: dict[str, Code] = {
    "DT212": Code(
        "bad lookup table",
        "One of file and data; key columns once each; prefix is one of them.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, prefix: commodity, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
6403999000,120""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, prefix: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
6403999000,120""",
    ),
    "DT213": Code(
        "type of a column that has one",
        "`types` is for CSV columns that are neither key nor `valid`.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {commodity_code: text, floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
6403999000,120""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
6403999000,120""",
    ),
    "DT215": Code(
        "cell that cannot stand outside quotes",
        "A cell never adds to the structure of a condition.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  table: floors.csv
  template:
    id: FLOOR
    when: commodity_code LIKE '{prefix}%' AND customs_value < {floor}
    lane: yellow
# file: floors.csv
prefix,floor
8703,10000 OR TRUE
6403,120""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  table: floors.csv
  template:
    id: FLOOR
    when: commodity_code LIKE '{prefix}%' AND customs_value < {floor}
    lane: yellow
# file: floors.csv
prefix,floor
8703,10000
6403,120""",
    ),
    "DT216": Code(
        "cell missing in a condition",
        "A condition needs every cell that it uses.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  table: floors.csv
  template:
    id: FLOOR
    when: commodity_code LIKE '{prefix}%' AND customs_value < {floor}
    lane: yellow
# file: floors.csv
prefix,floor
8703,
6403,120""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  table: floors.csv
  template:
    id: FLOOR
    when: commodity_code LIKE '{prefix}%' AND customs_value < {floor}
    lane: yellow
# file: floors.csv
prefix,floor
8703,10000
6403,120""",
    ),
    "DT251": Code(
        "two rows for one key",
        "A lookup table has one row per key, and per day where it has validity.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
8703231000,12""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
6403999000,120""",
    ),
    "DT252": Code(
        "cell of a lookup table of the wrong type",
        "`types`, keys and days of validity say what is expected.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,ten""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.floor, lane: red}
# file: floors.csv
commodity_code,floor
8703231000,10
6403999000,120""",
    ),
    "DT253": Code(
        "table of the generated folder missing",
        "{data: NAME} needs a generated folder that has that table.",
    ),
}
