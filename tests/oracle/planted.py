"""Rules that are planted to be dead, equal or covered, each by a chain of rewritings that keep or narrow what it says.

Nothing computes: a computed value counts as independent of what it is computed from, so that findings about it are
sound and not complete.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa

from gpu_target.language import ast
from tests.oracle.choices import Choices
from tests.oracle.predicates import number

SCHEMA = pa.schema({
    "t": pa.string(), "u": pa.dictionary(pa.int32(), pa.string()), "i": pa.int64(), "j": pa.int64(),
    "small": pa.uint8(), "f": pa.float64(), "g": pa.float32(), "d": pa.decimal128(9, 2), "wide": pa.decimal128(30, 4),
    "day": pa.date32(), "at": pa.timestamp("us"), "yes": pa.bool_(), "papers": pa.list_(pa.string()),
    "counts": pa.list_(pa.int64()),
})  # fmt: skip
TEXTS, LISTS = ("t", "u"), ("papers", "counts")
WORDS = ("ab", "abc", "abd", "b", "ba", "cab", "zz", "87", "8703", "870323", "é", "a_b")
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
Rewriting = Callable[["Planter", ast.Expr], ast.Expr | None]


def literal(column: str, value: int) -> ast.Expr:
    """A value of a column's type; a larger number is a larger value."""
    if column == "day":
        return ast.Date(19_000 + value)
    if column == "at":
        return ast.Timestamp((19_000 + value) * 86_400_000_000_000 + 3_600_000_000_000)
    parts = {"f": 4, "g": 4, "d": 100, "wide": 10_000}.get(column, 1)
    return number(Fraction(value) + Fraction(1, parts) * (parts > 1))


@dataclass
class Planter:
    """Draws rules and rewritings."""

    choices: Choices

    # -- rules --------------------------------------------------------------------------------------------------------

    def rule(self) -> ast.Expr:
        """One to four terms over different columns, joined by AND."""
        columns = list(SCHEMA.names)
        terms = []
        for _ in range(self.choices.integer(1, 4)):
            column = self.choices.pick(columns)
            columns.remove(column)
            terms.append(self.term(column))
        return terms[0] if len(terms) == 1 else ast.And(tuple(terms))

    def term(self, column: str) -> ast.Expr:
        name = ast.Name(column)
        if self.choices.chance(8):
            return ast.IsNull(name, negated=self.choices.chance(50))
        if column in TEXTS:
            return self._of_text(name)
        if column == "yes":
            return self.choices.pick((name, ast.Not(name), ast.Compare("=", name, ast.Boolean(False))))
        if column == "papers":
            return ast.Call("CONTAINS", (name, ast.String(self.choices.pick(WORDS))))
        if column == "counts":
            return ast.Call("CONTAINS", (name, number(Fraction(self.choices.integer(0, 9)))))
        if column == "j":
            return ast.Compare(self.choices.pick(tuple(MIRRORED)), name, ast.Name("i"))
        return self._of_order(name)

    def _of_text(self, name: ast.Name) -> ast.Expr:
        word = self.choices.pick(WORDS)
        shape = self.choices.integer(0, 6)
        if shape <= 1:
            return ast.Like(name, word + "%")
        if shape == 2:
            return ast.Like(name, self.choices.pick(("%{}", "%{}%", "_{}%", "{}_", "b%{}")).format(word))
        if shape == 3:
            return ast.Compare(self.choices.pick(tuple(MIRRORED)), name, ast.String(word))
        if shape == 4:
            return ast.Not(ast.Like(name, word + "%"))
        items = tuple(ast.String(each) for each in dict.fromkeys(self.choices.pick(WORDS) for _ in range(4)))
        return ast.In(name, items, negated=self.choices.chance(25))

    def _of_order(self, name: ast.Name) -> ast.Expr:
        value = self.choices.integer(3, 90)
        shape = self.choices.integer(0, 4)
        if shape <= 1:
            return ast.Compare(self.choices.pick(tuple(MIRRORED)), name, literal(name.name, value))
        if shape == 2:
            low, high = literal(name.name, value), literal(name.name, value + self.choices.integer(0, 30))
            return ast.Between(name, low, high, negated=self.choices.chance(25))
        if shape == 3:
            low, high = literal(name.name, value), literal(name.name, value + 40)
            return ast.Or((ast.Compare("<", name, low), ast.Compare(">=", name, high)))
        items = tuple(literal(name.name, each) for each in sorted({value, value + 7, value + 20}))
        return ast.In(name, items, negated=self.choices.chance(25))

    # -- the same in other words --------------------------------------------------------------------------------------

    def rewritten(self, tree: ast.Expr, times: int) -> ast.Expr:
        """What is TRUE of the same rows."""
        for _ in range(times):
            tree = self.choices.pick(WHOLE)(self, tree) or tree
            tree = self._inside(tree)
        return tree

    def _inside(self, tree: ast.Expr) -> ast.Expr:
        """The tree with one of its parts in other words: parts in three-valued logic, so that NOT may stand around."""
        if isinstance(tree, (ast.And, ast.Or)) and self.choices.chance(85):
            place = self.choices.integer(0, len(tree.operands) - 1)
            parts = list(tree.operands)
            parts[place] = self._inside(parts[place])
            return type(tree)(tuple(parts))
        if isinstance(tree, ast.Not) and self.choices.chance(60):
            return ast.Not(self._inside(tree.operand))
        return self.choices.pick(PARTS)(self, tree) or tree

    # -- less, and nothing --------------------------------------------------------------------------------------------

    def narrowed(self, tree: ast.Expr) -> ast.Expr:
        """What is TRUE of some of the rows at most."""
        if isinstance(tree, ast.And) and self.choices.chance(70):
            place = self.choices.integer(0, len(tree.operands) - 1)
            parts = list(tree.operands)
            parts[place] = self.narrowed(parts[place])
            return ast.And(tuple(parts))
        narrower = self._narrower(tree)
        if narrower is None or self.choices.chance(30):
            return ast.And((tree, self.term(self.choices.pick(SCHEMA.names))))
        return narrower

    def _narrower(self, tree: ast.Expr) -> ast.Expr | None:
        match tree:
            case ast.Compare(">" | ">=", ast.Name(name), ast.Number() | ast.Date() | ast.Timestamp()) if name != "j":
                return ast.Compare(">", ast.Name(name), literal(name, 95))
            case ast.Between(ast.Name() as name, low, high, negated=False):
                return self.choices.pick((ast.Compare("=", name, low), ast.In(name, (high, low))))
            case ast.In(operand, tuple() as items, negated=False) if len(items) > 1:
                return ast.In(operand, items[: self.choices.integer(1, len(items) - 1)])
            case ast.Like(name, pattern, None, negated=False) if pattern.endswith("%"):
                word = pattern.replace("%", "").replace("_", "x")
                options = [ast.Like(name, pattern[:-1] + "x%"), ast.Like(name, pattern[:-1] + "%x%")]
                if pattern == word + "%":
                    options += [ast.Compare("=", name, ast.String(word)), ast.In(name, (ast.String(word + "q"),))]
                return self.choices.pick(options)
            case ast.Like(name, pattern, None, negated=False):
                return ast.Compare("=", name, ast.String(pattern.replace("%", "yy").replace("_", "x")))
            case ast.Or(operands):
                return self.choices.pick(operands)
            case ast.Compare("<>", ast.Name(name), right) if name != "j":
                return ast.Compare("<", ast.Name(name), right)
        return None

    def dead(self, tree: ast.Expr) -> ast.Expr:
        """The tree and something that excludes a part of it."""
        parts = tree.operands if isinstance(tree, ast.And) else (tree,)
        excluded = self._opposite(self.choices.pick(parts))
        both = [*parts, self.rewritten_part(excluded)]
        return ast.And(tuple(self._shuffled(both)))

    def rewritten_part(self, tree: ast.Expr) -> ast.Expr:
        return self._inside(tree)

    def _opposite(self, tree: ast.Expr) -> ast.Expr:
        """What no row meets that meets the tree."""
        options: list[ast.Expr] = [ast.Not(tree), ast.IsNull(tree)]
        match tree:
            case ast.Compare(sign, ast.Name(name) as column, right) if not isinstance(right, (ast.Name, ast.Boolean)):
                options += [ast.Compare(OPPOSITE[sign], column, right), ast.IsNull(column)]
                if sign in (">", ">=", "=") and name not in TEXTS:
                    options += [ast.Compare("<", column, literal(name, 1)), ast.In(column, (literal(name, 2),))]
            case ast.Compare(sign, left, ast.Name() as right):
                options.append(ast.Compare(OPPOSITE[MIRRORED[sign]], right, left))
            case ast.In(column, tuple() as items, negated=False):
                options += [ast.Compare("<>", column, items[0])] if len(items) == 1 else []
                options += [ast.IsNull(column), ast.In(column, items, negated=True)]
            case ast.Like(column, pattern, None, negated=False) if pattern[0] not in "%_":
                options += [ast.Compare("=", column, ast.String("Q" + pattern[:-1])), ast.Like(column, "Q%x")]
            case ast.Between(ast.Name(name) as column, _, high, negated=False):
                options += [ast.Compare(">", column, high), ast.Between(column, literal(name, 200), literal(name, 150))]
            case ast.IsNull(ast.Name(name) as column, negated=True) if name not in LISTS:
                options.append(ast.Not(ast.Compare("=", column, column)))
        return self.choices.pick([each for each in options if each is not tree])

    def _shuffled(self, parts: list[ast.Expr]) -> list[ast.Expr]:
        left = list(parts)
        return [left.pop(self.choices.integer(0, len(left) - 1)) for _ in parts]


# -- rewritings of a whole condition: TRUE of the same rows -----------------------------------------------------------


def reordered(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    return type(tree)(tuple(planter._shuffled(list(tree.operands)))) if isinstance(tree, (ast.And, ast.Or)) else None


def repeated(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    if not isinstance(tree, ast.And):
        return ast.And((tree, tree))
    return ast.And((*tree.operands, planter.choices.pick(tree.operands)))


def absorbing(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    return ast.Or((ast.And((tree, planter.term(planter.choices.pick(SCHEMA.names)))), tree))


def split(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    """Two halves by a term that is TRUE, FALSE or UNKNOWN."""
    term = planter.term(planter.choices.pick(SCHEMA.names))
    return ast.Or((ast.And((tree, term)), ast.And((ast.Or((ast.Not(term), ast.IsNull(term))), tree))))


def distributed(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    if not isinstance(tree, ast.And):
        return None
    for place, each in enumerate(tree.operands):
        if isinstance(each, ast.Or):
            others = tree.operands[:place] + tree.operands[place + 1 :]
            return ast.Or(tuple(ast.And((*others, alternative)) for alternative in each.operands))
    return None


def asked_for_truth(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    return ast.Compare("=", ast.Boolean(True), tree) if not isinstance(tree, ast.Name) else None


def or_false(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    return ast.Call("COALESCE", (tree, ast.Boolean(False))) if not isinstance(tree, ast.Name) else None


def there(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    """A column is not NULL where it compares."""
    parts = tree.operands if isinstance(tree, ast.And) else (tree,)
    for each in parts:
        if isinstance(each, ast.Compare) and isinstance(each.left, ast.Name):
            return ast.And((ast.IsNull(each.left, negated=True), *parts))
    return None


WHOLE: tuple[Rewriting, ...] = (
    reordered, repeated, absorbing, split, distributed, asked_for_truth, or_false, there,
)  # fmt: skip


# -- rewritings of a part: the same truth on every row ----------------------------------------------------------------


def twice_negated(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    return ast.Not(ast.Not(tree))


def by_de_morgan(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    if not isinstance(tree, (ast.And, ast.Or)):
        return None
    other = ast.Or if isinstance(tree, ast.And) else ast.And
    return ast.Not(other(tuple(ast.Not(each) for each in tree.operands)))


def mirrored(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    if isinstance(tree, ast.Compare) and not isinstance(tree.left, ast.Boolean):
        return ast.Compare(MIRRORED[tree.operator], tree.right, tree.left)
    return None


def opposed(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    return (
        ast.Not(ast.Compare(OPPOSITE[tree.operator], tree.left, tree.right)) if isinstance(tree, ast.Compare) else None
    )


def by_its_ends(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    if isinstance(tree, ast.Between):
        ends = ast.Compare(">=", tree.operand, tree.low), ast.Compare("<=", tree.operand, tree.high)
        return ast.Not(ast.And(ends)) if tree.negated else ast.And(ends)
    if isinstance(tree, ast.Compare) and tree.operator == "=" and isinstance(tree.right, (ast.String, ast.Number)):
        return ast.Between(tree.left, tree.right, tree.right)
    return None


def one_by_one(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    if not isinstance(tree, ast.In) or isinstance(tree.items, ast.ListName):
        return None
    equal = tuple(ast.Compare("=", tree.operand, each) for each in planter._shuffled(list(tree.items)))
    whole: ast.Expr = equal[0] if len(equal) == 1 else ast.Or(equal)
    return ast.Not(whole) if tree.negated else whole


def in_a_list(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    match tree:
        case ast.Compare("=" | "<>" as operator, ast.Name() as column, ast.String() as text):
            return ast.In(column, (text, text), negated=operator == "<>")
    return None


def as_a_range(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    """A prefix by its first text and the first behind it."""
    if not isinstance(tree, ast.Like) or set(tree.pattern[:-1]) & set("%_") or tree.pattern[-1:] != "%":
        return None
    word = tree.pattern[:-1]
    ends = word, word[:-1] + chr(ord(word[-1]) + 1)
    found = ast.And((
        ast.Compare(">=", tree.operand, ast.String(ends[0])), ast.Compare("<", tree.operand, ast.String(ends[1])),
    ))  # fmt: skip
    return ast.Not(found) if tree.negated else found


def with_more_signs(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    """The same pattern with % twice, or = without a pattern."""
    if isinstance(tree, ast.Like):
        return ast.Like(tree.operand, tree.pattern.replace("%", "%%"), tree.escape, tree.negated)
    if isinstance(tree, ast.Compare) and tree.operator == "=" and isinstance(tree.right, ast.String):
        return ast.Like(tree.left, "".join("!" + each if each in "%_!" else each for each in tree.right.value), "!")
    return None


def next_whole(planter: Planter, tree: ast.Expr) -> ast.Expr | None:
    """Above 5 is from 6 on, of whole numbers; so is above 5.5."""
    match tree:
        case ast.Compare(">", ast.Name("i" | "small" | "day") as column, ast.Number(text)):
            step = planter.choices.pick((1, Fraction(1, 2)))
            return ast.Compare(">=", column, number(Fraction(text) + step))
        case ast.Compare("<=", ast.Name("i" | "small") as column, ast.Number(text)):
            return ast.Compare("<", column, number(Fraction(text) + 1))
    return None


PARTS: tuple[Rewriting, ...] = (
    twice_negated, by_de_morgan, mirrored, opposed, by_its_ends, one_by_one, in_a_list, as_a_range, with_more_signs,
    next_whole,
)  # fmt: skip
