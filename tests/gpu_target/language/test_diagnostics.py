"""Errors of predicates: the code, the first character of what is wrong, what was found, what to write."""

from __future__ import annotations

import pickle

import pytest

from gpu_target.language.diagnostics import DataError, Diagnostic, EmbeddedSource, RuleError, Source, Span, render
from gpu_target.language.parser import parse_predicate, parse_predicate_text

# predicate, code, column, a part of the message or the label, a part of the remedy
WRONG = [
    ("a == 1", "RT001", 3, "found ==", "write = to compare"),
    ("a = 1 && b", "RT001", 7, "found &&", "write AND"),
    ("a = 1 || b", "RT001", 7, "found ||", "write OR"),
    ("a % 2 = 1", "RT001", 3, "found `%`", "MOD(a, b)"),
    ("a = 1;", "RT001", 6, "found `;`", "leave it out"),
    ("a--1 = 2", "RT001", 2, "found --", "- -1"),
    ("a = 1 /* why */", "RT001", 7, "found /*", "#"),
    ("a =~ 'x'", "RT001", 3, "found =~", "LIKE"),
    ("a = “XA”", "RT001", 5, "found `“`", "write 'XA' with the straight quote '"),
    ("a\u00a0= 1", "RT001", 2, "U+00A0 (no-break space)", "plain space"),
    ("a ≥ 1", "RT001", 3, "found `≥`", "write >="),
    ("a = \x00", "RT001", 5, "U+0000", "double quotes"),
    ("a = '\ud800'", "RT001", 6, "U+D800", "the character itself"),
    ("a = 'XA", "RT002", 5, "no closing quote", "add the closing '"),
    ('"a = 1', "RT002", 1, "no closing quote", 'add the closing "'),
    ("a = 7kg", "RT003", 5, "found 7kg", "space after the number"),
    ("a = 7.", "RT003", 5, "found 7.", "write 7.0 or 7"),
    ("a = 2024.01.31", "RT003", 5, "found 2024.01.31", "DATE '2024-01-31'"),
    ("a = 1e999", "RT003", 5, "out of range", "within the range"),
    ("a = 0e99999999", "RT003", 5, "out of range", "within the range"),
    ("a = 1e-400", "RT003", 5, "out of range", "within the range"),
    ("a = " + "1" * 401, "RT003", 5, "401 characters", "fewer digits"),
    ("a =", "RT004", 4, "found the end of the text", "after ="),
    ("a = 1 AND\n", "RT004", 10, "found the end of the text", "after AND"),
    ("a b", "RT004", 3, "the name b cannot follow the name a", '"a b"'),
    ("a = 'it's'", "RT004", 9, "the name s", "'it''s"),
    ("a = 1 ADN b = 2", "RT004", 7, "found the name ADN", "did you mean AND?"),
    ("a ILIKE 'x'", "RT004", 3, "found the name ILIKE", "UPPER(column) LIKE"),
    ("a IN (1 2)", "RT004", 9, "expected an operator, a comma or )", "a comma between"),
    ("a IN (1,)", "RT004", 9, "found )", "after the comma"),
    ("a IN ()", "RT004", 6, "the list of IN is empty", "write the values"),
    ("a IN 'XA'", "RT004", 6, "found the text 'XA'", "IN ('XA')"),
    ("a IN high_risk", "RT004", 6, "found the name high_risk", "IN @high_risk"),
    ("()", "RT004", 2, "nothing between the parentheses", "between them"),
    ("(a, b) IN (1, 2)", "RT004", 3, "a comma cannot stand here", "AND or OR"),
    ("a OR OR b", "RT004", 6, "found OR", "leave OR out"),
    ("a = * b", "RT004", 5, "found *", "before *"),
    ("in = 5", "RT004", 1, "found in", '"in"'),
    ("+a > 1", "RT004", 1, "found +", "leave it out"),
    ("a NOT = 1", "RT004", 3, "found NOT and =", "<>"),
    ("a NOT NULL", "RT004", 3, "found NOT and NULL", "IS NOT NULL"),
    ("a = NOT b", "RT004", 5, "found NOT", "(NOT …)"),
    ("a BETWEEN 1 OR 2", "RT004", 13, "found OR, expected AND", "BETWEEN 1 AND …"),
    ("a IS TRUE", "RT004", 6, "found TRUE, expected NULL", "without IS TRUE"),
    ("a IS 'x'", "RT004", 6, "found the text 'x'", "write = 'x'"),
    ("datetime '2024-01-31' < a", "RT004", 10, "found the text", "TIMESTAMP '2024-01-31'"),
    ('"LEFT"(a, 1) = b', "RT004", 7, "found (", "without quotes"),
    ("CASE WHEN a", "RT004", 6, "found the name WHEN", "AND and OR"),
    ("a = 5 ESCAPE '!'", "RT004", 7, "found ESCAPE", "pattern of LIKE"),
    ("a.5 = 1", "RT004", 2, "found the number .5", 'a."5"'),
    ("(a = 1", "RT005", 1, "this ( is not closed", "add )"),
    ("x AND ((a = 1 OR b", "RT005", 8, "2 parentheses are not closed", "add )"),
    ("a = ABS(b", "RT005", 8, "this ( is not closed", "add )"),
    ("a = 1)", "RT005", 6, "closes nothing", "leave it out"),
    ("LENGHT(a) = 1", "RT006", 1, "no function `LENGHT`", "did you mean LENGTH"),
    ("SUBSTR(a, 1, 4) = '8703'", "RT006", 1, "no function `SUBSTR`", "did you mean LEFT"),
    ("a > NOW()", "RT006", 5, "no function `NOW`", "AS_OF"),
    ("DATE(a) = b", "RT006", 1, "no function `DATE`", "DATE '2024-01-31'"),
    ("zzz(a) = b", "RT006", 1, "expected one of MOD, ABS", "one of these functions"),
    ("MOD(a) = 1", "RT007", 1, "found 1, expected 2 arguments", "MOD(package_count, 12)"),
    ("ABS() = 1", "RT007", 1, "found 0, expected 1 argument", "ABS("),
    ("COALESCE(a) = 1", "RT007", 1, "found 1, expected 2 or more arguments", "COALESCE("),
    ("LEFT(a, -1) = 'x'", "RT007", 9, "found -1, expected a whole number", "LEFT(commodity_code, 4)"),
    ("LEFT(a, b) = 'x'", "RT007", 9, "found b, expected a whole number", "LEFT(commodity_code, 4)"),
    ("LEFT(a, 2.0) = 'x'", "RT007", 9, "found 2.0, expected a whole number", "LEFT(commodity_code, 4)"),
    ("CONTAINS_ANY(a, 'x')", "RT007", 17, "found 'x', expected a list", "@name"),
    ("a < b < c AND d", "RT008", 7, "found <", "write a < b AND b < c"),
    ("a = b IS NULL", "RT008", 7, "found IS", "write (a = b) IS NULL"),
    ("a IS NULL = b", "RT008", 11, "found =", "write (a IS NULL) = b"),
    ("a IN (1) + 2", "RT008", 10, "found +", "write (a IN (1)) + 2"),
    ("a = b NOT IN (1)", "RT008", 7, "found NOT", "write (a = b) NOT IN (1)"),
    ("a BETWEEN 1 AND 2 BETWEEN 3 AND 4", "RT008", 19, "found BETWEEN", "(a BETWEEN 1 AND 2) BETWEEN 3 AND …"),
    ("a = NULL", "RT009", 5, "found NULL", "write a IS NULL"),
    ("a + 1 <> NULL", "RT009", 10, "found NULL", "write a + 1 IS NOT NULL"),
    ("a IN (1, NULL)", "RT009", 10, "found NULL", "OR a IS NULL"),
    ("COALESCE(a, NULL) = 1", "RT009", 13, "found NULL", "leave NULL out"),
    ("NULL", "RT009", 1, "found NULL", "write IS NULL"),
    ("a = DATE '31/01/2024'", "RT010", 10, "expected year-month-day", "DATE '2024-01-31'"),
    ("a = DATE '2023-02-29'", "RT010", 10, "February 2023 has 28 days", "a day that exists"),
    ("a = DATE '2024-13-01'", "RT010", 10, "there is no month 13", "a day that exists"),
    ("a = DATE '0000-01-01'", "RT010", 10, "from 0001 to 9999", "a day that exists"),
    ("a = DATE '9999-12-32'", "RT010", 10, "December 9999 has 31 days", "a day that exists"),
    ("a = DATE '2024-01-31 08:00:00'", "RT010", 10, "not a date", "TIMESTAMP"),
    ("a = TIMESTAMP '2024-01-31'", "RT010", 15, "not a timestamp", "TIMESTAMP '2024-01-31 00:00:00'"),
    ("a = TIMESTAMP '2024-01-31 08:00'", "RT010", 15, "not a timestamp", "'2024-01-31 08:00:00'"),
    ("a = TIMESTAMP '2024-01-31 08:00:00Z'", "RT010", 15, "not a timestamp", "time zone out"),
    ("a = TIMESTAMP '2024-01-31 08:00:00.1234567890'", "RT010", 15, "not a timestamp", "nine digits"),
    ("a = TIMESTAMP '2024-01-31 24:00:00'", "RT010", 15, "23:59:59", "the next day"),
    ("a = TIMESTAMP '2024-02-30 08:00:00'", "RT010", 15, "February 2024 has 29 days", "a day that exists"),
    ("a LIKE b", "RT011", 8, "found the name b", "compare columns with ="),
    ("a = IMP-3A", "RT003", 9, "found 3A", "'IMP-3A'"),
    ("a LIKE 0203%", "RT011", 8, "found the number 0203", "LIKE '0203%'"),
    ("a LIKE 8703", "RT011", 8, "found the number 8703", "LIKE '8703%'"),
    ("a LIKE 'x''!' ESCAPE '!'", "RT011", 12, "ends in its escape character", "!!"),
    ("a LIKE '!%!b' ESCAPE '!'", "RT011", 11, "stands before b", "!!"),
    ("a LIKE 'x' ESCAPE '!!'", "RT011", 19, "found the text '!!'", "ESCAPE '!'"),
    ("a LIKE 'x' ESCAPE ''", "RT011", 19, "one character", "ESCAPE '!'"),
    ("a LIKE 'x' ESCAPE", "RT011", 18, "found the end of the text", "ESCAPE '!'"),
    ("a = @high", "RT012", 5, "found @high", "write IN @high"),
    ("a IN (@high, @low)", "RT012", 7, "found @high", "IN @high"),
    ("CONTAINS(a, @high)", "RT012", 13, "found @high", "CONTAINS_ANY(column, @high)"),
    ("a IN @ high", "RT012", 6, "right after @", "IN @name"),
    ("a.b.c = 1", "RT013", 4, "found a third part, the name c", '"a.b"'),
    ("a. = 1", "RT013", 4, "found =", "a.column"),
    ("a.in = 1", "RT013", 3, "found in", 'a."in"'),
    ('"" = 1', "RT013", 1, "cannot be empty", "map"),
    ("(" * 201 + "a" + ")" * 201, "RT014", 201, "nested too deeply", "`let`"),
    ("a" + " + a" * 257 + " = 1", "RT014", 1, "at most 256", "`let`"),
    ("a = '" + "x" * (1 << 20) + "'", "RT015", (1 << 20) + 1, "1,048,582 bytes", "`lists`"),
    ("", "RT016", 1, "found nothing", "TRUE"),
    (" \n ", "RT016", 1, "found nothing", "TRUE"),
]  # fmt: skip


def errors_of(text: str) -> list[Diagnostic]:
    errors: list[Diagnostic] = []
    assert parse_predicate(Source("rules.yaml", text), errors=errors) is None
    return errors


@pytest.mark.parametrize(("text", "code", "column", "found", "remedy"), WRONG, ids=[each[0][:30] for each in WRONG])
def test_an_error_says_what_where_and_what_to_write(text: str, code: str, column: int, found: str, remedy: str) -> None:
    first = errors_of(text)[0]
    assert (first.code, first.location()) == (code, ("rules.yaml", 1, column))
    assert found in f"{first.message}; {first.label}"
    assert remedy in first.remedy


def test_every_code_of_predicates_is_provoked_here() -> None:
    assert {code for _, code, _, _, _ in WRONG} == {f"RT{number:03d}" for number in range(1, 17)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a == 1 AND b = NULL OR LENGHT(c) = 1 AND d IN ()",
            [("RT001", 3), ("RT009", 16), ("RT006", 24), ("RT004", 47)],
        ),
        ("(a < b < c) AND (d = ) AND e LIKE 5", [("RT008", 8), ("RT004", 22), ("RT011", 35)]),
        ("MOD(a b, 2) = 1 AND COALESCE(, 1) = c", [("RT004", 7), ("RT004", 30)]),
        ("x = DATE '2023-02-29' OR y = 7x OR z IN (1, NULL, 2)", [("RT010", 10), ("RT003", 30), ("RT009", 45)]),
        ("(a = 1 AND b = 'open", [("RT002", 16)]),
    ],
)
def test_several_errors_of_one_predicate_are_found_in_one_pass(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(each.code, each.span.start + 1) for each in errors_of(text) if each.span] == expected


def test_after_twenty_errors_the_last_one_says_that_the_rest_was_not_checked() -> None:
    errors = errors_of(" OR ".join(["a = NULL"] * 50))
    assert len(errors) == 20
    assert "was not checked" in errors[-1].notes[0]
    assert not any(each.notes for each in errors[:-1])


def test_an_error_is_shown_with_its_line_and_a_caret() -> None:
    text = "flow = 'IM'\nAND origin == 'XA'"
    assert render(errors_of(text)[0]) == "\n".join(
        [
            "error[RT001]: `==` is not an operator here",
            " --> rules.yaml:2:12",
            "  |",
            "2 | AND origin == 'XA'",
            "  |            ^^ found ==",
            "  = do: write = to compare",
        ]
    )


def test_an_error_of_an_embedded_text_is_shown_where_the_file_has_it() -> None:
    file = Source("rules.yaml", "when: >\n  a = 1\n  AND b == 2\n")
    text = "a = 1 AND b == 2\n"
    places = [*range(10, 15), 15, *range(18, 28), 28, 29]
    errors: list[Diagnostic] = []
    assert parse_predicate(EmbeddedSource(file, text, lambda: places), errors=errors) is None
    assert [each.location() for each in errors] == [("rules.yaml", 3, 9)]


def test_a_name_in_double_quotes_where_a_text_may_be_meant_is_a_name() -> None:
    assert parse_predicate_text('origin = "XA"')


def test_the_exception_carries_every_error_and_shows_them() -> None:
    with pytest.raises(RuleError) as raised:
        parse_predicate_text("a == 1 AND b = NULL", "when")
    assert [each.code for each in raised.value.diagnostics] == ["RT001", "RT009"]
    assert "--> when:1:16" in str(raised.value)
    assert raised.value.exit_code == 2


def test_a_diagnostic_needs_a_code_of_the_table() -> None:
    with pytest.raises(KeyError, match="RT999"):
        Diagnostic("RT999", "nothing")


def test_a_diagnostic_as_data_names_file_line_and_column() -> None:
    span = Span(Source("a.yaml", "x\nyz"), 3, 4)
    assert Diagnostic("RT004", "m", span, "found", "write").as_dict() == {
        "code": "RT004", "message": "m", "file": "a.yaml", "line": 2, "column": 2, "end_line": 2, "end_column": 3,
        "label": "found", "remedy": "write",
    }  # fmt: skip


def test_an_exception_that_comes_from_another_process_still_has_its_diagnostics() -> None:
    first = Diagnostic("DT153", "row 3 has no value", place="a.parquet", remedy="fill it", notes=("one",))
    error = DataError(first, Diagnostic("DT151", "no column"))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is DataError
    assert again.diagnostics == error.diagnostics
    assert str(again) == str(error)
