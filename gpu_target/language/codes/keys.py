"""The codes of what is wrong with the keys of rule files and their values: RT035 to RT059."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

KEY_CODES: dict[str, Code] = {
    "RT035": Code(
        "reserved key",
        "`features` is kept for history and aggregates as columns.",
        """features: {}
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT036": Code(
        "key that is no word",
        "A key is a word, never a list or a mapping.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tests: [{{customs_value}: 2000, expect: match}]""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tests: [{customs_value: 2000, expect: match}]""",
    ),
    "RT037": Code(
        "bad name",
        "Lists, tables and expressions have names that a condition can write without quotes.",
        """let:
  unit-value: customs_value / net_mass_kg
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """let:
  unit_value: customs_value / net_mass_kg
rules:
  - {id: A, when: unit_value > 1000, lane: red}""",
    ),
    "RT038": Code(
        "another rule set",
        "Every file of a folder names the same rule set.",
        """$ gpu-target rules check rules
# file: rules/a.yaml
ruleset: imports
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: rules/b.yaml
ruleset: exports
record: declaration-item
rules:
  - {id: B, when: duty_rate > 30, lane: red}""",
        """$ gpu-target rules check rules
# file: rules/a.yaml
ruleset: imports
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}
# file: rules/b.yaml
ruleset: imports
record: declaration-item
rules:
  - {id: B, when: duty_rate > 30, lane: red}""",
    ),
    "RT039": Code(
        "duplicate id",
        "An id is unique over all files of the rule set.",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}
  - {id: A, when: duty_rate > 30, lane: yellow}""",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}
  - {id: B, when: duty_rate > 30, lane: yellow}""",
    ),
    "RT040": Code(
        "bad id",
        "An id is not blank, has no control characters and at most 200 characters.",
        """rules:
  - {id: '  ', when: customs_value > 1000, lane: red}""",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT041": Code(
        "defined twice",
        "A name of lists, tables or let, or a value of record, key or roles, is set once.",
        """$ gpu-target rules check rules
# file: rules/a.yaml
ruleset: example
record: declaration-item
lists: {watched: [XA]}
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: rules/b.yaml
ruleset: example
record: declaration-item
lists: {watched: [XB]}
rules:
  - {id: B, when: country_of_dispatch IN @watched, lane: red}""",
        """$ gpu-target rules check rules
# file: rules/a.yaml
ruleset: example
record: declaration-item
lists: {watched: [XA]}
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}
# file: rules/b.yaml
ruleset: example
record: declaration-item
lists: {passed_through: [XB]}
rules:
  - {id: B, when: country_of_dispatch IN @passed_through, lane: red}""",
    ),
    "RT042": Code(
        "unknown record type",
        "declaration-item and traveller; without `record` the data decide.",
        """# file: rules.yaml
ruleset: example
record: declaration
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT043": Code(
        "unknown word",
        "lane, status and expect are one of a few words.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: rd""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red""",
    ),
    "RT044": Code(
        "bad number",
        "rate and relief are 0 to 100, also with decimals; weight is whole, 0 to 65535.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    rate: 140""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    rate: 40""",
    ),
    "RT045": Code(
        "neither true nor false",
        "true and false are the only two words.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    mandatory: yes""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    mandatory: true""",
    ),
    "RT046": Code(
        "bad day",
        "A day is written as 2024-01-31.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    valid: {from: 01/03/2024}""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    valid: {from: 2024-03-01}""",
    ),
    "RT047": Code(
        "ends before it begins",
        "`until` is the same day as `from` or a later one.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    valid: {from: 2024-12-31, until: 2024-03-01}""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    valid: {from: 2024-03-01, until: 2024-12-31}""",
    ),
    "RT048": Code(
        "both lane and relief",
        "A rule sends to a lane, or grants relief.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    relief: 10""",
        """rules:
  - id: A
    when: customs_value > 1000
    relief: 10""",
    ),
    "RT049": Code(
        "keys that exclude each other",
        "Mandatory rules have rate 100; relief rules have neither.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    mandatory: true
    rate: 50""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    rate: 50""",
    ),
    "RT050": Code(
        "too many problems",
        "Past a limit the rest of a file is not read: mend the first ones.",
    ),
    "RT051": Code(
        "brace alone in a template",
        "{column} is a cell; a brace itself is written twice.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  table: floors.csv
  template:
    id: FLOOR
    when: commodity_code LIKE '{prefix}%' AND customs_value < {floor
    lane: yellow
# file: floors.csv
prefix,floor
8703,10000
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
    "RT052": Code(
        "unknown placeholder",
        "A placeholder names a column of the decision table.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
rules:
  table: floors.csv
  template:
    id: FLOOR
    when: commodity_code LIKE '{prefix}%' AND customs_value < {flor}
    lane: yellow
# file: floors.csv
prefix,floor
8703,10000
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
    "RT053": Code(
        "rules changed meanwhile",
        "The files were edited between two readings of one run: run it again.",
    ),
    "RT054": Code(
        "not formatted",
        "The canonical text is read again and compared before it is written: this file would differ.",
    ),
}
