"""What the figures may be: recorded in ``limits.json``, held, shown and rewritten.

python -m tests.cuda_gate.limits [--write]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.cuda_gate.compiling import ARCHITECTURES, SOURCE, compiler_versions, missing
from tests.cuda_gate.figures import Figures, figures

FILE = Path(__file__).with_name("limits.json")
RECORDED = {"registers": 1.0, "shared": 1.0, "hot_loop": 1.05, "instructions": 1.2}  # and how far above it may be
ZERO = ("stack", "local", "spills")  # a kernel that needs them is slow on every card
DIVIDES = ("MUFU", "I2F", "UI2F", "F2I")
REWRITE = "if that is meant: python -m tests.cuda_gate.limits --write"

Limits = Mapping[str, Any]


def load() -> Limits:
    limits: Limits = json.loads(FILE.read_text(encoding="utf-8"))
    return limits


def measured(source: str) -> list[Figures]:
    """Of every kernel on every architecture."""
    return [each for architecture in ARCHITECTURES for each in figures(source, architecture)]


def broken(found: Iterable[Figures], limits: Limits) -> list[str]:
    """Every limit that is broken, with kernel, architecture, figure and limit; and kernels on one side only."""
    found = list(found)
    problems = [problem for each in found for problem in (*_unsound(each), *_above(each, limits["kernels"]))]
    there = {(each.kernel, each.architecture) for each in found}
    for kernel, by_architecture in limits["kernels"].items():
        for architecture in by_architecture:
            if (kernel, architecture) not in there and architecture in {each.architecture for each in found}:
                problems.append(f"{kernel} on {architecture}: has limits and is not in the source; {REWRITE}")
    return problems


def wrong_compiler(limits: Limits) -> list[str]:
    """Figures belong to the exact compilers that made them."""
    installed = compiler_versions()
    return [
        f"{name} is {installed.get(name)}, the limits were recorded with {version}; rewrite them in a commit of its own"
        for name, version in limits["compilers"].items()
        if installed.get(name) != version
    ]


def _unsound(each: Figures) -> Iterable[str]:
    """What no record excuses."""
    place = f"{each.kernel} on {each.architecture}"
    for name in ZERO:
        if value := getattr(each, name):
            yield f"{place}: {name} {value}, limit 0"
    for kind, count in sorted(each.floating.items()):
        hint = "; integers divided by what only the run knows need it too" if kind in DIVIDES else ""
        yield f"{place}: floating {kind} {count}, limit 0{hint}"


def _above(each: Figures, kernels: Mapping[str, Any]) -> Iterable[str]:
    place = f"{each.kernel} on {each.architecture}"
    recorded = kernels.get(each.kernel, {}).get(each.architecture)
    if recorded is None:
        yield f"{place}: no limits are recorded; {REWRITE}"
        return
    for name, room in RECORDED.items():
        value, limit = getattr(each, name), int(recorded[name] * room)
        if value > limit:
            yield f"{place}: {name} {value}, limit {limit} (recorded {recorded[name]}); {REWRITE}"
    # exact, and fewer is told too: loads that the compiler found to be for nothing look like a gain
    for kind in sorted({*each.mix, *recorded["mix"]}):
        if each.mix[kind] != recorded["mix"].get(kind, 0):
            yield f"{place}: {kind} {each.mix[kind]}, recorded {recorded['mix'].get(kind, 0)}; {REWRITE}"


def record(found: Iterable[Figures]) -> dict[str, Any]:
    """Limits that these figures just keep. ValueError for figures that no record excuses."""
    found = list(found)
    problems = [problem for each in found for problem in _unsound(each)]
    if problems:
        raise ValueError("nothing is recorded:\n" + "\n".join(problems))
    kernels: dict[str, dict[str, dict[str, Any]]] = {}
    for each in found:
        figures_of: dict[str, Any] = {name: getattr(each, name) for name in RECORDED}
        kernels.setdefault(each.kernel, {})[each.architecture] = {**figures_of, "mix": dict(sorted(each.mix.items()))}
    return {"compilers": compiler_versions(), "kernels": kernels}


def table(found: Iterable[Figures], limits: Limits) -> Iterable[str]:
    """The figures, each with its recorded limit behind it."""
    names = (*RECORDED, *ZERO)
    yield f"{'kernel':24}{'on':8}" + "".join(f"{name.replace('_', ' '):>18}" for name in names)
    for each in found:
        recorded = limits["kernels"].get(each.kernel, {}).get(each.architecture, {})
        cells = (f"{getattr(each, name)} ({recorded.get(name, 0 if name in ZERO else '-')})" for name in names)
        yield f"{each.kernel:24}{each.architecture:8}" + "".join(f"{cell:>18}" for cell in cells)


def main(arguments: Sequence[str] | None = None, file: Path = FILE, source: Path = SOURCE) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cuda_gate.limits",
        description="Compile the CUDA source for every architecture and show what the compiler made of it.",
    )
    parser.add_argument("--write", action="store_true", help="record the figures as the new limits")
    options = parser.parse_args(arguments)
    if lacking := missing():
        print(f"{lacking}: pip install 'gpu-target[dev]'")
        return 4
    found = measured(source.read_text(encoding="utf-8"))
    limits: Limits = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"compilers": {}, "kernels": {}}
    print(*table(found, limits), sep="\n")
    if options.write:
        try:
            text = json.dumps(record(found), indent=2) + "\n"
        except ValueError as error:
            print(error)
            return 1
        file.write_text(text, encoding="utf-8")
        print(f"written: {file.name}")
        return 0
    problems = [*wrong_compiler(limits), *broken(found, limits)]
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
