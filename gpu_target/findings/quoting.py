"""Codes without quotes that other programs would change.

Here a value is text as it is written. Most programs that read YAML guess its type instead: those of YAML 1.1 take
``NO`` for false and ``12:30`` for 750, those of YAML 1.2 ``0309`` for 309 and ``1e5`` for 100000. Told are the values
that meet a text column and that one of them would write back otherwise; a code such as ``309`` survives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa

from gpu_target.columns.expressions import family
from gpu_target.findings.finding import Finding, Mend
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import RuleSet, Scalar

LOGIC = re.compile(r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF")
TRUE = frozenset(["yes", "true", "on"])
ONE = re.compile(r"[-+]?(0|[1-9][0-9_]*)")  # whole numbers of YAML 1.1
OCTAL = re.compile(r"[-+]?0[0-7_]+|0o[0-7]+")
BINARY = re.compile(r"[-+]?0b[01_]+")
HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F_]+")
SIXTIES = re.compile(r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
WHOLE = re.compile(r"[-+]?[0-9]+")  # of YAML 1.2
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
STRANGE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
LONGEST = 40  # characters of what could be a number


def unquoted(ruleset: RuleSet, types: Mapping[str, pa.DataType], roles: Mapping[str, str]) -> list[Finding]:
    """RT407: of the ids, of ``flow`` and ``offices``, of lists and of tests, where they meet text."""

    def is_text(column: str | None) -> bool:
        return column is not None and column in types and family(types[column]) == "text"

    def holds_text(column: str) -> bool:
        type_ = types.get(column)
        return type_ is not None and family(type_) == "list" and family(type_.value_type) == "text"

    found: list[Finding] = []
    for rule in ruleset.rules:
        if rule.status == "retired":
            continue
        scalars: list[Scalar] = [Scalar(rule.id, rule.span)] if rule.span else []
        scalars += rule.flow if is_text(roles.get("flow")) else ()
        scalars += rule.offices if is_text(roles.get("office")) else ()
        for test in rule.tests:
            for column, value in test.values.items():
                if isinstance(value, Scalar) and is_text(column):
                    scalars.append(value)
                elif not isinstance(value, Scalar) and holds_text(column):
                    scalars += value
        found += (each for scalar in scalars if scalar.span for each in _told(scalar.text, scalar.span, rule.id))
    return found


def unquoted_in_lists(ruleset: RuleSet, is_text: Callable[[str], bool]) -> list[Finding]:
    """RT407 in the lists that stand in rule files and that ``is_text`` says meet text."""
    found: list[Finding] = []
    for values in ruleset.lists.values():
        if values.spans is not None and is_text(values.name):
            for text, span in zip(values.values.to_pylist(), values.spans, strict=True):
                found += _told(text, span, "")
    return found


def _told(text: str, span: Span, rule: str) -> Iterator[Finding]:
    if not (text[:1] in ".+-~yYnNtTfFoO" or text[:1].isdigit()):
        return
    source, start, end = span.source.resolve(span.start, span.end)
    if source.text[start:end] != text:
        return  # in quotes, or the cell of a decision table
    other = read_otherwise(text)
    if other is None:
        return
    quoted = "'" + text.replace("'", "''") + "'"
    yield Finding(
        Diagnostic("RT407", f"other programs read {text} as {other}", span, "a code without quotes",
                   f"write {quoted} (--fix does)"),
        rule, mend=Mend(f"put {text} in quotes", span, quoted),
    )  # fmt: skip


def read_otherwise(text: str) -> str | None:
    """What a reader of YAML makes of a plain text and writes back otherwise; None where all keep it."""
    if LOGIC.fullmatch(text):
        return None if text in ("true", "false") else "true" if text.lower() in TRUE else "false"
    if len(text) > LONGEST or not text.isascii():
        return None
    for pattern, read in READERS:
        if pattern.fullmatch(text):
            found = read(text)
            return None if found == text else found
    return None


def _whole(text: str, base: int) -> str:
    digits = text.replace("_", "").lstrip("+-")
    digits = digits[2:] if base != 8 or digits.startswith("0o") else digits
    return ("-" if text.startswith("-") else "") + str(int(digits or "0", base))


def _sixties(text: str) -> str:
    number = 0.0
    for part in text.replace("_", "").lstrip("+-").split(":"):
        number = number * 60 + float(part)
    return f"{-number if text.startswith('-') else number:g}"


def _number(text: str) -> str:
    number = float(text)
    return str(int(number)) if number.is_integer() and abs(number) < 1e16 else repr(number)


READERS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (HEXADECIMAL, lambda text: _whole(text, 16)),
    (BINARY, lambda text: _whole(text, 2)),
    (OCTAL, lambda text: _whole(text, 8)),
    (ONE, lambda text: str(int(text.replace("_", "")))),
    (WHOLE, lambda text: str(int(text))),
    (SIXTIES, _sixties),
    (FLOAT, _number),
    (STRANGE, lambda text: "a number that is none" if text[-1:].lower() == "n" else "infinity"),
)
