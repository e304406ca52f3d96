"""The codes of what is wrong with the text of a condition: RT001 to RT019."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

SYNTAX_CODES: dict[str, Code] = {
    "RT001": Code(
        "not part of the language",
        "A character, or an operator of another language; the message says what to write.",
        """rules:
  - id: A
    when: customs_value == 1000
    lane: red""",
        """rules:
  - id: A
    when: customs_value = 1000
    lane: red""",
    ),
    "RT002": Code(
        "no closing quote",
        "A text stands in 'single', a name in \"double\" quotes; a quote inside is written twice.",
        """rules:
  - id: A
    when: commodity_code LIKE '8703%
    lane: red""",
        """rules:
  - id: A
    when: commodity_code LIKE '8703%'
    lane: red""",
    ),
    "RT003": Code(
        "bad number",
        "7, 7.0, .5 and 1e-05 are numbers: at most 400 characters, and within the range of float64.",
        """rules:
  - id: A
    when: net_mass_kg > 10kg
    lane: red""",
        """rules:
  - id: A
    when: net_mass_kg > 10
    lane: red""",
    ),
    "RT004": Code(
        "unexpected here",
        "The message says what was found and what can stand there.",
        """rules:
  - id: A
    when: customs_value > 1,000
    lane: red""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red""",
    ),
    "RT005": Code(
        "unbalanced parenthesis",
        "Every ( has its ).",
        """rules:
  - id: A
    when: (customs_value > 1000 OR net_mass_kg < 1
    lane: red""",
        """rules:
  - id: A
    when: (customs_value > 1000 OR net_mass_kg < 1)
    lane: red""",
    ),
    "RT006": Code(
        "unknown function",
        "The functions are a closed list; see the reference.",
        """rules:
  - id: A
    when: SUBSTR(commodity_code, 1, 4) = '8703'
    lane: red""",
        """rules:
  - id: A
    when: LEFT(commodity_code, 4) = '8703'
    lane: red""",
    ),
    "RT007": Code(
        "wrong arguments",
        "The number of arguments, or a written value that the function asks for.",
        """rules:
  - id: A
    when: MOD(package_count) = 3
    lane: red""",
        """rules:
  - id: A
    when: MOD(package_count, 12) = 3
    lane: red""",
    ),
    "RT008": Code(
        "chained comparison",
        "Comparisons, BETWEEN, IN, LIKE and IS NULL do not chain: use AND or parentheses.",
        """rules:
  - id: A
    when: 100 < customs_value < 1000
    lane: red""",
        """rules:
  - id: A
    when: 100 < customs_value AND customs_value < 1000
    lane: red""",
    ),
    "RT009": Code(
        "NULL outside IS NULL",
        "Nothing equals NULL; whether a value is missing is asked with IS NULL.",
        """rules:
  - id: A
    when: preference_code = NULL
    lane: red""",
        """rules:
  - id: A
    when: preference_code IS NULL
    lane: red""",
    ),
    "RT010": Code(
        "bad date or timestamp",
        "DATE '2024-01-31' and TIMESTAMP '2024-01-31 08:00:00', years 0001 to 9999.",
        """rules:
  - id: A
    when: registration_ts >= DATE '31/01/2024'
    lane: red""",
        """rules:
  - id: A
    when: registration_ts >= DATE '2024-01-31'
    lane: red""",
    ),
    "RT011": Code(
        "bad LIKE pattern",
        "A text in quotes; ESCAPE is one character that stands before %, _ or itself.",
        """rules:
  - id: A
    when: commodity_code LIKE 8703
    lane: red""",
        """rules:
  - id: A
    when: commodity_code LIKE '8703%'
    lane: red""",
    ),
    "RT012": Code(
        "misplaced list",
        "@list stands right of IN and as second argument of CONTAINS_ANY, nowhere else.",
        """lists:
  watched: [XA, XB]
rules:
  - id: A
    when: country_of_origin = @watched
    lane: red""",
        """lists:
  watched: [XA, XB]
rules:
  - id: A
    when: country_of_origin IN @watched
    lane: red""",
    ),
    "RT013": Code(
        "bad name",
        "A column, or table.column; a name has at least one character.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - id: A
    when: floors. > customs_value
    lane: red
# file: floors.csv
commodity_code,floor
8703231000,10""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
tables:
  floors: {file: floors.csv, key: commodity_code, types: {floor: number}}
rules:
  - id: A
    when: floors.floor > customs_value
    lane: red
# file: floors.csv
commodity_code,floor
8703231000,10""",
    ),
    "RT014": Code(
        "nested too deeply",
        "At most 200 parentheses, functions, NOT and minus signs inside one another, and 256 operators; a "
        "sum of n terms counts as n - 1 operators inside one another, a chain of AND or OR as one.",
        """rules:
  - id: A
    when: >
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT NOT
      NOT container_flag
    lane: red""",
        """rules:
  - id: A
    when: NOT container_flag
    lane: red""",
    ),
    "RT015": Code(
        "too long",
        "A predicate has at most 1 MiB (1,048,576 bytes) of UTF-8.",
    ),
    "RT016": Code(
        "empty predicate",
        "A condition is needed.",
        """rules:
  - id: A
    when: ''
    lane: red""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red""",
    ),
}
