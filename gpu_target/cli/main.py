"""``gpu-target``: the commands, and what happens around them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from gpu_target import __version__
from gpu_target.cli.demo import demo
from gpu_target.cli.doctor import doctor
from gpu_target.cli.explain import explain
from gpu_target.cli.faults import BAD_INPUT, report
from gpu_target.cli.generate import generate
from gpu_target.cli.init import init
from gpu_target.cli.rules_check import check
from gpu_target.cli.rules_format import format_files
from gpu_target.cli.rules_generate import generate_rules
from gpu_target.cli.rules_schema import schema
from gpu_target.cli.rules_stats import stats
from gpu_target.cli.rules_test import run_rule_tests
from gpu_target.cli.run import run
from gpu_target.cli.screen import hang_up
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.suggest import nearest

app = typer.Typer(
    name="gpu-target",
    help="Evaluate thousands of customs targeting rules over a whole year of declarations.",
    epilog="First steps: gpu-target demo, then gpu-target init my-rules",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules = typer.Typer(
    help="Check, format, test, measure and make rule sets.", epilog="Example: gpu-target rules check rules.yaml"
)
app.add_typer(rules, name="rules")


def _version(asked: bool) -> None:
    if asked:
        print(f"gpu-target {__version__}")
        raise typer.Exit


@app.callback()
def _gpu_target(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


app.command(epilog="Example: gpu-target demo --declarations 200000 --out demo")(demo)
app.command(epilog="Example: gpu-target generate morocco-2024 --declarations 20000 --seed 1 --out year")(generate)
app.command(epilog="Example: gpu-target run rules.yaml year --out results")(run)
app.command(epilog="Example: gpu-target explain rules.yaml year --key 240000000001,1")(explain)
app.command(epilog="Example: gpu-target doctor --warm")(doctor)
app.command(epilog="Example: gpu-target init my-rules")(init)
rules.command(epilog="Example: gpu-target rules check rules.yaml --map map.yaml --data lodged.csv")(check)
rules.command("test", epilog="Example: gpu-target rules test rules.yaml --coverage")(run_rule_tests)
rules.command("format", epilog="Example: gpu-target rules format rules --check")(format_files)
rules.command(epilog="Example: gpu-target rules stats rules.yaml year --sort cost --out stats")(stats)
rules.command(epilog="Example: gpu-target rules schema > rules.schema.json")(schema)
rules.command(
    "generate",
    epilog="Example: gpu-target rules generate --from before.yaml --add 434 --change 199 --seed 2 --out after.yaml",
)(generate_rules)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal may lack a character of a message
    raise SystemExit(_code(asked or ["--help"]))


def _code(asked: list[str]) -> int:
    try:
        code = app(asked, prog_name="gpu-target", standalone_mode=False)
    except typer.Abort:
        code = report(KeyboardInterrupt(), "--json" in asked)
    except typer.TyperException as error:
        code = report(_misused(error, asked), "--json" in asked)
    except (KeyboardInterrupt, OSError) as error:  # help and version are written outside any command
        code = report(error, "--json" in asked)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        hang_up(sys.stdout)
    except OSError as error:
        code = report(error, as_json=False)
        hang_up(sys.stdout)  # what is left in the buffer would fail again when Python ends
    return code if isinstance(code, int) else BAD_INPUT


# The parser's words for a value that cannot be read, and plain ones.
_OTHER_WORDS = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "a whole number is expected",
    "Input should be less than or equal to": "expected at most",
    "Input should be greater than or equal to": "expected at least",
    "Input should be a valid number, unable to parse string as a number": "a number is expected",
}


_NO_COMMAND = re.compile("No such command '([^']*)'")
_OTHER_COMMANDS = {"lint": "check", "validate": "check", "verify": "check", "fmt": "format", "statistics": "stats",
                   "evaluate": "run", "why": "explain", "new": "init", "make": "generate"}  # fmt: skip


def _misused(error: typer.TyperException, asked: Sequence[str]) -> UsageError:
    """What the parser of the command line found, as any other problem."""
    tell = getattr(error, "format_message", None)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _command_of(asked)
    message = str(tell() if tell else error).strip().rstrip(".")
    for theirs, ours in _OTHER_WORDS.items():
        message = message.replace(theirs, ours)
    unknown = _NO_COMMAND.search(message)
    if unknown is not None:
        message = unknown[0]  # without the guess behind it, which knows the commands of one group alone
    remedy = _meant_command(unknown[1], path) if unknown else ""
    return UsageError(Diagnostic("US022", message, place=path, remedy=remedy or f"see {path} --help"))


def _command_of(asked: Sequence[str]) -> str:
    """The command that was asked for, where the parser does not say it."""
    words = list(asked[:2]) if asked[:1] == ["rules"] else list(asked[:1])
    known = [word for word in words if word in ("rules", *_names(app), *_names(rules))]
    return " ".join(["gpu-target", *known])


def _meant_command(word: str, path: str) -> str:
    """The command that an unknown word probably stands for, also one of another group."""
    below = {each: f"gpu-target rules {each}" for each in _names(rules)}
    beside = {each: f"gpu-target {each}" for each in (*_names(app), "rules")}
    for known in (below, beside) if path.endswith(" rules") else (beside, below):
        if word in known:
            return f"did you mean `{known[word]}`?"
    near = nearest(word, below if path.endswith(" rules") else beside | below, _OTHER_COMMANDS)
    command = (below | beside).get(near or "")
    return f"did you mean `{command}`? See {path} --help" if command else ""


def _names(group: typer.Typer) -> list[str]:
    named = [each.name or getattr(each.callback, "__name__", "") for each in group.registered_commands]
    return [each.replace("_", "-") for each in named]
