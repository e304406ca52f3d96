"""One evaluation as the commands do it: run, write the result files, and say what came out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpu_target.cli.reading import Clock, rules_and_data
from gpu_target.cli.screen import Screen
from gpu_target.language.diagnostics import Diagnostic, UsageError
from gpu_target.language.model import LANES
from gpu_target.language.record import RECORD_TYPES

if TYPE_CHECKING:
    from gpu_target.cache import Known
    from gpu_target.engine import Result
    from gpu_target.inputs import Data
    from gpu_target.language.model import RuleSet
    from gpu_target.results import ResultFolder


COMPILING = "about 10 seconds on an idle machine"


@dataclass(frozen=True)
class Options:
    """What a user may choose about an evaluation."""

    map: Path | None = None
    backend: str = "auto"
    threads: int | None = None
    as_of: str | None = None
    seed: int = 0
    matches: bool = False
    out: Path | None = None


@dataclass(frozen=True)
class Evaluated:
    """One evaluation: what was evaluated, what came out, and what ``--json`` and ``run.json`` say of it."""

    ruleset: RuleSet | Known
    data: Data
    result: Result
    facts: dict[str, Any]


def evaluated(rules: Path, data: Path, options: Options, screen: Screen) -> Evaluated:
    """Read the rules and the data, evaluate, and write ``options.out``. Raises as each of these does."""
    _keep_apart(rules, options.out)
    clock = Clock()
    ruleset, opened, plan = rules_and_data(rules, data, options.map, clock)
    with clock.part("compile"):
        ready_kernels(options.backend, screen)
    outputs = ["counts", *(["lanes"] if plan.key else []), *(["matches"] if options.matches else [])]
    if not plan.key:
        screen.note(_why_no_lanes(ruleset.record))
    with _folder(options.out) as folder:
        with screen.progress(f"Evaluating {ruleset.name}", opened.rows) as advance:
            result = plan.evaluate(
                opened.reader(plan.columns),
                backend=options.backend,
                outputs=tuple(outputs),
                seed=options.seed,
                as_of=options.as_of,
                threads=options.threads,
                progress=advance,
            )
        for name, seconds in result.seconds.items():
            clock.add(name, seconds)
        if folder is not None:
            with clock.part("output"):
                folder.add(result, label=opened.label)
        facts = _facts(ruleset, opened, result, options, clock)
        if folder is not None:
            folder.commit(facts)
    return Evaluated(ruleset, opened, result, facts)


def _keep_apart(rules: Path, out: Path | None) -> None:
    """Raise UsageError (US020) where result files would stand among the files of a rule folder."""
    if out is None or not (rules.is_dir() and out.is_dir() and out.resolve().is_relative_to(rules.resolve())):
        return
    if any(out.glob("*.yaml")):
        message = f"{out} holds the rule files"
        remedy = f"name a folder for the results alone, such as {out.resolve().name}-results"
        raise UsageError(Diagnostic("US020", message, place="--out", remedy=remedy))


def _why_no_lanes(record: str | None) -> str:
    """Why it is not known which rows are one declaration, and how to say it."""
    if record is None:
        return "no lanes: neither the rules nor a map say which column is the declaration; name it: key: [COLUMN]"
    column = RECORD_TYPES[record].key[0]
    return (
        f"no lanes: the data has no column `{column}`, the key of the record type {record}; "
        f"name it in a map: columns: {{{column}: {{from: COLUMN}}}}, or name another key there: key: [COLUMN]"
    )


def ready_kernels(backend: str, screen: Screen) -> None:
    """Have the kernels that a backend needs before any row is read.

    Where no earlier run has compiled them it is said, since that takes longer than most runs do.
    """
    from gpu_target import backends
    from gpu_target.backends.cpu import warm

    chosen = backends.chosen(backend)
    if warm.is_cached(chosen):
        warm.warm(chosen, None)
        return
    if warm.cache_folder() is None:
        why = "they cannot be kept, so every run will: set NUMBA_CACHE_DIR to a folder"
        screen.note(f"compiling the kernels, {COMPILING}; {why}")
    else:
        screen.note(f"compiling the kernels for this machine, once, {COMPILING}; later runs load them from a cache")
    with screen.progress("Compiling kernels", len(warm.kernels_of(chosen))) as advance:
        warm.warm(chosen, advance)


def lane_counts(result: Result) -> dict[str, int] | None:
    """Declarations by lane, every lane named; None where lanes were not asked for."""
    if result.lane_table is None:
        return None
    counted = {each["values"]: each["counts"] for each in result.lane_table["lane"].value_counts().to_pylist()}
    return {lane: counted.get(lane, 0) for lane in LANES}


def top_rules(result: Result, most: int) -> Sequence[tuple[str, int]]:
    """The rules with the most matches, those that matched at all."""
    best = result.counts.sort_values(ascending=False, kind="stable").head(most)
    return [(str(rule), int(count)) for rule, count in best.items() if count]


def _folder(out: Path | None) -> AbstractContextManager[ResultFolder | None]:
    if out is None:
        return nullcontext()
    from gpu_target.results import result_folder

    return result_folder(out)


def _facts(ruleset: RuleSet | Known, data: Data, result: Result, options: Options, clock: Clock) -> dict[str, Any]:
    from gpu_target import __version__, backends

    counts = result.counts
    lanes = lane_counts(result)
    return {
        "ruleset": ruleset.name,
        "ruleset_sha256": ruleset.sha256,
        "plan_sha256": result.plan.sha256,
        "data": str(data.path),
        "label": data.label,
        "rows": result.rows,
        "rules": len(result.plan.heads),
        "declarations": None if lanes is None else sum(lanes.values()),
        "backend": result.backend,
        "backend_reason": backends.why_auto() if options.backend == "auto" else None,
        "device": result.device,
        "threads": result.threads,
        "seed": result.seed,
        "as_of": options.as_of,
        "matches": int(counts.sum()),
        "rules_fired": int((counts > 0).sum()),
        "lanes": lanes,
        "seconds": clock.reading(),
        "out": None if options.out is None else str(options.out),
        "version": __version__,
    }
