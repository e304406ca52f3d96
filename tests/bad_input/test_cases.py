"""Every case says what its page shows, leaves no file behind, and says the same to programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gpu_target.cli.faults import SHOWN
from gpu_target.language.codes import CODES
from synthetic.errors import CODES as PROFILE_CODES
from tests.bad_input.pages import name_of, pages, read, run

FEWEST_CASES = 40
UNFIT = 4  # the environment cannot do it; every other case is bad input
HEAD = re.compile(r"^error\[(\w+)\]: ", re.M)

every_case = pytest.mark.parametrize("page", pages(), ids=name_of)


def test_there_are_enough_cases_to_prove_something() -> None:
    assert len(pages()) >= FEWEST_CASES


@every_case
def test_the_message_is_the_one_on_the_page(page: Path, tmp_path: Path) -> None:
    case = read(page)
    found = run(case, tmp_path)
    assert found.err.rstrip() == case.said
    assert found.code == case.exit_code
    assert found.out == ""
    assert found.left == []


@every_case
def test_programs_are_told_the_same(page: Path, tmp_path: Path) -> None:
    case = read(page)
    found = run(case, tmp_path, "--json")
    errors = json.loads(found.out)["errors"]
    assert [each["code"] for each in errors][:SHOWN] == HEAD.findall(found.err)
    assert all(each["message"] for each in errors)
    assert found.code == case.exit_code
    assert found.left == []


@every_case
def test_a_message_has_a_code_and_says_where_and_what_to_do(page: Path) -> None:
    case = read(page)
    for message in re.split(r"\n\n(?=error\[)", case.said):
        code = HEAD.match(message)
        assert code, message
        assert code[1] in {**CODES, **PROFILE_CODES}
        assert case.exit_code == (UNFIT if code[1].startswith("EN") else 2)
        assert "Traceback" not in message
        assert "--> " in message, f"no place:\n{message}"
        assert "= do: " in message, f"no remedy:\n{message}"
