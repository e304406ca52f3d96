"""From the text of a predicate to its tree.

An operator-precedence parser with a stack of its own: a chain of 10,000 ANDs or 200 parentheses need no recursion.
What is open (an operator that waits for its right side, a parenthesis, a call) lies on the stack; a token of lower
power closes what has higher power. After an error it reads on at the next AND, OR, comma or closing parenthesis, so
that one pass finds several errors; a text with an error has no tree.
"""

from __future__ import annotations

from collections.abc import Callable

from gpu_target.language import advice, ast
from gpu_target.language.diagnostics import Diagnostic, RuleError, Source
from gpu_target.language.lexer import read_tokens
from gpu_target.language.limits import MOST_BYTES, MOST_NESTED, MOST_OPERATORS_DEEP, find_too_deep
from gpu_target.language.literals import find_pattern_flaw, unquote
from gpu_target.language.operands import Operands
from gpu_target.language.operators import AND, COMPARISON, OPERATORS, OR
from gpu_target.language.reader import BRACKET, HOLE, Open, Problems, TooMany

_POWER = {sign: OPERATORS[sign].power for sign in ("+", "-", "*", "/")}


def parse_predicate(source: Source, *, errors: list[Diagnostic]) -> ast.Expr | None:
    """The tree of a predicate, or None with everything that is wrong with it (RT001 to RT016) added to ``errors``.

    Spans of the nodes are offsets into ``source.text``. Whether names exist and types fit is not asked here.
    """
    problems = Problems(source)
    tree: ast.Expr | None = None
    try:
        if _check_size(source.text, problems):
            tree = _Parser(source.text, read_tokens(source.text, problems.report), problems).parse()
    except TooMany:
        tree = None
    if problems.found:
        errors.extend(sorted(problems.found, key=lambda each: each.span.start if each.span else 0))
        return None
    return tree


def parse_predicate_text(text: str, name: str = "<text>") -> ast.Expr:
    """The tree of a predicate; raises RuleError with everything that is wrong with it (RT001 to RT016)."""
    errors: list[Diagnostic] = []
    tree = parse_predicate(Source(name, text), errors=errors)
    if tree is None:
        raise RuleError(*errors)
    return tree


def _check_size(text: str, problems: Problems) -> bool:
    if text.isascii() and len(text) <= MOST_BYTES:
        return True
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        found = f"found half of a surrogate pair, U+{ord(text[error.start]):04X}"
        message = "this is no Unicode character"
        problems.report("RT001", message, error.start, error.start + 1, found, "write the character itself")
        return False
    if len(content) <= MOST_BYTES:
        return True
    cut = len(content[:MOST_BYTES].decode(errors="ignore"))
    found = f"found {len(content):,} bytes of UTF-8, expected at most {MOST_BYTES:,}"
    remedy = "move long lists of values to a file under `lists` and write IN @name"
    problems.report("RT015", "this predicate is too long", cut, cut + 1, found, remedy)
    return False


class _Parser(Operands):
    __slots__ = ()

    def parse(self) -> ast.Expr:
        if self.kinds[0] == "end":
            if not self.problems.found:
                label = "found nothing, expected a condition such as customs_value < 1000"
                self.problems.report("RT016", "the predicate is empty", 0, 0, label, "write TRUE to match every row")
            return HOLE
        kinds = self.kinds
        while True:
            while not _OPERANDS.get(kinds[self.at], _Parser.refuse_operand)(self):
                pass
            while True:
                kind = kinds[self.at]
                if kind == "end":
                    return self.finish()
                if _OPERATORS.get(kind, _Parser.refuse_operator)(self):
                    break

    def finish(self) -> ast.Expr:
        self.close_down_to(BRACKET + 1)
        if self.opened and not self.problems.has("RT002"):  # an unclosed text has swallowed the parentheses
            innermost = self.opened[-1]
            token = innermost.token + (innermost.kind == "call")
            brackets = sum(each.power == BRACKET for each in self.opened)
            message = "this ( is not closed" if brackets == 1 else f"{brackets} parentheses are not closed"
            self.report_token("RT005", message, token, "found the end of the text before its )", "add )")
        if len(self.kinds) > MOST_NESTED and not self.problems.found:
            deep = find_too_deep(self.value)
            if deep:
                label = f"expected at most {MOST_OPERATORS_DEEP}, a sum of n terms counting as n - 1"
                self.problems.report("RT014", "too many operators inside one another", *deep, label, advice.SPLIT)
        return self.value

    # --- closing what is open

    def close_down_to(self, power: int) -> None:
        """Apply the operators of at least ``power`` that wait for the value read last."""
        opened = self.opened
        while opened and opened[-1].power >= power:
            self.apply(opened.pop())

    def apply(self, opened: Open) -> None:
        kind, left, right = opened.kind, opened.left, self.value
        span = self.span_from(opened.start)
        if kind in _POWER:
            self.value = ast.Arithmetic(kind, left, right, span)
        elif kind == "AND":
            self.value = ast.And((*opened.items, right), span)
        elif kind == "OR":
            self.value = ast.Or((*opened.items, right), span)
        elif kind == "NOT":
            self.nested -= 1
            self.value = ast.Not(right, span)
        elif kind == "sign":
            self.nested -= 1
            self.value = ast.Negate(right, span)
        elif kind == "between and":
            self.value = ast.Between(left, opened.items[0], right, opened.negated, span)
        elif kind == "between":
            label = f"found {self.found(self.at)}, expected AND"
            remedy = f"write BETWEEN {self.written(self.start, span[1])} AND …"
            self.report_token("RT004", "BETWEEN has no upper limit", self.at, label, remedy)
        else:
            self.value = ast.Compare(kind, left, right, span)
        self.start = opened.start

    def close_bracket(self) -> bool:
        self.close_down_to(BRACKET + 1)
        at = self.at
        self.at += 1
        if not self.opened:
            self.report_token("RT005", "this ) closes nothing", at, "found ) without a ( before it", "leave it out")
            return False
        opened = self.opened.pop()
        self.nested -= 1
        if opened.kind == "call":
            opened.items.append(self.value)
            self.close_call(opened)
        elif opened.kind == "in":
            items = (*opened.items, self.value)
            self.value = ast.In(opened.left, items, opened.negated, self.span_from(opened.start))
        self.start = opened.start
        self.closed = opened.kind == "in"
        return False

    def read_comma(self) -> bool:
        self.close_down_to(BRACKET + 1)
        opened = self.opened[-1] if self.opened else None
        if opened is None or opened.kind == "(":
            expected = advice.expected_after(opened is not None, "(")
            remedy = "write AND or OR between conditions; a list stands only after IN"
            if self.kinds[self.at - 1] == self.kinds[self.at + 1] == "number":
                remedy = advice.comma_remedy(self.texts[self.at - 1], self.texts[self.at + 1])
            self.report_token(
                "RT004", "a comma cannot stand here", self.at, f"found a comma, expected {expected}", remedy
            )
        else:
            opened.items.append(self.value)
        self.at += 1
        return True

    # --- operators: each returns whether an operand must follow

    def read_arithmetic(self) -> bool:
        if self.closed:
            return self.refuse_chain()
        kind = self.kinds[self.at]
        power = _POWER[kind]
        self.close_down_to(power)
        self.opened.append(Open(power, kind, self.at, self.start, self.value))
        self.at += 1
        return True

    def is_chained(self) -> bool:
        """Close what binds closer than a comparison, and tell whether a comparison came directly before."""
        self.close_down_to(COMPARISON + 1)
        return self.closed or bool(self.opened and self.opened[-1].power == COMPARISON)

    def read_comparison(self) -> bool:
        if self.is_chained():
            return self.refuse_chain()
        self.opened.append(Open(COMPARISON, self.kinds[self.at], self.at, self.start, self.value))
        self.at += 1
        return True

    def read_and(self) -> bool:
        self.close_down_to(COMPARISON + 1)
        waiting = self.opened[-1] if self.opened else None
        if waiting and waiting.kind == "between":
            waiting.kind = "between and"
            waiting.items.append(self.value)
            self.at += 1
            return True
        return self.read_junction(AND)

    def read_or(self) -> bool:
        return self.read_junction(OR)

    def read_junction(self, power: int) -> bool:
        kind = "AND" if power == AND else "OR"
        self.close_down_to(power + 1)
        if self.opened and self.opened[-1].power == power:
            self.opened[-1].items.append(self.value)
        else:
            self.opened.append(Open(power, kind, self.at, self.start, HOLE, [self.value]))
        self.at += 1
        return True

    def read_negated(self) -> bool:
        following = self.kinds[self.at + 1]
        read = _NEGATABLE.get(following)
        if read is None:
            remedy = advice.not_remedy(following, self.texts[self.at + 1])
            label = f"found NOT and {self.found(self.at + 1)}, expected NOT IN, NOT LIKE or NOT BETWEEN"
            self.report_token("RT004", "NOT cannot stand here", self.at, label, remedy)
            return self.leave()
        if self.is_chained():
            return self.refuse_chain()
        self.at += 1
        return read(self, True)

    def read_between(self, negated: bool = False) -> bool:
        if self.is_chained():
            return self.refuse_chain()
        opened = Open(COMPARISON, "between", self.at, self.start, self.value, negated=negated)
        self.opened.append(opened)
        self.at += 1
        return True

    def read_in(self, negated: bool = False) -> bool:
        if self.is_chained():
            return self.refuse_chain()
        start, left = self.start, self.value
        self.at += 1
        following = self.kinds[self.at]
        if following == "@":
            items = self.read_list_name()
            if isinstance(items, ast.ListName):
                self.value = ast.In(left, items, negated, self.span_from(start))
            self.closed = True
            return False
        if following == "(" and self.kinds[self.at + 1] != ")":
            self.open(Open(BRACKET, "in", self.at, start, left, negated=negated))
            return True
        if following == "(":
            label = "found (), expected values such as ('XA', 'XB')"
            remedy = "write the values, or IN @name for a list that may be empty"
            self.report_token("RT004", "the list of IN is empty", self.at, label, remedy)
        else:
            remedy = advice.in_remedy(following, self.texts[self.at])
            label = f"found {self.found(self.at)}, expected ( or @"
            self.report_token("RT004", "a list must follow IN", self.at, label, remedy)
        return self.leave()

    def read_like(self, negated: bool = False) -> bool:
        if self.is_chained():
            return self.refuse_chain()
        start, left = self.start, self.value
        at = self.at = self.at + 1
        if self.kinds[at] != "string":
            if self.kinds[at] != "bad":
                remedy = advice.like_remedy(self.kinds[at], self.texts[at])
                label = f"found {self.found(at)}, expected a text in single quotes"
                self.report_token("RT011", "a pattern must follow LIKE", at, label, remedy)
            self.leave()
            if self.kinds[at] == "number":  # the % of 0203% is part of the pattern
                self.problems.forget(self.end(at), self.end(self.at - 1))
            return False
        self.at += 1
        escape = self.read_escape() if self.kinds[self.at] == "ESCAPE" else None
        flaw = find_pattern_flaw(self.texts[at], escape) if escape else None
        if flaw:
            self.report_flaw("RT011", flaw, at)
        self.value = ast.Like(left, unquote(self.texts[at]), escape, negated, self.span_from(start))
        self.closed = True
        return False

    def read_escape(self) -> str | None:
        at = self.at = self.at + 1
        text = unquote(self.texts[at]) if self.kinds[at] == "string" else ""
        if self.kinds[at] == "string":
            self.at += 1
        if len(text) == 1:
            return text
        if self.kinds[at] != "bad":
            label = f"found {self.found(at)}, expected one character in single quotes"
            self.report_token("RT011", "ESCAPE takes one character", at, label, "write ESCAPE '!'")
        if self.at == at:
            self.leave()
        return None

    def read_is(self) -> bool:
        if self.is_chained():
            return self.refuse_chain()
        negated = self.kinds[self.at + 1] == "NOT"
        self.at += 2 if negated else 1
        at = self.at
        if self.kinds[at] != "NULL":
            remedy = advice.is_remedy(self.kinds[at], self.texts[at])
            label = f"found {self.found(at)}, expected NULL"
            self.report_token("RT004", "only NULL or NOT NULL can follow IS", at, label, remedy)
            return self.leave()
        self.at += 1
        self.value = ast.IsNull(self.value, negated, self.span_from(self.start))
        self.closed = True
        return False

    def refuse_chain(self) -> bool:
        """A comparison or a sum directly after a comparison."""
        at = self.at
        waiting = self.opened[-1] if self.opened and self.opened[-1].power == COMPARISON else None
        before = self.written(waiting.start if waiting else self.start, self.end(at - 1))
        middle = self.written(self.start, self.end(at - 1))
        label = f"found {self.found(at)} after a condition, expected {self.expected()}"
        self.leave()
        after = self.written(self.starts[at], self.end(self.at - 1))
        if self.kinds[at] == "BETWEEN":
            after += " AND …"
        if waiting and waiting.kind in _COMPARISONS and self.kinds[at] in _COMPARISONS:
            remedy = f"write {before} AND {middle} {after}"
        else:
            remedy = f"write ({before}) {after} if that is meant, or AND between two conditions"
        self.report_token("RT008", "comparisons cannot be chained", at, label, remedy)
        return False

    def expected(self) -> str:
        bracket = self.bracket()
        return advice.expected_after(bracket is not None, bracket.kind if bracket else "")

    def refuse_operator(self) -> bool:
        """Something other than an operator, a comma, a closing parenthesis or the end after an operand."""
        at = self.at
        if "bad" not in self.kinds[at - 1 : at + 1]:  # the lexer has reported it
            adjacent = self.end(at - 1) == self.starts[at]
            kind_before, text_before = self.kinds[at - 1], self.texts[at - 1]
            bracket = self.bracket()
            in_list = bracket is not None and bracket.kind != "("
            remedy = advice.unexpected(self.kinds[at], self.texts[at], kind_before, text_before, adjacent, in_list)
            operator = "" if self.closed else "an operator, "
            label = f"found {self.found(at)}, expected {operator}{self.expected()}"
            message = f"{self.found(at)} cannot follow {advice.describe(kind_before, text_before)}"
            self.report_token("RT004", message, at, label, remedy)
        return self.leave()


_COMPARISONS = frozenset(("=", "<>", "<", "<=", ">", ">="))
_OPERANDS: dict[str, Callable[[_Parser], bool]] = {
    "name": _Parser.read_name,
    "quoted": _Parser.read_quoted,
    "number": _Parser.read_number,
    "string": _Parser.read_string,
    "TRUE": _Parser.read_word,
    "FALSE": _Parser.read_word,
    "AS_OF": _Parser.read_word,
    "@": _Parser.read_list,
    "(": _Parser.open_group,
    "-": _Parser.open_sign,
    "NOT": _Parser.open_not,
}
_OPERATORS: dict[str, Callable[[_Parser], bool]] = {
    "AND": _Parser.read_and,
    "OR": _Parser.read_or,
    "NOT": _Parser.read_negated,
    "IN": _Parser.read_in,
    "LIKE": _Parser.read_like,
    "BETWEEN": _Parser.read_between,
    "IS": _Parser.read_is,
    ",": _Parser.read_comma,
    ")": _Parser.close_bracket,
    **dict.fromkeys(_COMPARISONS, _Parser.read_comparison),
    **dict.fromkeys(_POWER, _Parser.read_arithmetic),
}
_NEGATABLE: dict[str, Callable[[_Parser, bool], bool]] = {
    "IN": _Parser.read_in,
    "LIKE": _Parser.read_like,
    "BETWEEN": _Parser.read_between,
}
