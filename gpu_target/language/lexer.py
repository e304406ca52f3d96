"""From the text of a predicate to its tokens.

One regular expression cuts the text without gaps: what is no token is a token of kind ``bad`` with a diagnostic of
its own, so nothing that stands in a rule is ever passed over. Kinds are ``name``, ``quoted``, ``number``, ``string``,
``bad``, ``end``; every keyword and every sign is a kind of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

KEYWORDS = frozenset(
    ("AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "ESCAPE", "BETWEEN", "TRUE", "FALSE", "AS_OF")
)  # reserved: a column of that name needs double quotes
MOST_NUMBER_CHARACTERS = 400  # 308 digits reach the end of float64; longer texts only cost time
MOST_EXPONENT = 400

Report = Callable[[str, str, int, int, str, str], None]  # code, message, start, end, label, remedy

# Possessive quantifiers (++, *+): a quote that closes nothing must not be taken back and read as a shorter text.
_TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
      ([A-Za-z_\x80-\U0010FFFF][A-Za-z0-9_\x80-\U0010FFFF]*+)
    | ((?:[0-9]++(?:\.[0-9]++)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+(?![A-Za-z0-9_.\x80-\U0010FFFF]))
    | ('[^']*+(?:''[^']*+)*+')
    | ("[^"]*+(?:""[^"]*+)*+")
    | (--|<=>|<=|>=|<>|!=|==|=<|=>|=~|!~|\|\||&&|::|:=|/\*|//|\*\*|[=<>+\-*/(),.@])
    | (\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*+)
    | (\Z)
    | ([\s\S])
    )""",
    re.VERBOSE,
)
_WORD, _NUMBER, _STRING, _QUOTED, _SIGN, _NEAR_NUMBER, _END, _OTHER = range(1, 9)

_SIGNS = ("=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "(", ")", ",", ".", "@")
_KIND = {sign: sign for sign in _SIGNS} | {"!=": "<>"} | {word: word for word in KEYWORDS}

# What people write elsewhere: how it is read so that the rest can be checked, and what to write instead.
_ELSEWHERE = {
    "==": ("=", "write = to compare"),
    "<=>": ("=", "write =, and IS NULL for missing values"),
    "=<": ("<=", "write <="),
    "=>": (">=", "write >="),
    "&&": ("AND", "write AND"),
    "&": ("AND", "write AND"),
    "||": ("OR", "write OR; texts cannot be joined"),
    "|": ("OR", "write OR"),
    "!": ("NOT", "write NOT, or <> for not equal"),
    "%": ("*", "write MOD(a, b) for the remainder"),
    "**": ("*", "write the factors out: a * a"),
    "^": ("*", "write the factors out: a * a"),
    "//": ("/", "write / for division"),
    "=~": ("bad", "regular expressions are not available; write LIKE with % and _"),
    "!~": ("bad", "regular expressions are not available; write NOT LIKE with % and _"),
    "~": ("bad", "regular expressions are not available; write LIKE with % and _"),
    "::": ("bad", "types are not converted; compare with a value of the column's own type"),
    ":=": ("=", "write = to compare"),
    ":": ("bad", "write the value itself, or @name for a list of the rule set"),
    "?": ("bad", "write the value itself"),
    ";": ("bad", "leave it out: a rule is one condition, without an end mark"),
    "--": ("bad", "comments go into the YAML file after #; write - -1 for a minus of a minus"),
    "/*": ("bad", "comments go into the YAML file after #"),
    "#": ("bad", "comments go into the YAML file after #, on a line of their own"),
    "`": ("bad", 'a name with odd characters stands in double quotes: "Item Price"'),
    "[": ("bad", "a list stands in parentheses: IN ('XA', 'XB')"),
    "]": ("bad", "a list stands in parentheses: IN ('XA', 'XB')"),
    "{": ("bad", "a list stands in parentheses: IN ('XA', 'XB')"),
    "}": ("bad", "a list stands in parentheses: IN ('XA', 'XB')"),
    "$": ("bad", 'a name with odd characters stands in double quotes: "Item Price"'),
    "\\": ("bad", "write LIKE '50!%' ESCAPE '!' to look for a sign such as %"),
}  # fmt: skip
_CURLY = {"‘": "'", "’": "'", "‚": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"'}  # noqa: RUF001
_LOOKALIKE = {"≤": "<=", "≥": ">=", "≠": "<>", "×": "*", "÷": "/", "−": "-", "–": "-", "¬": "NOT"}  # noqa: RUF001


@dataclass(slots=True)
class Tokens:
    """Parallel lists, one entry per token; the last is ``end`` and stands right after the last character used."""

    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def add(self, kind: str, text: str, start: int) -> None:
        self.kinds.append(kind)
        self.texts.append(text)
        self.starts.append(start)


def is_bare_name(name: str) -> bool:
    """Whether a name can be written without double quotes."""
    return name.isidentifier() and not (name.isascii() and name.upper() in KEYWORDS)


def read_tokens(text: str, report: Report) -> Tokens:
    """Cut ``text`` into tokens; ``report`` takes what is wrong with them (RT001, RT002, RT003, RT013)."""
    tokens = Tokens()
    kinds, texts, starts = tokens.kinds, tokens.texts, tokens.starts
    position: int | None = 0
    while position is not None:
        restart: int | None = None
        for match in _TOKEN.finditer(text, position):
            group = match.lastindex or _END
            word = match[group]
            start = match.start(group)
            if group == _WORD:
                kind = _KIND.get(word.upper(), "name")
                if not word.isascii():
                    kind = "name"  # a Turkish dotless i is I in capitals, and still no keyword
                    if not word.isidentifier():
                        restart = _read_odd_word(word, start, text, tokens, report)
                        break
            elif group == _SIGN:
                kind = _KIND.get(word) or _elsewhere(word, start, report)
            elif group == _STRING:
                kind = "string"
            elif group == _NUMBER:
                kind = _check_number(word, start, report)
            elif group == _END:
                break
            elif group == _QUOTED:
                kind = "quoted"
                if word == '""':
                    message, remedy = "a name cannot be empty", "give the column a name with a map (columns: …)"
                    report("RT013", message, start, start + 2, 'found ""', remedy)
            else:
                restart = _read_rest(group, word, start, text, tokens, report)
                if restart is None:
                    continue
                break
            kinds.append(kind)
            texts.append(word)
            starts.append(start)
        position = restart
    tokens.add("end", "", starts[-1] + len(texts[-1]) if starts else len(text))
    return tokens


def _elsewhere(word: str, start: int, report: Report) -> str:
    kind, remedy = _ELSEWHERE[word]
    report("RT001", f"`{word}` is not an operator here", start, start + len(word), f"found {word}", remedy)
    return kind


def _check_number(word: str, start: int, report: Report) -> str:
    """``number``; one that no float64 can hold is reported, so that later passes may compute with it."""
    if len(word) < 16 and "e" not in word and "E" not in word:
        return "number"
    end = start + len(word)
    if len(word) > MOST_NUMBER_CHARACTERS:
        message = f"a number has at most {MOST_NUMBER_CHARACTERS} characters"
        report("RT003", message, start, end, f"found {len(word)} characters", "write fewer digits")
        return "number"
    mantissa, _, exponent = word.lower().partition("e")
    value = float(word)
    vanishes = value == 0.0 and mantissa.strip("0.") != ""
    if value == float("inf") or vanishes or abs(int(exponent or "0")) > MOST_EXPONENT:
        expected = "found " + _short(word) + ", expected at most 1.79e308 and, if not 0, at least 4.95e-324"
        report("RT003", "this number is out of range", start, end, expected, "write a number within the range")
    return "number"


def _read_odd_word(word: str, start: int, text: str, tokens: Tokens, report: Report) -> int:
    """Add the tokens of a word with characters that no name has; return where to read on."""
    good = 0
    while good < len(word) and (word[good].isidentifier() if good == 0 else f"a{word[good]}".isidentifier()):
        good += 1
    if good:
        name = word[:good]
        tokens.add(_KIND.get(name.upper(), "name") if name.isascii() else "name", name, start)
    odd = word[good]
    if odd in _CURLY and (last := _closing(text, start + good)):
        inner = text[start + good + 1 : last]
        remedy = f"write '{_short(inner)}' with the straight quote '"
        report(
            "RT001", f"{_describe(odd)} cannot stand here", start + good, last + 1, f"found {_describe(odd)}", remedy
        )
        tokens.add("bad", text[start + good : last + 1], start + good)
        return last + 1
    end = good + 1
    while end < len(word) and word[end] == odd:
        end += 1
    kind, remedy = _advise(odd)
    report("RT001", f"{_describe(odd)} cannot stand here", start + good, start + end, f"found {_describe(odd)}", remedy)
    if kind:
        tokens.add(kind, word[good:end], start + good)
    return start + end


def _closing(text: str, opening: int) -> int:
    """Where the next typographic quote stands on the line of the one at ``opening``; 0 where there is none."""
    for place in range(opening + 1, len(text)):
        if text[place] == "\n":
            break
        if text[place] in _CURLY:
            return place
    return 0


def _advise(odd: str) -> tuple[str, str]:
    """The kind that stands for a character outside the language ("" for a kind of space), and what to write."""
    if odd.isspace() or unicodedata.category(odd) == "Cf":
        return "", "write a plain space, or nothing"
    if odd in _CURLY:
        return "bad", f"write the straight quote {_CURLY[odd]}"
    if odd in _LOOKALIKE:
        return _KIND[_LOOKALIKE[odd]], f"write {_LOOKALIKE[odd]}"
    if odd.isdecimal():
        return "bad", "write the digits 0 to 9"
    return "bad", 'a name with odd characters stands in double quotes: "Item Price"'


def _read_rest(group: int, word: str, start: int, text: str, tokens: Tokens, report: Report) -> int | None:
    """Add the token of what matched nothing else; return where to read on, or None for the next match."""
    if group == _NEAR_NUMBER:
        _read_near_number(word, start, tokens, report)
        return None
    if word in "'\"":
        end = len(text.rstrip(" \t\r\n"))
        what, remedy = (
            ("text", "add the closing '; a quote inside a text is written twice: 'l''or'")
            if word == "'"
            else ("name", 'add the closing "; texts stand in single quotes')
        )
        report("RT002", f"this {what} has no closing quote", start, end, f"found {word} and no other after it", remedy)
        tokens.add("bad", text[start:end], start)
        return len(text)
    kind, remedy = _ELSEWHERE.get(word) or _advise(word)
    report("RT001", f"{_describe(word)} cannot stand here", start, start + 1, f"found {_describe(word)}", remedy)
    if kind:
        tokens.add(kind, word, start)
    return None


def _read_near_number(word: str, start: int, tokens: Tokens, report: Report) -> None:
    if re.fullmatch(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", word):
        # a number after all: what follows it is a character that the next token reports
        tokens.add(_check_number(word, start, report), word, start)
        return
    if re.fullmatch(r"[0-9]+\.", word):
        remedy = f"write {word}0 or {word[:-1]}" if len(word) < 40 else "write a digit after the point"
    elif word.count(".") > 1:
        remedy = "write one point; a date is written DATE '2024-01-31'"
    else:
        text = _short(_before_hyphen(tokens, start) + word)
        remedy = (
            f"put a space after the number; a text stands in single quotes, '{text}', "
            'and a name that begins with a digit in double quotes, "2nd_check"'
        )
    found = f"found {_short(word)}, expected digits such as 7, 7.0 or 1e-05"
    report("RT003", "this is not a number", start, start + len(word), found, remedy)
    tokens.add("bad", word, start)


def _before_hyphen(tokens: Tokens, start: int) -> str:
    """``IMP-`` where the number is part of an id such as IMP-3A, which reads as a subtraction."""
    if tokens.kinds[-2:] != ["name", "-"] or tokens.starts[-1] + 1 != start:
        return ""
    name = tokens.texts[-2]
    return f"{name}-" if tokens.starts[-2] + len(name) == tokens.starts[-1] else ""


def _describe(character: str) -> str:
    if character in _ELSEWHERE or (character.isprintable() and not unicodedata.combining(character)):
        return f"`{character}`"
    name = unicodedata.name(character, "").lower()
    return f"the character U+{ord(character):04X}" + (f" ({name})" if name else "")


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
