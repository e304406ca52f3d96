"""Rule files in every style that YAML allows, with comments wherever one may stand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Node = str | None | Mapping[str, Any] | Sequence[Any]
PLAIN = re.compile(r"[A-Za-z0-9(][A-Za-z0-9_.()=<>/*+' -]*[A-Za-z0-9_.)']|[A-Za-z0-9]")
MANY = ", ".join(f"'{code:03d}'" for code in range(10, 50))
TERMS = [
    "commodity_code LIKE '8703%'",
    "country_of_origin IN ('XA', 'XB')",
    "country_of_origin IN @origins",
    "customs_value > 1000",
    "duty_rate >= 17.5",
    "cheap",
    "unit_value < 0.5 * 3",
    "preference_code IS NOT NULL",
    "commodity_code LIKE '# %'",
    "container_flag",
    "customs_value BETWEEN 1 AND 5",
    f"previous_procedure_code IN ({MANY})",
    "\"procedure_code\" <> 'it''s: a # text'",
]
LONG = "a" * 70 + " " + "b c " * 20 + "end"
TEXTS = [
    "Cars", "Large value: cars", "it's # here", "NO", "0309", LONG, "two\nlines", "x\n", "-", "- a", "é 日本",
    "tab\there", "  lead", "trail ", "null", "~", "yes", "{x}", "[a", "12:30", "1e5", "#no", "a#b",
]  # fmt: skip
CODES = ["XA", "NO", "0309", "309", "8703231000", "1_0", "on", "FR", "a b", "é", "2024-01-01", "0x1F", "true", "1.50"]


@dataclass
class Scribe:
    """Writes nodes; every choice is drawn. ``marks`` are the texts of the comments that were written."""

    draw: Any
    marks: list[str] = field(default_factory=list)
    noisy: bool = True

    def one_in(self, n: int) -> bool:
        return self.draw(st.integers(0, n - 1)) == n - 1

    def comment(self) -> str:
        self.marks.append(f"# c{len(self.marks)}c")
        return self.marks[-1] + self.draw(st.sampled_from(["", " - x: y", " 'quote", " # again", "  "]))

    def behind(self) -> str:
        """What may stand behind something on a line."""
        if not self.noisy or not self.one_in(6):
            return self.draw(st.sampled_from(["", "", "", " "])) if self.noisy else ""
        return " " + self.comment()

    def between(self, indent: int, is_below_block: bool = False) -> str:
        """Lines that may stand between others; below a block of text what is moved in further is text."""
        lines = ""
        while self.noisy and self.one_in(6):
            deeper = indent if is_below_block else indent + 2
            blanks = " " * self.draw(st.sampled_from([indent, indent, 0, deeper, max(0, indent - 2), min(indent, 1)]))
            lines += "\n" if self.one_in(2) else blanks + self.comment() + "\n"
        return lines

    def scalar(self, value: str | None, in_flow: bool, indent: int) -> str:
        """What stands behind ``key:`` or a dash, up to the end of the line, a comment included."""
        if value is None:
            return " null"
        styles = ["'", '"']
        if PLAIN.fullmatch(value) and value != "null" and not value.startswith("- ") and " #" not in value:
            styles = ["", "", "", *styles] + (["lines"] if " " in value and not in_flow else [])
        can_block = value and not in_flow and value[0] not in " \n" and "\t" not in value
        if can_block and not any(line != line.rstrip() for line in value.split("\n")) and not value.endswith("\n\n"):
            styles += ["|", "|"]
            if "\n" not in value[:-1]:
                styles += [">", ">"]
        style = self.draw(st.sampled_from(styles))
        if style in ("|", ">"):
            chomp = "" if value.endswith("\n") else "-"
            margin = " " * (indent + self.draw(st.sampled_from([1, 2, 4])))
            body = value.removesuffix("\n")
            if style == ">" and self.one_in(2):
                body = re.sub(r"(?<! ) (?! )", "\n", body, count=3)
            return f" {style}{chomp}{self.behind()}\n" + "\n".join(
                margin + line if line else "" for line in body.split("\n")
            )
        if style == "lines":
            return " " + value.replace(" ", "\n" + " " * (indent + 2), 1) if "  " not in value else " " + value
        if style == "'" and "\n" not in value and "\t" not in value:
            return " '" + value.replace("'", "''") + "'"
        return f" {json.dumps(value)}" if style else f" {value}"

    def flow(self, node: Node, indent: int) -> str:
        """A node in braces or brackets, over several lines where it likes."""
        if isinstance(node, str) or node is None:
            return self.scalar(node, True, indent).strip(" ")
        is_map = isinstance(node, Mapping)
        parts = []
        for each in node:
            text = self.flow(node[each] if is_map else each, indent)  # type: ignore[call-overload]
            parts.append(f"{self.key(each)}: {text}" if is_map else text)
        opening, closing = "{}" if is_map else "[]"
        text = opening + self.gap(indent)
        for place, part in enumerate(parts):
            text += part + ("," + (self.gap(indent) or " ") if place < len(parts) - 1 else self.gap(indent))
        return text + closing

    def gap(self, indent: int) -> str:
        if not self.noisy or not self.one_in(8):
            return ""
        return self.behind() + "\n" + self.between(indent) + " " * (indent + 1)

    def key(self, key: str) -> str:
        style = self.draw(st.sampled_from(["", "", "", "'", '"']))
        return key if not style and re.fullmatch(r"[a-z_]+", key) else (style or '"') + key + (style or '"')

    def block(self, node: Node, indent: int) -> str:
        """The lines of a mapping or list, each entry on its own; the first without its margin."""
        margin, text = " " * indent, ""
        assert not isinstance(node, str)
        assert node is not None
        is_map = isinstance(node, Mapping)
        for place, each in enumerate(node):
            value = node[each] if is_map else each  # type: ignore[call-overload]
            head = f"{self.key(each)}:" if is_map else "-"
            written = self.value(value, indent, is_item=not is_map)
            text += (margin if place else "") + head + written
            text += self.between(indent, is_below_block=written.lstrip().startswith(("|", ">")))
        return text

    def value(self, node: Node, indent: int, is_item: bool) -> str:
        if isinstance(node, str) or node is None:
            written = self.scalar(node, False, indent)
            is_block = written.lstrip().startswith(("|", ">"))
            return written + ("" if is_block else self.behind()) + "\n"
        if not node or self.one_in(5):
            return " " + self.flow(node, indent + 2) + self.behind() + "\n"
        inside = indent + self.draw(st.sampled_from([2, 2, 2, 1, 4]))
        if is_item and not (self.noisy and self.one_in(6)):
            inside = max(inside, indent + 2)
            return " " * (inside - indent - 1) + self.block(node, inside)
        if not is_item and not isinstance(node, Mapping) and self.one_in(4):
            inside = indent  # dashes may stand under their key
        return self.behind() + "\n" + self.between(inside) + " " * inside + self.block(node, inside)


@st.composite
def conditions(draw: Any, depth: int = 2) -> str:
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from(TERMS)).strip()
    parts = draw(st.lists(conditions(depth - 1), min_size=2, max_size=4))
    joint = draw(st.sampled_from([" AND ", " and ", " OR ", "  Or  "]))
    text = joint.join(f"({part})" for part in parts)
    return f"not ({text})" if draw(st.integers(0, 5)) == 5 else text


@st.composite
def rules(draw: Any, number: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": f"R{number}", "when": draw(conditions()), "lane": draw(st.sampled_from(["red", "orange", "green"]))
    }  # fmt: skip
    optional: dict[str, Any] = {
        "title": draw(st.sampled_from(TEXTS)),
        "why": draw(st.sampled_from([*TEXTS, None])),
        "rate": draw(st.sampled_from(["50", "12.5", ".5", "100"])),
        "weight": "40",
        "valid": draw(st.sampled_from([{"from": "2024-01-01"}, {"until": "2024-06-30", "from": "2024-01-01"}])),
        "flow": draw(st.sampled_from(["IM", ["IM", "EX"]])),
        "offices": draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3)),
        "tags": draw(st.lists(st.sampled_from(CODES), max_size=3)),
        "status": draw(st.sampled_from(["active", "draft"])),
        "tests": draw(st.lists(tests(), max_size=3)),
    }
    for key in draw(st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=6)):
        found[key] = optional[key]
    order = draw(st.permutations(sorted(found)))
    return {key: found[key] for key in order}


@st.composite
def tests(draw: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "expect": draw(st.sampled_from(["match", "no match"])),
        "commodity_code": draw(st.sampled_from([*CODES, None])),
        "customs_value": draw(st.sampled_from(["1", "2.50", "1e5"])),
        "document_codes": draw(st.lists(st.sampled_from(CODES), max_size=2)),
        "container_flag": draw(st.sampled_from(["true", "false"])),
    }
    keys = ["expect", *draw(st.lists(st.sampled_from(sorted(values)[:-1]), unique=True))]
    return {key: values[key] for key in draw(st.permutations(sorted(set(keys))))}


@dataclass(frozen=True)
class Written:
    """A rule file and the comments in it."""

    text: str
    marks: tuple[str, ...]


@st.composite
def rule_files(draw: Any, noisy: bool = True) -> Written:
    """A rule file that loads, in any style."""
    file: dict[str, Any] = {
        "ruleset": draw(st.sampled_from(["s", "ma-imports"])),
        "record": "declaration-item",
        "lists": {"origins": draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=30)), "file": "l.csv"},
        "let": {
            "cheap": draw(conditions(1)).replace("cheap", "container_flag"),
            "unit_value": "customs_value/net_mass_kg",
        },
        "rules": [draw(rules(number)) for number in range(draw(st.integers(1, 3)))],
    }  # fmt: skip
    order = draw(st.permutations(sorted(file)))
    scribe = Scribe(draw, noisy=noisy)
    text = scribe.between(0) + scribe.block({key: file[key] for key in order}, 0)
    if draw(st.integers(0, 9)) == 9:
        text = text.replace("\n", "\r\n")
    return Written(text, tuple(scribe.marks))
