"""How problems read, and that they are told together."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthetic import ProfileError, load_profile
from synthetic.errors import Problem
from tests.synthetic.worlds import write_profile


def test_a_problem_reads_code_message_place_and_remedy() -> None:
    assert str(Problem("PR004", "year is missing", "a.yaml:7", "add it")) == (
        "error[PR004]: year is missing\n --> a.yaml:7\n  = do: add it"
    )


def test_what_is_unknown_of_a_problem_is_left_out() -> None:
    assert str(Problem("PR012", "there is no format 'xml'")) == "error[PR012]: there is no format 'xml'"


def test_all_problems_of_a_profile_are_told_at_once(tmp_path: Path) -> None:
    path = write_profile(
        tmp_path,
        "fraud:\n  base_rate: {value: 7, source: assumed}\n  fine_share: {value: 0.7}\n  motive: greed\n",
    )
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    places = [problem.place for problem in caught.value.problems]
    assert sorted(places) == [f"{path}:5", f"{path}:6", f"{path}:7"]
    assert str(caught.value) == "\n\n".join(map(str, caught.value.problems))
