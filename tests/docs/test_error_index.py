"""The examples of the page of codes: each ``wrong`` is told by its code, each ``right`` is not."""

from __future__ import annotations

import pytest

from gpu_target.language.codes import CODES
from tests.docs.pages import docs_module

index = docs_module("error_index")
SHOWN = [code for code, entry in CODES.items() if entry.wrong]
# A rule file cannot show these: bytes, sizes, files that change meanwhile, and numbers that the lexer refuses before.
NOT_SHOWN = {"RT015", "RT023", "RT024", "RT050", "RT053", "RT054", "RT107", "RT111"}

every_example = pytest.mark.parametrize("code", SHOWN)


def test_every_code_of_rule_files_has_an_example() -> None:
    assert {code for code in CODES if code.startswith("RT") and code not in SHOWN} == NOT_SHOWN
    assert len([code for code in SHOWN if not code.startswith("RT")]) > 40


@every_example
def test_the_example_provokes_its_code_and_nothing_besides_errors(code: str) -> None:
    found = index.said(index.example(CODES[code].wrong, code))
    assert index.message(found.text, code), found.text
    assert found.code == (1 if code.startswith(index.FINDINGS) else 2)


@every_example
def test_the_mended_example_passes(code: str) -> None:
    found = index.said(index.example(CODES[code].right, code))
    assert f"[{code}]" not in found.text
    assert found.code == 0, found.text


@pytest.mark.parametrize("code", [code for code in SHOWN if not code.startswith(index.FINDINGS)])
def test_a_mended_rule_file_has_no_finding_either(code: str) -> None:
    shown = index.example(CODES[code].right, code)
    if "rules check" in shown.command:
        assert index.said(shown).code == 0


def test_files_and_command_of_an_example_are_read_by_their_marks() -> None:
    plain = index.example("rules: []", "RT001")
    assert plain.files == {"rules.yaml": "ruleset: example\nrecord: declaration-item\nrules: []\n"}
    assert plain.command == "$ gpu-target rules check rules.yaml"
    marked = index.example("$ gpu-target run a b\n# file: a\none\ntwo\n# file: b\n", "RT001")
    assert (marked.command, marked.files) == ("$ gpu-target run a b", {"a": "one\ntwo\n", "b": ""})


def test_the_message_of_a_code_is_cut_out_of_what_was_printed() -> None:
    printed = "a note\nerror[RT001]: one\n --> a\n\nwarning[RT201]: two\n\nrest\n"
    assert index.message(printed, "RT001") == "error[RT001]: one\n --> a"
    assert index.message(printed, "RT201") == "warning[RT201]: two"
    assert index.message(printed, "RT999") == ""
