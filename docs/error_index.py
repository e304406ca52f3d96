"""The page of codes: what each means, an example that provokes it with the very message, and the example mended."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from gpu_target.cli.main import main
from gpu_target.language.codes import CODES
from gpu_target.language.codes.code import Code
from synthetic.errors import CODES as PROFILE_CODES

FAMILIES = {
    "RT0": ("Syntax of rules and of their files", "They stop every command, with exit code 2."),
    "RT1": ("Names and types", "They stop every command, with exit code 2."),
    "RT2": ("Logic", "Findings of `rules check` alone, with exit code 1: such rules can be run."),
    "RT3": ("Cost", "Findings of `rules check` alone, with exit code 1: such rules can be run."),
    "RT4": ("Style", "Findings of `rules check` alone, with exit code 1: such rules can be run."),
    "DT": ("Data, maps, lists and tables", "They stop the command, with exit code 2."),
    "PR": ("Profiles of the generator", "They stop the command, with exit code 2."),
    "SC": ("Scenarios", "They stop the command, with exit code 2."),
    "GA": ("Gates", "They stop the command, with exit code 2."),
    "EN": ("Environment", "They stop the command, with exit code 4: the machine cannot do it."),
    "US": ("Usage", "They stop the command, with exit code 2."),
}
FINDINGS = ("RT2", "RT3", "RT4")
HEAD = "ruleset: example\nrecord: declaration-item\n"
COMMAND = "$ gpu-target "
FILE = re.compile(r"^# file: (\S+)(?:\n|\Z)", re.M)
LANGUAGES = {".yaml": "yaml", ".yml": "yaml"}


class Example(NamedTuple):
    """The files of an example by name, and the command that is run on them."""

    files: Mapping[str, str]
    command: str


class Said(NamedTuple):
    """What the command of an example printed, both streams, and its exit code."""

    text: str
    code: int


def example(snippet: str, code: str) -> Example:
    """The files and the command of a snippet, by the convention of ``Code``.

    Findings are asked for by their code, for some are not told unasked.
    """
    command = f"{COMMAND}rules check rules.yaml" + (
        f" --as-of 2024-12-31 --select {code}" if code.startswith(FINDINGS) else ""
    )
    if snippet.startswith(COMMAND):
        command, snippet = snippet.split("\n", 1)
    names = FILE.findall(snippet)
    if not names:
        return Example({"rules.yaml": HEAD + _ended(snippet)}, command)
    texts = [_ended(text) if text else "" for text in FILE.split(snippet)[2::2]]
    return Example(dict(zip(names, texts, strict=True)), command)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def said(shown: Example) -> Said:
    """Run an example in a folder of its own."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in shown.files.items():
            target = Path(scratch, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        with (
            mock.patch.dict(os.environ, {"NO_COLOR": "1", "COLUMNS": "100"}),
            contextlib.chdir(scratch),
            contextlib.redirect_stdout(streams[0]),
            contextlib.redirect_stderr(streams[1]),
        ):
            try:
                main(shlex.split(shown.command.removeprefix(COMMAND)))
            except SystemExit as left:
                code = int(left.code or 0)
    for stream in streams:
        stream.flush()
    out, err = (stream.buffer.getvalue().decode("utf-8") for stream in streams)  # type: ignore[attr-defined]
    return Said(err + out, code)


def message(printed: str, code: str) -> str:
    """The message with this code among what was printed."""
    for each in re.split(r"\n\n+", printed):
        lines = each.split("\n")
        starts = [number for number, line in enumerate(lines) if re.match(rf"(error|warning)\[{code}\]", line)]
        if starts:
            return "\n".join(lines[starts[0] :]).rstrip()
    return ""


def entries() -> Iterator[tuple[str, Code]]:
    """Every code with its entry; those of the generator's profiles have no examples."""
    yield from CODES.items()
    for code, entry in PROFILE_CODES.items():
        yield code, Code(entry.title, entry.explanation)


def page() -> str:
    """Every code, by family."""
    left = dict(entries())
    text = [
        "# Codes of messages\n",
        "Every message about a rule, a file or the environment carries a code that never changes its meaning. Below,",
        "what each means, an example with the very message, and the same mended. Where an example does not say",
        "otherwise it stands below the two lines `ruleset: example` and `record: declaration-item` of a file",
        "`rules.yaml`, and the command is `gpu-target rules check rules.yaml`. In a terminal,",
        "`gpu-target rules check --explain CODE` shows one entry.\n",
        *_contents(left),
    ]
    for prefix, (title, note) in FAMILIES.items():
        found = {code: left.pop(code) for code in sorted(left) if code.startswith(prefix)}
        if found:
            text.append(f"## {prefix}: {title}\n\n{note}\n")
            for code, entry in found.items():
                text += _entry(code, entry)
    if left:
        raise ValueError(f"codes of no family: {sorted(left)}")
    return "\n".join(text)


def _contents(codes: Iterable[str]) -> Iterator[str]:
    for prefix, (title, _) in FAMILIES.items():
        found = [code for code in sorted(codes) if code.startswith(prefix)]
        if found:
            yield f"- {title}: " + ", ".join(f"[{code}](#{code.lower()})" for code in found)
    yield ""


def _entry(code: str, entry: Code) -> Iterator[str]:
    yield f"({code.lower()})=\n### {code}: {entry.title}\n"
    yield f"{entry.explanation}\n"
    if not entry.wrong:
        return
    wrong = example(entry.wrong, code)
    told = message(said(wrong).text, code)
    if not told:
        raise ValueError(f"the example of {code} does not provoke it")
    yield from _shown(entry.wrong, wrong)
    yield f"```text\n{told}\n```\n"
    yield "Mended:\n"
    right = example(entry.right, code)
    yield from _shown(entry.right, right, besides=wrong)


def _shown(snippet: str, shown: Example, besides: Example | None = None) -> Iterator[str]:
    """The files of an example that differ from those ``besides``, and its command where it is not the usual one."""
    if not FILE.search(snippet):
        body = snippet.split("\n", 1)[1] if snippet.startswith(COMMAND) else snippet
        if besides is None or shown.files != besides.files:
            language = "text" if "\t" in body else "yaml"  # a tab is no YAML, and the page would be told so
            yield f"```{language}\n{_ended(body)}```\n"
    else:
        for name, text in shown.files.items():
            if besides is None or besides.files.get(name) != text:
                yield f"```{LANGUAGES.get(Path(name).suffix, 'text')}\n# {name}\n{text}```\n"
    if snippet.startswith(COMMAND) and (besides is None or besides.command != shown.command):
        yield f"```text\n{shown.command}\n```\n"
