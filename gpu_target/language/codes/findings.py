"""The codes of findings: what ``rules check`` tells of rule sets that can be run. RT2xx logic, RT3xx cost, RT4xx style.

``wrong`` is the part of a rule set of the record type declaration-item that has the finding, without its first two
lines; ``right`` is the same, mended.
"""

from __future__ import annotations

from gpu_target.language.codes.code import Code

FINDING_CODES: dict[str, Code] = {
    # RT201-RT219: logic
    "RT201": Code(
        "rule that never matches",
        "No record can meet all of its conditions at once: `when` with `valid`, `flow` and `offices`. The message "
        "names those that exclude each other.",
        """rules:
  - {id: A, when: customs_value > 5000 AND customs_value < 3000, lane: red}""",
        """rules:
  - {id: A, when: customs_value > 3000 AND customs_value < 5000, lane: red}""",
    ),
    "RT202": Code(
        "rule that always matches",
        "Every record meets it, whatever its values, those that are missing included.",
        """rules:
  - {id: A, when: duty_rate < 30 OR duty_rate >= 30 OR duty_rate IS NULL, lane: blue}""",
        """rules:
  - {id: A, when: duty_rate >= 30 OR duty_rate IS NULL, lane: blue}""",
    ),
    "RT203": Code(
        "rule that repeats another",
        "It matches exactly the records that an earlier rule matches, and sends them to the same lane. Where it is no "
        "slip, one rule can say both: as it is, matches and scores count twice.",
        """rules:
  - {id: A, when: "country_of_origin IN ('XA', 'XB') AND duty_rate >= 30", lane: red}
  - {id: B, when: "duty_rate >= 30 AND (country_of_origin = 'XB' OR country_of_origin = 'XA')", lane: red}""",
        """rules:
  - {id: A, when: "country_of_origin IN ('XA', 'XB') AND duty_rate >= 30", lane: red}
  - {id: B, when: "duty_rate >= 30 AND country_of_origin = 'XC'", lane: red}""",
    ),
    "RT204": Code(
        "rule that another covers",
        "Whatever it matches, the other rule matches too, and selects for the same lane or a more severe one: the "
        "other has a rate of 100, and is mandatory where this one is. So it changes no lane, only matches and scores. "
        "Of relief rules, the other keeps as little of a rate or less. Where the message says `but for relief`, some "
        "rule of the set grants relief: it cuts the rates of both, so that the two draws together can select a little "
        "more than the other alone.",
        """rules:
  - {id: A, when: commodity_code LIKE '87%', lane: red}
  - {id: B, when: commodity_code LIKE '8703%' AND customs_value < 5000, lane: yellow}""",
        """rules:
  - {id: A, when: commodity_code LIKE '87%', lane: yellow}
  - {id: B, when: commodity_code LIKE '8703%' AND customs_value < 5000, lane: red}""",
    ),
    "RT205": Code(
        "term that adds nothing",
        "The rule matches the same records without it, because its other conditions imply it: the message says which.",
        """rules:
  - {id: A, when: net_mass_kg > 100 AND net_mass_kg > 50, lane: red}""",
        """rules:
  - {id: A, when: net_mass_kg > 100 AND gross_mass_kg > 50, lane: red}""",
    ),
    "RT206": Code(
        "alternative that adds nothing",
        "An operand of OR that can never hold beside the other conditions, or that implies another operand.",
        """rules:
  - {id: A, when: commodity_code LIKE '87%' OR commodity_code LIKE '8703%', lane: red}""",
        """rules:
  - {id: A, when: commodity_code LIKE '87%' OR commodity_code LIKE '4011%', lane: red}""",
    ),
    "RT207": Code(
        "comparison that the type decides",
        "No value of the type can be so, or every value is: a threshold that cannot be reached, BETWEEN with its ends "
        "exchanged, a text that UPPER or LEFT cannot give.",
        """rules:
  - {id: A, when: MONTH(registration_ts) <= 12 AND duty_rate >= 30, lane: red}""",
        """rules:
  - {id: A, when: MONTH(registration_ts) < 12 AND duty_rate >= 30, lane: red}""",
    ),
    "RT208": Code(
        "value that the record type does not have",
        "The record type says what a field holds: one of a few words, a code of so many digits or capital letters. A "
        "condition asks for something else, which good data never have. Fields are compared letter by letter. Told too "
        "of a code without quotes in a test that lacks one digit: mostly a program has dropped the zero before it.",
        """rules:
  - {id: A, when: "country_of_origin = 'fr' AND duty_rate >= 30", lane: red}""",
        """rules:
  - {id: A, when: "country_of_origin = 'FR' AND duty_rate >= 30", lane: red}""",
    ),
    "RT209": Code(
        "never used",
        "A list, a table or a name of `let` that no rule reads. `--fix` deletes its entry, not its file.",
        """lists:
  watched: [XA, XB]
rules:
  - {id: A, when: duty_rate >= 30, lane: red}""",
        """lists:
  watched: [XA, XB]
rules:
  - {id: A, when: duty_rate >= 30 AND country_of_origin IN @watched, lane: red}""",
    ),
    "RT210": Code(
        "relief that relieves nothing",
        "`relief` is the percentage of its rate that every rule keeps: 100 changes no declaration.",
        """rules:
  - {id: A, when: importer_id = 'T-1', relief: 100}""",
        """rules:
  - {id: A, when: importer_id = 'T-1', relief: 10}""",
    ),
    # RT301-RT319: cost
    "RT301": Code(
        "rule past its last day",
        "Its `until` is before the day of --as-of, so that it costs time and matches nothing new. The status retired "
        "keeps it in the file without running it.",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red, valid: {until: 2023-12-31}}""",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red, valid: {until: 2023-12-31}, status: retired}""",
    ),
    # RT401-RT419: style
    "RT401": Code(
        "rule without tests",
        "Nothing says which records it must match and which it must not. Given only where --select names it.",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red}""",
        """rules:
  - id: A
    when: duty_rate >= 30
    lane: red
    tests:
      - {duty_rate: 30, expect: match}
      - {duty_rate: 29, expect: no match}""",
    ),
    "RT402": Code(
        "rule without a title",
        "The title is what officers and reports show of it. Given only where --select names it.",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red}""",
        """rules:
  - {id: A, title: Highly taxed goods, when: duty_rate >= 30, lane: red}""",
    ),
    "RT403": Code(
        "rule without a reason",
        "Neither `why` nor `source` says what it is there for. Given only where --select names it.",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red}""",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red, source: Notice 12/2024}""",
    ),
    "RT404": Code(
        "LIKE without a wildcard",
        "It asks for the whole text, as = does; mostly a % was forgotten.",
        """rules:
  - {id: A, when: commodity_code LIKE '8703231000', lane: red}""",
        """rules:
  - {id: A, when: commodity_code LIKE '870323%', lane: red}""",
    ),
    "RT405": Code(
        "value written twice",
        "In IN, in a list or its file, in `flow` or `offices`: the second has no effect, and may stand for one that is "
        "missing.",
        """rules:
  - {id: A, when: "country_of_origin IN ('XA', 'XB', 'XA')", lane: red}""",
        """rules:
  - {id: A, when: "country_of_origin IN ('XA', 'XB', 'XC')", lane: red}""",
    ),
    "RT406": Code(
        "IN with one value",
        "= says the same in fewer words. Given only where --select names it.",
        """rules:
  - {id: A, when: "country_of_origin IN ('XA')", lane: red}""",
        """rules:
  - {id: A, when: "country_of_origin = 'XA'", lane: red}""",
    ),
    "RT407": Code(
        "code without quotes",
        "This program reads it as the text that is written. Other programs that read YAML take it for a number, a word "
        "of logic or a time, and change it: 0309 becomes 309, NO becomes false, 1e5 becomes 100000, 12:30 becomes 750. "
        "`--fix` puts it in quotes.",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red, offices: [0309, 0301]}""",
        """rules:
  - {id: A, when: duty_rate >= 30, lane: red, offices: ['0309', '0301']}""",
    ),
    "RT408": Code(
        "text cut off at a #",
        "YAML ends a text without quotes before ` #` and drops what follows as a comment. Told of `title`, `why`, "
        "`owner` and `source` where a letter or a digit follows the # at once; a comment has a space there.",
        """rules:
  - id: A
    title: Importer #7 under investigation
    when: duty_rate >= 30
    lane: red""",
        """rules:
  - id: A
    title: 'Importer #7 under investigation'
    when: duty_rate >= 30
    lane: red""",
    ),
    "RT409": Code(
        "header that looks like a value",
        "The first line of a list file names the column and is no value of the list. Here it is written as the values "
        "are, so that the name may be missing and a value lost. Where it is the name, `column:` says so: "
        "{file: watched.csv, column: ID}.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: importer_id IN @watched, lane: red}
# file: watched.csv
IMP-1
IMP-2
IMP-3""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: importer_id IN @watched, lane: red}
# file: watched.csv
importer_id
IMP-1
IMP-2
IMP-3""",
    ),
    "RT410": Code(
        "blank around a value of a list",
        "A value of a list file begins or ends with a blank. It is text as written, so that it is never equal to the "
        "same value without the blank.",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: importer_id IN @watched, lane: red}
# file: watched.csv
importer_id
IMP-1
 IMP-3""",
        """# file: rules.yaml
ruleset: example
record: declaration-item
lists:
  watched: watched.csv
rules:
  - {id: A, when: importer_id IN @watched, lane: red}
# file: watched.csv
importer_id
IMP-1
IMP-3""",
    ),
}
ASKED_FOR = frozenset(["RT401", "RT402", "RT403", "RT406"])  # given only where ``--select`` names them
