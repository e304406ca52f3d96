"""Reading the operands of a predicate: names, values, lists, calls, and what opens before an operand."""

from __future__ import annotations

from collections.abc import Callable

from gpu_target.language import advice, ast
from gpu_target.language.lexer import KEYWORDS
from gpu_target.language.literals import Flaw, read_date, read_timestamp, unquote
from gpu_target.language.operators import COMPARISON, FUNCTIONS, NOT, SIGN
from gpu_target.language.reader import BRACKET, HOLE, Open, Reader

_LITERALS: dict[str, Callable[[str], int | Flaw]] = {"DATE": read_date, "TIMESTAMP": read_timestamp}


class Operands(Reader):
    """Each method returns whether the operand is complete; otherwise one must still follow."""

    __slots__ = ()

    def hold(self, value: ast.Expr, tokens: int = 1) -> bool:
        """Take the next tokens as the operand ``value``."""
        self.value, self.start, self.closed = value, self.starts[self.at], False
        self.at += tokens
        return True

    def read_name(self) -> bool:
        at = self.at
        following = self.kinds[at + 1]
        if following == "(":
            return self.open_call()
        if following == ".":
            return self.read_table_column()
        if following == "string" and self.texts[at].upper() in _LITERALS and self.texts[at].isascii():
            return self.read_day()
        text, start = self.texts[at], self.starts[at]
        self.value, self.start, self.closed = ast.Name(text, False, (start, start + len(text))), start, False
        self.at = at + 1
        return True

    def read_quoted(self) -> bool:
        if self.kinds[self.at + 1] == ".":
            return self.read_table_column()
        start, end = self.starts[self.at], self.end(self.at)
        return self.hold(ast.Name(unquote(self.texts[self.at]), True, (start, end)))

    def name_at(self, token: int) -> str | None:
        """The name written there, or None."""
        kind, text = self.kinds[token], self.texts[token]
        return text if kind == "name" else unquote(text) if kind == "quoted" else None

    def read_table_column(self) -> bool:
        at = self.at
        table, column = self.name_at(at), self.name_at(at + 2)
        if table is None or column is None:
            remedy = advice.name_remedy(self.texts[at], self.kinds[at + 2], self.texts[at + 2])
            message = "a column must follow the point"
            self.report_token("RT013", message, at + 2, f"found {self.found(at + 2)}, expected its name", remedy)
            return self.hold(HOLE, 3 if self.kinds[at + 2] in KEYWORDS else 2)
        if self.kinds[at + 3] == "." and self.name_at(at + 4) is not None:
            label = f"found a third part, {self.found(at + 4)}, expected column or table.column"
            remedy = 'put a name that contains a point in double quotes: "a.b"'
            self.report_token("RT013", "a name has at most two parts", at + 3, label, remedy)
            return self.hold(HOLE, 5)
        return self.hold(ast.TableColumn(table, column, (self.starts[at], self.end(at + 2))), 3)

    def read_day(self) -> bool:
        at = self.at
        kind = self.texts[at].upper()
        found = _LITERALS[kind](self.texts[at + 1])
        span = (self.starts[at], self.end(at + 1))
        if isinstance(found, Flaw):
            self.report_flaw("RT010", found, at + 1)
            return self.hold(HOLE, 2)
        return self.hold(ast.Date(found, span) if kind == "DATE" else ast.Timestamp(found, span), 2)

    def read_number(self) -> bool:
        start, text = self.starts[self.at], self.texts[self.at]
        return self.hold(ast.Number(text, (start, start + len(text))))

    def read_string(self) -> bool:
        start, text = self.starts[self.at], self.texts[self.at]
        return self.hold(ast.String(unquote(text), (start, start + len(text))))

    def read_word(self) -> bool:
        kind, span = self.kinds[self.at], (self.starts[self.at], self.end(self.at))
        return self.hold(ast.AsOf(span) if kind == "AS_OF" else ast.Boolean(kind == "TRUE", span))

    def read_list(self) -> bool:
        """``@name`` where a value is read: right only as second argument of CONTAINS_ANY."""
        at = self.at
        value = self.read_list_name()
        around = self.opened[-1] if self.opened else None
        is_call = around is not None and around.kind == "call"
        function = self.texts[around.token].upper() if around and is_call else ""
        if not (function == "CONTAINS_ANY" and around and len(around.items) == 1):
            remedy = advice.list_remedy(self.texts[at + 1], around.kind if around else "", function)
            label = f"found @{self.texts[at + 1]}, expected a single value or a column"
            self.problems.report("RT012", "a list cannot stand here", *self.span_from(self.starts[at]), label, remedy)
            value = HOLE
        self.value, self.start, self.closed = value, self.starts[at], False
        return True

    def read_list_name(self) -> ast.Expr:
        """Read ``@name``; keywords may be names of lists."""
        at = self.at
        kind, text = self.kinds[at + 1], self.texts[at + 1]
        if not (kind == "quoted" or text[:1].isidentifier()) or self.starts[at + 1] != self.starts[at] + 1:
            if kind != "bad":
                label = f"found {self.found(at + 1)}, expected the name of a list right after @"
                self.report_token("RT012", "@ must be followed by a name", at, label, "write IN @name")
            self.at += 1 + (kind in ("name", "number", "string", "bad"))
            return HOLE
        self.at += 2
        return ast.ListName(unquote(text) if kind == "quoted" else text, self.span_from(self.starts[at]))

    def open_group(self) -> bool:
        self.open(Open(BRACKET, "(", self.at, self.starts[self.at]))
        return False

    def open_call(self) -> bool:
        name = self.texts[self.at]
        if name.upper() not in FUNCTIONS or not name.isascii():
            message, label, remedy = advice.unknown_function(name)
            self.report_token("RT006", message, self.at, label, remedy)
        call = Open(BRACKET, "call", self.at, self.starts[self.at])
        self.open(call, 2)
        if self.kinds[self.at] != ")":
            return False
        self.nested -= 1
        self.at += 1
        self.close_call(self.opened.pop())
        return True

    def close_call(self, opened: Open) -> None:
        """Make the call of a function whose closing parenthesis was read, or report its arguments."""
        name, span = self.texts[opened.token].upper(), self.span_from(opened.start)
        function = FUNCTIONS.get(name)
        self.value, self.start, self.closed = ast.Call(name, tuple(opened.items), span), opened.start, False
        if function is None:
            return  # reported where the call began
        count, most = len(opened.items), function.most
        if count < function.fewest or (most is not None and count > most):
            label = f"found {count}, expected {function.arity()}"
            message = f"{name} takes {function.arity()}"
            self.problems.report("RT007", message, *span, label, f"write it {advice.usage(function)}")
        elif name == "LEFT":
            self.check_argument(opened, 1, _is_whole, "a whole number written out", "LEFT(commodity_code, 4)")
        elif name == "CONTAINS_ANY":
            self.check_argument(opened, 1, _is_list, "a list of the rule set", "CONTAINS_ANY(document_codes, @name)")

    def check_argument(
        self, call: Open, index: int, is_right: Callable[[ast.Expr], bool], expected: str, example: str
    ) -> None:
        argument = call.items[index]
        if argument is not HOLE and not is_right(argument):
            name = self.texts[call.token].upper()
            label = f"found {self.written(*argument.span)}, expected {expected}"
            message = f"argument {index + 1} of {name} must be {expected}"
            self.problems.report("RT007", message, *argument.span, label, f"write {example}")

    def open_sign(self) -> bool:
        self.open(Open(SIGN, "sign", self.at, self.starts[self.at]))
        return False

    def open_not(self) -> bool:
        if self.opened and self.opened[-1].power >= COMPARISON:
            label = "found NOT, expected a value"
            self.report_token("RT004", "NOT must stand in parentheses here", self.at, label, "write (NOT …)")
            self.at += 1
        else:
            self.open(Open(NOT, "NOT", self.at, self.starts[self.at]))
        return False

    def refuse_operand(self) -> bool:
        at = self.at
        kind = self.kinds[at]
        if kind == "bad":
            return self.hold(HOLE)
        if kind == "NULL":
            waiting = self.opened[-1] if self.opened else None
            left = (waiting.start, self.starts[waiting.token]) if waiting else (0, 0)
            if waiting and waiting.kind == "in":
                left = waiting.left.span
            remedy = advice.null_remedy(waiting.kind if waiting else "", self.written(*left))
            self.report_token("RT009", "NULL can stand only in IS NULL", at, "found NULL, expected a value", remedy)
            return self.hold(HOLE)
        before = self.kinds[at - 1] if at else ""
        message, remedy = advice.missing_operand(kind, self.texts[at], before)
        self.report_token("RT004", message, at, f"found {self.found(at)}, expected {advice.OPERAND}", remedy)
        if kind == "+":
            self.at += 1
            return False
        self.hold(HOLE, 0)
        self.leave()
        return True


def _is_whole(argument: ast.Expr) -> bool:
    return isinstance(argument, ast.Number) and argument.text.isdigit()


def _is_list(argument: ast.Expr) -> bool:
    return isinstance(argument, ast.ListName)
