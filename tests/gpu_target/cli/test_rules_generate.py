"""gpu-target rules generate: options that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gpu_target.cli.conftest import Call


@pytest.mark.parametrize(
    ("arguments", "said", "remedy"),
    [
        (
            ("--rules", "5", "--from", "rules.yaml"),
            "--rules makes a new rule set and --from changes one",
            "one of the two",
        ),
        (("--add", "3"), "--add and --change need a rule set to change", "name it: --from FILE"),
        (("--rules", "5", "--change", "3"), "--add and --change need a rule set to change", "name it: --from FILE"),
    ],
)
def test_options_that_contradict_each_other_write_nothing(
    here: Path, call: Call, arguments: tuple[str, ...], said: str, remedy: str
) -> None:
    found = call("rules", "generate", *arguments, "--out", "new.yaml", "--json")
    assert (found.code, found.error_codes) == (2, ["US023"])
    plain = call("rules", "generate", *arguments, "--out", "new.yaml")
    assert plain.code == 2
    assert f"error[US023]: {said}" in plain.err
    assert remedy in plain.err
    assert not (here / "new.yaml").exists()
