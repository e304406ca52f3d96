"""How a scalar is written: plain where that reads back as the same text, else in quotes, long texts in blocks.

What YAML guesses of a plain scalar plays no part in reading a rule file, but editors and other programs show it: so a
code that YAML would take for a number or a truth stays in quotes, and one that it would change gets them.
"""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from gpu_target.formatting.shape import Kind
from gpu_target.language.yaml_nodes import NO_VALUE, YamlScalar

WIDTH = 120
_UNSEEN = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_FIRST = frozenset(",[]{}#&*!|>'\"%@`")  # may begin something else than text
_FIRST_OF_TWO = re.compile(r"[-?:](?:[\s,\[\]{}]|$)")  # before a blank these do
_BREAKS_OFF = re.compile(r":(?:\s|$)|\s#|^(?:---|\.\.\.)")
_FLOW_SIGNS = re.compile(r"[,\[\]{}:]")
_TRUTH = re.compile(r"(?:y|yes|n|no|on|off|true|false)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?(?:\.inf|\.nan)", re.IGNORECASE)
# read as another text by programs that guess: 0309 as 201, 0x1F as 31, 1_000 as 1000, 12:30 as 750
_CHANGED = re.compile(
    r"[-+]?(?:0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?)"
)
_GUESSES = yaml.SafeLoader.yaml_implicit_resolvers


@lru_cache(maxsize=100_000)
def is_plain(value: str, in_flow: bool) -> bool:
    """Whether the text, written plain, is read as this text again; ``in_flow`` inside brackets or braces."""
    if value in NO_VALUE or value != value.strip() or value[0] in _FIRST or _UNSEEN.search(value):
        return False
    if _FIRST_OF_TWO.match(value):
        return False
    return not _BREAKS_OFF.search(value) and not (in_flow and _FLOW_SIGNS.search(value))


@lru_cache(maxsize=100_000)
def is_guessed(value: str) -> bool:
    """Whether a program that guesses would take the plain text for something else than text."""
    guesses = (*_GUESSES.get(value[:1], ()), *_GUESSES.get(None, ()))
    return any(pattern.match(value) for _, pattern in guesses) or bool(
        _TRUTH.fullmatch(value) or _NUMBER.fullmatch(value) or _CHANGED.fullmatch(value)
    )


@lru_cache(maxsize=100_000)
def is_changed(value: str) -> bool:
    """Whether such a program would also show another text for it."""
    return bool(_CHANGED.fullmatch(value)) or bool(_TRUTH.fullmatch(value) and value not in ("true", "false"))


def has_unseen(value: str) -> bool:
    """Whether a character of the text cannot be seen, a line break for one."""
    return bool(_UNSEEN.search(value))


def quoted(value: str) -> str:
    """In single quotes, or in double ones where a character cannot be seen."""
    if not _UNSEEN.search(value):
        return "'" + value.replace("'", "''") + "'"
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _UNSEEN.sub(_escaped, text) + '"'


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return short or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")


def in_line(node: YamlScalar, kind: Kind, in_flow: bool) -> str:
    """The scalar on one line."""
    if node.is_null:
        return "null" if in_flow else ""
    value = node.value
    if not is_plain(value, in_flow):
        return quoted(value)
    if kind is Kind.WORD or not is_guessed(value):
        return value
    return quoted(value) if node.style or kind is Kind.NAMED_CODE or is_changed(value) else value


def key_text(node: YamlScalar, in_flow: bool) -> str:
    """A key of a mapping."""
    plain = is_plain(node.value, in_flow) and not (node.style and is_guessed(node.value))
    return node.value if plain else quoted(node.value)


def block(value: str, indent: int) -> list[str] | None:
    """A text over several lines, the first of which is the sign of the block; None where YAML has no block for it.

    Line breaks are kept; a text on one line is broken at single blanks, which read as blanks again.
    """
    body = value.removesuffix("\n")
    chomp = "" if body != value else "-"
    lines = body.split("\n")
    if not body or body[0] in " \n" or not lines[-1]:
        return None
    if any(has_unseen(line) or line != line.rstrip() for line in lines):
        return None
    if len(lines) > 1:
        return [f"|{chomp}", *lines]
    return [f">{chomp}", *folded(body, WIDTH - indent)]


def folded(text: str, width: int) -> list[str]:
    """A line cut into lines of at most ``width`` characters where a single blank allows it."""
    lines, line = [], ""
    for word in re.split(r"(?<! ) (?! )", text):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
