"""The data and the rule sets of the demonstration, made where they are not there already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gpu_target.cli.screen import Screen


def say_what_is_compiled(screen: Screen) -> None:
    """The first use of the generator compiles it, which takes longer than a small year."""
    from synthetic import is_compiled

    if not is_compiled():
        screen.note("compiling the generator for this machine, once; later runs load it from a cache")


def made_year(profile: str, declarations: int, seed: int, folder: Path, screen: Screen) -> bool:
    """Generate a year into ``folder``, unless it holds the very same one; whether it did."""
    from synthetic import write_dataset

    if _same_year(folder, profile, declarations, seed):
        screen.note(f"{folder}: the same year is there already and is used again")
        return True
    say_what_is_compiled(screen)
    with screen.progress("Generating declarations", declarations) as advance:
        write_dataset(profile, declarations, seed, folder, progress=advance)
    return False


def _same_year(folder: Path, profile: str, declarations: int, seed: int) -> bool:
    """Whether the folder's manifest describes this year, by this profile and generator, and its files are there."""
    from synthetic import load_profile, profile_sha256
    from synthetic.generate import VERSION

    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
        wanted = {
            "profile_sha256": profile_sha256(load_profile(profile)),
            "declarations": declarations,
            "seed": seed,
            "generator_version": VERSION,
            "format": "parquet",
        }
        files = [folder / file for table in manifest["tables"].values() for file in table["files"]]
        return all(manifest[name] == value for name, value in wanted.items()) and all(map(Path.is_file, files))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def two_rule_sets(folder: Path, rules: int, add: int, change: int, seed: int) -> dict[str, Path]:
    """Write ``before.yaml``, a made-up rule set, and ``after.yaml``, the same with rules added and changed."""
    from gpu_target.results import replaced
    from synthetic.rulesets import change_rules, generate_rules

    before = generate_rules(rules, seed)
    texts = {"before": before, "after": change_rules(before, add, change, seed)}
    files = {name: folder / f"{name}.yaml" for name in texts}
    for name, text in texts.items():
        with replaced(files[name]) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return files
