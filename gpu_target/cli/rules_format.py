"""gpu-target rules format: rule files in one canonical form."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gpu_target.cli.faults import FOUND, command
from gpu_target.cli.options import AsJson, Quiet, Rules
from gpu_target.cli.screen import Screen, write_text
from gpu_target.language.diagnostics import Diagnostic, UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from gpu_target.formatting.rule_set import Formatted

STYLES = {"+": "green", "-": "red", "@": "cyan"}


@command
def format_files(
    rules: Rules,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 where a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change, and exit as --check does.")
    ] = False,
    stdin: Annotated[
        bool,
        typer.Option(
            "--stdin",
            help="Take the text of the file RULES from standard input and write it to standard output, for editors.",
        ),
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Write rule files in one canonical form: comments stay, and so does what the rules mean.

    Every new text is read again and compared before anything is written. Files with errors are refused and left alone.
    """
    from gpu_target.formatting.rule_set import format_rules, format_text

    screen = Screen(as_json, quiet)
    if stdin:
        _refuse_with_stdin(check, diff, as_json)
        write_text(format_text(rules, sys.stdin.buffer.read())[1].after.decode("utf-8"))
        return 0
    ruleset, files = format_rules(rules)
    changed = [each for each in files if each.changes]
    only_look = check or diff
    if diff and not as_json:
        for each in changed:
            screen.out.print(_difference(each), soft_wrap=True)
    if not only_look:
        for each in changed:
            _write(each)
    verb = "would be formatted" if only_look else "formatted"
    for each in changed:
        screen.show(f"{verb}: {each.path}")
    screen.show(_summary(len(changed), len(files), only_look))
    screen.document({
        "ruleset": ruleset.name,
        "ruleset_sha256": ruleset.sha256,
        "files": [str(each.path) for each in files],
        "changed": [str(each.path) for each in changed],
        "written": not only_look,
    })  # fmt: skip
    return FOUND if changed and only_look else 0


def _refuse_with_stdin(check: bool, diff: bool, as_json: bool) -> None:
    asked = [name for name, given in (("--check", check), ("--diff", diff), ("--json", as_json)) if given]
    if asked:
        message = f"--stdin writes the text itself to standard output, {asked[0]} something else"
        raise UsageError(Diagnostic("US023", message, place="gpu-target rules format", remedy="give one of the two"))


def _summary(changed: int, files: int, only_look: bool) -> str:
    if not changed:
        return f"{files:,} file{'s are' if files != 1 else ' is'} in canonical form"
    rest = f"; {files - changed:,} already {'were' if files - changed != 1 else 'was'}" if files > changed else ""
    return f"{changed:,} file{'s' if changed != 1 else ''} {'would change' if only_look else 'changed'}{rest}"


def _write(file: Formatted) -> None:
    """Replace a file whole; a link to it stays a link, and who may read it stays as it was."""
    from gpu_target.results import replaced

    path = file.path.resolve()
    with replaced(path) as temporary:
        temporary.write_bytes(file.after)
        shutil.copymode(path, temporary)


def _difference(file: Formatted) -> Text:
    from difflib import unified_diff

    from rich.text import Text

    texts = (file.before.decode("utf-8-sig"), file.after.decode("utf-8"))
    before, after = (text.splitlines() for text in texts)
    lines: Sequence[str] | Iterator[str] = unified_diff(
        before, after, str(file.path), f"{file.path} (formatted)", lineterm=""
    )
    shown = Text()
    for line in lines:
        shown.append(line + "\n", STYLES.get(line[0], "") if not line.startswith(("+++", "---")) else "bold")
    shown.rstrip()
    return shown
