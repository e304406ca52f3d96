"""How each part of a rule file is laid out: in what order its keys stand, what has lines of its own, what is quoted.

The keys themselves are those of ``language.schema``; here they only have an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a scalar is, which decides when it is quoted."""

    WORD = "word"  # a lane, a number, a day: plain wherever YAML allows it
    TEXT = "text"  # for people: folded over several lines where it is long
    CODE = "code"  # may look like a number without being one, and may be one
    NAMED_CODE = "named code"  # of a column that is known to be text
    VALUE = "value"  # of a test: what its column is, else a code
    CONDITION = "condition"  # of the rule language
    TEMPLATE = "template"  # a condition with {column} in it


@dataclass(frozen=True)
class Shape:
    """The layout of a value.

    block  entries have lines of their own; else a value without comments in it is written in braces or brackets
    order  keys in the order in which they are written; those that are not named follow as they were
    last   keys that stand behind all others
    keys   the shapes of the values of these keys
    each   the shape of every other value, and of the items of a list
    kind   of a scalar
    airy   a blank line before an entry is kept
    """

    kind: Kind = Kind.CODE
    block: bool = False
    order: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    keys: Mapping[str, Shape] = field(default_factory=dict)
    each: Shape | None = None
    airy: bool = False

    def rank(self, key: str) -> int:
        """Where a key stands among the others; those of one rank stay as they were."""
        if key in self.last:
            return len(self.order) + 1 + self.last.index(key)
        return self.order.index(key) if key in self.order else len(self.order)

    def of(self, key: str | None) -> Shape:
        """The shape of the value of ``key``, or of an item."""
        found = self.keys.get(key) if key is not None else None
        return found or self.each or CODE


CODE, WORD, TEXT = Shape(Kind.CODE), Shape(Kind.WORD), Shape(Kind.TEXT)
CODES = Shape(Kind.CODE, each=CODE)
CONDITION, TEMPLATE_CONDITION = Shape(Kind.CONDITION), Shape(Kind.TEMPLATE)
VALUE = Shape(Kind.VALUE, each=Shape(Kind.VALUE))
TEST = Shape(last=("expect",), keys={"expect": WORD}, each=VALUE)
VALID = Shape(order=("from", "until"), each=WORD)
RULE_KEYS: Mapping[str, Shape] = {
    "id": CODE,
    "title": TEXT,
    "when": CONDITION,
    "lane": WORD,
    "relief": WORD,
    "rate": WORD,
    "mandatory": WORD,
    "weight": WORD,
    "valid": VALID,
    "flow": CODES,
    "offices": CODES,
    "tags": CODES,
    "status": WORD,
    "owner": TEXT,
    "source": TEXT,
    "why": TEXT,
    "tests": Shape(block=True, each=TEST),
}
RULE = Shape(block=True, order=tuple(RULE_KEYS), keys=RULE_KEYS)
TEMPLATE = Shape(block=True, order=tuple(RULE_KEYS), keys={**RULE_KEYS, "when": TEMPLATE_CONDITION})
LIST = Shape(Kind.CODE, order=("file", "column"), each=CODE)
TABLE = Shape(
    order=("file", "data", "key", "prefix", "valid", "types"),
    keys={"valid": VALID, "key": CODES, "types": Shape(each=WORD)},
    each=CODE,
)
FILE_KEYS: Mapping[str, Shape] = {
    "ruleset": CODE,
    "record": WORD,
    "key": CODES,
    "roles": Shape(order=("date", "flow", "office"), each=CODE),
    "lists": Shape(block=True, each=LIST, airy=True),
    "tables": Shape(block=True, each=TABLE, airy=True),
    "let": Shape(block=True, each=CONDITION, airy=True),
    "rules": Shape(block=True, order=("table", "template"), keys={"template": TEMPLATE}, each=RULE, airy=True),
}
FILE = Shape(block=True, order=tuple(FILE_KEYS), keys=FILE_KEYS, airy=True)
