"""The codes of what is wrong with rule files, their YAML and their structure: RT020 to RT034."""

from __future__ import annotations

from gpu_target.language.codes.code import Code

FILE_CODES: dict[str, Code] = {
    "RT020": Code(
        "no such rule file",
        "Rules are a YAML file, or a folder with *.yaml files; both must be readable.",
        """$ gpu-target rules check rule.yaml
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """$ gpu-target rules check rules.yaml
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT021": Code(
        "folder without rules",
        "A folder that is a rule set has at least one *.yaml file.",
        """$ gpu-target rules check rules
# file: rules/notes.txt
nothing yet""",
        """$ gpu-target rules check rules
# file: rules/imports.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT022": Code(
        "rule file with another ending",
        "Only *.yaml is read; a file left out must not go unnoticed.",
        """$ gpu-target rules check rules
# file: rules/imports.yml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """$ gpu-target rules check rules
# file: rules/imports.yaml
ruleset: example
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT023": Code(
        "rule file is not UTF-8",
        "The message names the first byte that is not, with its line and column.",
    ),
    "RT024": Code(
        "character not allowed",
        "NUL, control characters, and line breaks that editors do not show.",
    ),
    "RT025": Code(
        "not YAML",
        "The YAML parser cannot go on; the message says what it met and what to write.",
        """rules:
  - id: A
    when: customs_value > 1000
    title: Cars: undervalued
    lane: red""",
        """rules:
  - id: A
    when: customs_value > 1000
    title: 'Cars: undervalued'
    lane: red""",
    ),
    "RT026": Code(
        "tab in the indentation",
        "YAML is indented with spaces.",
        "rules:\n\t- {id: A, when: customs_value > 1000, lane: red}",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT027": Code(
        "second YAML document",
        "One file holds one document; a rule set of several files is a folder.",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}
---
ruleset: other
record: declaration-item
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT028": Code(
        "alias, anchor or tag",
        "What is read is what is seen, and small files stay small.",
        """rules:
  - {id: A, when: &large customs_value > 1000, lane: red}
  - {id: B, when: *large, lane: blue}""",
        """let:
  large: customs_value > 1000
rules:
  - {id: A, when: large AND duty_rate > 30, lane: red}
  - {id: B, when: large AND duty_rate < 2.5, lane: blue}""",
    ),
    "RT029": Code(
        "YAML nested too deeply",
        "Mappings and lists stand at most 40 deep inside one another.",
        """lists:
  watched: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[XA]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
        """lists:
  watched: [XA]
rules:
  - {id: A, when: country_of_origin IN @watched, lane: red}""",
    ),
    "RT030": Code(
        "duplicate key",
        "A key stands once in its mapping; the second would silently replace the first.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    lane: yellow""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red""",
    ),
    "RT031": Code(
        "unknown key",
        "The keys are those of the published JSON Schema; the message names the nearest.",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    tittle: Large values""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red
    title: Large values""",
    ),
    "RT032": Code(
        "missing key",
        "ruleset and rules; per rule id, when, and lane or relief; per test expect.",
        """rules:
  - {when: customs_value > 1000, lane: red}""",
        """rules:
  - {id: A, when: customs_value > 1000, lane: red}""",
    ),
    "RT033": Code(
        "value of the wrong kind",
        "A value, a list or a mapping stands where another of them was expected.",
        """rules:
  - id: A
    when: [customs_value > 1000, duty_rate > 30]
    lane: red""",
        """rules:
  - id: A
    when: customs_value > 1000 AND duty_rate > 30
    lane: red""",
    ),
    "RT034": Code(
        "empty",
        "The key is there, its value is not.",
        """rules:
  - id: A
    when:
    lane: red""",
        """rules:
  - id: A
    when: customs_value > 1000
    lane: red""",
    ),
}
