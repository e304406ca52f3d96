"""The words of syntax errors: what was found, and what to write instead."""

from __future__ import annotations

from gpu_target.language.lexer import KEYWORDS
from gpu_target.language.literals import shorten, unquote
from gpu_target.language.operators import FUNCTIONS, Function
from gpu_target.language.suggest import nearest

OPERAND = "a column, a value, a function or ("
SPLIT = "name a part of it under `let` and write that name"

_OTHER_FUNCTIONS = {
    "substr": "LEFT", "substring": "LEFT", "mid": "LEFT", "len": "LENGTH", "char_length": "LENGTH",
    "character_length": "LENGTH", "strlen": "LENGTH", "ifnull": "COALESCE", "isnull": "COALESCE", "nvl": "COALESCE",
    "min": "LEAST", "max": "GREATEST", "ucase": "UPPER", "lower": "UPPER", "lcase": "UPPER", "dayofweek": "WEEKDAY",
    "isodow": "WEEKDAY", "dayofmonth": "DAY", "modulo": "MOD", "has": "CONTAINS", "list_contains": "CONTAINS",
    "array_contains": "CONTAINS", "list_has_any": "CONTAINS_ANY",
}  # fmt: skip
_OTHER_REMEDIES = {
    "date": "a date is written DATE '2024-01-31'; a timestamp is compared with a date as it is",
    "timestamp": "a timestamp is written TIMESTAMP '2024-01-31 08:00:00'",
    "now": "write AS_OF for the day given with --as-of",
    "today": "write AS_OF for the day given with --as-of",
    "current_date": "write AS_OF for the day given with --as-of",
    "current_timestamp": "write AS_OF for the day given with --as-of",
    "getdate": "write AS_OF for the day given with --as-of",
    "datediff": "subtract: b - a is the number of days",
    "right": "write LIKE '%ending'",
    "starts_with": "write LIKE 'beginning%'",
    "startswith": "write LIKE 'beginning%'",
    "ends_with": "write LIKE '%ending'",
    "cast": "types are not converted; compare with a value of the column's own type",
    "nullif": "write a <> b AND … instead",
    "round": "compare with the limits: x >= 0.5 AND x < 1.5",
    "count": "a rule sees one row; sums and counts over rows are not available",
    "sum": "a rule sees one row; sums and counts over rows are not available",
    "avg": "a rule sees one row; sums and counts over rows are not available",
    "exists": "a rule sees one row; look values up with `tables`",
    "if": "write the cases with AND and OR",
    "iif": "write the cases with AND and OR",
}
_OTHER_WORDS = {
    "case": "write the cases with AND and OR",
    "select": "a rule sees one row; look values up with `tables` and lists with IN @name",
    "where": "write the condition alone",
    "ilike": "write UPPER(column) LIKE 'TEXT%'",
    "rlike": "write LIKE with % and _",
    "regexp": "write LIKE with % and _",
    "similar": "write LIKE with % and _",
    "glob": "write LIKE with % and _",
    "interval": "add and subtract days as numbers: a - b > 30",
    "equals": "write =",
    "eq": "write =",
    "is_null": "write IS NULL",
    "isnull": "write IS NULL",
    "notnull": "write IS NOT NULL",
    "xor": "write <> between two conditions in parentheses",
    "mod": "write MOD(a, b)",
    "div": "write /",
    "contains": "write CONTAINS(column, 'value')",
    "starts": "write LIKE 'beginning%'",
    "collate": "texts are compared by their UTF-8 bytes",
}
_OPERATOR_WORDS = ("AND", "OR", "IN", "IS", "LIKE", "BETWEEN", "ESCAPE", "NOT")


def describe(kind: str, text: str) -> str:
    """What stands there, for a message."""
    shown = shorten(text)
    match kind:
        case "name" | "quoted":
            return f"the name {shown}"
        case "number":
            return f"the number {shown}"
        case "string":
            return f"the text {shown}"
        case "end":
            return "the end of the text"
        case ",":
            return "a comma"
        case _:
            return shown


def unknown_function(name: str) -> tuple[str, str, str]:
    """Message, label and remedy for a function that does not exist."""
    word = shorten(name)
    near = nearest(name, FUNCTIONS, _OTHER_FUNCTIONS)
    label = f"found {word}, expected one of {', '.join(FUNCTIONS)}"
    if name.lower() in _OTHER_REMEDIES:
        remedy = _OTHER_REMEDIES[name.lower()]
    elif near:
        remedy = f"did you mean {near}, {usage(FUNCTIONS[near])}?"
    else:
        remedy = "write one of these functions, or an operator after a column's name"
    return f"there is no function `{word}`", label, remedy


def usage(function: Function) -> str:
    """``such as MOD(package_count, 12) = 3``."""
    return f"such as {function.example.predicate}"


def name_remedy(table: str, kind: str, text: str) -> str:
    """What to write where a column's name should follow ``table.``."""
    if kind in KEYWORDS:
        return f'{text} is a word of the language; a column of that name stands in double quotes: {table}."{text}"'
    if kind in ("number", "bad"):
        return f'a name that begins with a digit stands in double quotes: {table}."2nd"'
    return f"write {table}.column"


def list_remedy(name: str, around: str, function: str) -> str:
    """What to write instead of ``@name`` where a value is expected; ``around`` is what is open there."""
    if around == "in":
        return f"leave out the parentheses, IN @{name}; combine several lists with OR"
    if function == "CONTAINS":
        return f"write CONTAINS_ANY(column, @{name})"
    if around == "=":
        return f"write IN @{name}"
    if around == "<>":
        return f"write NOT IN @{name}"
    return f"write column IN @{name}"


def null_remedy(waiting: str, left: str) -> str:
    """What to write instead of NULL as a value; ``left`` is the text of the waiting operator's left side."""
    if waiting == "=":
        return f"write {left} IS NULL"
    if waiting == "<>":
        return f"write {left} IS NOT NULL"
    if waiting == "in":
        return f"leave NULL out of the list and write OR {left} IS NULL"
    if waiting == "call":
        return "leave NULL out, or write a value"
    return "write IS NULL"


def missing_operand(kind: str, text: str, before: str) -> tuple[str, str]:
    """Message and remedy where an operand must stand and the token ``kind`` does; ``before`` is the one before."""
    before = "the comma" if before == "," else before
    if kind == "end":
        return "the condition breaks off", f"write what belongs after {before}"
    if kind == ")":
        empty = before == "("
        return (
            ("there is nothing between the parentheses", "write a condition or a value between them")
            if empty
            else ("something is missing before )", f"write what belongs after {before}, or leave {before} out")
        )
    if kind == "+":
        return "+ cannot stand before a value", "leave it out"
    if kind not in KEYWORDS:
        return (
            f"a value is missing before {describe(kind, text)}",
            f"write a column or a value before {describe(kind, text)}",
        )
    if kind in ("AND", "OR"):
        return f"a condition is missing before {kind}", f"write a condition before {kind}, or leave {kind} out"
    remedy = f'write a column or a value before {text}; a column called {text} stands in double quotes: "{text}"'
    return f"a value is missing before {text.upper()}", remedy


def unexpected(kind: str, text: str, kind_before: str, text_before: str, adjacent: bool, in_list: bool) -> str:
    """What to write where an operand is complete and neither an operator nor the end follows."""
    if kind_before == "string" and adjacent and kind in ("name", "number"):
        if any(f" {word} " in text_before for word in ("AND", "OR", "=", "IN", "LIKE")):  # the text ran on
            return f"add the closing ' to the text that begins with {text_before[:10].split(' ')[0]}"
        return f"a quote inside a text is written twice: {text_before[:-1][:40]}''{text[:20]}…'"
    for word in (text, text_before) if kind_before == "name" else (text,):
        if word.lower() in _OTHER_WORDS:
            return _OTHER_WORDS[word.lower()]
    if kind == "NULL":
        return "write IS NULL"
    if kind == "(" and kind_before == "quoted":
        return "functions are written without quotes"
    if kind == "string" and kind_before == "name" and len(text_before) > 3:
        near = nearest(text_before, ("DATE", "TIMESTAMP"), {"datetime": "TIMESTAMP", "time": "TIMESTAMP"})
        if near:
            return f"did you mean {near} {shorten(text)}?"
    near = nearest(text, _OPERATOR_WORDS) if kind == "name" else None
    if near:
        return f"did you mean {near}?"
    if kind == "ESCAPE":
        return "ESCAPE follows the pattern of LIKE"
    if kind == "name" and kind_before == "name":
        return f'write an operator between them; a name with a space stands in double quotes: "{text_before} {text}"'
    if kind == "number" and text.startswith(".") and kind_before in ("name", "quoted"):
        return f'a name that begins with a digit stands in double quotes: {text_before}."{text[1:]}"'
    if in_list:
        return "write a comma between two values"
    return "write AND or OR between two conditions, or an operator such as = or IN between two values"


def in_remedy(kind: str, text: str) -> str:
    """What to write after IN instead of ``text``."""
    if kind == "name":
        return f"write IN @{text} for a list of the rule set, or = {text} for a column"
    if kind == "quoted":
        return f"write IN ('{unquote(text)}') for a text"
    if kind in ("string", "number"):
        return f"write IN ({shorten(text)})"
    return "write IN ('XA', 'XB') or IN @name"


def comma_remedy(before: str, after: str) -> str:
    """What to write for a number with a comma in it: thousands come in threes, anything else is a fraction."""
    if len(after) == 3 and after.isdigit():
        return f"write {before}{after}: numbers have no thousands separators"
    return f"write {before}.{after}: numbers have a decimal point"


def like_remedy(kind: str, text: str) -> str:
    """What to write after LIKE instead of ``text``."""
    if kind == "number":
        return f"write LIKE '{shorten(text)}%'"
    if kind == "quoted":
        return f"write LIKE '{unquote(text)}': a text stands in single quotes, double quotes are for names"
    if kind == "name":
        return "a pattern is written out, it cannot be a column; compare columns with ="
    return "write LIKE '8703%'"


def is_remedy(kind: str, text: str) -> str:
    """What to write instead of IS with something other than NULL after it."""
    if kind == "TRUE":
        return "write the condition by itself, without IS TRUE"
    if kind == "FALSE":
        return "write NOT before the condition, without IS FALSE"
    if kind in ("name", "quoted", "number", "string"):
        return f"write = {shorten(text)}, or IS NULL"
    return "write IS NULL or IS NOT NULL"


def not_remedy(kind: str, text: str) -> str:
    """What to write instead of NOT after an operand, where ``text`` follows."""
    if kind == "NULL":
        return "write IS NOT NULL"
    if kind == "=":
        return "write <> for not equal"
    if kind == "IS":
        return "write IS NOT NULL"
    return "write NOT before the condition, or AND between two conditions"


def expected_after(in_bracket: bool, bracket: str) -> str:
    """What can stand after a complete condition; ``bracket`` is the innermost that is open."""
    if not in_bracket:
        return "AND, OR or the end"
    return "AND, OR or )" if bracket == "(" else "a comma or )"
