"""The report on a card as Markdown, from its JSON alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]
CLOCKS = ("clocks.sm", "clocks.mem", "power.draw", "clocks_throttle_reasons.active")


def page(report: Record) -> str:
    """The whole page."""
    return "\n".join([*_head(report), *_overview(report), *_sections(report)]).rstrip() + "\n"


def _head(report: Record) -> Iterator[str]:
    card, machine = report["card"], report["machine"]
    yield f"# {card['device']}: what was measured"
    yield ""
    yield f"`{report['command']}`"
    yield ""
    versions = ", ".join(f"{name} {is_}" for name, is_ in machine["versions"].items() if is_ != "not installed")
    yield f"- {machine['date']}, commit {report['commit']}, kernels {report['kernels_sha256'][:12]}"
    yield (
        f"- compute capability {card['capability']}, CUDA driver {card['driver']}, CuPy {card['cupy']}, "
        f"NVRTC {card['nvrtc']}"
    )
    yield f"- host: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Python {machine['python']}"
    yield f"- {versions}"
    yield ""


def _overview(report: Record) -> Iterator[str]:
    yield from _table(
        ("step", "result", "seconds", "SM clock before and after", "remark"),
        [
            (each["name"], each["status"], f"{each['seconds']:.1f}", _clocks(each), each.get("why", ""))
            for each in report["steps"]
        ],
    )


def _clocks(step: Record) -> str:
    before, after = (step.get(when, {}).get("clocks.sm", "") for when in ("before", "after"))
    return f"{before} to {after}" if before or after else "not known"


def _sections(report: Record) -> Iterator[str]:
    for step in report["steps"]:
        parts = [part for name, part in SECTIONS.items() if name in step]
        if not parts and "said" not in step:
            continue
        yield f"## {step['name']}"
        yield ""
        if clocks := _state(step):
            yield clocks
            yield ""
        for part in parts:
            yield from part(step)
        if step["status"] not in ("passed", "skipped") and step.get("said"):
            yield from ("```text", *step["said"].strip().splitlines()[-20:], "```", "")


def _state(step: Record) -> str:
    """The card while it worked, where the step noted it, else after it."""
    state = step.get("busy") or step.get("after", {})
    return ", ".join(f"{name} {state[name]}" for name in CLOCKS if name in state)


def _kernels(step: Record) -> Iterator[str]:
    yield f"Compiled in {step['compile_seconds']} s, without a cache."
    yield ""
    yield from _table(
        ("kernel", "registers", "local bytes", "static shared bytes"),
        [(name, *(f"{value:,}" for value in each.values())) for name, each in step["kernels"].items()],
    )


def _tests(step: Record) -> Iterator[str]:
    yield f"{step['tests'] - step['not_passed']} of {step['tests']} tests passed."
    yield ""
    yield from (f"- {each}" for each in step["first_not_passed"])
    yield ""


def _copies(step: Record) -> Iterator[str]:
    yield from _table(
        ("copy", "GB/s", "median ms", "n"),
        [
            (name, f"{each['gigabytes_per_second']:.1f}", f"{each['median_ms']:.3f}", each["n"])
            for name, each in step["copies"].items()
        ],
    )


def _times(step: Record) -> Iterator[str]:
    yield (
        f"{step['rows']:,} rows x {step['columns']} columns, {step['rules']:,} rules, seed {step['seed']}, "
        f"{step['matches']:,} matches, every count equal to the processor's; "
        f"{step['transfer_bytes'] / 1e6:,.1f} MB moved."
    )
    yield ""
    rows = []
    for part, states in step["times"].items():
        for state, each in states.items():
            spread = f"{each['least_ms']:.3f} / {each['p10_ms']:.3f} / {each['p90_ms']:.3f}"
            rate = f"{step['rates'][f'{part}, {state}']:.2e}"
            rows.append((part, state, f"{each['median_ms']:.3f}", spread, each["n"], rate))
    end = step["end_to_end"]
    rows.append(("end to end, host's clock", "warm", "", f"{end['least_ms']:.3f}", end["n"],
                 f"{step['rates']['end to end']:.2e}"))  # fmt: skip
    yield from _table(("what", "cache", "median ms", "least / p10 / p90 ms", "n", "rule-rows/s"), rows)
    yield from _against_the_floor(step)


def _against_the_floor(step: Record) -> Iterator[str]:
    floor, alone = step["floor"], step["times"]["matching alone"]["warm"]["median_ms"]
    least, most = floor["milliseconds"]
    yield (
        f"- Computed floor of the matching kernel for {floor['multiprocessors']} multiprocessors at "
        f"{floor['hertz'] / 1e9:.3f} GHz: {least:.3f} to {most:.3f} ms. "
        f"Measured: {alone / most:.1f} to {alone / least:.1f} times as long."
    )
    for what, part, asked in (
        ("on the device", "on the device, warm", "asked_on_the_device"),
        ("with transfers", "with transfers, warm", "asked_with_transfers"),
    ):
        reached = step["rates"][part]
        verdict = "reached" if reached >= floor[asked] else "missed"
        yield f"- Asked for {what}: {floor[asked]:.0e} rule-rows/s; {verdict} with {reached:.2e}."
    yield ""


def _engines(step: Record) -> Iterator[str]:
    yield f"{step['rows']:,} rows, {step['rules']:,} rules; where an engine cannot run some, its time is scaled up."
    yield ""
    first = next(iter(step["engines"].values()))
    rows = []
    for name, each in step["engines"].items():
        whole = each["seconds"] * step["rules"] / each["rules"] if each["rules"] else float("nan")
        ratio = f"{whole / first['seconds']:.1f}"
        agrees = "yes" if each["agrees"] else "NO"
        rows.append((name, f"{each['rules']:,}", f"{each['seconds']:.4f}", f"{whole:.4f}", ratio, agrees))
    yield from _table(("engine", "rules run", "seconds", "for all rules", "times as long", "counts agree"), rows)


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


# the key of a step's record that a section shows
SECTIONS = {"kernels": _kernels, "tests": _tests, "copies": _copies, "times": _times, "engines": _engines}
