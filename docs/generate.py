"""Reference pages made from the tables in the code, so that a fact is written in one place.

Each function returns one page as Markdown; ``write_all`` writes them where Sphinx looks for them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path

import error_index  # it stands beside this file
import typer
from typer.testing import CliRunner

from gpu_target.cli.main import app
from gpu_target.language.operators import FUNCTIONS, OPERATORS, Example
from gpu_target.language.record import RECORD_TYPES


def cell(text: str) -> str:
    """Text that stands in a table cell: a bar would end it, a line break would end the table."""
    return " ".join(text.split()).replace("|", "\\|")


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(header)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(cell(each) for each in line) + " |" for line in lines) + "\n"


def record_types() -> str:
    """Every field of every record type: type, unit or code standard, meaning."""
    page = [
        "# Record types\n",
        "A rule set that says `record:` reads the columns below, with these types. Any field may be missing (NULL)",
        "except the key. A rule set without `record:` reads whatever columns the data has.\n",
    ]
    for record in RECORD_TYPES.values():
        key = ", ".join(f"`{name}`" for name in record.key)
        roles = ", ".join(f"{role} `{column}`" for role, column in record.roles.items())
        page.append(f"## {record.name}\n")
        page.append(f"{record.meaning}\n")
        page.append(f"Key: {key}. A rule's own conditions (`valid`, `flow`, `offices`) read: {roles}.\n")
        rows = ((f"`{each.name}`", str(each.type), each.unit, each.meaning) for each in record.described)
        page.append(table(("field", "type", "unit or codes", "meaning"), rows))
    return "\n".join(page)


def written(value: object) -> str:
    """A value as the reader of a page sees it."""
    match value:
        case None:
            return "missing"
        case bool():
            return "`TRUE`" if value else "`FALSE`"
        case str():
            return f"`'{value}'`"
        case datetime.datetime():
            return f"`TIMESTAMP '{value.isoformat(' ')}'`"
        case datetime.date():
            return f"`DATE '{value.isoformat()}'`"
        case list():
            return "the list " + ", ".join(written(each) for each in value)
        case _:
            return f"`{value}`"


def example(shown: Example) -> str:
    row = [f"`{name}` {written(value)}" for name, value in shown.row.items()]
    lists = [f"`@{name}` {', '.join(map(written, values))}" for name, values in shown.lists.items()]
    answer = {True: "TRUE", False: "FALSE", None: "UNKNOWN"}[shown.value]
    return f"```sql\n{shown.predicate}\n```\n\nWith {'; '.join([*row, *lists])}: **{answer}**.\n"


def operators() -> str:
    """Every operator and function: what it takes and gives, where it is missing, an example that the tests run."""
    page = [
        "## Operators\n",
        "Those further down are applied first; those of one power from left to right.\n",
        table(
            ("power", "form", "of", "gives"),
            ((str(each.power), f"`{each.form}`", each.takes, each.gives) for each in OPERATORS.values()),
        ),
    ]
    for operator in OPERATORS.values():
        page.append(f"### `{operator.form}`\n")
        page.append(f"{operator.meaning}\n\nMissing values: {operator.missing}.\n")
        page.append(example(operator.example))
    page.append("## Functions\n")
    for function in FUNCTIONS.values():
        more = ", …" if function.most is None else ""
        page.append(f"### `{function.name}`\n")
        page.append(f"{function.meaning}\n")
        page.append(
            f"Takes ({'; '.join(function.takes)}{more}), gives {function.gives}. Missing values: {function.missing}.\n"
        )
        page.append(example(function.example))
    return "\n".join(page)


def command_paths(group: typer.Typer, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command of the program, as the words that name it."""
    for command in group.registered_commands:
        name = command.name or (command.callback.__name__.replace("_", "-") if command.callback else "")
        yield (*before, name)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from command_paths(inner.typer_instance, (*before, str(inner.name)))


def commands() -> str:
    """What ``--help`` says of every command."""
    page = [
        "# Commands\n",
        "What `--help` says. Every command takes `--json` (one JSON document on standard output, nothing else there)",
        "and `--quiet`, honours `NO_COLOR`, and ends with one of the [exit codes](../exit-codes.md).\n",
    ]
    runner = CliRunner()
    for path in command_paths(app):
        shown = runner.invoke(app, [*path, "--help"], prog_name="gpu-target", env={"COLUMNS": "100", "TERM": "dumb"})
        if shown.exit_code:
            raise ValueError(f"{' '.join(path)} --help exits with {shown.exit_code}")
        text = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        page.append(f"## gpu-target {' '.join(path)}\n\n```text\n{text}\n```\n")
    return "\n".join(page)


PAGES = {
    "record-types.md": record_types,
    "error-codes.md": error_index.page,
    "operators.md": operators,
    "commands.md": commands,
}


def write_all(folder: Path) -> None:
    """Write every generated page; an unchanged page keeps its time, so that Sphinx does not read it again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        path = folder / name
        text = page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
