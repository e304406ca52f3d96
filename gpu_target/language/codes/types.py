"""The codes of what is wrong with names and types: RT101 to RT149."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

TYPE_CODES: dict[str, Code] = {
    "RT101": Code(
        "unknown column",
        "Names are case-sensitive; columns come from the data or the record type.",
        """rules:
  - id: A
    when: comodity_code LIKE '8703%'
    lane: red""",
        """rules:
  - id: A
    when: commodity_code LIKE '8703%'
    lane: red""",
    ),
    "RT102": Code(
        "unknown list",
        "@name is a key under `lists`.",
        """lists:
  watched: [XA, XB]
rules:
  - id: A
    when: country_of_origin IN @wached
    lane: red""",
        """lists:
  watched: [XA, XB]
rules:
  - id: A
    when: country_of_origin IN @watched
    lane: red""",
    ),
    "RT103": Code(
        "unknown table",
        "table.column reads a key under `tables`.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < flors.floor, lane: red}
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
    "RT104": Code(
        "unknown column of a table",
        "The columns are those of the table's file.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - {id: A, when: customs_value < floors.flor, lane: red}
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
    "RT105": Code(
        "types that cannot be compared",
        "Text, numbers, dates and booleans are never converted silently.",
        """rules:
  - id: A
    when: commodity_code = 8703231000
    lane: red""",
        """rules:
  - id: A
    when: commodity_code = '8703231000'
    lane: red""",
    ),
    "RT106": Code(
        "wrong type of argument",
        "The operator or function takes another type here.",
        """rules:
  - id: A
    when: commodity_code + 1 > 2
    lane: red""",
        """rules:
  - id: A
    when: net_mass_kg + 1 > 2
    lane: red""",
    ),
    "RT107": Code(
        "number out of range",
        "Literals lie between 1e-1000 and 1e1000.",
    ),
    "RT108": Code(
        "circular definition",
        "A name under `let` may use other names, but not itself.",
        """let:
  a: b + 1
  b: a + 1
rules:
  - id: A
    when: a > 1
    lane: red""",
        """let:
  a: b + 1
  b: customs_value / 100
rules:
  - id: A
    when: a > 1
    lane: red""",
    ),
    "RT109": Code(
        "list value of the wrong type",
        "The values of a list are read as the type of the column they meet.",
        """lists:
  round: [1000, many]
rules:
  - id: A
    when: customs_value IN @round
    lane: red""",
        """lists:
  round: [1000, 2000]
rules:
  - id: A
    when: customs_value IN @round
    lane: red""",
    ),
    "RT110": Code(
        "condition expected",
        "A rule is TRUE or not; a bare number or text is neither.",
        """rules:
  - id: A
    when: customs_value
    lane: red""",
        """rules:
  - id: A
    when: customs_value > 0
    lane: red""",
    ),
    "RT111": Code(
        "unsupported column type",
        "Numbers, text, booleans, dates, timestamps and lists of them can be read.",
    ),
    "RT112": Code(
        "test value of the wrong type",
        "The values of a test are read as the types of their columns.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tests: [{customs_value: a lot, expect: match}]""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tests: [{customs_value: 2000, expect: match}]""",
    ),
    "RT113": Code(
        "unknown key column",
        "`key` names columns of the data; the first is the declaration.",
        """key: [declaration, item_number]
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """key: [declaration_id, item_number]
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT114": Code(
        "role without a column",
        "valid, flow and offices read the record's date, flow and office columns.",
        """$ gpu-target rules check rules.yaml --data lodged.csv
# file: rules.yaml
ruleset: example
rules:
  - {id: A, when: goods = 'cars', lane: red, valid: {until: 2024-12-31}}
# file: lodged.csv
number,goods
A-1,cars""",
        """$ gpu-target rules check rules.yaml --data lodged.csv --map map.yaml
# file: rules.yaml
ruleset: example
rules:
  - {id: A, when: goods = 'cars', lane: red, valid: {until: 2024-12-31}}
# file: lodged.csv
number,goods,lodged
A-1,cars,2024-03-01
# file: map.yaml
columns:
  lodged: {type: date}
roles: {date: lodged}""",
    ),
    "RT115": Code(
        "unknown column in a test",
        "A test names columns of the record.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tests: [{custom_value: 2000, expect: match}]""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tests: [{customs_value: 2000, expect: match}]""",
    ),
    "RT116": Code(
        "definitions too large",
        "Names of `let` are written out where they are used: 400 levels, 10^6 terms.",
        """let:
  a: customs_value + customs_value
  b: a + a
  c: b + b
  d: c + c
  e: d + d
  f: e + e
  g: f + f
  h: g + g
  i: h + h
  j: i + i
  k: j + j
  l: k + k
  m: l + l
  n: m + m
  o: n + n
  p: o + o
  q: p + p
  r: q + q
  s: r + r
  t: s + s
  u: t + t
  v: u + u
  w: v + v
  x: w + w
  y: x + x
  z: y + y
rules:
  - id: A
    when: z > 1
    lane: red""",
        """let:
  a: customs_value + customs_value
rules:
  - id: A
    when: a > 1
    lane: red""",
    ),
}
