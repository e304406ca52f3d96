"""Profiles from strangers: whatever the text, a code with a place and a remedy, never a traceback."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic import ProfileError
from synthetic.errors import Problem
from synthetic.profile_yaml import read

BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in itertools.pairwise("abcdefghi")
)
PLAIN = "stands where a profile has values only"
REFUSED = {  # text -> line, message
    "": (1, "a profile is a mapping of keys to values"),
    "- a\n- b\n": (1, "a profile is a mapping of keys to values"),
    "just words\n": (1, "a profile is a mapping of keys to values"),
    "a: b\n---\nc: d\n": (2, "not YAML: but found another document"),
    "a: 1\nb: 2\na: 3\n": (3, "the key 'a' stands here twice"),
    "a:\n  b: {c: 1, c: 2}\n": (2, "the key 'c' stands here twice"),
    "a: 1\n? [b]\n: c\n": (2, "the key ['b'] is no text or number"),
    "a: 1\n~: c\n": (2, "the key None is no text or number"),
    "a: 1\nb: !!python/object/apply:os.system [ls]\n": (2, f"not YAML: a tag {PLAIN}"),
    "a: 1\nb: !!python/name:os.system\n": (2, f"not YAML: a tag {PLAIN}"),
    "a: 1\nb: !own {c: 1}\n": (2, f"not YAML: a tag {PLAIN}"),
    "!!map {a: 1}\n": (1, f"not YAML: a tag {PLAIN}"),
    "a: !!timestamp never\n": (1, f"not YAML: a tag {PLAIN}"),
    "a: !!bool maybe\n": (1, f"not YAML: a tag {PLAIN}"),
    "a: !!int ''\n": (1, f"not YAML: a tag {PLAIN}"),
    "!!str a: 1\n": (1, f"not YAML: a tag {PLAIN}"),
    "a: &here 1\n": (1, f"not YAML: an anchor {PLAIN}"),
    "a: *there\n": (1, f"not YAML: an alias {PLAIN}"),
    "a: &a [*a]\n": (1, f"not YAML: an anchor {PLAIN}"),
    "a: 1\nb:\n  <<: {c: 1}\n": (
        3,
        "not YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:merge'",
    ),
    "a: 1\nb: 2024-13-45\n": (2, "not YAML: month must be in 1..12"),
    "a: 1\n2024-02-30: b\n": (2, "not YAML: day is out of range for month"),
    "a: [1\nb: 2\n": (2, "not YAML: expected ',' or ']', but got ':'"),
    "a: 'open\n": (2, "not YAML: found unexpected end of stream"),
    "a: 1\n\tb: 2\n": (2, "not YAML: found character '\\t' that cannot start any token"),
    "a: @b\n": (1, "not YAML: found character '@' that cannot start any token"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_a_profile_does_not_hold_is_refused_with_its_line(text: str) -> None:
    line, message = REFUSED[text]
    with pytest.raises(ProfileError) as caught:
        read("stranger.yaml", text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.message) == ("PR003", f"stranger.yaml:{line}", message)
    assert problem.remedy


def test_aliases_do_not_multiply() -> None:
    started = time.perf_counter()
    with pytest.raises(ProfileError, match="an anchor"):
        read("bomb.yaml", BOMB)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "a: " + "{b: " * 50_000], ids=["lists", "mappings"])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read("deep.yaml", text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.message) == ("PR003", "deep.yaml", "nested too deeply")


def test_a_control_character_is_refused() -> None:
    with pytest.raises(ProfileError) as caught:
        read("control.yaml", "a: \x01\n")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.remedy) == ("PR003", "control.yaml", "correct it")
    assert problem.message == "not YAML: unacceptable character #x0001: special characters are not allowed"


@given(st.text(alphabet="ab:1-[]{}&*!?|>'\"#%@`,. \n\t0~=<", max_size=60))
def test_any_text_is_read_or_refused_with_a_code(text: str) -> None:
    problems: Sequence[Problem] = []
    try:
        values, _ = read("any.yaml", text)
    except ProfileError as error:
        problems, values = error.problems, {}
    assert [(each.code, each.place[:8]) for each in problems] in ([], [("PR003", "any.yaml")])
    assert isinstance(values, dict)


def test_every_value_has_its_line_and_what_is_not_there_that_of_what_holds_it() -> None:
    values, lines = read("a.yaml", "a:\n  b:\n    - 1\n    - c: 2\nd: 3\n")
    assert values == {"a": {"b": [1, {"c": 2}]}, "d": 3}
    places = {("a",): 1, ("a", "b"): 2, ("a", "b", 0): 3, ("a", "b", 1, "c"): 4, ("d",): 5, ("a", "b", 9, "x"): 2}
    assert {where: lines.place(where) for where in places} == {w: f"a.yaml:{line}" for w, line in places.items()}
    assert lines.place(("nothing",)) == "a.yaml:1"


def test_places_of_a_parameter_that_is_given_anew_are_those_of_the_new_one() -> None:
    _, base = read("base.yaml", "a:\n  b:\n    value: 1\n    source: x\n  c: 2\n")
    _, top = read("top.yaml", "a:\n  b: {value: 3}\n")
    lines = top.over(base)
    assert lines.place(("a", "b", "value")) == "top.yaml:2"
    assert lines.place(("a", "b", "source")) == "top.yaml:2"
    assert lines.place(("a", "c")) == "base.yaml:5"
