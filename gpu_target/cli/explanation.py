"""What ``explain`` shows: the record, its lane and the cause, the rules that matched, and the nearest misses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpu_target.cli.summary import plain_table, sign
from gpu_target.explaining.explanation import Explanation, Item, RuleExplained
from gpu_target.explaining.selecting import DECIDES, GREEN, RELIEF, SELECTED, Cause, Part
from gpu_target.explaining.written import length_text, number_text, rounded, text_of
from gpu_target.language.wording import counted

if TYPE_CHECKING:
    from fractions import Fraction

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table
    from rich.text import Text

    from gpu_target.explaining.conditions import Condition
    from gpu_target.explaining.nearest import Change
    from gpu_target.explaining.seen import Seen
    from gpu_target.inputs import Data
    from gpu_target.language.model import Rule

STYLES = {"TRUE": "green", "FALSE": "red", "UNKNOWN": "yellow"}
WORDS = {True: "TRUE", False: "FALSE", None: "UNKNOWN"}
LABEL = 8  # characters of the column that holds TRUE, FALSE or UNKNOWN
WIDTH, SHORTEST_TITLE = 80, 12  # of the line that heads a rule; a title of fewer characters is left out
ONE_LINE = 66  # characters of a condition and why it was so, on one line together
MOST_ALONE = 3  # columns whose change alone would do, named for one condition
MOST_ITEMS, FEW_ITEMS = 6, 3  # of a declaration, named in one line, in one cell


def summary(found: Explanation, data: Data, one: bool) -> Iterator[RenderableType]:
    """The whole explanation; ``one`` where a single rule was asked for."""
    yield headline(found)
    yield where(found, data)
    if data.label:
        yield faint(f"Data: {data.label}")
    if found.shared:
        yield f"{len(found.items)} rows of the data have this key; all of them are shown."
    yield ""
    yield from lane(found)
    for item in found.items:
        if len(found.items) > 1:
            yield heading(f"Item {named(item)}, row {item.row + 1:,}")
            yield ""
        yield from record(item, found, one)
    if found.idle and not one:
        idle = "1 rule is" if found.idle == 1 else f"{found.idle:,} rules are"
        yield faint(f"{idle} draft or retired and did not run; --rule ID explains one as if it had.")


# -- the declaration --------------------------------------------------------------------------------------------------


def headline(found: Explanation) -> Text:
    """The key that was asked for, and the lane."""
    from rich.text import Text

    return Text.assemble((found.key.text, "bold"), "   ", sign(found.cause.lane))


def where(found: Explanation, data: Data) -> Text:
    """Which rows of which data, by which rules."""
    asked = [item.row for item in found.items]
    head = ""
    if len(asked) == 1 < len(found.rows):
        head = f"Row {asked[0] + 1:,}{lines_of(data, asked)} of {data.path}. Its declaration has "
    rows = numbers(each + 1 for each in found.rows)
    items = f"{len(found.rows)} items, rows" if len(found.rows) > 1 else "1 item, row"
    place = "" if head else f"{lines_of(data, found.rows)} of {data.path}"
    by = f"{counted(found.rules, 'rule')} of {found.ruleset}, seed {found.seed}"
    return faint(f"{head}{items} {rows}.\n{by}" if head else f"{items} {rows}{place}; {by}")


def numbers(rows: Iterable[int]) -> str:
    """The first numbers, and how many more there are."""
    every = list(rows)
    more = f" and {len(every) - MOST_ITEMS:,} more" if len(every) > MOST_ITEMS else ""
    return ", ".join(f"{each:,}" for each in every[:MOST_ITEMS]) + more


def lines_of(data: Data, rows: Sequence[int]) -> str:
    """The lines of a CSV file on which rows begin, as an editor counts them; nothing where that is not known soon."""
    found = [data.line(row) for row in rows[:MOST_ITEMS]]
    known = [f"{each:,}" for each in found if each is not None]
    if len(known) < len(rows):
        return ""
    return f" (line{'s' if len(known) > 1 else ''} {', '.join(known)})"


def lane(found: Explanation) -> Iterator[RenderableType]:
    """The lane, what decided it, and what every matching rule did."""
    cause = found.cause
    yield decision(found)
    if cause.relief_by is not None:
        kept = number_text(cause.kept)
        yield f"Relief: {cause.relief_by.id} leaves {kept} % of every rate that is not mandatory."
    yield ""
    if cause.parts:
        yield parts_table(cause, found.labels)
        yield ""


def decision(found: Explanation) -> str:
    """Why the lane, in a sentence."""
    cause = found.cause
    matched = len(cause.parts)
    rules = "1 rule" if matched == 1 else f"{matched:,} rules"
    score = f"Score {cause.score:,} from {rules}." if matched else "No rule matched any of its items."
    if cause.decided_by is None:
        return f"Lane: green, because no rule selected it. {score}"
    selecting = [part.rule for part in cause.parts if part.effect in (DECIDES, SELECTED)]
    same = sum(rule.lane == cause.lane for rule in selecting)
    because = ""
    if same > 1:
        because = f", the first of {same} rules that selected this lane"
    elif len(selecting) > 1:
        because = f", whose lane is the most severe of {len(selecting)} rules that selected"
    return f"Lane: {cause.lane}, decided by {cause.decided_by.id}{because}. {score}"


def parts_table(cause: Cause, labels: Sequence[str]) -> Table:
    """Every rule that matched, and what came of it."""
    table = plain_table("Why this lane", "rule", "item", "lane", "rate %", "chance", "drawn", "")
    for place in (1, 2, 6):
        table.columns[place].justify = "left"
    for place in (0, 2, 6):
        table.columns[place].no_wrap = True
    for part in cause.parts:
        items = ", ".join(labels[place] for place in part.items[:FEW_ITEMS])
        items += f" +{len(part.items) - FEW_ITEMS}" if len(part.items) > FEW_ITEMS else ""
        chance = "" if part.chance is None else number_text(part.chance)
        drawn = "" if part.drawn is None else percent(part.drawn)
        rate = "" if part.chance is None else number_text(part.rule.rate)
        table.add_row(part.rule.id, items, effect_sign(part.rule), rate, chance, drawn, effect(part))
    return table


def effect(part: Part) -> str:
    """What a matching rule did, in words."""
    if part.effect == RELIEF:
        return f"leaves {number_text(part.rule.relief or 0)} % of the rates"
    words = {GREEN: "adds to the score"}.get(part.effect, part.effect)
    return f"{words}, mandatory" if part.rule.mandatory else words


def percent(number: Fraction) -> str:
    """A drawn number, to four places."""
    return f"{float(number):.4f}"


def effect_sign(rule: Rule) -> Text | str:
    """The lane of a rule, or its relief."""
    return sign(rule.lane) if rule.lane is not None else f"relief {number_text(rule.relief or 0)} %"


# -- a record ---------------------------------------------------------------------------------------------------------


def record(item: Item, found: Explanation, one: bool) -> Iterator[RenderableType]:
    """The rules of one record."""
    if item.matched:
        yield heading("Matched" if one else f"Matched: {len(item.matched):,} of {counted(found.rules, 'rule')}")
        yield ""
        for rule in item.matched:
            yield RuleHead(rule.rule, "")
            if rule.rule.why:
                yield faint(f"why: {rule.rule.why}")
            yield conditions(rule)
            yield ""
    elif not one:
        yield heading("Matched: no rule")
        yield ""
    if item.nearest:
        others = len(item.nearest) + item.not_shown
        yield heading("Not matched" if one else f"Nearest misses: {len(item.nearest):,} of {others:,}")
        yield ""
        for rule in item.nearest:
            yield RuleHead(rule.rule, away(rule))
            yield conditions(rule)
            yield from (indented(each) for each in verdict(rule))
            yield ""


def named(item: Item) -> str:
    """An item by the part of its key behind the declaration."""
    return ", ".join(each.text for each in item.key[1:] or item.key)


@dataclass(frozen=True)
class RuleHead:
    """A rule's id, lane and title, and how far it was, in one line of whatever width there is."""

    rule: Rule
    note: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        from rich.text import Text

        rule = self.rule
        head = Text.assemble((rule.id, "bold"), "  ", effect_sign(rule))
        status = "" if rule.is_active else f"  {rule.status}, does not run"
        note = self.note and f"  {self.note}"
        room = min(WIDTH, options.max_width) - head.cell_len - len(status) - len(note) - 2
        if rule.title and room >= SHORTEST_TITLE:
            title = Text("  " + " ".join(rule.title.split()))
            title.truncate(room + 2, overflow="ellipsis")
            head.append(title)
        head.append(status, "yellow")
        if note and head.cell_len + len(note) > options.max_width:  # whole on a line of its own
            yield head
            yield Text(note, "dim")
            return
        head.append(note, "dim")
        yield head


def away(found: RuleExplained) -> str:
    """How many conditions stand in the way."""
    count = len(found.failing)
    return "1 condition away" if count == 1 else f"{count} conditions away"


def conditions(found: RuleExplained) -> Table:
    """Every condition with its truth, and below those that failed what would have made them TRUE."""
    table = grid()
    failing = {each.condition: each for each in found.failing}
    for place, each in enumerate(found.conditions):
        lines = [*told(each)]
        if place in failing:
            lines += wanted(failing[place].computed, failing[place].alone)
        table.add_row(truth(each), group(lines))
    return table


def told(found: Condition) -> Iterator[RenderableType]:
    """A condition's text, why it was what it was, what it saw, and the conditions in it."""
    from rich.text import Text

    if len(found.text) + len(found.why) <= ONE_LINE:
        yield Text.assemble(found.text, ("  " + found.why, "dim"))
    else:
        yield found.text
        yield faint(found.why)
    for line in dict.fromkeys(seen_lines(found.seen)):
        yield faint(line)
    if found.parts:
        table = grid()
        for part in found.parts:
            table.add_row(truth(part), group(told(part)))
        yield table


def seen_lines(seen: Iterable[Seen]) -> Iterator[str]:
    """What was computed, looked up and listed; bare columns stand in the words of the condition itself."""
    for each in seen:
        if each.kind in ("let", "computed"):
            name = f"{each.name} = " if each.kind == "let" else ""
            yield f"{name}{each.how}" + ("" if each.is_missing else f" = {rounded(each.text)}")
        elif each.kind == "lookup":
            yield f"{each.name} is {rounded(each.text)}: {each.how}"
        elif each.kind == "list":
            yield f"{each.name} has {each.how}"
        elif each.kind == "as_of":
            yield f"AS_OF is {each.text}"
        yield from seen_lines(each.parts)


def wanted(computed: Sequence[Change], alone: Sequence[Change]) -> Iterator[Table]:
    """What would have made a condition TRUE."""
    for change in computed[:1]:
        yield arrow(f"{change.name} would have to {would(change)}")
    for place, change in enumerate(alone[:MOST_ALONE]):
        enough = "enough alone: " if computed and not place else "or " if place else ""
        yield arrow(f"{enough}{change.name} would have to {would(change)}")
    if not computed and not alone:
        yield arrow("no change of one column makes this TRUE and leaves the others so")


def would(change: Change) -> str:
    """What a value would have to be, and what it is now."""
    now = f"now {rounded(text_of(change.old, change.type))}" if change.old is not None else "now missing"
    if change.distance is not None and not isinstance(change.distance, float):
        assert change.old is not None
        more = change.new > change.old
        far = length_text(change.distance, change.type)
        now += f", {far} {('later' if more else 'earlier') if is_time(change) else ('more' if more else 'less')}"
    return f"{change.would} ({now})" + ("" if change.exact else ", the nearest found")


def is_time(change: Change) -> bool:
    """Whether the value is a date or a timestamp."""
    from gpu_target.columns.expressions import family

    return family(change.type) == "time"


def verdict(found: RuleExplained) -> Iterator[Table]:
    """What would have made the whole rule match, where that is not what its one failing condition says already."""
    assert found.miss is not None
    changes = found.miss.changes
    if len(found.failing) == 1 and changes:
        return
    if not changes:
        yield arrow("no changes were found that make it match together")
    elif len(changes) == 1:
        yield arrow(f"one change is enough for all: {changes[0].name} would have to {would(changes[0])}")
    else:
        each = "; ".join(f"{change.name} would have to {change.would}" for change in changes)
        yield arrow(f"it would match with these {len(changes)} changes together: {each}")


# -- pieces -----------------------------------------------------------------------------------------------------------


def truth(found: Condition) -> Text:
    """TRUE, FALSE or UNKNOWN."""
    from rich.text import Text

    word = WORDS[found.truth]
    return Text(word, STYLES[word])


def heading(text: str) -> Text:
    """A part of the page."""
    from rich.text import Text

    return Text(text, "bold underline")


def faint(text: str) -> Text:
    """What explains, less bright than what is explained."""
    from rich.text import Text

    return Text(text, "dim")


def arrow(text: str) -> Table:
    """What would have to change; further lines stand below the first word."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(overflow="fold")
    table.add_row(Text("→", "cyan"), Text(text))
    return table


def indented(part: RenderableType) -> Table:
    """A part below the conditions of its rule."""
    table = grid()
    table.add_row("", part)
    return table


def grid() -> Table:
    """Two columns: a word that says what something was, and the something."""
    from rich.table import Table

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=LABEL, no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    return table


def group(lines: Iterable[RenderableType]) -> RenderableType:
    """Lines below one another."""
    from rich.console import Group
    from rich.text import Text

    return Group(*(Text(each) if isinstance(each, str) else each for each in lines))
