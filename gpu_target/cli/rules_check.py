"""gpu-target rules check: everything that is wrong or doubtful in a rule set, at once."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from gpu_target.cli.checking import NOT_CHECKED, Checked, checked_rules, columns_of
from gpu_target.cli.faults import FOUND, command, report
from gpu_target.cli.findings_shown import Format, show_findings, shown
from gpu_target.cli.options import OUTPUT, AsJson, AsOf, DataOption, MapFile, Quiet, Seed, checked
from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import DataError, Diagnostic, GpuTargetError, RuleError, UsageError
from gpu_target.language.wording import counted

if TYPE_CHECKING:
    from gpu_target.findings.finding import Finding
    from gpu_target.findings.mending import Mended
    from gpu_target.language.model import RuleSet

PLACE = "gpu-target rules check"
BOM = b"\xef\xbb\xbf"
CHOICE, MENDING = "Which findings", "Mending"

SomeRules = Annotated[
    Path | None, typer.Argument(help="A rule file, or a folder of *.yaml files.", metavar="RULES", show_default=False)
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", metavar="CODES", rich_help_panel=CHOICE, show_default=False,
        help="Only these findings: codes or their beginnings, such as RT2,RT404; also those that are else not given.",
    ),
]  # fmt: skip
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore", metavar="CODES", rich_help_panel=CHOICE, show_default=False,
        help="All but these findings, such as RT4 or RT204.",
    ),
]  # fmt: skip
Fix = Annotated[
    bool, typer.Option("--fix", help="Mend what is safe, in the rule files.", rich_help_panel=MENDING)
]  # fmt: skip
Diff = Annotated[
    bool, typer.Option("--diff", help="Show what --fix would do; write nothing.", rich_help_panel=MENDING)
]  # fmt: skip
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How findings are shown; text by default.", rich_help_panel=OUTPUT),
]
Explain = Annotated[
    str | None,
    typer.Option(
        "--explain", metavar="CODE", rich_help_panel=OUTPUT, show_default=False,
        help="What a code means, with an example; of a beginning such as RT2, its codes. No rules are read.",
    ),
]  # fmt: skip


class Asked(NamedTuple):
    """What is checked, and against which columns."""

    rules: Path
    data: Path | None
    map: Path | None
    day: datetime.date | None
    wanted: set[str]


@command
def check(
    rules: SomeRules = None,
    data: DataOption = None,
    map_: MapFile = None,
    as_of: AsOf = None,
    seed: Seed = 0,
    select: Select = None,
    ignore: Ignore = None,
    fix: Fix = False,
    diff: Diff = False,
    format_: FormatOption = None,
    explain: Explain = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Read a rule set, drafts included, and show every problem with its place and what to write instead.

    It is checked in stages, and errors of one hide those of the next: first what stands in the files, then names and
    types, against --data, else --map, else the record type that the rules name. Then come findings about rules that can
    be run: rules that never match, repeat or cover each other, terms that add nothing, and more.
    Exit code 1 where something was found, 2 where the rules cannot be run.
    """
    format_ = _format(format_, as_json)
    screen = Screen(format_ is Format.json, quiet)
    if explain is not None:
        return _explain(screen, explain)
    if rules is None:
        raise UsageError(Diagnostic("US022", "Missing argument 'RULES'", place=PLACE, remedy=f"see {PLACE} --help"))
    asked = Asked(rules, data, map_, checked(as_of, seed), _wanted(select, ignore))
    try:
        return _check(screen, format_, asked, fix, diff)
    except GpuTargetError as error:
        if format_ in (Format.concise, Format.github):
            screen.asked([shown(format_, each) for each in error.diagnostics])
            return error.exit_code
        code = report(error, format_ is Format.json)
        if format_ is Format.text and isinstance(error, (RuleError, DataError)):
            _close(screen, error.diagnostics)
        return code


def _close(screen: Screen, errors: Sequence[Diagnostic]) -> None:
    """How many errors there are, what is not checked yet because of them, and where a code is explained."""
    if not any(each.span for each in errors):
        return  # nothing was read
    in_files = any(each.code.startswith("RT0") or "DT201" <= each.code <= "DT216" for each in errors)
    rest = "names, types and findings" if in_files else "findings"
    screen.note(f"{counted(len(errors), 'error')}. Mend {'it' if len(errors) == 1 else 'them'} first: "
                f"{rest} are checked after that.")  # fmt: skip
    screen.note(f"What a code means: {PLACE} --explain {errors[0].code}")


def _check(screen: Screen, format_: Format, asked: Asked, fix: bool, diff: bool) -> int:
    ruleset, against, found = _found(asked)
    mended: Sequence[Mended] = ()
    if fix or diff:
        mended = _mends(screen, asked, ruleset, found)
        if diff:
            screen.asked([line for each in mended for line in _difference(each)])
        elif mended:
            _write(mended)
            ruleset, against, found = _found(asked)
    if not diff:
        show_findings(screen, format_, found)
    if format_ is Format.text:
        if fix and not diff:
            screen.show(*[f"Mended: {words}." for each in mended for words in each.what])
        _summary(screen, ruleset, against, found)
    screen.document(_document(ruleset, against, found, mended, written=not diff))
    return FOUND if found else 0


def _found(asked: Asked) -> tuple[RuleSet, Checked | None, list[Finding]]:
    import gpu_target
    from gpu_target.findings.find import find

    ruleset = gpu_target.load_rules(asked.rules)
    columns = columns_of(ruleset, asked.data, asked.map)
    against = checked_rules(ruleset, columns) if columns else None
    binder = against.binder if against else None
    return ruleset, against, find(ruleset, binder, wanted=asked.wanted, as_of=asked.day)


def _format(format_: Format | None, as_json: bool) -> Format:
    if as_json and format_ not in (None, Format.json):
        remedy = "leave one of them out"
        raise UsageError(Diagnostic("US023", f"--json and --format {format_} differ", place=PLACE, remedy=remedy))
    return Format.json if as_json else format_ or Format.text


def _wanted(select: Sequence[str] | None, ignore: Sequence[str] | None) -> set[str]:
    """The codes of findings that are asked for; each word must be the beginning of one at least."""
    from gpu_target.findings.finding import wanted_codes
    from gpu_target.language.codes.findings import FINDING_CODES

    chosen = []
    for option, values in (("--select", select), ("--ignore", ignore)):
        words = [word.strip().upper() for value in values or () for word in value.split(",") if word.strip()]
        for word in words:
            if not any(code.startswith(word) for code in FINDING_CODES):
                message = f"no finding has a code that begins with {word}"
                remedy = "codes of findings begin with RT2, RT3 or RT4"
                raise UsageError(Diagnostic("US022", message, place=f"{PLACE} {option}", remedy=remedy))
        chosen.append(words)
    return wanted_codes(*chosen)


def _summary(screen: Screen, ruleset: RuleSet, against: Checked | None, found: Sequence[Finding]) -> None:
    idle = len(ruleset.rules) - len(ruleset.active)
    resting = f", {idle:,} of them draft or retired" if idle else ""
    screen.show(f"{ruleset.name}: {counted(len(ruleset.rules), 'rule')}{resting}")
    screen.show(f"Names and types checked against {against.source}." if against else NOT_CHECKED)
    if against and against.missing:
        screen.show(f"Not checked: what reads {', '.join(against.missing)}; give the generated folder as --data.")
    if not found:
        screen.show("Nothing wrong was found.")
        return
    mends = sum(each.mend is not None for each in found)
    mendable = f", {mends:,} of which --fix can mend" if mends else ""
    screen.show(f"{counted(len(found), 'finding')}{mendable}.")
    screen.show(f"What a code means: {PLACE} --explain {found[0].code}")


def _document(
    ruleset: RuleSet, against: Checked | None, found: Sequence[Finding], mended: Sequence[Mended], *, written: bool
) -> dict[str, object]:
    mends = [{"file": str(each.path), "what": each.what, "difference": "\n".join(_difference(each))} for each in mended]
    return {
        "ruleset": ruleset.name,
        "ruleset_sha256": ruleset.sha256,
        "rules": len(ruleset.rules),
        "active": len(ruleset.active),
        "checked_against": against.source if against else None,
        "tables_not_checked": list(against.missing) if against else [],
        "findings": [each.as_dict() for each in found],
        "mended": mends if written else [],
        "mendable": [] if written else mends,
    }


# -- mending ----------------------------------------------------------------------------------------------------------


def _mends(screen: Screen, asked: Asked, ruleset: RuleSet, found: Sequence[Finding]) -> Sequence[Mended]:
    """The files that mends change; a file stays where they would change what the rules do. Raises UsageError."""
    from gpu_target.findings.mending import all_active, keeps_meaning, mend

    mended = mend(ruleset, found)
    if not mended:
        return ()
    columns = columns_of(ruleset, asked.data, asked.map)
    if columns is None:
        remedy = "name a record type in the rules, or give --map or --data"
        message = "whether mends change what the rules do cannot be told without types"
        raise UsageError(Diagnostic("US022", message, place=PLACE, remedy=remedy))
    import pyarrow as pa

    import gpu_target

    def meaning(each: RuleSet) -> str:
        schema = pa.schema(columns.types)
        plan = gpu_target.compile(all_active(each), schema, key=columns.key, roles=columns.roles, tables=columns.tables)
        return plan.sha256

    kept = []
    for each in mended:
        if keeps_meaning(ruleset, [each], gpu_target.load_rules, meaning):
            kept.append(each)
        else:
            screen.note(f"{each.path} is left as it is: its mends would change what the rules do")
    return kept


def _write(mended: Sequence[Mended]) -> None:
    """Each file at once, a link staying a link, and the mark at the beginning of a file too."""
    from gpu_target.results import replaced

    for each in mended:
        target = each.path.resolve()
        mark = BOM if target.read_bytes().startswith(BOM) else b""
        with replaced(target) as temporary:
            temporary.write_bytes(mark + each.after.encode("utf-8"))
            temporary.chmod(target.stat().st_mode)


def _difference(mended: Mended) -> list[str]:
    import difflib

    before, after = mended.before.splitlines(), mended.after.splitlines()
    return list(difflib.unified_diff(before, after, str(mended.path), str(mended.path), lineterm=""))


# -- explaining -------------------------------------------------------------------------------------------------------


def _explain(screen: Screen, code: str) -> int:
    """Show the entry of a code. Raises UsageError where there is none."""
    from gpu_target.language.codes import CODES
    from gpu_target.language.suggest import did_you_mean

    wanted = code.strip().upper()
    family = [each for each in CODES if wanted and each.startswith(wanted)]
    if wanted not in CODES and family:
        screen.document({"codes": {each: CODES[each].title for each in family}})
        screen.asked([f"{each}: {CODES[each].title}" for each in family])
        return 0
    if wanted not in CODES:
        remedy = did_you_mean(wanted, CODES) or "codes stand in brackets behind `error` and `warning`, such as RT203"
        raise UsageError(Diagnostic("US022", f"there is no code {code}", place=f"{PLACE} --explain", remedy=remedy))
    entry = CODES[wanted]
    screen.document({"code": wanted, **entry._asdict()})
    if screen.as_json:
        return 0
    parts = [f"{wanted}: {entry.title}", "", *textwrap.wrap(entry.explanation, screen.out.width)]
    for title, example in (("Wrong:", entry.wrong), ("Right:", entry.right)):
        if example:
            parts += ["", title, "", *[f"    {line}" for line in example.splitlines()]]
    screen.asked(parts)
    return 0
