"""Values that a condition asks for and that the record type does not have: words of a few, codes of another form.

The record type says what a field holds, and data may still hold something else: so this is told as what it is, and no
verdict about a rule rests on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gpu_target.findings.finding import Finding, about_rule, place_of, text_of
from gpu_target.findings.style import Located
from gpu_target.findings.texts import ANY, Token, tokens_of
from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic
from gpu_target.language.model import Rule, RuleSet, Scalar
from gpu_target.language.record import RECORD_TYPES, RecordType
from gpu_target.language.suggest import nearest
from gpu_target.language.trees import walk

DIGITS, CAPITALS = frozenset("0123456789"), frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
FORMS = {
    "ISO 3166": (2, CAPITALS, "two capital letters (ISO 3166)"),
    "ISO 4217": (3, CAPITALS, "three capital letters (ISO 4217)"),
    "HS6 + 4 national": (10, DIGITS, "ten digits"),
}
RANGE = re.compile(r"([0-9]+) to ([0-9]+)")


class Values(NamedTuple):
    """What a field holds: ``words``, or texts of ``length`` signs of an alphabet, or whole numbers of a range."""

    said: str
    words: tuple[str, ...] = ()
    length: int = 0
    alphabet: frozenset[str] = frozenset()
    numbers: range | None = None

    def has(self, text: str) -> bool:
        """Whether it is one of them; an empty text is asked for to find what is missing."""
        if not text or self.numbers is not None:
            return True
        if self.words:
            return text in self.words
        return len(text) == self.length and self.alphabet.issuperset(text)

    def may_fit(self, tokens: Sequence[Token]) -> bool:
        """Whether one of them may fit a LIKE pattern."""
        if self.numbers is not None or self.words:
            return True
        signs = [token for token in tokens if token != ANY]
        known = all(token.wild or token.character in self.alphabet for token in signs)
        return known and (len(signs) <= self.length if ANY in tokens else len(signs) == self.length)


def values_of(record: RecordType) -> dict[str, Values]:
    """What the fields hold whose description says so."""
    found: dict[str, Values] = {}
    for field in record.described:
        numbers = RANGE.fullmatch(field.unit)
        if field.unit in FORMS:
            length, alphabet, said = FORMS[field.unit]
            found[field.name] = Values(said, length=length, alphabet=alphabet)
        elif numbers:
            found[field.name] = Values(field.unit, numbers=range(int(numbers[1]), int(numbers[2]) + 1))
        elif ", " in field.unit:
            found[field.name] = Values(field.unit, words=tuple(field.unit.split(", ")))
    return found


def outside(ruleset: RuleSet, located: Located) -> list[Finding]:
    """RT208 of a rule set that names its record type; of a retired rule nothing is told."""
    if ruleset.record is None:
        return []
    record = RECORD_TYPES[ruleset.record]
    fields = {name: each for name, each in values_of(record).items() if name not in ruleset.let}
    found: list[Finding] = []
    known: dict[int, bool] = {}  # by the identity of trees that rules share
    for rule in ruleset.rules:
        if rule.status == "retired":
            continue
        tree = rule.when.tree
        parts = tree.operands if isinstance(tree, ast.And) else (tree,)
        if any([_is_suspect(each, fields, ruleset, known) for each in parts]):
            for each in walk(located(rule)):
                for place, value, name in _wrong(each, fields, ruleset):
                    found.append(_told(rule, place, value, name, fields[name]))
        found += _of_keys(rule, record, fields)
        found += _of_tests(rule, fields)
    return found


def _is_suspect(tree: ast.Expr, fields: Mapping[str, Values], ruleset: RuleSet, known: dict[int, bool]) -> bool:
    if id(tree) not in known:
        known[id(tree)] = any(any(_wrong(each, fields, ruleset)) for each in walk(tree))
    return known[id(tree)]


def _wrong(tree: ast.Expr, fields: Mapping[str, Values], ruleset: RuleSet) -> Iterator[tuple[ast.Expr, str, str]]:
    """Values in a comparison that its field does not have: where, what, and the field."""
    if isinstance(tree, ast.Like):
        name = tree.operand.name if isinstance(tree.operand, ast.Name) else ""
        if name in fields and not fields[name].may_fit(tokens_of(tree.pattern, tree.escape)):
            yield tree, tree.pattern, name
        return
    items: Sequence[ast.Expr]
    if isinstance(tree, ast.Compare) and tree.operator in ("=", "<>"):
        sides = (tree.left, tree.right) if isinstance(tree.left, ast.Name) else (tree.right, tree.left)
        operand, items = sides[0], sides[1:]
    elif isinstance(tree, ast.In):
        operand, items = tree.operand, () if isinstance(tree.items, ast.ListName) else tree.items
    else:
        return
    if not isinstance(operand, ast.Name) or operand.name not in fields:
        return
    values = fields[operand.name]
    if isinstance(tree, ast.In) and isinstance(tree.items, ast.ListName):
        listed = ruleset.lists[tree.items.name]
        if listed.spans is not None:
            wrong = next((each for each in listed.values.to_pylist() if not values.has(each)), None)
            if wrong is not None:
                yield tree.items, wrong, operand.name
    for item in items:
        if isinstance(item, ast.String) and not values.has(item.value):
            yield item, item.value, operand.name
        elif isinstance(item, ast.Number) and values.numbers is not None and float(item.text) not in values.numbers:
            yield item, item.text, operand.name


def _told(rule: Rule, tree: ast.Expr, value: str, name: str, values: Values) -> Finding:
    guess = _guess(value, values)
    inside = f", which stands in `{text_of(rule, tree)}`" if isinstance(tree, ast.ListName) else ""
    verb = "fits" if isinstance(tree, ast.Like) else "holds"
    quoted = guess if guess and guess.startswith("LIKE") else f"'{guess}'"
    return about_rule(
        "RT208", f"`{name}` never {verb} `{value}`{inside}", rule, place_of(rule, tree),
        f"expected {values.said}", f"did you mean {quoted}?" if guess else "write a value that the field has",
    )  # fmt: skip


def _guess(value: str, values: Values) -> str | None:
    if values.words:
        same = [word for word in values.words if word.lower() == value.lower()]
        return same[0] if same else nearest(value, values.words)
    if values.numbers is not None:
        return None
    digits = re.sub(r"[ .-]", "", value)
    if values.alphabet == DIGITS and digits != value and DIGITS.issuperset(digits.rstrip("%_")):
        return digits
    if values.alphabet == DIGITS and DIGITS.issuperset(value) and len(value) < values.length:
        return f"LIKE '{value}%'"
    return value.upper() if values.has(value.upper()) else None


def _of_keys(rule: Rule, record: RecordType, fields: Mapping[str, Values]) -> Iterator[Finding]:
    for key, column, scalars in (("flow", record.flow, rule.flow), ("offices", record.office, rule.offices)):
        if column is not None and column in fields:
            for scalar in scalars:
                if not fields[column].has(scalar.text):
                    guess = _guess(scalar.text, fields[column])
                    remedy = f"did you mean {guess}?" if guess else "write a value that the field has"
                    message = f"`{column}` never holds `{scalar.text}`, which `{key}` of `{rule.id}` names"
                    label = f"expected {fields[column].said}"
                    yield Finding(Diagnostic("RT208", message, scalar.span, label, remedy), rule.id)


def _of_tests(rule: Rule, fields: Mapping[str, Values]) -> Iterator[Finding]:
    """A code without quotes that lacks one digit: a program that took it for a number has dropped the zero before it.

    Shorter ones are left alone, for a test may write no more of a code than its rule reads.
    """
    for number, test in enumerate(rule.tests, 1):
        for column, scalar in test.values.items():
            if not isinstance(scalar, Scalar) or scalar.span is None or column not in fields:
                continue
            values = fields[column]
            lacks_one = values.alphabet == DIGITS and len(scalar.text) == values.length - 1
            if lacks_one and DIGITS.issuperset(scalar.text) and _is_bare(scalar):
                message = f"`{column}` never holds `{scalar.text}`, which test {number} of `{rule.id}` gives"
                remedy = f"did you mean '0{scalar.text}'?"
                yield Finding(Diagnostic("RT208", message, scalar.span, f"expected {values.said}", remedy), rule.id)


def _is_bare(scalar: Scalar) -> bool:
    assert scalar.span is not None
    source, start, end = scalar.span.source.resolve(scalar.span.start, scalar.span.end)
    return source.text[start:end] == scalar.text
